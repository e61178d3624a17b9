"""The Condition of a policy statement -> whether one request meets it.

Every operator and key must hold. Of several policy values one must fit, for a negated operator
none. A key the request lacks meets a negated operator, `…IfExists` and `ForAllValues`, no other.
An operator IAM does not have makes a Deny match and an Allow not.
"""

import ipaddress
import operator
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import Any

from localaws.iam.variables import Lookup, Text, resolved

Fits = Callable[[str, Text], bool]


def met(conditions: dict[str, Any], lookup: Lookup, *, unknown: bool) -> bool:
    """Tell whether all hold; raise Unresolved for a variable without value.

    `unknown` is the answer for an operator IAM does not have.
    """
    return all(
        _holds(word, lookup(key), [resolved(str(one), lookup) for one in _listed(given)], unknown)
        for word, block in conditions.items()
        for key, given in block.items()
    )


def _holds(word: str, actual: object, expected: list[Text], unknown: bool) -> bool:  # noqa: FBT001
    name = word.lower()
    if name == "null":
        return (actual is None) == (expected[0].plain.lower() == "true")
    quantity, _, name = name.rpartition(":")
    base = name.removesuffix("ifexists")
    negated = base in _NEGATED
    fits = _FITS.get(_NEGATED.get(base, base))
    if fits is None:
        return unknown
    if actual is None:
        absent_passes = base != name or quantity == "forallvalues" or negated
        return absent_passes and (quantity != "foranyvalue" or base != name)
    values = [str(one) for one in _listed(actual)]
    return _quantified(quantity, negated)(
        any(fits(value, one) for one in expected) != negated for value in values
    )


def _quantified(quantity: str, negated: bool) -> Callable[[Iterable[bool]], bool]:  # noqa: FBT001
    if quantity == "forallvalues":
        return all
    if quantity == "foranyvalue":
        return any
    return all if negated else any


def _listed(given: object) -> list[Any]:
    if isinstance(given, bool):
        return [str(given).lower()]
    return list(given) if isinstance(given, list | tuple) else [given]


def _arn_fits(value: str, expected: Text) -> bool:
    """Tell whether an ARN fits part by part: a wildcard of one part reaches no other."""
    parts, patterns = value.split(":", 5), expected.pattern.split(":", 5)
    return len(parts) == len(patterns) and all(
        Text("", pattern).matches(part) for part, pattern in zip(parts, patterns, strict=True)
    )


def _number(compare: Callable[[float, float], bool]) -> Fits:
    def fits(value: str, expected: Text) -> bool:
        try:
            return compare(float(value), float(expected.plain))
        except ValueError:
            return False

    return fits


def _date(compare: Callable[[datetime, datetime], bool]) -> Fits:
    def fits(value: str, expected: Text) -> bool:
        left, right = _moment(value), _moment(expected.plain)
        return left is not None and right is not None and compare(left, right)

    return fits


def _moment(text: str) -> datetime | None:
    try:
        return datetime.fromtimestamp(float(text), UTC)
    except ValueError:
        pass
    try:
        found = datetime.fromisoformat(text.replace("Z", "+00:00"))
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _within(value: str, expected: Text) -> bool:
    try:
        network = ipaddress.ip_network(expected.plain, strict=False)
        return ipaddress.ip_address(value) in network
    except ValueError:
        return False


_COMPARISONS = {
    "equals": operator.eq,
    "lessthan": operator.lt,
    "lessthanequals": operator.le,
    "greaterthan": operator.gt,
    "greaterthanequals": operator.ge,
}
_FITS: dict[str, Fits] = {
    "stringequals": lambda value, one: one.equals(value),
    "stringequalsignorecase": lambda value, one: one.equals(value, ignore_case=True),
    "stringlike": lambda value, one: one.matches(value),
    "bool": lambda value, one: one.equals(value, ignore_case=True),
    "binaryequals": lambda value, one: one.equals(value),
    "ipaddress": _within,
    "arnequals": _arn_fits,
    "arnlike": _arn_fits,
    **{f"numeric{word}": _number(compare) for word, compare in _COMPARISONS.items()},
    **{f"date{word}": _date(compare) for word, compare in _COMPARISONS.items()},
}
_NEGATED = {
    "stringnotequals": "stringequals",
    "stringnotequalsignorecase": "stringequalsignorecase",
    "stringnotlike": "stringlike",
    "numericnotequals": "numericequals",
    "datenotequals": "dateequals",
    "notipaddress": "ipaddress",
    "arnnotequals": "arnequals",
    "arnnotlike": "arnlike",
}
