"""Tonight's marts -> a verdict per tenant, and what each tenant that passes may publish.

Every tenant is judged apart: one that fails blocks itself. Only the access rules are shared, and a
bad one blocks everybody, because a rule decides who sees whose rows (golden case 13).
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import pyarrow as pa

from contracts import keys
from contracts.datasets import DATASETS, RLS_RULES, dataset_named
from contracts.run_manifests import RunManifest, render_manifest
from contracts.tenant import TenantId, parse_tenant
from contracts.verdicts import BLOCKING, Status, Verdict
from expectations import checks
from expectations.frames import Frame, NotBuilt, read_frames
from expectations.judgement import Run, Subject, for_tenant, judge_dataset, tenant_status
from expectations.ports import Build, Calls, Judge, Quality
from expectations.report import render_report
from expectations.suite_files import Suite
from expectations.verdict_files import render_verdicts, say_the_same

OF_TENANTS: Final = tuple(dataset for dataset in DATASETS if not dataset.is_alone)
CHECKS: Final = (checks.CONSERVATION, checks.KEYS, checks.TENANTS, checks.SCORES)
NEWEST_SOURCE: Final = "stg_lake__calls"
EVERYBODY: Final = "*"

# What odd rows of one tenant raise (a NaN score, an absent column): they block that tenant alone.
_UNREADABLE: Final = (
    NotBuilt,
    pa.ArrowException,
    ArithmeticError,
    LookupError,
    TypeError,
    ValueError,
)


@dataclass(frozen=True, slots=True)
class Ports:
    """Everything the gate touches."""

    build: Build
    calls: Calls
    quality: Quality
    judge: Judge


@dataclass(frozen=True, slots=True)
class Audit:
    """One tenant's verdict rows and, for publishing, what its run would consist of."""

    tenant_id: TenantId
    status: Status
    verdicts: tuple[Verdict, ...]
    manifest: RunManifest

    @property
    def is_blocked(self) -> bool:
        """Whether the tenant keeps its last good run."""
        return self.status in BLOCKING


@dataclass(frozen=True, slots=True)
class Night:
    """The audits of one night; `rules` are those of the dataset published alone and first.

    `nameless` are partitions of the build whose tenant is no tenant id: nothing can be theirs.
    """

    run: Run
    rules_status: Status
    rules: Frame | None
    audits: tuple[Audit, ...]
    nameless: tuple[str, ...]


def audit_night(ports: Ports, suites: Mapping[str, Suite], run: Run) -> Night:
    """Judge every dataset of every tenant that is active or has rows; write nothing."""
    registered = ports.calls.tenants()
    frames, problems = _read(ports.build)
    rules = frames.get(RLS_RULES, {}).get("")
    rule_verdicts = _judge_rules(ports, suites, run, rules, problems.get(RLS_RULES), registered)
    found = {tenant for each in frames.values() for tenant in each if tenant}
    suspended = {tenant for tenant, status in registered.items() if status != "active"}
    tenants, nameless = _names((found | set(registered)) - suspended)
    source = ports.build.table(NEWEST_SOURCE)
    audits = [
        _audit_tenant(
            checks.Tenant(tenant, registered.get(tenant), ports.calls.calls(tenant)),
            {name: each[tenant] for name, each in frames.items() if tenant in each},
            problems,
            _Gate(ports.judge, suites, run, source.created_at if source else run.recorded_at),
            rule_verdicts,
        )
        for tenant in tenants
    ]
    status = tenant_status(rule_verdicts, [RLS_RULES])
    return Night(run, status, rules, tuple(audits), tuple(nameless))


def record(quality: Quality, audit: Audit, run: Run, *, is_news: bool) -> bool:
    """Write verdict rows, manifest and page of one tenant; return whether anything was written.

    Nothing is, when the newest stored rows say the same and `is_news` is False: publishing has
    nothing to do either.
    """
    newest = quality.newest(keys.verdicts_folder(audit.tenant_id))
    if not is_news and say_the_same(audit.verdicts, newest):
        return False
    tenant, run_id = audit.tenant_id, run.run_id
    if not audit.is_blocked:
        quality.put(keys.audit_manifest(tenant, run_id), render_manifest(audit.manifest))
    page = render_report(run_id, run.recorded_at, audit.verdicts)
    quality.put(keys.report_page(run_id, tenant), page)
    quality.put(keys.verdicts_file(tenant, run_id), render_verdicts(audit.verdicts))
    return True


def content_of(frame: Frame) -> str:
    """Return one hash of all partitions of a frame."""
    contents = sorted((part.call_month, part.content_hash) for part in frame.partitions)
    return hashlib.sha256(json.dumps(contents).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class _Gate:
    judge: Judge
    suites: Mapping[str, Suite]
    run: Run
    built_at: str


def _read(build: Build) -> tuple[dict[str, dict[str, Frame]], dict[str, str]]:
    frames: dict[str, dict[str, Frame]] = {}
    problems: dict[str, str] = {}
    for dataset in DATASETS:
        try:
            frames[dataset.name] = read_frames(build, dataset)
        except NotBuilt as problem:
            problems[dataset.name] = str(problem)
    return frames, problems


def _names(texts: set[str]) -> tuple[list[TenantId], list[str]]:
    tenants: list[TenantId] = []
    nameless: list[str] = []
    for text in sorted(texts):
        try:
            tenants.append(parse_tenant(text))
        except ValueError:
            nameless.append(text)
    return tenants, nameless


def _judge_rules(
    ports: Ports,
    suites: Mapping[str, Suite],
    run: Run,
    rules: Frame | None,
    problem: str | None,
    registered: Mapping[TenantId, str],
) -> list[Verdict]:
    dataset = dataset_named(RLS_RULES)
    table = None
    try:
        table = checks.rules_frame(rules, registered) if rules else None
    except NotBuilt as broken:
        problem = str(broken)
    subject = Subject(EVERYBODY, dataset, table, _hash_of(rules), problem)
    return judge_dataset(subject, suites, ports.judge, run, holds_calls=True)


def _audit_tenant(
    tenant: checks.Tenant,
    frames: Mapping[str, Frame],
    problems: Mapping[str, str],
    gate: _Gate,
    rule_verdicts: list[Verdict],
) -> Audit:
    subjects = [
        Subject(tenant.tenant_id, each, _table_of(frame), _hash_of(frame), problems.get(each.name))
        for each in OF_TENANTS
        for frame in (frames.get(each.name),)
    ]
    subjects += _check_subjects(tenant, frames, gate.built_at)
    verdicts = for_tenant(rule_verdicts, tenant.tenant_id)
    for subject in subjects:
        verdicts += judge_dataset(
            subject, gate.suites, gate.judge, gate.run, holds_calls=bool(tenant.in_lake)
        )
    status = tenant_status(verdicts, [each.name for each in (*DATASETS, *CHECKS)])
    return Audit(
        tenant.tenant_id,
        status,
        tuple(verdicts),
        _manifest(tenant.tenant_id, gate.run.run_id, status, frames),
    )


def _check_subjects(
    tenant: checks.Tenant, frames: Mapping[str, Frame], built_at: str
) -> list[Subject]:
    calls, evaluations = frames.get("fct_calls"), frames.get("fct_evaluations")
    results = frames.get("fct_criterion_results")
    try:
        tables = (
            checks.check_conservation(tenant, calls, built_at),
            checks.check_keys(tenant, frames),
            checks.check_tenants(tenant, frames),
            checks.check_scores(tenant, evaluations, results),
        )
    except _UNREADABLE as problem:
        told = f"{type(problem).__name__}: {problem}"
        return [Subject(tenant.tenant_id, check, None, problem=told) for check in CHECKS]
    return [
        Subject(tenant.tenant_id, check, table) for check, table in zip(CHECKS, tables, strict=True)
    ]


def _table_of(frame: Frame | None) -> pa.Table | None:
    return frame.table if frame else None


def _hash_of(frame: Frame | None) -> str | None:
    return content_of(frame) if frame else None


def _manifest(
    tenant: TenantId, run_id: str, status: Status, frames: Mapping[str, Frame]
) -> RunManifest:
    published = () if status in BLOCKING else OF_TENANTS
    own = [frames[each.name] for each in published if each.name in frames]
    partitions = [part for frame in own for part in frame.partitions]
    totals = tuple(frame.totals() for frame in own)
    return RunManifest(tenant, run_id, status, tuple(partitions), totals)
