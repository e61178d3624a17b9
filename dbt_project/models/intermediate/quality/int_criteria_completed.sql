-- grain: one row per evaluation and criterion, answered or not
with evaluations as (
    select
        call_id, evaluation_id, evaluation_origin, form_name, form_version, tenant_id, call_month
    from {{ ref('int_current_evaluations') }}
),

expected as (
    select
        evaluations.call_id, evaluations.evaluation_id, criteria.criterion_id,
        criteria.criterion_number, criteria.question, criteria.section,
        criteria.is_required, criteria.is_critical, criteria.weight,
        evaluations.tenant_id
    from evaluations
    inner join {{ ref('stg_config__form_criteria') }} as criteria
        on
            evaluations.tenant_id = criteria.tenant_id
            and evaluations.form_name = criteria.form_name
            and evaluations.form_version = criteria.form_version
),

with_form as (
    select evaluation_id, call_id, tenant_id
    from expected
    group by tenant_id, call_id, evaluation_id
),

pairs as (
    select call_id, evaluation_id, criterion_id, tenant_id
    from expected
    union distinct
    select call_id, evaluation_id, criterion_id, tenant_id
    from {{ ref('int_criteria_exploded') }}
)

select
    pairs.call_id, pairs.evaluation_id, pairs.criterion_id, evaluations.evaluation_origin,
    coalesce(expected.criterion_number, answered.criterion_number) as criterion_number,
    coalesce(answered.section, expected.section) as section,
    coalesce(answered.question, expected.question) as question,
    coalesce(answered.result, cast('not_answered' as varchar)) as result,
    answered.result_raw, answered.reason, answered.evidence_turn_number, answered.evidence_quote,
    answered.is_evidence_verified,
    coalesce(answered.is_required, expected.is_required, false) as is_required,
    coalesce(answered.is_critical, expected.is_critical, false) as is_critical,
    answered.criterion_id is null as is_missing_answer,
    with_form.evaluation_id is not null and expected.criterion_id is null as is_unknown_criterion,
    coalesce(answered.duplicate_count, 0) as duplicate_count,
    answered.weight as document_weight, expected.weight as form_weight, answered.stated_score,
    evaluations.tenant_id, evaluations.call_month
from pairs
inner join evaluations
    on
        pairs.tenant_id = evaluations.tenant_id
        and pairs.call_id = evaluations.call_id
        and pairs.evaluation_id = evaluations.evaluation_id
left join with_form
    on
        pairs.tenant_id = with_form.tenant_id
        and pairs.call_id = with_form.call_id
        and pairs.evaluation_id = with_form.evaluation_id
left join expected
    on
        pairs.tenant_id = expected.tenant_id
        and pairs.call_id = expected.call_id
        and pairs.evaluation_id = expected.evaluation_id
        and pairs.criterion_id = expected.criterion_id
left join {{ ref('int_criteria_exploded') }} as answered
    on
        pairs.tenant_id = answered.tenant_id
        and pairs.call_id = answered.call_id
        and pairs.evaluation_id = answered.evaluation_id
        and pairs.criterion_id = answered.criterion_id
