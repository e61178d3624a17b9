-- grain: one row per evaluation and criterion (the founding "exploded QA")
with current_form as (
    select
        form_name, form_version, criterion_id, weight, is_critical, pass_threshold_fraction,
        tenant_id
    from {{ ref('stg_config__form_criteria') }}
    where is_current_version
)

select
    results.call_id, results.evaluation_id, results.criterion_id, results.criterion_number,
    evaluations.form_name, evaluations.form_version,
    evaluations.evaluator, evaluations.evaluation_type, evaluations.model_id,
    evaluations.prompt_version,
    results.section, results.question, results.result, results.result_raw,
    calls.agent_id, calls.agent_team, calls.queue, calls.direction, calls.language,
    times.local_date, times.local_week, evaluations.call_date,
    results.weight, results.weight_source, results.weight_share_fraction,
    cast(results.credit_fraction as double) as credit_fraction,
    cast(results.stated_score as double) as stated_score,
    results.is_required, results.is_critical, evaluations.is_counted,
    results.is_missing_answer, results.is_unknown_criterion,
    results.evidence_quote is not null as has_evidence, results.is_evidence_verified,
    results.reason, results.evidence_turn_number,
    cast(turns.start_seconds as double) as evidence_start_seconds,
    substr(results.evidence_quote, 1, 300) as evidence_quote,
    case when evaluations.is_counted and results.is_assessed then 1 else 0 end as scored_count,
    case
        when evaluations.is_counted and results.is_assessed and results.result = 'passed' then 1
        else 0
    end as passed_count,
    case
        when evaluations.is_counted and results.is_assessed and results.result = 'failed' then 1
        else 0
    end as failed_count,
    case
        when
            evaluations.is_counted and not results.is_unknown_criterion
            and results.result = 'not_applicable'
            then 1
        else 0
    end as not_applicable_count,
    case
        when
            evaluations.is_counted and not results.is_unknown_criterion
            and results.result = 'not_answered'
            then 1
        else 0
    end as not_answered_count,
    cast(
        case when evaluations.is_counted then coalesce(results.earned_weight, 0) else 0 end
        as decimal(9, 4)
    ) as earned_weight,
    cast(
        case when evaluations.is_counted then coalesce(results.possible_weight, 0) else 0 end
        as decimal(9, 4)
    ) as possible_weight,
    current_form.form_version as current_form_version,
    current_form.weight as current_weight,
    current_form.is_critical as current_is_critical,
    current_form.pass_threshold_fraction as current_pass_threshold_fraction,
    current_form.criterion_id is not null as is_in_current_form,
    results.tenant_id, results.call_month
from {{ ref('int_criteria_scored') }} as results
inner join {{ ref('int_current_evaluations') }} as evaluations
    on
        results.tenant_id = evaluations.tenant_id
        and results.call_id = evaluations.call_id
        and results.evaluation_id = evaluations.evaluation_id
inner join {{ ref('stg_lake__calls') }} as calls
    on results.tenant_id = calls.tenant_id and results.call_id = calls.call_id
inner join {{ ref('int_call_times') }} as times
    on results.tenant_id = times.tenant_id and results.call_id = times.call_id
left join {{ ref('stg_lake__turns') }} as turns
    on
        results.tenant_id = turns.tenant_id
        and results.call_id = turns.call_id
        and results.evidence_turn_number = turns.turn_number
left join current_form
    on
        results.tenant_id = current_form.tenant_id
        and evaluations.form_name = current_form.form_name
        and results.criterion_id = current_form.criterion_id
