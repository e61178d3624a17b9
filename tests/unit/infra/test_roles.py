"""What the code asks of AWS and what its roles allow are the same, action by action."""

import ast
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from botocore import xform_name
from botocore.session import get_session

from contracts import names

Templates = dict[str, dict[str, Any]]
ROOT = Path(__file__).parents[3]
SERVICES = ("athena", "comprehend", "dynamodb", "glue", "s3", "secretsmanager", "sqs", "transcribe")
TABLES = {"create_table", "update_table"}  # of Glue; our code makes no DynamoDB table
RUNS: Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "ingestion": ((names.JOB_INIT, names.ANALYSER, names.RESULT_HANDLER), ("ingestion",)),
    "flatten": ((names.FLATTEN_JOB,), ("transforms",)),
    "publish": ((names.PUBLISH_JOB,), ("expectations", "serving")),
}
# An operation whose action has another name.
ACTIONS = {
    "s3:CopyObject": ("s3:GetObject", "s3:PutObject"),
    "s3:HeadBucket": ("s3:ListBucket",),
    "s3:HeadObject": ("s3:GetObject",),
    "s3:ListObjectsV2": ("s3:ListBucket",),
    "dynamodb:TransactWriteItems": ("dynamodb:UpdateItem",),
}
# What no line of ours names: what obstore and Athena do with our rights, and tags of a request.
BESIDES = {
    "ingestion": {"s3:ListBucket", "s3:GetBucketLocation", "transcribe:TagResource"},
    "flatten": {"s3:GetObject", "s3:PutObject", "s3:DeleteObject", "s3:GetBucketLocation"},
    "publish": {"athena:StopQueryExecution", "athena:GetWorkGroup", "s3:GetBucketLocation"},
}
CATALOGUE = {  # Athena reads the catalogue in the caller's name
    f"glue:{verb}{what}"
    for verb in ("Get", "BatchGet")
    for what in ("Database", "Databases", "Table", "Tables", "Partition", "Partitions")
}
ELSEWHERE = ("bedrock:", "iam:", "kms:", "logs:", "xray:", "sqs:")  # of the runtime, or not boto3


@pytest.mark.parametrize("run", sorted(RUNS))
def test_every_action_the_code_uses_is_granted(templates: Templates, run: str) -> None:
    granted, packages = RUNS[run]
    assert used(packages) - allowed(templates, granted) == set()


@pytest.mark.parametrize("run", sorted(RUNS))
def test_no_action_is_granted_that_the_code_does_not_use(templates: Templates, run: str) -> None:
    granted, packages = RUNS[run]
    spare = allowed(templates, granted) - used(packages) - BESIDES[run] - CATALOGUE
    assert {action for action in spare if not action.startswith(ELSEWHERE)} == set()


def test_the_marts_job_deletes_nothing_of_the_lake_tables(templates: Templates) -> None:
    found = statements(templates, names.DBT_JOB)
    deletes = str([one["Resource"] for one in found if "s3:DeleteObject" in one["Action"]])
    assert "/build/*" in deletes
    assert "/tables/" not in deletes


def used(packages: Iterable[str]) -> set[str]:
    """Return the actions of every client operation that the packages' code names."""
    operations = _operations()
    found = {name for package in packages for name in _names(ROOT / package)} & set(operations)
    return {action for name in found for action in operations[name]}


def allowed(templates: Templates, granted: Iterable[str]) -> set[str]:
    return {
        action
        for role in granted
        for one in statements(templates, role)
        for action in one["Action"]
    }


def statements(templates: Templates, role: str) -> list[dict[str, Any]]:
    resources = templates["cci-lite-roles"]["Resources"].values()
    (found,) = [each["Properties"] for each in resources if each["Properties"]["RoleName"] == role]
    return [one for each in found["Policies"] for one in each["PolicyDocument"]["Statement"]]


def _operations() -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for service in SERVICES:
        for operation in get_session().get_service_model(service).operation_names:
            action = f"{service}:{operation}"
            if not (service == "dynamodb" and xform_name(operation) in TABLES):
                found[xform_name(operation)] = ACTIONS.get(action, (action,))
    return found


def _names(folder: Path) -> Iterator[str]:
    """Yield what is called like a method, and what a paginator is asked for."""
    for path in (*folder.rglob("aws.py"), *folder.rglob("s3_bucket.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Attribute):
                yield node.attr
            elif isinstance(node, ast.Constant) and isinstance(node.value, str):
                yield node.value
