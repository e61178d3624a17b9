r"""A regular expression as Trino reads it (Joni, Java's syntax) -> one of Python's `re`.

What both mean alike is carried over, sign by sign; everything else is refused, never guessed.
Letters, digits and blanks of `\w \d \s` are ASCII in Joni, upper and lower case are not.
"""

import re
from functools import cache

from localaws.athena.character_categories import CATEGORIES, category_members
from localaws.athena.failures import QueryFailed, not_supported

_DIGIT, _WORD, _BLANK = "0-9", "A-Za-z0-9_", r" \t\n\v\f\r"
_CLASSES = {"d": _DIGIT, "w": _WORD, "s": _BLANK}
_CONTROLS = {"t": r"\t", "n": r"\n", "r": r"\r", "f": r"\f", "a": r"\a", "e": r"\x1b"}
# At both ends of a text Joni takes any letter for a word's, elsewhere only ASCII's.
_EDGE = r"(?:(?a:\b)|\A(?=\w)|(?<=\w)\Z)"
_ANCHORS = {"A": r"\A", "z": r"\Z", "Z": r"(?=\n?\Z)", "b": _EDGE, "B": f"(?!{_EDGE})"}
# Without regard to case, one letter may stand for several.
_FOLDED = {
    "ffi": "\ufb03|f\ufb01|\ufb00i", "ffl": "\ufb04|f\ufb02|\ufb00l", "ss": "\u00df|\u1e9e",
    "ff": "\ufb00", "fi": "\ufb01", "fl": "\ufb02", "st": "\ufb05|\ufb06",
}  # fmt: skip
_GROUPS = ("(?:", "(?=", "(?!", "(?<=", "(?<!", "(?>", "(?i:")
_BROKEN = ("unterminated", "unbalanced", "nothing to repeat", "missing )", "bad escape (end")


@cache
def compiled(pattern: str) -> re.Pattern[str]:
    """Return Python's pattern; raise QueryFailed for a broken one and for what is not shared."""
    reader = _Reader(pattern)
    try:
        return re.compile(reader.translated(), reader.flags)
    except re.error as error:
        if str(error).startswith(_BROKEN):
            raise QueryFailed("INVALID_FUNCTION_ARGUMENT", f"{error.msg}: {pattern}") from error
        raise _refused(pattern) from error


class _Reader:
    """Reads a pattern from left to right."""

    def __init__(self, pattern: str) -> None:
        self.pattern = pattern
        self.at = 0
        self.flags = 0
        self.unnamed = self.named = 0

    def translated(self) -> str:
        """Return the pattern in Python's words."""
        flags = re.match(r"\(\?([ims]+)\)", self.pattern)
        if flags:
            self.at = flags.end()
            names = {"i": re.IGNORECASE, "m": re.MULTILINE, "s": re.DOTALL}
            for letter in flags[1]:
                self.flags |= names[letter]
        if "(?i" in self.pattern and not self.pattern.isascii():
            raise _refused(self.pattern)
        found = []
        while self.at < len(self.pattern):
            found.append(self._next())
        if self.named and self.unnamed:
            raise _refused(self.pattern)
        return "".join(found)

    def _next(self) -> str:
        sign = self.pattern[self.at]
        if sign == "\\":
            return self._escape(inside=False)
        if sign == "[":
            return self._class()
        if sign == "(":
            return self._group()
        if sign == "{":
            return self._interval()
        self.at += 1
        if sign == "$":
            return "$" if self.flags & re.MULTILINE else r"(?=\n?\Z)"
        if sign in "*+?" and self.pattern[self.at : self.at + 1] == "+":
            self.at += 1
            return sign + "+"
        if sign in ".^)|*+?":
            return sign
        return self._folded() or re.escape(sign)

    def _folded(self) -> str:
        if "(?i" not in self.pattern:
            return ""
        for letters, others in _FOLDED.items():
            end = self.at - 1 + len(letters)
            written = self.pattern[self.at - 1 : end]
            if written.lower() == letters and self.pattern[end : end + 1] not in (*"*+?{",):
                self.at = end
                return f"(?:{written}|{others})"
        return ""

    def _group(self) -> str:
        rest = self.pattern[self.at :]
        name = re.match(r"\(\?<([A-Za-z]\w*)>", rest)
        if name:
            self.at += name.end()
            self.named += 1
            return f"(?P<{name[1]}>"
        if not rest.startswith("(?"):
            self.at += 1
            self.unnamed += 1
            return "("
        for start in _GROUPS:
            if rest.startswith(start):
                self.at += len(start)
                return start
        raise _refused(self.pattern)

    def _interval(self) -> str:
        found = re.match(r"\{\d+(,\d*)?\}\??(?!\+)", self.pattern[self.at :])
        if found is None:
            raise _refused(self.pattern)
        self.at += found.end()
        return found[0]

    def _escape(self, *, inside: bool) -> str:
        sign = self.pattern[self.at + 1 : self.at + 2]
        quoted = re.match(r"\\Q(.*?)\\E", self.pattern[self.at :], re.DOTALL)
        code = re.match(r"\\x([0-7][0-9A-Fa-f])", self.pattern[self.at :])
        if code or (quoted and not inside):
            found = code or quoted
            self.at += found.end() if found else 0
            return f"\\x{code[1]}" if code else re.escape(quoted[1]) if quoted else ""
        category = re.match(r"\\([pP])\{(\w+)\}", self.pattern[self.at :])
        if category and category[2] in CATEGORIES and not (inside and category[1] == "P"):
            self.at += category.end()
            letters = category_members(category[2])
            return letters if inside else f"[{'^' if category[1] == 'P' else ''}{letters}]"
        self.at += 2
        if sign.lower() in _CLASSES and not (inside and sign.isupper()):
            members = _CLASSES[sign.lower()]
            return members if inside else f"[{'^' if sign.isupper() else ''}{members}]"
        if sign in _CONTROLS:
            return _CONTROLS[sign]
        if not inside and (sign in _ANCHORS or (sign in "123456789" and sign)):
            return _ANCHORS.get(sign, f"(?:\\{sign})")
        if sign and not sign.isalnum():
            return re.escape(sign)
        if not sign:
            raise QueryFailed("INVALID_FUNCTION_ARGUMENT", f"end pattern at escape: {self.pattern}")
        raise _refused(self.pattern)

    def _class(self) -> str:
        start = re.match(r"\[\^?", self.pattern[self.at :])
        found = [start[0] if start else "["]
        self.at += len(found[0])
        if self.pattern[self.at : self.at + 1] == "]":
            raise _refused(self.pattern)
        while self.at < len(self.pattern) and self.pattern[self.at] != "]":
            sign = self.pattern[self.at]
            if sign == "[" or self.pattern.startswith("&&", self.at):
                raise _refused(self.pattern)
            if sign == "\\":
                found.append(self._escape(inside=True))
                continue
            self.at += 1
            found.append(sign if sign in "-" else re.escape(sign))
        if self.at == len(self.pattern):
            raise QueryFailed("INVALID_FUNCTION_ARGUMENT", "premature end of char-class")
        self.at += 1
        return "".join(found) + "]"


def _refused(pattern: str) -> QueryFailed:
    return not_supported(f"the regular expression {pattern}")
