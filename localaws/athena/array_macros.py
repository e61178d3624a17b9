"""SQL macros of arrays and maps every DuckDB connection gets: Trino's answers or an error."""

from localaws.athena.raising import fail, raised

_INVALID = "INVALID_FUNCTION_ARGUMENT"
_ORDER = fail(
    _INVALID,
    "sequence stop value should be greater than or equal to start value if step is greater than "
    "zero otherwise stop should be less than or equal to start",
)
_LONG = fail(_INVALID, "result of sequence function must not have more than 10000 entries")
_STEP = fail(_INVALID, "step must not be zero")
_DATED = "list_transform(range(0, {count} + 1), LAMBDA i : a + i * s)"


def _sequence(name: str, count: str, items: str) -> str:
    return (
        f"CREATE MACRO {name}(a, b, s) AS CASE WHEN a IS NULL OR b IS NULL THEN NULL "
        f"WHEN a + s = a THEN {_STEP} WHEN (a + s > a AND b < a) OR (a + s < a AND b > a) "
        f"THEN {_ORDER} WHEN {count} >= 10000 THEN {_LONG} ELSE {items} END"
    )


_SPAN = "(epoch_us(CAST(b AS TIMESTAMP)) - epoch_us(CAST(a AS TIMESTAMP))) // epoch_us(s)"
_MONTHS = "abs(date_diff('month', a, b))"

ARRAY_MACROS = (
    "CREATE MACRO distinct_items(a) AS list_filter(a, LAMBDA e, i : i = list_position(a, e))",
    "CREATE MACRO items_of_both(a, b) AS CASE WHEN a IS NULL OR b IS NULL THEN NULL "
    "ELSE distinct_items(list_concat(a, b)) END",
    "CREATE MACRO items_only_in(a, b) AS CASE WHEN a IS NULL OR b IS NULL THEN NULL "
    "ELSE list_filter(distinct_items(a), LAMBDA e : list_position(b, e) IS NULL) END",
    # Trino walks through the longer array.
    "CREATE MACRO items_shared(a, b) AS "
    "list_filter(distinct_items(a), LAMBDA e : list_position(b, e) IS NOT NULL)",
    "CREATE MACRO items_in_both(a, b) AS CASE WHEN a IS NULL OR b IS NULL THEN NULL "
    "WHEN len(a) < len(b) THEN items_shared(b, a) ELSE items_shared(a, b) END",
    "CREATE MACRO without_nan(a) AS list_filter(a, LAMBDA e : e IS NULL OR NOT isnan(e))",
    "CREATE MACRO number_to_find(v) AS CASE WHEN isnan(v) THEN "
    + fail("NOT_SUPPORTED", "a search for NaN: run it with --engine trino")
    + " ELSE v END",
    "CREATE MACRO number_to_order(v) AS CASE WHEN isnan(v) THEN "
    + fail("NOT_SUPPORTED", "an order with NaN: run it with --engine trino")
    + " ELSE v END",
    "CREATE MACRO has_item(a, v) AS CASE WHEN a IS NULL OR v IS NULL THEN NULL "
    "WHEN list_contains(a, v) THEN TRUE WHEN list_count(a) < len(a) THEN NULL ELSE FALSE END",
    "CREATE MACRO place_of(a, v) AS CASE WHEN a IS NULL OR v IS NULL THEN NULL "
    "ELSE CAST(coalesce(list_position(a, v), 0) AS BIGINT) END",
    "CREATE MACRO items_but(a, v) AS CASE WHEN v IS NULL THEN NULL "
    "ELSE list_filter(a, LAMBDA e : e IS NULL OR e <> v) END",
    "CREATE MACRO arrays_overlap(a, b) AS CASE WHEN a IS NULL OR b IS NULL THEN NULL "
    "WHEN list_has_any(list_filter(a, LAMBDA e : e IS NOT NULL), b) THEN TRUE "
    "WHEN len(a) > 0 AND len(b) > 0 AND (list_count(a) < len(a) OR list_count(b) < len(b)) "
    "THEN NULL ELSE FALSE END",
    "CREATE MACRO array_max_value(a) AS CASE WHEN list_count(a) < len(a) THEN NULL "
    "ELSE list_max(a) END",
    "CREATE MACRO array_min_value(a) AS CASE WHEN list_count(a) < len(a) THEN NULL "
    "ELSE list_min(a) END",
    "CREATE MACRO array_max_number(a) AS CASE WHEN list_count(a) < len(a) THEN NULL "
    "ELSE coalesce(list_max(without_nan(a)), list_max(a)) END",
    "CREATE MACRO array_min_number(a) AS CASE WHEN list_count(a) < len(a) THEN NULL "
    "ELSE coalesce(list_min(without_nan(a)), list_min(a)) END",
    "CREATE MACRO joined_texts(a, d) AS CASE WHEN len(a) = 0 THEN '' "
    "WHEN d IS NOT NULL AND a IS NOT NULL THEN "
    "coalesce(array_to_string(list_filter(a, LAMBDA e : e IS NOT NULL), d), '') END",
    "CREATE MACRO joined_texts_or(a, d, n) AS CASE WHEN n IS NULL OR d IS NULL THEN NULL "
    "WHEN len(a) = 0 THEN '' "
    "ELSE array_to_string(list_transform(a, LAMBDA e : coalesce(e, n)), d) END",
    "CREATE MACRO repeated(v, n) AS CASE WHEN n < 0 THEN "
    + fail(_INVALID, "count argument of repeat function must be greater than or equal to 0")
    + " WHEN n > 10000 THEN "
    + fail(_INVALID, "count argument of repeat function must be less than or equal to 10000")
    + " ELSE list_transform(range(0, n), LAMBDA i : v) END",
    "CREATE MACRO trimmed_array(a, n) AS CASE WHEN n < 0 THEN "
    + raised("'<<INVALID_FUNCTION_ARGUMENT|size must not be negative: ' || n || '>>'")
    + " WHEN n > len(a) THEN "
    + raised(
        "'<<INVALID_FUNCTION_ARGUMENT|size must not exceed array cardinality ' || len(a) || ': ' "
        "|| n || '>>'"
    )
    + " WHEN n IS NOT NULL THEN a[1:len(a) - n] END",
    _sequence("number_sequence", "(b - a) // s", "generate_series(a, b, s)"),
    _sequence("moment_sequence", _SPAN, _DATED.format(count=_SPAN)),
    _sequence(
        "month_sequence",
        _MONTHS,
        f"list_filter({_DATED.format(count=_MONTHS)}, "
        "LAMBDA d : CASE WHEN a + s > a THEN d <= b ELSE d >= b END)",
    ),
)
