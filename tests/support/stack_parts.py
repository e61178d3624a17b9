"""Every property of the product's types of resource, as parts of a stack."""

from tests.support.localaws_server import ACCOUNT
from tests.support.stacks import TAGS, arn, policy

OPEN = {"Effect": "Allow", "Action": "*", "Resource": "*"}
LAMBDA = {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}}
ROOT = {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}
PARTS = {
    "Key": (
        "KMS::Key",
        {
            "EnableKeyRotation": True,
            "Description": "d",
            "Tags": TAGS,
            "KeyPolicy": policy({**OPEN, "Sid": "mine", "Principal": ROOT}),
        },
    ),
    "Bucket": (
        "S3::Bucket",
        {
            "BucketName": "one",
            "OwnershipControls": {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]},
            "PublicAccessBlockConfiguration": {"BlockPublicAcls": True, "BlockPublicPolicy": True},
            "Tags": TAGS,
            "VersioningConfiguration": {"Status": "Enabled"},
            "CorsConfiguration": {
                "CorsRules": [{"AllowedMethods": ["PUT"], "AllowedOrigins": ["https://x"]}]
            },
        },
    ),
    "Table": (
        "DynamoDB::Table",
        {
            "TableName": "one",
            "BillingMode": "PAY_PER_REQUEST",
            "DeletionProtectionEnabled": True,
            "Tags": TAGS,
            "AttributeDefinitions": [{"AttributeName": "pk", "AttributeType": "S"}],
            "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}],
            "StreamSpecification": {"StreamViewType": "NEW_AND_OLD_IMAGES"},
        },
    ),
    "Queue": (
        "SQS::Queue",
        {
            "QueueName": "one",
            "KmsMasterKeyId": arn("Key"),
            "ReceiveMessageWaitTimeSeconds": 20,
            "MessageRetentionPeriod": 345600,
            "VisibilityTimeout": 1800,
            "Tags": TAGS,
            "RedriveAllowPolicy": {"redrivePermission": "denyAll"},
        },
    ),
    "Topic": ("SNS::Topic", {"TopicName": "one", "KmsMasterKeyId": arn("Key"), "Tags": TAGS}),
    "Rule": (
        "Events::Rule",
        {
            "Name": "one",
            "State": "DISABLED",
            "Tags": TAGS,
            "EventPattern": {"source": ["x"]},
            "Targets": [
                {
                    "Id": "1",
                    "Arn": arn("Queue"),
                    "DeadLetterConfig": {"Arn": arn("Queue")},
                    "RetryPolicy": {"MaximumRetryAttempts": 2},
                }
            ],
        },
    ),
    "Limit": (
        "IAM::ManagedPolicy",
        {"ManagedPolicyName": "limit", "Path": "/app/", "PolicyDocument": policy(OPEN)},
    ),
    "Role": (
        "IAM::Role",
        {
            "RoleName": "one",
            "Path": "/app/",
            "Tags": TAGS,
            "MaxSessionDuration": 7200,
            "AssumeRolePolicyDocument": policy({**LAMBDA, "Action": "sts:AssumeRole"}),
            "Policies": [{"PolicyName": "may", "PolicyDocument": policy(OPEN)}],
            "ManagedPolicyArns": [{"Ref": "Limit"}],
            "PermissionsBoundary": {"Ref": "Limit"},
        },
    ),
    "Log": (
        "Logs::LogGroup",
        {"LogGroupName": "/one", "KmsKeyId": arn("Key"), "RetentionInDays": 30, "Tags": TAGS},
    ),
    "Layer": (
        "Lambda::LayerVersion",
        {
            "LayerName": "one",
            "CompatibleRuntimes": ["python3.13"],
            "CompatibleArchitectures": ["arm64"],
            "Content": {"S3Bucket": "artefacts", "S3Key": "code.zip"},
        },
    ),
    "Function": (
        "Lambda::Function",
        {
            "FunctionName": "one",
            "Architectures": ["arm64"],
            "Runtime": "python3.13",
            "Handler": "h.handle",
            "MemorySize": 1024,
            "Timeout": 300,
            "Role": arn("Role"),
            "Tags": TAGS,
            "TracingConfig": {"Mode": "Active"},
            "Environment": {"Variables": {"A": "b"}},
            "Code": {"S3Bucket": "artefacts", "S3Key": "code.zip"},
            "Layers": [{"Ref": "Layer"}],
            "ReservedConcurrentExecutions": 20,
            "LoggingConfig": {"LogFormat": "JSON", "LogGroup": "/one"},
            "DeadLetterConfig": {"TargetArn": arn("Queue")},
            "EphemeralStorage": {"Size": 1024},
        },
    ),
    "Mapping": (
        "Lambda::EventSourceMapping",
        {
            "FunctionName": {"Ref": "Function"},
            "EventSourceArn": arn("Queue"),
            "BatchSize": 10,
            "MaximumBatchingWindowInSeconds": 5,
            "FunctionResponseTypes": ["ReportBatchItemFailures"],
            "ScalingConfig": {"MaximumConcurrency": 50},
            "Tags": TAGS,
        },
    ),
    "Subscription": (
        "SNS::Subscription",
        {
            "TopicArn": {"Ref": "Topic"},
            "Protocol": "sqs",
            "Endpoint": arn("Queue"),
            "RawMessageDelivery": True,
            "FilterPolicy": {"a": ["b"]},
            "RedrivePolicy": {"deadLetterTargetArn": arn("Queue")},
        },
    ),
    "Alarm": (
        "CloudWatch::Alarm",
        {
            "AlarmName": "one",
            "Namespace": "N",
            "MetricName": "m",
            "Statistic": "Sum",
            "Period": 60,
            "EvaluationPeriods": 3,
            "DatapointsToAlarm": 2,
            "Threshold": 1,
            "ComparisonOperator": "GreaterThanOrEqualToThreshold",
            "TreatMissingData": "breaching",
            "AlarmActions": [{"Ref": "Topic"}],
            "Tags": TAGS,
        },
    ),
    "Both": (
        "CloudWatch::CompositeAlarm",
        {
            "AlarmName": "both",
            "AlarmRule": {"Fn::Sub": "ALARM(${Alarm})"},
            "AlarmActions": [{"Ref": "Topic"}],
        },
    ),
    "Filter": (
        "Logs::MetricFilter",
        {
            "LogGroupName": {"Ref": "Log"},
            "FilterName": "one",
            "FilterPattern": "ERROR",
            "MetricTransformations": [
                {"MetricName": "m", "MetricNamespace": "N", "MetricValue": "1"}
            ],
        },
    ),
    "Trail": (
        "CloudTrail::Trail",
        {
            "TrailName": "one",
            "S3BucketName": {"Ref": "Bucket"},
            "IsLogging": True,
            "EnableLogFileValidation": False,
            "KMSKeyId": arn("Key"),
            "AdvancedEventSelectors": [
                {
                    "Name": "writes",
                    "FieldSelectors": [
                        {"Field": "eventCategory", "Equals": ["Data"]},
                        {"Field": "resources.type", "Equals": ["AWS::S3::Object"]},
                    ],
                }
            ],
        },
    ),
    "Budget": (
        "Budgets::Budget",
        {
            "Budget": {
                "BudgetName": "monthly",
                "BudgetType": "COST",
                "TimeUnit": "MONTHLY",
                "BudgetLimit": {"Amount": 100, "Unit": "USD"},
            },
            "NotificationsWithSubscribers": [
                {
                    "Notification": {
                        "NotificationType": "ACTUAL",
                        "ComparisonOperator": "GREATER_THAN",
                        "Threshold": 50,
                    },
                    "Subscribers": [{"SubscriptionType": "SNS", "Address": {"Ref": "Topic"}}],
                }
            ],
        },
    ),
    "Group": ("Athena::WorkGroup", {"Name": "one", "RecursiveDeleteOption": True}),
    "Prepared": (
        "Athena::PreparedStatement",
        {
            "StatementName": "one",
            "WorkGroup": {"Ref": "Group"},
            "QueryStatement": "select ? as a",
        },
    ),
    "Saved": (
        "Logs::QueryDefinition",
        {"Name": "errors", "QueryString": "filter level = 'ERROR'", "LogGroupNames": ["/one"]},
    ),
    "Question": (
        "Athena::NamedQuery",
        {
            "Name": "one",
            "Database": "lake",
            "QueryString": "select 1",
            "WorkGroup": {"Ref": "Group"},
        },
    ),
}
