{#-
    The windows of reports, per tenant: 28_days and 90_days end at its last complete local day,
    before is what 28_days is compared with, all holds every call, today's too.
-#}
{% macro report_windows() -%}
    {%- set days = var('change_window_days') -%}
    {%- set spans = [
        ('28_days', '1 - ' ~ days, '0'), ('before', '1 - 2 * ' ~ days, '-' ~ days),
        ('90_days', '-89', '0'), ('all', '-36500', '36500'),
    ] -%}
    {%- for name, first_day, last_day in spans %}
    select
        cast('{{ name }}' as varchar) as window,
        cast(date_add('day', {{ first_day }}, last_complete_local_date) as date) as first_date,
        cast(date_add('day', {{ last_day }}, last_complete_local_date) as date) as last_date,
        tenant_id
    from {{ ref('dim_tenants') }}
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
{%- endmacro %}
