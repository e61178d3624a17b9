"""The environment -> one frozen object, checked once when a Lambda starts.

All missing names are told in one error, so a wrong deployment is mended in one go.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass

_REQUIRED = {
    "input_bucket": "CCI_INPUT_BUCKET",
    "results_bucket": "CCI_RESULTS_BUCKET",
    "config_table": "CCI_CONFIG_TABLE",
    "ledger_table": "CCI_LEDGER_TABLE",
    "analysis_queue_url": "CCI_ANALYSIS_QUEUE_URL",
    "default_model_id": "CCI_DEFAULT_MODEL_ID",
    "code_version": "CCI_CODE_VERSION",
}
_OPTIONAL = {
    "kms_key_arn": "CCI_KMS_KEY_ARN",
    "transcribe_role_arn": "CCI_TRANSCRIBE_ROLE_ARN",
}
_DEFAULT_REGION = "eu-central-1"


@dataclass(frozen=True, slots=True)
class Settings:
    """What the three ingestion Lambdas are told by their deployment; empty ARNs mean none."""

    input_bucket: str
    results_bucket: str
    config_table: str
    ledger_table: str
    analysis_queue_url: str
    default_model_id: str
    code_version: str
    kms_key_arn: str = ""
    transcribe_role_arn: str = ""
    region: str = _DEFAULT_REGION


def load_settings(environment: Mapping[str, str] | None = None) -> Settings:
    """Return the settings; raise RuntimeError naming every variable that is missing."""
    given = os.environ if environment is None else environment
    missing = [name for name in _REQUIRED.values() if not given.get(name)]
    if missing:
        raise RuntimeError(
            f"the Lambda lacks {', '.join(missing)}: set them in infra/stacks and deploy again"
        )
    return Settings(
        **{field: given[name] for field, name in _REQUIRED.items()},
        **{field: given.get(name, "") for field, name in _OPTIONAL.items()},
        region=given.get("AWS_REGION") or given.get("AWS_DEFAULT_REGION") or _DEFAULT_REGION,
    )
