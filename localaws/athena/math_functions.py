"""Trino's functions of numbers and bits. Rows of functions.py's table.

DuckDB makes NULL of a NaN that Python gives, so a template guards each function that might.
"""

import math
import re

from localaws.athena.failures import invalid_argument
from localaws.athena.rows import Row

_NAN = "CAST('NaN' AS DOUBLE)"
_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"


def _width_bucket(operand: float, low: float, high: float, number: int) -> int:
    for name, value in (("operand", operand), ("first bound", low), ("second bound", high)):
        if value != value:
            raise invalid_argument(f"{name} must not be NaN")
    if number <= 0:
        raise invalid_argument("bucketCount must be greater than 0")
    if math.isinf(low) or math.isinf(high):
        raise invalid_argument("bounds must be finite")
    if low == high:
        raise invalid_argument("bounds cannot equal each other")
    least, most = min(low, high), max(low, high)
    if operand < least:
        found = 0
    elif operand >= most:
        found = number + 1
    else:
        found = int(number * (operand - least) / (most - least) + 1)
    return number - found + 1 if low > high else found


def _bucket_of(operand: float, bins: list[float | None]) -> int:
    if not bins:
        raise invalid_argument("Bins cannot be an empty array")
    if operand != operand:
        raise invalid_argument("Operand cannot be NaN")
    if any(bound is None or not math.isfinite(bound) for bound in bins):
        raise invalid_argument("Bin value must be finite")
    known = [bound for bound in bins if bound is not None]
    if known != sorted(known) or len(set(known)) != len(known):
        raise invalid_argument("Bin values are not sorted in ascending order")
    return sum(operand >= bound for bound in known)


def _bit_count(value: int, bits: int) -> int:
    if not 2 <= bits <= 64:
        raise invalid_argument(f"Bits specified in bit_count must be between 2 and 64, got {bits}")
    if not -(1 << (bits - 1)) <= value < 1 << (bits - 1):
        text = f"{value} cannot be represented with {bits} bits"
        raise invalid_argument(f"Number must be representable with the bits specified. {text}")
    return (value & ((1 << bits) - 1)).bit_count()


def _shifted(word: str, bits: int) -> Row:
    kind = {8: "tinyint", 16: "smallint", 32: "integer", 64: "bigint"}[bits]
    mask = (1 << bits) - 1

    def shift(value: int, by: int) -> int:
        if by < 0 or by >= bits:
            return -1 if word == "arithmetic" and value < 0 and by >= 0 else 0
        if word == "arithmetic":
            return value >> by
        found = (value & mask) << by if word == "left" else (value & mask) >> by
        found &= mask
        return found - (1 << bits) if found >> (bits - 1) else found

    return (f"{kind} whole", shift, kind)


def _to_base(value: int, radix: int) -> str:
    _check_radix(radix)
    rest, found = abs(value), ""
    while rest:
        rest, digit = divmod(rest, radix)
        found = _DIGITS[digit] + found
    return ("-" if value < 0 else "") + (found or "0")


def _from_base(text: str, radix: int) -> int:
    _check_radix(radix)
    try:
        if not re.fullmatch("[+-]?[0-9A-Za-z]+", text):
            raise ValueError(text)
        found = int(text, radix)
        if not -(2**63) <= found < 2**63:
            raise ValueError(text)
    except ValueError as error:
        raise invalid_argument(f"Not a valid base-{radix} number: {text}") from error
    return found


def _check_radix(radix: int) -> None:
    if not 2 <= radix <= 36:
        raise invalid_argument("Radix must be between 2 and 36")


def _bits(template: str, number: int) -> list[Row]:
    return [(" ".join(["whole"] * number), template, "bigint")]


_SHIFTS = {
    name: [_shifted(word, bits) for bits in (8, 16, 32, 64)]
    for name, word in {
        "bitwise_left_shift": "left",
        "bitwise_right_shift": "right",
        "bitwise_right_shift_arithmetic": "arithmetic",
    }.items()
}
_WITHIN = f"(CASE WHEN abs({{0}}) > 1 THEN {_NAN} ELSE %s({{0}}) END)"
ROWS: dict[str, list[Row]] = {
    **_SHIFTS,
    "acos": [("double", _WITHIN % "acos", "double")],
    "asin": [("double", _WITHIN % "asin", "double")],
    "atan2": [("double double", "atan2({0}, {1})", "double")],
    "bit_count": [("whole whole", _bit_count, "bigint")],
    "bitwise_and": _bits("({0} & {1})", 2),
    "bitwise_not": _bits("(~{0})", 1),
    "bitwise_or": _bits("({0} | {1})", 2),
    "bitwise_xor": _bits("xor({0}, {1})", 2),
    "from_base": [("text whole", _from_base, "bigint")],
    "log": [("double double", "(natural_log({1}) / natural_log({0}))", "double")],
    "to_base": [("whole whole", _to_base, "varchar(64)")],
    "width_bucket": [
        ("double double double whole", _width_bucket, "bigint"),
        ("double doubles", _bucket_of, "bigint"),
    ],
}
