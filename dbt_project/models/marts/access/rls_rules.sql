-- grain: one row per grant of a tenant's rows to a user or a group
with grants as (
    select user_name, group_name, tenant_id
    from {{ ref('stg_config__access') }}
)

select grants.user_name, grants.group_name, grants.tenant_id
from grants
left join {{ ref('stg_config__tenants') }} as tenants
    on grants.tenant_id = tenants.tenant_id
where tenants.status is null or tenants.status <> 'suspended'
