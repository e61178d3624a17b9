"""A seed and a day -> the calls of three invented tenants, and what is true of each.

Same arguments, same bytes. The tenants share file names, agents' numbers and provider ids, so that
whatever mixes them up shows; every tenant has the awkward calls a contact centre knows. Some agents
fail some criteria more often, and one criterion per tenant got worse in the last 28 days: a report
that is right must find it.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from random import Random  # noqa: TID251 (seeded)
from typing import Any, Final, Literal

from cci.demo_conversations import DISCLOSURE, Line, Result, Results, criterion_ids, tell, words
from cci.demo_files import (
    plain_transcript,
    prepared_transcript,
    recording,
    side_file,
    speak,
    transcribe_result,
)
from contracts.tenant import TenantId, parse_tenant

DAYS: Final = 90
LATELY_DAYS: Final = 28
MOST_LIKELY: Final = 0.9
PAYING_SHARE: Final = 0.6
AUDIO_LANGUAGE: Final = "en-US"
SIDE_CAR: Final = ".transcript.json"

Door = Literal["audio", "meta", "transcripts"]
Shape = Literal["plain", "transcribe", "mono", "stereo"]


@dataclass(frozen=True, slots=True)
class DemoFile:
    """One object to drop behind a door of a tenant."""

    tenant: TenantId
    door: Door
    path: str
    body: bytes


@dataclass(frozen=True, slots=True)
class KnownCall:
    """What is true of one call; None is what nobody can know, `results` by criterion id."""

    tenant: TenantId
    door: Door
    path: str
    story: str
    state: Literal["published", "quarantined"]
    agent_id: str | None
    queue: str | None
    call_date: date | None
    results: Results | None


@dataclass(frozen=True, slots=True)
class _Call:
    """A story with everything decided."""

    known: KnownCall
    shape: Shape
    language: str
    lines: tuple[Line, ...]
    metadata: Mapping[str, Any] | None
    copies: int


def generate(today: date, calls_per_tenant: int, seed: int = 7) -> Iterator[DemoFile]:
    """Yield the files of every tenant's calls, the metadata of a call before the call.

    The calls lie on the 90 days before `today`. A recording comes with what it says in a file
    named `<path>.transcript.json`, for localaws; a re-delivered file comes twice.
    """
    for call in _calls(today, calls_per_tenant, seed):
        yield from _files(call)


def truth(today: date, calls_per_tenant: int, seed: int = 7) -> Iterator[KnownCall]:
    """Yield what is true of each call that `generate` yields for the same arguments."""
    for call in _calls(today, calls_per_tenant, seed):
        yield call.known


def tenant_documents() -> Iterator[dict[str, Any]]:
    """Yield a tenant document each, as `cci tenant add` reads it: settings, form, access."""
    written = ("passes", "fails")
    criteria = [
        {name: value for name, value in row.items() if name not in written}
        for row in words("criteria")["criterion"]
    ]
    form = {"name": "default", "version": 1, "pass_threshold": "0.7", "criteria": criteria}
    for tenant in words("tenants")["tenant"]:
        yield {
            "tenant_id": tenant["tenant_id"],
            "settings": {**tenant["settings"], "status": "active", "residency": "eu_only"},
            "forms": [form],
            "access": tenant["access"],
        }


def _calls(today: date, calls_per_tenant: int, seed: int) -> Iterator[_Call]:
    awkward = _places(calls_per_tenant)
    for tenant in words("tenants")["tenant"]:
        for number in range(calls_per_tenant):
            yield _call(tenant, number, awkward.get(number, "ordinary"), (today, seed))


def _places(calls_per_tenant: int) -> dict[int, str]:
    """Return which call number is which awkward story: spread out, an ordinary one first."""
    step = max(2, min(5, calls_per_tenant // len(words("awkward"))))
    return {3 + step * place: name for place, name in enumerate(words("awkward"))}


def _call(tenant: Mapping[str, Any], number: int, story: str, seeded: tuple[date, int]) -> _Call:
    today, seed = seeded
    told = words("awkward").get(story, {})
    shared = Random(f"{seed}/{number}")  # noqa: S311 (no secret)
    own = Random(f"{seed}/{tenant['tenant_id']}/{number}")  # noqa: S311 (no secret)
    started_at, theme = _started_at(shared, today, told), _theme(shared)
    agent = own.choice(tenant["agents"])
    shape = _shape(number, is_ordinary=story == "ordinary")
    is_late = (today - started_at.date()).days <= LATELY_DAYS
    results = _results(own, tenant, agent, theme, told, is_late=is_late)
    if shape in ("transcribe", "mono"):
        results = {**results, "greeting": "passed"}  # by it the roles are told apart
    lines = _lines(own, theme, tenant["firm"], results, told)
    path = told.get("path") or f"{started_at:%Y-%m}/{started_at:%Y%m%d-%H%M}_{number:04}.json"
    if shape in ("mono", "stereo"):
        path = path.replace(".json", ".wav")
    is_told = told.get("metadata", True)
    state = told.get("state", "published")
    known = KnownCall(
        tenant=parse_tenant(tenant["tenant_id"]),
        door="audio" if shape in ("mono", "stereo") else "transcripts",
        path=path,
        story=story,
        state=state,
        agent_id=agent["agent_id"] if is_told else None,
        queue=theme if is_told else None,
        call_date=started_at.date() if is_told else None,
        results=results if state == "published" else None,
    )
    language = told.get("language") or ("en-GB" if known.door == "transcripts" else AUDIO_LANGUAGE)
    metadata = _metadata(own, agent, theme, started_at, number) | {"language": language}
    return _Call(
        known, shape, language, lines, metadata if is_told else None, told.get("copies", 1)
    )


def _started_at(shared: Random, today: date, told: Mapping[str, Any]) -> datetime:
    """Return a time on one of the days before `today`, never a Sunday, in UTC."""
    day = today - timedelta(days=shared.randint(1, DAYS))
    if day.weekday() == 6:
        day -= timedelta(days=1)
    clock = time(shared.randint(7, 17), shared.randint(0, 59), shared.randint(0, 59))
    if "time" in told:
        clock = time.fromisoformat(told["time"])
    return datetime.combine(day, clock, UTC)


@cache
def _themes() -> dict[str, int]:
    return {name: theme["weight"] for name, theme in words("themes").items() if "weight" in theme}


def _theme(shared: Random) -> str:
    return shared.choices(list(_themes()), weights=list(_themes().values()))[0]


def _shape(number: int, *, is_ordinary: bool) -> Shape:
    """Return the shape a call arrives in: mostly plain, some from elsewhere, few recordings."""
    special: dict[int, Shape] = {1: "transcribe", 6: "stereo", 12: "mono", 17: "transcribe"}
    return special.get(number % 20, "plain") if is_ordinary else "plain"


def _results(
    own: Random,
    tenant: Mapping[str, Any],
    agent: Mapping[str, Any],
    theme: str,
    told: Mapping[str, Any],
    *,
    is_late: bool,
) -> dict[str, Result]:
    """Return how each criterion comes out, drawn from the agent's and the tenant's habits."""
    if "turns" in told:
        given = told.get("result", {})
        unsaid = dict.fromkeys(criterion_ids(), "failed") | {DISCLOSURE: "not_applicable"}
        return {**unsaid, **given}
    results: dict[str, Result] = {}
    worse = tenant["worse_lately"]
    for criterion_id, share in words("tenants")["fails"].items():
        likely = share * agent.get("times", {}).get(criterion_id, 1)
        if is_late and worse["criterion"] == criterion_id:
            likely *= worse["times"]
        is_failed = own.random() < min(MOST_LIKELY, likely) and not told.get("perfect")
        results[criterion_id] = "failed" if is_failed else "passed"
    if theme != "billing" or own.random() > PAYING_SHARE or told.get("perfect"):
        results[DISCLOSURE] = "not_applicable"
    return results


def _lines(
    own: Random, theme: str, firm: str, results: Results, told: Mapping[str, Any]
) -> tuple[Line, ...]:
    if "turns" in told:
        return tuple(Line(speaker, text) for speaker, text in told["turns"])
    lines = tell(own, theme, firm, results)
    inserted = tuple(Line(speaker, text) for speaker, text in told.get("inserted", ()))
    return (*lines[:7], *inserted, *lines[7:])


def _metadata(
    own: Random, agent: Mapping[str, Any], theme: str, started_at: datetime, number: int
) -> dict[str, Any]:
    return {
        "provider_call_id": f"A-{number:05}",
        "started_at": f"{started_at:%Y-%m-%dT%H:%M:%SZ}",
        "direction": "outbound" if own.random() < 0.1 else "inbound",
        "agent_id": agent["agent_id"],
        "team": agent["team"],
        "queue": theme,
        "caller_number": f"+441632960{own.randint(0, 39):03}",
        "hold_seconds": own.choice([0, 0, 12, 45]),
        "queue_seconds": own.randint(2, 180),
        "after_call_work_seconds": own.randint(10, 90),
        "transfer_count": 0,
    }


def _files(call: _Call) -> Iterator[DemoFile]:
    known, spoken = call.known, speak(call.lines)
    for _ in range(call.copies):
        if call.metadata is not None:
            yield DemoFile(known.tenant, "meta", f"{known.path}.json", side_file(call.metadata))
        if known.door == "audio":
            heard = prepared_transcript(spoken, call.language)
            yield DemoFile(known.tenant, "audio", f"{known.path}{SIDE_CAR}", heard)
            body = recording(spoken, 2 if call.shape == "stereo" else 1)
        elif call.shape == "transcribe":
            body = transcribe_result(spoken, known.path.rpartition("/")[2])
        else:
            body = plain_transcript(spoken, call.language)
        yield DemoFile(known.tenant, known.door, known.path, body)
