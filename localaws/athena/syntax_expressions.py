"""Trino's grammar of expressions: operators in their order, conditions, values and names."""

import re

from localaws.athena.failures import SyntaxRefused, not_supported
from localaws.athena.literal_texts import unicode_text, whole_number
from localaws.athena.syntax_forms import Forms
from localaws.athena.tokens import Token

_LARGEST, _BASES = 2**63 - 1, ("x", "X", "o", "O", "b", "B")
_COMPARISONS = ("=", "<>", "!=", "<=", ">=", "<", ">")
_NUMBER = re.compile(
    r"0[xX][0-9a-fA-F](_?[0-9a-fA-F])*|0[bB][01](_?[01])*|0[oO][0-7](_?[0-7])*"
    r"|\d(_?\d)*(\.(\d(_?\d)*)?)?([eE][+-]?\d+)?|\.\d(_?\d)*([eE][+-]?\d+)?"
)


class Expressions(Forms):
    """Steps over one expression at a time."""

    def expression(self) -> None:
        """Step over an expression, conditions and all."""
        self._condition()
        while self.cursor.accept_any(("AND", "OR")):
            self._condition()

    def value(self) -> None:
        """Step over an expression that is no condition unless bracketed."""
        self._signed()
        while self.cursor.accept_any(("+", "-", "*", "/", "%", "||")):
            self._signed()

    def _condition(self) -> None:
        while self.cursor.accept("NOT"):
            pass
        self.value()
        if self.cursor.accept_any(_COMPARISONS):
            self._compared()
        elif self.cursor.accept("IS"):
            self._is()
        elif self.cursor.accept("NOT"):
            if not self._range():
                raise self.cursor.mismatch("'BETWEEN', 'IN', 'LIKE'")
        else:
            self._range()

    def _compared(self) -> None:
        if self.cursor.accept_any(("ALL", "ANY", "SOME")):
            self.subquery()
        else:
            self.value()

    def _is(self) -> None:
        self.cursor.accept("NOT")
        if not self.cursor.accept("NULL"):
            self.cursor.expect("DISTINCT", "FROM")
            self.value()

    def _range(self) -> bool:
        if self.cursor.accept("BETWEEN"):
            self.value()
            self.cursor.expect("AND")
            self.value()
        elif self.cursor.accept("IN"):
            if not (self.starts_query() and self.attempt(self.subquery)):
                self.bracketed(self.expression)
        elif self.cursor.accept("LIKE"):
            self.value()
            if self.cursor.accept("ESCAPE"):
                self.value()
        else:
            return False
        return True

    def _signed(self) -> None:
        while self.cursor.accept_any(("+", "-")):
            pass
        self._primary()
        while True:
            if self.cursor.accept("["):
                self.value()
                self.cursor.expect("]")
            elif self.cursor.sees("AT", "TIME", "ZONE"):
                self.cursor.expect("AT", "TIME", "ZONE")
                self._primary()
            elif self.cursor.sees(".") and not self.follows("*"):
                self.cursor.step()
                self.identifier()
            else:
                return

    def _primary(self) -> None:
        token = self.cursor.now
        special = self.special()
        if token.kind == "number":
            self._number()
        elif token.kind == "string" or self.cursor.sees("?"):
            self.cursor.step()
        elif self.cursor.sees("("):
            self._in_brackets()
        elif self.cursor.sees("[") or self.cursor.sees("ARRAY", "["):
            self._array()
        elif special is not None:
            special()
        else:
            self._named()

    def _number(self) -> None:
        before, token = self.ahead(-1), self.cursor.step()
        after = self.cursor.now
        glued = after.start == token.end and after.kind in ("word", "number")
        if glued or not _NUMBER.fullmatch(token.value):
            raise self.refused(token.start, "identifiers must not start with a digit")
        whole = token.value.replace("_", "")
        largest = _LARGEST + (before.value == "-")
        if (whole.isdigit() or whole[1:2] in _BASES) and whole_number(whole) > largest:
            raise self.refused(token.start, f"Invalid numeric literal: {token.value}")

    def _in_brackets(self) -> None:
        if self._sees_lambda():
            self.cursor.group()
            self.cursor.expect("->")
            self.expression()
        elif not (self.starts_query() and self.attempt(self.subquery)):
            self.bracketed(self.expression)

    def _sees_lambda(self) -> bool:
        steps = 1
        while self.ahead(steps).kind in ("word", "quoted") or self.ahead(steps).value == ",":
            steps += 1
        return self.ahead(steps).value == ")" and self.ahead(steps + 1).value == "->"

    def _array(self) -> None:
        self.cursor.accept("ARRAY")
        self.cursor.expect("[")
        if not self.cursor.accept("]"):
            self.listed(self.expression)
            self.cursor.expect("]")

    def _named(self) -> None:
        if self.cursor.sees("DOUBLE", "PRECISION"):
            self.cursor.step()
        prefixed = self.cursor.now.value.upper() == "U" and self.cursor.now.kind == "word"
        if prefixed and self.follows("&"):
            self._unicode()
            return
        name = self.cursor.now
        self.identifier()
        if self.cursor.now.kind == "string":
            self._typed(name)
        elif self.cursor.accept("->"):
            self.expression()
        else:
            self._rest_of_name(name)

    def _typed(self, name: Token) -> None:
        if name.value.upper() == "INTERVAL":
            raise SyntaxRefused(str(not_supported("an INTERVAL of this unit")))
        digits = "".join(self.cursor.string().split())
        if name.value.upper() == "X" and name.kind == "word":
            if len(digits) % 2:
                text = "Binary literal must contain an even number of digits"
                raise self.refused(name.start, text)
            if set(digits.lower()) - set("0123456789abcdef"):
                text = "Binary literal can only contain hexadecimal digits"
                raise self.refused(name.start, text)

    def _unicode(self) -> None:
        self.cursor.step()
        self.cursor.expect("&")
        if self.cursor.now.kind not in ("string", "quoted"):
            raise self.cursor.mismatch("<string>")
        text = self.cursor.step()
        escape = self.cursor.string() if self.cursor.accept("UESCAPE") else "\\"
        if unicode_text(text.value, escape) is None:
            raise self.refused(text.start, "Invalid Unicode escape sequence")

    def _rest_of_name(self, name: Token) -> None:
        while self.cursor.sees(".") and not self.follows("*"):
            self.cursor.step()
            self.identifier()
        if not self.cursor.sees("("):
            return
        if name.value.lower() == "coalesce" and self.ahead(2).value == ")":
            text = "The 'coalesce' function must have at least two arguments"
            raise self.refused(name.start, text)
        self.call()
