"""Athena's writing statements -> the text and session Trino needs for the same.

A text keeps its lines, and its columns where Trino's words fit before the query, so that the
places in error messages stay right.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from localaws.athena.failures import QueryFailed
from localaws.athena.statements import CreateTableAs, Explain, Insert, Name, Optimize, Unload
from localaws.athena.trino_server import CATALOG, ICEBERG
from localaws.athena.trino_types import quote, text

_COMPRESSIONS = {
    **{name: name for name in ("SNAPPY", "GZIP", "ZSTD", "LZ4", "NONE")},
    "UNCOMPRESSED": "NONE",
    "ZLIB": "GZIP",
}
_HIVE = {
    *("format", "write_compression", "parquet_compression", "orc_compression"),
    *("external_location", "is_external", "partitioned_by", "bucketed_by", "bucket_count"),
    *("field_delimiter", "table_type"),
}
_ICEBERG = {
    *("format", "write_compression", "location", "is_external", "partitioning", "table_type"),
    *("partitioned_by", "vacuum_min_snapshots_to_keep", "vacuum_max_snapshot_age_seconds"),
    *("optimize_rewrite_delete_file_threshold", "optimize_rewrite_data_file_threshold"),
}
_UNLOAD = {"format", "compression", "partitioned_by", "field_delimiter"}
DEFAULT_AGE = 432_000


@dataclass(frozen=True, slots=True)
class TrinoText:
    """A text for Trino and the session properties it runs under."""

    sql: str
    session: Mapping[str, str] = field(default_factory=dict)


def is_iceberg(statement: CreateTableAs) -> bool:
    """Tell whether a CTAS makes an Iceberg table."""
    return str(statement.properties.get("table_type", "HIVE")).upper() == "ICEBERG"


def create_table(statement: CreateTableAs, location: str) -> TrinoText:
    """Return a CTAS that writes to `location`; raise QueryFailed for an unknown property."""
    given = statement.properties
    if is_iceberg(statement):
        _refuse_unknown(given, _ICEBERG)
        catalog, wanted = ICEBERG, _iceberg_properties(given, location)
    else:
        _refuse_unknown(given, _HIVE)
        catalog, wanted = CATALOG, _hive_properties(given, location)
    words = f"CREATE TABLE {_name(statement.name, catalog)} WITH ({_listed(wanted)}) AS "
    tail = "" if statement.with_data else " WITH NO DATA"
    return TrinoText(placed(words, statement.query) + tail, _compressed(given, catalog))


def unload(statement: Unload, table: Name) -> TrinoText:
    """Return the CTAS into a passing table that writes what an UNLOAD asks for."""
    given = statement.properties
    _refuse_unknown(given, _UNLOAD)
    if "format" not in given:
        raise QueryFailed("INVALID_TABLE_PROPERTY", "UNLOAD needs the property format")
    wanted = _hive_properties(given, statement.location)
    words = f"CREATE TABLE {_name(table, CATALOG)} WITH ({_listed(wanted)}) AS "
    return TrinoText(placed(words, statement.query), _compressed(given, CATALOG))


def insert(statement: Insert) -> TrinoText:
    """Return an INSERT."""
    columns = f" ({', '.join(map(quote, statement.columns))})" if statement.columns else ""
    words = f"INSERT INTO {_name(statement.name, CATALOG)}{columns} "
    return TrinoText(placed(words, statement.query))


def optimize(statement: Optimize) -> TrinoText:
    """Return the rewrite of small files an OPTIMIZE asks for."""
    words = f"ALTER TABLE {_name(statement.name, ICEBERG)} EXECUTE optimize"
    return TrinoText(words + (f" WHERE {statement.where.strip()}" if statement.where else ""))


def vacuum(table: Name, properties: Mapping[str, str]) -> tuple[TrinoText, ...]:
    """Return what a VACUUM comes to for a table with these properties."""
    seconds = properties.get("vacuum_max_snapshot_age_seconds", str(DEFAULT_AGE))
    session = {
        f"{ICEBERG}.expire_snapshots_min_retention": "0s",
        f"{ICEBERG}.remove_orphan_files_min_retention": "0s",
    }
    words = f"ALTER TABLE {_name(table, ICEBERG)} EXECUTE"
    return tuple(
        TrinoText(f"{words} {step}(retention_threshold => '{int(seconds)}s')", session)
        for step in ("expire_snapshots", "remove_orphan_files")
    )


def explain(statement: Explain) -> TrinoText:
    """Return an EXPLAIN."""
    option = " ANALYZE" if statement.analyze else ""
    option += " (TYPE VALIDATE)" if statement.validate else ""
    option += " (FORMAT JSON)" if statement.as_json else ""
    return TrinoText(placed(f"EXPLAIN{option} ", statement.query))


def placed(words: str, query: str) -> str:
    """Return words before a query, in the blanks it begins with when they fit."""
    rest = query.lstrip()
    blanks = query[: len(query) - len(rest)]
    last = blanks.rpartition("\n")[2]
    if len(words) <= len(last):
        return f"{blanks[: len(blanks) - len(last)]}{words.ljust(len(last))}{rest}"
    return f"{blanks[: len(blanks) - len(last)]}{words}{rest}"


def _hive_properties(given: Mapping[str, Any], location: str) -> dict[str, str]:
    found = {
        "format": text(str(given.get("format", "PARQUET")).upper()),
        "external_location": text(location),
    }
    for name in ("partitioned_by", "bucketed_by"):
        if given.get(name):
            found[name] = _array(given[name])
    if given.get("bucket_count"):
        found["bucket_count"] = str(given["bucket_count"])
    if given.get("field_delimiter"):
        found["textfile_field_separator"] = text(str(given["field_delimiter"]))
    return found


def _iceberg_properties(given: Mapping[str, Any], location: str) -> dict[str, str]:
    found = {
        "format": text(str(given.get("format", "PARQUET")).upper()),
        "location": text(location.rstrip("/")),
    }
    transforms = given.get("partitioning") or given.get("partitioned_by")
    if transforms:
        found["partitioning"] = _array(transforms)
    kept = {k: v for k, v in given.items() if k.startswith(("vacuum_", "optimize_"))}
    if kept:
        values = _array([str(value) for value in kept.values()])
        found["extra_properties"] = f"MAP({_array(list(kept))}, {values})"
    return found


def _compressed(given: Mapping[str, Any], catalog: str) -> dict[str, str]:
    names = ("write_compression", "parquet_compression", "orc_compression", "compression")
    default = "ZSTD" if catalog == ICEBERG else "GZIP"
    wanted = next((str(given[name]) for name in names if given.get(name)), default).upper()
    if wanted not in _COMPRESSIONS:
        raise QueryFailed("INVALID_TABLE_PROPERTY", f"Unknown compression: {wanted}")
    return {f"{catalog}.compression_codec": _COMPRESSIONS[wanted]}


def _refuse_unknown(given: Mapping[str, Any], known: set[str]) -> None:
    for name in given:
        if name not in known:
            words = f"line 1:1: Catalog 'awsdatacatalog' table property '{name}' does not exist"
            raise QueryFailed("INVALID_TABLE_PROPERTY", words)


def _name(name: Name, catalog: str) -> str:
    return ".".join(map(quote, (catalog, *name)))


def _listed(properties: Mapping[str, str]) -> str:
    return ", ".join(f"{name} = {value}" for name, value in properties.items())


def _array(items: list[str]) -> str:
    return f"ARRAY[{', '.join(text(item) for item in items)}]"
