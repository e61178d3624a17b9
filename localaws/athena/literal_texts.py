"""The text of a literal -> what it says: whole numbers in any base, texts with Unicode escapes."""

import re


def whole_number(text: str) -> int:
    """Return the value of a whole number as Trino writes it: `10`, `1_000`, `0x1F`, `0b101`."""
    plain = text.replace("_", "")
    return int(plain, 0) if plain[1:2].isalpha() else int(plain)


def unicode_text(text: str, escape: str = "\\") -> str | None:
    """Return what the inside of `U&'…'` says, or None if an escape in it means nothing."""
    mark = re.escape(escape)
    found: list[str] = []
    position = 0
    for match in re.finditer(f"{mark}({mark}|\\+[0-9a-fA-F]{{6}}|[0-9a-fA-F]{{4}})?", text):
        if match[1] is None:
            return None
        found += [text[position : match.start()], _character(match[1], escape)]
        position = match.end()
    whole = "".join([*found, text[position:]])
    return None if any("\ud800" <= letter <= "\udfff" for letter in whole) else whole


def _character(code: str, escape: str) -> str:
    if code == escape:
        return escape
    number = int(code.lstrip("+"), 16)
    return chr(number) if number <= 0x10FFFF else "\ud800"
