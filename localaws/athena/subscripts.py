"""`value[index]` of an array, a map or a row, with the errors Trino has for each."""

from localaws.athena import casts, float_order
from localaws.athena import trino_types as t
from localaws.athena.common_types import unify
from localaws.athena.failures import QueryFailed, not_supported
from localaws.athena.scopes import Typed


def subscript(value: Typed, index: Typed, where: str) -> Typed:
    """Return one element; raise QueryFailed for a value that has none, or another index type."""
    if value.type.name == "map":
        return _of_map(value, index, where)
    if value.type.name == "row":
        return _of_row(value, index, where)
    if value.type.name != "array" or index.type.name not in (*t.INTEGERS, "unknown"):
        raise _refused(value, index, where)
    return Typed(f"array_subscript({value.sql}, {index.sql})", value.type.parts[0])


def _of_map(value: Typed, index: Typed, where: str) -> Typed:
    key, found = value.type.parts
    if unify([key, index.type]) != key:
        if key == t.UNKNOWN or unify([key, index.type]) is not None:
            raise not_supported(f"{where}{t.trino(index.type)} as key of {t.trino(value.type)}")
        raise _refused(value, index, where)
    wanted = float_order.to_find(casts.carried(index, key))
    return Typed(f"map_subscript({value.sql}, {wanted})", found)


def _of_row(value: Typed, index: Typed, where: str) -> Typed:
    if index.type.name not in t.INTEGERS:
        raise _refused(value, index, where)
    if index.literal is None:
        text = f"{where}Subscript expression on ROW requires a constant index"
        raise QueryFailed("EXPRESSION_NOT_CONSTANT", text)
    place, size = int(index.literal), len(value.type.parts)
    if not 1 <= place <= size:
        text = f"{where}Subscript index out of bounds: {place}, max value is {size}"
        raise QueryFailed("INVALID_FUNCTION_ARGUMENT", text)
    found = f"struct_extract_at({value.sql}, {place})"
    return Typed(found, value.type.parts[place - 1])


def _refused(value: Typed, index: Typed, where: str) -> QueryFailed:
    text = f"{where}Cannot use {t.trino(index.type)} for subscript of {t.trino(value.type)}"
    return QueryFailed("TYPE_MISMATCH", text)
