"""Functions whose type or text depends on their arguments: coalesce, round, element_at and such."""

from collections.abc import Callable

from localaws.athena import casts
from localaws.athena import trino_types as t
from localaws.athena.arithmetic import arithmetic
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
    kind = t.unify([value.type for value in values])
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
    return Typed(
        f"(CASE WHEN {one.sql} = {two.sql} THEN NULL ELSE {values[0].sql} END)", values[0].type
    )


def _concat(values: list[Typed], _scope: Scope, where: str) -> Typed:
    names = {value.type.name for value in values} - {"unknown"}
    if names <= {"varchar"} and len(values) > 1:
        return Typed("(" + " || ".join(value.sql for value in values) + ")", t.VARCHAR)
    raise mismatch("concat", values, where)


def _round(values: list[Typed], _scope: Scope, where: str) -> Typed:
    number = values[0]
    if number.type.name == "decimal":
        p, s = number.type.numbers
        if len(values) == 1:
            kind = t.decimal(p - s + min(1, s), 0)
            return Typed(f"CAST(round({number.sql}) AS {t.duck(kind)})", kind)
        if values[1].literal is None:
            raise not_supported(f"{where}round of a decimal to a computed number of digits")
        kind, digits = t.decimal(p + 1, s), int(values[1].literal)
        return Typed(f"CAST(round({number.sql}, {digits}) AS {t.duck(kind)})", kind)
    if number.type.name not in t.NUMBERS or len(values) > 2:
        raise mismatch("round", values, where)
    if number.type.name in t.INTEGERS and len(values) == 1:
        return number
    arguments = ", ".join(value.sql for value in values)
    return Typed(f"CAST(round({arguments}) AS {t.duck(number.type)})", number.type)


def _modulo(values: list[Typed], scope: Scope, where: str) -> Typed:
    if len(values) != 2:
        raise mismatch("mod", values, where)
    return arithmetic("%", values[0], values[1], scope, where)


def _sign(values: list[Typed], _scope: Scope, where: str) -> Typed:
    if len(values) != 1 or values[0].type.name not in t.NUMBERS:
        raise mismatch("sign", values, where)
    kind = values[0].type if values[0].type.name != "decimal" else t.decimal(1, 0)
    return Typed(f"CAST(sign({values[0].sql}) AS {t.duck(kind)})", kind)


def _whole(word: str) -> Special:
    def special(values: list[Typed], _scope: Scope, where: str) -> Typed:
        if len(values) != 1 or values[0].type.name not in t.NUMBERS:
            raise mismatch(word, values, where)
        kind = values[0].type
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


def _regexp_replace(values: list[Typed], _scope: Scope, where: str) -> Typed:
    if len(values) not in (2, 3) or any(value.type.name != "varchar" for value in values):
        raise mismatch("regexp_replace", values, where)
    replacement = values[2].literal if len(values) == 3 else ""
    if replacement is None or "\\" in replacement or "${" in replacement:
        raise not_supported(f"{where}this replacement in regexp_replace")
    with_groups = _groups(replacement)
    call_text = f"regexp_replace({values[0].sql}, {values[1].sql}, {t.text(with_groups)}, 'g')"
    added = values[2].type if len(values) == 3 else t.varchar(0)
    return Typed(call_text, _with_replacements(values[0].type, added))


def _with_replacements(text: Type, replacement: Type) -> Type:
    if not text.numbers or not replacement.numbers:
        return t.VARCHAR
    length, added = text.numbers[0], replacement.numbers[0]
    grown = length + max(length * added // 2, added) * (length + 1)
    return t.varchar(min(t.UNBOUNDED, grown))


def _groups(replacement: str) -> str:
    parts = replacement.split("$")
    return parts[0] + "".join("\\" + part for part in parts[1:])


SPECIAL: dict[str, Special] = {
    "ceil": _whole("ceil"),
    "ceiling": _whole("ceil"),
    "coalesce": _coalesce,
    "concat": _concat,
    "floor": _whole("floor"),
    "greatest": _extreme("greatest"),
    "least": _extreme("least"),
    "mod": _modulo,
    "nullif": _nullif,
    "regexp_replace": _regexp_replace,
    "round": _round,
    "row": _row,
    "sign": _sign,
}
