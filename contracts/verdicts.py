"""What the gate says about each tenant's dataset, and hands to publishing.

One row per tenant, run, dataset and expectation; `*` as the expectation is the dataset as a whole.
Rows are stored before anything is published; a row that is missing counts as FAIL (serving.md 1.5).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, Literal, get_args

from contracts.columns import Table, bigint, double, string, timestamp

Status = Literal["PASS", "WARN", "FAIL", "ERROR"]
Severity = Literal["critical", "warning", "info"]

STATUSES: Final[tuple[Status, ...]] = get_args(Status)
SEVERITIES: Final[tuple[Severity, ...]] = get_args(Severity)
BLOCKING: Final[frozenset[Status]] = frozenset({"FAIL", "ERROR"})
WHOLE: Final = "*"


@dataclass(frozen=True, slots=True)
class Verdict:
    """One row of `quality_verdicts`.

    `example_keys` is JSON of up to five keys of failing rows, never their values; `recorded_at` is
    ISO 8601 UTC.
    """

    tenant_id: str
    run_id: str
    dataset: str
    expectation_id: str
    severity: Severity
    status: Status
    element_count: int | None
    unexpected_count: int | None
    observed: str | None
    example_keys: str | None
    row_count: int
    content_hash: str | None
    why: str | None
    what_to_do: str | None
    owner: str | None
    suite_hash: str | None
    code_version: str | None
    elapsed_seconds: float | None
    recorded_at: str


def worst(statuses: Iterable[Status]) -> Status:
    """Return the worst of `statuses`; nothing judged is FAIL, never a pass."""
    return max(statuses, key=STATUSES.index, default="FAIL")


VERDICTS: Final = Table(
    name="quality_verdicts",
    grain="One row per tenant, run, dataset and expectation; expectation * is the whole dataset.",
    key=("run_id", "dataset", "expectation_id"),
    columns=(
        string("run_id", "Run that was judged.", nullable=False, kind="key"),
        string("dataset", "Dataset that was judged.", nullable=False, kind="key"),
        string("expectation_id", "Claim that was checked.", nullable=False, kind="key"),
        string("severity", "What a failure does.", nullable=False, words=SEVERITIES),
        string("status", "What came out.", nullable=False, words=STATUSES),
        bigint("element_count", "Rows looked at."),
        bigint("unexpected_count", "Rows that failed."),
        string("observed", "What was seen instead."),
        string("example_keys", "Keys of up to five failing rows, as JSON."),
        bigint("row_count", "Rows of the dataset.", nullable=False),
        string("content_hash", "What the rows said."),
        string("why", "Why the claim matters."),
        string("what_to_do", "What mends it."),
        string("owner", "Role that mends it."),
        string("suite_hash", "Suite that judged."),
        string("code_version", "Version of the gate."),
        double("elapsed_seconds", "Time it took.", unit="seconds", minimum=0),
        timestamp("recorded_at", "When it was judged.", nullable=False),
    ),
    sort=("dataset", "expectation_id"),
    retention_class="quality",
    partitions=("tenant_id", "run_month"),
)
