"""SHOW and DESCRIBE of Iceberg tables, as Athena prints them; CREATE TABLE runs again as shown."""

from typing import Any

from pyiceberg import transforms as tr

from localaws.athena import iceberg_create, iceberg_tables
from localaws.athena.failures import QueryFailed
from localaws.athena.iceberg_types import trino_type
from localaws.athena.statements import Name
from localaws.athena.trino_types import hive
from localaws.caller import Caller

_WORDS: dict[Any, str] = {
    tr.YearTransform: "year",
    tr.MonthTransform: "month",
    tr.DayTransform: "day",
    tr.HourTransform: "hour",
}


def lines(what: str, name: Name, caller: Caller, pattern: str) -> list[str]:
    """Return the lines of SHOW `what`, or of DESCRIBE, of a table.

    Raise QueryFailed for SHOW PARTITIONS: an Iceberg table has none that Glue knows.
    """
    if what == "PARTITIONS":
        text = f"SHOW PARTITIONS is not supported for Iceberg tables: {'.'.join(name)}"
        raise QueryFailed("NOT_SUPPORTED", text)
    table = iceberg_tables.load(*name, caller)
    if what == "COLUMNS":
        return [f"{field.name.lower():<20}" for field in table.schema().fields]
    if what == "TBLPROPERTIES":
        found = _properties(table)
        if pattern:
            return [found.get(pattern, "")]
        return [f"{key}\t{value}" for key, value in sorted(found.items())]
    return _described(table) if what == "DESCRIBE" else _create_table(name, table)


def _create_table(name: Name, table: Any) -> list[str]:
    columns = [f"  {_column(field)}" for field in table.schema().fields]
    found = [f"CREATE TABLE {'.'.join(name)} (", *_separated(columns, ")")]
    if table.properties.get("comment"):
        found.append(f"COMMENT {_quoted(table.properties['comment'])}")
    transforms = [_declared(field, table) for field in table.spec().fields]
    if transforms:
        found.append(f"PARTITIONED BY ({', '.join(transforms)})")
    shown = [f"  '{key}'={_quoted(value)}" for key, value in _properties(table).items()]
    return [
        *found,
        f"LOCATION {_quoted(table.location())}",
        "TBLPROPERTIES (",
        *_separated(shown, ""),
        ");",
    ]


def _properties(table: Any) -> dict[str, str]:
    given = table.properties
    return {
        "table_type": "iceberg",
        "format": str(given.get(iceberg_create.FORMAT, "parquet")).lower(),
        "write_compression": str(given.get(iceberg_create.CODEC, "zstd")).upper(),
        **{key: given[key] for key in sorted(iceberg_create.KEPT) if key in given},
    }


def _described(table: Any) -> list[str]:
    found = ["# Table schema:\t\t", "# col_name\tdata_type\tcomment"]
    found += [
        f"{field.name.lower()}\t{_hive(field.field_type)}\t{field.doc or ''}"
        for field in table.schema().fields
    ]
    found += ["\t\t", "# Partition spec:\t\t", "# field_name\tfield_transform\tcolumn_name"]
    return found + [
        f"{field.name}\t{field.transform}\t{_source(field, table)}" for field in table.spec().fields
    ]


def _column(field: Any) -> str:
    comment = f" COMMENT {_quoted(field.doc)}" if field.doc else ""
    return f"`{field.name.lower()}` {_hive(field.field_type)}{comment}"


def _hive(kind: Any) -> str:
    found = trino_type(kind)
    return hive(found) if found.name != "timestamp with time zone" else "timestamp"


def _declared(field: Any, table: Any) -> str:
    source, transform = f"`{_source(field, table)}`", field.transform
    if isinstance(transform, tr.BucketTransform):
        return f"bucket({transform.num_buckets}, {source})"
    if isinstance(transform, tr.TruncateTransform):
        return f"truncate({transform.width}, {source})"
    word = _WORDS.get(type(transform))
    return f"{word}({source})" if word else source


def _source(field: Any, table: Any) -> str:
    return str(table.schema().find_field(field.source_id).name).lower()


def _separated(lines: list[str], end: str) -> list[str]:
    return [f"{line}," for line in lines[:-1]] + [f"{lines[-1]}{end}"]


def _quoted(text: str) -> str:
    return "'" + str(text).replace("'", "''") + "'"
