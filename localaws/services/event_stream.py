"""Events -> bytes of AWS's event stream, the framing of Bedrock's streamed answers.

A frame is: total and header length, their CRC, headers, payload, the CRC of all before it.
Source: the smithy specification of `application/vnd.amazon.eventstream`.
"""

import json
import struct
from binascii import crc32
from collections.abc import Mapping
from typing import Any, Final

CONTENT_TYPE: Final = "application/vnd.amazon.eventstream"

_TEXT: Final = 7


def frame(kind: str, payload: Mapping[str, Any]) -> bytes:
    """Return one event of type `kind` with a JSON payload."""
    headers = b"".join(
        _header(name, value)
        for name, value in (
            (":event-type", kind),
            (":content-type", "application/json"),
            (":message-type", "event"),
        )
    )
    body = json.dumps(payload, ensure_ascii=False).encode()
    prelude = struct.pack(">II", 16 + len(headers) + len(body), len(headers))
    message = prelude + struct.pack(">I", crc32(prelude)) + headers + body
    return message + struct.pack(">I", crc32(message))


def _header(name: str, value: str) -> bytes:
    key, text = name.encode(), value.encode()
    return struct.pack(">B", len(key)) + key + struct.pack(">BH", _TEXT, len(text)) + text
