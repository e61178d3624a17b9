-- grain: one row per evaluation of a call
with evaluations as (
    select
        facts.call_id, facts.evaluation_id, facts.form_name, facts.form_version,
        facts.evaluator, facts.evaluation_type, facts.model_id, facts.prompt_version,
        facts.evaluation_origin, facts.status, facts.is_effective, facts.is_counted,
        facts.stated_total_score, facts.stated_max_score, facts.stated_pct,
        facts.document_score_fraction, facts.submitted_at,
        scores.score_status, scores.is_scored, scores.has_passed, scores.has_critical_failure,
        scores.has_form, scores.earned_weight, scores.possible_weight,
        scores.pass_threshold_fraction, scores.score_fraction, scores.assessed_weight_fraction,
        scores.final_score_fraction,
        {{ ratio('facts.stated_pct', '100') }} as stated_score_fraction,
        scores.has_stated_score_mismatch, scores.has_stated_pass,
        facts.call_date, facts.tenant_id, facts.call_month
    from {{ ref('int_current_evaluations') }} as facts
    inner join {{ ref('int_evaluations_scored') }} as scores
        on
            facts.tenant_id = scores.tenant_id
            and facts.call_id = scores.call_id
            and facts.evaluation_id = scores.evaluation_id
)

select
    evaluations.call_id, evaluations.evaluation_id, evaluations.form_name, evaluations.form_version,
    evaluations.evaluator, evaluations.evaluation_type, evaluations.model_id,
    evaluations.prompt_version, evaluations.evaluation_origin, evaluations.status,
    evaluations.score_status,
    calls.agent_id, calls.agent_team, calls.queue, calls.direction, calls.language,
    times.local_date, times.local_week, evaluations.call_date,
    evaluations.is_effective, evaluations.is_counted, evaluations.is_scored,
    evaluations.has_passed, evaluations.has_critical_failure, evaluations.has_form,
    cast(evaluations.earned_weight as decimal(18, 4)) as earned_weight,
    evaluations.possible_weight,
    cast(evaluations.pass_threshold_fraction as decimal(9, 6)) as pass_threshold_fraction,
    evaluations.score_fraction, evaluations.final_score_fraction,
    round(evaluations.final_score_fraction * evaluations.final_score_fraction, 9)
        as final_score_squared,
    evaluations.assessed_weight_fraction,
    case when evaluations.is_counted then 1 else 0 end as counted_count,
    case when evaluations.is_scored then 1 else 0 end as scored_count,
    case when evaluations.is_scored and evaluations.has_passed then 1 else 0 end as passed_count,
    case when evaluations.is_counted and evaluations.has_critical_failure then 1 else 0 end
        as critical_failure_count,
    case
        when evaluations.is_counted and evaluations.has_stated_score_mismatch is not null then 1
        else 0
    end as stated_count,
    case when evaluations.is_counted and evaluations.has_stated_score_mismatch then 1 else 0 end
        as mismatch_count,
    coalesce(totals.criterion_count, 0) as criterion_count,
    coalesce(totals.passed_criterion_count, 0) as passed_criterion_count,
    coalesce(totals.failed_criterion_count, 0) as failed_criterion_count,
    coalesce(totals.not_applicable_count, 0) as not_applicable_count,
    coalesce(totals.not_answered_count, 0) as not_answered_count,
    coalesce(totals.missing_count, 0) as missing_count,
    coalesce(totals.unknown_count, 0) as unknown_count,
    coalesce(totals.duplicate_count, 0) as duplicate_count,
    coalesce(totals.critical_passed_count, 0) as critical_passed_count,
    coalesce(totals.critical_scored_count, 0) as critical_scored_count,
    cast(evaluations.stated_total_score as double) as stated_total_score,
    cast(evaluations.stated_max_score as double) as stated_max_score,
    cast(evaluations.stated_pct as double) as stated_pct,
    evaluations.stated_score_fraction,
    round(evaluations.stated_score_fraction - evaluations.score_fraction, 9) as stated_difference,
    evaluations.has_stated_score_mismatch, evaluations.has_stated_pass,
    cast(evaluations.document_score_fraction as double) as document_score_fraction,
    abs(cast(evaluations.document_score_fraction as double) - evaluations.score_fraction)
    > {{ var('mismatch_tolerance') }}e0 as has_recomputed_difference,
    evaluations.submitted_at,
    evaluations.tenant_id, evaluations.call_month
from evaluations
inner join {{ ref('stg_lake__calls') }} as calls
    on evaluations.tenant_id = calls.tenant_id and evaluations.call_id = calls.call_id
inner join {{ ref('int_call_times') }} as times
    on evaluations.tenant_id = times.tenant_id and evaluations.call_id = times.call_id
left join {{ ref('int_evaluation_totals') }} as totals
    on
        evaluations.tenant_id = totals.tenant_id
        and evaluations.call_id = totals.call_id
        and evaluations.evaluation_id = totals.evaluation_id
