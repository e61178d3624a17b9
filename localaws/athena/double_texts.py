"""A double or real -> the text a CAST to varchar gives it in Trino."""

import struct
from decimal import ROUND_HALF_EVEN, Context, Decimal


def double_text(value: float) -> str:
    """Return a double in scientific notation, with as few digits as tell it from others."""
    return _scientific(value, Decimal(repr(value)) if _is_finite(value) else None)


def real_text(value: float) -> str:
    """Return a real in scientific notation, rounded to seven digits."""
    exact = Context(prec=7, rounding=ROUND_HALF_EVEN)
    single = struct.unpack("f", struct.pack("f", value))[0] if _is_finite(value) else value
    return _scientific(value, exact.create_decimal(single) if _is_finite(value) else None)


def _is_finite(value: float) -> bool:
    return value - value == 0


def _scientific(value: float, exact: Decimal | None) -> str:
    if exact is None:
        return "NaN" if value != value else "Infinity" if value > 0 else "-Infinity"
    sign, digits, exponent = exact.as_tuple()
    minus = "-" if sign else ""
    if not exact:
        return f"{minus}0E0"
    shown = "".join(map(str, digits)).rstrip("0")
    power = len(digits) + int(exponent) - 1
    return f"{minus}{shown[0]}.{shown[1:] or '0'}E{power}"
