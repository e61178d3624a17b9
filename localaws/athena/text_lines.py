"""An object of a text table -> its lines: unpacked by suffix, without header and footer."""

import bz2
import gzip
import re
import zlib

import pyarrow as pa

from localaws.athena import clients
from localaws.athena.failures import QueryFailed, not_supported
from localaws.caller import Caller

_ENDS = re.compile(r"\r\n|\r|\n")


def lines_of(path: str, header: int, footer: int, caller: Caller) -> list[str]:
    """Return the lines of an object; raise QueryFailed if its suffix and bytes disagree."""
    bucket, key = clients.split_location(path)
    found = clients.asked(lambda: clients.s3(caller).get_object(Bucket=bucket, Key=key))
    body = found["Body"].read()
    try:
        text = unpacked(key, body).decode("utf-8-sig", "replace")
    except (OSError, EOFError, ValueError, IndexError, zlib.error, pa.ArrowException) as error:
        place = f"Error opening Hive split {path} (offset=0, length={len(body)})"
        raise QueryFailed("HIVE_CANNOT_OPEN_SPLIT", place) from error
    lines = _ENDS.split(text)
    if lines[-1] == "":
        lines.pop()
    return lines[header : len(lines) - footer]


def snappy_blocks(body: bytes) -> bytes:
    """Return the bytes inside Hadoop's frames of raw snappy: lengths of block and chunk first."""
    found, at = b"", 0
    while at < len(body):
        wanted, at = int.from_bytes(body[at : at + 4], "big") + len(found), at + 4
        while len(found) < wanted:
            size = int.from_bytes(body[at : at + 4], "big")
            found += _raw_snappy(body[at + 4 : at + 4 + size])
            at += 4 + size
    return found


def unpacked(key: str, body: bytes) -> bytes:
    """Return an object's bytes as its suffix says they are packed."""
    match key.rpartition(".")[2]:
        case "gz":
            return gzip.decompress(body)
        case "bz2":
            return bz2.decompress(body)
        case "deflate":
            return zlib.decompress(body)
        case "zst":
            with pa.CompressedInputStream(pa.BufferReader(body), "zstd") as stream:
                return bytes(stream.read())
        case "snappy":
            return snappy_blocks(body)
        case "lz4" | "lzo" as suffix:
            raise not_supported(f"text files compressed as .{suffix}")
    return body


def _raw_snappy(chunk: bytes) -> bytes:
    length, shift = 0, 0
    for byte in chunk:
        length |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            break
    return bytes(pa.Codec("snappy").decompress(chunk, decompressed_size=length))
