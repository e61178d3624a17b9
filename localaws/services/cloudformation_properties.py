"""The types and properties of a template that are applied; what is not is refused, never dropped.

ministack's own types keep what they know of a resource and forget the rest without a word. Listed
is what was read back through the service's API (`test_cloudformation_properties.py`); a stack with
another property or another type of ministack fails, naming it.
"""

from typing import Any

Properties = dict[str, Any]
Handler = dict[str, Any]

APPLIED: dict[str, frozenset[str]] = {
    name: frozenset(properties.split())
    for name, properties in {
        "AWS::CDK::Metadata": "Analytics",
        "AWS::CloudFormation::WaitConditionHandle": "",
        "AWS::CloudWatch::Alarm": "ActionsEnabled AlarmActions AlarmDescription AlarmName "
        "ComparisonOperator DatapointsToAlarm Dimensions EvaluationPeriods ExtendedStatistic "
        "InsufficientDataActions MetricName Namespace OKActions Period Statistic Tags "
        "Threshold TreatMissingData Unit",
        "AWS::CloudWatch::Dashboard": "DashboardBody DashboardName",
        "AWS::DynamoDB::Table": "AttributeDefinitions BillingMode DeletionProtectionEnabled "
        "GlobalSecondaryIndexes KeySchema LocalSecondaryIndexes PointInTimeRecoverySpecification "
        "ProvisionedThroughput SSESpecification StreamSpecification TableName Tags "
        "TimeToLiveSpecification",
        "AWS::Events::Rule": "Description EventBusName EventPattern Name ScheduleExpression State "
        "Tags Targets",
        "AWS::Events::EventBus": "Name Tags",
        "AWS::Glue::Database": "CatalogId DatabaseInput",
        "AWS::Glue::Table": "CatalogId DatabaseName TableInput",
        "AWS::Glue::Partition": "CatalogId DatabaseName PartitionInput TableName",
        "AWS::IAM::ManagedPolicy": "Description ManagedPolicyName Path PolicyDocument Roles",
        "AWS::IAM::Policy": "PolicyDocument PolicyName Roles",
        "AWS::IAM::Role": "AssumeRolePolicyDocument Description ManagedPolicyArns "
        "MaxSessionDuration Path PermissionsBoundary Policies RoleName Tags",
        "AWS::KMS::Alias": "AliasName TargetKeyId",
        "AWS::KMS::Key": "Description Enabled EnableKeyRotation KeyPolicy KeySpec KeyUsage "
        "PendingWindowInDays Tags",
        "AWS::Lambda::EventSourceMapping": "BatchSize Enabled EventSourceArn FilterCriteria "
        "FunctionName FunctionResponseTypes MaximumBatchingWindowInSeconds MaximumRetryAttempts "
        "ScalingConfig StartingPosition Tags",
        "AWS::Lambda::Function": "Architectures Code DeadLetterConfig Description Environment "
        "EphemeralStorage FunctionName Handler Layers LoggingConfig MemorySize PackageType "
        "ReservedConcurrentExecutions Role Runtime Tags Timeout TracingConfig",
        "AWS::Lambda::LayerVersion": "CompatibleArchitectures CompatibleRuntimes Content "
        "Description LayerName LicenseInfo",
        "AWS::Lambda::Permission": "Action FunctionName Principal SourceAccount SourceArn",
        "AWS::Logs::LogGroup": "KmsKeyId LogGroupName RetentionInDays Tags",
        "AWS::Logs::LogStream": "LogGroupName LogStreamName",
        "AWS::Logs::MetricFilter": "FilterName FilterPattern LogGroupName MetricTransformations",
        "AWS::S3::Bucket": "BucketEncryption BucketName CorsConfiguration LifecycleConfiguration "
        "NotificationConfiguration OwnershipControls PublicAccessBlockConfiguration Tags "
        "VersioningConfiguration",
        "AWS::S3::BucketPolicy": "Bucket PolicyDocument",
        "AWS::SNS::Subscription": "Endpoint FilterPolicy FilterPolicyScope Protocol "
        "RawMessageDelivery RedrivePolicy TopicArn",
        "AWS::SNS::Topic": "DisplayName KmsMasterKeyId Subscription Tags TopicName",
        "AWS::SNS::TopicPolicy": "PolicyDocument Topics",
        "AWS::SQS::Queue": "DelaySeconds KmsDataKeyReusePeriodSeconds KmsMasterKeyId "
        "MaximumMessageSize MessageRetentionPeriod QueueName ReceiveMessageWaitTimeSeconds "
        "RedriveAllowPolicy RedrivePolicy Tags VisibilityTimeout",
        "AWS::SQS::QueuePolicy": "PolicyDocument Queues",
        "AWS::SSM::Parameter": "Description Name Tags Type Value",
        "AWS::SecretsManager::Secret": "Description GenerateSecretString KmsKeyId Name "
        "SecretString Tags",
    }.items()
}
# Kept here and read back, without an effect of their own on this machine.
WITHOUT_EFFECT = {
    ("AWS::Lambda::Function", "Architectures"): "functions run on this machine's processor",
    ("AWS::Lambda::Function", "EphemeralStorage"): "functions share this machine's disk",
    ("AWS::Lambda::Function", "MemorySize"): "functions share this machine's memory",
    ("AWS::Lambda::Function", "Runtime"): "functions run in the interpreter of localaws",
    ("AWS::Lambda::Function", "TracingConfig"): "no service here takes traces",
    ("AWS::KMS::Key", "EnableKeyRotation"): "no key lives for a year here",
    ("AWS::CDK::Metadata", "Analytics"): "nobody here counts constructs",
}


# Of a property that is applied in part, the parts that are.
_PARTS = {
    ("AWS::SecretsManager::Secret", "GenerateSecretString"): frozenset(
        ("ExcludeCharacters", "GenerateStringKey", "PasswordLength", "SecretStringTemplate")
    ),
}


def guarded(originals: dict[str, Handler], ours: dict[str, Handler]) -> dict[str, Handler]:
    """Return a handler for every type: ours, and of ministack's only what APPLIED lists."""
    every = {**originals, **ours}
    taken = {name: _checked(name, every[name]) for name in APPLIED if name in every}
    foreign = {name: _refusing(name, handler) for name, handler in originals.items()}
    return {**foreign, **ours, **taken}


def _checked(kind: str, handler: Handler) -> Handler:
    def create(logical_id: str, properties: Properties, *given: Any) -> Any:
        _refuse_unknown(kind, properties)
        return handler["create"](logical_id, properties, *given)

    def update(physical_id: str, old: Properties, new: Properties, *given: Any) -> Any:
        _refuse_unknown(kind, new)
        return handler["update"](physical_id, old, new, *given)

    return {**handler, "create": create, **({"update": update} if "update" in handler else {})}


def _refuse_unknown(kind: str, properties: Properties) -> None:
    lost = set(properties) - APPLIED[kind]
    for (of, name), parts in _PARTS.items():
        if of == kind and name in properties:
            lost |= {f"{name}.{part}" for part in set(properties[name]) - parts}
    if lost:
        raise ValueError(f"localaws applies no {', '.join(sorted(lost))} of {kind}")


def _refusing(kind: str, handler: Handler) -> Handler:
    def create(*_given: Any) -> Any:
        raise ValueError(f"localaws does not implement {kind}: its service is not answered here")

    return {**handler, "create": create}
