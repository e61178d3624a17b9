"""Policy texts and conditions against one request's keys, as IAM's documentation has them."""

import pytest

from localaws.iam.conditions import met
from localaws.iam.variables import Unresolved, resolved, without_variables

KEYS = {
    "aws:PrincipalTag/tenant_id": "acme",
    "aws:PrincipalTag/odd": "a*",
    "aws:PrincipalArn": "arn:aws:iam::111122223333:role/app/worker",
    "aws:SecureTransport": "true",
    "aws:TagKeys": ["tenant_id", "team"],
    "s3:signatureAge": "700000",
    "aws:SourceIp": "127.0.0.1",
    "aws:CurrentTime": "2026-02-01T10:00:00+00:00",
    "dynamodb:LeadingKeys": ["TENANT#acme", "TENANT#acme#CALL"],
}


@pytest.mark.parametrize(
    ("operator", "key", "expected", "holds"),
    [
        ("StringEquals", "aws:PrincipalTag/tenant_id", "acme", True),
        ("StringEquals", "aws:PrincipalTag/tenant_id", ["x", "acme"], True),
        ("StringEquals", "aws:PrincipalTag/tenant_id", "ACME", False),
        ("StringEquals", "aws:PrincipalTag/tenant_id", "a*", False),
        ("StringEqualsIgnoreCase", "aws:PrincipalTag/tenant_id", "ACME", True),
        ("StringNotEquals", "aws:PrincipalTag/tenant_id", ["x", "acme"], False),
        ("StringNotEquals", "absent", "x", True),
        ("StringNotLike", "absent", "x*", True),
        ("StringLike", "absent", "*", False),
        ("StringEqualsIfExists", "absent", "x", True),
        ("StringNotEqualsIfExists", "absent", "x", True),
        ("Null", "absent", "true", True),
        ("Null", "aws:PrincipalTag/tenant_id", "true", False),
        ("Null", "dynamodb:LeadingKeys", "false", True),
        ("Bool", "aws:SecureTransport", "false", False),
        ("Bool", "aws:SecureTransport", True, True),
        ("Bool", "absent", "false", False),
        ("NumericGreaterThan", "s3:signatureAge", "600000", True),
        ("NumericLessThanEquals", "s3:signatureAge", "600000", False),
        ("NumericEquals", "aws:PrincipalArn", "1", False),
        ("DateLessThan", "aws:CurrentTime", "2026-02-01T10:00:01Z", True),
        ("DateGreaterThan", "aws:CurrentTime", "1893456000", False),
        ("IpAddress", "aws:SourceIp", "127.0.0.0/8", True),
        ("NotIpAddress", "aws:SourceIp", "127.0.0.0/8", False),
        ("ArnLike", "aws:PrincipalArn", "arn:aws:iam::*:role/*", True),
        ("ArnLike", "aws:PrincipalArn", "arn:*:role/app/worker", False),
        ("ArnNotEquals", "aws:PrincipalArn", "arn:aws:iam::111122223333:role/app/worker", False),
        ("ForAllValues:StringEquals", "aws:TagKeys", ["tenant_id"], False),
        ("ForAllValues:StringEquals", "aws:TagKeys", ["tenant_id", "team", "x"], True),
        ("ForAllValues:StringEquals", "absent", ["x"], True),
        ("ForAnyValue:StringEquals", "aws:TagKeys", ["team"], True),
        ("ForAnyValue:StringEquals", "absent", ["x"], False),
        ("ForAnyValue:StringNotEquals", "absent", ["x"], False),
        ("ForAnyValue:StringNotEquals", "aws:TagKeys", ["team"], True),
        ("ForAllValues:StringNotEquals", "aws:TagKeys", ["team"], False),
        (
            "ForAllValues:StringLike",
            "dynamodb:LeadingKeys",
            ["TENANT#${aws:PrincipalTag/tenant_id}", "TENANT#${aws:PrincipalTag/tenant_id}#*"],
            True,
        ),
        ("ForAllValues:StringLike", "dynamodb:LeadingKeys", ["TENANT#acme-uk"], False),
    ],
)
def test_a_condition_holds_as_iam_says(operator, key, expected, holds):
    assert met({operator: {key: expected}}, KEYS.get, unknown=False) is holds


def test_every_operator_and_every_key_must_hold():
    both = {"StringEquals": {"aws:PrincipalTag/tenant_id": "acme"}, "Bool": {"absent": "true"}}
    assert met(both, KEYS.get, unknown=False) is False


@pytest.mark.parametrize("unknown", [True, False])
def test_an_operator_iam_lacks_answers_what_its_effect_needs(unknown):
    assert met({"StringResembles": {"a": "b"}}, KEYS.get, unknown=unknown) is unknown


@pytest.mark.parametrize(
    ("text", "value", "fits"),
    [
        ("${aws:PrincipalTag/tenant_id}/*", "acme/audio/x", True),
        ("${aws:PrincipalTag/tenant_id}/*", "acme-uk/audio/x", False),
        ("${aws:PrincipalTag/odd}/x", "a*/x", True),
        ("${aws:PrincipalTag/odd}/x", "ab/x", False),
        ("a${*}b", "a*b", True),
        ("a${*}b", "axb", False),
        ("${$}{aws:x}", "${aws:x}", True),
        ("${absent, 'common'}/*", "common/x", True),
        ("a?c", "abc", True),
        ("a.c", "abc", False),
        ("*", "a\nb", True),
    ],
)
def test_a_value_put_in_for_a_variable_is_literal(text, value, fits):
    assert resolved(text, KEYS.get).matches(value) is fits


@pytest.mark.parametrize("text", ["${absent}/*", "${aws:TagKeys}"])
def test_a_variable_without_one_value_voids_the_text(text):
    with pytest.raises(Unresolved):
        resolved(text, KEYS.get)


def test_an_older_document_has_no_variables():
    text = without_variables("home/${aws:username}")
    assert resolved(text, KEYS.get).plain == "home/${aws:username}"
