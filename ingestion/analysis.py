"""A transcript -> the enriched document: who speaks, how it sounds, what was agreed, how it scores.

The only module that asks Comprehend and the model; each is asked as little as possible.
"""

from typing import Any

from contracts.errors import Rejected
from contracts.forms import Form
from contracts.ledger import Call
from ingestion import evaluations, summaries
from ingestion.enriched_calls import Heard, build_enriched
from ingestion.founding_keys import with_founding_keys
from ingestion.keyed_hashes import entity_hasher
from ingestion.model_answers import ask
from ingestion.ports import Job, Ports
from ingestion.prompts import fill_prompt
from ingestion.roles import assign_roles
from ingestion.sentiment import analyse
from ingestion.tenants import choose_model, current_form, load_tenant
from ingestion.transcripts.read import read_transcript
from ingestion.transcripts.transcript import Transcript


def enrich(ports: Ports, call: Call, job: Job | None, body: bytes, now: str) -> dict[str, Any]:
    """Return the enriched document of a call; raise Rejected for a transcript nobody can use."""
    transcript = read_transcript(body)
    if job and job.is_redaction_asked and not transcript.is_redacted:
        raise Rejected("redaction_missing", "redaction was asked for and the result is raw")
    tenant = load_tenant(ports.config, call.tenant)
    form = current_form(ports.config, call.tenant)
    model_id = choose_model(ports.config, tenant, ports.settings.default_model_id)
    heard = _hear(transcript, call, job, tenant.language)
    insight = analyse(
        [turn.text for turn in transcript.turns],
        heard.language,
        ports.comprehend,
        with_turns=transcript.stated is None,
        hash_text=entity_hasher(ports.hash_keys, call.tenant),
    )
    document = build_enriched(
        call, job, heard, insight, now=now, code_version=ports.settings.code_version
    )
    _summarise(ports, call, document, model_id)
    if form is None:
        document["warnings"].append("no_form")
    else:
        _evaluate(ports, call, document, form, model_id, now)
    return with_founding_keys(document)


def _hear(transcript: Transcript, call: Call, job: Job | None, default: str) -> Heard:
    language = transcript.language or (job.language if job else None) or default
    channel = call.attributes.get("agent_channel")
    roles = assign_roles(transcript, None if channel is None else int(channel), language)
    return Heard.of(transcript, roles, language)


def _summarise(ports: Ports, call: Call, document: dict[str, Any], model_id: str) -> None:
    turns = document["transcript"]["turns"]
    prompt = fill_prompt(summaries.PROMPT, turns, summaries.SCHEMA)
    answer = ask(ports, call, "summarise", prompt, model_id)
    document["summary"] = summaries.build_summary(answer)
    document["usage"].append(dict(answer.usage))


def _evaluate(
    ports: Ports, call: Call, document: dict[str, Any], form: Form, model_id: str, now: str
) -> None:
    turns = document["transcript"]["turns"]
    prompt = fill_prompt(
        evaluations.PROMPT,
        turns,
        evaluations.answer_schema(form),
        evaluations.criteria_for_prompt(form),
    )
    answer = ask(ports, call, "evaluate", prompt, model_id)
    document["evaluations"] = [evaluations.build_evaluation(call, form, answer, turns, now)]
    document["usage"].append(dict(answer.usage))
