"""The small types of resource with all their properties, as parts of a stack."""

from tests.support.localaws_server import ACCOUNT, REGION
from tests.support.stacks import TAGS, arn, policy

COLUMN = {"Name": "call_id", "Type": "string"}
STORED = {
    "Location": "s3://lake/calls/",
    "Columns": [COLUMN],
    "InputFormat": "in",
    "OutputFormat": "out",
    "SerdeInfo": {"SerializationLibrary": "lib"},
}
RULE = f"arn:aws:events:{REGION}:{ACCOUNT}:rule/one"
ANYONE = {"Effect": "Allow", "Principal": "*", "Resource": "*"}
PARTS = {
    "Key": (
        "KMS::Key",
        {
            "KeySpec": "SYMMETRIC_DEFAULT",
            "KeyUsage": "ENCRYPT_DECRYPT",
            "Enabled": True,
            "PendingWindowInDays": 7,
        },
    ),
    "Off": ("KMS::Key", {"Enabled": False}),
    "OffAlias": ("KMS::Alias", {"AliasName": "alias/off", "TargetKeyId": {"Ref": "Off"}}),
    "Alias": ("KMS::Alias", {"AliasName": "alias/one", "TargetKeyId": {"Ref": "Key"}}),
    "Word": (
        "SSM::Parameter",
        {"Name": "/one", "Type": "String", "Value": "a", "Description": "d", "Tags": {"A": "b"}},
    ),
    "Secret": (
        "SecretsManager::Secret",
        {
            "Name": "one",
            "Description": "d",
            "KmsKeyId": {"Ref": "Key"},
            "SecretString": "s",
            "Tags": TAGS,
        },
    ),
    "Made": (
        "SecretsManager::Secret",
        {
            "Name": "made",
            "GenerateSecretString": {
                "SecretStringTemplate": '{"user": "u"}',
                "GenerateStringKey": "word",
                "PasswordLength": 40,
                "ExcludeCharacters": "abc",
            },
        },
    ),
    "Role": (
        "IAM::Role",
        {
            "RoleName": "one",
            "Description": "d",
            "AssumeRolePolicyDocument": policy({**ANYONE, "Action": "sts:AssumeRole"}),
        },
    ),
    "Rights": (
        "IAM::Policy",
        {
            "PolicyName": "own",
            "Roles": [{"Ref": "Role"}],
            "PolicyDocument": policy({"Effect": "Allow", "Action": "s3:*", "Resource": "*"}),
        },
    ),
    "Limit": (
        "IAM::ManagedPolicy",
        {
            "ManagedPolicyName": "limit",
            "Description": "d",
            "Roles": [{"Ref": "Role"}],
            "PolicyDocument": policy({"Effect": "Allow", "Action": "s3:*", "Resource": "*"}),
        },
    ),
    "Layer": (
        "Lambda::LayerVersion",
        {
            "LayerName": "one",
            "Description": "d",
            "LicenseInfo": "MIT",
            "Content": {"S3Bucket": "artefacts", "S3Key": "code.zip"},
        },
    ),
    "Table": (
        "DynamoDB::Table",
        {
            "TableName": "one",
            "BillingMode": "PROVISIONED",
            "ProvisionedThroughput": {"ReadCapacityUnits": 3, "WriteCapacityUnits": 2},
            "AttributeDefinitions": [
                {"AttributeName": name, "AttributeType": "S"} for name in ("pk", "sk", "other")
            ],
            "KeySchema": [
                {"AttributeName": "pk", "KeyType": "HASH"},
                {"AttributeName": "sk", "KeyType": "RANGE"},
            ],
            "LocalSecondaryIndexes": [
                {
                    "IndexName": "by_other",
                    "KeySchema": [
                        {"AttributeName": "pk", "KeyType": "HASH"},
                        {"AttributeName": "other", "KeyType": "RANGE"},
                    ],
                    "Projection": {"ProjectionType": "ALL"},
                }
            ],
            "StreamSpecification": {"StreamViewType": "NEW_IMAGE"},
        },
    ),
    "Mapping": (
        "Lambda::EventSourceMapping",
        {
            "FunctionName": {"Ref": "Function"},
            "EventSourceArn": {"Fn::GetAtt": ["Table", "StreamArn"]},
            "Enabled": False,
            "StartingPosition": "LATEST",
            "MaximumRetryAttempts": 2,
            "FilterCriteria": {"Filters": [{"Pattern": '{"eventName": ["INSERT"]}'}]},
        },
    ),
    "Alarm": (
        "CloudWatch::Alarm",
        {
            "AlarmName": "one",
            "AlarmDescription": "d",
            "ActionsEnabled": False,
            "Namespace": "N",
            "MetricName": "m",
            "ExtendedStatistic": "p95",
            "Unit": "Seconds",
            "Period": 60,
            "EvaluationPeriods": 1,
            "Threshold": 1,
            "ComparisonOperator": "GreaterThanThreshold",
            "Dimensions": [{"Name": "Stage", "Value": "judge"}],
            "OKActions": [{"Ref": "Topic"}],
            "InsufficientDataActions": [{"Ref": "Topic"}],
        },
    ),
    "Heard": (
        "SNS::Subscription",
        {
            "TopicArn": {"Ref": "Topic"},
            "Protocol": "sqs",
            "Endpoint": arn("Dead"),
            "FilterPolicy": {"a": ["b"]},
            "FilterPolicyScope": "MessageBody",
        },
    ),
    "Function": (
        "Lambda::Function",
        {
            "FunctionName": "one",
            "Description": "d",
            "PackageType": "Zip",
            "Runtime": "python3.13",
            "Handler": "h.handle",
            "Role": arn("Role"),
            "Code": {"S3Bucket": "artefacts", "S3Key": "code.zip"},
        },
    ),
    "Permission": (
        "Lambda::Permission",
        {
            "Action": "lambda:InvokeFunction",
            "FunctionName": {"Ref": "Function"},
            "Principal": "events.amazonaws.com",
            "SourceAccount": ACCOUNT,
            "SourceArn": RULE,
        },
    ),
    "Group": ("Logs::LogGroup", {"LogGroupName": "/one"}),
    "Stream": ("Logs::LogStream", {"LogGroupName": {"Ref": "Group"}, "LogStreamName": "one"}),
    "Base": (
        "Glue::Database",
        {
            "CatalogId": ACCOUNT,
            "DatabaseInput": {"Name": "one", "Description": "d", "LocationUri": "s3://lake/"},
        },
    ),
    "Calls": (
        "Glue::Table",
        {
            "CatalogId": ACCOUNT,
            "DatabaseName": {"Ref": "Base"},
            "TableInput": {
                "Name": "calls",
                "Description": "d",
                "Owner": "o",
                "TableType": "EXTERNAL_TABLE",
                "Parameters": {"classification": "parquet"},
                "PartitionKeys": [{"Name": "dt", "Type": "string"}],
                "StorageDescriptor": STORED,
            },
        },
    ),
    "Day": (
        "Glue::Partition",
        {
            "CatalogId": ACCOUNT,
            "DatabaseName": {"Ref": "Base"},
            "TableName": {"Ref": "Calls"},
            "PartitionInput": {
                "Values": ["2026-01-01"],
                "Parameters": {"rows": "1"},
                "StorageDescriptor": {**STORED, "Location": "s3://lake/calls/dt=2026-01-01/"},
            },
        },
    ),
    "Bus": ("Events::EventBus", {"Name": "one", "Tags": TAGS}),
    "Rule": (
        "Events::Rule",
        {
            "Name": "one",
            "Description": "d",
            "EventBusName": {"Ref": "Bus"},
            "EventPattern": {"source": ["x"]},
            "State": "ENABLED",
        },
    ),
    "Timer": (
        "Events::Rule",
        {"Name": "timer", "ScheduleExpression": "rate(1 day)", "State": "DISABLED"},
    ),
    "Board": (
        "CloudWatch::Dashboard",
        {"DashboardName": "one", "DashboardBody": '{"widgets": []}'},
    ),
    "Dead": ("SQS::Queue", {"QueueName": "dead"}),
    "Queue": (
        "SQS::Queue",
        {
            "QueueName": "one",
            "DelaySeconds": 3,
            "KmsMasterKeyId": {"Ref": "Key"},
            "KmsDataKeyReusePeriodSeconds": 600,
            "MaximumMessageSize": 2048,
            "RedrivePolicy": {"deadLetterTargetArn": arn("Dead"), "maxReceiveCount": 3},
        },
    ),
    "QueuePolicy": (
        "SQS::QueuePolicy",
        {
            "Queues": [{"Ref": "Queue"}],
            "PolicyDocument": policy({**ANYONE, "Action": "sqs:SendMessage", "Sid": "mine"}),
        },
    ),
    "Topic": (
        "SNS::Topic",
        {
            "TopicName": "one",
            "DisplayName": "shown",
            "Subscription": [{"Protocol": "sqs", "Endpoint": arn("Queue")}],
        },
    ),
    "TopicPolicy": (
        "SNS::TopicPolicy",
        {
            "Topics": [{"Ref": "Topic"}],
            "PolicyDocument": policy({**ANYONE, "Action": "sns:Publish", "Sid": "mine"}),
        },
    ),
    "Bucket": ("S3::Bucket", {"BucketName": "one"}),
    "BucketPolicy": (
        "S3::BucketPolicy",
        {
            "Bucket": {"Ref": "Bucket"},
            "PolicyDocument": policy(
                {**ANYONE, "Action": "s3:GetObject", "Resource": "arn:aws:s3:::one/*"}
            ),
        },
    ),
}
