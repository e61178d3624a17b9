"""A statement's text -> tokens with their place, and a cursor that reads them.

Statements are recognised here, never by a pattern over the text: a `--` or `)` inside a literal
must not matter.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from localaws.athena.failures import SyntaxRefused

Kind = Literal["word", "quoted", "backtick", "string", "number", "symbol", "end"]


@dataclass(frozen=True, slots=True)
class Token:
    """One token: `value` without its quotes; `start` and `end` are offsets into the text."""

    kind: Kind
    value: str
    start: int
    end: int


_PATTERN = re.compile(
    r"""(?P<space>\s+|--[^\n]*(?:\n|\Z)|/\*.*?\*/)
      | (?P<string>'(?:[^']|'')*')
      | (?P<quoted>"(?:[^"]|"")*")
      | (?P<backtick>`(?:[^`]|``)*`)
      | (?P<number>0[xX][0-9a-fA-F_]+|0[oO][0-7_]+|0[bB][01_]+
          |(?:\d[\d_]*(?:\.[\d_]*)?|\.\d[\d_]*)(?:[eE][+-]?\d+)?)
      | (?P<word>[A-Za-z_@$][\w@$]*)
      | (?P<symbol>->|\|\||<>|!=|<=|>=|.)""",
    re.VERBOSE | re.DOTALL,
)
_HIVE_PATTERN = re.compile(
    _PATTERN.pattern.replace("(?:[^']|'')", r"(?:[^'\\]|\\.|'')"), re.VERBOSE | re.DOTALL
)
_GAP = r"(?:\s|--[^\n]*\n|/\*.*?\*/)"
_OF_HIVE = re.compile(
    rf"{_GAP}*(?:ALTER|MSCK|SHOW|DESC(?:RIBE)?|CREATE{_GAP}+(?:EXTERNAL|DATABASE|SCHEMA)|"
    rf"CREATE{_GAP}+TABLE\b.*\bTBLPROPERTIES)\b",
    re.IGNORECASE | re.DOTALL,
)
_ESCAPE = re.compile(r"\\(?:u([0-9a-fA-F]{4})|([0-7]{3})|(.))", re.DOTALL)
_ESCAPED = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "0": "\0", "Z": "\x1a"}


def tokenize(text: str) -> list[Token]:
    """Return the tokens of `text`, the last of kind "end"; raise SyntaxRefused on an open quote.

    Statements of Hive know escapes in their texts, queries do not.
    """
    found: list[Token] = []
    of_hive = _OF_HIVE.match(text) is not None
    for match in (_HIVE_PATTERN if of_hive else _PATTERN).finditer(text):
        kind = match.lastgroup
        if kind == "space":
            continue
        if match[0] in ("'", '"', "`"):
            raise SyntaxRefused(f"{place(text, match.start())}: mismatched input '{match[0]}'")
        value = _value(match[0], kind)
        value = _ESCAPE.sub(_unescaped, value) if of_hive and kind == "string" else value
        found.append(Token(kind, value, match.start(), match.end()))  # type: ignore[arg-type]
    return [*found, Token("end", "<EOF>", len(text), len(text))]


def place(text: str, offset: int) -> str:
    """Return `line l:c` of an offset, as Athena's messages begin."""
    before = text[:offset]
    return f"line {before.count(chr(10)) + 1}:{offset - before.rfind(chr(10))}"


def blanked(text: str, start: int, end: int) -> str:
    """Return text[start:end] with all before it as blanks, so that places in it stay right."""
    return re.sub(r"[^\n]", " ", text[:start]) + text[start:end]


class Cursor:
    """Reads the tokens of one statement from left to right."""

    def __init__(self, text: str, tokens: list[Token] | None = None) -> None:
        self.text = text
        self.tokens = tokens or tokenize(text)
        self.at = 0

    @property
    def now(self) -> Token:
        """The token that comes next."""
        return self.tokens[self.at]

    def sees(self, *words: str) -> bool:
        """Tell whether the next tokens are these words or symbols."""
        ahead = self.tokens[self.at : self.at + len(words)]
        return len(ahead) == len(words) and all(map(_is, ahead, words))

    def accept(self, *words: str) -> bool:
        """Step over these words if they come next; tell whether they did."""
        found = self.sees(*words)
        self.at += len(words) if found else 0
        return found

    def accept_any(self, words: Iterable[str]) -> str | None:
        """Step over one of `words`; return it in capitals, or None."""
        for word in words:
            if self.accept(word):
                return word.upper()
        return None

    def expect(self, *words: str) -> None:
        """Step over these words, or raise SyntaxRefused in Trino's form."""
        if not self.accept(*words):
            raise self.mismatch(" ".join(words))

    def step(self) -> Token:
        """Return the next token and step over it."""
        token = self.now
        self.at = min(self.at + 1, len(self.tokens) - 1)
        return token

    def identifier(self) -> str:
        """Return one name, lower case as Athena stores it."""
        if self.now.kind not in ("word", "quoted", "backtick"):
            raise self.mismatch("<identifier>")
        return self.step().value.lower()

    def dotted(self) -> list[str]:
        """Return the parts of a name such as `a`.`b`."""
        parts = [self.identifier()]
        while self.accept("."):
            parts.append(self.identifier())
        return parts

    def string(self) -> str:
        """Return the text of a literal."""
        if self.now.kind != "string":
            raise self.mismatch("<string>")
        return self.step().value

    def group(self) -> tuple[int, int]:
        """Step over a bracketed group; return the offsets of what is inside."""
        start = self.now.end
        self.expect("(")
        depth = 1
        while depth:
            token = self.step()
            if token.kind == "end":
                raise self.mismatch("')'")
            if token.kind == "symbol":
                depth += (token.value == "(") - (token.value == ")")
        return start, self.tokens[self.at - 1].start

    def end(self) -> None:
        """Raise SyntaxRefused unless the statement ends here."""
        self.accept(";")
        if self.now.kind != "end":
            raise self.mismatch("<EOF>")

    def mismatch(self, wanted: str) -> SyntaxRefused:
        """Return Trino's words for a token that does not fit."""
        where = place(self.text, self.now.start)
        return SyntaxRefused(f"{where}: mismatched input '{self.now.value}'. Expecting: {wanted}")


def _is(token: Token, word: str) -> bool:
    return token.kind in ("word", "symbol") and token.value.lower() == word.lower()


def _value(text: str, kind: str | None) -> str:
    if kind in ("string", "quoted", "backtick"):
        return text[1:-1].replace(text[0] * 2, text[0])
    return text


def _unescaped(match: re.Match[str]) -> str:
    if match[1]:
        return chr(int(match[1], 16))
    return chr(int(match[2], 8)) if match[2] else _ESCAPED.get(match[3], match[3])
