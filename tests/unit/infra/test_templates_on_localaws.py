"""Each property of the synthesised templates is one localaws applies; the rest it would refuse."""

from localaws.services import cloudformation, cloudformation_properties


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
