"""Who sees which rows, by QuickSight's logic: its dangers are modelled, the gate forbids them."""

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from serving.rls import visible

TENANTS = ("acme", "acme-uk", "globex", "0")
ROWS = [{"tenant_id": tenant, "call_id": "g1"} for tenant in TENANTS]
USERS, GROUPS = ("lead", "Lead", "agent"), ("tenant-acme", "cci-operators")
MANY = settings(max_examples=2000, deadline=None)

good_rules = st.lists(
    st.one_of(
        st.fixed_dictionaries(
            {
                "user_name": st.sampled_from(USERS),
                "group_name": st.none(),
                "tenant_id": st.sampled_from(TENANTS),
            }
        ),
        st.fixed_dictionaries(
            {
                "user_name": st.none(),
                "group_name": st.sampled_from(GROUPS),
                "tenant_id": st.sampled_from(TENANTS),
            }
        ),
    ),
    max_size=8,
)
people = st.tuples(st.sampled_from(USERS), st.sets(st.sampled_from(GROUPS)))


def rule(tenant: str | None, user: str | None = "lead", group: str | None = None) -> dict[str, Any]:
    return {"user_name": user, "group_name": group, "tenant_id": tenant}


def seen(
    rules: list[dict[str, Any]], user: str = "lead", groups: Any = (), **more: bool
) -> set[str]:
    asked = {"is_owner": False, "attached": True} | more
    return {row["tenant_id"] for row in visible(ROWS, rules, user, groups, **asked)}


@MANY
@given(good_rules, people)
def test_rules_that_pass_the_gate_never_show_a_tenant_that_was_not_granted(
    rules: list[dict[str, Any]], person: tuple[str, set[str]]
) -> None:
    user, groups = person
    granted = {
        each["tenant_id"]
        for each in rules
        if each["user_name"] == user or each["group_name"] in groups
    }
    assert seen(rules, user, groups) == granted


@MANY
@given(good_rules, people)
def test_no_rule_no_row(rules: list[dict[str, Any]], person: tuple[str, set[str]]) -> None:
    user, groups = person
    others = [
        each for each in rules if each["user_name"] != user and each["group_name"] not in groups
    ]
    assert seen(others, user, groups) == set()


@MANY
@given(good_rules, st.sampled_from(TENANTS))
def test_a_rule_for_one_never_changes_what_another_sees(
    rules: list[dict[str, Any]], tenant: str
) -> None:
    assert seen([*rules, rule(tenant, "lead")], "agent") == seen(rules, "agent")


def test_a_rule_without_a_tenant_shows_every_tenant() -> None:
    for blank in (None, "", " "):
        assert seen([rule("acme"), rule(blank)]) == set(TENANTS)


def test_an_owner_and_a_data_set_without_rules_show_everything() -> None:
    assert seen([], is_owner=True) == seen([], attached=False) == set(TENANTS)


def test_a_comma_splits_a_value_and_names_are_case_sensitive() -> None:
    assert seen([rule("acme,globex")]) == {"acme", "globex"}
    assert seen([rule("acme")], "Lead") == set()


def test_rules_of_a_user_and_of_all_groups_add_up() -> None:
    rules = [rule("acme"), rule("acme-uk", None, "cci-operators"), rule("0", None, "other")]
    assert seen(rules, "lead", {"cci-operators"}) == {"acme", "acme-uk"}


def test_a_rule_for_nobody_applies_to_nobody() -> None:
    assert seen([rule("acme", "", "")], "", {""}) == set()
