"""What localaws does not do is 501 with its name, in the form each client reads."""

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError

from tests.support.localaws_scenes import bucket, zipped

pytestmark = pytest.mark.pipeline

ROLE = "arn:aws:iam::000000000000:role/r"
NOBODY = [
    ("redshift", "describe_clusters", {}),  # query
    ("autoscaling", "describe_auto_scaling_groups", {}),
    ("ec2", "describe_instances", {}),  # ec2
    ("elasticache", "describe_cache_clusters", {}),
    ("iam", "generate_credential_report", {}),
    ("sns", "create_platform_application", {"Name": "x", "Platform": "APNS", "Attributes": {}}),
    ("kinesis", "list_streams", {}),  # JSON
    ("firehose", "list_delivery_streams", {}),
    ("textract", "list_adapters", {}),
    ("stepfunctions", "list_state_machines", {}),
    ("glue", "start_crawler", {"Name": "x"}),
    ("glue", "create_dev_endpoint", {"EndpointName": "x", "RoleArn": ROLE}),
    ("events", "list_event_sources", {}),
    ("secretsmanager", "rotate_secret", {"SecretId": "x"}),
    ("polly", "describe_voices", {}),  # REST-JSON
    ("quicksight", "list_dashboards", {"AwsAccountId": "000000000000"}),
    ("lambda", "list_code_signing_configs", {}),
    ("bedrock", "list_foundation_models", {}),
    ("inspector2", "list_findings", {}),
    ("route53", "list_hosted_zones", {}),  # REST-XML
    ("cloudfront", "list_distributions", {}),
]


def refusal_of(aws, service, operation, request):
    with pytest.raises(ClientError) as caught:
        getattr(aws.client(service), operation)(**request)
    answer = caught.value.response
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 501
    assert answer["Error"]["Code"] == "NotImplementedException"
    return answer["Error"]["Message"]


@pytest.mark.parametrize(("service", "operation", "request_"), NOBODY)
def test_what_nobody_implemented_is_501_with_its_name(aws, service, operation, request_):
    name = "".join(word.capitalize() for word in operation.split("_"))
    text = refusal_of(aws, service, operation, request_)
    assert text.startswith("localaws does not implement ")
    assert f":{name}: " in text


@pytest.mark.parametrize(
    ("operation", "more"),
    [
        ("get_bucket_inventory_configuration", {"Id": "i"}),
        ("list_bucket_inventory_configurations", {}),
        ("list_bucket_metrics_configurations", {}),
        ("get_bucket_policy_status", {}),
        ("delete_bucket_analytics_configuration", {"Id": "i"}),
        ("delete_bucket_metrics_configuration", {"Id": "i"}),
        ("put_bucket_accelerate_configuration", {"AccelerateConfiguration": {"Status": "Enabled"}}),
    ],
)
def test_a_side_of_s3_nobody_built_is_refused_and_leaves_the_bucket(aws, operation, more):
    name = operation.replace("_", "-")[:60]
    bucket(aws, name)
    assert "s3:" in refusal_of(aws, "s3", operation, {"Bucket": name, **more})
    assert aws.client("s3").head_bucket(Bucket=name)


def test_s3_select_is_refused(aws):
    bucket(aws, "selected")
    aws.client("s3").put_object(Bucket="selected", Key="k", Body=b"1")
    request = {
        "Bucket": "selected",
        "Key": "k",
        "Expression": "SELECT 1",
        "ExpressionType": "SQL",
        "InputSerialization": {"CSV": {}},
        "OutputSerialization": {"CSV": {}},
    }
    assert "ask Athena" in refusal_of(aws, "s3", "select_object_content", request)


def test_s3_control_reaches_nothing_that_would_lie(aws):
    with pytest.raises((ClientError, EndpointConnectionError)):
        aws.client("s3control").list_jobs(AccountId="000000000000")


def test_a_function_without_an_address_gets_none(aws):
    aws.client("lambda").create_function(
        FunctionName="inward",
        Runtime="python3.11",
        Role=ROLE,
        Handler="m.handler",
        Code={"ZipFile": zipped({"m.py": "def handler(e, c): return 1"})},
    )
    request = {"FunctionName": "inward", "AuthType": "NONE"}
    text = refusal_of(aws, "lambda", "create_function_url_config", request)
    assert text.endswith("a name on the internet; use Invoke")
