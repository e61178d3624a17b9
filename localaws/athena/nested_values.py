"""Arrays, maps and rows as Python holds them -> Trino's equality and order of them.

NULL inside makes `=` unknown and `<` an error; DuckDB takes it for a value like any other. Python
gets an array as a list, a row as a dict, a map as a dict or, with nested keys, as two lists.
"""

from collections.abc import Callable, Iterable
from typing import Any

from localaws.athena import trino_types as t
from localaws.athena.failures import ENGINE_HINT, QueryFailed, marked, not_supported
from localaws.athena.python_functions import PythonFunction
from localaws.athena.scopes import Session, Typed
from localaws.athena.trino_types import Type

_UNORDERED = ("map", "json")
_UNKNOWN_TO_PYTHON = ("timestamp with time zone", "time", "time with time zone")


def use(
    session: Session, name: str, call: Callable[..., Any], values: list[Typed], gives: Type
) -> Typed:
    """Return a call of a Python function of these arguments, which may be NULL."""
    takes = [t.duck(value.type) for value in values]
    for value in values:
        refuse_foreign(value.type, name)
    if any(kind.name == "timestamp" and kind.numbers == (0,) for kind in _within(gives)):
        raise not_supported(f"timestamp(0) inside {name}")
    identifier = session.unique(f"{name}_udf")
    session.functions[identifier] = PythonFunction(call, takes, t.duck(gives), nulls=True)
    return Typed(f"{identifier}({', '.join(value.sql for value in values)})", gives)


def refuse_foreign(kind: Type, what: str) -> None:
    """Raise QueryFailed NOT_SUPPORTED if Python would see a value that is not Trino's."""
    for part in _within(kind):
        if part.name in _UNKNOWN_TO_PYTHON or part.name.startswith("interval"):
            raise not_supported(f"{t.trino(part)} inside {what}")


def holds_map(kind: Type) -> bool:
    """Tell whether DuckDB's own equality would look at the order of a map's entries."""
    return any(part.name == "map" for part in _within(kind))


def refuse_maps(kinds: Iterable[Type], what: str) -> None:
    """Raise QueryFailed NOT_SUPPORTED if DISTINCT or GROUP BY would compare maps."""
    if any(map(holds_map, kinds)):
        raise not_supported(f"{what} of maps")


def orderable(kind: Type) -> bool:
    """Tell whether Trino has an order of the type."""
    return all(part.name not in _UNORDERED for part in _within(kind))


def refuse_unordered(kind: Type) -> None:
    """Raise QueryFailed if ORDER BY cannot use the type."""
    if not orderable(kind):
        text = f"Type {t.trino(kind)} is not orderable, and therefore cannot be used in ORDER BY"
        raise QueryFailed("TYPE_MISMATCH", f"line 1:1: {text}")


def compared(word: str, left: Typed, right: Typed, session: Session) -> Typed:
    """Return `left word right` of two nested values of one type."""
    kind = left.type
    if word not in ("=", "<>"):
        one, two = complete(left, session), complete(right, session)
        return Typed(f"({one.sql} {word} {two.sql})", t.BOOLEAN)

    def call(one: Any, two: Any) -> bool | None:
        return equal(one, two, kind)

    found = use(session, "nested_equal", call, [left, right], t.BOOLEAN)
    return found if word == "=" else Typed(f"(NOT {found.sql})", t.BOOLEAN)


def complete(value: Typed, session: Session) -> Typed:
    """Return a value that may be put in order: one with NULL inside fails the query, as in Trino.

    Trino fails only when the order depends on the NULL, so the failure says that it is ours.
    """
    kind = value.type
    if not kind.parts:
        return value
    if not orderable(kind):
        refuse_unordered(kind)

    def call(found: Any) -> Any:
        if found is not None and _holds_null(found):
            text = f"an order of values with NULL inside: {ENGINE_HINT}"
            raise ValueError(marked("NOT_SUPPORTED", text))
        return found

    return use(session, "complete", call, [value], kind)


def equal(one: Any, two: Any, kind: Type) -> bool | None:
    """Return Trino's `one = two`, None for unknown."""
    if one is None or two is None:
        return None
    if kind.name == "array":
        if len(one) != len(two):
            return False
        return _all(equal(a, b, kind.parts[0]) for a, b in zip(one, two, strict=True))
    if kind.name == "row":
        pairs = zip(one.values(), two.values(), kind.parts, strict=True)
        return _all(equal(a, b, part) for a, b, part in pairs)
    if kind.name == "map":
        return _equal_maps(entries(one, kind), entries(two, kind), kind)
    return bool(one == two)


def key(value: Any, kind: Type) -> Any:
    """Return what stands for a value where NULL equals NULL: in DISTINCT, GROUP BY, map keys."""
    if value is None:
        return None
    if kind.name == "array":
        return tuple(key(item, kind.parts[0]) for item in value)
    if kind.name == "row":
        return tuple(key(item, p) for item, p in zip(value.values(), kind.parts, strict=True))
    if kind.name == "map":
        pairs = entries(value, kind)
        return frozenset((key(k, kind.parts[0]), key(v, kind.parts[1])) for k, v in pairs)
    return "NaN" if isinstance(value, float) and value != value else value


def entries(value: Any, kind: Type) -> list[tuple[Any, Any]]:
    """Return the entries of a map as DuckDB hands it to Python."""
    if kind.parts[0].parts:
        return list(zip(value["key"], value["value"], strict=True))
    return list(value.items())


def map_of(pairs: Iterable[tuple[Any, Any]]) -> dict[str, list[Any]]:
    """Return entries in the form in which DuckDB takes a map with any keys."""
    found = list(pairs)
    return {"key": [k for k, _ in found], "value": [v for _, v in found]}


def _equal_maps(one: list[tuple[Any, Any]], two: list[tuple[Any, Any]], kind: Type) -> bool | None:
    others = {key(k, kind.parts[0]): v for k, v in two}
    if len(one) != len(two) or any(key(k, kind.parts[0]) not in others for k, _ in one):
        return False
    return _all(equal(v, others[key(k, kind.parts[0])], kind.parts[1]) for k, v in one)


def _all(found: Iterable[bool | None]) -> bool | None:
    seen = list(found)
    return False if False in seen else None if None in seen else True


def _holds_null(value: Any) -> bool:
    inside = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return any(item is None or _holds_null(item) for item in inside)


def _within(kind: Type) -> Iterable[Type]:
    yield kind
    for part in kind.parts:
        yield from _within(part)
