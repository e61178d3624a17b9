-- grain: one row per run and call of acme
{{ config(materialized='incremental', incremental_strategy='append', format='parquet') }}
select
    call_id,
    seconds
from {{ ref('calls_view') }}
where tenant_id = 'acme'
