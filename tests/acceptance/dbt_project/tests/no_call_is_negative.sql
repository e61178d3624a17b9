select *
from {{ ref('calls_hive') }}
where seconds < 0
