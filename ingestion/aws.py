"""The ports of ingestion on AWS; the only module of the package that knows boto3.

Clients are made once per Lambda and when first needed: a handler pays for what it uses.
"""

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from functools import cache
from typing import Any, Final

import boto3
from boto3.dynamodb.types import TypeDeserializer, TypeSerializer
from botocore.config import Config as ClientConfig
from botocore.exceptions import ClientError

from contracts.errors import Rejected, TryAgain
from contracts.ledger import Call, call_key, read_call
from contracts.tenant import TenantId
from ingestion.ports import (
    Answer,
    Api,
    Detected,
    Job,
    Moved,
    Ports,
    Question,
)
from ingestion.s3_bucket import S3Bucket
from ingestion.settings import load_settings

_BUSY: Final = frozenset({
    "ThrottlingException", "ModelNotReadyException", "ModelTimeoutException", "TimeoutException",
    "ServiceUnavailableException", "InternalServerException", "InternalServerErrorException",
    "InternalFailureException", "ServiceQuotaExceededException", "ModelErrorException",
    "LimitExceededException", "TooManyRequestsException",
})  # fmt: skip
_MAX_TOKENS: Final = 8_192


@cache
def ports() -> Ports:
    """Return the ports of this Lambda, made once from its environment."""
    settings = load_settings()
    return Ports(
        settings=settings,
        input=S3Bucket(_client("s3"), settings.input_bucket, settings.kms_key_arn),
        results=S3Bucket(_client("s3"), settings.results_bucket, settings.kms_key_arn),
        ledger=DynamoLedger(settings.ledger_table),
        config=DynamoConfig(settings.config_table),
        hash_keys=SecretHashKeys(),
        transcriber=AwsTranscriber(),
        comprehend=AwsComprehend(),
        model=BedrockModel(),
        analysis_queue=SqsQueue(settings.analysis_queue_url),
        clock=lambda: datetime.now(UTC),  # noqa: TID251 (the one real clock)
    )


class DynamoLedger:
    """The ledger table."""

    def __init__(self, table: str) -> None:
        self._table = table

    def get(self, tenant: TenantId, call_id: str) -> Call | None:
        """Return the call, read consistently."""
        item = _get_item(self._table, call_key(tenant, call_id))
        return read_call(item) if item else None

    def create(self, put: Mapping[str, Any]) -> Moved:
        """Put a new call, or return the one that is there."""
        arguments = {**put, "Item": _to_item(put["Item"])}
        try:
            _client("dynamodb").put_item(TableName=self._table, **arguments)
        except ClientError as problem:
            return _refused(problem)
        return Moved(is_made=True, call=read_call(put["Item"]))

    def move(self, update: Mapping[str, Any]) -> Moved:
        """Send a conditional update; return the item after it, or the one that refused it."""
        arguments = {
            **update,
            "Key": _to_item(update["Key"]),
            "ExpressionAttributeValues": _to_item(update["ExpressionAttributeValues"]),
        }
        try:
            answer = _client("dynamodb").update_item(
                TableName=self._table, ReturnValues="ALL_NEW", **arguments
            )
        except ClientError as problem:
            return _refused(problem)
        return Moved(is_made=True, call=read_call(_from_item(answer["Attributes"])))


class DynamoConfig:
    """The configuration table."""

    def __init__(self, table: str) -> None:
        self._table = table

    def item(self, pk: str, sk: str) -> Mapping[str, Any] | None:
        """Return one item, or None."""
        return _get_item(self._table, {"pk": pk, "sk": sk})


class SecretHashKeys:
    """The tenants' hash keys in Secrets Manager, kept for the life of the Lambda."""

    def __init__(self) -> None:
        self._keys: dict[TenantId, bytes] = {}

    def key(self, tenant: TenantId) -> bytes | None:
        """Return the tenant's key, or None where it has none yet."""
        if tenant not in self._keys:
            try:
                name = f"cci-lite/{tenant}/hash-key"
                answer = _client("secretsmanager").get_secret_value(SecretId=name)
            except ClientError as problem:
                if _code(problem) == "ResourceNotFoundException":
                    return None
                raise
            self._keys[tenant] = answer.get("SecretBinary") or answer["SecretString"].encode()
        return self._keys[tenant]


class AwsTranscriber:
    """Transcribe."""

    def start(self, api: Api, request: Mapping[str, Any]) -> None:
        """Start a job; a taken name is the same job, because names hold call and attempt."""
        client = _client("transcribe")
        is_standard = api == "standard"
        start = client.start_transcription_job if is_standard else client.start_call_analytics_job
        try:
            start(**request)
        except ClientError as problem:
            if _code(problem) == "ConflictException":
                return
            if _code(problem) == "BadRequestException":
                raise Rejected("transcribe_refused", _message(problem)) from problem
            raise _busy_or_same(problem) from problem

    def job(self, api: Api, name: str) -> Job | None:
        """Return the job, or None when Transcribe knows no such name."""
        client = _client("transcribe")
        try:
            if api == "standard":
                answer = client.get_transcription_job(TranscriptionJobName=name)["TranscriptionJob"]
                status, redaction = "TranscriptionJobStatus", answer.get("ContentRedaction")
            else:
                answer = client.get_call_analytics_job(CallAnalyticsJobName=name)[
                    "CallAnalyticsJob"
                ]
                status = "CallAnalyticsJobStatus"
                redaction = answer.get("Settings", {}).get("ContentRedaction")
        except ClientError as problem:
            if _code(problem) in ("NotFoundException", "BadRequestException"):
                return None
            raise _busy_or_same(problem) from problem
        transcript = answer.get("Transcript") or {}
        redacted = transcript.get("RedactedTranscriptFileUri")
        return Job(
            name=name,
            api=api,
            status=answer[status],
            media_uri=answer["Media"]["MediaFileUri"],
            transcript_uri=redacted or transcript.get("TranscriptFileUri"),
            failure_reason=answer.get("FailureReason", ""),
            language=answer.get("LanguageCode"),
            is_redaction_asked=redaction is not None,
        )


class AwsComprehend:
    """Comprehend."""

    def detect(self, question: Question, texts: Sequence[str], language: str) -> Detected:
        """Ask about a batch; what is in neither list of the answer counts as failed."""
        client = _client("comprehend")
        ask = {
            "sentiment": client.batch_detect_sentiment,
            "key_phrases": client.batch_detect_key_phrases,
            "entities": client.batch_detect_entities,
        }[question]
        try:
            answer = ask(TextList=list(texts), LanguageCode=language)
        except ClientError as problem:
            raise _busy_or_same(problem) from problem
        return Detected(
            {entry["Index"]: entry for entry in answer["ResultList"]},
            {entry["Index"]: entry["ErrorCode"] for entry in answer.get("ErrorList", ())},
        )


class BedrockModel:
    """A model behind Bedrock's Converse."""

    def ask(self, model_id: str, prompt: str) -> Answer:
        """Return the answer to one user message."""
        try:
            answer = _client("bedrock-runtime").converse(
                modelId=model_id,
                messages=[{"role": "user", "content": [{"text": prompt}]}],
                inferenceConfig={"maxTokens": _MAX_TOKENS},
            )
        except ClientError as problem:
            raise _busy_or_same(problem) from problem
        parts = answer["output"]["message"]["content"]
        return Answer(
            text="".join(part.get("text", "") for part in parts),
            stop_reason=answer["stopReason"],
            input_tokens=answer["usage"]["inputTokens"],
            output_tokens=answer["usage"]["outputTokens"],
        )


class SqsQueue:
    """One queue of SQS."""

    def __init__(self, url: str) -> None:
        self._url = url

    def send(self, message: Mapping[str, Any]) -> None:
        """Send a JSON message."""
        _client("sqs").send_message(QueueUrl=self._url, MessageBody=json.dumps(message))


@cache
def _client(service: str) -> Any:
    make: Any = boto3.client
    return make(service, config=ClientConfig(retries={"mode": "standard", "total_max_attempts": 3}))


def _get_item(table: str, key: Mapping[str, Any]) -> dict[str, Any] | None:
    answer = _client("dynamodb").get_item(TableName=table, Key=_to_item(key), ConsistentRead=True)
    return _from_item(answer["Item"]) if "Item" in answer else None


def _refused(problem: ClientError) -> Moved:
    """Return the item that came with a failed condition; raise any other failure."""
    if _code(problem) != "ConditionalCheckFailedException":
        raise problem
    item: Any = problem.response.get("Item")
    return Moved(is_made=False, call=read_call(_from_item(item)) if item else None)


def _to_item(values: Mapping[str, Any]) -> dict[str, Any]:
    serialise = TypeSerializer().serialize
    return {name: serialise(_exact(value)) for name, value in values.items()}


def _exact(value: Any) -> Any:
    """Return the value with floats as decimals: DynamoDB takes no other numbers."""
    if isinstance(value, float):
        return Decimal(str(value))
    if isinstance(value, Mapping):
        return {name: _exact(inner) for name, inner in value.items()}
    return [_exact(inner) for inner in value] if isinstance(value, list | tuple) else value


def _from_item(item: Mapping[str, Any]) -> dict[str, Any]:
    read = TypeDeserializer().deserialize
    return {name: read(value) for name, value in item.items()}


def _busy_or_same(problem: ClientError) -> Exception:
    code = _code(problem)
    return TryAgain(f"AWS is busy: {code}") if code in _BUSY else problem


def _code(problem: ClientError) -> str:
    return str(problem.response["Error"]["Code"])


def _message(problem: ClientError) -> str:
    return str(problem.response["Error"].get("Message", ""))
