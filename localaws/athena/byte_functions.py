"""Trino's functions of bytes: hashes, encodings, numbers as bytes. Rows of functions.py's table."""

import base64
import binascii
import hashlib
import hmac
import re
import struct
import zlib
from collections.abc import Callable

from localaws.athena.failures import invalid_argument
from localaws.athena.rows import Row
from localaws.athena.text_functions import lpad, rpad


def _hash(name: str) -> Callable[[bytes], bytes]:
    return lambda value: hashlib.new(name, value, usedforsecurity=False).digest()


def _keyed(name: str) -> Callable[[bytes, bytes], bytes]:
    return lambda value, key: hmac.new(key, value, name).digest()


def _from_hex(text: str) -> bytes:
    bad = re.search(r"[^0-9A-Fa-f]", text)
    if len(text) % 2:
        raise invalid_argument(f"invalid input length {len(text)}")
    if bad:
        raise invalid_argument(f'not a hexadecimal digit: "{bad[0]}" = {ord(bad[0])}')
    return bytes.fromhex(text)


def _from_base64(signs: str) -> Callable[[str], bytes]:
    def decode(text: str) -> bytes:
        body = text.rstrip("=")
        padding = len(text) - len(body)
        bad = re.search(f"[^A-Za-z0-9{re.escape(signs)}]", body)
        if bad:
            raise invalid_argument(f"Illegal base64 character {ord(bad[0]):x}")
        if len(body) % 4 == 1 or (padding and (len(text) % 4 or padding > 2)):
            raise invalid_argument("Input byte array has wrong 4-byte ending unit")
        filled = body + "=" * (-len(body) % 4)
        return base64.b64decode(filled, altchars=signs.encode())

    return decode


def _from_base32(text: str) -> bytes:
    try:
        return base64.b32decode(text)
    except binascii.Error as error:
        raise invalid_argument(f"Invalid input: {text}") from error


def _from_bytes(form: str) -> Callable[[bytes], int | float]:
    size = struct.calcsize(form)

    def read(value: bytes) -> int | float:
        if len(value) != size:
            raise invalid_argument(f"expected {size}-byte input, but got instead: {len(value)}")
        found: int | float = struct.unpack(form, value)[0]
        return found

    return read


def _from_utf8(value: bytes, replacement: str = "\ufffd") -> str:
    if len(replacement) > 1:
        raise invalid_argument("Replacement character string must empty or a single character")
    try:
        return value.decode()
    except UnicodeDecodeError:
        return value.decode(errors="replace").replace("\ufffd", replacement)


def _reverse(value: bytes) -> bytes:
    return value[::-1]


def _part(value: bytes, start: int, length: int | None = None) -> bytes:
    begin = start - 1 if start > 0 else len(value) + start
    if start == 0 or begin < 0 or (length is not None and length <= 0):
        return b""
    return value[begin : None if length is None else begin + length]


ROWS: dict[str, list[Row]] = {
    **{name: [("binary", _hash(name), "varbinary")] for name in ("md5", "sha1", "sha256")},
    "sha512": [("binary", _hash("sha512"), "varbinary")],
    **{
        f"hmac_{name}": [("binary binary", _keyed(name), "varbinary")]
        for name in ("md5", "sha1", "sha256", "sha512")
    },
    "crc32": [("binary", zlib.crc32, "bigint")],
    "from_hex": [("text", _from_hex, "varbinary")],
    "from_base32": [("text", _from_base32, "varbinary")],
    "from_base64": [("text", _from_base64("+/"), "varbinary")],
    "from_base64url": [("text", _from_base64("-_"), "varbinary")],
    "from_utf8": [
        ("binary", _from_utf8, "varchar"),
        ("binary text", _from_utf8, "varchar"),
    ],
    "to_base32": [("binary", lambda value: base64.b32encode(value).decode(), "varchar")],
    "to_base64url": [("binary", lambda v: base64.urlsafe_b64encode(v).decode(), "varchar")],
    "from_big_endian_32": [("binary", _from_bytes(">i"), "integer")],
    "from_big_endian_64": [("binary", _from_bytes(">q"), "bigint")],
    "from_ieee754_64": [("binary", _from_bytes(">d"), "double")],
    "to_big_endian_32": [("int", lambda value: struct.pack(">i", value), "varbinary")],
    "to_big_endian_64": [("whole", lambda value: struct.pack(">q", value), "varbinary")],
    "to_ieee754_64": [("double", lambda value: struct.pack(">d", value), "varbinary")],
    "reverse": [("binary", _reverse, "varbinary")],
    "substr": [
        ("binary whole", _part, "varbinary"),
        ("binary whole whole", _part, "varbinary"),
    ],
    "lpad": [("binary whole binary", lpad, "varbinary")],
    "rpad": [("binary whole binary", rpad, "varbinary")],
}
