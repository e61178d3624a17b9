"""Rows of a relation -> the partitions of an Iceberg table's current spec they belong to."""

# ruff: noqa: S608 -- this package writes SQL; names and texts are quoted by trino_types

from dataclasses import dataclass
from typing import Any

import pyarrow as pa
from pyiceberg import types as i
from pyiceberg.partitioning import partition_record_value
from pyiceberg.transforms import BucketTransform, IdentityTransform
from pyiceberg.typedef import Record

from localaws.athena.failures import QueryFailed, not_supported
from localaws.athena.partition_files import MOST_PARTITIONS
from localaws.athena.trino_types import quote


@dataclass(frozen=True, slots=True)
class Group:
    """One partition: its values, its path below `data/` ("" without one), the query of its rows."""

    values: Record
    path: str
    rows: str


def groups(connection: Any, relation: str, table: Any) -> list[Group]:
    """Return the partitions of the rows of `relation`, which has the table's columns."""
    schema, spec = table.schema(), table.spec()
    columns = ", ".join(f"w.{quote(field.name.lower())}" for field in schema.fields)
    if not spec.fields:
        return [Group(Record(), "", f"SELECT {columns} FROM {quote(relation)} AS w")]
    joins, slots = _joins(connection, relation, table)
    keys = f"{relation}_keys"
    connection.execute(
        f"CREATE OR REPLACE TEMP TABLE {quote(keys)} AS SELECT row_number() OVER () AS part, * "
        f"FROM (SELECT DISTINCT {slots} FROM {quote(relation)} AS w{joins} ORDER BY ALL)"
    )
    match = " AND ".join(f"j.p{n} IS NOT DISTINCT FROM k.p{n}" for n in range(len(spec.fields)))
    parted = f"(SELECT w.*, {slots} FROM {quote(relation)} AS w{joins}) AS j"
    found = []
    for part, *values in connection.execute(f"SELECT * FROM {quote(keys)} ORDER BY 1").fetchall():
        pairs = zip(spec.fields, values, strict=True)
        record = Record(*(partition_record_value(field, value, schema) for field, value in pairs))
        listed = columns.replace("w.", "j.")
        rows = f"SELECT {listed} FROM {parted} JOIN {quote(keys)} AS k ON {match}"
        path = spec.partition_to_path(record, schema)
        found.append(Group(record, path, f"{rows} WHERE k.part = {part}"))
    return found


def refuse_many(connection: Any, relation: str, table: Any) -> None:
    """Raise QueryFailed when the rows of `relation` belong to more than 100 partitions."""
    if len(groups(connection, relation, table)) > MOST_PARTITIONS:
        text = f"Exceeded limit of {MOST_PARTITIONS} open writers for partitions/buckets"
        raise QueryFailed("ICEBERG_TOO_MANY_OPEN_PARTITIONS", text)


def _joins(connection: Any, relation: str, table: Any) -> tuple[str, str]:
    joins, slots = "", []
    for n, field in enumerate(table.spec().fields):
        column = quote(table.schema().find_field(field.source_id).name.lower())
        if isinstance(field.transform, IdentityTransform):
            slots.append(f"w.{column} AS p{n}")
            continue
        name = f"{relation}_values_{n}"
        connection.register(name, _transformed(connection, relation, column, field, table))
        joins += f" JOIN {quote(name)} AS t{n} ON t{n}.v IS NOT DISTINCT FROM w.{column}"
        slots.append(f"t{n}.r AS p{n}")
    return joins, ", ".join(slots)


def _transformed(connection: Any, relation: str, column: str, field: Any, table: Any) -> Any:
    kind = table.schema().find_type(field.source_id)
    if isinstance(kind, i.UUIDType) and isinstance(field.transform, BucketTransform):
        raise not_supported("a partition by bucket of a uuid")
    sql = f"SELECT DISTINCT w.{column} AS v FROM {quote(relation)} AS w"
    values = connection.execute(sql).to_arrow_table().column("v").combine_chunks()
    found = field.transform.pyarrow_transform(kind)(values)
    if pa.types.is_date(found.type):
        found = found.cast(pa.int32())
    return pa.table({"v": values, "r": found})
