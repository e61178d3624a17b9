"""SQL macros every DuckDB connection gets: Trino's answers where DuckDB's differ.

Typed overloads let DuckDB choose by type; each macro is a value or an error, never a near miss.
"""

from localaws.athena.array_macros import ARRAY_MACROS
from localaws.athena.map_macros import MAP_MACROS
from localaws.athena.raising import fail as _fail
from localaws.athena.raising import raised as _raise

_ZERO = _fail("DIVISION_BY_ZERO", "Division by zero")
_INDEX = _fail("INVALID_FUNCTION_ARGUMENT", "SQL array indices start at 1")
_BEYOND = _raise(
    "'<<INVALID_FUNCTION_ARGUMENT|Array subscript must be less than or equal to array length: ' "
    "|| i || ' > ' || len(a) || '>>'"
)
_BLANKS = " || ".join(
    [r"' '"] + [f"chr({code})" for code in (9, 10, 11, 12, 13, 28, 29, 30, 31, 5760, 8232, 8233)]
    + [f"chr({code})" for code in (*range(8192, 8199), 8200, 8201, 8202, 8287, 12288)]
)  # fmt: skip


def _text_cast(name: str, pattern: str, value: str = "x") -> str:
    error = _raise("'<<INVALID_CAST_ARGUMENT|Cannot cast ''' || x || ''' to ' || kind || '>>'")
    return (
        f"CREATE MACRO {name}(x, kind) AS CASE WHEN x IS NULL OR regexp_full_match(x, '{pattern}') "
        f"THEN {value} ELSE {error} END"
    )


MACROS = (
    *ARRAY_MACROS,
    *MAP_MACROS,
    f"CREATE MACRO integer_divide(a, b) AS CASE WHEN a IS NULL THEN NULL "
    f"WHEN b = 0 THEN {_ZERO} ELSE a // b END",
    f"CREATE MACRO integer_modulo(a, b) AS CASE WHEN a IS NULL THEN NULL "
    f"WHEN b = 0 THEN {_ZERO} ELSE a % b END",
    # Trino's function has another name for it than its operator.
    "CREATE MACRO whole_mod(a, b) AS CASE WHEN a IS NULL THEN NULL WHEN b = 0 THEN "
    + _fail("GENERIC_INTERNAL_ERROR", "/ by zero")
    + " ELSE a % b END",
    "CREATE MACRO sum_within(x, most) AS CASE WHEN abs(x) > most THEN "
    + _fail("NUMERIC_VALUE_OUT_OF_RANGE", "Decimal overflow")
    + " ELSE x END",
    "CREATE MACRO whole_round(x, n, low, high, error) AS CASE WHEN x IS NULL OR n IS NULL "
    "THEN NULL WHEN n >= 0 THEN x WHEN n < -18 THEN "
    + _fail("NUMERIC_VALUE_OUT_OF_RANGE", "numerical overflow")
    + " WHEN round(CAST(x AS HUGEINT), n) BETWEEN low AND high "
    "THEN round(CAST(x AS HUGEINT), n) ELSE "
    + _raise("'<<' || error || '|numerical overflow>>'")
    + " END",
    # Of -0 it is 0, of -0.4 it is -0.
    "CREATE MACRO float_round(x, n) AS CASE WHEN x = 0 THEN abs(x) ELSE round(x, n) END",
    "CREATE MACRO row_of_lambda(x) AS CASE WHEN x IS NULL THEN "
    + _fail("NOT_SUPPORTED", "a field of a NULL row in a lambda: run it with --engine trino")
    + " ELSE x END",
    _text_cast("text_to_integer", r"\s*[+-]?[0-9]+\s*"),
    _text_cast(
        "text_to_double",
        r"\s*([+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?|NaN|[+-]?Infinity)[dDfF]?\s*",
        r"regexp_replace(x, '[dDfF]\s*$', '')",
    ),
    _text_cast("text_to_decimal", r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?"),
    _text_cast("text_to_boolean", "(?i)true|false|t|f|1|0"),
    _text_cast(
        "text_to_date",
        r"\s*[+-]?[0-9]+-[0-9]{1,2}-[0-9]{1,2}\s*",
        r"regexp_replace(x, '^\s*\+', '')",
    ),
    "CREATE MACRO whole_within(x, low, high) AS CASE WHEN x < low OR x > high THEN "
    + _fail("NUMERIC_VALUE_OUT_OF_RANGE", "A number is out of the range of its type")
    + " ELSE x END",
    "CREATE MACRO float_to_whole(x, low, high) AS CASE WHEN isnan(x) THEN "
    + _fail("INVALID_CAST_ARGUMENT", "Cannot cast NaN to a whole number")
    + " WHEN isinf(x) THEN "
    + _fail("NUMERIC_VALUE_OUT_OF_RANGE", "Out of range: Infinity")
    + " ELSE whole_within(round(x), low, high) END",
    "CREATE MACRO float_to_bigint(x) AS CASE WHEN isnan(x) OR abs(x) >= 9223372036854775808 THEN "
    + _fail("INVALID_CAST_ARGUMENT", "Unable to cast to bigint")
    + " ELSE round(x) END",
    # Java's rounding stops at the greatest and the least bigint.
    "CREATE MACRO real_to_bigint(x) AS CASE WHEN isnan(x) THEN CAST(float_to_bigint(x) AS BIGINT) "
    "WHEN x >= 9223372036854775807 THEN 9223372036854775807 "
    "WHEN x <= -9223372036854775808 THEN CAST(-9223372036854775808 AS BIGINT) "
    "ELSE CAST(round(x) AS BIGINT) END",
    "CREATE MACRO double_to_real(x) AS CASE WHEN abs(x) > 3.4028235677973366e38 AND NOT isnan(x) "
    "THEN CAST(sign(x) * CAST('Infinity' AS DOUBLE) AS FLOAT) ELSE CAST(x AS FLOAT) END",
    "CREATE MACRO double_to_text(x) AS CASE WHEN isnan(x) OR isinf(x) THEN "
    + _fail("INVALID_CAST_ARGUMENT", "Cannot cast NaN or Infinity to DECIMAL")
    + " ELSE CAST(x AS VARCHAR) END",
    "CREATE MACRO text_that_fits(x, n) AS CASE WHEN length(x) > n THEN "
    + _fail("INVALID_CAST_ARGUMENT", "Cannot truncate a value to so short a varchar")
    + " ELSE x END",
    "CREATE MACRO text_within(x, n) AS CASE WHEN length(x) > n THEN "
    + _fail("GENERIC_INTERNAL_ERROR", "Character count exceeds length limit")
    + " ELSE x END",
    "CREATE MACRO moment_rounded(x, u) AS make_timestamp(epoch_us(x) + u // 2 "
    "- (((epoch_us(x) + u // 2) % u) + u) % u)",
    "CREATE MACRO below_millisecond(u) AS (u % 1000 + 1000) % 1000",
    "CREATE MACRO zoned_between(a, b) AS (a - below_millisecond(a) - b + below_millisecond(b)) "
    "// 1000 + CAST(round((below_millisecond(a) - below_millisecond(b)) / 1000) AS BIGINT)",
    "CREATE MACRO date_plus(d, n) AS CASE WHEN n % 86400000 = 0 THEN "
    "CAST(d + CAST(n // 86400000 AS INTEGER) AS DATE) ELSE "
    + _fail("INVALID_FUNCTION_ARGUMENT", "Cannot add hour, minutes or seconds to a date")
    + " END",
    f"CREATE MACRO array_subscript(a, i) AS CASE WHEN a IS NULL THEN NULL "
    f"WHEN i < 1 THEN {_INDEX} WHEN i > len(a) "
    f"THEN {_BEYOND} ELSE list_extract(a, i) END",
    "CREATE MACRO map_subscript(m, k) AS CASE WHEN m IS NULL OR k IS NULL OR map_contains(m, k) "
    "THEN map_extract_value(m, k) ELSE "
    + _fail("INVALID_FUNCTION_ARGUMENT", "Key not present in map")
    + " END",
    f"CREATE MACRO array_element_at(a, i) AS CASE WHEN a IS NULL THEN NULL "
    f"WHEN i = 0 THEN {_INDEX} "
    "ELSE list_extract(a, i) END",
    f"CREATE MACRO array_slice_of(a, s, n) AS CASE WHEN a IS NULL OR s IS NULL "
    f"OR n IS NULL THEN NULL WHEN s = 0 THEN {_INDEX} WHEN n < 0 THEN "
    + _fail("INVALID_FUNCTION_ARGUMENT", "length must be greater than or equal to 0")
    + " WHEN n = 0 OR abs(s) > len(a) THEN a[1:0] WHEN s > 0 THEN a[s:s + n - 1] "
    "ELSE a[len(a) + s + 1:len(a) + s + n] END",
    "CREATE MACRO checked_sequence(a) AS CASE WHEN len(a) > 10000 THEN "
    + _fail(
        "INVALID_FUNCTION_ARGUMENT",
        "result of sequence function must not have more than 10000 entries",
    )
    + " ELSE a END",
    "CREATE MACRO natural_log(x) AS CASE WHEN x = 0 THEN CAST('-Infinity' AS DOUBLE) "
    "WHEN x < 0 THEN CAST('NaN' AS DOUBLE) ELSE ln(x) END",
    "CREATE MACRO decimal_log(x) AS CASE WHEN x = 0 THEN CAST('-Infinity' AS DOUBLE) "
    "WHEN x < 0 THEN CAST('NaN' AS DOUBLE) ELSE log10(x) END",
    "CREATE MACRO binary_log(x) AS CASE WHEN x = 0 THEN CAST('-Infinity' AS DOUBLE) "
    "WHEN x < 0 THEN CAST('NaN' AS DOUBLE) ELSE log2(x) END",
    "CREATE MACRO square_root(x) AS CASE WHEN x < 0 THEN CAST('NaN' AS DOUBLE) ELSE sqrt(x) END",
    "CREATE MACRO text_upper(x) AS CASE WHEN strpos(x, 'ß') = 0 THEN upper(x) "
    "ELSE array_to_string(list_transform(string_split(x, 'ß'), LAMBDA s : upper(s)), 'ß') END",
    "CREATE MACRO text_from(x, s) AS CASE WHEN s = 0 OR -s > length(x) THEN substr(x, 1, 0) "
    "ELSE substr(x, s) END",
    "CREATE MACRO text_part(x, s, n) AS CASE WHEN s = 0 OR -s > length(x) OR n <= 0 "
    "THEN substr(x, 1, 0) ELSE substr(x, s, n) END",
    f"CREATE MACRO text_trim(x) AS trim(x, {_BLANKS})",
    f"CREATE MACRO text_ltrim(x) AS ltrim(x, {_BLANKS})",
    f"CREATE MACRO text_rtrim(x) AS rtrim(x, {_BLANKS})",
    "CREATE MACRO text_split_part(x, d, i) AS CASE WHEN i <= 0 THEN "
    + _fail("INVALID_FUNCTION_ARGUMENT", "Index must be greater than zero")
    + " WHEN i > len(string_split(x, d)) THEN NULL ELSE split_part(x, d, i) END",
    "CREATE MACRO text_match(x, p, g) AS CASE WHEN regexp_matches(x, p) "
    "THEN regexp_extract(x, p, g) END",
    "CREATE MACRO strict_parse(x, f) AS CASE WHEN x IS NULL OR try_strptime(x, f) IS NOT NULL "
    "THEN strptime(x, f) ELSE "
    + _raise("'<<INVALID_FUNCTION_ARGUMENT|Invalid format: \"' || x || '\">>'")
    + " END",
)
