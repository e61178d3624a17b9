-- grain: one row per call: when it was, in the tenant's own days
with calls as (
    select
        call_id, timezone, started_at, call_date,
        coalesce(started_at, cast(call_date as timestamp(3))) as instant,
        tenant_id, call_month
    from {{ ref('stg_lake__calls') }}
),

zoned as (
    select
        calls.call_id, calls.call_date,
        coalesce(own.timezone, usual.timezone, cast('UTC' as varchar)) as timezone,
        case
            when own.timezone is not null then cast('call' as varchar)
            when usual.timezone is not null then cast('tenant' as varchar)
            else cast('utc' as varchar)
        end as timezone_source,
        cast(date_add(
            'second', coalesce(own.offset_seconds, usual.offset_seconds, 0), calls.started_at
        ) as timestamp(3)) as local_started_at,
        calls.tenant_id, calls.call_month
    from calls
    left join {{ ref('stg_config__tenants') }} as tenants
        on calls.tenant_id = tenants.tenant_id
    left join {{ ref('seed_timezone_offsets') }} as own
        on
            calls.timezone = own.timezone
            and calls.instant >= own.valid_from
            and calls.instant < own.valid_to
    left join {{ ref('seed_timezone_offsets') }} as usual
        on
            tenants.timezone = usual.timezone
            and calls.instant >= usual.valid_from
            and calls.instant < usual.valid_to
)

select
    call_id, timezone, timezone_source,
    cast(hour(local_started_at) as integer) as local_hour,
    local_started_at,
    coalesce(cast(local_started_at as date), call_date) as local_date,
    cast(date_trunc('week', coalesce(cast(local_started_at as date), call_date)) as date)
        as local_week,
    tenant_id, call_month
from zoned
