"""The text of a DELETE, UPDATE or MERGE -> nothing, or the refusal Athena gives at its start."""

from localaws.athena.failures import SyntaxRefused
from localaws.athena.syntax import Farthest, Queries


def check_change(text: str) -> None:
    """Raise SyntaxRefused, in Trino's words, unless a text is one change of rows."""
    cursor = Farthest(text)
    try:
        _Changes(cursor).change()
    except SyntaxRefused as error:
        raise cursor.named(error) from error
    except RecursionError as error:
        raise SyntaxRefused("line 1:1: statement is too large (stack overflow)") from error


class _Changes(Queries):
    """Steps over statements that change rows."""

    def change(self) -> None:
        """Step over a change that is all there is."""
        if self.cursor.accept("DELETE", "FROM"):
            self.table_name()
            self._where()
        elif self.cursor.accept("UPDATE"):
            self.table_name()
            self._assignments()
            self._where()
        else:
            self._merge()
        self.cursor.end()

    def _where(self) -> None:
        if self.cursor.accept("WHERE"):
            self.expression()

    def _assignments(self) -> None:
        self.cursor.expect("SET")
        self.listed(self._assignment)

    def _assignment(self) -> None:
        self.identifier()
        self.cursor.expect("=")
        self.expression()

    def _merge(self) -> None:
        self.cursor.expect("MERGE", "INTO")
        self.table_name()
        if not self.cursor.sees("USING"):
            self.cursor.accept("AS")
            self.identifier()
        self.cursor.expect("USING")
        self.relation()
        self.cursor.expect("ON")
        self.expression()
        self._case()
        while self.cursor.sees("WHEN"):
            self._case()

    def _case(self) -> None:
        self.cursor.expect("WHEN")
        absent = self.cursor.accept("NOT")
        self.cursor.expect("MATCHED")
        if self.cursor.accept("AND"):
            self.expression()
        self.cursor.expect("THEN")
        if absent:
            self._insert()
        elif not self.cursor.accept("DELETE"):
            self.cursor.expect("UPDATE")
            self._assignments()

    def _insert(self) -> None:
        self.cursor.expect("INSERT")
        if self.cursor.sees("("):
            self.bracketed(self.identifier)
        self.cursor.expect("VALUES")
        self.bracketed(self.expression)
