"""SQL macros of maps, truths of arrays and offsets in windows: Trino's answers or an error."""

from localaws.athena.raising import fail

_INVALID = "INVALID_FUNCTION_ARGUMENT"
_KEY = fail(_INVALID, "map key cannot be null")
_ENTRY = fail(_INVALID, "map entry cannot be null")
_LENGTHS = fail(_INVALID, "Key and value arrays must be the same length")
_TWICE = fail(_INVALID, "Duplicate map keys are not allowed")
_FRAME = fail("INVALID_WINDOW_FRAME", "Window frame offset value must not be negative or null")
_NULL = fail(_INVALID, "Offset must not be null")
_OFFSET = fail(_INVALID, "Offset must be at least 0")
_PLACE = fail(_INVALID, "Offset must be at least 1")
_BUCKETS = fail(_INVALID, "Buckets must be greater than 0")


def _checked(keys: str, found: str) -> str:
    return (
        f"WHEN list_count({keys}) < len({keys}) THEN {_KEY} "
        f"WHEN len(list_distinct({keys})) < len({keys}) THEN {_TWICE} ELSE {found} END"
    )


_KEYS = "list_transform(l, LAMBDA e : struct_extract_at(e, 1))"

MAP_MACROS = (
    "CREATE MACRO map_of_lists(a, b) AS CASE WHEN a IS NULL OR b IS NULL THEN NULL "
    f"WHEN len(a) <> len(b) THEN {_LENGTHS} " + _checked("a", "map(a, b)"),
    "CREATE MACRO map_of_entries(l) AS CASE WHEN l IS NULL THEN NULL "
    + _checked(_KEYS, "map_from_entries(l)"),
    f"CREATE MACRO map_of_rows(l) AS CASE WHEN list_count(l) < len(l) THEN {_ENTRY} "
    "ELSE map_of_entries(l) END",
    f"CREATE MACRO multimap_of_rows(l) AS CASE WHEN list_count(l) < len(l) THEN {_ENTRY} "
    f"WHEN list_count({_KEYS}) < len({_KEYS}) THEN {_KEY} ELSE "
    f"map_from_entries(list_transform(distinct_items({_KEYS}), LAMBDA k : struct_pack("
    "key := k, value := list_transform(list_filter(l, LAMBDA f : struct_extract_at(f, 1) = k), "
    "LAMBDA g : struct_extract_at(g, 2))))) END",
    "CREATE MACRO entries_of(m) AS CASE WHEN m IS NULL THEN NULL ELSE map_entries(m) END",
    "CREATE MACRO rows_of_map(m) AS list_transform(entries_of(m), "
    "LAMBDA e : struct_pack(field0 := struct_extract(e, 'key'), "
    "field1 := struct_extract(e, 'value')))",
    "CREATE MACRO any_true(l) AS CASE WHEN l IS NULL THEN NULL WHEN list_contains(l, TRUE) "
    "THEN TRUE WHEN list_count(l) < len(l) THEN NULL ELSE FALSE END",
    "CREATE MACRO all_true(l) AS CASE WHEN l IS NULL THEN NULL WHEN list_contains(l, FALSE) "
    "THEN FALSE WHEN list_count(l) < len(l) THEN NULL ELSE TRUE END",
    "CREATE MACRO none_true(l) AS NOT any_true(l)",
    f"CREATE MACRO frame_offset(n) AS CASE WHEN n IS NULL OR n < 0 THEN {_FRAME} ELSE n END",
    f"CREATE MACRO window_offset(n) AS CASE WHEN n IS NULL THEN {_NULL} WHEN n < 0 "
    f"THEN {_OFFSET} ELSE n END",
    f"CREATE MACRO window_place(n) AS CASE WHEN n < 1 THEN {_PLACE} ELSE n END",
    f"CREATE MACRO window_buckets(n) AS CASE WHEN n < 1 THEN {_BUCKETS} ELSE n END",
)
