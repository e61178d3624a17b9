"""A GetPartitions expression -> the partitions it selects, typed by the table's partition keys.

Glue's subset of SQL: comparisons, IN, BETWEEN, LIKE, IS NULL, AND, OR, NOT, parentheses. Ignoring
an expression is destructive (dbt-athena deletes the objects of every partition returned), so what
does not parse is refused. A NULL partition answers no comparison.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from localaws.errors import ApiError

NULL_PARTITION = "__HIVE_DEFAULT_PARTITION__"

Row = Mapping[str, Any]
Truth = bool | None
Test = Callable[[Row], Truth]

_TOKEN = re.compile(
    r"""\s*(?:(?P<text>'(?:[^']|'')*')|(?P<number>-?\d+(?:\.\d+)?)
    |(?P<name>[A-Za-z_]\w*|`[^`]+`|"[^"]+")|(?P<sign><>|!=|<=|>=|=|<|>|\(|\)|,))""",
    re.VERBOSE,
)
_COMPARISONS: dict[str, Callable[[Any, Any], bool]] = {
    "=": lambda a, b: a == b,
    "!=": lambda a, b: a != b,
    "<>": lambda a, b: a != b,
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
}
_NUMBERS = ("tinyint", "smallint", "int", "bigint", "long", "decimal", "float", "double")


def select(
    expression: str, keys: Sequence[tuple[str, str]], rows: Sequence[Sequence[str]]
) -> list[int]:
    """Return the positions of the rows (partition values) for which `expression` is true.

    `keys` are (name, Glue type) in order. Raise ApiError InvalidInputException on anything Glue's
    grammar or the key's type does not allow.
    """
    types = {name.lower(): kind.lower() for name, kind in keys}
    test = _Parser(expression, types).parse()
    return [position for position, values in enumerate(rows) if test(_row(types, values)) is True]


def typed(value: str, kind: str) -> Any:
    """Return a partition value as its key's type compares; None for Hive's NULL partition."""
    if value == NULL_PARTITION:
        return None
    try:
        if kind.startswith(_NUMBERS):
            return Decimal(value)
        if kind == "date":
            return date.fromisoformat(value)
        if kind == "timestamp":
            return datetime.fromisoformat(value)
    except (ValueError, InvalidOperation) as error:
        raise _invalid(f"{value!r} is no {kind}") from error
    return value


def _row(types: Mapping[str, str], values: Sequence[str]) -> Row:
    return {
        name: typed(value, kind) for (name, kind), value in zip(types.items(), values, strict=True)
    }


class _Parser:
    def __init__(self, expression: str, types: Mapping[str, str]) -> None:
        self._expression = expression
        self._types = types
        self._tokens = _tokens(expression)
        self._position = 0

    def parse(self) -> Test:
        test = self._either()
        if self._peek():
            raise _invalid(f"unexpected {self._peek()!r} in {self._expression!r}")
        return test

    def _either(self) -> Test:
        tests = [self._both()]
        while self._take_word("or"):
            tests.append(self._both())
        return lambda row: _any([test(row) for test in tests])

    def _both(self) -> Test:
        tests = [self._negated()]
        while self._take_word("and"):
            tests.append(self._negated())
        return lambda row: _negate(_any([_negate(test(row)) for test in tests]))

    def _negated(self) -> Test:
        if self._take_word("not"):
            inner = self._negated()
            return lambda row: _negate(inner(row))
        if self._peek() == "(":
            self._take()
            inner = self._either()
            self._expect(")")
            return inner
        return self._comparison()

    def _comparison(self) -> Test:
        key = self._key()
        if self._take_word("is"):
            wanted = not self._take_word("not")
            self._expect("null")
            return lambda row: (row[key] is None) is wanted
        if self._take_word("not"):
            inner = self._membership(key)
            return lambda row: _negate(inner(row))
        if self._peek().lower() in ("in", "between", "like"):
            return self._membership(key)
        sign = self._take()
        if sign not in _COMPARISONS:
            raise _invalid(f"{sign!r} is no comparison in {self._expression!r}")
        compare, literal = _COMPARISONS[sign], self._literal(key)
        if literal is None and sign == "=":  # so Trino asks for the partitions of NULL
            return lambda row: row[key] is None
        return lambda row: None if row[key] is None else compare(row[key], literal)

    def _membership(self, key: str) -> Test:
        word = self._take().lower()
        if word == "between":
            low = self._literal(key)
            self._expect("and")
            high = self._literal(key)
            return lambda row: None if row[key] is None else low <= row[key] <= high
        if word == "like":
            pattern = _like(_unquoted(self._take()))
            return lambda row: None if row[key] is None else bool(pattern.fullmatch(str(row[key])))
        if word != "in":
            raise _invalid(f"{word!r} after NOT in {self._expression!r}")
        self._expect("(")
        members = [self._literal(key)]
        while self._peek() == ",":
            self._take()
            members.append(self._literal(key))
        self._expect(")")
        if None in members:
            return lambda row: row[key] in members
        return lambda row: None if row[key] is None else row[key] in members

    def _key(self) -> str:
        name = self._take().strip('`"').lower()
        if name not in self._types:
            raise _invalid(f"{name!r} is no partition key in {self._expression!r}")
        return name

    def _literal(self, key: str) -> Any:
        token = self._take()
        if token.lower() in ("date", "timestamp") and self._peek().startswith("'"):
            token = self._take()
        if not re.match(r"['\-\d]", token):
            raise _invalid(f"{token!r} is no literal in {self._expression!r}")
        return typed(_unquoted(token), self._types[key])

    def _peek(self) -> str:
        return self._tokens[self._position] if self._position < len(self._tokens) else ""

    def _take(self) -> str:
        token = self._peek()
        if not token:
            raise _invalid(f"{self._expression!r} ends too early")
        self._position += 1
        return token

    def _take_word(self, word: str) -> bool:
        found = self._peek().lower() == word
        self._position += found
        return found

    def _expect(self, word: str) -> None:
        if self._take().lower() != word:
            raise _invalid(f"{word!r} is missing in {self._expression!r}")


def _tokens(expression: str) -> list[str]:
    tokens, position = [], 0
    while expression[position:].strip():
        match = _TOKEN.match(expression, position)
        if match is None:
            raise _invalid(f"cannot read {expression[position:]!r}")
        tokens.append(match.group().strip())
        position = match.end()
    return tokens


def _any(truths: Sequence[Truth]) -> Truth:
    if True in truths:
        return True
    return None if None in truths else False


def _negate(truth: Truth) -> Truth:
    return None if truth is None else not truth


def _like(pattern: str) -> re.Pattern[str]:
    parts = (".*" if c == "%" else "." if c == "_" else re.escape(c) for c in pattern)
    return re.compile("".join(parts), re.DOTALL)


def _unquoted(token: str) -> str:
    return token[1:-1].replace("''", "'") if token.startswith("'") else token


def _invalid(reason: str) -> ApiError:
    return ApiError("InvalidInputException", f"Unsupported expression: {reason}")
