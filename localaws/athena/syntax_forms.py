"""Trino's grammar of what has words of its own inside: CASE, CAST, EXTRACT, calls, OVER, types."""

from localaws.athena.failures import SyntaxRefused, not_supported
from localaws.athena.syntax_reading import Read, Reading

FIELDS = ("YEAR", "MONTH", "DAY", "HOUR", "MINUTE", "SECOND")
_PARTS = (
    *FIELDS,
    *("QUARTER", "WEEK", "DAY_OF_MONTH", "DAY_OF_WEEK", "DOW", "DAY_OF_YEAR", "DOY"),
    *("YEAR_OF_WEEK", "YOW", "TIMEZONE_MINUTE", "TIMEZONE_HOUR"),
)
_FRAMES = ("ROWS", "RANGE", "GROUPS")
_PLAIN = (
    *("TRUE", "FALSE", "NULL", "CURRENT_DATE", "CURRENT_USER", "CURRENT_CATALOG"),
    *("CURRENT_SCHEMA", "CURRENT_PATH"),
)
_MOMENTS = ("CURRENT_TIME", "CURRENT_TIMESTAMP", "LOCALTIME", "LOCALTIMESTAMP")
# Their insides have a grammar of their own; the parser refuses what it does not know of it.
_SKIPPED = (
    *("JSON_ARRAY", "JSON_EXISTS", "JSON_OBJECT", "JSON_QUERY", "JSON_VALUE"),
    *("GROUPING", "NORMALIZE"),
)


class Forms(Reading):
    """Steps over expressions that begin with a word of the grammar, over calls and types."""

    def special(self) -> Read | None:
        """Return what reads the form the next word begins, None for a plain name."""
        word = self.cursor.now.value.upper()
        if self.cursor.now.kind != "word" or (word in _CALLED and not self.follows("(")):
            return None
        if word == "INTERVAL" and not self._sees_interval():
            return None
        if word in _PLAIN:
            return self.word
        return self._reader(word)

    def call(self) -> None:
        """Step over the brackets of a function call and what hangs on them."""
        cursor = self.cursor
        cursor.expect("(")
        if not cursor.accept("*") and not cursor.sees(")"):
            if not cursor.sees("ORDER"):
                cursor.accept_any(("DISTINCT", "ALL"))
                self.listed(self.expression)
            if cursor.accept("ORDER", "BY"):
                self.sort_items()
        cursor.expect(")")
        self._filter()
        nulls = cursor.accept("IGNORE", "NULLS") or cursor.accept("RESPECT", "NULLS")
        if nulls and not cursor.sees("OVER"):
            raise cursor.mismatch("'OVER'")
        if cursor.sees("OVER") and (self.follows("(") or self.ahead().kind in ("word", "quoted")):
            self._over()
        elif cursor.sees("OVER"):
            raise SyntaxRefused(str(not_supported("the word OVER behind a call")))

    def sort_items(self) -> None:
        """Step over the items of ORDER BY."""
        self.listed(self._sort_item)

    def window(self) -> None:
        """Step over a window's brackets."""
        cursor = self.cursor
        cursor.expect("(")
        if self.sees_identifier() and cursor.now.value.upper() not in ("PARTITION", *_FRAMES):
            self.identifier()
        if cursor.accept("PARTITION"):
            cursor.expect("BY")
            self.listed(self.expression)
        if cursor.accept("ORDER"):
            cursor.expect("BY")
            self.sort_items()
        if cursor.accept_any(_FRAMES):
            self._frame()
        cursor.expect(")")

    def type(self) -> None:
        """Step over the name of a type."""
        if self.cursor.sees("ROW", "("):
            self.cursor.step()
            self.bracketed(self._field)
        elif self.cursor.accept("ARRAY", "<") or self.cursor.accept("MAP", "<"):
            self.listed(self.type)
            self.cursor.expect(">")
        elif self.cursor.sees("INTERVAL"):
            self._interval_type()
        else:
            self._plain_type()
        while self.cursor.accept("ARRAY"):
            if self.cursor.accept("["):
                self.cursor.step()
                self.cursor.expect("]")

    def _reader(self, word: str) -> Read | None:
        if word in _MOMENTS:
            return self._moment
        if word in _SKIPPED:
            return self.skipped
        readers = {
            "CASE": self._case,
            "CAST": self._cast,
            "EXISTS": self._exists,
            "EXTRACT": self._extract,
            "INTERVAL": self._interval,
            "LISTAGG": self._listagg,
            "POSITION": self._position,
            "SUBSTRING": self._substring,
            "TRIM": self._trim,
            "TRY_CAST": self._cast,
        }
        return readers.get(word)

    def _case(self) -> None:
        cursor = self.cursor
        cursor.expect("CASE")
        if not cursor.sees("WHEN"):
            self.expression()
        cursor.expect("WHEN")
        while True:
            self.expression()
            cursor.expect("THEN")
            self.expression()
            if not cursor.accept("WHEN"):
                break
        if cursor.accept("ELSE"):
            self.expression()
        cursor.expect("END")

    def _cast(self) -> None:
        self.cursor.step()
        self.cursor.expect("(")
        self.expression()
        self.cursor.expect("AS")
        self.type()
        self.cursor.expect(")")

    def _exists(self) -> None:
        self.cursor.step()
        self.subquery()

    def _extract(self) -> None:
        self.cursor.step()
        self.cursor.expect("(")
        field = self.cursor.now
        self.identifier()
        if field.value.upper() not in _PARTS:
            raise self.refused(field.start, f"Invalid EXTRACT field {field.value}")
        self.cursor.expect("FROM")
        self.value()
        self.cursor.expect(")")

    def _sees_interval(self) -> bool:
        steps = 1 if self.ahead().kind == "string" else 2
        signed = steps == 1 or (self.ahead().value in ("+", "-") and self.ahead(2).kind == "string")
        return signed and self.ahead(steps + 1).value.upper() in FIELDS

    def _interval(self) -> None:
        self.cursor.step()
        self.cursor.accept_any(("+", "-"))
        self.cursor.string()
        self._interval_field()
        if self.cursor.accept("TO"):
            self._interval_field()

    def _interval_field(self) -> None:
        if self.cursor.accept_any(FIELDS) is None:
            raise self.cursor.mismatch(", ".join(map(repr, FIELDS)))

    def _listagg(self) -> None:
        self.skipped()
        self.cursor.expect("WITHIN", "GROUP")
        self.cursor.group()
        self._filter()
        if self.cursor.sees("OVER"):
            self._over()

    def _position(self) -> None:
        if not self.attempt(self._position_in):
            raise SyntaxRefused(str(not_supported("a function named position; write strpos")))

    def _position_in(self) -> None:
        self.cursor.step()
        self.cursor.expect("(")
        self.value()
        self.cursor.expect("IN")
        self.value()
        self.cursor.expect(")")

    def _substring(self) -> None:
        if not self.attempt(self._substring_from):
            self.word()
            self.call()

    def _substring_from(self) -> None:
        self.cursor.step()
        self.cursor.expect("(")
        self.value()
        self.cursor.expect("FROM")
        self.value()
        if self.cursor.accept("FOR"):
            self.value()
        self.cursor.expect(")")

    def _trim(self) -> None:
        cursor = self.cursor
        cursor.step()
        cursor.expect("(")
        side = cursor.accept_any(("LEADING", "TRAILING", "BOTH"))
        if not cursor.sees("FROM"):
            self.value()
        if cursor.accept("FROM"):
            self.value()
        elif side:
            raise cursor.mismatch("'FROM'")
        elif cursor.accept(","):
            self.value()
        cursor.expect(")")

    def _moment(self) -> None:
        self.cursor.step()
        if self.cursor.accept("("):
            self.cursor.step()
            self.cursor.expect(")")

    def _filter(self) -> None:
        if self.cursor.sees("FILTER", "("):
            self.cursor.step()
            self.cursor.expect("(")
            self.cursor.expect("WHERE")
            self.expression()
            self.cursor.expect(")")

    def _over(self) -> None:
        self.cursor.expect("OVER")
        if self.cursor.sees("("):
            self.window()
        else:
            self.identifier()

    def _frame(self) -> None:
        if self.cursor.accept("BETWEEN"):
            self._bound()
            self.cursor.expect("AND")
        self._bound()

    def _bound(self) -> None:
        if self.cursor.accept("CURRENT"):
            self.cursor.expect("ROW")
            return
        if not self.cursor.accept("UNBOUNDED"):
            self.expression()
        if self.cursor.accept_any(("PRECEDING", "FOLLOWING")) is None:
            raise self.cursor.mismatch("'FOLLOWING', 'PRECEDING'")

    def _sort_item(self) -> None:
        self.expression()
        self.cursor.accept_any(("ASC", "DESC"))
        if self.cursor.accept("NULLS") and self.cursor.accept_any(("FIRST", "LAST")) is None:
            raise self.cursor.mismatch("'FIRST', 'LAST'")

    def _field(self) -> None:
        if self.ahead().kind in ("word", "quoted") and not self.cursor.sees("DOUBLE", "PRECISION"):
            self.identifier()
        self.type()

    def _interval_type(self) -> None:
        self.cursor.step()
        self.identifier()
        if self.cursor.accept("TO"):
            self.identifier()

    def _plain_type(self) -> None:
        cursor = self.cursor
        moment = cursor.now.value.upper() in ("TIME", "TIMESTAMP")
        if not cursor.accept("DOUBLE", "PRECISION"):
            self.identifier()
        if cursor.accept("("):
            self.listed(self._type_parameter)
            cursor.expect(")")
        if moment and cursor.accept_any(("WITH", "WITHOUT")):
            cursor.expect("TIME", "ZONE")

    def _type_parameter(self) -> None:
        if self.cursor.now.kind == "number":
            self.cursor.step()
        else:
            self.type()


_CALLED = ("POSITION", "SUBSTRING", "TRY_CAST")
