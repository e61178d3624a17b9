-- grain: one row per grant, as found: nothing is repaired, dropped or deduplicated here
with grants as (
    select user_name, group_name, granted_at, tenant_id
    from {{ source('config', 'config_access') }}
)

select user_name, group_name, granted_at, tenant_id
from grants
