"""From dropped files to published rows on localaws: over Lambda, EventBridge, SQS, Glue and dbt.

One deployed product for the whole module, and three nights: the first publishes, the second finds
nothing new, the third holds one tenant back. The fixtures build on each other in that order.
"""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from contracts import names
from tests.support.night_drops import (
    FOUNDING,
    SAME_ID,
    known,
    put_final,
    put_founding_documents,
    put_same_call_of_two_tenants,
    register_founding_tenant,
    write_stories,
)
from tests.support.night_events import deliver_every_event_again
from tests.support.product import Done, Product, product
from tests.support.sounds import tone

__all__ = ["product"]

pytestmark = pytest.mark.pipeline

UNTOUCHED = {"results": "", "lake": ""}


@dataclass(frozen=True, slots=True)
class Night:
    """A deployed product after a night, how the night ended, and what it had been given."""

    product: Product
    done: Done
    drops: dict[str, Path]


@pytest.fixture(scope="module")
def landed(product: Product, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Land story calls of every demo tenant, and put documents of older layouts into place."""
    drops = {
        tenant: write_stories(tmp_path_factory.mktemp(tenant), tenant)
        for tenant in ("acme", "acme-uk", "globex")
    }
    (drops["globex"] / "voice.wav").write_bytes(tone(2))
    for tenant, folder in drops.items():
        done = product.cci("land", folder, "--tenant", tenant)
        assert done.code in (0, 3), done.text
    register_founding_tenant(product, tmp_path_factory.mktemp("founding"))
    put_founding_documents(product)
    put_same_call_of_two_tenants(product)
    return drops


@pytest.fixture(scope="module")
def first(product: Product, landed: dict[str, Path]) -> Night:
    return Night(product, product.cci("nightly"), landed)


@pytest.fixture(scope="module")
def second(first: Night) -> tuple[Night, dict[str, Any], dict[str, Any]]:
    """Land everything again, deliver every event again, run the night again."""
    before = snapshot(first.product)
    for tenant, folder in first.drops.items():
        first.product.cci("land", folder, "--tenant", tenant)
    deliver_every_event_again(first.product)
    done = first.product.cci("nightly")
    return Night(first.product, done, first.drops), before, snapshot(first.product)


@pytest.fixture(scope="module")
def third(second: tuple[Night, Any, Any], tmp_path_factory: pytest.TempPathFactory) -> Night:
    """Give acme a pass nobody can prove, and acme-uk a new call."""
    night, _, _ = second
    put_final(night.product, "acme", "unproven-0123456789", agent="9", quote_is_verified=False)
    folder = tmp_path_factory.mktemp("late") / "late"
    folder.mkdir()
    turns = [{"speaker": "agent", "text": "Good morning, how can I help?"}]
    document = {"cci_transcript": "v1", "language": "en-GB", "turns": turns}
    (folder / "new.json").write_text(json.dumps(document), encoding="utf-8")
    landed = night.product.cci("land", folder, "--tenant", "acme-uk")
    assert landed.code == 0, landed.text
    return Night(night.product, night.product.cci("nightly"), night.drops)


def test_every_function_acts_as_its_own_role_and_roles_are_enforced(
    landed: dict[str, Path], product: Product
) -> None:
    assert landed
    assert product.page("health")["auth"] is True
    functions = {names.JOB_INIT, names.ANALYSER, names.RESULT_HANDLER}
    assert functions <= {call["role"] for call in product.page("calls")["calls"]}


def test_the_first_night_publishes_every_tenant(first: Night) -> None:
    assert first.done.code == 0, first.done.text
    published = {line.split()[1] for line in first.done.out.splitlines() if "published" in line}
    assert published == {"acme", "acme-uk", "globex", FOUNDING}


def test_every_job_of_the_night_acted_as_its_own_role(first: Night) -> None:
    jobs = {names.FLATTEN_JOB, names.DBT_JOB, names.PUBLISH_JOB}
    assert jobs <= {call["role"] for call in first.product.page("calls")["calls"]}


def test_every_landed_file_is_published_or_quarantined_and_the_identity_is_exact(
    first: Night,
) -> None:
    done = first.product.cci("status", "--json")
    assert done.code == 0, done.text
    for one in json.loads(done.out):
        counts = one["counts"]
        assert one["is_exact"]
        assert counts["received"] == counts["published"] + counts["quarantined"]
        folder = first.drops.get(one["tenant"])
        if folder:
            others = 1  # the adopted document of acme and acme-uk, the recording of globex
            stories = {story.path for story in known(one["tenant"])}
            assert counts["received"] == len(stories) + others


def test_every_published_answer_is_the_one_the_story_was_written_for(first: Night) -> None:
    for tenant in first.drops:
        rows = first.product.rows(
            "select call_id, criterion_id, result from fct_criterion_results "
            f"where tenant_id = '{tenant}'"
        )
        answers: dict[str, dict[str, str]] = {}
        for row in rows:
            answers.setdefault(row["call_id"], {})[row["criterion_id"]] = row["result"]
        ids = {item.get("source_key"): call for call, item in first.product.calls(tenant).items()}
        told = {story.path: story.results for story in known(tenant) if story.results}
        assert told
        for path, results in told.items():
            assert answers[ids[f"{tenant}/transcripts/drop/{path}"]] == dict(results), path


def test_an_agent_and_a_queue_come_from_the_side_file(first: Night) -> None:
    for tenant in first.drops:
        rows = first.product.rows(
            f"select call_id, agent_id, queue from fct_calls where tenant_id = '{tenant}'"
        )
        shown = {row["call_id"]: (row["agent_id"], row["queue"]) for row in rows}
        for call_id, item in first.product.calls(tenant).items():
            path = str(item.get("source_key", "")).removeprefix(f"{tenant}/transcripts/drop/")
            story = next((one for one in known(tenant) if one.path == path), None)
            if story and story.state == "published":
                assert shown[call_id] == (story.agent_id, story.queue), story.story


def test_golden_case_1_the_founding_example_scores_0_5556_and_fails(first: Night) -> None:
    rows = first.product.rows(
        "select score_fraction, final_score_fraction, has_passed, stated_pct, "
        "has_stated_score_mismatch, earned_weight, possible_weight from fct_evaluations "
        f"where tenant_id = '{FOUNDING}'"
    )
    assert len(rows) == 1
    assert rows[0] == {
        "score_fraction": "0.555555556",
        "final_score_fraction": "0.555555556",
        "has_passed": "false",
        "stated_pct": "71.0",
        "has_stated_score_mismatch": "true",
        "earned_weight": "2.5000",
        "possible_weight": "4.5000",
    }


def test_golden_case_7_the_older_forms_give_one_sentiment_label(first: Night) -> None:
    rows = first.product.rows(
        "select schema_version_detected, sentiment_label, sentiment_neutral_score from fct_calls "
        f"where tenant_id = '{FOUNDING}' order by 1"
    )
    assert [row["sentiment_label"] for row in rows] == ["neutral"] * 4
    assert [row["sentiment_neutral_score"] for row in rows] == ["0.7", "0.7", "0.7", None]


def test_golden_case_8_one_call_id_of_two_tenants_stays_two_calls(first: Night) -> None:
    rows = first.product.rows(
        "select tenant_id, agent_id, turn_count from fct_calls "
        f"where call_id = '{SAME_ID}' order by tenant_id"
    )
    assert [(row["tenant_id"], row["agent_id"]) for row in rows] == [
        ("acme", "101"),
        ("acme-uk", "202"),
    ]
    criteria = first.product.rows(
        "select tenant_id, count(*) as n from fct_criterion_results "
        f"where call_id = '{SAME_ID}' and result <> 'not_answered' "
        "group by tenant_id"
    )
    assert {row["tenant_id"]: row["n"] for row in criteria} == {"acme": "1", "acme-uk": "1"}


def test_no_mart_lands_among_query_results(first: Night) -> None:
    staged = first.product.objects("athena-staging")
    assert [key for key in staged if key.endswith(".parquet")] == []


def test_the_same_files_events_and_night_change_no_row_and_write_no_file(
    second: tuple[Night, dict[str, Any], dict[str, Any]],
) -> None:
    night, before, after = second
    assert night.done.code == 0, night.done.text
    assert night.done.out.count("unchanged") == 4
    assert after["rows"] == before["rows"]
    assert after["ledger"] == before["ledger"]
    for kind in UNTOUCHED:
        assert after[kind] == before[kind], kind


def test_a_tenant_whose_pass_has_no_proof_is_held_back_and_the_night_says_what_to_do(
    third: Night,
) -> None:
    assert third.done.code == 3, third.done.text
    line = next(line for line in third.done.out.splitlines() if line.startswith("blocked"))
    assert "acme:" in line
    assert "fct_criterion_results.passed_has_evidence failed on 1 rows" in line
    assert "What to do:" in third.done.out


def test_the_blocked_tenant_keeps_its_rows_and_the_others_move(
    second: tuple[Night, dict[str, Any], dict[str, Any]], third: Night
) -> None:
    _, _, yesterday = second
    today = snapshot(third.product)["rows"]
    for dataset, rows in yesterday["rows"].items():
        acme = [row for row in rows if row["tenant_id"] == "acme"]
        assert [row for row in today[dataset] if row["tenant_id"] == "acme"] == acme, dataset
    calls = [row["tenant_id"] for row in today["fct_calls"]]
    before = [row["tenant_id"] for row in yesterday["rows"]["fct_calls"]]
    assert calls.count("acme-uk") == before.count("acme-uk") + 1
    status = third.product.cci("status", "--json")
    assert status.code == 0, status.text
    acme = next(one for one in json.loads(status.out) if one["tenant"] == "acme")
    assert acme["counts"]["in_flight"] == 1


def snapshot(product: Product) -> dict[str, Any]:
    """Return all published rows, all ledger items, and every object with its time."""
    datasets = ("fct_calls", "fct_evaluations", "fct_criterion_results")
    rows = {name: sorted_rows(product.rows(f"select * from {name}")) for name in datasets}
    tenants = ("acme", "acme-uk", "globex", FOUNDING)
    ledger = {tenant: product.calls(tenant) for tenant in tenants}
    return {
        "rows": rows,
        "ledger": ledger,
        **{kind: product.objects(kind, prefix) for kind, prefix in UNTOUCHED.items()},
    }


def sorted_rows(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return sorted(rows, key=lambda row: json.dumps(row, sort_keys=True))
