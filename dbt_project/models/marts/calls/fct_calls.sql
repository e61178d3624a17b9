-- grain: one row per call, with the evaluation that speaks for it
with evaluated as (
    select
        facts.call_id, facts.evaluation_id, facts.form_name, facts.form_version,
        facts.evaluator, facts.evaluation_type, facts.model_id, facts.prompt_version,
        scores.is_scored, scores.has_passed, scores.has_critical_failure, scores.score_fraction,
        scores.final_score_fraction,
        row_number() over (
            partition by facts.tenant_id, facts.call_id
            order by case when facts.form_name = 'default' then 0 else 1 end, facts.form_name
        ) as preferred_first,
        facts.tenant_id
    from {{ ref('int_current_evaluations') }} as facts
    inner join {{ ref('int_evaluations_scored') }} as scores
        on
            facts.tenant_id = scores.tenant_id
            and facts.call_id = scores.call_id
            and facts.evaluation_id = scores.evaluation_id
    where facts.is_effective
)

select
    calls.call_id, calls.document_key, calls.provider, calls.provider_call_id,
    calls.provider_group_id,
    calls.agent_id, calls.agent_team, calls.queue, calls.direction, calls.language,
    times.local_date, times.local_week, calls.call_date,
    calls.caller_hash, calls.disposition, times.timezone, times.timezone_source,
    talk.talk_source, calls.started_at_source, times.local_hour,
    outcomes.outcome, outcomes.outcome_raw, mood.sentiment_label, mood.sentiment_provider,
    calls.parse_status, calls.redaction_status, calls.is_pii_redacted, mood.is_sentiment_suspect,
    cast(calls.tone_score as double) as tone_score,
    cast(calls.holistic_qa_score as double) as holistic_qa_score,
    cast(mood.sentiment_positive_score as double) as sentiment_positive_score,
    cast(mood.sentiment_negative_score as double) as sentiment_negative_score,
    cast(mood.sentiment_neutral_score as double) as sentiment_neutral_score,
    cast(mood.sentiment_mixed_score as double) as sentiment_mixed_score,
    cast(mood.agent_sentiment_score as double) as agent_sentiment_score,
    cast(mood.customer_sentiment_score as double) as customer_sentiment_score,
    cast(mood.customer_sentiment_shift as double) as customer_sentiment_shift,
    cast(calls.coverage_fraction as double) as coverage_fraction,
    cast(calls.average_word_confidence as double) as average_word_confidence,
    cast(calls.duration_seconds as double) as duration_seconds,
    cast(calls.hold_seconds as double) as hold_seconds,
    cast(talk.agent_talk_seconds as double) as agent_talk_seconds,
    cast(talk.customer_talk_seconds as double) as customer_talk_seconds,
    cast(talk.non_talk_seconds as double) as non_talk_seconds,
    talk.agent_talk_fraction, talk.non_talk_fraction,
    calls.interruption_count, calls.transfer_count, calls.turn_count, talk.speaker_count,
    calls.action_item_count, calls.documents_count,
    evaluated.evaluation_id, evaluated.form_name, evaluated.form_version, evaluated.evaluator,
    evaluated.evaluation_type, evaluated.model_id, evaluated.prompt_version,
    evaluated.score_fraction, evaluated.final_score_fraction, evaluated.has_passed,
    evaluated.has_critical_failure,
    1 as call_count,
    case when evaluated.evaluation_id is not null then 1 else 0 end as evaluated_count,
    case when evaluated.is_scored then 1 else 0 end as scored_count,
    case when mood.sentiment_label is not null then 1 else 0 end as labelled_count,
    case
        when calls.tone_score is not null and calls.parse_status in ('ok', 'repaired') then 1
        else 0
    end as toned_count,
    case when outcomes.outcome = 'resolved' then 1 else 0 end as resolved_count,
    case when outcomes.outcome <> 'unknown' then 1 else 0 end as outcome_known_count,
    calls.started_at, calls.ended_at, times.local_started_at, calls.received_at,
    calls.transcribed_at, calls.enriched_at, calls.processed_at,
    calls.schema_version_detected, calls.producer, calls.code_version,
    calls.tenant_id, calls.call_month
from {{ ref('stg_lake__calls') }} as calls
inner join {{ ref('int_call_times') }} as times
    on calls.tenant_id = times.tenant_id and calls.call_id = times.call_id
inner join {{ ref('int_call_outcomes') }} as outcomes
    on calls.tenant_id = outcomes.tenant_id and calls.call_id = outcomes.call_id
inner join {{ ref('int_call_sentiment') }} as mood
    on calls.tenant_id = mood.tenant_id and calls.call_id = mood.call_id
inner join {{ ref('int_call_talk') }} as talk
    on calls.tenant_id = talk.tenant_id and calls.call_id = talk.call_id
left join evaluated
    on
        calls.tenant_id = evaluated.tenant_id
        and calls.call_id = evaluated.call_id
        and evaluated.preferred_first = 1
