"""The closed words a call document may use, in the order people list them (documents.md)."""

from typing import Final

Words = tuple[str, ...]

SCHEMA_VERSION: Final = "cci-lite-v1.3"

PROVIDERS: Final[Words] = ("oak", "3cx", "asc", "upload", "transcript", "legacy")
STARTED_AT_SOURCES: Final[Words] = (
    "metadata",
    "transcript",
    "file_name",
    "object_time",
    "processed",
    "path",
)
DIRECTIONS: Final[Words] = ("inbound", "outbound", "internal")
TRANSCRIBE_APIS: Final[Words] = ("call_analytics", "standard", "none")
REDACTION_STATUSES: Final[Words] = (
    "verified",
    "redacted",
    "unsupported_language",
    "not_requested",
    "failed",
)
ROLE_SOURCES: Final[Words] = ("file", "metadata", "channel_setting", "heuristic")
CHARACTERISTICS_SOURCES: Final[Words] = ("call_analytics", "contact_lens", "pca", "computed")
SENTIMENTS: Final[Words] = ("positive", "negative", "neutral", "mixed")
ISSUE_KINDS: Final[Words] = ("issue", "action_item", "outcome")
OUTCOMES: Final[Words] = (
    "resolved",
    "unresolved",
    "follow_up",
    "escalated",
    "transferred",
    "other",
)
PARSE_STATUSES: Final[Words] = ("ok", "repaired", "raw", "failed")
EVALUATORS: Final[Words] = ("model", "human")
EVALUATION_TYPES: Final[Words] = ("standard", "calibration")
EVALUATION_STATUSES: Final[Words] = ("complete", "needs_review", "failed")
EVALUATION_ORIGINS: Final[Words] = ("document", "export")
RESULTS: Final[Words] = ("passed", "failed", "not_applicable", "not_answered")

SPEAKER_PATTERN: Final = r"\A(?:agent|customer|unknown|speaker_[0-9]+)\Z"
HASH_PATTERN: Final = r"\A[0-9a-f]{64}\Z"
DOCUMENT_KEY_PATTERN: Final = r"\A[0-9a-f]{16}\Z"

PII_ENTITY_TYPES: Final = frozenset({
    "PERSON", "ADDRESS", "AGE", "AWS_ACCESS_KEY", "AWS_SECRET_KEY", "BANK_ACCOUNT_NUMBER",
    "BANK_ROUTING", "CA_HEALTH_NUMBER", "CA_SOCIAL_INSURANCE_NUMBER", "CREDIT_DEBIT_CVV",
    "CREDIT_DEBIT_EXPIRY", "CREDIT_DEBIT_NUMBER", "DATE_TIME", "DRIVER_ID", "EMAIL",
    "INTERNATIONAL_BANK_ACCOUNT_NUMBER", "IN_AADHAAR", "IN_NREGA", "IN_PERMANENT_ACCOUNT_NUMBER",
    "IN_VOTER_NUMBER", "IP_ADDRESS", "LICENSE_PLATE", "MAC_ADDRESS", "NAME", "PASSPORT_NUMBER",
    "PASSWORD", "PHONE", "PIN", "SSN", "SWIFT_CODE", "UK_NATIONAL_HEALTH_SERVICE_NUMBER",
    "UK_NATIONAL_INSURANCE_NUMBER", "UK_UNIQUE_TAXPAYER_REFERENCE_NUMBER", "URL", "USERNAME",
    "US_INDIVIDUAL_TAX_IDENTIFICATION_NUMBER", "VEHICLE_IDENTIFICATION_NUMBER",
})  # fmt: skip
