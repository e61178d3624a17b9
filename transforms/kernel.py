"""Call documents -> columns of the lake tables, one list per column; pure.

Where a value comes from is said once, by the `path` of its column in `contracts/tables.py`; this
module walks those paths. No row is ever built: a document is taken apart and dropped, so a batch
needs the memory of its columns only. The loader has normalised every value before.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

from contracts.column_types import ArrayType, ColumnType, StructType, parse_type
from contracts.columns import Column, Table
from contracts.final_call import FinalCall
from contracts.tables import LAKE_TABLES, table_named
from transforms.ports import Listed

Columns = dict[str, list[Any]]

CALLS: Final = table_named("calls")
REJECTS: Final = table_named("rejects")
CHILDREN: Final = tuple(table for table in LAKE_TABLES if table not in (CALLS, REJECTS))

_EXCERPT_LENGTH: Final = 2_000
_SAID_REDACTED: Final = ("verified", "redacted", None)
_POSITION: Final = "@position"
# Members of two lists become structs; these fields have another name or place in a document.
_FIELD_PATHS: Final = {
    "criterion_number": _POSITION,
    "evidence_turn": "evidence.turn",
    "evidence_quote": "evidence.quote",
    "is_evidence_verified": "evidence.is_verified",
    "turn_number": "turn",
    "begin_offset": "begin",
    "end_offset": "end",
}

Getter = Callable[[Any], Any]


def new_columns() -> dict[str, Columns]:
    """Return empty columns of every lake table, for one tenant and month."""
    return {table.name: {column.name: [] for column in table.columns} for table in LAKE_TABLES}


def add_call(
    tables: Mapping[str, Columns], final: FinalCall, listed: Listed, extra_json: str | None
) -> None:
    """Append one document: its row of `calls` and its members' rows of the tables beside it.

    `extra_json` is the text that column holds: the sorted map itself, or the key it lies at.
    """
    scope = {
        **final.document,
        "transcript": {**final.document["transcript"], "excerpt": _excerpt(final.document)},
        "extra": extra_json,
        "@origin": {"key": listed.key, "etag": listed.etag, "size": listed.size},
        "@reading": {"repairs": sorted(set(final.repairs)), "evaluation_origin": "document"},
    }
    scope["@count"] = {
        table.name: _add_members(_plan(table), tables[table.name], scope) for table in CHILDREN
    }
    for name, get in _plan(CALLS).once:
        tables[CALLS.name][name].append(get(scope))


def extra_text(final: FinalCall) -> str | None:
    """Return what found no place, as a sorted JSON map of path to value; None for nothing."""
    extra = final.document["extra"]
    if not extra:
        return None
    return json.dumps(extra, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def _excerpt(document: Mapping[str, Any]) -> str | None:
    """Return the beginning of the transcript only where the document says it is redacted."""
    text, source = document["transcript"]["excerpt"], document["source"]
    is_said = source["pii_redacted"] and source["redaction_status"] in _SAID_REDACTED
    return text[:_EXCERPT_LENGTH] if text and is_said else None


@dataclass(frozen=True, slots=True)
class _Plan:
    """How a table is filled: values said once per document, and those of each list member."""

    members: Getter
    once: tuple[tuple[str, Getter], ...]
    each: tuple[tuple[str, Getter], ...]
    position: str | None


def _add_members(plan: _Plan, columns: Columns, scope: Mapping[str, Any]) -> int:
    members = plan.members(scope) or ()
    count = len(members)
    for name, get in plan.once if count else ():
        columns[name].extend([get(scope)] * count)
    for name, get in plan.each:
        columns[name].extend([get(member) for member in members])
    if plan.position:
        columns[plan.position].extend(range(1, count + 1))
    return count


@lru_cache(maxsize=16)
def _plan(table: Table) -> _Plan:
    place = "" if table is CALLS else _list_path(table)
    once, each, position = [], [], None
    for column in table.columns:
        inside = column.path.removeprefix(f"{place}[].") if place else column.path
        if inside == _POSITION:
            position = column.name
        elif inside != column.path and inside[0] != "@":
            each.append((column.name, _getter(column, inside)))
        else:
            once.append((column.name, _getter(column, inside)))
    return _Plan(_walk(place), tuple(once), tuple(each), position)


def _list_path(table: Table) -> str:
    return next(column.path for column in table.columns if "[]." in column.path).partition("[].")[0]


def _getter(column: Column, path: str) -> Getter:
    if column.name == "document_key":
        whole = _walk(path)
        return lambda scope: whole(scope)[:16]
    kind = parse_type(column.type)
    if isinstance(kind, ArrayType) and "[]" in path:
        return _list_getter(kind.item, path, nullable=column.nullable)
    return _walk(path)


def _list_getter(item: ColumnType, path: str, *, nullable: bool) -> Getter:
    outer, _, inner = path.partition("[]")
    members = _walk(outer)
    take = _struct_getter(item) if isinstance(item, StructType) else _walk_all(inner.lstrip("."))

    def get(scope: Any) -> list[Any] | None:
        found = members(scope)
        if found is None:
            return None if nullable else []
        return take(found)

    return get


def _struct_getter(kind: StructType) -> Callable[[Sequence[Any]], list[Any]]:
    paths = [(name, _FIELD_PATHS.get(name, name)) for name, _ in kind.fields]
    getters = [(name, _walk(path)) for name, path in paths if path != _POSITION]
    numbers = [name for name, path in paths if path == _POSITION]

    def take(members: Sequence[Any]) -> list[Any]:
        return [
            {name: get(member) for name, get in getters} | dict.fromkeys(numbers, number)
            for number, member in enumerate(members, 1)
        ]

    return take


def _walk_all(path: str) -> Callable[[Sequence[Any]], list[Any]]:
    if not path:
        return list
    get = _walk(path)
    return lambda members: [get(member) for member in members]


def _walk(path: str) -> Getter:
    """Return a function that follows `path` through nested maps, to None where one is absent."""
    keys = path.split(".")
    if len(keys) == 1:
        return lambda value: value.get(path)

    def get(value: Any) -> Any:
        for key in keys:
            if value is None:
                return None
            value = value.get(key)
        return value

    return get
