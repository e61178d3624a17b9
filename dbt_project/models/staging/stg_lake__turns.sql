-- grain: one row per turn of a call's newest document
with calls as (
    select call_id, document_key, tenant_id, call_month
    from {{ ref('stg_lake__calls') }}
)

select
    turns.call_id, turns.turn_number, turns.speaker, turns.sentiment_label, turns.is_interruption,
    {{ to_fraction('turns.sentiment_score') }} as sentiment_score,
    {{ to_seconds('turns.start_seconds') }} as start_seconds,
    {{ to_seconds('turns.end_seconds') }} as end_seconds,
    turns.tenant_id, turns.call_month
from {{ source('lake', 'turns') }} as turns
inner join calls
    on
        turns.tenant_id = calls.tenant_id
        and turns.call_month = calls.call_month
        and turns.call_id = calls.call_id
        and turns.document_key = calls.document_key
