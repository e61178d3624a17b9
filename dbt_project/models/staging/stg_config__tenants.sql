-- grain: one row per tenant as configured when the run began
with tenants as (
    select
        tenant_name, status, timezone, language, residency, business_calendar, model_id,
        lake_detail_days, lake_text_days,
        tenant_id
    from {{ source('config', 'config_tenants') }}
)

select
    tenant_name, status, timezone, language, residency, business_calendar, model_id,
    lake_detail_days, lake_text_days,
    tenant_id
from tenants
