"""Stacks of parts, logical id -> (type, properties): made, waited for, asked why they failed."""

import json
from collections.abc import Iterable, Mapping
from typing import Any

from tests.support.localaws_scenes import bucket, zipped
from tests.support.localaws_server import LocalAws, wait_until

Part = tuple[str, dict[str, Any]]
TAGS = [{"Key": "Project", "Value": "x"}]


def deploy(aws: LocalAws, stack: str, parts: Mapping[str, Part]) -> LocalAws:
    """Make a stack, the code of its functions in bucket `artefacts`; return the server."""
    bucket(aws, "artefacts")
    code = zipped({"h.py": "def handle(event, context):\n    return {}\n"})
    aws.client("s3").put_object(Bucket="artefacts", Key="code.zip", Body=code)
    aws.client("cloudformation").create_stack(
        StackName=stack, TemplateBody=body(**parts), Capabilities=["CAPABILITY_NAMED_IAM"]
    )
    assert settled(aws, stack) == "CREATE_COMPLETE", reasons(aws, stack)
    return aws


def body(**parts: Part) -> str:
    """Return the template of parts; types are without their `AWS::`."""
    return json.dumps(
        {
            "Resources": {
                name: {"Type": f"AWS::{kind}", "Properties": given}
                for name, (kind, given) in parts.items()
            }
        }
    )


def settled(aws: LocalAws, stack: str) -> str:
    """Return a stack's state once nothing is in progress."""
    formation = aws.client("cloudformation")
    return wait_until(
        lambda: next(
            (
                one["StackStatus"]
                for one in formation.describe_stacks(StackName=stack)["Stacks"]
                if not one["StackStatus"].endswith("_IN_PROGRESS")
            ),
            None,
        ),
        seconds=60,
    )


def reasons(aws: LocalAws, stack: str) -> str:
    """Return all that a stack's events give as a reason."""
    events = aws.client("cloudformation").describe_stack_events(StackName=stack)["StackEvents"]
    return " ".join(one.get("ResourceStatusReason", "") for one in events)


def arn(name: str) -> dict[str, Any]:
    """Return what means the ARN of a part."""
    return {"Fn::GetAtt": [name, "Arn"]}


def policy(*statements: dict[str, Any]) -> dict[str, Any]:
    """Return a policy of today's version."""
    return {"Version": "2012-10-17", "Statement": list(statements)}


def own(tags: Iterable[Mapping[str, str]]) -> str:
    """Return the value of the tag in TAGS."""
    return {one["Key"]: one["Value"] for one in tags}["Project"]
