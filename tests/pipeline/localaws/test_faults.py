"""Faults at the door: real clients see AWS's own error, and the struck request had no effect."""

from typing import Any

import pytest
import urllib3
from botocore.config import Config
from botocore.exceptions import ClientError, ReadTimeoutError

from tests.support.localaws_scenes import bucket
from tests.support.localaws_server import LocalAws

pytestmark = pytest.mark.pipeline


def page(aws: LocalAws, method: str, **fault: Any) -> dict[str, Any]:
    address = f"{aws.endpoint}/_localaws/faults"
    answer = urllib3.request(method, address, json=fault or None, timeout=10)
    found: dict[str, Any] = answer.json()
    return {"status": answer.status, **found}


@pytest.fixture(autouse=True)
def no_faults(aws: LocalAws) -> Any:
    page(aws, "DELETE")
    yield
    page(aws, "DELETE")


@pytest.mark.parametrize(
    ("service", "operation", "request_", "code"),
    [
        ("s3", "list_buckets", {}, "SlowDown"),
        ("dynamodb", "list_tables", {}, "ProvisionedThroughputExceededException"),
        ("sns", "list_topics", {}, "Throttling"),
        ("sqs", "list_queues", {}, "RequestThrottled"),
        ("lambda", "list_functions", {}, "TooManyRequestsException"),
        ("athena", "list_work_groups", {}, "TooManyRequestsException"),
        (
            "comprehend",
            "detect_sentiment",
            {"Text": "x", "LanguageCode": "en"},
            "ThrottlingException",
        ),
    ],
)
def test_a_throttled_request_fails_in_its_services_words_and_the_next_is_answered(
    aws: LocalAws, service: str, operation: str, request_: dict[str, Any], code: str
) -> None:
    page(aws, "POST", kind="throttle", operation=f"{service}:*", first=1)
    call = getattr(aws.client(service), operation)
    with pytest.raises(ClientError) as struck:
        call(**request_)
    assert struck.value.response["Error"]["Code"] == code
    assert call(**request_)["ResponseMetadata"]["HTTPStatusCode"] == 200


def test_a_struck_write_has_no_effect_and_strikes_only_its_resource(aws: LocalAws) -> None:
    bucket(aws, "calls")
    s3 = aws.client("s3")
    page(aws, "POST", kind="server_error", operation="s3:PutObject", resource="*calls/acme/*")
    with pytest.raises(ClientError) as struck:
        s3.put_object(Bucket="calls", Key="acme/a", Body=b"x")
    assert struck.value.response["Error"]["Code"] == "InternalError"
    s3.put_object(Bucket="calls", Key="acme-uk/a", Body=b"x")
    keys = [found["Key"] for found in s3.list_objects_v2(Bucket="calls")["Contents"]]
    assert keys == ["acme-uk/a"]


def test_a_request_that_is_held_back_times_out_in_its_client(aws: LocalAws) -> None:
    page(aws, "POST", kind="time_out", operation="sqs:ListQueues", seconds=3)
    impatient = aws.session().client(
        "sqs",
        endpoint_url=aws.endpoint,
        config=Config(read_timeout=0.5, retries={"max_attempts": 0}),
    )
    with pytest.raises(ReadTimeoutError):
        impatient.list_queues()


def test_faults_are_listed_with_what_they_struck_and_a_wrong_one_is_400(aws: LocalAws) -> None:
    made = page(aws, "POST", kind="throttle", operation="sqs:ListQueues", every=2)
    sqs = aws.client("sqs")
    sqs.list_queues()
    with pytest.raises(ClientError, match="RequestThrottled"):
        sqs.list_queues()
    sqs.list_queues()
    (listed,) = page(aws, "GET")["faults"]
    assert (listed["id"], listed["met"], listed["struck"]) == (made["id"], 3, 1)
    wrong = page(aws, "POST", kind="rain", operation="sqs:*")
    assert (wrong["status"], "kind must be one of" in wrong["message"]) == (400, True)
