"""Template values shaped into requests; nothing is dropped without a word."""

import pytest

from localaws.services.cloudformation_drops import lifecycle_rule
from localaws.services.request_shapes import shaped


def test_numbers_booleans_and_tags_take_the_type_the_operation_has():
    request = {"Name": "j", "Timeout": "120", "Tags": [{"Key": "Project", "Value": "x"}]}
    assert shaped("glue", "CreateJob", request) == {
        "Name": "j",
        "Timeout": 120,
        "Tags": {"Project": "x"},
    }
    configuration = {"EnforceWorkGroupConfiguration": "true"}
    found = shaped("athena", "CreateWorkGroup", {"Name": "w", "Configuration": configuration})
    assert found["Configuration"] == {"EnforceWorkGroupConfiguration": True}


def test_a_property_the_operation_lacks_is_an_error():
    with pytest.raises(ValueError, match="Colour"):
        shaped("glue", "CreateJob", {"Name": "j", "Colour": "red"})


@pytest.mark.parametrize(
    ("rule", "applied"),
    [
        (
            {"Id": "a", "Status": "Enabled", "ExpirationInDays": 1},
            {"ID": "a", "Status": "Enabled", "Expiration": {"Days": 1}, "Filter": {"Prefix": ""}},
        ),
        (
            {"Status": "Enabled", "Prefix": "tmp/", "ExpirationInDays": 14},
            {"Status": "Enabled", "Expiration": {"Days": 14}, "Filter": {"Prefix": "tmp/"}},
        ),
        (
            {"Status": "Enabled", "Prefix": "t/", "TagFilters": [{"Key": "k", "Value": "v"}]},
            {
                "Status": "Enabled",
                "Filter": {"And": {"Prefix": "t/", "Tags": [{"Key": "k", "Value": "v"}]}},
            },
        ),
    ],
)
def test_a_lifecycle_rule_says_the_same_to_the_api(rule, applied):
    assert lifecycle_rule(rule) == applied


def test_a_lifecycle_word_we_do_not_apply_is_an_error():
    with pytest.raises(ValueError, match="Transitions"):
        lifecycle_rule({"Status": "Enabled", "Transitions": []})
