"""What INSERT makes of a value whose type is not its column's."""

from typing import Literal

from localaws.athena.common_types import assignable
from localaws.athena.trino_types import INTEGERS, NUMBERS, Type

Insertion = Literal["assigned", "narrowed", "mismatched"]


def insertion(source: Type, target: Type) -> Insertion:
    """Tell whether INSERT assigns a type, casts it as Trino does but this engine not, or refuses.

    Trino casts any number to any other and times to dates; what may lose digits is left to it,
    but for decimals, which both round alike.
    """
    if assignable(source, target):
        return "assigned"
    if target.name == "decimal" and source.name in (*INTEGERS, "decimal"):
        return "assigned"
    if source.name == target.name and len(source.parts) == len(target.parts) > 0:
        pairs = zip(source.parts, target.parts, strict=True)
        kinds = [insertion(one, other) for one, other in pairs]
        return "mismatched" if "mismatched" in kinds else "narrowed"
    return "narrowed" if _cast_by_trino(source, target) else "mismatched"


def _cast_by_trino(source: Type, target: Type) -> bool:
    if source.name in NUMBERS:
        return target.name in NUMBERS
    for family in (("varchar", "char"), ("date", "timestamp", "timestamp with time zone")):
        if source.name in family:
            return target.name in family
    return False
