-- grain: one row per call: how it ended, in one of our words
with calls as (
    select
        call_id, outcome, outcome_raw,
        trim(regexp_replace(lower(outcome_raw), '[^\p{L}\p{N}]+', ' ')) as outcome_key,
        tenant_id, call_month
    from {{ ref('stg_lake__calls') }}
)

select
    calls.call_id,
    coalesce(own.outcome, usual.outcome, calls.outcome, cast('unknown' as varchar)) as outcome,
    calls.outcome_raw,
    calls.tenant_id, calls.call_month
from calls
left join {{ ref('seed_outcome_words') }} as own
    on calls.tenant_id = own.tenant_id and calls.outcome_key = own.outcome_key
left join {{ ref('seed_outcome_words') }} as usual
    on usual.tenant_id = '*' and calls.outcome_key = usual.outcome_key
