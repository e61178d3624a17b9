"""What every part of Trino's grammar needs to step over tokens: names, lists, attempts."""

import re
from abc import ABC, abstractmethod
from collections.abc import Callable

from localaws.athena.failures import SyntaxRefused
from localaws.athena.tokens import Cursor, Token, place

_RESERVED = """
alter and as auto between by case cast constraint create cross cube current_catalog current_date
current_path current_role current_schema current_time current_timestamp current_user deallocate
delete describe distinct drop else end escape except exists extract false for from full group
grouping having in inner insert intersect into is join json_array json_exists json_object
json_query json_table json_value left like listagg localtime localtimestamp natural normalize not
null on or order outer prepare recursive right rollup select skip table then trim true uescape
union unnest using values when where with
"""
RESERVED = frozenset(_RESERVED.split())
_QUERY_WORDS = ("SELECT", "WITH", "VALUES", "TABLE")
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
Read = Callable[[], None]


class Reading(ABC):
    """A cursor over one statement and the steps all grammar is made of."""

    def __init__(self, cursor: Cursor) -> None:
        self.cursor = cursor

    @abstractmethod
    def query(self) -> None:
        """Step over a query."""

    @abstractmethod
    def expression(self) -> None:
        """Step over an expression."""

    @abstractmethod
    def value(self) -> None:
        """Step over an expression that is no condition unless bracketed."""

    def ahead(self, steps: int = 1) -> Token:
        """Return a token after the next one."""
        return self.cursor.tokens[min(self.cursor.at + steps, len(self.cursor.tokens) - 1)]

    def follows(self, word: str) -> bool:
        """Tell whether a word or symbol comes after the next token."""
        token = self.ahead()
        return token.kind in ("word", "symbol") and token.value.upper() == word

    def word(self) -> None:
        """Step over a word that is known to be next."""
        self.cursor.step()

    def sees_identifier(self) -> bool:
        """Tell whether a name comes next; a reserved word is none unless quoted."""
        token = self.cursor.now
        if token.kind == "word":
            return token.value.lower() not in RESERVED and bool(_NAME.fullmatch(token.value))
        return token.kind == "quoted" and bool(token.value)

    def identifier(self) -> None:
        """Step over a name."""
        if not self.sees_identifier():
            raise self.cursor.mismatch("<identifier>")
        self.cursor.step()

    def table_name(self) -> None:
        """Step over a name of at most three parts."""
        start = self.cursor.now.start
        self.identifier()
        dots = 0
        while self.cursor.accept("."):
            self.identifier()
            dots += 1
        if dots > 2:
            raise self.refused(start, "Too many dots in table name")

    def refused(self, start: int, text: str) -> SyntaxRefused:
        """Return the refusal of what is well formed and means nothing."""
        return SyntaxRefused(f"{place(self.cursor.text, start)}: {text}")

    def listed(self, item: Read) -> None:
        """Step over one or more items with commas between."""
        item()
        while self.cursor.accept(","):
            item()

    def bracketed(self, item: Read) -> None:
        """Step over `( item, … )`."""
        self.cursor.expect("(")
        self.listed(item)
        self.cursor.expect(")")

    def subquery(self) -> None:
        """Step over a query in brackets."""
        self.cursor.expect("(")
        self.query()
        self.cursor.expect(")")

    def aliased(self) -> None:
        """Step over `[AS] name`, if there is one."""
        if self.cursor.accept("AS") or (self.sees_identifier() and not self._sees_clause()):
            self.identifier()

    def attempt(self, read: Read) -> bool:
        """Step over what `read` reads; step back and return False if it is something else."""
        start = self.cursor.at
        try:
            read()
        except SyntaxRefused:
            self.cursor.at = start
            return False
        return True

    def starts_query(self) -> bool:
        """Tell whether a bracket comes next, with a query's first word behind it and its like."""
        steps = 0
        while self.ahead(steps).value == "(" and self.ahead(steps).kind == "symbol":
            steps += 1
        first = self.ahead(steps)
        return steps > 0 and first.kind == "word" and first.value.upper() in _QUERY_WORDS

    def skipped(self) -> None:
        """Step over a word and the brackets behind it, whatever is inside."""
        self.cursor.step()
        self.cursor.group()

    def _sees_clause(self) -> bool:
        # Words that are names elsewhere, but begin a clause here.
        word = self.cursor.now.value.upper()
        if word in ("LIMIT", "OFFSET"):
            return self.ahead().kind == "number" or self.ahead().value.upper() in ("ALL", "?")
        if word == "FETCH":
            return self.ahead().value.upper() in ("FIRST", "NEXT")
        if word == "WINDOW":
            return self.ahead(2).value.upper() == "AS"
        return word in ("MATCH_RECOGNIZE", "TABLESAMPLE")
