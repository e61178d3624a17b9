{#-
    Intervals and tests as SQL both engines answer alike (marts.md §9). Arguments are column names.
    Constants: z = 1.959963984540054, z² / 2 = 1.9207294103470627, z² / 4 = 0.9603647051735314.
-#}
{% macro wilson_bound(k, n, sign) -%}
    round(greatest(0e0, least(1e0, (
        cast({{ k }} as double) / nullif({{ n }}, 0) + 1.9207294103470627e0 / nullif({{ n }}, 0)
        {{ sign }} 1.959963984540054e0 * sqrt(
            cast({{ k }} as double) / nullif({{ n }}, 0)
            * (1e0 - cast({{ k }} as double) / nullif({{ n }}, 0)) / nullif({{ n }}, 0)
            + 0.9603647051735314e0 / (cast({{ n }} as double) * nullif({{ n }}, 0))
        )
    ) / (1e0 + 3.8414588206941254e0 / nullif({{ n }}, 0)))), 9)
{%- endmacro %}

{#- Lower bound of the Wilson 95 % interval of k of n; NULL for 0 of 0. -#}
{% macro wilson_low(k, n) -%}
    {{ wilson_bound(k, n, '-') }}
{%- endmacro %}

{% macro wilson_high(k, n) -%}
    {{ wilson_bound(k, n, '+') }}
{%- endmacro %}

{#- z of two proportions with a pooled variance, before then now; NULL without spread. -#}
{% macro two_proportion_z(before_k, before_n, now_k, now_n) -%}
    {%- set pooled -%}
        (cast({{ before_k }} + {{ now_k }} as double) / nullif({{ before_n }} + {{ now_n }}, 0))
    {%- endset -%}
    round((
        cast({{ now_k }} as double) / nullif({{ now_n }}, 0)
        - cast({{ before_k }} as double) / nullif({{ before_n }}, 0)
    ) / nullif(sqrt(
        {{ pooled }} * (1e0 - {{ pooled }})
        * (1e0 / nullif({{ before_n }}, 0) + 1e0 / nullif({{ now_n }}, 0))
    ), 0e0), 9)
{%- endmacro %}

{#- Two-sided p of a standard normal z, error below 1.5e-7 (Abramowitz and Stegun 26.2.17). -#}
{% macro two_sided_p(z) -%}
    {%- set t = '(1e0 / (1e0 + 0.2316419e0 * abs(' ~ z ~ ')))' -%}
    round(0.7978845608028654e0 * exp(-({{ z }} * {{ z }}) / 2e0) * {{ t }} * (
        0.31938153e0 + {{ t }} * (-0.356563782e0 + {{ t }} * (
            1.781477937e0 + {{ t }} * (-1.821255978e0 + {{ t }} * 1.330274429e0)
        ))
    ), 9)
{%- endmacro %}

{#-
    Running minimum of Benjamini-Hochberg over a tenant's tests; place is the rank of p_value,
    tests the number of them. NULL p_values must come last.
-#}
{% macro benjamini_hochberg(p_value, place, tests) -%}
    round(least(1e0, min({{ p_value }} * cast({{ tests }} as double) / {{ place }}) over (
        partition by tenant_id order by {{ place }} desc
        rows between unbounded preceding and current row
    )), 9)
{%- endmacro %}
