-- grain: one row per tenant
with newest_calls as (
    select max(started_at) as newest_call_at, tenant_id
    from {{ ref('stg_lake__calls') }}
    group by tenant_id
)

select
    tenants.tenant_name, tenants.status, tenants.timezone, tenants.language, tenants.residency,
    tenants.business_calendar, tenants.lake_detail_days,
    cast(date_add('day', -1, cast(
        date_add('second', coalesce(zones.offset_seconds, 0), {{ as_of() }}) as date
    )) as date) as last_complete_local_date,
    newest_calls.newest_call_at,
    tenants.tenant_id
from {{ ref('stg_config__tenants') }} as tenants
left join {{ ref('seed_timezone_offsets') }} as zones
    on
        tenants.timezone = zones.timezone
        and {{ as_of() }} >= zones.valid_from
        and {{ as_of() }} < zones.valid_to
left join newest_calls
    on tenants.tenant_id = newest_calls.tenant_id
