-- grain: one row per tenant, form, criterion and window
{%- set words = ['scored', 'passed', 'failed', 'not_applicable', 'not_answered'] %}
with windows as (
    {{ report_windows() }}
),

results as (
    select
        form_name, criterion_id, question, is_critical, local_date,
        concat(evaluator, '|', coalesce(model_id, ''), '|', coalesce(prompt_version, '')) as judge,
        scored_count, passed_count, failed_count, not_applicable_count, not_answered_count,
        row_number() over (
            partition by tenant_id, form_name, criterion_id
            order by form_version desc nulls last, local_date desc, call_id desc, evaluation_id desc
        ) as newest_first,
        tenant_id
    from {{ ref('fct_criterion_results') }}
    where is_counted and not is_unknown_criterion
),

sums as (
    select
        results.form_name, results.criterion_id, windows.window,
        count(distinct results.question) as wordings_count,
        array_sort(array_agg(distinct results.judge)) as judges,
        {%- for word in words %}
            cast(sum(results.{{ word }}_count) as bigint) as {{ word }}_count,
        {%- endfor %}
        results.tenant_id
    from results
    inner join windows
        on
            results.tenant_id = windows.tenant_id
            and results.local_date between windows.first_date and windows.last_date
    group by results.tenant_id, results.form_name, results.criterion_id, windows.window
),

compared as (
    select
        sums.form_name, sums.criterion_id, sums.window,
        latest.question as latest_question, latest.is_critical,
        sums.wordings_count, cast(cardinality(sums.judges) as bigint) as judges_count,
        {%- for word in words %}
            sums.{{ word }}_count,
        {%- endfor %}
        coalesce(earlier.scored_count, 0) as before_scored_count,
        coalesce(earlier.failed_count, 0) as before_failed_count,
        case
            when
                sums.judges = earlier.judges
                and least(sums.scored_count, earlier.scored_count) >= {{ var('minimum_n') }}
                then {{ two_proportion_z(
                    'earlier.failed_count', 'earlier.scored_count',
                    'sums.failed_count', 'sums.scored_count'
                ) }}
        end as z_score,
        sums.tenant_id
    from sums
    inner join results as latest
        on
            sums.tenant_id = latest.tenant_id and sums.form_name = latest.form_name
            and sums.criterion_id = latest.criterion_id and latest.newest_first = 1
    left join sums as earlier
        on
            sums.tenant_id = earlier.tenant_id and sums.form_name = earlier.form_name
            and sums.criterion_id = earlier.criterion_id
            and sums.window = '28_days' and earlier.window = 'before'
    where sums.window <> 'before'
),

placed as (
    select
        form_name, criterion_id, window, {{ two_sided_p('z_score') }} as p_value,
        count(*) over (partition by tenant_id) as test_count,
        row_number() over (
            partition by tenant_id order by abs(z_score) desc, form_name asc, criterion_id asc
        ) as place,
        tenant_id
    from compared
    where z_score is not null
),

changes as (
    select
        form_name, criterion_id, window, p_value,
        {{ benjamini_hochberg('p_value', 'place', 'test_count') }} as p_adjusted,
        tenant_id
    from placed
)

select
    compared.form_name, compared.criterion_id, compared.window, compared.latest_question,
    case
        when compared.window <> '28_days' then null
        when changes.p_adjusted is null then cast('not_tested' as varchar)
        when changes.p_adjusted > {{ var('false_discovery_rate') }}e0
            then cast('no_change' as varchar)
        when compared.z_score > 0 then cast('worse' as varchar)
        else cast('better' as varchar)
    end as change_flag,
    compared.is_critical, compared.scored_count < {{ var('minimum_n') }} as is_below_minimum_n,
    compared.wordings_count, compared.judges_count,
    {%- for word in words %}
        compared.{{ word }}_count,
    {%- endfor %}
    case when compared.window = '28_days' then compared.before_scored_count end
        as before_scored_count,
    case when compared.window = '28_days' then compared.before_failed_count end
        as before_failed_count,
    case
        when compared.scored_count >= {{ var('minimum_n') }} then row_number() over (
            partition by compared.tenant_id, compared.form_name, compared.window
            order by
                case when compared.scored_count >= {{ var('minimum_n') }} then 0 else 1 end,
                {{ wilson_low('compared.failed_count', 'compared.scored_count') }} desc,
                compared.criterion_id
        )
    end as failure_rank,
    {{ ratio('compared.failed_count', 'compared.scored_count') }} as failure_fraction,
    {{ wilson_low('compared.failed_count', 'compared.scored_count') }} as failure_low_fraction,
    {{ wilson_high('compared.failed_count', 'compared.scored_count') }} as failure_high_fraction,
    case
        when compared.window = '28_days' then round(
            {{ ratio('compared.failed_count', 'compared.scored_count') }}
            - {{ ratio('compared.before_failed_count', 'compared.before_scored_count') }}, 9
        )
    end as difference_fraction,
    compared.z_score, changes.p_value, changes.p_adjusted,
    compared.tenant_id
from compared
left join changes
    on
        compared.tenant_id = changes.tenant_id and compared.form_name = changes.form_name
        and compared.criterion_id = changes.criterion_id and compared.window = changes.window
