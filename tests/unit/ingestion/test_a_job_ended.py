"""What a job of Transcribe that ended does to its call, and whose it is."""

import json

import pytest

from contracts.errors import Rejected, TryAgain
from contracts.ledger import Call, State
from ingestion.analyser import analyse_call
from ingestion.events import JobEnded
from ingestion.ports import Job
from tests.support.ingestion_fakes import INPUT, RESULTS, World, wav
from tests.support.ingestion_story import (
    drop,
    final,
    finish,
    world_of_answers,
)


@pytest.fixture
def world() -> World:
    return world_of_answers()


class TestAJobEnded:
    """Standard and Call Analytics jobs, their results and failures."""

    AUDIO = "acme/audio/a.wav"
    RESULT = json.dumps(
        {
            "status": "COMPLETED",
            "isRedacted": True,
            "results": {
                "transcripts": [{"transcript": "Hello."}],
                "items": [
                    {
                        "type": "pronunciation",
                        "start_time": "0.1",
                        "end_time": "0.4",
                        "alternatives": [{"content": "Hello", "confidence": "0.9"}],
                    }
                ],
            },
        }
    ).encode()

    def start(self, world: World) -> Call:
        drop(world, self.AUDIO, wav())
        return world.only_call()

    def end(self, world: World, call: Call, **more) -> str:
        name = str(call.text("job_name"))
        key = f"tmp/{call.tenant}/{call.call_id}/{name}.json"
        world.results.objects.setdefault(key, self.RESULT)
        told = {
            "status": "COMPLETED",
            "media_uri": f"s3://{INPUT}/{self.AUDIO}",
            "transcript_uri": f"https://s3.eu-central-1.amazonaws.com/{RESULTS}/{key}",
            "language": "en-GB",
            **more,
        }
        world.transcriber.jobs[name] = Job(name, "standard", **told)
        return analyse_call(JobEnded("standard", name), world.ports).outcome

    def test_the_result_lies_where_the_job_says(self, world):
        call = self.start(world)
        assert self.end(world, call) == "enriched"
        assert finish(world, call) == "final"
        document = final(world, world.only_call())
        assert document["source"]["transcribe_job"] == call.text("job_name")
        assert document["source"]["redaction_status"] == "redacted"
        assert document["call"]["duration_seconds"] == 2.0
        assert document["usage"][0]["service"] == "transcribe"
        assert self.end(world, call) == "duplicate_event"

    def test_a_result_in_another_calls_folder_is_not_read(self, world):
        call = self.start(world)
        other = f"https://s3.eu-central-1.amazonaws.com/{RESULTS}/tmp/acme-uk/x/y.json"  # noqa: S108
        with pytest.raises(Rejected, match="transcript_elsewhere"):
            self.end(world, call, transcript_uri=other)
        assert world.only_call().state is State.TRANSCRIBING

    def test_a_raw_result_where_redaction_was_asked_is_set_aside(self, world):
        call = self.start(world)
        key = f"tmp/acme/{call.call_id}/{call.text('job_name')}.json"
        world.results.objects[key] = self.RESULT.replace(b"true", b"false")
        assert self.end(world, call, is_redaction_asked=True) == "redaction_missing"
        assert world.only_call().state is State.QUARANTINED

    def test_an_internal_failure_is_tried_once_more(self, world):
        call = self.start(world)
        failure = {"status": "FAILED", "failure_reason": "Internal failure. Retry."}
        assert self.end(world, call, **failure) == "transcribing"
        again = world.only_call()
        assert (again.attempt, again.state) == (2, State.TRANSCRIBING)
        assert again.text("job_name") != call.text("job_name")
        assert self.end(world, call, **failure) == "unknown_call"
        assert self.end(world, again, **failure) == "transcribe_failed"
        assert world.only_call().state is State.FAILED

    def test_any_other_failure_fails_the_call_with_its_reason(self, world):
        call = self.start(world)
        failure = {"status": "FAILED", "failure_reason": "The media format is wrong."}
        assert self.end(world, call, **failure) == "transcribe_failed"
        failed = world.only_call()
        assert failed.text("reason") == "transcribe_failed"
        assert "media format" in str(failed.text("reason_detail"))

    def test_a_strangers_job_is_nobodys_call(self, world):
        self.start(world)
        stranger = "their-job"
        world.transcriber.jobs[stranger] = Job(stranger, "standard", "COMPLETED", "s3://x/acme/y")
        outcome = analyse_call(JobEnded("standard", stranger), world.ports).outcome
        assert outcome == "unknown_call"
        assert analyse_call(JobEnded("standard", "gone"), world.ports).outcome == "unknown_call"

    def test_another_tenants_recording_does_not_lead_to_this_call(self, world):
        call = self.start(world)
        foreign = f"s3://{INPUT}/acme-uk/audio/a.wav"
        assert self.end(world, call, media_uri=foreign) == "unknown_call"


def test_an_event_about_a_job_that_still_runs_comes_again(world):
    drop(world, "acme/audio/a.wav", wav())
    name = str(world.only_call().text("job_name"))
    media = f"s3://{INPUT}/acme/audio/a.wav"
    world.transcriber.jobs[name] = Job(name, "standard", "IN_PROGRESS", media)
    with pytest.raises(TryAgain, match=r"tenant acme, call a-.*IN_PROGRESS"):
        analyse_call(JobEnded("standard", name), world.ports)
