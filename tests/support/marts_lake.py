"""The lake rows behind the tests of the marts: the golden story, and many calls by chance."""

import random
from collections.abc import Mapping, Sequence

from tests.support import marts_story as story
from tests.support.localaws_server import LocalAws
from tests.support.marts_story import Row
from tests.support.small_lake import add_rows

MONTHS = ("2025-11", "2025-12", "2026-01")


def write_story(aws: LocalAws, random_ones: Mapping[tuple[str, str], Sequence[Row]]) -> None:
    """Write the golden calls of two tenants, and a call of form `random` for each random one."""
    add_rows(aws, "calls", _calls(random_ones))
    add_rows(aws, "evaluations", _evaluations(random_ones))
    heard = (("acme", "g1"), ("acme-uk", "g1"), ("acme", "g20"))
    turns = [turn for owner, call_id in heard for turn in story.turns(owner, call_id, "first")]
    add_rows(aws, "turns", turns)
    add_rows(aws, "config_tenants", [story.tenant(one) for one in story.TENANTS])
    for one in story.TENANTS:
        add_rows(aws, "config_form_criteria", _forms(one))
        add_rows(aws, "config_access", [{"tenant_id": one, "group_name": f"tenant-{one}"}])


def write_many(aws: LocalAws, seed: int, count: int) -> None:
    """Write `count` calls of either tenant over three months, with numbers that do not round."""
    chance = random.Random(seed)  # noqa: S311 - the same lake every time
    calls: list[Row] = []
    evaluations: list[Row] = []
    for number in range(count):
        for tenant in story.TENANTS:
            where = (tenant, f"m{number}", "only", chance.choice(MONTHS))
            calls.append(story.call(*where, **_measures(chance, where[3])))
            answers = story.answers([chance.choice(story.WORDS) for _ in story.FORM])
            evaluations.append(story.evaluation(*where[:3], answers, month=where[3]))
    add_rows(aws, "calls", calls)
    add_rows(aws, "evaluations", evaluations)


def _calls(random_ones: Mapping[tuple[str, str], Sequence[Row]]) -> list[Row]:
    return [
        story.call("acme", "g1", "first"),
        story.call("acme-uk", "g1", "first"),
        story.call("acme", "g9", "first", "2025-11", processed_at="2025-11-05T00:00:00Z"),
        story.call("acme", "g9", "second", "2025-12", processed_at="2025-12-01T00:00:00Z"),
        story.call(
            *("acme", "g20", "first"),
            agent_talk_seconds=None,
            customer_talk_seconds=None,
            non_talk_seconds=None,
        ),
        *(story.call(owner, call_id, "only") for owner, call_id in random_ones),
    ]


def _evaluations(random_ones: Mapping[tuple[str, str], Sequence[Row]]) -> list[Row]:
    sample = story.answers(story.SAMPLE)
    passed = story.answers(("passed", "failed", "passed", "passed", "passed"))
    without = story.answers(("passed", "failed", "passed", "passed", "not_applicable"))
    export = {"evaluation_id": "x1", "evaluation_origin": "export", "evaluator": "human"}
    second = {**export, "evaluation_id": "x2"}
    later = {"submitted_at": "2026-02-01T00:00:00Z"}
    return [
        story.evaluation("acme", "g1", "first", sample, **story.CLAIM),
        story.evaluation("acme-uk", "g1", "first", without, **story.CLAIM),
        story.evaluation("acme", "g9", "first", sample, month="2025-11"),
        story.evaluation("acme", "g9", "second", passed, month="2025-12"),
        story.evaluation("acme", "g9", "old key", sample, **export),
        story.evaluation("acme", "g9", "new key", passed, **export, **later),
        story.evaluation("acme", "g9", "old key", sample, **second, status="complete"),
        story.evaluation("acme", "g9", "new key", sample, **second, **later, status="deleted"),
        *(
            story.evaluation(owner, call_id, "only", found, form_name="random")
            for (owner, call_id), found in random_ones.items()
        ),
    ]


def _forms(tenant: str) -> list[Row]:
    return [
        *story.form(tenant, critical="compliance_05" if tenant == "acme-uk" else ""),
        *story.form(tenant, "random", critical="compliance_05"),
    ]


def _measures(chance: random.Random, month: str) -> Row:
    talk = [chance.uniform(1, 500) for _ in range(3)]
    return {
        "started_at": f"{month}-{chance.randint(1, 28):02d}T{chance.randint(0, 23):02d}:30:00Z",
        "duration_seconds": sum(talk),
        "agent_talk_seconds": talk[0],
        "customer_talk_seconds": talk[1],
        "non_talk_seconds": talk[2] if chance.random() > 0.1 else None,
        "turn_count": chance.randint(1, 90),
        "agent_id": f"agent-{chance.randint(1, 7)}",
        "outcome": chance.choice(("resolved", "unresolved", None)),
    }
