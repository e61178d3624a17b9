-- grain: one row per tenant, local day, form version and judge
with evaluations as (
    select
        local_date, form_name, form_version, evaluator, evaluation_type,
        coalesce(
            model_id,
            case
                when evaluator = 'human' then cast('none' as varchar)
                else cast('unknown' as varchar)
            end
        ) as model_id,
        coalesce(
            prompt_version,
            case
                when evaluator = 'human' then cast('none' as varchar)
                else cast('unknown' as varchar)
            end
        ) as prompt_version,
        counted_count, scored_count, passed_count, critical_failure_count,
        case when status = 'needs_review' then 1 else 0 end as needs_review_count,
        case when is_scored then {{ to_sum('score_fraction') }} end as score,
        case when is_scored then {{ to_sum('final_score_fraction') }} end as final_score,
        case when is_scored then {{ to_sum('final_score_squared') }} end as final_score_squared,
        tenant_id
    from {{ ref('fct_evaluations') }}
    where is_counted
)

select
    local_date, form_name, form_version, evaluator, evaluation_type, model_id, prompt_version,
    cast(sum(counted_count) as bigint) as counted_count,
    cast(sum(needs_review_count) as bigint) as needs_review_count,
    cast(sum(scored_count) as bigint) as scored_count,
    cast(sum(passed_count) as bigint) as passed_count,
    cast(sum(critical_failure_count) as bigint) as critical_failure_count,
    cast(sum(score) as decimal(38, 9)) as score_sum,
    cast(sum(final_score) as decimal(38, 9)) as final_score_sum,
    cast(sum(final_score_squared) as decimal(38, 9)) as final_score_squared_sum,
    {{ ratio('sum(final_score)', 'count(final_score)') }} as mean_final_score_fraction,
    tenant_id
from evaluations
group by
    tenant_id, local_date, form_name, form_version, evaluator, evaluation_type, model_id,
    prompt_version
