"""What unmodified ministack gets wrong about authorization, on its functions and a bare server."""

import json

import pytest
from botocore.exceptions import ClientError
from ministack.core import iam_evaluator
from ministack.services import iam

from tests.support.iam_scenes import Session, allow, document, role
from tests.support.localaws_scenes import bucket
from tests.support.localaws_server import ACCOUNT, REGION, LocalAws

SESSION = f"arn:aws:sts::{ACCOUNT}:assumed-role/reader/session"
OBJECT = "arn:aws:s3:::lake/acme/call.json"
UNKNOWN = f"arn:aws:iam::{ACCOUNT}:policy/never-made"
MINE = "arn:aws:s3:::lake/${aws:PrincipalTag/tenant_id}/*"


def no_tag_stands_in_for_a_variable(_guarded: LocalAws) -> None:
    """The policy of a tenant allows nothing."""
    statements = iam_evaluator.parse_policy_document(document(allow("s3:GetObject", MINE)))
    assert iam_evaluator._first_match(context(), statements, "Allow") is None


def a_condition_knows_no_variable(_guarded: LocalAws) -> None:
    """A key does not equal the variable of its own value."""
    same = {"StringEquals": {"aws:PrincipalTag/tenant_id": "${aws:PrincipalTag/tenant_id}"}}
    assert not iam_evaluator._conditions_met(same, context())


def the_arn_of_a_principal_is_its_session(_guarded: LocalAws) -> None:
    """AWS gives the ARN of the role."""
    assert iam_evaluator._resolve_condition_key("aws:PrincipalArn", context()) == SESSION


def a_policy_forgets_its_version(_guarded: LocalAws) -> None:
    """Variables would count in a policy of 2008."""
    parsed = iam_evaluator.parse_policy_document
    old = {"Version": "2008-10-17", "Statement": allow("s3:GetObject", MINE)}
    assert parsed(old) == parsed({**old, "Version": "2012-10-17"})


def a_deny_for_all_but_one_denies_nobody(_guarded: LocalAws) -> None:
    """NotPrincipal is passed over."""
    other = {"AWS": f"arn:aws:iam::{ACCOUNT}:role/other"}
    deny = {"Effect": "Deny", "NotPrincipal": other, "Action": "*", "Resource": "*"}
    found = iam_evaluator.evaluate_resource_policy({"Statement": deny}, context())
    assert found.decision == "ImplicitDeny"


def the_accounts_own_key_has_no_policy_to_deny(_guarded: LocalAws) -> None:
    """Whoever has none is asked nothing."""
    assert iam_evaluator.resolve_principal("test", ACCOUNT).policies is None


def a_job_takes_a_role_its_maker_may_not_pass(guarded: LocalAws) -> None:
    """Nobody asks for iam:PassRole."""
    maker = user(guarded, "maker", allow("glue:*", "*"))
    role = guarded.client("iam").create_role(
        RoleName="strong", AssumeRolePolicyDocument=trust({"Service": "glue.amazonaws.com"})
    )["Role"]["Arn"]
    maker.client("glue").create_job(
        Name="job", Role=role, Command={"Name": "glueetl", "ScriptLocation": "s3://lake/job.py"}
    )


def a_trust_that_names_the_caller_is_not_enough(guarded: LocalAws) -> None:
    """Within an account AWS lets such a caller in."""
    named = user(guarded, "named")
    role = guarded.client("iam").create_role(
        RoleName="open",
        AssumeRolePolicyDocument=trust({"AWS": f"arn:aws:iam::{ACCOUNT}:user/named"}),
    )["Role"]["Arn"]
    with pytest.raises(ClientError, match="AccessDenied"):
        named.client("sts").assume_role(RoleArn=role, RoleSessionName="session")


def a_refusal_names_no_resource(guarded: LocalAws) -> None:
    """Who is refused cannot tell what to allow."""
    bucket(guarded, "lake")
    nobody = user(guarded, "nobody").client("s3")
    with pytest.raises(ClientError, match="AccessDenied") as caught:
        nobody.get_object(Bucket="lake", Key="acme/call.json")
    assert OBJECT not in str(caught.value)


def a_role_is_given_a_policy_that_is_not_there(guarded: LocalAws) -> None:
    """Nobody looks for it."""
    role(guarded, "holder")
    guarded.client("iam").attach_role_policy(RoleName="holder", PolicyArn=UNKNOWN)


def a_user_is_given_a_policy_that_is_not_there(guarded: LocalAws) -> None:
    """Nobody looks for it."""
    user(guarded, "holder")
    guarded.client("iam").attach_user_policy(UserName="holder", PolicyArn=UNKNOWN)


def a_group_is_given_a_policy_that_is_not_there(guarded: LocalAws) -> None:
    """Nobody looks for it."""
    guarded.client("iam").create_group(GroupName="holder")
    guarded.client("iam").attach_group_policy(GroupName="holder", PolicyArn=UNKNOWN)


def a_record_is_given_a_policy_that_is_not_there(_guarded: LocalAws) -> None:
    """Stacks hand over the record of what they make."""
    record: dict[str, list[str]] = {}
    iam.attach_managed_policy(record, UNKNOWN)
    assert record == {"AttachedPolicies": [UNKNOWN]}


def context() -> iam_evaluator.EvalContext:
    """Return the request of a session of acme."""
    return iam_evaluator.EvalContext(
        principal_arn=SESSION,
        principal_type="AssumedRole",
        principal_account=ACCOUNT,
        action="s3:GetObject",
        resource_arn=OBJECT,
        region=REGION,
        source_ip="127.0.0.1",
        secure_transport=True,
        principal_keys={"aws:principaltag/tenant_id": "acme"},
    )


def user(guarded: LocalAws, name: str, *statements: dict) -> Session:
    """Make a user with one inline policy, or none."""
    client = guarded.client("iam")
    client.create_user(UserName=name)
    if statements:
        client.put_user_policy(
            UserName=name, PolicyName="may", PolicyDocument=document(*statements)
        )
    key = client.create_access_key(UserName=name)["AccessKey"]
    return Session(guarded.endpoint, key["AccessKeyId"], key["SecretAccessKey"])


def trust(principal: dict[str, str]) -> str:
    """Return a trust policy for one principal."""
    statement = {"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"}
    return json.dumps({"Version": "2012-10-17", "Statement": statement})


PROBES = {
    "core.iam_evaluator._first_match": no_tag_stands_in_for_a_variable,
    "core.iam_evaluator._conditions_met": a_condition_knows_no_variable,
    "core.iam_evaluator._resolve_condition_key": the_arn_of_a_principal_is_its_session,
    "core.iam_evaluator.parse_policy_document": a_policy_forgets_its_version,
    "core.iam_evaluator.evaluate_resource_policy": a_deny_for_all_but_one_denies_nobody,
    "core.iam_evaluator.resolve_principal": the_accounts_own_key_has_no_policy_to_deny,
    "core.iam_evaluator.enforce": a_job_takes_a_role_its_maker_may_not_pass,
    "core.iam_evaluator._resource_policy": a_trust_that_names_the_caller_is_not_enough,
    "core.iam_actions.access_denied_response": a_refusal_names_no_resource,
    "services.iam._attach_role_policy": a_role_is_given_a_policy_that_is_not_there,
    "services.iam._attach_user_policy": a_user_is_given_a_policy_that_is_not_there,
    "services.iam._attach_group_policy": a_group_is_given_a_policy_that_is_not_there,
    "services.iam.attach_managed_policy": a_record_is_given_a_policy_that_is_not_there,
}
