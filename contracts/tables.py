"""Every lake table and configuration copy, defined once, and how Glue and Athena write them.

A column changes here (those of `calls` in `call_columns.py`), then `make generate` renders the
dbt sources, structure suites, JSON schemas and the data dictionary. Only nullable columns, only
at the end; never renamed, retyped or removed (lake.md §1).
"""

from typing import Any, Final

from contracts.call_columns import CALL_COLUMNS
from contracts.child_columns import (
    ACTION_ITEM_COLUMNS,
    ENTITY_COLUMNS,
    EVALUATION_COLUMNS,
    KEY_PHRASE_COLUMNS,
    REJECT_COLUMNS,
    TURN_COLUMNS,
    USAGE_COLUMNS,
)
from contracts.column_types import glue_type
from contracts.columns import Column, Table
from contracts.copy_columns import ACCESS_COLUMNS, FORM_CRITERION_COLUMNS, TENANT_COLUMNS

__all__ = [
    "COPY_TABLES",
    "LAKE_CONTRACT",
    "LAKE_TABLES",
    "Column",
    "Table",
    "athena_ddl",
    "glue_table_input",
    "table_named",
]

LAKE_CONTRACT: Final = 1

_PARQUET = "org.apache.hadoop.hive.ql.io.parquet"
_DOCUMENT = ("call_id", "document_key")
_BY_CALL = ("call_date", "call_id")


def _child(name: str, what: str, number: str, columns: tuple[Column, ...]) -> Table:
    return Table(
        name=name,
        grain=f"One row per {what} of a call document.",
        key=(*_DOCUMENT, number),
        columns=columns,
        sort=(*_BY_CALL, number),
        retention_class="cost" if name == "model_usage" else "text",
    )


LAKE_TABLES: Final = (
    Table("calls", "One row per call document.", _DOCUMENT, CALL_COLUMNS, _BY_CALL, "detail"),
    Table(
        name="evaluations",
        grain="One row per evaluation in a call document, or per exported evaluation.",
        key=(*_DOCUMENT, "evaluation_id"),
        columns=EVALUATION_COLUMNS,
        sort=_BY_CALL,
        retention_class="detail",
    ),
    _child("turns", "turn", "turn_number", TURN_COLUMNS),
    _child("key_phrases", "key phrase", "phrase_number", KEY_PHRASE_COLUMNS),
    _child("entities", "entity", "entity_number", ENTITY_COLUMNS),
    _child("action_items", "action item", "item_number", ACTION_ITEM_COLUMNS),
    _child("model_usage", "paid use of a service", "usage_number", USAGE_COLUMNS),
    Table(
        name="rejects",
        grain="One row per problem found while reading an object.",
        key=("reject_id",),
        columns=REJECT_COLUMNS,
        sort=("source_key", "reject_number"),
        retention_class="quality",
    ),
)

COPY_TABLES: Final = (
    Table(
        name="config_tenants",
        grain="One row per tenant.",
        key=(),
        columns=TENANT_COLUMNS,
        sort=(),
        retention_class="config",
        partitions=("tenant_id",),
    ),
    Table(
        name="config_form_criteria",
        grain="One row per evaluation form version and criterion.",
        key=("form_name", "form_version", "criterion_id"),
        columns=FORM_CRITERION_COLUMNS,
        sort=("form_name", "form_version", "criterion_number"),
        retention_class="config",
        partitions=("tenant_id",),
    ),
    Table(
        name="config_access",
        grain="One row per grant of a tenant's rows to a user or a group, as found.",
        key=("user_name", "group_name"),
        columns=ACCESS_COLUMNS,
        sort=("user_name", "group_name"),
        retention_class="config",
        partitions=("tenant_id",),
    ),
)


def table_named(name: str) -> Table:
    """Return the lake table or copy called `name`; raise KeyError for another name."""
    return {table.name: table for table in (*LAKE_TABLES, *COPY_TABLES)}[name]


def glue_table_input(table: Table, database_location: str) -> dict[str, Any]:
    """Return the Glue `TableInput` of a table that lies at `<database_location>/<name>/`.

    `database_location` is an `s3://` address, such as that of the lake's `tables/`.
    """
    return {
        "Name": table.name,
        "Description": table.grain,
        "TableType": "EXTERNAL_TABLE",
        "Parameters": {
            "EXTERNAL": "TRUE",
            "classification": "parquet",
            "cci.contract": str(LAKE_CONTRACT),
        },
        "PartitionKeys": [{"Name": name, "Type": "string"} for name in table.partitions],
        "StorageDescriptor": {
            "Columns": [
                {"Name": column.name, "Type": glue_type(column.type), "Comment": column.description}
                for column in table.columns
            ],
            "Location": _location(table, database_location),
            "InputFormat": f"{_PARQUET}.MapredParquetInputFormat",
            "OutputFormat": f"{_PARQUET}.MapredParquetOutputFormat",
            "SerdeInfo": {
                "SerializationLibrary": f"{_PARQUET}.serde.ParquetHiveSerDe",
                "Parameters": {"serialization.format": "1"},
            },
        },
    }


def athena_ddl(table: Table, database: str, database_location: str) -> str:
    """Return the CREATE EXTERNAL TABLE statement that says the same as `glue_table_input`."""
    columns = ",\n".join(
        f"  `{column.name}` {glue_type(column.type)} COMMENT '{_quoted(column.description)}'"
        for column in table.columns
    )
    partitions = ", ".join(f"`{name}` string" for name in table.partitions)
    return (
        f"CREATE EXTERNAL TABLE IF NOT EXISTS `{database}`.`{table.name}` (\n{columns}\n)\n"
        f"COMMENT '{_quoted(table.grain)}'\n"
        f"PARTITIONED BY ({partitions})\n"
        f"STORED AS PARQUET\n"
        f"LOCATION '{_location(table, database_location)}'\n"
        f"TBLPROPERTIES ('classification'='parquet', 'cci.contract'='{LAKE_CONTRACT}')"
    )


def _location(table: Table, database_location: str) -> str:
    return f"{database_location.rstrip('/')}/{table.name}/"


def _quoted(text: str) -> str:
    return text.replace("'", "''")
