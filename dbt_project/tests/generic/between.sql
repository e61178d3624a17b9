{#- A number lies within its limits; NULL is unknown and passes. Returns tenants and counts. -#}
{% test between(model, column_name, low, high) %}
    select tenant_id, count(*) as failure_count
    from {{ model }}
    where not {{ column_name }} between {{ low }} and {{ high }}
    group by tenant_id
{% endtest %}
