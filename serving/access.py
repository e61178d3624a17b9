"""Grants <-> the configuration items that `rls_rules` is built from.

A grant is one item per tenant and user or group. It always names its tenant: to QuickSight, a rule
without one means all of them.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal, get_args

from contracts.tenant import TenantId, parse_tenant

Kind = Literal["user", "group"]


@dataclass(frozen=True, slots=True)
class Grant:
    """A user or a group that may see a tenant; `name` as QuickSight spells it."""

    tenant_id: TenantId
    kind: Kind
    name: str

    def __post_init__(self) -> None:
        if (
            not self.name
            or any(mark in self.name for mark in ",\"'")
            or self.name.split() != [self.name]
        ):
            raise ValueError(
                f"{self.kind} {self.name!r}: use the QuickSight name, without comma, quote or blank"
            )


def grant_item(grant: Grant, now: str) -> dict[str, Any]:
    """Return the configuration item of a grant; `now` is ISO 8601 UTC."""
    return {
        "pk": f"TENANT#{grant.tenant_id}",
        "sk": f"ACCESS#{grant.kind}#{grant.name}",
        f"{grant.kind}_name": grant.name,
        "granted_at": now,
    }


def load_grants(items: Iterable[Mapping[str, Any]]) -> list[Grant]:
    """Return the grants among a tenant's configuration items, in order of kind and name.

    Raise ValueError for an item nobody could have been granted by.
    """
    found = [_grant(item) for item in items if str(item["sk"]).startswith("ACCESS#")]
    return sorted(found, key=lambda grant: (grant.tenant_id, grant.kind, grant.name))


def _grant(item: Mapping[str, Any]) -> Grant:
    _, kind, name = str(item["sk"]).split("#", 2)
    if kind not in get_args(Kind):
        raise ValueError(f"{item['pk']} {item['sk']}: a grant is for a user or a group")
    tenant = parse_tenant(str(item["pk"]).partition("#")[2])
    return Grant(tenant, kind, name)  # type: ignore[arg-type]
