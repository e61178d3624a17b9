"""Each property of the synthesised templates is one localaws applies; the rest it would refuse."""

from localaws.refusals import ANSWERED, refusal
from localaws.services import cloudformation, cloudformation_properties

# What CloudFormation calls these services is not what their requests are signed for.
SCOPES = {"cloudwatch": "monitoring"}


def test_every_type_and_property_of_the_templates_is_applied_by_localaws(templates):
    lost = {
        (resource["Type"], name)
        for template in templates.values()
        for resource in template["Resources"].values()
        if resource["Type"] not in cloudformation._TYPES
        for name in resource.get("Properties", {})
        if name not in cloudformation_properties.APPLIED.get(resource["Type"], ())
    }
    assert lost == set()


def test_every_service_of_the_templates_is_answered_or_refused_by_name(templates):
    named = {
        resource["Type"].split("::")[1].lower()
        for template in templates.values()
        for resource in template["Resources"].values()
        if resource["Type"].startswith("AWS::")
    }
    scopes = {SCOPES.get(name, name) for name in named}
    silent = {s for s in scopes - ANSWERED if refusal(s, "DoSomething", None, {}) is None}
    assert silent == set()
    assert {"s3", "glue", "athena"} <= scopes & ANSWERED
