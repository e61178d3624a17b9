"""Rows, rules and a person -> the rows QuickSight would show that person.

A model of what QuickSight does, dangers included, so that preview and tests can ask it: a rule with
a blank tenant shows every tenant, an owner and a data set without rules do too, a comma splits a
value, and rules of a user and of all their groups add up (serving.md 3.4).
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, TypeVar

Rule = Mapping[str, str | None]
Row = TypeVar("Row", bound=Mapping[str, Any])


def visible(
    rows: Iterable[Row],
    rules: Iterable[Rule],
    user: str,
    groups: Collection[str],
    *,
    is_owner: bool,
    attached: bool,
) -> list[Row]:
    """Return those of `rows` (each with a `tenant_id`) that the person sees.

    `rules` have user_name, group_name and tenant_id; names are case-sensitive. `attached` says
    whether the data set carries the rules at all.
    """
    if is_owner or not attached:
        return list(rows)
    own = [rule for rule in rules if _applies(rule, user, groups)]
    if any(_is_blank(rule["tenant_id"]) for rule in own):
        return list(rows)
    granted = _granted(own)
    return [row for row in rows if row["tenant_id"] in granted]


def _applies(rule: Rule, user: str, groups: Collection[str]) -> bool:
    name, group = rule["user_name"], rule["group_name"]
    return (bool(name) and name == user) or (bool(group) and group in groups)


def _is_blank(value: str | None) -> bool:
    return value is None or not value.strip()


def _granted(rules: Sequence[Rule]) -> frozenset[str]:
    return frozenset(
        part.strip() for rule in rules for part in str(rule["tenant_id"]).split(",") if part.strip()
    )
