"""`+ - * / %` of two typed values, by Trino's rules: exact types stay exact, 1/0 is an error."""

from decimal import ROUND_HALF_UP, Context, Decimal

from localaws.athena import casts, moment_arithmetic
from localaws.athena import trino_types as t
from localaws.athena.common_types import unify
from localaws.athena.failures import QueryFailed, marked, not_supported
from localaws.athena.python_functions import PythonFunction
from localaws.athena.scopes import Scope, Session, Typed
from localaws.athena.trino_types import Type

_EXACT = Context(prec=120)


def arithmetic(word: str, left: Typed, right: Typed, scope: Scope, where: str) -> Typed:
    """Return `left word right`; raise QueryFailed TYPE_MISMATCH where Trino has no operator."""
    untyped = t.UNKNOWN in (left.type, right.type)
    if moment_arithmetic.concerns(left.type, right.type):
        if untyped:
            raise not_supported(f"{where}a NULL of no type beside a date or an interval")
        return moment_arithmetic.calculate(word, left, right, scope.session, where)
    shared = unify([left.type, right.type])
    # An interval may be multiplied by either, and divided by a double.
    either = untyped and (
        (word == "*" and shared in (t.BIGINT, t.DOUBLE))
        or (word == "/" and left.type == t.UNKNOWN and shared == t.DOUBLE)
    )
    if shared == t.UNKNOWN or either:
        text = f"{where}Could not choose a best candidate operator"
        raise QueryFailed("AMBIGUOUS_FUNCTION_CALL", text)
    if shared is None or shared.name not in t.NUMBERS:
        kinds = f"{t.trino(left.type)} {word} {t.trino(right.type)}"
        raise QueryFailed("TYPE_MISMATCH", f"{where}Cannot apply operator: {kinds}")
    if shared.name == "decimal":
        return _decimals(word, left, right, scope.session)
    one, two = (casts.carried(value, shared) for value in (left, right))
    if shared.name in t.INTEGERS and word in "/%":
        name = "integer_divide" if word == "/" else "integer_modulo"
        return Typed(f"{name}({one.sql}, {two.sql})", shared)
    return Typed(f"CAST({one.sql} {word} {two.sql} AS {t.duck(shared)})", shared)


def negated(value: Typed, where: str) -> Typed:
    """Return `-value`."""
    if value.type == t.UNKNOWN:
        text = f"{where}Could not choose a best candidate operator"
        raise QueryFailed("AMBIGUOUS_FUNCTION_CALL", text)
    if value.type.name not in t.NUMBERS and value.type not in moment_arithmetic.INTERVALS:
        kind = t.trino(value.type)
        raise QueryFailed("TYPE_MISMATCH", f"{where}Cannot negate {kind}")
    literal = f"-{value.literal}" if value.literal and not value.literal.startswith("-") else None
    return Typed(f"(-{value.sql})", value.type, literal)


def decimal_quotient(left: Typed, right: Typed, kind: Type, session: Session) -> Typed:
    """Return left / right rounded half up to `kind`, computed exactly."""
    name = f"decimal_divide_{'_'.join(map(str, kind.numbers))}"
    exponent = Decimal(1).scaleb(-kind.numbers[1])

    def divide(one: Decimal, two: Decimal) -> Decimal:
        if not two:
            raise ZeroDivisionError(marked("DIVISION_BY_ZERO", "Division by zero"))
        return _EXACT.divide(one, two).quantize(exponent, ROUND_HALF_UP, _EXACT)

    wide = [Type("decimal", (38, value.type.numbers[1])) for value in (left, right)]
    session.functions[f"{name}_{wide[0].numbers[1]}_{wide[1].numbers[1]}"] = PythonFunction(
        divide, [t.duck(part) for part in wide], t.duck(kind)
    )
    call = f"{name}_{wide[0].numbers[1]}_{wide[1].numbers[1]}"
    return Typed(f"{call}({left.sql}, {right.sql})", kind)


def _decimals(word: str, left: Typed, right: Typed, session: Session) -> Typed:
    kinds = [t.decimal(1, 0) if v.type == t.UNKNOWN else v.type for v in (left, right)]
    pair = zip((left, right), kinds, strict=True)
    one, two = (casts.carried(value, t.as_decimal(kind)) for value, kind in pair)
    (p, s), (q, r) = one.type.numbers, two.type.numbers
    if word == "/":
        return decimal_quotient(one, two, t.decimal(p + r + max(r - s, 0), max(s, r)), session)
    if word == "*":
        kind = Type("decimal", (min(38, p + q), s + r))
        widened = casts.carried(one, Type("decimal", (min(38, p + q), s)))
        return Typed(f"CAST({widened.sql} * {two.sql} AS {t.duck(kind)})", kind)
    if word == "%":
        kind = t.decimal(min(p - s, q - r) + max(s, r), max(s, r))
        return Typed(f"CAST(integer_modulo({one.sql}, {two.sql}) AS {t.duck(kind)})", kind)
    kind = t.decimal(max(p - s, q - r) + max(s, r) + 1, max(s, r))
    one = casts.carried(one, Type("decimal", (kind.numbers[0], s)))
    return Typed(f"CAST({one.sql} {word} {two.sql} AS {t.duck(kind)})", kind)
