"""What readers demand of a table -> the test whether a row group of Parquet can have such rows.

Over `parquet_metadata`, grouped by file and row group. Comparisons of one column with a value are
held against the bounds of its chunk; what is not plainly that, or has no bounds, keeps the group.
"""

import re

from localaws.athena.plans import Condition
from localaws.athena.tables import Columns
from localaws.athena.trino_types import duck, text

EVERY = "TRUE"
_BOUNDED = frozenset(
    ("tinyint", "smallint", "integer", "bigint", "decimal", "date", "timestamp", "varchar")
)
_NAME = r'"(?:[^"]|"")+"\."(?:[^"]|"")+"'
_WORDS = r"(=|<=|>=|<|>)"
_COLUMN_FIRST = re.compile(rf"\({_NAME} {_WORDS} (.+)\)", re.S)
_COLUMN_LAST = re.compile(rf"\((.+) {_WORDS} {_NAME}\)", re.S)
_BETWEEN = re.compile(rf"\({_NAME} BETWEEN (.+) AND (.+)\)", re.S)
_TURNED = {"=": "=", "<": ">", "<=": ">=", ">": "<", ">=": "<="}


def kept(columns: Columns, wanted: list[list[Condition]]) -> str:
    """Return the aggregate that is true for the row groups one of the readers may find rows in."""
    kinds = {name: duck(kind) for name, kind in columns if kind.name in _BOUNDED}
    readers = [[_possible(condition, kinds) for condition in each] for each in wanted]
    demands = [" AND ".join(filter(None, each)) for each in readers]
    return " OR ".join(f"({demand})" for demand in demands) if all(demands) else EVERY


def _possible(condition: Condition, kinds: dict[str, str]) -> str:
    if len(condition.names) != 1:
        return ""
    name = next(iter(condition.names.values()))
    limits = [(word, value) for word, value in _limits(condition.sql) if _is_value(value)]
    if name not in kinds or not limits:
        return ""
    low, high = (f"TRY_CAST(stats_{end}_value AS {kinds[name]})" for end in ("min", "max"))
    tests = " AND ".join(_meets(word, value, low, high) for word, value in limits)
    return f"bool_and(lower(path_in_schema) <> {text(name)} OR coalesce({tests}, TRUE))"


def _limits(sql: str) -> list[tuple[str, str]]:
    if match := _BETWEEN.fullmatch(sql):
        return [(">=", match[1]), ("<=", match[2])] if sql.count(" AND ") == 1 else []
    if match := _COLUMN_FIRST.fullmatch(sql):
        return [(match[1], match[2])]
    if match := _COLUMN_LAST.fullmatch(sql):
        return [(_TURNED[match[2]], match[1])]
    return []


def _is_value(sql: str) -> bool:
    # A text of several comparisons, of another column or of a query is none.
    outside = re.sub(r"'(?:[^']|'')*'", "''", sql)
    return not re.search(r'"|\b(?:AND|OR|NOT|SELECT|IS|IN)\b|[<>=]', outside)


def _meets(word: str, value: str, low: str, high: str) -> str:
    match word:
        case "=":
            return f"{low} <= {value} AND {high} >= {value}"
        case "<" | "<=":
            return f"{low} {word} {value}"
    return f"{high} {word} {value}"
