"""Topic, queues, rules and functions: a dropped file starts its own way through them.

Object created → intake queue → job-init → Transcribe → topic → analysis queue → analyser →
enriched object → result queue → result-handler. Every queue and every rule fails into one DLQ.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from aws_cdk import Fn, Stack
from aws_cdk import aws_events as events
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from contracts import names
from infra import config
from infra.config import arn, bucket_name, master_key_arn, role_arn, tag

DEFAULT_MODEL: Final = "eu.anthropic.claude-haiku-4-5-20251001-v1:0"
FOUR_DAYS: Final = 345_600
FOURTEEN_DAYS: Final = 1_209_600
RECEIVES: Final = 5

OBJECT_CREATED: Final = {"source": ["aws.s3"], "detail-type": ["Object Created"]}
DOORS: Final = ("audio", "calls", "meta", "transcripts", "evaluations")


@dataclass(frozen=True, slots=True)
class Worker:
    """A function and the queue that feeds it; visibility is at least six times the timeout."""

    name: str
    module: str
    queue: str
    timeout: int
    memory: int
    visibility: int
    batch: int
    concurrency: config.Number | None


WORKERS: Final = (
    Worker(
        names.JOB_INIT, "job_init", names.INTAKE_QUEUE, 300, 1024, 1800, 10,
        config.JOB_INIT_CONCURRENCY,
    ),
    Worker(
        names.ANALYSER, "analyser", names.ANALYSIS_QUEUE, 600, 1769, 3600, 1,
        config.ANALYSER_CONCURRENCY,
    ),
    Worker(names.RESULT_HANDLER, "result_handler", names.RESULT_QUEUE, 120, 1024, 720, 5, None),
)  # fmt: skip


class Ingestion(Stack):
    """The queues, the rules that fill them and the functions that empty them."""

    def __init__(self, scope: Construct, name: str, code: Mapping[str, str]) -> None:
        super().__init__(scope, name)
        tag(self, "ingestion", "personal")
        log_days = config.LOG_DAYS.declare(self)
        dead = _queue(self, names.DEAD_LETTER_QUEUE, visibility=30, retention=FOURTEEN_DAYS)
        topic = sns.CfnTopic(
            self, "Topic", topic_name=names.TRANSCRIBE_TOPIC, kms_master_key_id=master_key_arn()
        )
        for worker in WORKERS:
            queue = _queue(self, worker.queue, worker.visibility, FOUR_DAYS, dead)
            _function(self, worker, queue, code["ingestion.zip"], log_days)
        _rules(self, topic)
        _subscription(self, topic)


def _queue(
    stack: Stack,
    name: str,
    visibility: int,
    retention: int,
    dead: sqs.CfnQueue | None = None,
) -> sqs.CfnQueue:
    redrive = {"deadLetterTargetArn": dead.attr_arn, "maxReceiveCount": RECEIVES} if dead else None
    queue = sqs.CfnQueue(
        stack,
        _id("Queue", name),
        queue_name=name,
        visibility_timeout=visibility,
        message_retention_period=retention,
        receive_message_wait_time_seconds=20,
        redrive_policy=redrive,
        kms_master_key_id=master_key_arn(),
    )
    sqs.CfnQueuePolicy(
        stack, _id("QueuePolicy", name), queues=[queue.ref], policy_document=_senders(queue)
    )
    return queue


def _senders(queue: sqs.CfnQueue) -> dict[str, object]:
    account = {"StringEquals": {"aws:SourceAccount": Fn.ref("AWS::AccountId")}}
    return {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Sid": "RulesAndTopicOfThisAccount",
                "Effect": "Allow",
                "Principal": {"Service": ["events.amazonaws.com", "sns.amazonaws.com"]},
                "Action": "sqs:SendMessage",
                "Resource": queue.attr_arn,
                "Condition": account,
            }
        ],
    }


def _function(
    stack: Stack, worker: Worker, queue: sqs.CfnQueue, code_key: str, log_days: int
) -> None:
    group = logs.CfnLogGroup(
        stack,
        _id("Logs", worker.name),
        log_group_name=f"/aws/lambda/{worker.name}",
        retention_in_days=log_days,
        kms_key_id=master_key_arn(),
    )
    function = lambda_.CfnFunction(
        stack,
        _id("Function", worker.name),
        function_name=worker.name,
        runtime="python3.13",
        architectures=["arm64"],
        handler=f"ingestion.{worker.module}.handler",
        role=role_arn(worker.name),
        timeout=worker.timeout,
        memory_size=worker.memory,
        code=lambda_.CfnFunction.CodeProperty(s3_bucket=bucket_name("artifacts"), s3_key=code_key),
        environment=lambda_.CfnFunction.EnvironmentProperty(variables=_environment(code_key)),
        tracing_config=lambda_.CfnFunction.TracingConfigProperty(mode="Active"),
    )
    function.add_resource_dependency(group)
    concurrency = worker.concurrency.declare(stack) if worker.concurrency else 20
    lambda_.CfnEventSourceMapping(
        stack,
        _id("Source", worker.name),
        function_name=function.ref,
        event_source_arn=queue.attr_arn,
        batch_size=worker.batch,
        function_response_types=["ReportBatchItemFailures"],
        scaling_config=lambda_.CfnEventSourceMapping.ScalingConfigProperty(
            maximum_concurrency=concurrency
        ),
    )


def _environment(code_key: str) -> dict[str, str]:
    return {
        "CCI_INPUT_BUCKET": bucket_name("input"),
        "CCI_RESULTS_BUCKET": bucket_name("results"),
        "CCI_CONFIG_TABLE": names.CONFIG_TABLE,
        "CCI_LEDGER_TABLE": names.LEDGER_TABLE,
        "CCI_ANALYSIS_QUEUE_URL": Fn.sub(
            "https://sqs.${AWS::Region}.${AWS::URLSuffix}/${AWS::AccountId}/"
            f"{names.ANALYSIS_QUEUE}"
        ),
        "CCI_DEFAULT_MODEL_ID": DEFAULT_MODEL,
        "CCI_KMS_KEY_ARN": master_key_arn(),
        "CCI_TRANSCRIBE_ROLE_ARN": role_arn("cci-lite-transcribe"),
        "CCI_CODE_VERSION": code_key.rpartition("/")[2].partition(".")[0][:12],
    }


def _rules(stack: Stack, topic: sns.CfnTopic) -> None:
    doors = [{"wildcard": f"*/{door}/*"} for door in DOORS]
    _rule(
        stack, names.RULE_OBJECT_CREATED, _objects("input", doors), arn("sqs", names.INTAKE_QUEUE)
    )
    ended = ["COMPLETED", "FAILED"]
    transcribed = {
        "source": ["aws.transcribe"],
        "detail-type": ["Transcribe Job State Change", "Call Analytics Job State Change"],
        "detail": {"$or": [{"TranscriptionJobStatus": ended}, {"JobStatus": ended}]},
    }
    _rule(stack, names.RULE_TRANSCRIBED, transcribed, topic.ref)
    enriched = _objects("results", [{"wildcard": "*/enriched/*"}])
    _rule(stack, names.RULE_ENRICHED, enriched, arn("sqs", names.RESULT_QUEUE))


def _objects(bucket: str, keys: list[dict[str, str]]) -> dict[str, Any]:
    detail = {"bucket": {"name": [bucket_name(bucket)]}, "object": {"key": keys}}
    return {**OBJECT_CREATED, "detail": detail}


def _rule(stack: Stack, name: str, pattern: dict[str, Any], target: str) -> None:
    events.CfnRule(
        stack,
        _id("Rule", name),
        name=name,
        event_pattern=pattern,
        state="ENABLED",
        targets=[
            events.CfnRule.TargetProperty(
                id="target",
                arn=target,
                dead_letter_config=events.CfnRule.DeadLetterConfigProperty(
                    arn=arn("sqs", names.DEAD_LETTER_QUEUE)
                ),
                retry_policy=events.CfnRule.RetryPolicyProperty(
                    maximum_event_age_in_seconds=86_400, maximum_retry_attempts=185
                ),
            )
        ],
    )


def _subscription(stack: Stack, topic: sns.CfnTopic) -> None:
    sns.CfnSubscription(
        stack,
        "Subscription",
        topic_arn=topic.ref,
        protocol="sqs",
        endpoint=arn("sqs", names.ANALYSIS_QUEUE),
        raw_message_delivery=True,
    )
    sns.CfnTopicPolicy(
        stack,
        "TopicPolicy",
        topics=[topic.ref],
        policy_document={
            "Version": "2012-10-17",
            "Statement": [
                {
                    "Sid": "RulesOfThisAccount",
                    "Effect": "Allow",
                    "Principal": {"Service": "events.amazonaws.com"},
                    "Action": "sns:Publish",
                    "Resource": topic.ref,
                    "Condition": {"StringEquals": {"aws:SourceAccount": Fn.ref("AWS::AccountId")}},
                }
            ],
        },
    )


def _id(kind: str, name: str) -> str:
    return kind + "".join(word.capitalize() for word in name.removeprefix("cci-lite-").split("-"))
