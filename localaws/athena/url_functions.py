"""Trino's functions of URLs, as java.net.URI reads them. Rows of functions.py's table."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import quote_plus, unquote_plus

from localaws.athena.failures import invalid_argument
from localaws.athena.rows import Row

# RFC 2396 as Java reads it: what is no URI has no parts. Letters beyond ASCII are let through.
_URI = re.compile(
    r"(?:(?P<scheme>[A-Za-z][A-Za-z0-9+.-]*):)?(?P<rest>//(?P<authority>[^/?#]*)"
    r"(?P<path>/[^?#]*)?|(?P<plain>[^?#]*))(?:\?(?P<query>[^#]*))?(?:\#(?P<fragment>.*))?",
    re.DOTALL,
)
_FORBIDDEN = re.compile(r'[\x00-\x20\x7f<>"{}|\\^`\[\]]|%(?![0-9A-Fa-f]{2})')
_HOST = re.compile(
    r"(?:[A-Za-z0-9_.!~*'();:&=+$,%-]*@)?(?P<host>(?:[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?\.)*"
    r"[A-Za-z](?:[A-Za-z0-9-]*[A-Za-z0-9])?\.?|\d{1,3}(?:\.\d{1,3}){3})(?::(?P<port>\d*))?"
)


@dataclass(frozen=True, slots=True)
class _Uri:
    """The parts of a URI as written, None for one it does not have."""

    scheme: str | None
    host: str | None
    port: int | None
    path: str | None
    query: str | None
    fragment: str | None


def _parsed(text: str) -> _Uri | None:
    found = _URI.fullmatch(text)
    if found is None or _FORBIDDEN.search(text) or "#" in (found["fragment"] or ""):
        return None
    scheme, rest = found["scheme"], found["rest"]
    if scheme and not rest and not found["query"]:
        return None
    if scheme and not rest.startswith("/"):
        return _Uri(scheme, None, None, None, None, found["fragment"])
    if not scheme and ":" in (found["plain"] or "").split("/")[0]:
        return None
    authority = _HOST.fullmatch(found["authority"] or "")
    path = found["path"] or "" if found["plain"] is None else found["plain"]
    if found["plain"] is None and not found["authority"] and not path:
        return None
    host = authority["host"] if authority else None
    port = int(authority["port"]) if authority and authority["port"] else None
    return _Uri(scheme, host, port, path, found["query"], found["fragment"])


def _part(name: str) -> Callable[[str], str | None]:
    def part(text: str) -> str | None:
        uri = _parsed(text)
        return None if uri is None else _decoded(getattr(uri, name) or "")

    return part


def _decoded(text: str) -> str:
    return re.sub("(?:%[0-9A-Fa-f]{2})+", _bytes, text)


def _bytes(found: re.Match[str]) -> str:
    return bytes.fromhex(found[0].replace("%", "")).decode(errors="replace")


def _port(text: str) -> int | None:
    uri = _parsed(text)
    return None if uri is None else uri.port


def _parameter(text: str, name: str) -> str | None:
    uri = _parsed(text)
    if uri is None or uri.query is None:
        return None
    for pair in uri.query.split("&"):
        key, _, value = pair.partition("=")
        if unquote_plus(key) == name:
            return unquote_plus(value)
    return None


def _encoded(text: str) -> str:
    return quote_plus(text, safe="*").replace("~", "%7E")


def _url_decode(text: str) -> str:
    bad = re.search(r"%(?![0-9A-Fa-f]{2})", text)
    if bad:
        detail = "Illegal hex characters in escape (%) pattern"
        raise invalid_argument(f"URLDecoder: {detail}")
    return _decoded(text.replace("+", " "))


ROWS: dict[str, list[Row]] = {
    "url_decode": [("text", _url_decode, "same")],
    "url_encode": [("text", _encoded, "encoded")],
    "url_extract_fragment": [("text", _part("fragment"), "same")],
    "url_extract_host": [("text", _part("host"), "same")],
    "url_extract_parameter": [("text text", _parameter, "same")],
    "url_extract_path": [("text", _part("path"), "same")],
    "url_extract_port": [("text", _port, "bigint")],
    "url_extract_protocol": [("text", _part("scheme"), "same")],
    "url_extract_query": [("text", _part("query"), "same")],
}
