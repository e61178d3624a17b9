-- grain: one row per evaluation: does it speak for its call and form?
with ranked as (
    select
        call_id, evaluation_id, evaluation_origin, form_name, form_version,
        evaluator, evaluation_type, model_id, prompt_version, status,
        evaluation_type = 'standard' and status <> 'failed' as is_eligible,
        row_number() over (
            partition by tenant_id, call_id, form_name
            order by
                case when evaluation_type = 'standard' and status <> 'failed' then 0 else 1 end asc,
                case when evaluator = 'human' then 0 else 1 end asc,
                submitted_at desc nulls last, evaluation_id asc
        ) as preferred_first,
        stated_total_score, stated_max_score, stated_pct, document_score_fraction,
        document_threshold_fraction,
        submitted_at, call_date,
        tenant_id, call_month
    from {{ ref('stg_lake__evaluations') }}
)

select
    call_id, evaluation_id, evaluation_origin, form_name, form_version,
    evaluator, evaluation_type, model_id, prompt_version, status,
    is_eligible and preferred_first = 1 as is_effective,
    is_eligible and preferred_first = 1 and status in ('complete', 'needs_review') as is_counted,
    stated_total_score, stated_max_score, stated_pct, document_score_fraction,
    document_threshold_fraction,
    submitted_at, call_date,
    tenant_id, call_month
from ranked
