"""What Trino lets meet what: the type that several become, and what INSERT may put where."""

from dataclasses import replace

from localaws.athena.trino_types import (
    DIGITS,
    INTEGERS,
    MANY_ZONES,
    MOMENTS,
    NUMBERS,
    UNKNOWN,
    VARCHAR,
    Type,
    as_decimal,
    decimal,
    varchar,
)


def unify(kinds: list[Type]) -> Type | None:
    """Return the type all of `kinds` become in CASE, IN, UNION or an array; None if none fits."""
    found = UNKNOWN
    for kind in kinds:
        pair = _pair(found, kind)
        if pair is None:
            return None
        found = pair
    return found


def assignable(source: Type, target: Type) -> bool:
    """Tell whether INSERT may put `source` into a column of `target`."""
    if source.name == target.name == "varchar":
        return True
    if source.name == target.name == "row":
        pairs = list(zip(source.parts, target.parts, strict=False))
        return len(source.parts) == len(target.parts) and all(assignable(a, b) for a, b in pairs)
    if source.name == target.name and source.parts:
        return all(assignable(a, b) for a, b in zip(source.parts, target.parts, strict=True))
    return unify([source, target]) == target


def _pair(one: Type, two: Type) -> Type | None:
    if one == two or two == UNKNOWN:
        return one
    if one == UNKNOWN:
        return two
    if one.name in NUMBERS and two.name in NUMBERS:
        return _number_pair(one, two)
    if one.name != two.name and {one.name, two.name} <= set(MOMENTS):
        return _moment_pair(one, two)
    if one.name != two.name:
        return None
    return _same_name_pair(one, two)


def _moment_pair(one: Type, two: Type) -> Type:
    coarse, fine = sorted((one, two), key=lambda kind: MOMENTS.index(kind.name))
    if fine.name == "timestamp":
        return fine
    # A moment without a zone is one in UTC.
    names = fine.names if fine.names in ((), ("UTC",)) else MANY_ZONES
    return replace(fine, numbers=max(fine.numbers, coarse.numbers), names=names)


def _number_pair(one: Type, two: Type) -> Type:
    for floating in ("double", "real"):
        if floating in (one.name, two.name):
            return Type(floating)
    if one.name in INTEGERS and two.name in INTEGERS:
        return max(one, two, key=lambda kind: DIGITS[kind.name])
    (p, s), (q, r) = as_decimal(one).numbers, as_decimal(two).numbers
    return decimal(max(p - s, q - r) + max(s, r), max(s, r))


def _same_name_pair(one: Type, two: Type) -> Type | None:
    if one.name == "varchar":
        bounded = bool(one.numbers and two.numbers)
        return varchar(max(one.numbers[0], two.numbers[0])) if bounded else VARCHAR
    if one.name == "timestamp":
        return max(one, two, key=lambda kind: kind.numbers)
    if one.name == "timestamp with time zone":
        names = one.names if one.names == two.names else MANY_ZONES
        return replace(one, numbers=max(one.numbers, two.numbers), names=names)
    if not one.parts or len(one.parts) != len(two.parts):
        return None
    parts = [_pair(a, b) for a, b in zip(one.parts, two.parts, strict=True)]
    if any(part is None for part in parts):
        return None
    names = tuple(a if a == b else "" for a, b in zip(one.names, two.names, strict=True))
    return replace(one, parts=tuple(part for part in parts if part), names=names)
