"""A template with a resource of every kind the product has."""

from typing import Any

KEYS = {
    "Resources": {
        "Key": {"Type": "AWS::KMS::Key", "Properties": {"EnableKeyRotation": True}},
        "Alias": {
            "Type": "AWS::KMS::Alias",
            "Properties": {"AliasName": "alias/master", "TargetKeyId": {"Ref": "Key"}},
        },
    },
    "Outputs": {"Arn": {"Value": {"Fn::GetAtt": ["Key", "Arn"]}, "Export": {"Name": "key-arn"}}},
}
KEY = {"Fn::ImportValue": "key-arn"}
EVERY = {"Effect": "Allow", "Principal": "*", "Action": "*"}


def policy(resource: Any) -> dict[str, Any]:
    """Return a policy document about one resource."""
    return {"Version": "2012-10-17", "Statement": [{**EVERY, "Resource": resource}]}


def arn(name: str) -> dict[str, Any]:
    """Return the intrinsic for a resource's ARN."""
    return {"Fn::GetAtt": [name, "Arn"]}


def template() -> dict[str, Any]:
    """Return the template; `Days` is its one parameter, KEYS must stand before it."""
    resources = {
        "Input": (
            "S3::Bucket",
            {
                "BucketName": {"Fn::Sub": "input-${AWS::AccountId}-${AWS::Region}"},
                "VersioningConfiguration": {"Status": "Enabled"},
                "NotificationConfiguration": {
                    "EventBridgeConfiguration": {"EventBridgeEnabled": True}
                },
                "BucketEncryption": {
                    "ServerSideEncryptionConfiguration": [
                        {
                            "BucketKeyEnabled": True,
                            "ServerSideEncryptionByDefault": {
                                "SSEAlgorithm": "aws:kms",
                                "KMSMasterKeyID": KEY,
                            },
                        }
                    ]
                },
                "LifecycleConfiguration": {
                    "Rules": [
                        {"Id": "all", "Status": "Enabled", "ExpirationInDays": {"Ref": "Days"}}
                    ]
                },
            },
        ),
        "InputPolicy": (
            "S3::BucketPolicy",
            {
                "Bucket": {"Ref": "Input"},
                "PolicyDocument": policy({"Fn::Join": ["", [arn("Input"), "/*"]]}),
            },
        ),
        "Dead": ("SQS::Queue", {"QueueName": "dead", "MessageRetentionPeriod": 1209600}),
        "DeadPolicy": (
            "SQS::QueueInlinePolicy",
            {"Queue": {"Ref": "Dead"}, "PolicyDocument": policy(arn("Dead"))},
        ),
        "Intake": (
            "SQS::Queue",
            {
                "QueueName": "intake",
                "VisibilityTimeout": 1800,
                "RedrivePolicy": {"deadLetterTargetArn": arn("Dead"), "maxReceiveCount": 5},
            },
        ),
        "IntakePolicy": (
            "SQS::QueuePolicy",
            {"Queues": [{"Ref": "Intake"}], "PolicyDocument": policy(arn("Intake"))},
        ),
        "Topic": ("SNS::Topic", {"TopicName": "JobStatus"}),
        "TopicPolicy": (
            "SNS::TopicPolicy",
            {"Topics": [{"Ref": "Topic"}], "PolicyDocument": policy({"Ref": "Topic"})},
        ),
        "Alarms": ("SNS::Topic", {"TopicName": "alarms"}),
        "AlarmsPolicy": (
            "SNS::TopicInlinePolicy",
            {"TopicArn": {"Ref": "Alarms"}, "PolicyDocument": policy({"Ref": "Alarms"})},
        ),
        "Subscription": (
            "SNS::Subscription",
            {
                "TopicArn": {"Ref": "Topic"},
                "Protocol": "sqs",
                "Endpoint": arn("Intake"),
                "RawMessageDelivery": True,
            },
        ),
        "Rule": (
            "Events::Rule",
            {
                "EventPattern": {
                    "source": ["aws.s3"],
                    "detail": {"object": {"key": [{"wildcard": "*/audio/*"}]}},
                },
                "Targets": [{"Id": "q", "Arn": arn("Intake")}],
            },
        ),
        "Calls": (
            "DynamoDB::Table",
            {
                "TableName": "calls",
                "BillingMode": "PAY_PER_REQUEST",
                "AttributeDefinitions": [
                    {"AttributeName": name, "AttributeType": "S"} for name in ("pk", "state")
                ],
                "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}],
                "GlobalSecondaryIndexes": [
                    {
                        "IndexName": "by_state",
                        "KeySchema": [{"AttributeName": "state", "KeyType": "HASH"}],
                        "Projection": {"ProjectionType": "ALL"},
                    }
                ],
                "TimeToLiveSpecification": {"AttributeName": "expires_at", "Enabled": True},
                "PointInTimeRecoverySpecification": {"PointInTimeRecoveryEnabled": True},
                "SSESpecification": {"SSEEnabled": True, "SSEType": "KMS", "KMSMasterKeyId": KEY},
            },
        ),
        "Role": (
            "IAM::Role",
            {"RoleName": "worker", "AssumeRolePolicyDocument": {"Statement": [EVERY]}},
        ),
        "RolePolicy": (
            "IAM::Policy",
            {
                "PolicyName": "may",
                "Roles": [{"Ref": "Role"}],
                "PolicyDocument": policy(arn("Intake")),
            },
        ),
        "Log": ("Logs::LogGroup", {"LogGroupName": "/aws/lambda/worker", "RetentionInDays": 30}),
        "Function": (
            "Lambda::Function",
            {
                "FunctionName": "worker",
                "Runtime": "python3.13",
                "Handler": "handlers.handle",
                "Role": arn("Role"),
                "Code": {"S3Bucket": "artefacts", "S3Key": "code.zip"},
                "Environment": {"Variables": {"BUCKET": {"Ref": "Input"}}},
            },
        ),
        "Mapping": (
            "Lambda::EventSourceMapping",
            {
                "FunctionName": {"Ref": "Function"},
                "EventSourceArn": arn("Intake"),
                "FunctionResponseTypes": ["ReportBatchItemFailures"],
                "ScalingConfig": {"MaximumConcurrency": 50},
            },
        ),
        "Lake": (
            "Glue::Database",
            {"CatalogId": {"Ref": "AWS::AccountId"}, "DatabaseInput": {"Name": "lake"}},
        ),
        "Security": (
            "Glue::SecurityConfiguration",
            {
                "Name": "glue",
                "EncryptionConfiguration": {
                    "S3Encryptions": [{"S3EncryptionMode": "SSE-KMS", "KmsKeyArn": KEY}]
                },
            },
        ),
        "Job": (
            "Glue::Job",
            {
                "Name": "flatten",
                "Role": arn("Role"),
                "Command": {"Name": "glueetl", "ScriptLocation": "s3://artefacts/job.py"},
                "Timeout": {"Ref": "Days"},
                "SecurityConfiguration": {"Ref": "Security"},
                "Tags": {"Project": "x"},
            },
        ),
        "Nightly": ("Glue::Workflow", {"Name": "nightly", "MaxConcurrentRuns": 1}),
        "AtTwo": (
            "Glue::Trigger",
            {
                "Name": "at-two",
                "Type": "SCHEDULED",
                "Schedule": "cron(0 2 * * ? *)",
                "WorkflowName": {"Ref": "Nightly"},
                "StartOnCreation": True,
                "Actions": [{"JobName": {"Ref": "Job"}}],
            },
        ),
        "Shared": (
            "Athena::WorkGroup",
            {
                "Name": "shared",
                "State": "ENABLED",
                "RecursiveDeleteOption": True,
                "WorkGroupConfiguration": {
                    "EnforceWorkGroupConfiguration": True,
                    "BytesScannedCutoffPerQuery": 10000000,
                    "ResultConfiguration": {"OutputLocation": "s3://artefacts/results/"},
                },
            },
        ),
    }
    return {
        "Parameters": {"Days": {"Type": "Number", "Default": 1}},
        "Resources": {
            name: {"Type": f"AWS::{kind}", "Properties": properties}
            for name, (kind, properties) in resources.items()
        },
        "Outputs": {"QueueUrl": {"Value": {"Ref": "Intake"}}},
    }
