"""A text of a policy with `${variables}` -> what it matches in one request.

A value put in for a variable is literal: a `*` in it is no wildcard. `${*}`, `${?}` and `${$}` are
the characters themselves. A variable the request does not know makes the text unresolvable, and a
statement with such a text matches nothing, neither as Allow nor as Deny.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass

Lookup = Callable[[str], object]

_PIECE = re.compile(r"\$\{([^}]*)\}|([*?])|([^$*?]+|\$)")
_DEFAULT = re.compile(r"\s*([^,\s]+)\s*,\s*'([^']*)'\s*")
_LITERALS = ("*", "?", "$")


class Unresolved(Exception):
    """A variable has no value in this request."""


@dataclass(frozen=True, slots=True)
class Text:
    """A policy's text in one request: the text itself and what it matches with its wildcards."""

    plain: str
    pattern: str

    def equals(self, value: str, *, ignore_case: bool = False) -> bool:
        """Tell whether `value` is this text, wildcards taken as characters."""
        if ignore_case:
            return value.lower() == self.plain.lower()
        return value == self.plain

    def matches(self, value: str) -> bool:
        """Tell whether `value` fits this text, `*` any characters and `?` one; case counts."""
        return re.fullmatch(self.pattern, value, re.DOTALL) is not None


def resolved(text: str, lookup: Lookup) -> Text:
    """Return `text` with its variables replaced; raise Unresolved when one has no single value."""
    plain, pattern = [], []
    for variable, wildcard, literal in _PIECE.findall(text):
        if wildcard:
            plain.append(wildcard)
            pattern.append(".*" if wildcard == "*" else ".")
            continue
        piece = literal or _value(variable, lookup)
        plain.append(piece)
        pattern.append(re.escape(piece))
    return Text("".join(plain), "".join(pattern))


def without_variables(text: str) -> str:
    """Return a text of a policy of version 2008-10-17, in which `${` is nothing special."""
    return text.replace("${", "${$}{")


def _value(variable: str, lookup: Lookup) -> str:
    if variable in _LITERALS:
        return variable
    given = _DEFAULT.fullmatch(variable)
    found = lookup(given.group(1) if given else variable.strip())
    if found is None and given:
        return given.group(2)
    if found is None or isinstance(found, list):
        raise Unresolved(variable)
    return str(found)
