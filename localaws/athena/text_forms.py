"""Functions of text whose number or kinds of arguments vary: concat, concat_ws, format, typeof."""

from localaws.athena import trino_types as t
from localaws.athena.failures import QueryFailed, SyntaxRefused, not_supported
from localaws.athena.java_formats import formatter
from localaws.athena.python_functions import PythonFunction
from localaws.athena.scopes import Scope, Typed
from localaws.athena.special_functions import Special, mismatch


def _concat(values: list[Typed], _scope: Scope, where: str) -> Typed:
    names = {value.type.name for value in values}
    if len(values) == 1:
        text = "There must be two or more concatenation arguments"
        raise QueryFailed("INVALID_FUNCTION_ARGUMENT", where + text)
    if names in ({"varchar"}, {"varbinary"}):
        kind = t.VARCHAR if names == {"varchar"} else t.VARBINARY
        return Typed("(" + " || ".join(value.sql for value in values) + ")", kind)
    if names in ({"varchar", "unknown"}, {"unknown"}):
        # Trino takes such a NULL for an array; CAST(NULL AS varchar) is what is meant.
        raise not_supported(f"{where}concat with a NULL of no type")
    raise mismatch("concat", values, where)


def _concat_ws(values: list[Typed], _scope: Scope, where: str) -> Typed:
    kinds = [value.type.name for value in values]
    texts = all(kind in ("varchar", "unknown") for kind in kinds)
    if len(values) == 2 and values[1].type.name == "array":
        if values[1].type.parts[0].name not in ("varchar", "unknown"):
            raise mismatch("concat_ws", values, where)
        joined = f"array_to_string({_text(values[1])}, {_text(values[0])})"
        whole = f"CASE WHEN {values[1].sql} IS NOT NULL THEN coalesce({joined}, '') END"
        return Typed(f"(CASE WHEN {values[0].sql} IS NOT NULL THEN {whole} END)", t.VARCHAR)
    if len(values) < 2 or not texts:
        raise mismatch("concat_ws", values, where)
    return Typed(f"concat_ws({', '.join(map(_text, values))})", t.VARCHAR)


def _text(value: Typed) -> str:
    if value.type.name == "array":
        return f"CAST({value.sql} AS VARCHAR[])"
    return f"CAST({value.sql} AS VARCHAR)"


def _typeof(values: list[Typed], _scope: Scope, where: str) -> Typed:
    if len(values) != 1:
        raise mismatch("typeof", values, where)
    word = t.text(t.trino(values[0].type))
    # The value is computed all the same: it may fail, or be an aggregate.
    return Typed(f"(CASE WHEN {values[0].sql} IS NULL THEN {word} ELSE {word} END)", t.VARCHAR)


def _format(values: list[Typed], scope: Scope, where: str) -> Typed:
    if len(values) < 2:
        raise SyntaxRefused(f"{where}The 'format' function must have at least two arguments")
    if values[0].type.name != "varchar":
        raise mismatch("format", values, where)
    if values[0].literal is None:
        raise not_supported(f"{where}format with a computed pattern")
    kinds = [value.type for value in values[1:]]
    call = formatter(values[0].literal, kinds, where)
    name = scope.session.unique("formatted")
    takes = [t.duck(kind) for kind in kinds]
    scope.session.functions[name] = PythonFunction(call, takes, "VARCHAR", nulls=True)
    return Typed(f"{name}({', '.join(value.sql for value in values[1:])})", t.VARCHAR)


SPECIAL_TEXT: dict[str, Special] = {
    "concat": _concat,
    "concat_ws": _concat_ws,
    "format": _format,
    "typeof": _typeof,
}
