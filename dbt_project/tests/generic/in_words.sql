{#- A text is one of its words; NULL is unknown and passes. Returns tenants, words and counts. -#}
{% test in_words(model, column_name, words) %}
    select tenant_id, {{ column_name }}, count(*) as failure_count
    from {{ model }}
    where {{ column_name }} not in ('{{ words | join("', '") }}')
    group by tenant_id, {{ column_name }}
{% endtest %}
