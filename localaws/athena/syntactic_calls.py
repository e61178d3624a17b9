"""Calls that Trino reads by grammar rather than by types: normalize, try."""

import unicodedata
from collections.abc import Callable
from functools import partial
from typing import Any, Literal

from sqlglot import exp

from localaws.athena import trino_types as t
from localaws.athena.failures import QueryFailed, SyntaxRefused, not_supported
from localaws.athena.python_functions import PythonFunction
from localaws.athena.scopes import Scope, Typed
from localaws.athena.special_functions import mismatch

Form = Literal["NFC", "NFD", "NFKC", "NFKD"]
_FORMS: tuple[Form, ...] = ("NFC", "NFD", "NFKC", "NFKD")
# The failures TRY makes NULL of.
_CAUGHT = (
    *("DIVISION_BY_ZERO", "INVALID_CAST_ARGUMENT", "INVALID_FUNCTION_ARGUMENT"),
    "NUMERIC_VALUE_OUT_OF_RANGE",
)


def _normalize(node: Any, scope: Scope, where: str) -> Typed:
    parts = node.expressions
    written = parts[1].name.upper() if len(parts) == 2 else "NFC"
    form = next((known for known in _FORMS if known == written), None)
    if form is None or (len(parts) == 2 and not isinstance(parts[1], exp.Column)):
        raise SyntaxRefused(f"{where}mismatched input '{written}'. Expecting: NFC, NFD, NFKC, NFKD")
    value = scope.session.rewrite(parts[0], scope)
    if value.type.name not in ("varchar", "unknown"):
        raise mismatch("normalize", [value], where)
    name = f"normalize_{form.lower()}"
    call = partial(unicodedata.normalize, form)
    scope.session.functions[name] = PythonFunction(call, ["VARCHAR"], "VARCHAR")
    return Typed(f"{name}(CAST({value.sql} AS VARCHAR))", t.VARCHAR)


def _try(node: Any, scope: Scope, where: str) -> Typed:
    if len(node.expressions) != 1:
        raise SyntaxRefused(f"{where}The 'try' function must have exactly one argument")
    before = set(scope.session.functions)
    try:
        value = scope.session.rewrite(node.expressions[0], scope)
    except QueryFailed as error:
        if error.name in _CAUGHT:
            raise not_supported(f"{where}TRY around what always fails") from error
        raise
    new = {name: scope.session.functions[name] for name in set(scope.session.functions) - before}
    if any(function.refuses for function in new.values()):
        # TRY would make a NULL of the refusal.
        raise not_supported(f"{where}TRY around a function that knows not every text")
    return Typed(f"TRY({value.sql})", value.type)


SYNTACTIC: dict[str, Callable[[Any, Scope, str], Typed]] = {"normalize": _normalize, "try": _try}
