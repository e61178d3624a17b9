-- grain: one row per tenant_id, call_id
{{ config(
    materialized='table', table_type='iceberg', format='parquet',
    partitioned_by=['month(landed)', 'bucket(tenant_id, 4)']
) }}
select
    call_id,
    tenant_id,
    seconds,
    landed,
    map(array['agent'], array[agent]) as labels
from {{ ref('calls_view') }}
