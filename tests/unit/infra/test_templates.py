"""The synthesised templates keep the promises that no linter checks."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from contracts import names
from infra.package import artefact_keys, build_artefacts

ROOT = Path(__file__).parents[3]
Template = dict[str, Any]


def resources(templates: dict[str, Template], kind: str) -> Iterator[dict[str, Any]]:
    for template in templates.values():
        for resource in template["Resources"].values():
            if resource["Type"] == kind:
                yield resource["Properties"]


def test_no_template_holds_an_account_a_custom_resource_or_a_bootstrap_parameter(
    templates: dict[str, Template],
) -> None:
    text = json.dumps(templates)
    assert not re.search(r"(?<=[\":/-])\d{12}(?=[\":/-])", text)
    assert "Custom::" not in text
    assert "BootstrapVersion" not in text


def test_every_queue_is_visible_at_least_six_timeouts_later(templates: dict[str, Template]) -> None:
    timeouts = {
        function["FunctionName"]: function["Timeout"]
        for function in resources(templates, "AWS::Lambda::Function")
    }
    feeds = {
        names.INTAKE_QUEUE: names.JOB_INIT,
        names.ANALYSIS_QUEUE: names.ANALYSER,
        names.RESULT_QUEUE: names.RESULT_HANDLER,
    }
    visible = {
        queue["QueueName"]: queue["VisibilityTimeout"]
        for queue in resources(templates, "AWS::SQS::Queue")
    }
    assert {
        queue for queue, function in feeds.items() if visible[queue] < 6 * timeouts[function]
    } == set()


def test_the_dead_letters_outlive_every_queue_and_every_queue_has_them(
    templates: dict[str, Template],
) -> None:
    queues = {queue["QueueName"]: queue for queue in resources(templates, "AWS::SQS::Queue")}
    dead = queues.pop(names.DEAD_LETTER_QUEUE)
    assert all("RedrivePolicy" in queue for queue in queues.values())
    assert all(
        queue["MessageRetentionPeriod"] < dead["MessageRetentionPeriod"]
        for queue in queues.values()
    )


def test_every_mapping_reports_the_records_that_failed(templates: dict[str, Template]) -> None:
    mappings = list(resources(templates, "AWS::Lambda::EventSourceMapping"))
    assert len(mappings) == 3
    assert all(
        mapping["FunctionResponseTypes"] == ["ReportBatchItemFailures"] for mapping in mappings
    )


def test_every_bucket_is_private_versioned_and_forgets_old_versions(
    templates: dict[str, Template],
) -> None:
    for bucket in resources(templates, "AWS::S3::Bucket"):
        assert all(bucket["PublicAccessBlockConfiguration"].values())
        assert bucket["VersioningConfiguration"] == {"Status": "Enabled"}
        rules = bucket["LifecycleConfiguration"]["Rules"]
        assert any("NoncurrentVersionExpiration" in rule for rule in rules)
        assert not any("*" in rule.get("Prefix", "") for rule in rules)


def test_a_final_document_starts_nothing(templates: dict[str, Template]) -> None:
    patterns = json.dumps(
        [rule["EventPattern"] for rule in resources(templates, "AWS::Events::Rule")]
    )
    assert "*/enriched/*" in patterns
    assert "/final/" not in patterns


def test_a_star_resource_is_only_allowed_where_aws_knows_no_other(
    templates: dict[str, Template],
) -> None:
    from infra.stacks.roles import WITHOUT_RESOURCE

    starred = {
        action
        for role in resources(templates, "AWS::IAM::Role")
        for policy in role["Policies"]
        for statement in policy["PolicyDocument"]["Statement"]
        if "*" in statement["Resource"]
        for action in statement["Action"]
    }
    assert starred <= set(WITHOUT_RESOURCE)


def test_the_same_code_gives_the_same_artefacts() -> None:
    assert artefact_keys(build_artefacts(ROOT)) == artefact_keys(build_artefacts(ROOT))


def test_no_artefact_holds_localaws_or_tests() -> None:
    import io
    import zipfile

    for artefact in build_artefacts(ROOT):
        if artefact.name.endswith(".zip"):
            held = zipfile.ZipFile(io.BytesIO(artefact.body)).namelist()
            assert not [name for name in held if name.startswith(("localaws", "tests", "infra"))]
