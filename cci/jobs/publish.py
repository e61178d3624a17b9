"""The Glue job `cci-lite-publish`: gate, verdicts, publish, ledger; one tenant at a time.

It ends with one line of JSON that says what was published, what was held back and why, and keeps
that under `quality/runs/` where it is news. Exit code 0 also when tenants are held back: that is
the gate doing its work; 1 when something could not be judged or published.
"""

import argparse
import importlib.metadata
import json
import sys
import time
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from cci.aws import utc_now
from contracts import keys
from contracts.datasets import RLS_RULES
from contracts.verdicts import BLOCKING, Verdict
from expectations import gate
from expectations.aws import DynamoCalls, GlueBuild, LakeQuality
from expectations.judgement import Run
from expectations.ports import Quality
from expectations.report import blocking_items, render_report
from expectations.runner import Runner
from expectations.suite_files import read_suites
from serving.aws import open_ports
from serving.ports import Ports, PublishError
from serving.publish import is_news, publish_rules, publish_run, settle_run
from serving.run_ids import build_run_id
from serving.views import ensure_tables, register_verdicts

EARLIEST_START: Final = datetime(2000, 1, 1)  # noqa: DTZ001 - marts hold UTC without a zone

Outcome = dict[str, Any]


def main(argv: Sequence[str]) -> int:
    """Run the job; return 0, or 1 when a tenant could not be judged or published."""
    options = _options(argv)
    began = utc_now()
    ports = gate.Ports(
        GlueBuild(options.lake_bucket),
        DynamoCalls(options.ledger_table, options.config_table),
        LakeQuality(options.lake_bucket),
        Runner(),
    )
    serving = open_ports(options.lake_bucket, options.ledger_table, options.workgroup)
    night = gate.audit_night(ports, read_suites(), _run(options.job_run_id, began))
    outcome = publish_night(ports.quality, serving, night, began)
    sys.stderr.writelines(_lines(outcome))
    sys.stdout.write(f"{json.dumps(outcome, sort_keys=True)}\n")
    return 1 if outcome["errors"] else 0


def publish_night(quality: Quality, serving: Ports, night: gate.Night, now: datetime) -> Outcome:
    """Record and publish what the gate found; return what came of it, tenant by tenant.

    A tenant that cannot be published keeps its last run and does not stop the next one.
    """
    outcome: Outcome = {
        "run_id": night.run.run_id,
        "published": [],
        "unchanged": [],
        "empty": [],
        "blocked": [],
        "errors": [_nameless(text) for text in night.nameless],
    }
    ensure_tables(serving)
    recorded = []
    if _publish_rules(serving, night, outcome):
        recorded = [
            _publish_tenant(quality, serving, audit, night, now, outcome) for audit in night.audits
        ]
    if any(recorded):
        verdicts = [verdict for audit in night.audits for verdict in audit.verdicts]
        page = render_report(night.run.run_id, night.run.recorded_at, verdicts)
        quality.put(keys.report_page(night.run.run_id), page)
    if outcome["published"] or _says_other(quality.newest(keys.run_outcomes()), outcome):
        body = json.dumps(outcome, sort_keys=True).encode()
        quality.put(keys.run_outcome(night.run.run_id), body)
    return outcome


def _options(argv: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="cci-lite-publish", description=__doc__)
    for name in ("lake-bucket", "config-table", "ledger-table", "workgroup"):
        parser.add_argument(f"--{name}", required=True)
    parser.add_argument("--staging-bucket", help="where the work group writes; it enforces it")
    parser.add_argument("--job-run-id", default="by-hand")
    return parser.parse_args(list(argv))


def _run(job_run_id: str, began: datetime) -> Run:
    naive = began.replace(tzinfo=None)
    return Run(
        run_id=build_run_id(began, job_run_id),
        recorded_at=began.strftime("%Y-%m-%dT%H:%M:%SZ"),
        code_version=_code_version(),
        parameters={"earliest_start": EARLIEST_START, "latest_start": naive + timedelta(days=1)},
        seconds=time.perf_counter,
    )


def _code_version() -> str:
    try:
        return importlib.metadata.version("cci-lite")
    except importlib.metadata.PackageNotFoundError:  # run from unpacked code, not from the wheel
        return "unpacked"


def _publish_rules(serving: Ports, night: gate.Night, outcome: Outcome) -> bool:
    """Publish the access rules first; return False when they cannot be: then no tenant moves."""
    if night.rules is None or night.rules_status in BLOCKING:
        return True  # each tenant's verdicts say so, and block it
    files = [file for part in night.rules.partitions for file in part.files]
    try:
        publish_rules(serving, files, gate.content_of(night.rules), night.run.run_id)
    except PublishError as problem:
        outcome["errors"].append(_not_published("*", str(problem), dataset=RLS_RULES))
        return False
    return True


def _publish_tenant(
    quality: Quality,
    serving: Ports,
    audit: gate.Audit,
    night: gate.Night,
    now: datetime,
    outcome: Outcome,
) -> bool:
    """Record one tenant's verdicts, then publish it; return whether its verdicts were news."""
    tenant, run = audit.tenant_id, night.run
    news = not audit.is_blocked and is_news(serving.objects, audit.manifest)
    recorded = gate.record(quality, audit, run, is_news=news)
    if recorded:
        register_verdicts(serving, tenant, keys.verdicts_file(tenant, run.run_id))
    if audit.is_blocked:
        _tell_blocked(audit.verdicts, outcome)
        return recorded
    try:
        if news:
            publish_run(serving, tenant, run.run_id, now=now, code_version=run.code_version)
            outcome["published"].append(tenant)
        else:
            shown = settle_run(serving, tenant, now=now)
            outcome["unchanged" if shown else "empty"].append(tenant)
    except PublishError as problem:
        outcome["errors"].append(_not_published(tenant, str(problem)))
    return recorded


def _tell_blocked(verdicts: Iterable[Verdict], outcome: Outcome) -> None:
    for verdict in blocking_items(verdicts):
        item = {
            "tenant": verdict.tenant_id,
            "dataset": verdict.dataset,
            "expectation": verdict.expectation_id,
            "rows": verdict.unexpected_count or 0,
            "why": verdict.why,
            "what_to_do": verdict.what_to_do,
            "observed": verdict.observed,
            "example_keys": json.loads(verdict.example_keys or "[]"),
        }
        outcome["errors" if verdict.status == "ERROR" else "blocked"].append(item)


def _not_published(tenant: str, problem: str, *, dataset: str = "*") -> Outcome:
    told = {"why": problem, "what_to_do": "Run the night again."}
    return {"tenant": tenant, "dataset": dataset, **told}


def _nameless(text: str) -> Outcome:
    return {
        "tenant": text,
        "dataset": "*",
        "why": "a partition of the build lies under what is no tenant id",
        "what_to_do": "Remove its files from the lake; find out what wrote them.",
    }


def _says_other(stored: bytes | None, outcome: Outcome) -> bool:
    """Return whether a night's outcome is news: other tenants shown or held back, other errors."""
    return stored is None or _said(json.loads(stored)) != _said(outcome)


def _said(outcome: Outcome) -> list[Any]:
    shown = sorted([*outcome["published"], *outcome["unchanged"]])
    return [shown, *(outcome[word] for word in ("empty", "blocked", "errors"))]


def _lines(outcome: Outcome) -> Iterable[str]:
    for word in ("blocked", "errors"):
        for item in outcome[word]:
            claim = f"{item['dataset']}.{item.get('expectation', '*')}"
            yield f"{word}: {item['tenant']} {claim}: {item['why']} {item['what_to_do']}\n"
