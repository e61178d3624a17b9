"""Glue databases and tables: names in lower case, whole replacements, versions, no invented fields.

ministack merges an UpdateTable into the old table, keeps upper case apart, deletes silently what
is not there and pages nothing; Iceberg commits and Trino rest on AWS's behaviour.
"""

import copy
import fnmatch
import re
import time
from typing import Any

from ministack.services import glue

from localaws import state
from localaws.caller import Caller
from localaws.errors import ApiError
from localaws.services.glue_store import Operation, Record, key, page

_TABLE_FIELDS = (
    "Description",
    "Owner",
    "LastAccessTime",
    "LastAnalyzedTime",
    "Retention",
    "StorageDescriptor",
    "PartitionKeys",
    "ViewOriginalText",
    "ViewExpandedText",
    "TableType",
    "Parameters",
    "TargetTable",
    "ViewDefinition",
)
_BY_NAME = ("GetDatabase", "UpdateDatabase", "DeleteDatabase", "GetTable", "DeleteTable")
_DATABASE_FIELDS = ("Description", "LocationUri", "Parameters", "TargetDatabase")
_VERSIONS = state.register("glue_table_versions")


def lower_case(operation: str, request: Record) -> Record:
    """Return a catalog request with its database and table names as Glue keeps them."""
    lowered = dict(request)
    named = ("Name",) if operation in _BY_NAME else ()
    for name in ("DatabaseName", "TableName", *named):
        if isinstance(lowered.get(name), str):
            lowered[name] = lowered[name].lower()
    for name in ("TableInput", "DatabaseInput"):
        if "Name" in lowered.get(name, {}):
            lowered[name] = {**lowered[name], "Name": lowered[name]["Name"].lower()}
    return lowered


def create_database(request: Record, caller: Caller) -> Record:
    """Keep a database."""
    name = request["DatabaseInput"]["Name"]
    if name in glue._databases:
        raise ApiError("AlreadyExistsException", f"Database {name} already exists.")
    glue._databases[name] = _database(request, caller, time.time())
    if request.get("Tags"):
        glue._tags[glue._arn("database", name)] = dict(request["Tags"])
    return {}


def update_database(request: Record, caller: Caller) -> Record:
    """Replace a database's description, location and parameters."""
    old = _find_database(request["Name"])
    glue._databases[request["Name"]] = _database(request, caller, old["CreateTime"])
    return {}


def get_database(request: Record, _caller: Caller) -> Record:
    """Return one database."""
    return {"Database": _find_database(request["Name"])}


def get_databases(request: Record, _caller: Caller) -> Record:
    """Return the databases, by name."""
    found = sorted(glue._databases.values(), key=lambda database: str(database["Name"]))
    return page(found, request, "DatabaseList")


def delete_database(request: Record, caller: Caller) -> Record:
    """Delete a database with its tables, as the API does (Athena's DROP asks for CASCADE first)."""
    name = request["Name"]
    _find_database(name)
    for table in _tables(name):
        _drop(name, table["Name"], caller)
    del glue._databases[name]
    return {}


def create_table(request: Record, caller: Caller) -> Record:
    """Keep a table as version 0."""
    database, name = request["DatabaseName"], request["TableInput"]["Name"]
    _find_database(database)
    if f"{database}/{name}" in glue._tables:
        raise ApiError("AlreadyExistsException", f"Table {name} already exists.")
    glue._tables[f"{database}/{name}"] = _table(request, caller, time.time(), "0")
    return {}


def update_table(request: Record, caller: Caller) -> Record:
    """Replace a table; raise ConcurrentModificationException when `VersionId` is not the newest.

    The old version stays readable unless SkipArchive is given.
    """
    database, name = request["DatabaseName"], request["TableInput"]["Name"]
    old = find_table(database, name)
    wanted = request.get("VersionId")
    if wanted is not None and wanted != old["VersionId"]:
        text = f"Table {name} is at version {old['VersionId']}, the update expects {wanted}"
        raise ApiError("ConcurrentModificationException", text)
    if not request.get("SkipArchive"):
        archive = _VERSIONS.setdefault(key(caller, f"{database}/{name}"), {})
        archive[old["VersionId"]] = copy.deepcopy(old)
    number = str(int(old["VersionId"]) + 1)
    glue._tables[f"{database}/{name}"] = _table(request, caller, old["CreateTime"], number)
    return {}


def get_table(request: Record, _caller: Caller) -> Record:
    """Return one table."""
    return {"Table": find_table(request["DatabaseName"], request["Name"])}


def get_tables(request: Record, _caller: Caller) -> Record:
    """Return a database's tables by name, those that match a pattern where one is given."""
    _find_database(request["DatabaseName"])
    pattern = request.get("Expression") or "*"
    found = [t for t in _tables(request["DatabaseName"]) if _matches(pattern, t["Name"])]
    limited = {**request, "MaxResults": min(request.get("MaxResults") or 100, 100)}
    return page(found, limited, "TableList")


def delete_table(request: Record, caller: Caller) -> Record:
    """Delete a table with its partitions and versions."""
    find_table(request["DatabaseName"], request["Name"])
    _drop(request["DatabaseName"], request["Name"], caller)
    return {}


def batch_delete_table(request: Record, caller: Caller) -> Record:
    """Delete tables; unknown ones are errors of their own."""
    database, errors = request["DatabaseName"], []
    for name in request["TablesToDelete"]:
        if f"{database}/{name.lower()}" in glue._tables:
            _drop(database, name.lower(), caller)
        else:
            detail = {"ErrorCode": "EntityNotFoundException", "ErrorMessage": "Table not found"}
            errors.append({"TableName": name, "ErrorDetail": detail})
    return {"Errors": errors}


def get_table_versions(request: Record, caller: Caller) -> Record:
    """Return all versions of a table, the newest first."""
    versions = _versions(request, caller)
    numbers = sorted(versions, key=int, reverse=True)
    found = [{"Table": versions[number], "VersionId": number} for number in numbers]
    return page(found, request, "TableVersions")


def get_table_version(request: Record, caller: Caller) -> Record:
    """Return one version of a table, the current one by default."""
    versions = _versions(request, caller)
    number = request.get("VersionId") or max(versions, key=int)
    if number not in versions:
        raise missing(f"version {number} of table {request['TableName']}")
    return {"TableVersion": {"Table": versions[number], "VersionId": number}}


def batch_delete_table_version(request: Record, caller: Caller) -> Record:
    """Delete old versions; the current one and unknown ones are errors of their own."""
    table = request["TableName"]
    old = _VERSIONS.get(key(caller, f"{request['DatabaseName']}/{table}"), {})
    detail = {"ErrorCode": "EntityNotFoundException", "ErrorMessage": "no such old version"}
    return {
        "Errors": [
            {"TableName": table, "VersionId": number, "ErrorDetail": detail}
            for number in request["VersionIds"]
            if old.pop(number, None) is None
        ]
    }


def delete_table_version(request: Record, caller: Caller) -> Record:
    """Delete one old version; raise EntityNotFoundException where there is none."""
    one = {**request, "VersionIds": [request["VersionId"]]}
    if batch_delete_table_version(one, caller)["Errors"]:
        raise missing(f"old version {request['VersionId']} of table {request['TableName']}")
    return {}


OPERATIONS: dict[str, Operation] = {
    "CreateDatabase": create_database,
    "UpdateDatabase": update_database,
    "GetDatabase": get_database,
    "GetDatabases": get_databases,
    "DeleteDatabase": delete_database,
    "CreateTable": create_table,
    "UpdateTable": update_table,
    "GetTable": get_table,
    "GetTables": get_tables,
    "DeleteTable": delete_table,
    "BatchDeleteTable": batch_delete_table,
    "GetTableVersions": get_table_versions,
    "GetTableVersion": get_table_version,
    "DeleteTableVersion": delete_table_version,
    "BatchDeleteTableVersion": batch_delete_table_version,
}


def find_table(database: str, name: str) -> Record:
    """Return a table of ministack's store; raise EntityNotFoundException that names it."""
    table: Record | None = glue._tables.get(f"{database}/{name}")
    if table is None:
        raise missing(f"table {name} in database {database}")
    return table


def missing(what: str) -> ApiError:
    """Return Glue's error for an entity there is none of."""
    return ApiError("EntityNotFoundException", f"Entity Not Found: {what}")


def _find_database(name: str) -> Record:
    database: Record | None = glue._databases.get(name)
    if database is None:
        raise missing(f"database {name}")
    return database


def _database(request: Record, caller: Caller, created: float) -> Record:
    given = request["DatabaseInput"]
    fields = {name: given[name] for name in _DATABASE_FIELDS if given.get(name) is not None}
    own = {"CreateTime": int(created), "CatalogId": caller.account}
    return {"Name": given["Name"], **fields, **own}


def _table(request: Record, caller: Caller, created: float, version: str) -> Record:
    given = request["TableInput"]
    fields = {name: given[name] for name in _TABLE_FIELDS if given.get(name) is not None}
    return {
        "Name": given["Name"],
        "DatabaseName": request["DatabaseName"],
        "PartitionKeys": [],
        "Parameters": {},
        **fields,
        "CreateTime": int(created),
        "UpdateTime": int(time.time()),
        "CatalogId": caller.account,
        "IsRegisteredWithLakeFormation": False,
        "VersionId": version,
    }


def _tables(database: str) -> list[Record]:
    found: Any = [t for name, t in glue._tables.items() if name.startswith(f"{database}/")]
    return sorted(found, key=lambda table: str(table["Name"]))


def _matches(pattern: str, name: str) -> bool:
    if fnmatch.fnmatchcase(name, pattern):
        return True
    try:
        return re.fullmatch(pattern, name) is not None
    except re.error:
        return False


def _drop(database: str, name: str, caller: Caller) -> None:
    table = f"{database}/{name}"
    for store in (
        glue._tables,
        glue._partitions,
        glue._partition_indexes,
        glue._table_column_statistics,
        glue._partition_column_statistics,
    ):
        store.pop(table, None)
    _VERSIONS.pop(key(caller, table), None)


def _versions(request: Record, caller: Caller) -> dict[str, Record]:
    database, name = request["DatabaseName"], request["TableName"]
    table = find_table(database, name)
    return {**_VERSIONS.get(key(caller, f"{database}/{name}"), {}), table["VersionId"]: table}
