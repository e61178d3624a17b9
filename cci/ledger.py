"""The ledger as people ask for it: calls of a tenant, one call, the identity, its evidence."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from cci.athena import Rows, query
from cci.aws import Aws
from contracts import ledger
from contracts.names import CONFIG_TABLE, LEDGER_TABLE, PUBLISHED_DATABASE
from contracts.tenant import TenantId

Item = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Identity:
    """One tenant's counts, and the calls whose published state the mart contradicts."""

    tenant: str
    counts: Mapping[str, int]
    not_in_mart: tuple[str, ...]
    not_in_ledger: tuple[str, ...]

    @property
    def is_exact(self) -> bool:
        """Whether the sum holds and ledger and mart name the same published calls."""
        parts = sum(self.counts[word] for word in ledger.BUCKETS)
        return self.counts["received"] == parts and not self.not_in_mart and not self.not_in_ledger


def registered_tenants(aws: Aws) -> dict[str, Item]:
    """Return tenant id -> its META item, for every registered tenant, by id."""
    pages = _pages(
        aws.table(CONFIG_TABLE),
        IndexName="by_kind",
        KeyConditionExpression="kind = :kind",
        ExpressionAttributeValues={":kind": "META"},
    )
    return {str(item["pk"]).partition("#")[2]: item for item in pages}


def calls(aws: Aws, tenant: str, day: str | None = None) -> list[Item]:
    """Return the ledger items of a tenant's calls, read consistently; `day` is a UTC date."""
    items = _pages(
        aws.table(LEDGER_TABLE),
        ConsistentRead=True,
        KeyConditionExpression="pk = :pk AND begins_with(sk, :prefix)",
        ExpressionAttributeValues={":pk": f"TENANT#{tenant}", ":prefix": "CALL#"},
    )
    return [item for item in items if day is None or item["day"] == day]


def one_call(aws: Aws, tenant: str, call_id: str) -> Item | None:
    """Return the ledger item of one call, or None."""
    key = ledger.call_key(TenantId(tenant), call_id)
    found = aws.table(LEDGER_TABLE).get_item(Key=key, ConsistentRead=True)
    item: Item | None = found.get("Item")
    return item


def identities(
    aws: Aws, tenants: list[str] | None = None, day: str | None = None
) -> list[Identity]:
    """Return the identity of each tenant with its evidence; without `tenants` of every one.

    Every one is whoever is registered, and whoever the mart shows besides. Received is counted from
    items, published compared as sets with `cci_lite.fct_calls`.
    """
    in_mart = _in_mart(aws, day)
    if tenants is None:
        tenants = sorted({*registered_tenants(aws), *in_mart})
    return [_identity(tenant, calls(aws, tenant, day), in_mart) for tenant in tenants]


def _identity(tenant: str, items: list[Item], in_mart: Mapping[str, set[str]]) -> Identity:
    published = {
        str(item["sk"]).removeprefix("CALL#")
        for item in items
        if ledger.bucket(item) == "published"
    }
    shown = in_mart.get(tenant, set())
    return Identity(
        tenant,
        ledger.count(items),
        tuple(sorted(published - shown)),
        tuple(sorted(shown - published)),
    )


def _in_mart(aws: Aws, day: str | None) -> dict[str, set[str]]:
    if not _is_published(aws):
        return {}
    where = f" where call_date = date '{day}'" if day else ""
    found: Rows = query(aws, f"select tenant_id, call_id from fct_calls{where}")  # noqa: S608 - day is a date
    calls_of: dict[str, set[str]] = {}
    for tenant, call_id in found.rows:
        calls_of.setdefault(str(tenant), set()).add(str(call_id))
    return calls_of


def _is_published(aws: Aws) -> bool:
    try:
        aws.glue.get_table(DatabaseName=PUBLISHED_DATABASE, Name="fct_calls")
    except aws.glue.exceptions.EntityNotFoundException:
        return False
    return True


def _pages(table: Any, **arguments: Any) -> Iterator[Item]:
    while True:
        page = table.query(**arguments)
        yield from page["Items"]
        if "LastEvaluatedKey" not in page:
            return
        arguments["ExclusiveStartKey"] = page["LastEvaluatedKey"]
