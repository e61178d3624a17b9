"""Real recordings with a prepared result: its very bytes under AWS's key, and the job's event."""

import gzip
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.support.localaws_scenes import bucket, queue, rule
from tests.support.localaws_server import LocalAws, wait_until

REAL = Path(__file__).parents[4] / "shared" / "real"
RECORDINGS = sorted([*REAL.rglob("*.wav"), *REAL.rglob("*.wav.gz")])
RESULTS = sorted((REAL / "transcribe-batch").rglob("*.json"))

pytestmark = [
    pytest.mark.pipeline,
    pytest.mark.skipif(
        not RECORDINGS or not RESULTS,
        reason="the recorded real files are not beside the repository",
    ),
]


@dataclass(frozen=True)
class Scene:
    """A server that replays, and the queue its job events reach."""

    aws: LocalAws
    url: str


@pytest.fixture(scope="module")
def scene(aws_factory: Any, tmp_path_factory: pytest.TempPathFactory) -> Scene:
    folder = tmp_path_factory.mktemp("replay")
    index = {}
    for recording, result in zip(RECORDINGS, RESULTS, strict=False):
        (folder / result.name).write_bytes(result.read_bytes())
        index[_name(recording)] = result.name
    (folder / "index.json").write_text(json.dumps(index))
    aws = aws_factory(LOCALAWS_REPLAY=str(folder))
    url, arn = queue(aws, "ended")
    rule(aws, "ended", {"source": ["aws.transcribe"]}, arn)
    bucket(aws, "calls")
    return Scene(aws, url)


def _name(recording: Path) -> str:
    return recording.name.removesuffix(".gz")


def _sound(recording: Path) -> bytes:
    data = recording.read_bytes()
    return gzip.decompress(data) if recording.suffix == ".gz" else data


def ended(scene: Scene, name: str) -> dict[str, Any]:
    def found() -> Any:
        messages = scene.aws.client("sqs").receive_message(QueueUrl=scene.url, WaitTimeSeconds=1)
        events = [json.loads(message["Body"]) for message in messages.get("Messages", [])]
        return [e for e in events if e["detail"].get("TranscriptionJobName") == name]

    (event,) = wait_until(found)
    return dict(event)


@pytest.mark.parametrize("number", range(min(len(RECORDINGS), len(RESULTS))))
def test_a_prepared_result_is_answered_byte_for_byte(scene: Scene, number: int) -> None:
    recording, result = RECORDINGS[number], RESULTS[number]
    s3, transcribe = scene.aws.client("s3"), scene.aws.client("transcribe")
    key, name = f"acme/audio/{_name(recording)}", f"job-{number}"
    s3.put_object(Bucket="calls", Key=key, Body=_sound(recording))
    transcribe.start_transcription_job(
        TranscriptionJobName=name,
        LanguageCode="en-US",
        Media={"MediaFileUri": f"s3://calls/{key}"},
        OutputBucketName="calls",
        OutputKey="tmp/acme/",
    )
    event = ended(scene, name)
    assert (event["detail-type"], event["detail"]) == (
        "Transcribe Job State Change",
        {"TranscriptionJobName": name, "TranscriptionJobStatus": "COMPLETED"},
    )
    stored = s3.get_object(Bucket="calls", Key=f"tmp/acme/{name}.json")["Body"].read()
    assert stored == result.read_bytes()


def test_a_recording_nobody_prepared_is_marked(scene: Scene) -> None:
    s3, transcribe = scene.aws.client("s3"), scene.aws.client("transcribe")
    s3.put_object(Bucket="calls", Key="acme/audio/unknown.wav", Body=_sound(RECORDINGS[0]))
    transcribe.start_transcription_job(
        TranscriptionJobName="unknown",
        LanguageCode="en-US",
        Media={"MediaFileUri": "s3://calls/acme/audio/unknown.wav"},
        OutputBucketName="calls",
    )
    assert ended(scene, "unknown")["detail"]["TranscriptionJobStatus"] == "COMPLETED"
    document = json.loads(s3.get_object(Bucket="calls", Key="unknown.json")["Body"].read())
    assert document["made_by"] == "localaws"
    said = document["results"]["transcripts"][0]["transcript"]
    assert said.startswith("[stand-in: no transcript was prepared for this recording]")
