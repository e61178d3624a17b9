"""Presto views in Glue: a query's text and its columns <-> the table entry that holds them."""

import base64
import json
import re
from typing import Any

from localaws.athena.failures import QueryFailed
from localaws.athena.scopes import Column
from localaws.athena.tables import View
from localaws.athena.trino_types import hive, trino

_ORIGINAL = re.compile(r"/\* Presto View: ([A-Za-z0-9+/=]+) \*/")


def encode(name: str, sql: str, schema: str, columns: tuple[Column, ...]) -> dict[str, Any]:
    """Return Glue's TableInput of a view; raise QueryFailed for a column type Hive cannot name."""
    document = {
        "originalSql": sql,
        "catalog": "awsdatacatalog",
        "schema": schema,
        "columns": [{"name": c.name.lower(), "type": trino(c.type)} for c in columns],
        "runAsInvoker": True,
        "path": [],
    }
    text = base64.b64encode(json.dumps(document).encode()).decode()
    return {
        "Name": name,
        "TableType": "VIRTUAL_VIEW",
        "Parameters": {"presto_view": "true", "comment": "Presto View"},
        "ViewOriginalText": f"/* Presto View: {text} */",
        "ViewExpandedText": "/* Presto View */",
        "PartitionKeys": [],
        "StorageDescriptor": {
            "Columns": [{"Name": c.name.lower(), "Type": _glue_type(c)} for c in columns],
            "Location": "",
            "SerdeInfo": {},
        },
    }


def decode(found: Any) -> View:
    """Return the view a Glue entry holds; raise QueryFailed INVALID_VIEW for another kind."""
    match = _ORIGINAL.search(found.get("ViewOriginalText") or "")
    if match is None:
        text = f"View '{found['DatabaseName']}.{found['Name']}' is not a Presto view"
        raise QueryFailed("INVALID_VIEW", text)
    document = json.loads(base64.b64decode(match[1]))
    schema = document.get("schema") or found["DatabaseName"]
    names = tuple(column["name"].lower() for column in document["columns"])
    return View(document["originalSql"], schema, f"{found['DatabaseName']}.{found['Name']}", names)


def _glue_type(column: Column) -> str:
    # Glue wants a Hive word; a view's true types are in its document.
    if column.type.name in ("timestamp with time zone", "json", "unknown"):
        return "timestamp" if column.type.name.startswith("timestamp") else "string"
    return hive(column.type)
