"""words.toml -> sets of words, read once."""

import tomllib
from functools import cache
from pathlib import Path
from typing import Any


@cache
def word_list(name: str) -> tuple[str, ...]:
    """Return the words of list `name` in the order written; raise KeyError for no such list."""
    text: str = _lists()[name]
    return tuple(text.split())


@cache
def word_set(name: str) -> frozenset[str]:
    """Return the words of list `name`; raise KeyError for no such list."""
    return frozenset(word_list(name))


@cache
def language_words() -> dict[str, frozenset[str]]:
    """Return language code -> its commonest words."""
    return {code: frozenset(text.split()) for code, text in _lists()["languages"].items()}


@cache
def _lists() -> dict[str, Any]:
    return tomllib.loads(Path(__file__).with_name("words.toml").read_text("utf-8"))
