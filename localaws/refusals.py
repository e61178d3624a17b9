"""A service and an operation -> the refusal, when localaws must not let ministack answer it.

ministack knows some 80 services, many as a shelf that keeps what it is given. localaws answers for
the ones below, whose answers are checked; the rest, and single operations that report success for
work that is not done, are refused by name. To answer one: do the work, test it, take it off.
"""

from collections.abc import Mapping
from typing import Any

from localaws.errors import ApiError, not_implemented
from localaws.refused_values import VALUES

# Credential scopes, as clients sign them.
ANSWERED = frozenset(
    {
        "athena",
        "bedrock",
        "budgets",
        "cloudformation",
        "cloudtrail",
        "comprehend",
        "dynamodb",
        "events",
        "glue",
        "iam",
        "kms",
        "lambda",
        "logs",
        "monitoring",
        "s3",
        "secretsmanager",
        "sns",
        "sqs",
        "ssm",
        "sts",
        "tagging",
        "transcribe",
    }
)

_PARTNERS = "a partner that sends events; there is none on this machine"
_SIGNING = "code signing; a function's code is run unchecked"
_PUSH = "a phone to push to"
_MFA = "a second factor at sign-in; nothing asks for it"
# ministack overlooks these words in a query: it took DeleteBucketInventoryConfiguration for
# DeleteBucket and PutBucketAbac for CreateBucket.
_ABAC = "tags of buckets in policies"
_DIRECTORY = "directory buckets"
_METRICS = "request metrics of a bucket"
_REPORTS = "S3 writing reports of its own accord; no report would ever come"
_TABLES = "tables that S3 fills with the metadata of objects"
_TIERS = "storage classes that differ"
_DEVICES = "machines to manage; there are none"
_CAPACITY = "machines of one's own to run functions on"
_DURABLE = "functions that are suspended and resumed"
_POLICY = "policies by resource ARN; use AddPermission"
_IDENTITY = "a check of the identity provider's token; any would be let in"

REFUSED: Mapping[str, Mapping[str, str]] = {
    "dynamodb": {
        "EnableKinesisStreamingDestination": "Kinesis",
        "UpdateContributorInsights": "counting which keys are asked for most",
        "UpdateKinesisStreamingDestination": "Kinesis",
    },
    "events": {
        "ActivateEventSource": _PARTNERS,
        "CreateEndpoint": "a second region to fail over to",
        "CreatePartnerEventSource": _PARTNERS,
        "DeactivateEventSource": _PARTNERS,
        "DeletePartnerEventSource": _PARTNERS,
        "DescribeEventSource": _PARTNERS,
        "DescribePartnerEventSource": _PARTNERS,
        "ListEventSources": _PARTNERS,
        "ListPartnerEventSourceAccounts": _PARTNERS,
        "ListPartnerEventSources": _PARTNERS,
        "PutPartnerEvents": _PARTNERS,
        "UpdateEndpoint": "a second region to fail over to",
    },
    "glue": {
        "CreateConnection": "jobs and crawlers that connect through it",
        "UpdateConnection": "jobs and crawlers that connect through it",
    },
    "iam": {
        "CreateOpenIDConnectProvider": _IDENTITY,
        "CreateSAMLProvider": _IDENTITY,
        "CreateVirtualMFADevice": _MFA,
        "EnableMFADevice": _MFA,
        "GenerateCredentialReport": "a record of when credentials were used",
        "GenerateServiceLastAccessedDetails": "a record of which services a principal used",
        "GetCredentialReport": "a record of when credentials were used",
        "GetServiceLastAccessedDetails": "a record of which services a principal used",
        "UpdateAccountPasswordPolicy": "people who sign in with passwords",
    },
    "lambda": {
        "CheckpointDurableExecution": _DURABLE,
        "CreateCapacityProvider": _CAPACITY,
        "CreateCodeSigningConfig": _SIGNING,
        "CreateFunctionUrlConfig": "a name on the internet; use Invoke",
        "DeleteCapacityProvider": _CAPACITY,
        "DeleteCodeSigningConfig": _SIGNING,
        "DeleteFunctionCodeSigningConfig": _SIGNING,
        "DeleteResourcePolicy": _POLICY,
        "GetCapacityProvider": _CAPACITY,
        "GetCodeSigningConfig": _SIGNING,
        "GetDurableExecution": _DURABLE,
        "GetDurableExecutionHistory": _DURABLE,
        "GetDurableExecutionState": _DURABLE,
        "GetFunctionCodeSigningConfig": _SIGNING,
        "GetFunctionScalingConfig": _CAPACITY,
        "GetResourcePolicy": _POLICY,
        "GetRuntimeManagementConfig": "runtimes that AWS updates",
        "InvokeAsync": "an interface AWS gave up; use Invoke with InvocationType Event",
        "ListCapacityProviders": _CAPACITY,
        "ListCodeSigningConfigs": _SIGNING,
        "ListDurableExecutionsByFunction": _DURABLE,
        "ListFunctionVersionsByCapacityProvider": _CAPACITY,
        "ListFunctionsByCodeSigningConfig": _SIGNING,
        "PutFunctionCodeSigningConfig": _SIGNING,
        "PutFunctionScalingConfig": _CAPACITY,
        "PutResourcePolicy": _POLICY,
        "PutRuntimeManagementConfig": "runtimes that AWS updates",
        "StopDurableExecution": _DURABLE,
        "UpdateCapacityProvider": _CAPACITY,
        "UpdateCodeSigningConfig": _SIGNING,
    },
    "logs": {
        "CreateDelivery": "vended logs; no service here writes any",
        "PutDeliveryDestination": "vended logs; no service here writes any",
        "PutDeliverySource": "vended logs; no service here writes any",
        "PutDestination": "a stream in another account",
        "StartLiveTail": "a stream of events; use FilterLogEvents",
    },
    "s3": {
        "CreateBucketMetadataConfiguration": _TABLES,
        "CreateBucketMetadataTableConfiguration": _TABLES,
        "CreateSession": _DIRECTORY,
        "DeleteBucketAnalyticsConfiguration": _REPORTS,
        "DeleteBucketIntelligentTieringConfiguration": _TIERS,
        "DeleteBucketInventoryConfiguration": _REPORTS,
        "DeleteBucketMetadataConfiguration": _TABLES,
        "DeleteBucketMetadataTableConfiguration": _TABLES,
        "DeleteBucketMetricsConfiguration": _METRICS,
        "GetBucketAbac": _ABAC,
        "GetBucketAnalyticsConfiguration": _REPORTS,
        "GetBucketIntelligentTieringConfiguration": _TIERS,
        "GetBucketInventoryConfiguration": _REPORTS,
        "GetBucketMetadataConfiguration": _TABLES,
        "GetBucketMetadataTableConfiguration": _TABLES,
        "GetBucketMetricsConfiguration": _METRICS,
        "GetBucketPolicyStatus": "judging a bucket policy as a whole",
        "GetObjectTorrent": "BitTorrent",
        "ListBucketAnalyticsConfigurations": _REPORTS,
        "ListBucketIntelligentTieringConfigurations": _TIERS,
        "ListBucketInventoryConfigurations": _REPORTS,
        "ListBucketMetricsConfigurations": _METRICS,
        "ListDirectoryBuckets": _DIRECTORY,
        "PutBucketAbac": _ABAC,
        "PutBucketAccelerateConfiguration": "an edge network to speed transfers up",
        "PutBucketAnalyticsConfiguration": _REPORTS,
        "PutBucketIntelligentTieringConfiguration": _TIERS,
        "PutBucketInventoryConfiguration": _REPORTS,
        "PutBucketLogging": "the delivery of access logs; the log of calls is GET /_localaws/calls",
        "PutBucketMetricsConfiguration": _METRICS,
        "PutBucketRequestPayment": "bills to share",
        "PutBucketWebsite": "a web server in front of the bucket",
        "RenameObject": _DIRECTORY,
        "RestoreObject": _TIERS,
        "SelectObjectContent": "SQL over one object; ask Athena",
        "UpdateBucketMetadataAnnotationTableConfiguration": _TABLES,
        "UpdateBucketMetadataInventoryTableConfiguration": _TABLES,
        "UpdateBucketMetadataJournalTableConfiguration": _TABLES,
        "UpdateObjectEncryption": "changing the key of an object in place; copy it onto itself",
        "WriteGetObjectResponse": "object lambda access points",
    },
    "secretsmanager": {
        "ReplicateSecretToRegions": "a second region that holds the copy",
        "RotateSecret": "calling the rotation function; the secret would stay as it is",
        "ValidateResourcePolicy": "a check of the policy; every one would pass",
    },
    "sns": {
        "CreatePlatformApplication": _PUSH,
        "CreatePlatformEndpoint": _PUSH,
        "CreateSMSSandboxPhoneNumber": _PUSH,
        "SetPlatformApplicationAttributes": _PUSH,
    },
    "ssm": {
        "CreateActivation": _DEVICES,
        "CreateAssociation": _DEVICES,
        "DescribeInstanceInformation": _DEVICES,
        "ListCommands": _DEVICES,
        "SendCommand": _DEVICES,
    },
    "sts": {
        "AssumeRoleWithSAML": _IDENTITY,
        "AssumeRoleWithWebIdentity": _IDENTITY,
    },
}


def refusal(
    service: str, operation: str, model: str | None, parameters: Mapping[str, Any]
) -> ApiError | None:
    """Return why `operation` is not answered with these parameters, or None when it is.

    `model` names the botocore model of a REST route: several share a credential scope.
    """
    if service not in ANSWERED:
        return not_implemented(service, operation, "the service; its answers would be untrue")
    if model is not None and model not in _ANSWERED_MODELS.get(service, (model,)):
        return not_implemented(model, operation, "the service; its answers would be untrue")
    needs = REFUSED.get(service, {}).get(operation) or _refused_value(
        service, operation, parameters
    )
    return not_implemented(service, operation, needs) if needs else None


def _refused_value(service: str, operation: str, parameters: Mapping[str, Any]) -> str | None:
    judge = VALUES.get((service, operation))
    return judge(parameters) if judge else None


_ANSWERED_MODELS = {"bedrock": ("bedrock-runtime",), "lambda": ("lambda",), "s3": ("s3",)}
