"""The repository -> deployed stacks: package, synthesise, upload, create or update, migrate.

The same calls against AWS and against localaws. Templates are kept in `cdk.out/<hash>` and reused
while neither `infra/` nor an artefact changed.
"""

import hashlib
import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from cci.aws import Aws, AwsError, error_code
from infra.package import Artefact, artefact_keys, build_artefacts, write_artefact_keys

STACKS: Final = (
    "cci-lite-artifacts",
    "cci-lite-keys",
    "cci-lite-storage",
    "cci-lite-roles",
    "cci-lite-ingestion",
    "cci-lite-lake",
    "cci-lite-nightly",
)
CAPABILITIES: Final = ["CAPABILITY_NAMED_IAM"]


class DeployFailed(Exception):
    """A stack could not be made; the text names the stack, the resource and AWS's reason."""


def deploy(aws: Aws, repository: Path, tell: Callable[[str], None]) -> None:
    """Bring every stack to what the code says; `tell` receives one line per step."""
    artefacts = build_artefacts(repository)
    templates = synthesise(repository, artefacts)
    for stack in STACKS:
        template = (templates / f"{stack}.template.json").read_text(encoding="utf-8")
        tell(f"{stack}: {_apply(aws.cloudformation, stack, template)}")
        if stack == STACKS[0]:
            _upload(aws, artefacts)


def synthesise(repository: Path, artefacts: list[Artefact]) -> Path:
    """Return the folder with the templates, made by a child process unless they are there."""
    keys = artefact_keys(artefacts)
    folder = repository / "cdk.out" / _fingerprint(repository, keys)
    if (folder / "manifest.json").exists():
        return folder
    keys_file = repository / "build" / "artefacts.json"
    write_artefact_keys(artefacts, keys_file)
    command = [
        sys.executable,
        "-m",
        "infra.app",
        "--artefacts",
        str(keys_file),
        "--into",
        str(folder),
    ]
    made = subprocess.run(command, cwd=repository, capture_output=True, text=True, check=False)  # noqa: S603 - our own module
    if made.returncode:
        raise DeployFailed(f"the templates could not be synthesised:\n{made.stderr[-2000:]}")
    return folder


def _fingerprint(repository: Path, keys: Mapping[str, str]) -> str:
    digest = hashlib.sha256(json.dumps(dict(keys), sort_keys=True).encode())
    for path in sorted((repository / "infra").rglob("*.py")):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def _upload(aws: Aws, artefacts: list[Artefact]) -> None:
    bucket = aws.buckets.artifacts
    for artefact in artefacts:
        try:
            aws.s3.head_object(Bucket=bucket, Key=artefact.key)
        except AwsError as error:
            if error_code(error) not in ("404", "NoSuchKey"):
                raise
            aws.s3.put_object(Bucket=bucket, Key=artefact.key, Body=artefact.body)


def _apply(cloudformation: Any, stack: str, template: str) -> str:
    exists = _status(cloudformation, stack) is not None
    call = cloudformation.update_stack if exists else cloudformation.create_stack
    try:
        call(StackName=stack, TemplateBody=template, Capabilities=CAPABILITIES)
    except AwsError as error:
        if "No updates are to be performed" in str(error):
            return "unchanged"
        raise DeployFailed(f"{stack}: {error}") from error
    return _follow(cloudformation, stack)


def _follow(cloudformation: Any, stack: str) -> str:
    while True:
        status = _status(cloudformation, stack) or ""
        if not status.endswith("_IN_PROGRESS"):
            break
        time.sleep(0.2)
    if status in ("CREATE_COMPLETE", "UPDATE_COMPLETE"):
        return status.lower().replace("_", " ")
    reasons = "; ".join(_failures(cloudformation, stack)) or status
    raise DeployFailed(f"{stack}: {reasons}")


def _status(cloudformation: Any, stack: str) -> str | None:
    try:
        found = cloudformation.describe_stacks(StackName=stack)["Stacks"]
    except AwsError as error:
        if "does not exist" in str(error):
            return None
        raise
    return str(found[0]["StackStatus"])


def _failures(cloudformation: Any, stack: str) -> Iterator[str]:
    for event in cloudformation.describe_stack_events(StackName=stack)["StackEvents"]:
        if event["ResourceStatus"].endswith("_FAILED") and "ResourceStatusReason" in event:
            yield f"{event['LogicalResourceId']}: {event['ResourceStatusReason']}"
