"""One expression of Athena's SQL, parsed -> DuckDB's text and its Trino type.

Each kind of node has a handler that checks types as Trino does; a kind without one is refused.
"""

from typing import Any

from sqlglot import exp

from localaws.athena import (
    calls,
    casts,
    constants,
    functions,
    json_values,
    predicates,
    subqueries,
    type_words,
)
from localaws.athena import trino_types as t
from localaws.athena.arithmetic import arithmetic, negated
from localaws.athena.failures import QueryFailed, SyntaxRefused, not_supported
from localaws.athena.predicates import Handler, coerced, condition, mismatch, where
from localaws.athena.repeats import repeated
from localaws.athena.scopes import Scope, Typed, field_of, resolve
from localaws.athena.subscripts import subscript
from localaws.athena.time_functions import at_time_zone
from localaws.athena.typed_literals import EXTRACTED, tried_cast, typed_literal


def rewrite(node: Any, scope: Scope) -> Typed:
    """Return the translation of one expression.

    Raise QueryFailed with Trino's error name for what Trino refuses, NOT_SUPPORTED for what this
    engine cannot answer faithfully.
    """
    return repeated(node, scope, _translated)


def _translated(node: Any, scope: Scope) -> Typed:
    handler = _HANDLERS.get(type(node))
    if handler is None:
        raise not_supported(f"{where(node)}the form {type(node).__name__.upper()}")
    return handler(node, scope)


def _column(node: Any, scope: Scope) -> Typed:
    if isinstance(node.this, exp.Star):
        raise not_supported(f"{where(node)}a star inside an expression")
    return resolve([part.name for part in node.parts], scope, where(node))


def _lambda_name(node: Any, scope: Scope) -> Typed:
    return resolve([node.name], scope, where(node))


def _dot(node: Any, scope: Scope) -> Typed:
    return field_of(_holder(node.this, scope), node.expression.name, where(node))


def _bracket(node: Any, scope: Scope) -> Typed:
    parts = node.expressions
    if len(parts) != 1 or isinstance(parts[0], exp.Slice):
        raise SyntaxRefused("line 1:1: mismatched input ':'. Expecting: ']'")
    return subscript(_holder(node.this, scope), rewrite(parts[0], scope), where(node))


def _holder(node: Any, scope: Scope) -> Typed:
    value = rewrite(node, scope)
    if value.type.name != "row" or not isinstance(node, exp.Identifier):
        return value
    # Trino fails at a NULL row that a lambda looks into.
    return Typed(f"row_of_lambda({value.sql})", value.type)


def _paren(node: Any, scope: Scope) -> Typed:
    inner = rewrite(node.this, scope)
    return Typed(f"({inner.sql})", inner.type, inner.literal)


def _negative(node: Any, scope: Scope) -> Typed:
    number = node.this.this if isinstance(node.this, exp.Literal) else None
    if number in ("2147483648", "9223372036854775808"):
        kind = t.INTEGER if number == "2147483648" else t.BIGINT
        return Typed(f"CAST(-{number} AS {t.duck(kind)})", kind, f"-{number}")
    return negated(rewrite(node.this, scope), where(node))


def _arithmetic(word: str) -> Handler:
    def handler(node: Any, scope: Scope) -> Typed:
        left, right = rewrite(node.this, scope), rewrite(node.expression, scope)
        return arithmetic(word, left, right, scope, where(node))

    return handler


def _concat(node: Any, scope: Scope) -> Typed:
    parts = [rewrite(node.this, scope), rewrite(node.expression, scope)]
    return functions.call("concat", parts, scope, where(node))


def _case(node: Any, scope: Scope) -> Typed:
    operand, branches = node.args.get("this"), node.args["ifs"]
    if operand is None:
        tests = [condition(branch.this, scope).sql for branch in branches]
    else:
        values = [rewrite(part, scope) for part in (operand, *(branch.this for branch in branches))]
        (value, *others), _ = coerced(values, node, "CASE operands")
        if value.literal is None and value.sql in (other.sql for other in others):
            raise not_supported(f"{where(node)}CASE of a value that is compared with itself")
        tests = [predicates.equality(value, other, scope) for other in others]
    default = node.args.get("default")
    results = [rewrite(branch.args["true"], scope) for branch in branches]
    results.append(rewrite(default, scope) if default is not None else Typed("NULL", t.UNKNOWN))
    (*shared, last), kind = coerced(results, node, "All CASE results")
    whens = " ".join(f"WHEN {test} THEN {r.sql}" for test, r in zip(tests, shared, strict=True))
    return Typed(f"(CASE {whens} ELSE {last.sql} END)", kind)


def _if(node: Any, scope: Scope) -> Typed:
    test, other = condition(node.this, scope), node.args.get("false")
    results = [rewrite(node.args["true"], scope)]
    results.append(rewrite(other, scope) if other is not None else Typed("NULL", t.UNKNOWN))
    (yes, no), kind = coerced(results, node, "Result types for IF")
    return Typed(f"(CASE WHEN {test.sql} THEN {yes.sql} ELSE {no.sql} END)", kind)


def _cast(node: Any, scope: Scope) -> Typed:
    if node.meta.get("typed"):
        return typed_literal(node.this.name, node.to.sql("trino"), scope, where(node))
    target, inner = type_words.target(node), node.this
    if isinstance(node, exp.TryCast):
        return tried_cast(rewrite(inner, scope), target, scope, where(node))
    if target.parts and isinstance(inner, exp.Anonymous) and inner.name.lower() == "json_parse":
        # Trino makes one step of the two, which fails as the cast does.
        text = rewrite(inner, scope).sql.partition("(")[2][:-1]
        return casts.cast(Typed(text, t.JSON), target, scope.session, where(node))
    return casts.cast(rewrite(inner, scope), target, scope.session, where(node))


def _extract(node: Any, scope: Scope) -> Typed:
    name, value = node.name.lower(), rewrite(node.expression, scope)
    if name not in EXTRACTED:
        raise SyntaxRefused(f"{where(node)}Invalid EXTRACT field {name}")
    if value.type == t.DATE and name in ("hour", "minute", "second"):
        raise mismatch(node, f"Cannot extract {name.upper()} from date")
    try:
        return functions.call(name, [value], scope, where(node))
    except QueryFailed as error:
        if error.name == "FUNCTION_NOT_FOUND":
            raise mismatch(node, f"Cannot extract {name.upper()}") from error
        raise


def _at_time_zone(node: Any, scope: Scope) -> Typed:
    value, zone = rewrite(node.this, scope), rewrite(node.args["zone"], scope)
    return at_time_zone(value, zone, where(node))


def _array(node: Any, scope: Scope) -> Typed:
    values, kind = coerced([rewrite(e, scope) for e in node.expressions], node, "Array elements")
    items = ", ".join(value.sql for value in values)
    return Typed(f"CAST([{items}] AS {t.duck(t.array(kind))})", t.array(kind))


def _row(node: Any, scope: Scope) -> Typed:
    return functions.call("row", [rewrite(e, scope) for e in node.expressions], scope)


def _exists(node: Any, scope: Scope) -> Typed:
    return Typed(f"EXISTS ({scope.session.subquery(node.this, scope).sql})", t.BOOLEAN)


def _trim(node: Any, scope: Scope) -> Typed:
    name = {"LEADING": "ltrim", "TRAILING": "rtrim"}.get(str(node.args.get("position")), "trim")
    parts = [part for part in (node.this, node.args.get("expression")) if part is not None]
    return functions.call(name, [rewrite(part, scope) for part in parts], scope, where(node))


def _position(node: Any, scope: Scope) -> Typed:
    parts = [rewrite(node.this, scope), rewrite(node.args["substr"], scope)]
    return functions.call("strpos", parts, scope, where(node))


_UNITS = ("SECOND", "MINUTE", "HOUR", "DAY", "WEEK", "MONTH", "YEAR")


def _json_literal(node: Any, scope: Scope) -> Typed:
    found = functions.call("json_parse", [rewrite(node.this, scope)], scope)
    try:
        json_values.parse_text(str(node.this.name))
    except ValueError as error:
        text = f"{where(node)}'{node.this.name}' is not a valid JSON literal"
        raise QueryFailed("INVALID_LITERAL", text) from error
    return found


def _lambda(node: Any, _scope: Scope) -> Typed:
    raise mismatch(node, "Lambda expression should always be used inside a function")


_HANDLERS: dict[Any, Handler] = {
    exp.Lambda: _lambda,
    exp.ParseJSON: _json_literal,
    **constants.HANDLERS,
    **predicates.HANDLERS,
    exp.Column: _column,
    exp.Identifier: _lambda_name,
    exp.Dot: _dot,
    exp.Bracket: _bracket,
    exp.Paren: _paren,
    exp.Neg: _negative,
    exp.Add: _arithmetic("+"),
    exp.Sub: _arithmetic("-"),
    exp.Mul: _arithmetic("*"),
    exp.Div: _arithmetic("/"),
    exp.Mod: _arithmetic("%"),
    exp.DPipe: _concat,
    exp.Case: _case,
    exp.If: _if,
    exp.Cast: _cast,
    exp.TryCast: _cast,
    exp.Extract: _extract,
    exp.AtTimeZone: _at_time_zone,
    exp.Array: _array,
    exp.Tuple: _row,
    exp.Subquery: subqueries.scalar,
    exp.Select: subqueries.scalar,
    exp.Exists: _exists,
    exp.Trim: _trim,
    exp.StrPosition: _position,
    exp.Anonymous: calls.rewrite_call,
    exp.Window: calls.rewrite_call,
    exp.Filter: calls.rewrite_call,
    exp.WithinGroup: calls.rewrite_call,
    exp.IgnoreNulls: calls.rewrite_call,
    exp.RespectNulls: calls.rewrite_call,
}
