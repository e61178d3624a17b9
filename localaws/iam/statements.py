"""What stands in for ministack's evaluation of statements: variables, all operators, NotPrincipal.

Each function is given ministack's own and returns ours, in the signature it has there.
"""

import json
from collections.abc import Callable
from typing import Any

from ministack.core import iam_evaluator

from localaws.iam.conditions import met
from localaws.iam.variables import Lookup, Unresolved, resolved, without_variables

Function = Callable[..., Any]
Document = dict[str, Any]

_VERSION = "2012-10-17"


def first_match(_original: Function) -> Function:
    """Return ours for `_first_match`: the first statement of `effect` that fits the request."""

    def first(context: Any, statements: list[Any], effect: str) -> Any:
        lookup = _lookup(context)
        for statement in statements:
            if statement.effect == effect and _fits(statement, context, lookup):
                return statement
        return None

    return first


def conditions_met(_original: Function) -> Function:
    """Return ours for `_conditions_met`, which trust policies ask directly."""

    def conditions(given: Document, context: Any) -> bool:
        try:
            return met(given or {}, _lookup(context), unknown=False)
        except Unresolved:
            return False

    return conditions


def parsed(original: Function) -> Function:
    """Return ministack's parser, with variables off in a document of the old version.

    A dictionary without Version is ministack's own, made of the statements of a resource policy.
    """

    def parse_policy_document(document: str | Document) -> Any:
        read = _read(document)
        if read is None:
            return original(document)
        inner = isinstance(document, dict) and "Version" not in document
        return original(read if inner else _modern(read))

    return parse_policy_document


def resource_policy(original: Function) -> Function:
    """Return ministack's evaluation of a resource's policy, with NotPrincipal obeyed."""

    def evaluate_resource_policy(
        document: str | Document | None, context: Any, *given: Any, **named: Any
    ) -> Any:
        read = _read(document)
        if read is None:
            return original(document, context, *given, **named)
        statements = _listed(_modern(read).get("Statement", []))
        kept = [one for one in (_with_principal(s, context) for s in statements) if one]
        return original({"Statement": kept}, context, *given, **named)

    return evaluate_resource_policy


def _fits(statement: Any, context: Any, lookup: Lookup) -> bool:
    if not iam_evaluator._action_matches(context.action, statement.actions, statement.not_actions):
        return False
    try:
        return _resource_fits(statement, context.resource_arn, lookup) and met(
            statement.conditions or {}, lookup, unknown=statement.effect == "Deny"
        )
    except Unresolved:
        return False


def _resource_fits(statement: Any, arn: str, lookup: Lookup) -> bool:
    named = statement.resources or statement.not_resources
    if not named:
        return True
    fits = any(resolved(text, lookup).matches(arn) for text in named)
    return fits if statement.resources else not fits


def _lookup(context: Any) -> Lookup:
    return lambda key: iam_evaluator._resolve_condition_key(key, context)


def _read(document: str | Document | None) -> Document | None:
    if isinstance(document, dict):
        return document
    try:
        read = json.loads(document or "")
    except (json.JSONDecodeError, TypeError):
        return None
    return read if isinstance(read, dict) else None


def _modern(document: Document) -> Document:
    """Return the document as one of today's version; in an older one variables are plain text."""
    if document.get("Version") == _VERSION:
        return document
    texts: Document = _each_text(document.get("Statement", []))
    return {"Version": _VERSION, "Statement": texts}


def _each_text(value: Any) -> Any:
    if isinstance(value, str):
        return without_variables(value)
    if isinstance(value, list):
        return [_each_text(one) for one in value]
    if isinstance(value, dict):
        return {name: _each_text(one) for name, one in value.items()}
    return value


def _with_principal(statement: Any, context: Any) -> Document | None:
    """Return a statement with NotPrincipal as one about everybody, None if it spares the caller."""
    if not isinstance(statement, dict) or "NotPrincipal" not in statement:
        return statement if isinstance(statement, dict) else None
    if iam_evaluator._principal_matches(statement["NotPrincipal"], context.principal_arn):
        return None
    rest = {name: value for name, value in statement.items() if name != "NotPrincipal"}
    return {**rest, "Principal": "*"}


def _listed(given: Any) -> list[Any]:
    return given if isinstance(given, list) else [given]
