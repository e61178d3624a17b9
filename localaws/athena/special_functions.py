"""Functions whose type or text depends on their arguments: coalesce, round, element_at and such."""

from collections.abc import Callable

from localaws.athena import casts, float_order
from localaws.athena import trino_types as t
from localaws.athena.arithmetic import arithmetic
from localaws.athena.common_types import unify
from localaws.athena.failures import QueryFailed, not_supported
from localaws.athena.nested_values import compared, complete, orderable
from localaws.athena.scopes import Scope, Typed
from localaws.athena.trino_types import Type

Special = Callable[[list[Typed], Scope, str], Typed]
_FORMS = ("coalesce", "nullif")


def mismatch(name: str, values: list[Typed], where: str) -> QueryFailed:
    """Return Trino's refusal of argument types, ours where a bare NULL may have fitted."""
    if t.UNKNOWN in (value.type for value in values):
        return not_supported(f"{where}a NULL of no type as argument of {name}")
    kinds = ", ".join(t.trino(value.type) for value in values)
    text = f"{where}Unexpected parameters ({kinds}) for function {name}"
    return QueryFailed("TYPE_MISMATCH" if name in _FORMS else "FUNCTION_NOT_FOUND", text)


def shared_type(name: str, values: list[Typed], where: str) -> tuple[list[Typed], Type]:
    """Return values in their common type; raise QueryFailed if they have none."""
    kind = unify([value.type for value in values])
    if kind is None or not values:
        raise mismatch(name, values, where)
    return [casts.carried(value, kind) for value in values], kind


def _extreme(word: str) -> Special:
    def special(values: list[Typed], scope: Scope, where: str) -> Typed:
        ready, kind = shared_type(word, values, where)
        if not orderable(kind):
            raise mismatch(word, values, where)
        ready = [complete(value, scope.session) for value in ready]
        nullable = [f"{value.sql} IS NULL" for value in ready if value.literal is None]
        found = f"{word}({', '.join(value.sql for value in ready)})"
        if float_order.is_float(kind):
            found = float_order.extreme(word, ready)
        if not nullable:
            return Typed(found, kind)
        return Typed(f"(CASE WHEN {' OR '.join(nullable)} THEN NULL ELSE {found} END)", kind)

    return special


def _coalesce(values: list[Typed], _scope: Scope, where: str) -> Typed:
    ready, kind = shared_type("coalesce", values, where)
    return Typed(f"coalesce({', '.join(value.sql for value in ready)})", kind)


def _nullif(values: list[Typed], scope: Scope, where: str) -> Typed:
    if len(values) != 2:
        raise mismatch("nullif", values, where)
    one, two = shared_type("nullif", values, where)[0]
    if one.type.parts:
        test = compared("=", one, two, scope.session).sql
        return Typed(f"(CASE WHEN {test} THEN NULL ELSE {values[0].sql} END)", values[0].type)
    test = f"{one.sql} = {two.sql}"
    if float_order.is_float(one.type):
        test = float_order.compared("=", one, two)
    return Typed(f"(CASE WHEN {test} THEN NULL ELSE {values[0].sql} END)", values[0].type)


def _round(values: list[Typed], _scope: Scope, where: str) -> Typed:
    if not 1 <= len(values) <= 2 or values[0].type.name not in (*t.NUMBERS, "unknown"):
        raise mismatch("round", values, where)
    if len(values) == 2 and values[1].type.name not in ("tinyint", "smallint", "integer"):
        raise mismatch("round", values, where)
    number = casts.carried(values[0], t.TINYINT) if values[0].type == t.UNKNOWN else values[0]
    if number.type.name == "decimal":
        return _rounded_decimal(number, values[1:], where)
    if number.type.name in t.INTEGERS and len(values) == 1:
        return number
    digits = values[1].sql if len(values) == 2 else "0"
    if float_order.is_float(number.type):
        found = f"float_round({number.sql}, {digits})"
        return Typed(f"CAST({found} AS {t.duck(number.type)})", number.type)
    half, error = 2 ** (t.BITS[number.type.name] - 1), "NUMERIC_VALUE_OUT_OF_RANGE"
    error = "GENERIC_INTERNAL_ERROR" if number.type == t.INTEGER else error
    found = f"whole_round({number.sql}, {digits}, {-half}, {half - 1}, '{error}')"
    return Typed(f"CAST({found} AS {t.duck(number.type)})", number.type)


def _rounded_decimal(number: Typed, digits: list[Typed], where: str) -> Typed:
    p, s = number.type.numbers
    if not digits:
        kind = t.decimal(p - s + min(1, s), 0)
        return Typed(f"CAST(round({number.sql}) AS {t.duck(kind)})", kind)
    if digits[0].literal is None:
        raise not_supported(f"{where}round of a decimal to a computed number of digits")
    kind = t.decimal(p + 1, s)
    # DuckDB rounds to 0 what is shorter than the places it rounds away.
    wide = f"CAST({number.sql} AS DECIMAL(38,{s}))"
    return Typed(f"CAST(round({wide}, {int(digits[0].literal)}) AS {t.duck(kind)})", kind)


def _truncate(values: list[Typed], _scope: Scope, where: str) -> Typed:
    names = [value.type.name for value in values]
    if names in (["double"], ["real"]):
        return Typed(f"trunc({values[0].sql})", values[0].type)
    if len(names) == 1 and names[0] in t.INTEGERS:
        return casts.carried(values[0], t.as_decimal(values[0].type))
    if not names or names[0] != "decimal" or names[1:] not in ([], ["integer"]):
        raise mismatch("truncate", values, where)
    (p, s), sql = values[0].type.numbers, values[0].sql
    if len(names) == 1:
        kind = t.decimal(max(p - s, 1), 0)
        return Typed(f"CAST(trunc({sql}) AS {t.duck(kind)})", kind)
    if values[1].literal is None:
        raise not_supported(f"{where}truncate to a computed number of digits")
    digits = int(values[1].literal)
    if digits >= s:
        return values[0]
    # DECIMAL's remainder is exact, and of the sign of the number.
    unit = f"CAST(1e{-digits} AS DECIMAL(38,{s}))"
    rest = f"(CAST({sql} AS DECIMAL(38,{s})) % {unit})"
    return Typed(f"CAST({sql} - {rest} AS {t.duck(values[0].type)})", values[0].type)


def _modulo(values: list[Typed], scope: Scope, where: str) -> Typed:
    kinds = {value.type.name for value in values}
    if len(values) != 2 or not kinds <= {*t.NUMBERS, "unknown"}:
        raise mismatch("mod", values, where)
    shared = unify([value.type for value in values])
    if shared is not None and shared.name in t.INTEGERS:
        one, two = (casts.carried(value, shared).sql for value in values)
        return Typed(f"whole_mod({one}, {two})", shared)
    return arithmetic("%", values[0], values[1], scope, where)


def _sign(values: list[Typed], _scope: Scope, where: str) -> Typed:
    if len(values) != 1 or values[0].type.name not in t.NUMBERS:
        raise mismatch("sign", values, where)
    kind = values[0].type if values[0].type.name != "decimal" else t.decimal(1, 0)
    found = f"CAST(sign({values[0].sql}) AS {t.duck(kind)})"
    if kind.name in ("double", "real"):
        number = values[0].sql
        found = f"(CASE WHEN isnan({number}) OR {number} = 0 THEN {number} ELSE {found} END)"
    return Typed(found, kind)


def _whole(word: str) -> Special:
    def special(values: list[Typed], _scope: Scope, where: str) -> Typed:
        if len(values) != 1 or values[0].type.name not in t.NUMBERS:
            raise mismatch(word, values, where)
        kind = values[0].type
        if kind.name in t.INTEGERS:
            return values[0]
        if kind.name == "decimal":
            p, s = kind.numbers
            kind = t.decimal(p - s + min(1, s), 0)
        return Typed(f"CAST({word}({values[0].sql}) AS {t.duck(kind)})", kind)

    return special


def _row(values: list[Typed], _scope: Scope, _where: str) -> Typed:
    names = tuple("" for _ in values)
    items = ", ".join(f"field{i} := {value.sql}" for i, value in enumerate(values))
    kind = Type("row", parts=tuple(value.type for value in values), names=names)
    return Typed(f"struct_pack({items})", kind)


SPECIAL: dict[str, Special] = {
    "ceil": _whole("ceil"),
    "ceiling": _whole("ceil"),
    "coalesce": _coalesce,
    "floor": _whole("floor"),
    "greatest": _extreme("greatest"),
    "least": _extreme("least"),
    "mod": _modulo,
    "nullif": _nullif,
    "round": _round,
    "row": _row,
    "sign": _sign,
    "truncate": _truncate,
}
