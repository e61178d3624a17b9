"""A query's text -> sqlglot's tree, every function a bare name.

sqlglot's table of functions forgets what the query said. Trino's grammar is checked before; what
sqlglot cannot read although Trino can is refused by name.
"""

from itertools import pairwise
from typing import Any

import sqlglot
from sqlglot import exp
from sqlglot.dialects.trino import Trino
from sqlglot.errors import ParseError, TokenError

from localaws.athena.failures import SyntaxRefused, not_supported
from localaws.athena.literal_texts import whole_number
from localaws.athena.syntax import check_query
from localaws.athena.tokens import Token, tokenize

_KEPT = ("CAST", "TRY_CAST", "EXTRACT", "TRIM", "POSITION", "SUBSTRING")


_TYPES = (
    *("ARRAY", "BIGINT", "BOOLEAN", "CHAR", "DATE", "DECIMAL", "DOUBLE", "DOUBLE PRECISION", "INT"),
    *("INTEGER", "INTERVAL", "JSON", "MAP", "REAL", "ROW", "SMALLINT", "TIME", "TIMESTAMP"),
    *("TINYINT", "UUID", "VARBINARY", "VARCHAR"),
)
_ELSE = ("NULL", "RANGE", "UNION")


def _typed_literal(_parser: Any, text: Any, kind: Any) -> Any:
    # `date 'x'` fails otherwise than a cast does, and takes its digits from the text.
    node = exp.Cast(this=text, to=kind)
    node.meta["typed"] = True
    return node


class Plain(Trino):
    """Trino's grammar with functions left as they were written."""

    class Tokenizer(Trino.Tokenizer):
        """Trino's words without those that name a type to sqlglot alone (`string`, `float`)."""

        KEYWORDS = {  # noqa: RUF012 -- sqlglot's class attribute
            word: kind
            for word, kind in Trino.Tokenizer.KEYWORDS.items()
            if word in (*_TYPES, *_ELSE) or kind not in Trino.Parser.TYPE_TOKENS
        }

    class Parser(Trino.Parser):  # type: ignore[misc, valid-type]
        """Trino's parser without sqlglot's knowledge of functions."""

        FUNCTIONS: dict[str, Any] = {}  # noqa: RUF012 -- sqlglot's class attribute
        FUNCTION_PARSERS = {  # noqa: RUF012 -- sqlglot's class attribute
            name: parser for name, parser in Trino.Parser.FUNCTION_PARSERS.items() if name in _KEPT
        }
        TYPE_LITERAL_PARSERS = {  # noqa: RUF012 -- sqlglot's class attribute
            **Trino.Parser.TYPE_LITERAL_PARSERS,
            **dict.fromkeys(set(exp.DType) - {exp.DType.JSON}, _typed_literal),
        }


Plain.INDEX_OFFSET = 0
# A word that is no type is one to refuse by its name, with the query's tables resolved.
Plain.SUPPORTS_USER_DEFINED_TYPES = True


def tree_of(text: str) -> Any:
    """Return the tree of one query; raise SyntaxRefused in Trino's form."""
    check_query(text)
    tree = _parsed(text)
    if not isinstance(tree, exp.Query | exp.Values):
        raise SyntaxRefused(str(not_supported(f"the form {type(tree).__name__.upper()}")))
    return tree


def change_of(text: str) -> Any:
    """Return the tree of a DELETE, UPDATE or MERGE that was checked when it was started."""
    return _parsed(text)


def _parsed(text: str) -> Any:
    try:
        return sqlglot.parse_one(_readable(text), dialect=Plain)
    except ParseError as error:
        first = error.errors[0]
        where = f"line {first.get('line') or 1}:{first.get('col') or 1}"
        what = f"{where}: the form at '{first.get('highlight')}'"
        raise SyntaxRefused(str(not_supported(what))) from error
    except TokenError as error:
        raise SyntaxRefused(str(not_supported("a literal of this text"))) from error


def _readable(text: str) -> str:
    # sqlglot reads `1e0+2e0/3` as one broken number, 0x1F as bytes and 0b1, 1_000 as names.
    tokens = tokenize(text)
    changes = [
        (token, f"{_decimal(token)} " if _runs_into(token, after) else _decimal(token))
        for token, after in pairwise(tokens)
        if token.kind == "number"
    ]
    for token, number in reversed(changes):
        text = text[: token.start] + number + text[token.end :]
    return text


def _runs_into(token: Token, after: Token) -> bool:
    return token.end == after.start and after.value in ("+", "-")


def _decimal(token: Token) -> str:
    plain = token.value.replace("_", "")
    if plain[1:2].isalpha() and plain[1] not in "eE":
        plain = str(whole_number(plain))
    return plain.ljust(len(token.value))
