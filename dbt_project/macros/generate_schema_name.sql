{#- Every model lands in the one build database, whatever folder it lies in. -#}
{% macro generate_schema_name(custom_schema_name, node) -%}
    {{ target.schema }}
{%- endmacro %}
