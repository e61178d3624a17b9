"""A DynamoDB request -> the partition key values it names: `dynamodb:LeadingKeys`.

Of a table's items the table's partition key, of an index's the index's. A Scan names none, nor
does a PartiQL statement without equality on the key: the condition key is then absent, and
`ForAllValues` alone lets the request pass, as in AWS. A policy wants `Null` beside it.
"""

import re
from collections.abc import Iterable, Iterator
from typing import Any

from ministack.services import dynamodb

from localaws.iam.requests import Asked

Parameters = dict[str, Any]
Item = dict[str, Any]

PARTIQL = {
    "SELECT": "dynamodb:PartiQLSelect",
    "EXISTS": "dynamodb:PartiQLSelect",
    "INSERT": "dynamodb:PartiQLInsert",
    "UPDATE": "dynamodb:PartiQLUpdate",
    "DELETE": "dynamodb:PartiQLDelete",
}
_STATEMENTS = {
    "ExecuteStatement": None,
    "BatchExecuteStatement": "Statements",
    "ExecuteTransaction": "TransactStatements",
}
_ARN = re.compile(r"arn:[^:]*:dynamodb:[^:]*:[^:]*:table/([^/]+)(?:/index/(.+))?")
_EQUALITY = re.compile(r"(?:^|[\s(])([#\w]+)\s*=\s*(:[\w.]+)")


def leading_keys(asked: Asked, arn: str) -> list[str] | None:
    """Return the partition key values of what the request does to `arn`, None if it names none."""
    found = _ARN.fullmatch(arn)
    table = dynamodb._tables.get(found.group(1)) if found else None
    if table is None or found is None:
        return None
    name, index = found.groups()
    key = _partition_key(table, index)
    values = [_plain(value) for value in _values(asked, name, key) if value]
    return values or None


def statements(asked: Asked) -> list[Parameters]:
    """Return the PartiQL statements of a request, parsed; those that do not parse are left out.

    DynamoDB refuses a request with such a statement before it does anything.
    """
    operation = asked.action.partition(":")[2]
    if operation not in _STATEMENTS:
        return []
    member = _STATEMENTS[operation]
    given = asked.parameters.get(member, []) if member else [asked.parameters]
    return [one for one in (_parsed(entry) for entry in given) if one]


def _values(asked: Asked, table: str, key: str) -> Iterator[Any]:
    given = asked.parameters
    if asked.action == "dynamodb:Query":
        yield _queried(given, key)
    elif member := next((name for name in ("Key", "Item") if name in given), None):
        yield given[member].get(key)
    elif "RequestItems" in given:
        yield from (item.get(key) for item in _batched(given["RequestItems"], table))
    elif "TransactItems" in given:
        yield from (item.get(key) for item in _transacted(given["TransactItems"], table))
    else:
        for one in statements(asked):
            if _table_of(one) == table:
                yield from _named_in_statement(one, key)


def _queried(given: Parameters, key: str) -> Any:
    legacy = given.get("KeyConditions", {}).get(key)
    if legacy:
        return legacy.get("AttributeValueList", [None])[0]
    names = given.get("ExpressionAttributeNames") or {}
    for name, value in _EQUALITY.findall(given.get("KeyConditionExpression") or ""):
        if names.get(name, name) == key:
            return (given.get("ExpressionAttributeValues") or {}).get(value)
    return None


def _batched(request_items: Parameters, table: str) -> Iterator[Item]:
    for name, wanted in request_items.items():
        if _short(name) != table:
            continue
        if isinstance(wanted, dict):
            yield from wanted.get("Keys", [])
            continue
        for one in wanted:
            yield one.get("PutRequest", {}).get("Item") or one.get("DeleteRequest", {})["Key"]


def _transacted(items: Iterable[Parameters], table: str) -> Iterator[Item]:
    for entry in items:
        for part in entry.values():
            if _short(part.get("TableName", "")) == table:
                yield part.get("Item") or part.get("Key") or {}


def _named_in_statement(one: Parameters, key: str) -> Iterator[Any]:
    one = one.get("select", one)
    if one["op"] == "INSERT":
        item = one.get("item") or {}
        yield (item.get("M") or item).get(key)
    for name, comparison, value in one.get("conditions") or []:
        if name == key and comparison == "=":
            yield value
    yield from _listed_values(one.get("where"), key)


def _listed_values(node: Any, key: str) -> Iterator[Any]:
    """Yield what an `IN [...]` names for the key, at the top of a WHERE or below its ANDs."""
    if node and node[0] == "and":
        yield from _listed_values(node[1], key)
        yield from _listed_values(node[2], key)
    elif node and node[0] == "in" and node[1][:1] == ("path",) and list(node[1][1]) == [key]:
        options = node[2][1] if node[2][0] == "options" else []
        yield from (option[1] for option in options if option[0] == "lit")


def _parsed(entry: Parameters) -> Parameters | None:
    try:
        found: Parameters = dynamodb._parse_partiql(
            entry.get("Statement") or "", entry.get("Parameters") or []
        )
    except ValueError:
        return None
    return found


def _table_of(one: Parameters) -> str:
    return _short(str(one.get("select", one).get("table", "")))


def _short(name: str) -> str:
    found = _ARN.fullmatch(name)
    return found.group(1) if found else name


def _partition_key(table: Any, index: str | None) -> str:
    if index is None:
        return str(table["pk_name"])
    for kind in ("GlobalSecondaryIndexes", "LocalSecondaryIndexes"):
        for one in table.get(kind) or []:
            if one["IndexName"] == index:
                hashed = (k for k in one["KeySchema"] if k["KeyType"] == "HASH")
                return str(next(hashed)["AttributeName"])
    return str(table["pk_name"])


def _plain(value: Any) -> str:
    return str(next(iter(value.values()))) if isinstance(value, dict) else str(value)
