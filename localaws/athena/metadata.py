"""Athena's view of the catalog: data catalogs, databases, tables, as its API describes them."""

from typing import Any

from localaws.athena.catalog import Catalog
from localaws.athena.store import Clock, Store
from localaws.caller import Caller
from localaws.errors import ApiError

Request = dict[str, Any]
_NAME = "AwsDataCatalog"


def data_catalog(request: Request, caller: Caller, _store: Store, _clock: Clock) -> Request:
    """Return the one data catalog there is."""
    _only(request["Name"])
    parameters = {"catalog-id": caller.account}
    return {"DataCatalog": {"Name": _NAME, "Type": "GLUE", "Parameters": parameters}}


def data_catalogs(_request: Request, _caller: Caller, _store: Store, _clock: Clock) -> Request:
    """Return the list of that one."""
    return {"DataCatalogsSummary": [{"CatalogName": _NAME, "Type": "GLUE"}]}


def database(request: Request, caller: Caller, _store: Store, _clock: Clock) -> Request:
    """Return one database."""
    _only(request["CatalogName"])
    found = Catalog(caller).database(request["DatabaseName"].lower())
    if found is None:
        raise _missing(f"Database {request['DatabaseName']}")
    return {"Database": _database(found)}


def databases(request: Request, caller: Caller, _store: Store, _clock: Clock) -> Request:
    """Return a page of databases."""
    _only(request["CatalogName"])
    catalog = Catalog(caller)
    names, after = _page(catalog.databases(), request)
    listed = [_database(found) for name in names if (found := catalog.database(name))]
    return {"DatabaseList": listed, **after}


def table(request: Request, caller: Caller, _store: Store, _clock: Clock) -> Request:
    """Return one table."""
    _only(request["CatalogName"])
    schema, name = request["DatabaseName"].lower(), request["TableName"].lower()
    found = Catalog(caller).described(schema, name)
    if found is None:
        raise _missing(f"Table {name}")
    return {"TableMetadata": _table(found)}


def tables(request: Request, caller: Caller, _store: Store, _clock: Clock) -> Request:
    """Return a page of a database's tables."""
    _only(request["CatalogName"])
    catalog, schema = Catalog(caller), request["DatabaseName"].lower()
    if catalog.database(schema) is None:
        raise _missing(f"Database {schema}")
    if request.get("Expression"):
        raise ApiError("InvalidRequestException", "localaws lists tables without an expression")
    found, after = _page(catalog.tables(schema), request)
    return {"TableMetadataList": [_table(one) for one in found], **after}


def _database(found: Any) -> Request:
    kept = {"Name": found["Name"], "Parameters": found.get("Parameters") or {}}
    return {**kept, **({"Description": found["Description"]} if found.get("Description") else {})}


def _table(found: Any) -> Request:
    storage = found["StorageDescriptor"]
    parameters = dict(found.get("Parameters") or {})
    if storage.get("Location"):
        serde = (storage.get("SerdeInfo") or {}).get("SerializationLibrary", "")
        parameters |= {
            "inputformat": storage.get("InputFormat", ""),
            "location": storage["Location"],
            "outputformat": storage.get("OutputFormat", ""),
            "serde.serialization.lib": serde,
        }
    times = {"CreateTime": found["CreateTime"].timestamp()} if found.get("CreateTime") else {}
    return {
        "Name": found["Name"],
        **times,
        "TableType": found.get("TableType", "EXTERNAL_TABLE"),
        "Columns": [_column(column) for column in storage.get("Columns", [])],
        "PartitionKeys": [_column(key) for key in found.get("PartitionKeys") or []],
        "Parameters": parameters,
    }


def _column(found: Any) -> Request:
    kept = {"Name": found["Name"], "Type": found["Type"]}
    return {**kept, **({"Comment": found["Comment"]} if found.get("Comment") else {})}


def _page(items: list[Any], request: Request) -> tuple[list[Any], Request]:
    begin, most = int(request.get("NextToken") or 0), request.get("MaxResults") or 50
    after = {"NextToken": str(begin + most)} if begin + most < len(items) else {}
    return items[begin : begin + most], after


def _only(name: str) -> None:
    if name.lower() != _NAME.lower():
        raise ApiError("InvalidRequestException", f"DataCatalog {name} was not found")


def _missing(what: str) -> ApiError:
    return ApiError("MetadataException", f"{what} not found")
