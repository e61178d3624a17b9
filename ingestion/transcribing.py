"""A call that was received as a recording -> a running Transcribe job.

The ledger learns the job's name before the job starts, so an early event finds its call; a name
that is taken by the same recording means an earlier delivery started it (sources.md §3).
"""

from typing import Any, Final

from contracts.errors import Rejected
from contracts.forms import TenantSettings
from contracts.keys import DoorKey, WorkKey, parse_door
from contracts.ledger import Call, Move, State
from ingestion.audio import START_BYTES, Audio, media_format, probe
from ingestion.metadata import SideFile, find_side_file
from ingestion.moves import make
from ingestion.ports import Ports
from ingestion.transcribe_requests import (
    Recording,
    build_request,
    choose_api,
    job_name,
    needs_copy,
)

IDENTIFY: Final = "identify"


def start_job(ports: Ports, call: Call, tenant: TenantSettings, *, now: str, by: str) -> str:
    """Start the job of this attempt of a RECEIVED call and return the outcome word.

    A TRANSCRIBING call gets its job started again under the same name, which does nothing where it
    exists. Raise Rejected for a recording Transcribe cannot take: the caller quarantines it.
    """
    source = parse_door(str(call.attributes["source_key"]))
    head = ports.input.head(str(source))
    if head is None:
        return _fail(ports, call, "audio_gone", "the recording is no longer there", now, by)
    expected = media_format(source.path)
    start = ports.input.get_start(str(source), START_BYTES) if head.size else b""
    audio = probe(expected, start, head.size)
    side = find_side_file(ports.input, source, tenant.timezone, ports.hash_keys)
    recording = _recording(ports, call, source, audio, side, tenant)
    name = job_name(call)
    request = build_request(recording, call, name, ports.settings)
    api = choose_api(recording)
    if call.state is State.RECEIVED:
        sets = {"job_name": name, "job_api": api, **_facts(audio, recording, side)}
        moved = make(ports.ledger, Move.START_JOB, call, now=now, by=by, sets=sets)
        if not isinstance(moved, Call):
            return moved
        call = moved
    try:
        ports.transcriber.start(api, request)
    except Rejected as problem:
        return _fail(ports, call, problem.reason, problem.detail, now, by)
    return "transcribing"


def _facts(audio: Audio, recording: Recording, side: SideFile | None) -> dict[str, Any]:
    """Return what the ledger notes of a recording for the stages after this one."""
    channel = side.fields.get("agent_channel") if side else None
    is_assumed = audio.channel_count == 2 and channel is None
    return {
        "duration_seconds": audio.duration_seconds,
        "channel_count": audio.channel_count,
        "language": recording.language,
        "agent_channel": channel,
        "warnings": [*audio.warnings, *(["agent_channel_assumed"] if is_assumed else [])],
    }


def _recording(
    ports: Ports,
    call: Call,
    source: DoorKey,
    audio: Audio,
    side: SideFile | None,
    tenant: TenantSettings,
) -> Recording:
    told = side.fields if side else {}
    language = told.get("language") or tenant.language
    return Recording(
        media_uri=_media_uri(ports, call, source, audio),
        media_format=audio.media_format,
        channel_count=audio.channel_count,
        language=None if language == IDENTIFY else language,
        agent_channel=told.get("agent_channel", 0),
    )


def _media_uri(ports: Ports, call: Call, source: DoorKey, audio: Audio) -> str:
    key = str(source)
    if not needs_copy(key):
        return f"s3://{ports.input.name}/{key}"
    copy = str(WorkKey(call.tenant, call.call_id, f"source.{audio.media_format}"))
    ports.results.copy_from(ports.input.name, key, copy)
    return f"s3://{ports.results.name}/{copy}"


def _fail(ports: Ports, call: Call, reason: str, detail: str, now: str, by: str) -> str:
    sets = {"reason": reason, "reason_detail": detail[:300]}
    make(ports.ledger, Move.FAIL, call, now=now, by=by, sets=sets)
    return reason
