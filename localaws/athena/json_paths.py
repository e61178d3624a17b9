"""json_value, json_exists and json_query with a plain path and no options.

A path is `lax` or `strict` and a way of keys and places; filters and methods are refused, as are
options: the parser does not know them.
"""

import re
from collections.abc import Callable
from typing import Any

from localaws.athena import trino_types as t
from localaws.athena.failures import QueryFailed, SyntaxRefused, not_supported
from localaws.athena.json_casts import text_of
from localaws.athena.json_texts import Pairs, formatted, parsed
from localaws.athena.nested_values import use
from localaws.athena.scopes import Scope, Typed
from localaws.athena.special_functions import Special, mismatch
from localaws.athena.trino_types import Type

_STEP = re.compile(r"""\s*(?:\.([A-Za-z_]\w*)(?!\s*\()|\."([^"\\]*)"|\[\s*(\d+|last|\*)\s*\])""")
_LONG = 2**63


def _function(
    name: str, gives: Type, pick: Callable[[list[Any]], Any], *, absent: Any = None
) -> Special:
    def special(values: list[Typed], scope: Scope, where: str) -> Typed:
        if len(values) != 2:
            raise mismatch(name, values, where)
        if values[0].type.name != "varchar":
            text = f"{where}Cannot read input of type {t.trino(values[0].type)} as JSON"
            raise QueryFailed("TYPE_MISMATCH", text)
        strict, steps = _path(values[1].literal, where)

        def call(text: Any) -> Any:
            if text is None:
                return None
            try:
                return pick(_walk(parsed(text), steps, strict=strict))
            except ValueError:
                return absent

        return use(scope.session, name, call, values[:1], gives)

    return special


def _path(text: str | None, where: str) -> tuple[bool, list[str]]:
    if text is None:
        raise not_supported(f"{where}a computed JSON path")
    mode = re.match(r"\s*(lax|strict)\b\s*", text)
    if mode is None:
        raise SyntaxRefused(f"{where}missing {{'lax', 'strict'}} in a JSON path")
    at, steps = mode.end() + 1, []
    while text[mode.end() : mode.end() + 1] == "$" and (match := _STEP.match(text, at)):
        key = match[1] if match[1] is not None else match[2]
        steps.append(f".{key}" if key is not None else match[3])
        at = match.end()
    if text[mode.end() : mode.end() + 1] != "$" or text[at:].strip():
        raise not_supported(f"{where}this JSON path")
    return mode[1] == "strict", steps


def _walk(value: Any, steps: list[str], *, strict: bool) -> list[Any]:
    found = [value]
    for step in steps:
        found = [item for one in found for item in _step(one, step, strict=strict)]
    return found


def _step(value: Any, step: str, *, strict: bool) -> list[Any]:
    if step.startswith("."):
        return _members(value, step[1:], strict=strict)
    if not isinstance(value, list):
        if strict:
            raise ValueError("no array")
        value = [value]
    if step == "*":
        return list(value)
    place = len(value) - 1 if step == "last" else int(step)
    if not 0 <= place < len(value):
        if strict:
            raise ValueError("no such place")
        return []
    return [value[place]]


def _members(value: Any, key: str, *, strict: bool) -> list[Any]:
    if not strict:
        items = value if isinstance(value, list) else [value]
        return [item[key] for item in items if isinstance(item, dict) and key in item]
    if not isinstance(value, dict) or key not in value:
        raise ValueError("no such member")
    return [value[key]]


def _scalar(found: list[Any]) -> str | None:
    if len(found) != 1 or isinstance(found[0], list | dict):
        return None
    value = found[0]
    if isinstance(value, int) and not -_LONG <= value < _LONG:
        return None
    return text_of(value)


def _whole(found: list[Any]) -> str | None:
    return formatted(_as_it_stands(found[0])) if len(found) == 1 else None


def _as_it_stands(value: Any) -> Any:
    if isinstance(value, dict):
        return Pairs((key, _as_it_stands(item)) for key, item in value.items())
    return [_as_it_stands(item) for item in value] if isinstance(value, list) else value


JSON_PATHS: dict[str, Special] = {
    "json_exists": _function("json_exists", t.BOOLEAN, bool, absent=False),
    "json_query": _function("json_query", t.VARCHAR, _whole),
    "json_value": _function("json_value", t.VARCHAR, _scalar),
}
