-- grain: one row per call: who spoke for how long
with spoken as (
    select
        call_id,
        count(distinct speaker) as speaker_count,
        count(end_seconds) as timed_turn_count,
        sum(case when speaker = 'agent' then end_seconds - start_seconds end) as agent_seconds,
        sum(case when speaker = 'customer' then end_seconds - start_seconds end)
            as customer_seconds,
        tenant_id
    from {{ ref('stg_lake__turns') }}
    group by tenant_id, call_id
),

talk as (
    select
        calls.call_id, calls.duration_seconds, calls.non_talk_seconds,
        cast(spoken.speaker_count as integer) as speaker_count,
        case
            when calls.agent_talk_seconds is not null or calls.customer_talk_seconds is not null
                then calls.characteristics_source
            when spoken.timed_turn_count > 0 then cast('turns' as varchar)
        end as talk_source,
        case
            when calls.agent_talk_seconds is not null or calls.customer_talk_seconds is not null
                then calls.agent_talk_seconds
            when spoken.timed_turn_count > 0 then coalesce(spoken.agent_seconds, 0)
        end as agent_talk_seconds,
        case
            when calls.agent_talk_seconds is not null or calls.customer_talk_seconds is not null
                then calls.customer_talk_seconds
            when spoken.timed_turn_count > 0 then coalesce(spoken.customer_seconds, 0)
        end as customer_talk_seconds,
        calls.tenant_id, calls.call_month
    from {{ ref('stg_lake__calls') }} as calls
    left join spoken
        on calls.tenant_id = spoken.tenant_id and calls.call_id = spoken.call_id
)

select
    call_id, talk_source, speaker_count, duration_seconds,
    agent_talk_seconds, customer_talk_seconds, non_talk_seconds,
    {{ ratio('agent_talk_seconds', 'agent_talk_seconds + customer_talk_seconds') }}
        as agent_talk_fraction,
    {{ ratio('non_talk_seconds', 'duration_seconds') }} as non_talk_fraction,
    tenant_id, call_month
from talk
