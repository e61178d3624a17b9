-- grain: one row per tenant_id, number
{{ config(
    materialized='incremental', incremental_strategy='insert_overwrite', format='parquet',
    partitioned_by=['tenant_id', 'number']
) }}
select
    'c1' as call_id,
    60 as seconds,
    'acme-uk' as tenant_id,
    7 as number
