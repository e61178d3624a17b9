"""Recorded files nobody here wrote go in, and come out counted as an independent count says.

They lie beside the repository in `shared/real`; nothing of them is kept here. Without them the
module is skipped.
"""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.support.product import REAL, Product, product
from tests.support.replay_documents import star_turns, transcribe_document
from tests.support.source_counts import count

__all__ = ["product"]

pytestmark = [
    pytest.mark.pipeline,
    pytest.mark.skipif(not REAL.exists(), reason="needs shared/real beside the repository"),
]

TENANT = "acme-uk"
FOLDERS = ("transcribe-batch", "call-analytics")
DIALOGUES = 40


@dataclass(frozen=True, slots=True)
class Landed:
    """The product after the night, source key -> file, and what `cci land` said."""

    product: Product
    files: dict[str, Path]
    code: int


@pytest.fixture(scope="module")
def landed(product: Product, tmp_path_factory: pytest.TempPathFactory) -> Landed:
    star = tmp_path_factory.mktemp("corpus") / "star"
    star.mkdir()
    for source in sorted((REAL / "conversations" / "star").glob("*.json"))[:DIALOGUES]:
        dialogue = json.loads(source.read_text(encoding="utf-8"))
        document = transcribe_document(source.stem, star_turns(dialogue))
        (star / source.name).write_text(json.dumps(document), encoding="utf-8")
    folders = [*(REAL / name for name in FOLDERS), star]
    files = {
        f"{door_of(path)}/{path.relative_to(folder.parent).as_posix()}": path
        for folder in folders
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }
    done = product.cci("land", *folders, "--tenant", TENANT)
    night = product.cci("nightly")
    assert night.code == 0, night.text
    return Landed(product, files, done.code)


def test_every_file_is_in_fct_calls_or_quarantined_with_a_reason(landed: Landed) -> None:
    assert landed.code == 3  # licences lie among the recordings, and are refused
    items = by_key(landed.product)
    shown = {
        row["call_id"]
        for row in landed.product.rows(
            f"select call_id from fct_calls where tenant_id = '{TENANT}'"
        )
    }
    assert set(items) == {f"{TENANT}/{key}" for key in landed.files}
    for key, (call_id, item) in items.items():
        if call_id in shown:
            assert item["state"] == "PUBLISHED", key
        else:
            assert item["state"] == "QUARANTINED", key
            assert item["reason"], key
            assert item["reason_detail"], key


def test_status_shows_an_exact_identity_over_the_real_files(landed: Landed) -> None:
    done = landed.product.cci("status", "--tenant", TENANT, "--json")
    assert done.code == 0, done.text
    (identity,) = json.loads(done.out)
    counts = identity["counts"]
    assert identity["is_exact"]
    assert counts["received"] == len(landed.files)
    assert counts["received"] == sum(
        counts[word] for word in ("published", "quarantined", "failed", "erased", "in_flight")
    )


def test_turns_and_speakers_of_every_call_equal_an_independent_count(landed: Landed) -> None:
    rows = landed.product.rows(
        f"select call_id, turn_count, speaker_count from fct_calls where tenant_id = '{TENANT}'"
    )
    shown = {row["call_id"]: (int(row["turn_count"]), int(row["speaker_count"])) for row in rows}
    items = by_key(landed.product)
    compared = 0
    for key, path in landed.files.items():
        counted = count(json.loads(path.read_bytes())) if path.suffix == ".json" else None
        call_id, item = items[f"{TENANT}/{key}"]
        if counted is None:
            assert item["state"] == "QUARANTINED", key
        elif counted == (0, 0):
            assert item["reason"] == "no_turns", key
        else:
            assert shown[call_id] == counted, key
            compared += 1
    assert compared > DIALOGUES


def test_a_replayed_dialogue_says_that_it_was_made(landed: Landed) -> None:
    s3 = landed.product.client("s3")
    texts = [
        s3.get_object(Bucket=landed.product.bucket("results"), Key=key)["Body"].read().decode()
        for key in landed.product.objects("results", f"{TENANT}/final/")
    ]
    made = [text for text in texts if '"made_by":"replay"' in text]
    spoken = [
        path
        for key, path in landed.files.items()
        if key.startswith("transcripts/star/") and count(json.loads(path.read_bytes())) != (0, 0)
    ]
    assert len(made) == len(spoken)


def door_of(path: Path) -> str:
    return "transcripts" if path.suffix == ".json" else "audio"


def by_key(product: Product) -> dict[str, tuple[str, dict[str, Any]]]:
    return {
        str(item["source_key"]): (call_id, item) for call_id, item in product.calls(TENANT).items()
    }
