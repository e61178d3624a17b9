"""Who may do what: one role per function and job, named like it.

Every statement names our own resources; the list of actions AWS knows no resource for is
`WITHOUT_RESOURCE`, and nothing else may say `*`. Tenant sessions come on top of these roles.
"""

from collections.abc import Iterable, Mapping
from typing import Final

from aws_cdk import Fn, Stack
from aws_cdk import aws_iam as iam
from constructs import Construct

from contracts import names
from infra.config import arn, bucket_arn, master_key_arn, role_arn, tag

COMPREHEND: Final = (
    "comprehend:BatchDetectEntities",
    "comprehend:BatchDetectKeyPhrases",
    "comprehend:BatchDetectSentiment",
)
START_JOBS: Final = (
    "transcribe:StartTranscriptionJob",
    "transcribe:StartCallAnalyticsJob",
    "transcribe:TagResource",
)
WITHOUT_RESOURCE: Final = (
    *COMPREHEND,
    *START_JOBS,
    "xray:PutTraceSegments",
)
READ: Final = ("s3:GetObject",)
READ_WRITE: Final = ("s3:GetObject", "s3:PutObject")
REBUILD: Final = (*READ_WRITE, "s3:DeleteObject")
GET_ITEM: Final = ("dynamodb:GetItem",)
QUERY: Final = ("dynamodb:Query",)
MOVE_CALLS: Final = ("dynamodb:PutItem", "dynamodb:UpdateItem")
CATALOGUE_READ: Final = (
    "glue:GetDatabase",
    "glue:GetTable",
    "glue:GetTables",
    "glue:GetPartition",
    "glue:GetPartitions",
    "glue:BatchGetPartition",
)
TABLES_WRITE: Final = (
    *CATALOGUE_READ,
    "glue:CreateTable",
    "glue:UpdateTable",
    "glue:BatchCreatePartition",
)
LAKE_WRITE: Final = (*TABLES_WRITE, "glue:BatchUpdatePartition", "glue:BatchDeletePartition")
BUILD_WRITE: Final = (
    *LAKE_WRITE,
    "glue:DeleteTable",
    "glue:GetTableVersions",
    "glue:DeleteTableVersion",
)
PUBLISHED_WRITE: Final = (*TABLES_WRITE, "glue:UpdatePartition")
ATHENA: Final = (
    "athena:StartQueryExecution",
    "athena:GetQueryExecution",
    "athena:GetQueryResults",
    "athena:StopQueryExecution",
    "athena:GetWorkGroup",
)
DBT_KEYS: Final = ("tables/config_*", "quality/dbt/*")

Statement = dict[str, object]


class Roles(Stack):
    """The roles of the functions, the jobs and Transcribe."""

    def __init__(self, scope: Construct, name: str) -> None:
        super().__init__(scope, name)
        tag(self, "roles", "none")
        for function, statements in _functions().items():
            _role(self, function, "lambda.amazonaws.com", [*_runtime(function), *statements])
        for job, statements in _jobs().items():
            _role(self, job, "glue.amazonaws.com", [*_job_runtime(), *statements])
        _role(self, "cci-lite-transcribe", "transcribe.amazonaws.com", _transcribe())


def _functions() -> Mapping[str, list[Statement]]:
    audio = _objects(READ, "input", ["*"])
    documents = _objects(READ_WRITE, "results", ["*"])
    tables = [
        *_table((*GET_ITEM, *MOVE_CALLS), names.LEDGER_TABLE),
        *_table(GET_ITEM, names.CONFIG_TABLE),
    ]
    secrets = [
        _allow(["secretsmanager:GetSecretValue"], [arn("secretsmanager", "secret:cci-lite/*")])
    ]
    jobs = [
        _allow(START_JOBS, ["*"]),
        _allow(["iam:PassRole"], [role_arn("cci-lite-transcribe")]),
    ]
    return {
        names.JOB_INIT: [
            *audio, *documents, *tables,
            _allow(["sqs:SendMessage"], [arn("sqs", names.ANALYSIS_QUEUE)]),
            *secrets, *jobs,
        ],
        names.ANALYSER: [
            *audio, *documents, *tables, *secrets, *jobs,
            _allow(["transcribe:GetTranscriptionJob"], [arn("transcribe", "transcription-job/*")]),
            _allow(["transcribe:GetCallAnalyticsJob"], [arn("transcribe", "analytics/*")]),
            _allow(COMPREHEND, ["*"]),
            _allow(["bedrock:InvokeModel"], _models()),
        ],
        names.RESULT_HANDLER: [*audio, *documents, *tables, *secrets],
    }  # fmt: skip


def _jobs() -> Mapping[str, list[Statement]]:
    configuration = _table(QUERY, names.CONFIG_TABLE)
    code = _objects(READ, "artifacts", ["*"])
    return {
        names.FLATTEN_JOB: [
            *code, *configuration,
            *_table(("dynamodb:BatchGetItem", *QUERY, *MOVE_CALLS), names.LEDGER_TABLE),
            *_objects(READ_WRITE, "results", ["*"]),
            *_objects(REBUILD, "lake", ["tables/*"]),
            _catalogue(LAKE_WRITE, [names.LAKE_DATABASE]),
        ],
        names.DBT_JOB: [
            *code, *configuration,
            *_objects(READ, "lake", ["tables/*", "quality/dbt/*"]),
            _allow(["s3:PutObject"], [bucket_arn("lake", key) for key in DBT_KEYS]),
            *_objects(REBUILD, "lake", ["build/*"]),
            *_objects(READ_WRITE, "athena-staging", ["cci-lite-dbt/*"]),
            _allow(ATHENA, [arn("athena", f"workgroup/{names.DBT_WORKGROUP}")]),
            _allow(["glue:GetDatabases"], [arn("glue", "catalog"), arn("glue", "database/*")]),
            _catalogue(LAKE_WRITE, [names.LAKE_DATABASE]),
            _catalogue(BUILD_WRITE, [names.BUILD_DATABASE]),
        ],
        names.PUBLISH_JOB: [
            *code, *configuration,
            *_table((*QUERY, "dynamodb:UpdateItem"), names.LEDGER_TABLE),
            *_objects(READ, "lake", ["build/*"]),
            *_objects(READ_WRITE, "lake", ["published/*", "quality/*"]),
            *_objects(READ_WRITE, "athena-staging", ["cci-lite-shared/*"]),
            _allow(ATHENA, [arn("athena", f"workgroup/{names.SHARED_WORKGROUP}")]),
            _catalogue(CATALOGUE_READ, [names.BUILD_DATABASE]),
            _catalogue(PUBLISHED_WRITE, [names.PUBLISHED_DATABASE]),
        ],
    }  # fmt: skip


def _transcribe() -> list[Statement]:
    return [
        *_objects(READ, "input", ["*"]),
        *_objects(READ_WRITE, "results", ["tmp/*"]),
        _allow(["kms:Decrypt", "kms:GenerateDataKey"], [master_key_arn()]),
    ]


def _runtime(function: str) -> list[Statement]:
    queue = {
        names.JOB_INIT: names.INTAKE_QUEUE,
        names.ANALYSER: names.ANALYSIS_QUEUE,
        names.RESULT_HANDLER: names.RESULT_QUEUE,
    }[function]
    consume = ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"]
    return [
        _allow(consume, [arn("sqs", queue)]),
        _allow(
            ["logs:CreateLogStream", "logs:PutLogEvents"],
            [arn("logs", f"log-group:/aws/lambda/{function}:*")],
        ),
        _allow(["xray:PutTraceSegments"], ["*"]),
        _allow(["kms:Decrypt", "kms:GenerateDataKey"], [master_key_arn()]),
    ]


def _job_runtime() -> list[Statement]:
    return [
        _allow(
            ["logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents"],
            [arn("logs", "log-group:/aws-glue/*")],
        ),
        _allow(["kms:Decrypt", "kms:GenerateDataKey"], [master_key_arn()]),
    ]


def _models() -> list[str]:
    profiles = Fn.sub("arn:aws:bedrock:*:${AWS::AccountId}:inference-profile/*")
    return [profiles, "arn:aws:bedrock:*::foundation-model/anthropic.*"]


def _objects(actions: Iterable[str], kind: str, patterns: Iterable[str]) -> list[Statement]:
    return [
        _allow(["s3:ListBucket", "s3:GetBucketLocation"], [bucket_arn(kind)]),
        _allow(actions, [bucket_arn(kind, pattern) for pattern in patterns]),
    ]


def _table(actions: Iterable[str], table: str) -> list[Statement]:
    return [
        _allow(
            actions, [arn("dynamodb", f"table/{table}"), arn("dynamodb", f"table/{table}/index/*")]
        )
    ]


def _catalogue(actions: Iterable[str], databases: Iterable[str]) -> Statement:
    resources = [arn("glue", "catalog")]
    for database in databases:
        resources += [arn("glue", f"database/{database}"), arn("glue", f"table/{database}/*")]
    return _allow(actions, resources)


def _allow(actions: Iterable[str], resources: Iterable[str]) -> Statement:
    return {"Effect": "Allow", "Action": list(actions), "Resource": list(resources)}


def _role(stack: Stack, name: str, service: str, statements: list[Statement]) -> None:
    trust = {
        "Effect": "Allow",
        "Principal": {"Service": service},
        "Action": "sts:AssumeRole",
        "Condition": {"StringEquals": {"aws:SourceAccount": Fn.ref("AWS::AccountId")}},
    }
    if service == "lambda.amazonaws.com":
        del trust["Condition"]  # Lambda's own trust carries no source account
    iam.CfnRole(
        stack,
        name.title().replace("-", ""),
        role_name=name,
        assume_role_policy_document={"Version": "2012-10-17", "Statement": [trust]},
        policies=[
            iam.CfnRole.PolicyProperty(
                policy_name="own",
                policy_document={"Version": "2012-10-17", "Statement": statements},
            )
        ],
    )
