"""What cannot be used ends in a sentence or a reason, never in a trace or a lost file."""

import json
from pathlib import Path

import pytest

from tests.support.product import Product, product
from tests.support.sounds import tone

__all__ = ["product"]

pytestmark = pytest.mark.pipeline

ODD_NAME = "Müller + Söhne (2) 100%.wav"


def test_an_empty_folder_is_said_to_be_empty(product: Product, tmp_path: Path) -> None:
    done = product.cci("land", tmp_path, "--tenant", "acme")
    assert done.code == 2
    assert "holds no file" in done.err
    assert "Traceback" not in done.text


def test_a_tenant_that_does_not_exist_is_refused_with_those_that_do(
    product: Product, tmp_path: Path
) -> None:
    (tmp_path / "a.wav").write_bytes(tone(2))
    done = product.cci("land", tmp_path, "--tenant", "acme_uk")
    assert (done.code, "no tenant id" in done.err) == (2, True)
    done = product.cci("land", tmp_path, "--tenant", "nobody")
    assert done.code == 2
    assert "there is no tenant 'nobody'; registered: acme, acme-uk, globex" in done.err
    assert product.objects("input", "nobody/") == {}


def test_every_unusable_file_is_quarantined_with_its_reason_and_its_bytes(
    product: Product, tmp_path: Path
) -> None:
    folder = tmp_path / "odd"
    folder.mkdir()
    files = {
        "not.json": (b"<xml/>", "not_json"),
        "cut.json": (b'{"results": {"transcripts": [', "truncated"),
        "nothing.json": (b"", "empty"),
        "list.json": (b"[1]", "array_root"),
        "strange.json": (b'{"hello": "world"}', "unknown_transcript_shape"),
        "zero.wav": (b"", "audio_empty"),
        "frames.wav": (tone(0), "audio_empty"),
        "page.wav": (b"<html>not found</html>" * 20, "media_mismatch"),
        "LICENCE": (b"text", "unsupported_media"),
    }
    for name, (body, _) in files.items():
        (folder / name).write_bytes(body)
    done = product.cci("land", folder, "--tenant", "acme")
    assert done.code == 3, done.text
    assert "Traceback" not in done.text
    items = {str(item["source_key"]): item for item in product.calls("acme").values()}
    kept = product.objects("results", "acme/quarantine/")
    for name, (body, reason) in files.items():
        door = "transcripts" if name.endswith(".json") else "audio"
        item = items[f"acme/{door}/odd/{name}"]
        assert (item["state"], item["reason"]) == ("QUARANTINED", reason), name
        assert reason in done.out, name
        stem = str(item["quarantine_key"]).removesuffix(".json")
        assert f"{stem}.reason.json" in kept, name
        copies = [key for key in kept if key in (f"{stem}.source", f"{stem}.json")]
        assert body in [read(product, key) for key in copies], name


def test_golden_case_19_a_key_with_plus_blank_umlaut_and_percent_is_one_call_byte_for_byte(
    product: Product, tmp_path: Path
) -> None:
    folder = tmp_path / "names"
    folder.mkdir()
    (folder / ODD_NAME).write_bytes(tone(2))
    done = product.cci("land", folder, "--tenant", "acme-uk")
    assert done.code == 0, done.text
    found = {
        call_id: item
        for call_id, item in product.calls("acme-uk").items()
        if item["source_key"] == f"acme-uk/audio/names/{ODD_NAME}"
    }
    (call_id,) = found
    assert found[call_id]["state"] == "FINAL"
    document = json.loads(read(product, found[call_id]["final_key"]))
    assert document["source"]["recording_key"] == f"acme-uk/audio/names/{ODD_NAME}"


def test_an_aws_that_does_not_answer_is_named_with_the_next_step(product: Product) -> None:
    away = Product({**product.variables, "AWS_ENDPOINT_URL": "http://127.0.0.1:9"})
    done = away.cci("status")
    assert done.code == 1
    assert "nothing answers at AWS_ENDPOINT_URL" in done.err
    assert "cci local up" in done.err


def test_sql_that_athena_refuses_is_said_in_athena_s_words(product: Product) -> None:
    done = product.cci("sql", "select * from no_such_table")
    assert done.code == 1
    assert "TABLE_NOT_FOUND" in done.err
    assert "Traceback" not in done.text


def read(product: Product, key: str) -> bytes:
    found = product.client("s3").get_object(Bucket=product.bucket("results"), Key=key)
    body: bytes = found["Body"].read()
    return body
