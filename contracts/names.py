"""The deployed names: what a resource is called in AWS and, equally, on localaws.

Account and region are never written here: buckets carry them and get them from the caller.
"""

from dataclasses import dataclass
from typing import Final

PROJECT: Final = "cci-lite"

JOB_INIT: Final = "cci-lite-job-init"
ANALYSER: Final = "cci-lite-analyser"
RESULT_HANDLER: Final = "cci-lite-result-handler"

INTAKE_QUEUE: Final = "cci-lite-intake-queue"
ANALYSIS_QUEUE: Final = "cci-lite-analysis-queue"
RESULT_QUEUE: Final = "cci-lite-result-queue"
DEAD_LETTER_QUEUE: Final = "cci-lite-dlq"

TRANSCRIBE_TOPIC: Final = "TranscribeJobStatusTopic"
ALARM_TOPIC: Final = "cci-lite-alarms"

RULE_OBJECT_CREATED: Final = "S3ObjectCreatedToJobInit"
RULE_TRANSCRIBED: Final = "TranscribeCompletedToResultHandler"
RULE_ENRICHED: Final = "EnrichedCreatedToResultHandler"

CONFIG_TABLE: Final = "cci-lite-config"
LEDGER_TABLE: Final = "cci-lite-calls"

LAKE_DATABASE: Final = "cci_lite_lake"
BUILD_DATABASE: Final = "cci_lite_build"
PUBLISHED_DATABASE: Final = "cci_lite"

FLATTEN_JOB: Final = "cci-lite-flatten"
DBT_JOB: Final = "cci-lite-dbt"
PUBLISH_JOB: Final = "cci-lite-publish"
NIGHTLY: Final = "cci-lite-nightly"

SHARED_WORKGROUP: Final = "cci-lite-shared"
DBT_WORKGROUP: Final = "cci-lite-dbt"

MASTER_KEY_ALIAS: Final = "alias/cci-lite-master-key"

BUCKETS: Final = ("input", "results", "lake", "athena-staging", "audit", "artifacts")


@dataclass(frozen=True, slots=True)
class Buckets:
    """The bucket names of one account and region."""

    account: str
    region: str

    def name(self, kind: str) -> str:
        """Return the bucket of `kind`, one of BUCKETS; raise ValueError for another word."""
        if kind not in BUCKETS:
            raise ValueError(f"no bucket is called {kind!r}; the buckets are {', '.join(BUCKETS)}")
        return f"{PROJECT}-{kind}-{self.account}-{self.region}"

    @property
    def input(self) -> str:
        """Where recordings, transcripts and metadata arrive."""
        return self.name("input")

    @property
    def results(self) -> str:
        """Where documents of calls lie: tmp, enriched, final, quarantine."""
        return self.name("results")

    @property
    def lake(self) -> str:
        """Where tables, marts and published datasets lie."""
        return self.name("lake")

    @property
    def staging(self) -> str:
        """Where Athena writes its results."""
        return self.name("athena-staging")

    @property
    def artifacts(self) -> str:
        """Where deployed code lies."""
        return self.name("artifacts")
