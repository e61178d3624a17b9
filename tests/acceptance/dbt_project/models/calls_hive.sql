-- grain: one row per tenant_id, call_id
{{ config(materialized='table', format='parquet', partitioned_by=['tenant_id']) }}
select
    call_id,
    seconds,
    cast(seconds as decimal(9, 2)) / 60 as minutes,
    array[agent, 'x'] as names,
    tenant_id
from {{ ref('calls_view') }}
