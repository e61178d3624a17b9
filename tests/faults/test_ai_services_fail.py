"""AI services throttle, fail, answer nonsense and repeat themselves: no call is lost or doubled."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import urllib3

from tests.support.product import Product, product
from tests.support.sounds import tone

__all__ = ["product"]

pytestmark = pytest.mark.pipeline


@pytest.fixture(autouse=True)
def no_faults(product: Product) -> Iterator[None]:
    page(product, "DELETE")
    yield
    page(product, "DELETE")


def page(product: Product, method: str, **fault: Any) -> dict[str, Any]:
    address = f"{product.variables['AWS_ENDPOINT_URL']}/_localaws/faults"
    answer = urllib3.request(method, address, json=fault or None, timeout=10)
    assert answer.status == 200, answer.data
    found: dict[str, Any] = answer.json()
    return found


def struck(product: Product) -> list[int]:
    return [fault["struck"] for fault in page(product, "GET")["faults"]]


def landed(product: Product, folder: Path, name: str) -> dict[str, Any]:
    """Land one recording for `acme` and for `acme-uk`; return the ledger's item of acme."""
    folder.mkdir(exist_ok=True)
    (folder / f"{name}.wav").write_bytes(tone(9))
    for tenant in ("acme", "acme-uk"):
        product.cci("land", folder, "--tenant", tenant)
    (item,) = [
        item
        for item in product.calls("acme").values()
        if str(item["source_key"]).endswith(f"{folder.name}/{name}.wav")
    ]
    return item


def final(product: Product, item: dict[str, Any]) -> dict[str, Any]:
    found = product.client("s3").get_object(
        Bucket=product.bucket("results"), Key=str(item["final_key"])
    )
    document: dict[str, Any] = json.loads(found["Body"].read())
    return document


def test_a_throttled_comprehend_is_asked_again(product: Product, tmp_path: Path) -> None:
    page(product, "POST", kind="throttle", operation="comprehend:BatchDetectSentiment", first=2)
    item = landed(product, tmp_path / "throttled", "one")
    assert item["state"] == "FINAL"
    assert struck(product) == [2]


def test_a_bedrock_that_fails_once_is_asked_again(product: Product, tmp_path: Path) -> None:
    page(product, "POST", kind="server_error", operation="bedrock:*", first=2)
    item = landed(product, tmp_path / "failing", "two")
    assert item["state"] == "FINAL"
    assert struck(product) == [2]
    assert final(product, item)["summary"]["parse_status"] == "ok"


def test_a_useless_model_answer_is_kept_as_data_and_the_call_goes_on(
    product: Product, tmp_path: Path
) -> None:
    page(product, "POST", kind="cut_json", operation="bedrock:*")
    item = landed(product, tmp_path / "cut", "three")
    document = final(product, item)
    assert item["state"] == "FINAL"
    assert document["summary"]["parse_status"] in ("raw", "failed")
    assert all(
        criterion["result"] == "not_answered"
        for evaluation in document["evaluations"]
        for criterion in evaluation["criteria"]
    )


def test_a_failed_transcription_is_failed_in_the_ledger_with_its_reason(
    product: Product, tmp_path: Path
) -> None:
    page(
        product,
        "POST",
        kind="failed_job",
        operation="transcribe:Start*",
        first=1,
        reason="The media could not be decoded.",
    )
    item = landed(product, tmp_path / "undecodable", "four")
    assert (item["state"], "could not be decoded" in json.dumps(item, default=str)) == (
        "FAILED",
        True,
    )
    assert "yes" in product.cci("status").out


def test_an_event_delivered_twice_makes_one_call(product: Product, tmp_path: Path) -> None:
    for operation in ("aws.s3:Object Created", "aws.transcribe:*"):
        page(product, "POST", kind="event_doubled", operation=operation)
    item = landed(product, tmp_path / "doubled", "five")
    assert item["state"] == "FINAL"
    day = str(item["final_key"]).rpartition("/")[0]
    call = str(item["final_key"]).rpartition("/")[2].removesuffix(".json")
    written = [key for key in product.objects("results", day) if call in key]
    assert written == [item["final_key"]]
    assert all(number > 0 for number in struck(product))


def test_a_late_event_only_delays_its_call(product: Product, tmp_path: Path) -> None:
    page(product, "POST", kind="event_late", operation="aws.transcribe:*", seconds=3)
    assert landed(product, tmp_path / "late", "six")["state"] == "FINAL"
    assert struck(product) == [2]
