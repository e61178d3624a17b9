"""How the files of a table or UNLOAD are written: format, compression, serde and its options."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from localaws.athena.failures import QueryFailed, not_supported
from localaws.athena.formats import AVRO, JSON, ORC, PARQUET, TEXT, Format
from localaws.athena.hive_json import HIVE_JSON
from localaws.athena.lazy_simple import LAZY_SIMPLE
from localaws.athena.openx_json import OPENX_JSON

_FORMATS = {"PARQUET": PARQUET, "ORC": ORC, "AVRO": AVRO, "JSON": JSON, "TEXTFILE": TEXT}
_ALL = ("SNAPPY", "GZIP", "ZSTD", "NONE", "UNCOMPRESSED", "LZ4", "ZLIB", "DEFLATE", "BZIP2", "LZO")
_WRITTEN = {
    "PARQUET": ("SNAPPY", "GZIP", "ZSTD", "NONE", "LZ4"),
    "ORC": ("ZLIB", "GZIP", "SNAPPY", "LZ4", "ZSTD", "NONE"),
    "AVRO": ("GZIP", "DEFLATE", "BZIP2", "NONE"),
    "JSON": ("GZIP", "ZSTD", "DEFLATE", "BZIP2", "NONE"),
    "TEXTFILE": ("GZIP", "ZSTD", "DEFLATE", "BZIP2", "NONE"),
}
_SUFFIXES = {"GZIP": ".gz", "ZSTD": ".zst", "DEFLATE": ".deflate", "BZIP2": ".bz2", "NONE": ""}


@dataclass(frozen=True, slots=True)
class Form:
    """A file format as it is written; `options` are the serde's properties."""

    format: str
    compression: str
    options: Mapping[str, str] = field(default_factory=dict)

    @property
    def suffix(self) -> str:
        """The end of a file's name: text is unpacked by it."""
        if self.format in ("JSON", "TEXTFILE"):
            return _SUFFIXES[self.compression]
        return "." + self.format.lower()

    @property
    def classes(self) -> Format:
        """Hive's classes of the format."""
        return _FORMATS[self.format]


def of_properties(properties: Mapping[str, Any]) -> Form:
    """Return the form CTAS or UNLOAD asks for; raise QueryFailed for one Athena does not know."""
    name = str(properties.get("format", "PARQUET")).upper()
    if name not in _FORMATS:
        raise QueryFailed("INVALID_TABLE_PROPERTY", f"Unknown format: {name}")
    for key in ("bucketed_by", "bucket_count"):
        if properties.get(key):
            raise not_supported(f"the property {key}")
    delimiter = properties.get("field_delimiter")
    if delimiter is not None and name != "TEXTFILE":
        text = "field_delimiter is only supported for the format TEXTFILE"
        raise QueryFailed("INVALID_TABLE_PROPERTY", text)
    if delimiter is not None and len(delimiter) != 1:
        raise QueryFailed("INVALID_TABLE_PROPERTY", "field_delimiter must be a single character")
    keys = ("write_compression", f"{name.lower()}_compression", "compression")
    given = next((properties[key] for key in keys if properties.get(key)), None)
    options = {"field.delim": delimiter, "serialization.format": delimiter} if delimiter else {}
    return Form(name, _compression(name, given), options)


def of_table(described: Any) -> Form:
    """Return the form INSERT writes a table's files in; raise QueryFailed for a serde of others."""
    storage = described["StorageDescriptor"]
    serde = storage.get("SerdeInfo") or {}
    library = serde.get("SerializationLibrary", "")
    if storage.get("BucketColumns"):
        raise not_supported("INSERT into a bucketed table")
    name = _format_of(str(storage.get("InputFormat", "")).lower(), library)
    if name is None:
        raise not_supported(f"INSERT into a table of the serde {library}")
    parameters = {key.lower(): v for key, v in (described.get("Parameters") or {}).items()}
    keys = ("write.compression", "parquet.compression", "orc.compress")
    given = next((parameters[key] for key in keys if parameters.get(key)), None)
    return Form(name, _compression(name, given), serde.get("Parameters") or {})


def _format_of(reader: str, library: str) -> str | None:
    for name in ("parquet", "orc", "avro"):
        if name in reader:
            return name.upper()
    if library in (HIVE_JSON, OPENX_JSON):
        return "JSON"
    return "TEXTFILE" if library == LAZY_SIMPLE else None


def _compression(name: str, given: Any) -> str:
    found = str(given or ("ZLIB" if name == "ORC" else "GZIP")).upper()
    found = "NONE" if found == "UNCOMPRESSED" else found
    if found not in _ALL:
        raise QueryFailed("INVALID_TABLE_PROPERTY", f"Unknown compression: {found}")
    if found not in _WRITTEN[name]:
        raise not_supported(f"writing {name} compressed as {found}")
    return found
