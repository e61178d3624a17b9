"""A run that dies at any effect, and the rerun that ends as if it had not."""

from collections.abc import Callable

import pytest

from contracts.keys import LAKE_TABLES_PREFIX
from tests.support.lake_memory import Crash
from tests.support.lake_world import World, document, two_tenants


def _dies_at(part: str) -> Callable[[World], None]:
    def arm(world: World) -> None:
        world.lake.dies_at = world.results.dies_at = lambda key: part in key

    return arm


def _dies_after_moves(count: int) -> Callable[[World], None]:
    def arm(world: World) -> None:
        world.ledger.dies_after = count

    return arm


@pytest.mark.parametrize(
    "arm",
    [
        _dies_at("quarantine/flatten/cut-off-0123456789.json"),
        _dies_at("quarantine/flatten/cut-off-0123456789.reason.json"),
        _dies_at("_intents/"),
        _dies_at("tables/turns/"),
        _dies_at("tables/calls/"),
        _dies_at("tables/calls/tenant_id=acme-uk"),
        _dies_after_moves(0),
        _dies_after_moves(2),
        _dies_at("_intents/done/"),
    ],
)
def test_after_death_at_any_effect_a_rerun_ends_as_if_nothing_had_happened(
    arm: Callable[[World], None],
) -> None:
    whole, broken = two_tenants(), two_tenants()
    whole.flatten()
    arm(broken)
    with pytest.raises(Crash):
        broken.flatten()
    broken.lake.dies_at = broken.results.dies_at = lambda _key: False
    broken.ledger.dies_after = None
    broken.flatten()
    assert broken.all_rows() == whole.all_rows()
    assert broken.ledger.states() == whole.ledger.states()
    assert broken.lake.list_keys(LAKE_TABLES_PREFIX) == whole.lake.list_keys(LAKE_TABLES_PREFIX)


def test_new_calls_after_a_death_do_not_double_the_rows_already_written() -> None:
    world = two_tenants()
    world.ledger.dies_after = 1
    with pytest.raises(Crash):
        world.flatten()
    world.ledger.dies_after = None
    world.drop_final("acme", "new-0123456789", document("acme", "new-0123456789"))
    world.flatten()
    keys = [(row["tenant_id"], row["call_id"]) for row in world.rows("calls")]
    assert len(keys) == len(set(keys)) == 4
