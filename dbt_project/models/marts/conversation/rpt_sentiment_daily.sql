-- grain: one row per tenant, local day, queue and source of talk figures
with calls as (
    select
        local_date, coalesce(queue, cast('unknown' as varchar)) as queue,
        coalesce(talk_source, cast('unknown' as varchar)) as talk_source,
        call_count, labelled_count, toned_count, sentiment_label,
        case when toned_count = 1 then {{ to_sum('tone_score') }} end as tone,
        {{ to_sum('customer_sentiment_shift') }} as shift,
        case when duration_seconds is not null then {{ to_sum('non_talk_seconds') }} end
            as non_talk,
        case when non_talk_seconds is not null then {{ to_sum('duration_seconds') }} end
            as duration,
        tenant_id
    from {{ ref('fct_calls') }}
)

select
    local_date, queue, talk_source,
    cast(sum(call_count) as bigint) as calls_count,
    cast(sum(labelled_count) as bigint) as labelled_count,
    count_if(sentiment_label = 'positive') as positive_count,
    count_if(sentiment_label = 'negative') as negative_count,
    count_if(sentiment_label = 'neutral') as neutral_count,
    count_if(sentiment_label = 'mixed') as mixed_count,
    cast(sum(toned_count) as bigint) as toned_count,
    count(shift) as shift_count,
    cast(sum(tone) as decimal(38, 9)) as tone_sum,
    cast(sum(shift) as decimal(38, 9)) as shift_sum,
    cast(sum(non_talk) as decimal(38, 9)) as non_talk_sum,
    cast(sum(duration) as decimal(38, 9)) as duration_sum,
    tenant_id
from calls
group by tenant_id, local_date, queue, talk_source
