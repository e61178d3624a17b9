r"""A general category of Unicode, as `\p{L}` names it -> the members of a class of Python's `re`.

Python's `re` knows no categories; its Unicode tables do, so their ranges are written out.
"""

import sys
import unicodedata
from collections.abc import Iterator
from functools import cache

_SUBDIVIDED = {"L": "ultmo", "M": "nce", "N": "dlo", "P": "cdseifo", "S": "mcko", "Z": "slp"}
CATEGORIES = frozenset(
    {*_SUBDIVIDED} | {main + minor for main, minors in _SUBDIVIDED.items() for minor in minors}
)


@cache
def category_members(category: str) -> str:
    """Return the ranges of `category`, one of CATEGORIES, to stand within square brackets."""
    return "".join(
        f"\\U{first:08x}-\\U{last:08x}" if last > first else f"\\U{first:08x}"
        for first, last in _ranges(category)
    )


def _ranges(category: str) -> Iterator[tuple[int, int]]:
    first = None
    for code in range(sys.maxunicode + 2):
        belongs = code <= sys.maxunicode and unicodedata.category(chr(code)).startswith(category)
        if belongs and first is None:
            first = code
        elif not belongs and first is not None:
            yield first, code - 1
            first = None
