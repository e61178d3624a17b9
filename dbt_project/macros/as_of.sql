{#- The moment this run looks from, UTC. Never now(): a rebuild must equal the last build. -#}
{% macro as_of() -%}
    timestamp '{{ var("as_of") or run_started_at.strftime("%Y-%m-%d %H:%M:%S") }}'
{%- endmacro %}
