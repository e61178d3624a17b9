"""`dynamodb:LeadingKeys` at every door of a table: a session reaches its tenant's items only."""

import pytest

from tests.support.iam_scenes import T, allow, arn, assume, denied, role

pytestmark = pytest.mark.pipeline

TABLE = "calls"
OWN = [f"TENANT#{T}", f"TENANT#{T}#*"]
STRING = {"S": "x"}


@pytest.fixture(scope="module")
def secured(aws_factory):
    aws = aws_factory(LOCALAWS_AUTH="1")
    names = ("pk", "sk", "gpk")
    dynamodb = aws.client("dynamodb")
    dynamodb.create_table(
        TableName=TABLE,
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in names],
        KeySchema=[
            {"AttributeName": "pk", "KeyType": "HASH"},
            {"AttributeName": "sk", "KeyType": "RANGE"},
        ],
        GlobalSecondaryIndexes=[
            {
                "IndexName": "by_state",
                "KeySchema": [{"AttributeName": "gpk", "KeyType": "HASH"}],
                "Projection": {"ProjectionType": "ALL"},
            }
        ],
    )
    for tenant in ("acme", "acme-uk"):
        dynamodb.put_item(TableName=TABLE, Item=item(tenant))
    return aws


def item(tenant):
    return {**key(tenant), "gpk": {"S": f"TENANT#{tenant}#OPEN"}, "canary": {"S": f"of-{tenant}"}}


def key(tenant):
    return {"pk": {"S": f"TENANT#{tenant}"}, "sk": {"S": "CALL#same-call"}}


def tenant_session(secured, name, **conditions):
    resources = [arn("dynamodb", f"table/{TABLE}"), arn("dynamodb", f"table/{TABLE}/index/*")]
    made = role(secured, name, allow("dynamodb:*", resources, **conditions))
    return assume(secured, made, tenant_id="acme").client("dynamodb")


@pytest.fixture(scope="module")
def strict(secured):
    return tenant_session(
        secured,
        "strict",
        **{
            "ForAllValues:StringLike": {"dynamodb:LeadingKeys": OWN},
            "Null": {"dynamodb:LeadingKeys": "false"},
        },
    )


@pytest.fixture(scope="module")
def lenient(secured):
    return tenant_session(
        secured, "lenient", **{"ForAllValues:StringLike": {"dynamodb:LeadingKeys": OWN}}
    )


def query(tenant, key_name="pk", suffix="", **more):
    return {
        "TableName": TABLE,
        "KeyConditionExpression": "#k = :k",
        "ExpressionAttributeNames": {"#k": key_name},
        "ExpressionAttributeValues": {":k": {"S": f"TENANT#{tenant}{suffix}"}},
        **more,
    }


DOORS = {
    "get": lambda d, t: d.get_item(TableName=TABLE, Key=key(t)),
    "put": lambda d, t: d.put_item(TableName=TABLE, Item=item(t)),
    "update": lambda d, t: d.update_item(
        TableName=TABLE,
        Key=key(t),
        UpdateExpression="SET seen = :s",
        ExpressionAttributeValues={":s": STRING},
    ),
    "delete": lambda d, t: d.delete_item(TableName=TABLE, Key={**key(t), "sk": {"S": "none"}}),
    "query": lambda d, t: d.query(**query(t)),
    "index": lambda d, t: d.query(**query(t, "gpk", "#OPEN", IndexName="by_state")),
    "legacy query": lambda d, t: d.query(
        TableName=TABLE,
        KeyConditions={"pk": {"AttributeValueList": [key(t)["pk"]], "ComparisonOperator": "EQ"}},
    ),
    "batch get": lambda d, t: d.batch_get_item(
        RequestItems={TABLE: {"Keys": list(map(key, dict.fromkeys(["acme", t])))}}
    ),
    "batch write": lambda d, t: d.batch_write_item(
        RequestItems={
            TABLE: [{"PutRequest": {"Item": item(one)}} for one in dict.fromkeys(["acme", t])]
        }
    ),
    "transact get": lambda d, t: d.transact_get_items(
        TransactItems=[
            {"Get": {"TableName": TABLE, "Key": key(one)}} for one in dict.fromkeys(["acme", t])
        ]
    ),
    "transact write": lambda d, t: d.transact_write_items(
        TransactItems=[{"Put": {"TableName": TABLE, "Item": item(t)}}]
    ),
    "partiql": lambda d, t: d.execute_statement(
        Statement=f"SELECT * FROM \"{TABLE}\" WHERE pk = 'TENANT#{t}'"
    ),
    "partiql parameter": lambda d, t: d.execute_statement(
        Statement=f'SELECT * FROM "{TABLE}" WHERE pk = ? AND sk = ?',
        Parameters=list(key(t).values()),
    ),
    "partiql in": lambda d, t: d.execute_statement(
        Statement=f"SELECT * FROM \"{TABLE}\" WHERE pk IN ['TENANT#acme', 'TENANT#{t}']"
    ),
    "partiql index": lambda d, t: d.execute_statement(
        Statement=f'SELECT * FROM "{TABLE}"."by_state" WHERE gpk = \'TENANT#{t}#OPEN\''
    ),
    "partiql update": lambda d, t: d.execute_statement(
        Statement=f"UPDATE \"{TABLE}\" SET seen='x' WHERE pk='TENANT#{t}' AND sk='CALL#same-call'"
    ),
    "partiql batch": lambda d, t: d.batch_execute_statement(
        Statements=[
            {"Statement": f'SELECT * FROM "{TABLE}" WHERE pk=? AND sk=?', "Parameters": [*one]}
            for one in (key("acme").values(), key(t).values())
        ]
    ),
}


@pytest.mark.parametrize("door", DOORS)
def test_the_own_items_are_reached_and_foreign_ones_refused(strict, door):
    answer = DOORS[door](strict, "acme")
    assert "acme-uk" not in str(answer)
    told = denied(DOORS[door], strict, "acme-uk")
    assert "dynamodb:" in told


@pytest.mark.parametrize("door", DOORS)
def test_foreign_keys_are_refused_without_the_null_condition_too(lenient, door):
    denied(DOORS[door], lenient, "acme-uk")


SCANS = {
    "scan": lambda d: d.scan(TableName=TABLE),
    "index scan": lambda d: d.scan(TableName=TABLE, IndexName="by_state"),
    "partiql": lambda d: d.execute_statement(Statement=f'SELECT * FROM "{TABLE}"'),
    "partiql or": lambda d: d.execute_statement(
        Statement=f"SELECT * FROM \"{TABLE}\" WHERE pk = 'TENANT#acme' OR canary = 'of-acme-uk'"
    ),
}


@pytest.mark.parametrize("scan", SCANS)
def test_what_names_no_key_is_refused_by_null_and_by_null_alone(strict, lenient, scan):
    denied(SCANS[scan], strict)
    assert "of-acme-uk" in str(SCANS[scan](lenient)["Items"])


def test_partiql_is_authorised_as_its_own_actions(secured):
    table = arn("dynamodb", f"table/{TABLE}")
    made = role(secured, "selecter", allow("dynamodb:PartiQLSelect", table))
    session = assume(secured, made).client("dynamodb")
    session.execute_statement(Statement=f'SELECT * FROM "{TABLE}"')
    insert = f"INSERT INTO \"{TABLE}\" VALUE {{'pk': 'TENANT#acme', 'sk': 'x'}}"
    told = denied(session.execute_statement, Statement=insert)
    assert f"dynamodb:PartiQLInsert on resource: {table}" in told
