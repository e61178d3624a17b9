{#- Every key, tenant_id first, exists in the model it refers to. Returns the lost keys. -#}
{% test refers_to(model, to, columns) %}
    with children as (
        select {{ columns | join(', ') }}, count(*) as failure_count
        from {{ model }}
        where {{ columns | join(' is not null and ') }} is not null
        group by {{ columns | join(', ') }}
    ),

    parents as (
        select {{ columns | join(', ') }}
        from {{ to }}
        group by {{ columns | join(', ') }}
    )

    select children.{{ columns | join(', children.') }}, children.failure_count
    from children
    left join parents
        on {% for column in columns -%}
            {{ 'and ' if not loop.first }}children.{{ column }} = parents.{{ column }}
        {% endfor %}
    where parents.tenant_id is null
{% endtest %}
