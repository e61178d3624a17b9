"""Lifecycle rules on one key, by the clock: what goes, what stays, and when."""

import pytest

from localaws.services.lifecycle_rules import DAY, Version, removals, upload_is_due

NOON = 20_000 * DAY + DAY / 2  # noon UTC of some day


def rule(**given):
    return {"Status": "Enabled", "Filter": {"Prefix": ""}, **given}


def going(rules, versions, now, key="acme/audio/x"):
    return [(one.version, one.reason) for one in removals(rules, key, versions, now)]


@pytest.mark.parametrize(
    ("seconds", "gone"),
    [(DAY, False), (1.5 * DAY - 1, False), (1.5 * DAY, True), (9 * DAY, True)],
)
def test_an_age_is_rounded_up_to_the_next_midnight(seconds, gone):
    found = going([rule(Expiration={"Days": 1})], [Version("1", NOON)], NOON + seconds)
    assert bool(found) is gone


def test_the_current_version_goes_as_a_plain_delete_does():
    found = going([rule(Expiration={"Days": 1})], [Version("1", NOON)], NOON + 3 * DAY)
    assert found == [(None, "Expiration")]


@pytest.mark.parametrize(
    ("filtered", "gone"),
    [
        ({"Prefix": "acme/"}, True),
        ({"Prefix": "acme-uk/"}, False),
        ({"Prefix": "*/audio/"}, False),
        ({"Tag": {"Key": "retention", "Value": "short"}}, True),
        ({"Tag": {"Key": "retention", "Value": "long"}}, False),
        ({"ObjectSizeGreaterThan": 10}, False),
        ({"ObjectSizeGreaterThan": 9}, True),
        ({"ObjectSizeLessThan": 10}, False),
        ({"And": {"Prefix": "acme/", "Tags": [{"Key": "retention", "Value": "short"}]}}, True),
        ({"And": {"Prefix": "x/", "Tags": [{"Key": "retention", "Value": "short"}]}}, False),
        ({}, True),
    ],
)
def test_only_what_fits_the_filter_goes(filtered, gone):
    version = Version("1", NOON, 10, {"retention": "short"})
    rules = [rule(Filter=filtered, Expiration={"Days": 1})]
    assert bool(going(rules, [version], NOON + 3 * DAY)) is gone


def test_a_disabled_rule_and_a_date_to_come_do_nothing():
    version = [Version("1", NOON)]
    assert going([rule(Status="Disabled", Expiration={"Days": 1})], version, NOON + 9 * DAY) == []
    dated = [rule(Expiration={"Date": "2024-10-09T00:00:00Z"})]
    at = 1728432000
    assert going(dated, version, at - 1) == []
    assert going(dated, version, at) == [(None, "Expiration")]


def test_an_old_version_counts_from_when_it_was_replaced():
    versions = [Version("1", NOON), Version("2", NOON + 5 * DAY)]
    rules = [rule(NoncurrentVersionExpiration={"NoncurrentDays": 1})]
    assert going(rules, versions, NOON + 6 * DAY) == []
    assert going(rules, versions, NOON + 7 * DAY) == [("1", "NoncurrentVersionExpiration")]


def test_the_newest_old_versions_may_be_kept():
    versions = [Version(str(number), NOON + number) for number in range(5)]
    wanted = {"NoncurrentDays": 1, "NewerNoncurrentVersions": 2}
    found = going([rule(NoncurrentVersionExpiration=wanted)], versions, NOON + 9 * DAY)
    assert [version for version, _ in found] == ["0", "1"]


def test_a_marker_with_nothing_below_goes_and_one_above_a_version_stays():
    marker = Version("m", NOON + DAY, marker=True)
    rules = [rule(Expiration={"ExpiredObjectDeleteMarker": True})]
    assert going(rules, [marker], NOON + 2 * DAY) == [("m", "ExpiredObjectDeleteMarker")]
    assert going(rules, [Version("1", NOON), marker], NOON + 2 * DAY) == []


def test_two_rules_remove_a_version_once():
    rules = [rule(Expiration={"Days": 1}), rule(Expiration={"Days": 2})]
    assert len(going(rules, [Version("1", NOON)], NOON + 9 * DAY)) == 1


def test_an_unfinished_upload_ends_after_its_days():
    rules = [rule(AbortIncompleteMultipartUpload={"DaysAfterInitiation": 1})]
    assert upload_is_due(rules, "acme/x", NOON, NOON + DAY) is False
    assert upload_is_due(rules, "acme/x", NOON, NOON + 2 * DAY) is True
    assert upload_is_due([rule(Expiration={"Days": 1})], "acme/x", NOON, NOON + 9 * DAY) is False
