"""What a job hears: recordings of any form, side cars, results to replay, nothing prepared."""

import json
import os
from pathlib import Path

import pytest

from localaws.services.media import probe
from localaws.services.speech import STAND_IN
from tests.support.transcribe_bench import bench, wav
from tests.support.transcribe_jobs import HEARD, start, start_calls

REAL = Path(__file__).parents[4].parent / "shared/real"


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "zero"),
        (b"<html>not found</html>", "Unsupported media format"),
        (wav(0.0), "holds no sound"),
        (wav(1.0, channels=4), "channels too large"),
        (wav(1.0, rate=4_000), "sample rate"),
    ],
)
def test_what_is_no_recording_fails_the_job_with_a_reason(body: bytes, reason: str) -> None:
    aws = bench()
    start(aws, Media={"MediaFileUri": aws.land("a.wav", body)})
    job = aws.finish("job")
    assert job["TranscriptionJobStatus"] == "FAILED"
    assert reason in job["FailureReason"]
    assert aws.events[0][1]["FailureReason"] == job["FailureReason"]


def test_a_stated_format_must_be_the_real_one() -> None:
    aws = bench()
    start(aws, MediaFormat="flac")
    assert "does not match" in aws.finish("job")["FailureReason"]


def test_call_analytics_refuses_one_channel() -> None:
    aws = bench()
    start_calls(aws, Media={"MediaFileUri": aws.land("m.wav", wav(channels=1), HEARD)})
    assert "two channels" in aws.finish("job", "CallAnalyticsJob")["FailureReason"]


def test_an_unknown_recording_is_marked_and_the_same_each_time() -> None:
    texts = []
    for name in ("one", "two"):
        aws = bench()
        start(aws, name, Media={"MediaFileUri": aws.land("a.wav", wav(30.0))})
        aws.finish(name)
        texts.append(aws.document(f"tmp/acme/call/{name}.json")["results"]["audio_segments"])
    assert texts[0] == texts[1]
    assert texts[0][0]["transcript"] == STAND_IN
    assert float(texts[0][-1]["end_time"]) <= 30.0


def test_an_unknown_recording_fails_where_that_was_chosen() -> None:
    aws = bench(LOCALAWS_UNKNOWN_RECORDING="fail")
    start(aws, Media={"MediaFileUri": aws.land("a.wav", wav())})
    assert "No transcript was prepared" in aws.finish("job")["FailureReason"]


def test_a_result_to_replay_is_stored_byte_for_byte(tmp_path: Path) -> None:
    result = b'{"jobName": "other",  "results": {}, "status": "COMPLETED"}\n'
    (tmp_path / "result.json").write_bytes(result)
    (tmp_path / "index.json").write_text('{"a.wav": "result.json"}')
    aws = bench(LOCALAWS_REPLAY=os.fspath(tmp_path))
    start(aws)
    aws.finish("job")
    assert aws.objects.stored["out-bucket", "tmp/acme/call/job.json"] == result
    start_calls(aws, "calls")
    assert "no Transcript" in aws.finish("calls", "CallAnalyticsJob")["FailureReason"]


def test_turns_to_replay_are_rendered(tmp_path: Path) -> None:
    (tmp_path / "turns.json").write_text(json.dumps(HEARD))
    (tmp_path / "index.json").write_text('{"z.wav": "turns.json"}')
    aws = bench(LOCALAWS_REPLAY=os.fspath(tmp_path))
    start(aws, Media={"MediaFileUri": aws.land("z.wav", wav())})
    aws.finish("job")
    assert aws.document("tmp/acme/call/job.json")["results"]["items"]


def test_an_unreadable_side_car_fails_the_job_and_names_the_file() -> None:
    aws = bench()
    uri = aws.land("a.wav", wav(), {"turns": [{"party": "agent", "text": "no times"}]})
    start(aws, Media={"MediaFileUri": uri})
    assert "a.wav.transcript.json" in aws.finish("job")["FailureReason"]


@pytest.mark.skipif(not REAL.exists(), reason="needs shared/real")
def test_real_recordings_have_their_real_length() -> None:
    lengths = {round(probe(path.read_bytes()).seconds, 2) for path in REAL.rglob("*.wav")}
    assert {45.3, 141.73, 277.66} <= lengths
