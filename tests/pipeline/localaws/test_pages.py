"""localaws's own pages: what they show, what they keep, what they answer to nonsense."""

import json
import urllib.error
import urllib.request

import pytest

from tests.support.localaws_scenes import bucket

pytestmark = pytest.mark.pipeline


def ask(aws, name, method="GET", body=None):
    """Return (status, document) of one of our pages."""
    request = urllib.request.Request(  # noqa: S310
        f"{aws.endpoint}/{name}", method=method, data=body
    )
    try:
        with urllib.request.urlopen(request) as answer:  # noqa: S310
            return answer.status, json.loads(answer.read())
    except urllib.error.HTTPError as error:
        with error:
            return error.code, json.loads(error.read())


def calls(aws):
    return ask(aws, "_localaws/calls?since=0")[1]["calls"]


def last(aws, operation):
    return [call for call in calls(aws) if call["operation"] == operation][-1]


def test_a_call_is_logged_with_its_operation_and_resource(aws):
    bucket(aws, "shelf")
    aws.client("s3").put_object(Bucket="shelf", Key="a/ü b.txt", Body=b"very private words")
    aws.client("s3").list_objects_v2(Bucket="shelf")
    aws.client("sqs").create_queue(QueueName="letters")
    aws.client("iam").list_roles()
    assert last(aws, "PutObject")["resource"] == "arn:aws:s3:::shelf/a/ü b.txt"
    assert last(aws, "ListObjectsV2")["resource"] == "arn:aws:s3:::shelf"
    assert last(aws, "CreateQueue")["resource"].endswith(":letters")
    assert last(aws, "ListRoles")["status"] == 200
    assert "very private words" not in json.dumps(calls(aws))


def test_a_call_under_a_role_is_logged_with_the_role(aws):
    trust = {"Version": "2012-10-17", "Statement": []}
    aws.client("iam").create_role(RoleName="reader", AssumeRolePolicyDocument=json.dumps(trust))
    assumed = aws.client("sts").assume_role(
        RoleArn="arn:aws:iam::000000000000:role/reader", RoleSessionName="acme-uk"
    )["Credentials"]
    session = aws.session(assumed["AccessKeyId"], assumed["SecretAccessKey"])
    session.client("sqs", endpoint_url=aws.endpoint).list_queues()
    assert last(aws, "ListQueues")["role"] == "reader"
    assert last(aws, "CreateRole")["role"] is None
    assert assumed["SecretAccessKey"] not in json.dumps(calls(aws))


def test_since_leaves_out_what_was_seen(aws):
    aws.client("sqs").list_queues()
    seen = calls(aws)[-1]["number"]
    aws.client("sns").list_topics()
    _, found = ask(aws, f"_localaws/calls?since={seen}")
    assert [call["operation"] for call in found["calls"]] == ["ListTopics"]


@pytest.mark.parametrize("since", ["yesterday", "-1", "1.5"])
def test_a_since_that_is_no_number_is_a_400_that_says_what_to_give(aws, since):
    status, document = ask(aws, f"_localaws/calls?since={since}")
    assert status == 400
    assert "give a whole number" in document["message"]


def test_a_page_that_is_not_there_names_those_that_are(aws):
    status, document = ask(aws, "_localaws/helth")
    assert status == 404
    assert "GET /_localaws/health" in document["message"]


def test_a_page_asked_the_wrong_way_says_how(aws):
    status, document = ask(aws, "_localaws/reset")
    assert status == 405
    assert document["message"] == "/_localaws/reset answers POST, not GET"


def test_ministacks_own_reset_is_refused_it_would_leave_ours_behind(aws):
    bucket(aws, "survivor")
    status, document = ask(aws, "_ministack/reset", "POST")
    assert status == 501
    assert "those below /_localaws/" in document["message"]
    assert aws.client("s3").head_bucket(Bucket="survivor")
