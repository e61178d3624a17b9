-- grain: one row per tenant_id, call_id
{{ config(
    materialized='incremental', table_type='iceberg', incremental_strategy='merge',
    unique_key=['tenant_id', 'call_id'], delete_condition="src.seconds = 90", format='parquet'
) }}
{% if is_incremental() %}
select
    'c9' as call_id,
    'acme' as tenant_id,
    9 as seconds
union all
select
    call_id,
    tenant_id,
    coalesce(seconds, 5) as seconds
from {{ ref('calls_view') }}
where call_id <> 'c3'
{% else %}
select
    call_id,
    tenant_id,
    coalesce(seconds, 0) as seconds
from {{ ref('calls_view') }}
{% endif %}
