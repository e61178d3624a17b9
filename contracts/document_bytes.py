"""The bytes of a document -> one JSON object of clean values, or why not.

The decoder is the caller's (transforms brings a fast one) and never changes the outcome: what it
refuses, the standard library reads again, and numbers or characters that storage cannot hold are
mended here (lake.md §3.4).
"""

import json
import math
import re
import unicodedata
from collections.abc import Callable
from typing import Any, Final

from contracts.errors import Rejected
from contracts.values import Repair

MAX_BYTES: Final = 16 * 1024 * 1024

_BOM = b"\xef\xbb\xbf"
_OTHER_FORMATS: Final = (b"\x1f\x8b", b"\xff\xfe", b"\xfe\xff")
_SUSPECT = re.compile(rb"\\[ubfr]|NaN|Infinity|[eE][+-]?\d{3}|\d{19}|[\x7f-\xff]")
_SURROGATE = re.compile("[\ud800-\udfff]")
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f]")
_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|"|[\[\]{}]', re.DOTALL)


def decode_object(
    body: bytes, decode: Callable[[str], Any], repairs: set[Repair]
) -> dict[str, Any]:
    """Return the object that `body` holds, adding to `repairs` what had to be mended.

    Raise Rejected: too_large, empty, not_json, bad_utf8, truncated, array_root or not_an_object;
    RecursionError for thousands of levels.
    """
    root = _decode(_text(body, repairs), decode)
    if _SUSPECT.search(body):
        root = clean(root, repairs)
    if isinstance(root, list):
        raise Rejected("array_root", "the document is a list; expected one object")
    if not isinstance(root, dict):
        raise Rejected("not_an_object", f"the document is a {type(root).__name__}, not an object")
    return root


def clean(value: Any, repairs: set[Repair]) -> Any:
    """Return a decoded value without what storage cannot hold: NaN, lone surrogates, controls."""
    if isinstance(value, str):
        return _clean_text(value, repairs)
    if isinstance(value, dict):
        return {_clean_text(name, repairs): clean(inner, repairs) for name, inner in value.items()}
    if isinstance(value, list):
        return [clean(inner, repairs) for inner in value]
    if isinstance(value, int) and abs(value) >= 2**63:
        value = float(value)
    if isinstance(value, float) and not math.isfinite(value):
        repairs.add("not_a_number")
        return None
    return value


def _text(body: bytes, repairs: set[Repair]) -> str:
    if len(body) > MAX_BYTES:
        raise Rejected("too_large", f"{len(body)} bytes; the limit is {MAX_BYTES}")
    if body.startswith(_OTHER_FORMATS):
        raise Rejected("not_json", "the bytes are gzip or UTF-16, not JSON in UTF-8")
    if body.startswith(_BOM):
        repairs.add("bom")
        body = body[len(_BOM) :]
    if not body.strip():
        raise Rejected("empty", "there is nothing in the object")
    try:
        return body.decode()
    except UnicodeDecodeError as problem:
        raise Rejected("bad_utf8", f"byte {problem.start} is no UTF-8") from problem


def _decode(text: str, decode: Callable[[str], Any]) -> Any:
    try:
        return decode(text)
    except ValueError:
        pass  # the decoder may be stricter than JSON's habits; the standard library decides
    try:
        return json.loads(text, parse_int=_integer)
    except ValueError as problem:
        detail = getattr(problem, "msg", "not readable")
        reason = "truncated" if _is_cut_off(text) else "not_json"
        raise Rejected(reason, f"{detail} at character {getattr(problem, 'pos', 0)}") from problem


def _integer(digits: str) -> float:
    return int(digits) if len(digits) < 19 else float(digits)


def _is_cut_off(text: str) -> bool:
    """Return whether a text begins an object whose brackets never close outside strings."""
    if not text.lstrip().startswith("{"):
        return False
    depth = 0
    for token in _TOKEN.finditer(text):
        if token[0] == '"':
            return True
        depth += (token[0] in "{[") - (token[0] in "}]")
        if depth == 0 and token[0] in "}]":
            return False
    return True


def _clean_text(text: str, repairs: set[Repair]) -> str:
    if text.isascii() and text.isprintable():
        return text
    if _SURROGATE.search(text):
        repairs.add("lone_surrogate")
        text = _SURROGATE.sub("\ufffd", text)
    if _CONTROL.search(text):
        repairs.add("control_characters")
        text = _CONTROL.sub("", text)
    return unicodedata.normalize("NFC", text)
