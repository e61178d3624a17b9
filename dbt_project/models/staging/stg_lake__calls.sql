-- grain: one row per call: its newest document over all months
with documents as (
    select
        *,
        count(*) over (partition by tenant_id, call_id) as document_count,
        row_number() over (
            partition by tenant_id, call_id
            order by processed_at desc, document_hash desc
        ) as newest_first
    from {{ source('lake', 'calls') }}
)

select
    call_id, document_key, document_hash, source_key,
    schema_version_detected, producer, code_version,
    provider, provider_call_id, provider_group_id, caller_hash, agent_id, agent_team, queue,
    direction, disposition, language, timezone, started_at_source,
    redaction_status, is_pii_redacted, characteristics_source,
    outcome, outcome_raw, parse_status, sentiment_label, sentiment_provider,
    turn_count, interruption_count, transfer_count, action_item_count,
    cast(document_count as integer) as documents_count,
    {{ to_seconds('duration_seconds') }} as duration_seconds,
    {{ to_seconds('hold_seconds') }} as hold_seconds,
    {{ to_seconds('agent_talk_seconds') }} as agent_talk_seconds,
    {{ to_seconds('customer_talk_seconds') }} as customer_talk_seconds,
    {{ to_seconds('non_talk_seconds') }} as non_talk_seconds,
    {{ to_points('tone_score') }} as tone_score,
    {{ to_points('holistic_qa_score') }} as holistic_qa_score,
    {{ to_fraction('sentiment_positive_score') }} as sentiment_positive_score,
    {{ to_fraction('sentiment_negative_score') }} as sentiment_negative_score,
    {{ to_fraction('sentiment_neutral_score') }} as sentiment_neutral_score,
    {{ to_fraction('sentiment_mixed_score') }} as sentiment_mixed_score,
    {{ to_fraction('agent_sentiment_score') }} as agent_sentiment_score,
    {{ to_fraction('customer_sentiment_score') }} as customer_sentiment_score,
    {{ to_fraction('customer_sentiment_shift') }} as customer_sentiment_shift,
    {{ to_fraction('coverage_fraction') }} as coverage_fraction,
    {{ to_fraction('average_word_confidence') }} as average_word_confidence,
    started_at, ended_at, received_at, transcribed_at, enriched_at, processed_at, call_date,
    tenant_id, call_month
from documents
where newest_first = 1
