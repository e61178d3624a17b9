-- grain: one row per problem found while reading an object
with calls as (
    select call_id, source_key, tenant_id
    from {{ ref('stg_lake__calls') }}
),

sources_read as (
    select source_key, tenant_id
    from calls
    group by tenant_id, source_key
)

select
    rejects.reject_id, rejects.call_id, rejects.level, rejects.reason, rejects.path,
    rejects.detail, rejects.source_key, rejects.quarantine_key,
    calls.call_id is not null or sources_read.source_key is not null as is_closed,
    rejects.reject_number, rejects.source_size_bytes,
    rejects.object_modified_at, rejects.call_date,
    rejects.tenant_id, rejects.call_month
from {{ source('lake', 'rejects') }} as rejects
left join calls
    on rejects.tenant_id = calls.tenant_id and rejects.call_id = calls.call_id
left join sources_read
    on rejects.tenant_id = sources_read.tenant_id and rejects.source_key = sources_read.source_key
