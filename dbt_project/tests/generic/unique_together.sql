{#- The grain holds: the named columns, tenant_id first, occur once. Returns the keys. -#}
{% test unique_together(model, columns) %}
    select {{ columns | join(', ') }}, count(*) as failure_count
    from {{ model }}
    group by {{ columns | join(', ') }}
    having count(*) > 1
{% endtest %}
