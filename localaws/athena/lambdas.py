"""Functions that take lambdas -> DuckDB's lambdas, typed by what the lambda's body gives.

DuckDB reduces only to the type of the elements, and sorts by no comparator; both are rewritten.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cmp_to_key
from typing import Any

from sqlglot import exp

from localaws.athena import casts
from localaws.athena import trino_types as t
from localaws.athena.aggregates import AGGREGATES
from localaws.athena.common_types import unify
from localaws.athena.failures import (
    ENGINE_HINT,
    QueryFailed,
    invalid_argument,
    marked,
    not_supported,
)
from localaws.athena.listed_aggregates import LISTED
from localaws.athena.nested_values import use
from localaws.athena.scopes import Scope, Typed
from localaws.athena.special_functions import mismatch
from localaws.athena.trino_types import Type

_FUNCTION = Typed("", Type("<function>"))


@dataclass(frozen=True, slots=True)
class Call:
    """A call with lambdas among its arguments, and where it stands."""

    name: str
    parts: list[Any]
    scope: Scope
    where: str

    def value(self, place: int) -> Typed:
        """Return the translated argument at `place`."""
        return self.scope.session.rewrite(self.parts[place], self.scope)

    def unique(self) -> str:
        """Return a name for a parameter in DuckDB."""
        return self.scope.session.unique("item")

    def body(self, place: int, parameters: list[Typed]) -> Typed:
        """Return the translated body of the lambda at `place`, its parameters bound to values."""
        written = self.parts[place]
        if len(written.expressions) != len(parameters):
            number = len(parameters)
            text = f"Expected a lambda that takes {number} argument(s)"
            raise QueryFailed("INVALID_PARAMETER_USAGE", f"{self.where}{text}")
        names = [parameter.name.lower() for parameter in written.expressions]
        bound = dict(zip(names, parameters, strict=True))
        return self.scope.session.rewrite(written.this, self.scope.with_lambdas(bound))

    def refused(self) -> QueryFailed:
        """Return Trino's refusal of the arguments, or ours of a lambda that only Trino takes."""
        if self.name == "regexp_replace":
            return not_supported(f"{self.where}regexp_replace with a lambda")
        values = [
            _FUNCTION if isinstance(part, exp.Lambda) else self.value(place)
            for place, part in enumerate(self.parts)
        ]
        return mismatch(self.name, values, self.where)


def rewrite_lambda_call(name: str, node: Any, scope: Scope, where: str) -> Typed | None:
    """Return a call that takes a lambda; None if this one takes none."""
    call = Call(name, list(node.expressions), scope, where)
    given = "".join("f" if isinstance(part, exp.Lambda) else "v" for part in call.parts)
    if name not in _FORMS or (name == "array_sort" and given == "v"):
        if "f" in given:
            raise _without_form(call)
        return None
    form, build = _FORMS[name]
    if given != form:
        raise call.refused()
    for part in call.parts:
        _check(part, where)
    return build(call)


def element_of(call: Call, value: Typed) -> Type:
    """Return the element type of an array argument."""
    if value.type == t.UNKNOWN:
        raise not_supported(f"{call.where}{call.name} of NULL")
    if value.type.name != "array":
        raise call.refused()
    return value.type.parts[0]


def truth(call: Call, body: Typed) -> Typed:
    """Return a body that must be boolean; not even NULL will do."""
    if body.type != t.BOOLEAN:
        raise call.refused()
    return body


def _without_form(call: Call) -> QueryFailed:
    if call.name in ("reduce_agg",):
        return not_supported(f"{call.where}the function {call.name}")
    return call.refused()


def _check(part: Any, where: str) -> None:
    if not isinstance(part, exp.Lambda):
        return
    if part.find(exp.Query, exp.Subquery):
        text = "Lambda expression cannot contain subqueries"
        raise QueryFailed("NOT_SUPPORTED", where + text)
    if part.find(exp.Window) or any(map(_aggregates, part.find_all(exp.Anonymous))):
        text = "Lambda expression cannot contain aggregations, window functions or grouping"
        raise QueryFailed("EXPRESSION_NOT_SCALAR", where + text)


def _aggregates(node: Any) -> bool:
    name = str(node.this).lower()
    return name in AGGREGATES or name in LISTED


def _transform(call: Call) -> Typed:
    value, item = call.value(0), call.unique()
    body = call.body(1, [Typed(item, element_of(call, value))])
    return Typed(f"list_transform({value.sql}, LAMBDA {item} : {body.sql})", t.array(body.type))


def _filter(call: Call) -> Typed:
    value, item = call.value(0), call.unique()
    body = truth(call, call.body(1, [Typed(item, element_of(call, value))]))
    return Typed(f"list_filter({value.sql}, LAMBDA {item} : {body.sql})", value.type)


def _match(macro: str) -> Callable[[Call], Typed]:
    def build(call: Call) -> Typed:
        value, item = call.value(0), call.unique()
        body = truth(call, call.body(1, [Typed(item, element_of(call, value))]))
        found = f"list_transform({value.sql}, LAMBDA {item} : {body.sql})"
        return Typed(f"{macro}({found})", t.BOOLEAN)

    return build


def _reduce(call: Call) -> Typed:
    value, first = call.value(0), call.value(1)
    element, state, item = element_of(call, value), call.unique(), call.unique()
    if t.UNKNOWN in (element, first.type):
        raise not_supported(f"{call.where}reduce of or from a NULL of no type")

    def step(kind: Type) -> Typed:
        before = Typed(f"struct_extract({state}, 's')", kind)
        return call.body(2, [before, Typed(f"struct_extract({item}, 'x')", element)])

    kind = unify([first.type, step(first.type).type])
    body = step(kind) if kind is not None else first
    if kind is None or unify([kind, body.type]) != kind:
        raise call.refused()
    typed = f"STRUCT(s {t.duck(kind)}, x {t.duck(element)})"
    items = f"list_transform({value.sql}, LAMBDA e : CAST(row(NULL, e) AS {typed}))"
    after = f"CAST(row({casts.carried(body, kind).sql}, NULL) AS {typed})"
    start = f"CAST(row({casts.carried(first, kind).sql}, NULL) AS {typed})"
    reduced = f"list_reduce({items}, LAMBDA {state}, {item} : {after}, {start})"
    last = call.unique()
    finish = call.body(3, [Typed(last, kind)])
    found = f"list_transform([struct_extract({reduced}, 's')], LAMBDA {last} : {finish.sql})"
    text = f"(CASE WHEN {value.sql} IS NOT NULL THEN list_extract({found}, 1) END)"
    return Typed(text, finish.type)


def _zip_with(call: Call) -> Typed:
    one, two = call.value(0), call.value(1)
    kinds, pair = (element_of(call, one), element_of(call, two)), call.unique()
    parts = [Typed(f"struct_extract_at({pair}, {i})", kind) for i, kind in enumerate(kinds, 1)]
    body = call.body(2, parts)
    nulls = f"{one.sql} IS NULL OR {two.sql} IS NULL"
    found = f"list_transform(list_zip({one.sql}, {two.sql}), LAMBDA {pair} : {body.sql})"
    return Typed(f"(CASE WHEN {nulls} THEN NULL ELSE {found} END)", t.array(body.type))


def _sorted(call: Call) -> Typed:
    value = call.value(0)
    element, items, one, two = element_of(call, value), call.unique(), call.unique(), call.unique()
    parts = [Typed(f"list_extract({items}, {place})", element) for place in (one, two)]
    body = call.body(1, parts)
    if body.type.name not in ("tinyint", "smallint", "integer"):
        raise call.refused()
    places = f"range(1, len({items}) + 1)"
    row = f"list_transform({places}, LAMBDA {two} : CAST({body.sql} AS INTEGER))"
    matrix = Typed(f"list_transform({places}, LAMBDA {one} : {row})", t.array(t.array(t.INTEGER)))
    order = use(call.scope.session, "array_order", _order, [matrix], t.array(t.BIGINT))
    found = f"list_transform({order.sql}, LAMBDA e : list_extract({items}, e))"
    text = f"list_extract(list_transform([{value.sql}], LAMBDA {items} : {found}), 1)"
    return Typed(text, value.type)


def _order(matrix: list[list[int | None]] | None) -> list[int] | None:
    if matrix is None:
        return None

    def compare(one: int, two: int) -> int:
        found, back = matrix[one][two], matrix[two][one]
        if found not in (-1, 0, 1):
            text = "Lambda comparator must return either -1, 0, or 1"
            raise invalid_argument(text)
        if back != -found:
            text = f"array_sort with a comparator that contradicts itself: {ENGINE_HINT}"
            raise ValueError(marked("NOT_SUPPORTED", text))
        return found

    return [place + 1 for place in sorted(range(len(matrix)), key=cmp_to_key(compare))]


def _map_of(call: Call, value: Typed) -> tuple[Type, Type]:
    if value.type.name != "map":
        raise call.refused()
    return value.type.parts[0], value.type.parts[1]


def _entry(call: Call, value: Typed, place: int) -> tuple[str, Typed]:
    item, kinds = call.unique(), _map_of(call, value)
    names = zip(("key", "value"), kinds, strict=True)
    return item, call.body(place, [Typed(f"struct_extract({item}, '{n}')", k) for n, k in names])


def _map_filter(call: Call) -> Typed:
    value = call.value(0)
    item, body = _entry(call, value, 1)
    truth(call, body)
    kept = f"list_filter(entries_of({value.sql}), LAMBDA {item} : {body.sql})"
    return Typed(f"map_from_entries({kept})", value.type)


def _transform_keys(call: Call) -> Typed:
    value = call.value(0)
    item, body = _entry(call, value, 1)
    kind = Type("map", parts=(body.type, value.type.parts[1]))
    made = f"struct_pack(key := {body.sql}, value := struct_extract({item}, 'value'))"
    found = f"list_transform(entries_of({value.sql}), LAMBDA {item} : {made})"
    return Typed(f"map_of_entries({found})", kind)


def _transform_values(call: Call) -> Typed:
    value = call.value(0)
    item, body = _entry(call, value, 1)
    kind = Type("map", parts=(value.type.parts[0], body.type))
    made = f"struct_pack(key := struct_extract({item}, 'key'), value := {body.sql})"
    found = f"list_transform(entries_of({value.sql}), LAMBDA {item} : {made})"
    return Typed(f"map_from_entries({found})", kind)


def _map_zip_with(call: Call) -> Typed:
    one, two = call.value(0), call.value(1)
    kinds, key = (_map_of(call, one), _map_of(call, two)), call.unique()
    shared = unify([kinds[0][0], kinds[1][0]])
    if shared is None:
        raise call.refused()
    sides = [
        casts.carried(side, Type("map", parts=(shared, part)))
        for side, (_, part) in zip((one, two), kinds, strict=True)
    ]
    parts = [Typed(f"map_extract_value({s.sql}, {key})", s.type.parts[1]) for s in sides]
    body = call.body(2, [Typed(key, shared), *parts])
    keys = f"items_of_both(map_keys({sides[0].sql}), map_keys({sides[1].sql}))"
    made = f"struct_pack(key := {key}, value := {body.sql})"
    found = f"map_from_entries(list_transform({keys}, LAMBDA {key} : {made}))"
    nulls = f"{one.sql} IS NULL OR {two.sql} IS NULL"
    kind = Type("map", parts=(shared, body.type))
    return Typed(f"(CASE WHEN {nulls} THEN NULL ELSE {found} END)", kind)


_FORMS: dict[str, tuple[str, Callable[[Call], Typed]]] = {
    "all_match": ("vf", _match("all_true")),
    "any_match": ("vf", _match("any_true")),
    "array_sort": ("vf", _sorted),
    "filter": ("vf", _filter),
    "map_filter": ("vf", _map_filter),
    "map_zip_with": ("vvf", _map_zip_with),
    "none_match": ("vf", _match("none_true")),
    "reduce": ("vvff", _reduce),
    "transform": ("vf", _transform),
    "transform_keys": ("vf", _transform_keys),
    "transform_values": ("vf", _transform_values),
    "zip_with": ("vvf", _zip_with),
}
