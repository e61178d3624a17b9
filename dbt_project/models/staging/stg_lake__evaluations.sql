-- grain: one row per evaluation of a call, current and not deleted
with calls as (
    select call_id, document_key, call_date, tenant_id, call_month
    from {{ ref('stg_lake__calls') }}
),

numbered as (
    select
        *,
        row_number() over (
            partition by tenant_id, evaluation_origin, evaluation_id
            order by submitted_at desc nulls last, document_key desc
        ) as newest_first
    from {{ source('lake', 'evaluations') }}
)

select
    numbered.call_id, numbered.evaluation_id, numbered.evaluation_origin,
    numbered.form_name, numbered.form_version,
    numbered.evaluator, numbered.evaluation_type, numbered.model_id, numbered.prompt_version,
    numbered.status,
    {{ to_claim('numbered.stated_total_score') }} as stated_total_score,
    {{ to_claim('numbered.stated_max_score') }} as stated_max_score,
    {{ to_claim('numbered.stated_pct') }} as stated_pct,
    {{ to_fraction('numbered.score_fraction') }} as document_score_fraction,
    {{ to_fraction('numbered.pass_threshold_fraction') }} as document_threshold_fraction,
    numbered.criteria,
    numbered.submitted_at, calls.call_date,
    numbered.tenant_id, calls.call_month
from numbered
inner join calls
    on
        numbered.tenant_id = calls.tenant_id
        and numbered.call_id = calls.call_id
        and (
            (numbered.evaluation_origin = 'export' and numbered.newest_first = 1)
            or (
                numbered.evaluation_origin = 'document'
                and numbered.call_month = calls.call_month
                and numbered.document_key = calls.document_key
            )
        )
where numbered.status <> 'deleted'
