-- grain: one row per tenant_id, day
{{ config(materialized='table', format='parquet', partitioned_by=['day']) }}
select
    'c1' as call_id,
    tenants.tenant_id,
    days.day
from unnest(sequence(1, 130)) as days(day)
cross join unnest(array['acme', 'acme-uk']) as tenants(tenant_id)
