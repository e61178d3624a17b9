-- grain: one row per criterion answered in an evaluation
with answers as (
    select
        evaluations.call_id, evaluations.evaluation_id, criterion.criterion_id,
        criterion.criterion_number, criterion.question, criterion.section,
        criterion.result, criterion.result_raw, criterion.reason,
        criterion.evidence_turn, criterion.evidence_quote, criterion.is_evidence_verified,
        criterion.weight, criterion.is_required, criterion.is_critical, criterion.stated_score,
        row_number() over (
            partition by
                evaluations.tenant_id, evaluations.call_id, evaluations.evaluation_id,
                criterion.criterion_id
            order by criterion.criterion_number
        ) as occurrence,
        count(*) over (
            partition by
                evaluations.tenant_id, evaluations.call_id, evaluations.evaluation_id,
                criterion.criterion_id
        ) as occurrence_count,
        evaluations.tenant_id, evaluations.call_month
    from {{ ref('stg_lake__evaluations') }} as evaluations
    cross join unnest(evaluations.criteria) as criterion
)

select
    call_id, evaluation_id, criterion_id, criterion_number, question, section,
    result, result_raw, reason, evidence_turn as evidence_turn_number, evidence_quote,
    is_evidence_verified, is_required, is_critical,
    cast(occurrence_count - 1 as integer) as duplicate_count,
    weight, {{ to_claim('stated_score') }} as stated_score,
    tenant_id, call_month
from answers
where occurrence = 1
