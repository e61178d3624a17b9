-- grain: one row per evaluation and criterion, with what it weighs and earns
with weighed as (
    select
        call_id, evaluation_id, criterion_id, criterion_number, section, question,
        result, result_raw, reason, evidence_turn_number, evidence_quote,
        is_evidence_verified, is_required, is_critical, is_missing_answer, is_unknown_criterion,
        result in ('passed', 'failed') and not is_unknown_criterion as is_assessed,
        duplicate_count, stated_score,
        case
            when is_unknown_criterion then null
            else coalesce(document_weight, form_weight)
        end as weight,
        case
            when is_unknown_criterion then null
            when document_weight is not null then cast('document' as varchar)
            when form_weight is not null then cast('form' as varchar)
        end as weight_source,
        case
            when is_unknown_criterion or result not in ('passed', 'failed') then null
            when evaluation_origin = 'export' and stated_score between 0 and 100
                then cast(stated_score * cast(0.01 as decimal(3, 2)) as decimal(9, 6))
            when result = 'passed' then cast(1 as decimal(9, 6))
            else cast(0 as decimal(9, 6))
        end as credit_fraction,
        tenant_id, call_month
    from {{ ref('int_criteria_completed') }}
)

select
    call_id, evaluation_id, criterion_id, criterion_number, section, question,
    result, result_raw, reason, evidence_turn_number, evidence_quote, weight_source,
    is_evidence_verified, is_required, is_critical, is_missing_answer, is_unknown_criterion,
    is_assessed,
    duplicate_count, stated_score, weight, credit_fraction,
    {{ ratio('weight', 'sum(weight) over (partition by tenant_id, call_id, evaluation_id)') }}
        as weight_share_fraction,
    case when is_assessed then weight end as possible_weight,
    case when is_assessed then cast(weight * credit_fraction as decimal(18, 10)) end
        as earned_weight,
    tenant_id, call_month
from weighed
