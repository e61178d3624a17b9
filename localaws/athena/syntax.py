"""A query's text -> nothing, or the refusal Athena gives when it is started.

sqlglot reads many a text that Trino does not; what this reader refuses never reaches it.
"""

from localaws.athena.failures import SyntaxRefused
from localaws.athena.syntax_expressions import Expressions
from localaws.athena.tokens import Cursor, Token

_SETS = ("UNION", "EXCEPT", "INTERSECT")


def check_query(text: str) -> None:
    """Raise SyntaxRefused, in Trino's words, unless a text is one query of Trino's grammar."""
    cursor = Farthest(text)
    try:
        Queries(cursor).whole()
    except SyntaxRefused as error:
        raise cursor.named(error) from error
    except RecursionError as error:
        raise SyntaxRefused("line 1:1: statement is too large (stack overflow)") from error


class Farthest(Cursor):
    """A cursor that remembers the mismatch farthest to the right, the one Trino names."""

    def __init__(self, text: str, tokens: list[Token] | None = None) -> None:
        super().__init__(text, tokens)
        self.farthest: SyntaxRefused | None = None
        self._place = -1

    def named(self, last: SyntaxRefused) -> SyntaxRefused:
        """Return the refusal to name: `last` unless it is a mismatch short of the farthest."""
        return self.farthest if self.farthest and "mismatched input" in str(last) else last

    def mismatch(self, wanted: str) -> SyntaxRefused:
        """Return Trino's words for a token that does not fit."""
        error = super().mismatch(wanted)
        if self.at > self._place:
            self.farthest, self._place = error, self.at
        return error


class Queries(Expressions):
    """Steps over queries and what stands behind FROM."""

    def whole(self) -> None:
        """Step over a query that is all there is."""
        self.query()
        self.cursor.end()

    def query(self) -> None:
        """Step over a query, WITH included."""
        if self.cursor.accept("WITH"):
            self.cursor.accept("RECURSIVE")
            self.listed(self._named_query)
        self._without_with()

    def _named_query(self) -> None:
        self.identifier()
        if self.cursor.sees("("):
            self.bracketed(self.identifier)
        self.cursor.expect("AS")
        self.subquery()

    def _without_with(self) -> None:
        cursor = self.cursor
        self._term()
        if cursor.accept("ORDER"):
            cursor.expect("BY")
            self.sort_items()
        if cursor.accept("OFFSET"):
            self._count()
            cursor.accept_any(("ROW", "ROWS"))
        if cursor.accept("LIMIT"):
            if not cursor.accept("ALL"):
                self._count()
        elif cursor.accept("FETCH"):
            self._fetch()

    def _count(self) -> None:
        if not self.cursor.accept("?"):
            if not (self.cursor.now.kind == "number" and self.cursor.now.value.isdigit()):
                raise self.cursor.mismatch("'?', <integer>")
            self.cursor.step()

    def _fetch(self) -> None:
        if self.cursor.accept_any(("FIRST", "NEXT")) is None:
            raise self.cursor.mismatch("'FIRST', 'NEXT'")
        if self.cursor.now.value.upper() not in ("ROW", "ROWS"):
            self._count()
        if self.cursor.accept_any(("ROW", "ROWS")) is None:
            raise self.cursor.mismatch("'ROW', 'ROWS'")
        if not self.cursor.accept("ONLY"):
            self.cursor.expect("WITH", "TIES")

    def _term(self) -> None:
        self._primary_query()
        while self.cursor.accept_any(_SETS):
            self.cursor.accept_any(("ALL", "DISTINCT"))
            if self.cursor.accept("CORRESPONDING") and self.cursor.accept("BY"):
                self.bracketed(self.identifier)
            self._primary_query()

    def _primary_query(self) -> None:
        cursor = self.cursor
        if cursor.accept("SELECT"):
            self._select()
        elif cursor.accept("TABLE"):
            self.table_name()
        elif cursor.accept("VALUES"):
            self.listed(self.expression)
        else:
            cursor.expect("(")
            self._without_with()
            cursor.expect(")")

    def _select(self) -> None:
        cursor = self.cursor
        cursor.accept_any(("DISTINCT", "ALL"))
        self.listed(self._item)
        if cursor.accept("FROM"):
            self.listed(self.relation)
        if cursor.accept("WHERE"):
            self.expression()
        if cursor.accept("GROUP"):
            cursor.expect("BY")
            self._group_by()
        if cursor.accept("HAVING"):
            self.expression()
        if cursor.sees("WINDOW") and self.ahead(2).value.upper() == "AS":
            cursor.step()
            self.listed(self._named_window)

    def _item(self) -> None:
        if self.cursor.accept("*"):
            return
        self.expression()
        if self.cursor.accept(".", "*"):
            if self.cursor.accept("AS"):
                self.bracketed(self.identifier)
            return
        self.aliased()

    def _group_by(self) -> None:
        if self.cursor.accept("AUTO"):
            return
        word = self.cursor.accept_any(("ALL", "DISTINCT"))
        if word != "ALL" or self._sees_grouping():
            self.listed(self._grouping)

    def _sees_grouping(self) -> bool:
        token = self.cursor.now
        ends = ("HAVING", "ORDER", "OFFSET", "LIMIT", "FETCH", "WINDOW", *_SETS, ")", ";")
        return token.kind != "end" and (token.kind == "quoted" or token.value.upper() not in ends)

    def _grouping(self) -> None:
        cursor = self.cursor
        if cursor.accept_any(("ROLLUP", "CUBE")):
            cursor.expect("(")
            if not cursor.accept(")"):
                self.listed(self._grouping_set)
                cursor.expect(")")
        elif cursor.accept("GROUPING", "SETS"):
            self.bracketed(self._grouping_set)
        else:
            self._grouping_set()

    def _grouping_set(self) -> None:
        if not self.cursor.accept("(", ")"):
            self.expression()

    def _named_window(self) -> None:
        self.identifier()
        self.cursor.expect("AS")
        self.window()

    def relation(self) -> None:
        """Step over an item of FROM with its joins."""
        self._sampled()
        while True:
            if self.cursor.accept("CROSS"):
                self.cursor.expect("JOIN")
                self._sampled()
            elif self.cursor.accept("NATURAL"):
                self._join_word()
                self._sampled()
            elif self._sees_join():
                self._join_word()
                self.relation()
                self._criteria()
            else:
                return

    def _sees_join(self) -> bool:
        word = self.cursor.now.value.upper()
        return self.cursor.now.kind == "word" and word in ("JOIN", "INNER", "LEFT", "RIGHT", "FULL")

    def _join_word(self) -> None:
        if self.cursor.accept_any(("LEFT", "RIGHT", "FULL")):
            self.cursor.accept("OUTER")
        else:
            self.cursor.accept("INNER")
        self.cursor.expect("JOIN")

    def _criteria(self) -> None:
        if self.cursor.accept("ON"):
            self.expression()
        else:
            self.cursor.expect("USING")
            self.bracketed(self.identifier)

    def _sampled(self) -> None:
        self._aliased_relation()
        if self.cursor.sees("MATCH_RECOGNIZE", "("):
            self.skipped()
            self._alias()
        if self.cursor.accept("TABLESAMPLE"):
            if self.cursor.accept_any(("BERNOULLI", "SYSTEM")) is None:
                raise self.cursor.mismatch("'BERNOULLI', 'SYSTEM'")
            self.bracketed(self.expression)

    def _aliased_relation(self) -> None:
        self._primary_relation()
        self._alias()

    def _alias(self) -> None:
        start = self.cursor.at
        self.aliased()
        if self.cursor.at > start and self.cursor.sees("("):
            self.bracketed(self.identifier)

    def _primary_relation(self) -> None:
        cursor = self.cursor
        if cursor.sees("("):
            if not (self.starts_query() and self.attempt(self.subquery)):
                cursor.step()
                self.relation()
                cursor.expect(")")
        elif cursor.accept("UNNEST"):
            self.bracketed(self.expression)
            if cursor.accept("WITH"):
                cursor.expect("ORDINALITY")
        elif cursor.accept("LATERAL"):
            self.subquery()
        elif cursor.sees("TABLE", "(") or cursor.sees("JSON_TABLE", "("):
            self.skipped()
        else:
            self.table_name()
            self._period()

    def _period(self) -> None:
        if self.cursor.accept("FOR"):
            if self.cursor.accept_any(("TIMESTAMP", "VERSION")) is None:
                raise self.cursor.mismatch("'TIMESTAMP', 'VERSION'")
            self.cursor.expect("AS", "OF")
            self.value()
