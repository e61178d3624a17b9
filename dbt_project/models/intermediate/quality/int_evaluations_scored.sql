-- grain: one row per evaluation: score, pass and status, decided on exact decimals
with forms as (
    select
        form_name, form_version, max(pass_threshold_fraction) as pass_threshold_fraction,
        tenant_id
    from {{ ref('stg_config__form_criteria') }}
    group by tenant_id, form_name, form_version
),

judged as (
    select
        evaluations.call_id, evaluations.evaluation_id,
        forms.form_name is not null as has_form,
        coalesce(forms.pass_threshold_fraction, evaluations.document_threshold_fraction)
            as pass_threshold_fraction,
        case
            when evaluations.status = 'failed' or totals.evaluation_id is null
                then cast('unreadable' as varchar)
            when
                evaluations.evaluation_origin = 'export' and totals.unweighed_count > 0
                and evaluations.document_score_fraction is not null
                then cast('provider_score' as varchar)
            when totals.assessed_count = 0 then cast('nothing_applicable' as varchar)
            when totals.unweighed_count > 0 or totals.possible_weight = 0
                then cast('missing_weight' as varchar)
            else cast('scored' as varchar)
        end as score_status,
        evaluations.document_score_fraction, evaluations.stated_pct,
        evaluations.stated_total_score, evaluations.stated_max_score,
        totals.critical_scored_count > totals.critical_passed_count as has_critical_miss,
        totals.earned_weight, totals.possible_weight, totals.asked_weight,
        evaluations.is_counted and evaluations.status = 'complete'
        and totals.unanswered_required_count = 0 as is_scorable,
        evaluations.tenant_id, evaluations.call_month
    from {{ ref('int_current_evaluations') }} as evaluations
    left join forms
        on
            evaluations.tenant_id = forms.tenant_id
            and evaluations.form_name = forms.form_name
            and evaluations.form_version = forms.form_version
    left join {{ ref('int_evaluation_totals') }} as totals
        on
            evaluations.tenant_id = totals.tenant_id
            and evaluations.call_id = totals.call_id
            and evaluations.evaluation_id = totals.evaluation_id
)

select
    call_id, evaluation_id, score_status, has_form, pass_threshold_fraction,
    case when score_status <> 'unreadable' then has_critical_miss end as has_critical_failure,
    case
        when score_status not in ('scored', 'provider_score') then null
        when has_critical_miss then false
        when score_status = 'scored'
            then earned_weight >= pass_threshold_fraction * possible_weight
        else document_score_fraction >= pass_threshold_fraction
    end as has_passed,
    case
        when score_status <> 'scored' then null
        when stated_pct is null and stated_total_score is null and stated_max_score is null
            then null
        else
            coalesce(
                abs(stated_pct * possible_weight - 100 * earned_weight)
                > 100 * {{ var('mismatch_tolerance') }} * possible_weight, false
            )
            or coalesce(
                abs(stated_total_score - earned_weight) > {{ var('mismatch_tolerance') }}, false
            )
            or coalesce(
                abs(stated_max_score - possible_weight) > {{ var('mismatch_tolerance') }}, false
            )
    end as has_stated_score_mismatch,
    stated_pct >= 100 * pass_threshold_fraction as has_stated_pass,
    is_scorable and score_status in ('scored', 'provider_score') as is_scored,
    case
        when score_status = 'scored' then {{ ratio('earned_weight', 'possible_weight') }}
        when score_status = 'provider_score' then cast(document_score_fraction as double)
    end as score_fraction,
    case
        when score_status not in ('scored', 'provider_score') then null
        when has_critical_miss then 0e0
        when score_status = 'scored' then {{ ratio('earned_weight', 'possible_weight') }}
        else cast(document_score_fraction as double)
    end as final_score_fraction,
    {{ ratio('coalesce(possible_weight, 0)', 'asked_weight') }} as assessed_weight_fraction,
    earned_weight, possible_weight,
    tenant_id, call_month
from judged
