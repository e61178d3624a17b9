{% snapshot calls_history %}
{{ config(
    target_schema='acceptance', unique_key="call_key", strategy='check', check_cols=['seconds'],
    table_type='iceberg'
) }}
select
    tenant_id || '/' || call_id as call_key,
    seconds
from {{ ref('calls_merged') }}
{% endsnapshot %}
