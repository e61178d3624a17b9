"""A managed policy is attached to a role, user or group only if it exists."""

import json

import pytest

from tests.support.iam_scenes import ROOT, allow, document, role
from tests.support.localaws_server import ACCOUNT, wait_until

pytestmark = pytest.mark.pipeline

MISSING = f"arn:aws:iam::{ACCOUNT}:policy/never-made"


@pytest.fixture(scope="module")
def iam(aws):
    """A client of IAM, where a role, a user and a group are called `holder`."""
    client = aws.client("iam")
    role(aws, "holder")
    client.create_user(UserName="holder")
    client.create_group(GroupName="holder")
    return client


@pytest.mark.parametrize("holder", ["role", "user", "group"])
def test_a_policy_that_does_not_exist_is_not_attached(iam, holder):
    named = {f"{holder.title()}Name": "holder"}
    with pytest.raises(iam.exceptions.NoSuchEntityException) as caught:
        getattr(iam, f"attach_{holder}_policy")(**named, PolicyArn=MISSING)
    answer = caught.value.response
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 404
    text = f"Policy {MISSING} does not exist or is not attachable."
    assert answer["Error"]["Message"] == text
    assert attached(iam, holder) == []


@pytest.mark.parametrize("holder", ["role", "user", "group"])
def test_a_policy_of_the_account_and_one_of_aws_are_attached(iam, holder):
    made = iam.create_policy(PolicyName=holder, PolicyDocument=document(allow("s3:*", "*")))
    own, of_aws = made["Policy"]["Arn"], "arn:aws:iam::aws:policy/ReadOnlyAccess"
    named = {f"{holder.title()}Name": "holder"}
    for arn in (own, of_aws):
        getattr(iam, f"attach_{holder}_policy")(**named, PolicyArn=arn)
    assert attached(iam, holder) == [own, of_aws]
    assert iam.get_policy(PolicyArn=own)["Policy"]["AttachmentCount"] == 1
    for arn in (own, of_aws):
        getattr(iam, f"detach_{holder}_policy")(**named, PolicyArn=arn)


def test_a_stack_whose_role_names_a_policy_that_does_not_exist_fails(aws):
    trust = json.loads(document({**ROOT, "Action": "sts:AssumeRole"}))
    properties = {"AssumeRolePolicyDocument": trust, "ManagedPolicyArns": [MISSING]}
    template = {"Resources": {"Role": {"Type": "AWS::IAM::Role", "Properties": properties}}}
    stacks = aws.client("cloudformation")
    stacks.create_stack(StackName="one", TemplateBody=json.dumps(template))

    def state():
        found = stacks.describe_stacks(StackName="one")["Stacks"][0]["StackStatus"]
        return None if found.endswith("_IN_PROGRESS") else found

    assert wait_until(state) == "ROLLBACK_COMPLETE"
    events = stacks.describe_stack_events(StackName="one")["StackEvents"]
    reasons = [one.get("ResourceStatusReason", "") for one in events]
    assert any(f"Policy {MISSING} does not exist" in reason for reason in reasons)


def attached(iam, holder):
    named = {f"{holder.title()}Name": "holder"}
    found = getattr(iam, f"list_attached_{holder}_policies")(**named)
    return [one["PolicyArn"] for one in found["AttachedPolicies"]]
