{#-
    Exact inside, rounded at the edge: staging turns doubles into decimals once, sums are of
    decimals, and the one division of a formula happens in double, inside round(…, 9).
-#}
{% macro to_seconds(column) -%}
    cast(round({{ column }}, 3) as decimal(12, 3))
{%- endmacro %}

{#- A judgement of 0 to 100. -#}
{% macro to_points(column) -%}
    cast(round({{ column }}, 3) as decimal(6, 3))
{%- endmacro %}

{% macro to_fraction(column) -%}
    cast(round({{ column }}, 6) as decimal(9, 6))
{%- endmacro %}

{#- What a document claims may be any number; it is compared, never summed. -#}
{% macro to_claim(column) -%}
    cast(round({{ column }}, 6) as decimal(18, 6))
{%- endmacro %}

{#- A published double as something that may be summed. -#}
{% macro to_sum(column) -%}
    cast(round({{ column }}, 9) as decimal(18, 9))
{%- endmacro %}

{#- One quotient, NULL when the divisor is 0 or unknown. -#}
{% macro ratio(numerator, denominator) -%}
    round(cast({{ numerator }} as double) / nullif(cast({{ denominator }} as double), 0e0), 9)
{%- endmacro %}
