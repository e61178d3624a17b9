"""What of ministack is replaced, why, and the loop that does it.

The only module that assigns into ministack. `ours` is given the original and returns what stands in
its place. Each row is held by a contract test: the attribute exists with that signature and source
hash, so a new ministack turns the row red. Over 200 releases exist and private functions are
touched: any other version is refused.
"""

import importlib
from collections.abc import Iterable
from dataclasses import dataclass
from importlib.metadata import version

from ministack import app
from ministack.core import iam_actions, lambda_runtime, router

from localaws import restoring
from localaws.bridge import Late, json_service, path_service
from localaws.iam import delivery_replacements
from localaws.iam import replaced as authorization
from localaws.replacement import Function, Replacement
from localaws.services import (
    cloudformation,
    event_faults,
    event_rules,
    glue,
    glue_runs,
    lambda_limits,
    log_replacements,
    s3_expiry,
    s3_writes,
)

VERSION = "1.5.33"


@dataclass(frozen=True, slots=True)
class Service:
    """A service ministack does not know, found by the prefix of its X-Amz-Target."""

    name: str
    target_prefix: str
    handler: Function
    reason: str


_HANDLER = "(method, path, headers, body, query_params)"

REPLACEMENTS = (
    Replacement(
        "services.athena",
        "handle_request",
        lambda _original: json_service(Late("localaws.athena.api"), "athena.amazonaws.com"),
        "answers 17 of 58 statements, enforces no work group, and runs with its own rights",
        _HANDLER,
        "2f5558612ebaccc67de9d1b3c545856032b731e32a58d0326f3687f5f7289f5b",
    ),
    Replacement(
        "services.glue",
        "_handle_request_sync",
        glue.in_front_of,
        "ignores partition expressions, keeps no versions, runs no glueetl job and no workflow",
        _HANDLER,
        "23d06ad23cad57139ab23a9c7618607f4882ccf5c351a916cba64af2c29316f2",
    ),
    Replacement(
        "services.transcribe",
        "handle_request",
        lambda _original: json_service(Late("localaws.services.transcribe")),
        "canned text for every recording, no Call Analytics, requests unchecked",
        _HANDLER,
        "8f3397f7fe8a1a82c023000f5a5262ec682e0b8ae58ea6c3ca2b18746c81ef63",
    ),
    Replacement(
        "services.bedrock_runtime",
        "handle_request",
        lambda _original: path_service(Late("localaws.services.bedrock")),
        "canned text; a forced tool choice and a JSON schema are ignored",
        _HANDLER,
        "5a1eed53935e335af466fee1df2812b52ee55d67c371d6cdd78c5623057c28ce",
    ),
    Replacement(
        "services.eventbridge",
        "_enable_rule",
        event_rules.of_a_rule_that_exists,
        "says that a rule which does not exist was enabled",
        "(data)",
        "72ec5dc6c95648b9eaefd57817624077d5826b3530a927d351c81da48537e234",
    ),
    Replacement(
        "services.eventbridge",
        "_disable_rule",
        event_rules.of_a_rule_that_exists,
        "says that a rule which does not exist was disabled",
        "(data)",
        "8e3ffd7100d81e4970a8ee8c69b6b9faa16acd8241dcb6a97c32235497f95e8c",
    ),
    Replacement(
        "services.eventbridge",
        "_dispatch_event",
        event_faults.in_front_of,
        "delivers every event once and at once: no test could lose, delay or double one",
        "(event, view=None)",
        "d1bfe064f602d11c9700f4890bde62c7641b4442a9f2d61da81c075c8186416d",
    ),
    Replacement(
        "services.s3",
        "_copy_object",
        s3_writes.checked_copy,
        "ignores If-None-Match, so a copy overwrites what must be written once",
        "(bucket_name: str, dest_key: str, headers: dict)",
        "ce47e73298bef8a89597b4db3688ab14759233ae57ce4e9b03da36d4af839790",
    ),
    Replacement(
        "services.s3",
        "_put_bucket_lifecycle",
        s3_expiry.kept_rules,
        "keeps transitions and a rule's own Prefix without ever applying them",
        "(name: str, body: bytes)",
        "8babb1b384083332eec9d9d2919d88228ea65afd3fcb7200d569c46d6b205257",
    ),
    Replacement(
        "services.s3",
        "now_iso",
        s3_expiry.by_our_clock,
        "stamps objects by the machine's clock, whatever the clock tests moved says",
        "() -> str",
        "f75b8f2114211a94482252ed425ecc67335e5acf56a55c693a0ccc53c8c005e4",
    ),
    Replacement(
        "services.s3",
        "_persist_object",
        s3_writes.kept_or_failed,
        "answers 200 for an object it could not write to disk",
        "(bucket: str, key: str, obj)",
        "cb32b6ae8706bef8031f052863bdc95aaa4cb5f6f5e4cac35e50a5f283974c71",
    ),
    Replacement(
        "services.lambda_svc",
        "_sqs_esm_concurrency",
        lambda_limits.within_the_machine,
        "starts as many interpreters as the template allows AWS: 50 on two cores",
        "(esm: dict, func_rec: dict, config: dict, queue: dict | None = None) -> int",
        "d3e9d1e865aa0b28e7873a2ec3d794ce0383435741658f6fdec000b1b0d9b224",
    ),
    Replacement(
        "services.cloudformation.stacks",
        "_runs_on_worker_thread",
        cloudformation.off_the_loop,
        "provisions on the event loop, where a handler that calls an API waits for itself",
        "(resource_type: str) -> bool",
        "23955511141f848108bb907711e115b38cd8e0822f19af3b62bf9b9b1c7a50d9",
    ),
    Replacement(
        "app",
        "_load_persisted_state",
        restoring.each_or_kept,
        "only logs which service lost its state, and the next snapshots are without it",
        "()",
        "03de3b870e8f811f8b97ae12f3e5e7c029923c155f75d512dbf913cb30f1b55c",
    ),
    *authorization.REPLACEMENTS,
    *delivery_replacements.REPLACEMENTS,
    *log_replacements.REPLACEMENTS,
)

SERVICES = (
    Service(
        "comprehend",
        "Comprehend_20171127",
        json_service(Late("localaws.services.comprehend")),
        "falls through to S3: status 400 with an empty text",
    ),
)


def apply(
    replacements: Iterable[Replacement] = REPLACEMENTS, services: Iterable[Service] = SERVICES
) -> None:
    """Put ours in place; raise RuntimeError on any ministack but the one the table was made for."""
    found = version("ministack")
    if found != VERSION:
        text = f"localaws stands in for parts of ministack {VERSION}, not of {found}: install that"
        raise RuntimeError(text)
    for row in replacements:
        _put_in_place(row)
    for service in services:
        app.SERVICE_HANDLERS[service.name] = service.handler
        router.SERVICE_PATTERNS[service.name] = {"target_prefixes": [service.target_prefix]}
        iam_actions.SERVICE_TO_IAM_NAMESPACE[service.name] = service.name
    s3 = importlib.import_module("ministack.services.s3")
    # Of object lock ministack keeps nothing over a restart.
    s3._PERSISTED_BUCKET_DICTS["object_retention"] = s3._object_retention
    s3._PERSISTED_BUCKET_DICTS["object_legal_hold"] = s3._object_legal_hold
    provisioners = importlib.import_module("ministack.services.cloudformation.provisioners")
    provisioners._RESOURCE_HANDLERS.update(cloudformation.handlers(provisioners))


def _put_in_place(row: Replacement) -> None:
    """Put ours under the name, and into each table of the module that holds the original."""
    module = importlib.import_module(f"ministack.{row.module}")
    original = getattr(module, row.name)
    ours = row.ours(original)
    setattr(module, row.name, ours)
    for table in vars(module).values():
        if isinstance(table, dict):
            table.update({key: ours for key, held in table.items() if held is original})


def end_children() -> None:
    """End every Glue job and Lambda process."""
    glue_runs.end_all()
    lambda_runtime.reset()
