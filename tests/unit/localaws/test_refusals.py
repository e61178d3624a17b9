"""The table of refusals: true names, what the product uses left out, everything unchecked in."""

from pathlib import Path

import botocore.session
import pytest

from localaws.operations import named
from localaws.refusals import ANSWERED, REFUSED, refusal
from tests.support.boto_calls import operations_called

ROOT = Path(__file__).parents[3]
PRODUCT = ("contracts", "ingestion", "transforms", "expectations", "serving", "infra", "cci")
SESSION = botocore.session.get_session()
MODELS = {name: SESSION.get_service_model(name) for name in SESSION.get_available_services()}


def models_of(scope):
    return [model for model in MODELS.values() if model.signing_name == scope]


def test_each_answered_service_is_a_credential_scope_of_aws():
    assert {scope for scope in ANSWERED if not models_of(scope)} == set()


@pytest.mark.parametrize("scope", sorted(REFUSED))
def test_each_refused_operation_exists_and_its_reason_says_something(scope):
    known = {name for model in models_of(scope) for name in model.operation_names}
    assert set(REFUSED[scope]) - known == set()
    assert all(len(needs) > 5 for needs in REFUSED[scope].values())


def test_every_service_nobody_checked_is_refused_by_name():
    let_through = [
        model.signing_name
        for model in MODELS.values()
        if model.signing_name not in ANSWERED
        and refusal(model.signing_name, "DoSomething", None, {}) is None
    ]
    assert (let_through, len(MODELS) > 300) == ([], True)


def test_no_operation_of_the_product_is_refused():
    called = operations_called(ROOT / name for name in PRODUCT)
    refused = [
        f"{service}:{operation}"
        for service, operations in called.items()
        for operation in sorted(operations)
        if refusal(MODELS[service].signing_name, operation, None, {})
    ]
    assert refused == []
    assert sum(map(len, called.values())) > 40
    assert {"PutObject", "ListObjectsV2"} <= called["s3"]
    assert {"StartQueryExecution", "GetQueryExecution"} <= called["athena"]


@pytest.mark.parametrize(
    ("method", "path", "query", "headers", "operation"),
    [
        ("PUT", "/b", {}, {}, "CreateBucket"),
        ("PUT", "/b/k", {}, {}, "PutObject"),
        ("PUT", "/b/a/b//c", {}, {"x-amz-copy-source": "/b/k"}, "CopyObject"),
        ("PUT", "/b/k", {"partNumber": ["1"], "uploadId": ["u"]}, {}, "UploadPart"),
        ("GET", "/b", {"list-type": ["2"]}, {}, "ListObjectsV2"),
        ("GET", "/b", {"inventory": [""], "id": ["i"]}, {}, "GetBucketInventoryConfiguration"),
        (
            "DELETE",
            "/b",
            {"inventory": [""], "id": ["i"]},
            {},
            "DeleteBucketInventoryConfiguration",
        ),
        ("POST", "/b/k", {"select": [""], "select-type": ["2"]}, {}, "SelectObjectContent"),
        ("GET", "/b", {"lifecycle": [""]}, {}, "GetBucketLifecycleConfiguration"),
    ],
)
def test_a_request_to_s3_is_named_as_boto3_names_it(method, path, query, headers, operation):
    assert named("s3", method, path, query, headers, b"") == (operation, "s3")


def test_a_target_nobody_delivers_to_is_refused_before_its_events_are_lost():
    stream = {"Targets": [{"Id": "1", "Arn": "arn:aws:kinesis:eu-central-1:0:stream/s"}]}
    queue = {"Targets": [{"Id": "1", "Arn": "arn:aws:sqs:eu-central-1:0:q"}]}
    found = refusal("events", "PutTargets", None, stream)
    assert found is not None
    assert found.message == (
        "localaws does not implement events:PutTargets: "
        "a rule that reaches kinesis; its events would be lost"
    )
    assert refusal("events", "PutTargets", None, queue) is None


@pytest.mark.parametrize(("protocol", "is_refused"), [("sms", True), ("sqs", False)])
def test_a_subscription_nobody_delivers_to_is_refused(protocol, is_refused):
    found = refusal("sns", "Subscribe", None, {"Protocol": protocol})
    assert (found is not None) is is_refused
