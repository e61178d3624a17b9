"""Every S3 key: built here, parsed here, formatted nowhere else.

Each kind of key is a frozen value; `str(value)` is the key and `parse_…(str(value)) == value`
(property-tested). Parsing raises `Rejected("unreadable_key")` with the key and what was expected.
The tenant of a key is its authority: what a document says inside never wins over it.
"""

import re
from dataclasses import dataclass
from datetime import date
from typing import Literal, get_args

from contracts.call_ids import CALL_ID
from contracts.errors import Rejected
from contracts.tenant import TenantId, parse_tenant

Door = Literal["audio", "calls", "meta", "transcripts", "evaluations"]
DocumentKind = Literal["enriched", "final"]
QuarantineStage = Literal["landing", "analyse", "finalise", "flatten", "extra"]
QuarantinePart = Literal["json", "reason.json", "source"]

DOORS: tuple[str, ...] = get_args(Door)
AUDIO_DOORS = frozenset({"audio", "calls"})
LAKE_TABLES_PREFIX = "tables/"

# [0-9]: \d takes other scripts' digits too, and two keys would name one document.
_DATED = r"(?P<year>[0-9]{4})/(?P<month>[0-9]{2})/(?P<day>[0-9]{2})"
_CALL = rf"(?P<call_id>{CALL_ID.pattern})"
_REVISION = r"(?:\.r(?P<revision>[2-9]|[1-9][0-9]+))?"
_DOCUMENT = re.compile(rf"(?P<kind>enriched|final)/{_DATED}/{_CALL}{_REVISION}\.json")
_LEGACY = re.compile(rf"{_DATED}/(?P<name>[^/]+\.json)")
_QUARANTINE = re.compile(
    r"quarantine/(?P<stage>[a-z]+)/(?P<call_id>[0-9a-zA-Z._-]+?)"
    r"(?:\.(?P<version>r[0-9]+|[0-9a-f]{16}))?\.(?P<part>json|reason\.json|source)"
)
_LAKE_FILE = re.compile(
    r"tables/(?P<table>[a-z_]+)/tenant_id=(?P<tenant>[^/]+)/call_month=(?P<month>[0-9]{4}-[0-9]{2})"
    r"/g(?P<generation>[0-9]{6})/(?P<file>[^/]+)"
)


@dataclass(frozen=True, slots=True)
class DoorKey:
    """An object people or providers drop in the input bucket: `{tenant}/{door}/{path}`."""

    tenant: TenantId
    door: Door
    path: str

    def __str__(self) -> str:
        return f"{self.tenant}/{self.door}/{self.path}"


@dataclass(frozen=True, slots=True)
class DocumentKey:
    """An enriched or final call in the results bucket; revision 1 has no suffix."""

    tenant: TenantId
    kind: DocumentKind
    call_date: date
    call_id: str
    revision: int = 1

    def __str__(self) -> str:
        name = ".".join(filter(None, (self.call_id, revision_word(self.revision), "json")))
        return f"{self.tenant}/{self.kind}/{self.call_date.isoformat().replace('-', '/')}/{name}"


@dataclass(frozen=True, slots=True)
class LegacyKey:
    """A document of the founding layouts, `{tenant}/YYYY/MM/DD/{name}`; read, never written."""

    tenant: TenantId
    call_date: date
    name: str

    def __str__(self) -> str:
        return f"{self.tenant}/{self.call_date.isoformat().replace('-', '/')}/{self.name}"


@dataclass(frozen=True, slots=True)
class WorkKey:
    """A working object of one call, `tmp/{tenant}/{call_id}/{name}`; gone after 14 days."""

    tenant: TenantId
    call_id: str
    name: str

    def __str__(self) -> str:
        return f"tmp/{self.tenant}/{self.call_id}/{self.name}"


@dataclass(frozen=True, slots=True)
class QuarantineKey:
    """A document set aside, its reason, or its source; `version` is `r2` … or a document key."""

    tenant: TenantId
    stage: QuarantineStage
    call_id: str
    part: QuarantinePart = "json"
    version: str = ""

    def __str__(self) -> str:
        name = ".".join(filter(None, (self.call_id, self.version, self.part)))
        return f"{self.tenant}/quarantine/{self.stage}/{name}"


@dataclass(frozen=True, slots=True)
class LakeFileKey:
    """One Parquet file of a lake table, below the generation its partition points at."""

    table: str
    tenant: TenantId
    call_month: str
    generation: int
    file: str

    def __str__(self) -> str:
        folder = lake_partition(self.table, self.tenant, self.call_month, self.generation)
        return f"{folder}{self.file}"


def revision_word(revision: int) -> str:
    """Return what a key says of a revision: nothing of the first, `r2` of the second."""
    return "" if revision == 1 else f"r{revision}"


def parse_door(key: str) -> DoorKey:
    """Return the door, tenant and path of an input key.

    Raise Rejected `not_a_door` for another prefix, `unreadable_key` for a bad tenant or no path.
    """
    tenant_text, _, rest = key.partition("/")
    door, _, path = rest.partition("/")
    if door not in DOORS:
        raise Rejected("not_a_door", f"{key!r}: expected <tenant>/<{'|'.join(DOORS)}>/<path>")
    if not path or path.endswith("/"):
        raise Rejected("unreadable_key", f"{key!r}: there is no file name after {door}/")
    return DoorKey(_tenant(tenant_text, key), door, path)  # type: ignore[arg-type]


def parse_document(key: str) -> DocumentKey:
    """Return the tenant, kind, date, call and revision of an enriched or final key."""
    tenant_text, _, rest = key.partition("/")
    found = _DOCUMENT.fullmatch(rest)
    if not found:
        raise _unreadable(key, "<tenant>/<enriched|final>/YYYY/MM/DD/<call_id>[.r<n>].json")
    return DocumentKey(
        _tenant(tenant_text, key),
        found["kind"],  # type: ignore[arg-type]
        _date(found, key),
        found["call_id"],
        int(found["revision"] or 1),
    )


def parse_legacy(key: str) -> LegacyKey:
    """Return the tenant, date and file name of a founding-layout key."""
    tenant_text, _, rest = key.partition("/")
    found = _LEGACY.fullmatch(rest)
    if not found:
        raise _unreadable(key, "<tenant>/YYYY/MM/DD/<name>.json")
    return LegacyKey(_tenant(tenant_text, key), _date(found, key), found["name"])


def parse_work(key: str) -> WorkKey:
    """Return the tenant, call and name of a `tmp/` key."""
    parts = key.split("/", 3)
    if len(parts) != 4 or parts[0] != "tmp" or not parts[2] or not parts[3]:
        raise _unreadable(key, "tmp/<tenant>/<call_id>/<name>")
    return WorkKey(_tenant(parts[1], key), parts[2], parts[3])


def parse_quarantine(key: str) -> QuarantineKey:
    """Return the tenant, stage, call and part of a quarantine key."""
    tenant_text, _, rest = key.partition("/")
    found = _QUARANTINE.fullmatch(rest)
    if not found or found["stage"] not in get_args(QuarantineStage):
        raise _unreadable(key, "<tenant>/quarantine/<stage>/<call_id>.<json|reason.json|source>")
    return QuarantineKey(
        _tenant(tenant_text, key),
        found["stage"],  # type: ignore[arg-type]
        found["call_id"],
        found["part"],  # type: ignore[arg-type]
        found["version"] or "",
    )


def parse_lake_file(key: str) -> LakeFileKey:
    """Return the table, tenant, month, generation and file of a lake key."""
    found = _LAKE_FILE.fullmatch(key)
    if not found:
        expected = "tables/<table>/tenant_id=<tenant>/call_month=YYYY-MM/g<generation>/<file>"
        raise _unreadable(key, expected)
    return LakeFileKey(
        found["table"],
        _tenant(found["tenant"], key),
        found["month"],
        int(found["generation"]),
        found["file"],
    )


def lake_partition(table: str, tenant: TenantId, call_month: str, generation: int) -> str:
    """Return the prefix, ending in `/`, that a lake partition of one generation points at."""
    return f"tables/{table}/tenant_id={tenant}/call_month={call_month}/g{generation:06d}/"


def lake_intent(batch_id: str, *, done: bool = False) -> str:
    """Return the key of a flatten batch's intent, open or done."""
    return f"tables/_intents/{'done/' if done else ''}{batch_id}.json"


def config_copy(table: str, tenant: TenantId, generation: str) -> str:
    """Return the key of one tenant's rows of a configuration copy in one generation."""
    return f"tables/{table}/{generation}/tenant_id={tenant}/rows.parquet"


def published_partition(dataset: str, tenant: TenantId, run_id: str, call_month: str) -> str:
    """Return the prefix, ending in `/`, of one published partition of one run."""
    return f"published/{dataset}/tenant_id={tenant}/run_id={run_id}/call_month={call_month}/"


def published_alone(dataset: str, run_id: str) -> str:
    """Return the prefix, ending in `/`, of a dataset published whole, such as `rls_rules`."""
    return f"published/{dataset}/run_id={run_id}/"


def run_pointer(tenant: TenantId) -> str:
    """Return the key of the one object that says which run of a tenant people see."""
    return f"published/runs/tenant_id={tenant}/current.parquet"


def run_manifest(tenant: TenantId, run_id: str) -> str:
    """Return the key of the manifest of one published run."""
    return f"published/manifests/tenant_id={tenant}/{run_id}.json"


def audit_manifest(tenant: TenantId, run_id: str) -> str:
    """Return the key of what the gate audited for one tenant and run."""
    return f"quality/audit/{run_id}/tenant_id={tenant}.json"


def verdicts_file(tenant: TenantId, run_id: str) -> str:
    """Return the key of one run's verdict rows; the month is that of the run's start."""
    return f"{verdicts_folder(tenant)}run_month={run_id[:4]}-{run_id[4:6]}/{run_id}.parquet"


def verdicts_folder(tenant: TenantId) -> str:
    """Return the prefix, ending in `/`, of a tenant's verdict files; the newest sorts last."""
    return f"quality/verdicts/tenant_id={tenant}/"


def report_page(run_id: str, tenant: TenantId | None = None) -> str:
    """Return the key of the page about one run: of all tenants, or of one."""
    folder = "" if tenant is None else f"tenant_id={tenant}/"
    return f"quality/reports/{folder}{run_id}.html"


def run_outcomes() -> str:
    """Return the prefix, ending in `/`, of what each night came to; the newest sorts last."""
    return "quality/runs/"


def run_outcome(run_id: str) -> str:
    """Return the key of what one night published, held back and could not judge."""
    return f"{run_outcomes()}{run_id}.json"


def dbt_failures(run_id: str) -> str:
    """Return the key of the failed dbt data tests of one run."""
    return f"quality/dbt/{run_id}.json"


def dbt_built() -> str:
    """Return the key of the hash over what the marts of the last clean build were made of."""
    return "quality/dbt/built.sha256"


def dbt_seeds() -> str:
    """Return the key of the hash of the seeds that the build database holds."""
    return "quality/dbt/seeds.sha256"


def _tenant(text: str, key: str) -> TenantId:
    try:
        return parse_tenant(text)
    except ValueError as problem:
        raise Rejected("unreadable_key", f"{key!r}: {problem}") from problem


def _date(found: re.Match[str], key: str) -> date:
    try:
        return date(int(found["year"]), int(found["month"]), int(found["day"]))
    except ValueError as problem:
        raise Rejected("unreadable_key", f"{key!r}: {problem}") from problem


def _unreadable(key: str, expected: str) -> Rejected:
    return Rejected("unreadable_key", f"{key!r}: expected {expected}")
