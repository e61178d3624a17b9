-- grain: one row per evaluation with any criterion: its words counted, its weights summed
with criteria as (
    select
        call_id, evaluation_id, result, is_missing_answer, is_unknown_criterion, is_assessed,
        not is_unknown_criterion as is_known,
        is_required, is_critical, duplicate_count, weight, earned_weight, possible_weight,
        tenant_id, call_month
    from {{ ref('int_criteria_scored') }}
)

select
    call_id, evaluation_id,
    cast(count_if(is_known) as integer) as criterion_count,
    cast(count_if(is_known and result = 'passed') as integer) as passed_criterion_count,
    cast(count_if(is_known and result = 'failed') as integer) as failed_criterion_count,
    cast(count_if(is_known and result = 'not_applicable') as integer) as not_applicable_count,
    cast(count_if(is_known and result = 'not_answered') as integer) as not_answered_count,
    cast(count_if(is_missing_answer) as integer) as missing_count,
    cast(count_if(is_unknown_criterion) as integer) as unknown_count,
    cast(sum(duplicate_count) as integer) as duplicate_count,
    cast(count_if(is_assessed) as integer) as assessed_count,
    cast(count_if(is_assessed and weight is null) as integer) as unweighed_count,
    cast(count_if(is_assessed and is_critical) as integer) as critical_scored_count,
    cast(count_if(is_assessed and is_critical and result = 'passed') as integer)
        as critical_passed_count,
    cast(count_if(is_known and is_required and result = 'not_answered') as integer)
        as unanswered_required_count,
    cast(sum(earned_weight) as decimal(18, 10)) as earned_weight,
    cast(sum(possible_weight) as decimal(18, 4)) as possible_weight,
    cast(sum(case when result <> 'not_applicable' then weight end) as decimal(18, 4))
        as asked_weight,
    tenant_id, call_month
from criteria
group by tenant_id, call_month, call_id, evaluation_id
