"""Type texts of Hive, Trino and DuckDB <-> one Type.

A Type keeps what DuckDB forgets: the length of a varchar, the digits of a timestamp, json.
"""

import re
from dataclasses import dataclass, replace

from localaws.athena.failures import QueryFailed

UNBOUNDED = 2147483647


@dataclass(frozen=True, slots=True)
class Type:
    """A Trino type: `numbers` are (precision, scale), a length or digits; `parts` are inner types.

    `names` are a row's field names, "" for an unnamed field; of a timestamp with time zone the zone
    its values are in, nothing for UTC.
    """

    name: str
    numbers: tuple[int, ...] = ()
    parts: tuple["Type", ...] = ()
    names: tuple[str, ...] = ()


BOOLEAN, TINYINT, SMALLINT = Type("boolean"), Type("tinyint"), Type("smallint")
INTEGER, BIGINT, REAL, DOUBLE = Type("integer"), Type("bigint"), Type("real"), Type("double")
VARCHAR, VARBINARY, DATE, JSON = Type("varchar"), Type("varbinary"), Type("date"), Type("json")
TIMESTAMP, UNKNOWN = Type("timestamp", (3,)), Type("unknown")
ZONED = Type("timestamp with time zone", (3,))
MANY_ZONES = ("?",)
INTERVAL_DAY, INTERVAL_YEAR = Type("interval day to second"), Type("interval year to month")
INTEGERS = ("tinyint", "smallint", "integer", "bigint")
MOMENTS = ("date", "timestamp", "timestamp with time zone")
NUMBERS = (*INTEGERS, "decimal", "real", "double")
DIGITS = {"tinyint": 3, "smallint": 5, "integer": 10, "bigint": 19}
BITS = {"tinyint": 8, "smallint": 16, "integer": 32, "bigint": 64}


def decimal(precision: int, scale: int) -> Type:
    """Return a decimal type, its precision capped at 38 digits as Trino does."""
    return Type("decimal", (min(38, max(1, precision)), scale))


def varchar(length: int) -> Type:
    """Return the varchar of a length."""
    return Type("varchar", (length,))


def array(element: Type) -> Type:
    """Return the array of an element type."""
    return Type("array", parts=(element,))


def parse(text: str) -> Type:
    """Return the type a Hive, Trino or DuckDB text names; raise QueryFailed on any other text."""
    words = re.findall(r'"(?:[^"]|"")*"|`[^`]*`|[A-Za-z_$][\w$]*|\d+|[<>(),:\[\]]', text)
    found, rest = _type(words, 0)
    if rest != len(words):
        raise QueryFailed("TYPE_NOT_FOUND", f"Unknown type: {text}")
    return found


def trino(kind: Type) -> str:
    """Return the Trino text, as views and information_schema hold it."""
    if kind.name == "row":
        fields = zip(kind.names, kind.parts, strict=True)
        return "row(" + ", ".join(f"{_word(n)} {trino(p)}".strip() for n, p in fields) + ")"
    if kind.parts:
        return f"{kind.name}({', '.join(trino(part) for part in kind.parts)})"
    if kind.name == "timestamp with time zone":
        return f"timestamp({kind.numbers[0]}) with time zone"
    return kind.name + (f"({','.join(map(str, kind.numbers))})" if kind.numbers else "")


def hive(kind: Type) -> str:
    """Return the Hive text that Glue holds; raise QueryFailed for a type Hive cannot store."""
    match kind.name:
        case "array" | "map":
            return f"{kind.name}<{','.join(hive(part) for part in kind.parts)}>"
        case "row":
            if "" in kind.names:
                text = "Anonymous row type is not supported in Hive. Please give each field a name"
                raise QueryFailed("NOT_SUPPORTED", f"{text}: {trino(kind)}")
            fields = zip(kind.names, kind.parts, strict=True)
            return "struct<" + ",".join(f"{name}:{hive(part)}" for name, part in fields) + ">"
        case "varchar" | "char" | "decimal" if kind.numbers:
            return f"{kind.name}({','.join(map(str, kind.numbers))})"
    if kind.name not in _HIVE:
        raise QueryFailed("NOT_SUPPORTED", f"Unsupported Hive type: {trino(kind)}")
    return _HIVE[kind.name]


def duck(kind: Type) -> str:
    """Return the DuckDB text of the type that carries this one."""
    match kind.name:
        case "array":
            return duck(kind.parts[0]) + "[]"
        case "map":
            return f"MAP({duck(kind.parts[0])}, {duck(kind.parts[1])})"
        case "row":
            fields = zip(kind.names, kind.parts, strict=True)
            named = (f"{quote(n or f'field{i}')} {duck(p)}" for i, (n, p) in enumerate(fields))
            return f"STRUCT({', '.join(named)})"
        case "decimal":
            return f"DECIMAL({kind.numbers[0]},{kind.numbers[1]})"
    return _DUCK.get(kind.name, kind.name.upper())


def as_decimal(kind: Type) -> Type:
    """Return the decimal that holds every value of an exact number type."""
    return kind if kind.name == "decimal" else decimal(DIGITS[kind.name], 0)


def quote(name: str) -> str:
    """Return a DuckDB identifier."""
    return '"' + name.replace('"', '""') + '"'


def text(value: str) -> str:
    """Return a DuckDB text literal."""
    return "'" + value.replace("'", "''") + "'"


def _type(words: list[str], at: int) -> tuple[Type, int]:
    if at >= len(words):
        raise QueryFailed("TYPE_NOT_FOUND", f"Unknown type: {''.join(words)}")
    name, at = words[at].lower().strip('"'), at + 1
    name = _WORDS.get(name, name)
    found, at = _inner(name, words, at)
    if words[at : at + 1] and words[at].lower() in ("with", "without"):
        found = replace(ZONED, numbers=found.numbers) if words[at].lower() == "with" else found
        at += 3
    while words[at : at + 2] == ["[", "]"]:
        found, at = array(found), at + 2
    return found, at


def _inner(name: str, words: list[str], at: int) -> tuple[Type, int]:
    if name not in _KNOWN:
        raise QueryFailed("TYPE_NOT_FOUND", f"Unknown type: {name}")
    if words[at : at + 1] not in (["("], ["<"]):
        return Type(name, _DEFAULTS.get(name, ())), at
    if name in ("array", "map"):
        return _parts(name, words, at)
    if name == "row":
        return _row(words, at)
    close = words.index(")", at)
    numbers = tuple(int(word) for word in words[at + 1 : close] if word.isdigit())
    return Type(
        name, (*numbers, 0) if name == "decimal" and len(numbers) == 1 else numbers
    ), close + 1


def _parts(name: str, words: list[str], at: int) -> tuple[Type, int]:
    parts: list[Type] = []
    while words[at] not in (")", ">"):
        part, at = _type(words, at + 1)
        parts.append(part)
    return Type(name, parts=tuple(parts)), at + 1


def _row(words: list[str], at: int) -> tuple[Type, int]:
    parts: list[Type] = []
    names: list[str] = []
    while words[at] not in (")", ">"):
        named = words[at + 2] not in (",", ")", ">", "(", "<", "[")
        names.append(words[at + 1].strip('"`').lower() if named else "")
        at += 1 + named + (words[at + 2] == ":")
        part, at = _type(words, at)
        parts.append(part)
    return Type("row", parts=tuple(parts), names=tuple(names)), at + 1


def _word(name: str) -> str:
    return name if re.fullmatch(r"[a-z_][a-z0-9_]*|", name) else quote(name)


_WORDS = {
    "int": "integer",
    "string": "varchar",
    "text": "varchar",
    "float": "real",
    "binary": "varbinary",
    "blob": "varbinary",
    "bool": "boolean",
    "struct": "row",
    "null": "unknown",
    "hugeint": "bigint",
    "ubigint": "bigint",
    "timestamp_s": "timestamp",
    "timestamp_ms": "timestamp",
    "timestamp_ns": "timestamp",
    "timestamptz": "timestamp with time zone",
}
_DEFAULTS = {
    "char": (1,),
    "decimal": (38, 0),
    "timestamp": (3,),
    "timestamp with time zone": (3,),
}
_HIVE = {
    **{name: name for name in ("boolean", "tinyint", "smallint", "bigint", "double", "date")},
    "integer": "int",
    "real": "float",
    "varchar": "string",
    "varbinary": "binary",
    "timestamp": "timestamp",
}
_DUCK = {
    "real": "FLOAT",
    "varbinary": "BLOB",
    "json": "VARCHAR",
    "unknown": "INTEGER",
    "char": "VARCHAR",
    "timestamp with time zone": "TIMESTAMPTZ",
    "interval day to second": "BIGINT",
    "interval year to month": "BIGINT",
}
_KNOWN = {
    *_HIVE,
    *_DUCK,
    *("array", "map", "row", "decimal", "char", "time", "json", "unknown", "uuid"),
}
