-- grain: one row per tenant_id, call_id
select
    call_id,
    tenant_id,
    agent,
    seconds,
    landed,
    date_format(landed, '%Y-%m') as call_month
from {{ ref('raw_calls') }}
