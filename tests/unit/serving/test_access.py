"""Grants survive the way into the configuration table and back; nonsense is refused."""

import pytest

from contracts.tenant import parse_tenant
from serving.access import Grant, grant_item, load_grants

ACME = parse_tenant("acme")


def test_grants_come_back_as_they_were_given() -> None:
    grants = [
        Grant(ACME, "group", "tenant-acme"),
        Grant(ACME, "user", "Reader/session#1"),
        Grant(parse_tenant("acme-uk"), "group", "tenant-acme"),
    ]
    items = [grant_item(grant, "2026-01-30T02:00:00Z") for grant in reversed(grants)]
    assert load_grants([*items, {"pk": "TENANT#acme", "sk": "META#v1"}]) == grants
    assert items[1]["user_name"] == "Reader/session#1"


@pytest.mark.parametrize("name", ["", " ", "a b", "a,b", 'a"b', "a'b", "a\n"])
def test_a_name_that_quicksight_would_read_otherwise_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="QuickSight name"):
        Grant(ACME, "user", name)


def test_an_item_for_neither_user_nor_group_is_refused() -> None:
    with pytest.raises(ValueError, match="a user or a group"):
        load_grants([{"pk": "TENANT#acme", "sk": "ACCESS#role#admin"}])
