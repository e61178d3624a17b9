"""The small types of a template, read back property by property: made, changed, taken away."""

import json

import pytest
from botocore.exceptions import ClientError

from localaws.services import cloudformation_properties as properties
from tests.support import stack_parts
from tests.support.localaws_server import ACCOUNT, REGION, wait_until
from tests.support.localaws_template import template
from tests.support.small_stack_parts import COLUMN, PARTS, RULE
from tests.support.stacks import body, deploy, own, reasons, settled

pytestmark = pytest.mark.pipeline


def changed():
    """Return the template with another value in each type that may change in place."""
    found = json.loads(body(**PARTS))
    given = {name: one["Properties"] for name, one in found["Resources"].items()}
    given["Word"].update(Value="b", Description="e", Tags={"A": "c"})
    given["Secret"].update(SecretString="t", Description="e")
    given["Role"]["Description"] = "e"
    given["Rights"]["PolicyDocument"]["Statement"][0]["Action"] = "sqs:*"
    given["Permission"]["Principal"] = "sns.amazonaws.com"
    given["Stream"]["LogStreamName"] = "two"
    given["Base"]["DatabaseInput"]["Description"] = "e"
    given["Calls"]["TableInput"]["Parameters"] = {"classification": "json"}
    given["Day"]["PartitionInput"]["Parameters"] = {"rows": "2"}
    given["Rule"].update(Description="e", EventPattern={"source": ["y"]})
    given["Timer"]["ScheduleExpression"] = "rate(2 days)"
    given["Board"]["DashboardBody"] = '{"widgets": [1]}'
    given["Queue"].update(DelaySeconds=4, MaximumMessageSize=4096)
    given["QueuePolicy"]["PolicyDocument"]["Statement"][0]["Sid"] = "changed"
    given["Topic"]["DisplayName"] = "other"
    given["TopicPolicy"]["PolicyDocument"]["Statement"][0]["Sid"] = "changed"
    given["BucketPolicy"]["PolicyDocument"]["Statement"][0]["Action"] = "s3:PutObject"
    return json.dumps(found)


@pytest.fixture(scope="module")
def deployed(aws):
    return deploy(aws, "small", PARTS)


def words(aws):
    """Return every property of the words, secrets, rights, logs and tables as the APIs tell it."""
    ssm, secrets, iam = aws.client("ssm"), aws.client("secretsmanager"), aws.client("iam")
    glue, logs = aws.client("glue"), aws.client("logs")
    word = ssm.get_parameter(Name="/one")["Parameter"]
    listed = ssm.describe_parameters()["Parameters"][0]
    tagged = ssm.list_tags_for_resource(ResourceType="Parameter", ResourceId="/one")["TagList"]
    tags = {one["Key"]: one["Value"] for one in tagged}
    secret = secrets.describe_secret(SecretId="one")
    granted = json.loads(aws.client("lambda").get_policy(FunctionName="one")["Policy"])
    base, table = (
        glue.get_database(Name="one")["Database"],
        glue.get_table(DatabaseName="one", Name="calls")["Table"],
    )
    day = glue.get_partition(DatabaseName="one", TableName="calls", PartitionValues=["2026-01-01"])[
        "Partition"
    ]
    streams = logs.describe_log_streams(logGroupName="/one")["logStreams"]
    return {
        "word": (word["Type"], word["Value"], listed["Description"], tags["A"]),
        "secret": (
            secrets.get_secret_value(SecretId="one")["SecretString"],
            secret["Description"],
            own(secret["Tags"]),
        ),
        "role": iam.get_role(RoleName="one")["Role"]["Description"],
        "rights": iam.get_role_policy(RoleName="one", PolicyName="own")["PolicyDocument"][
            "Statement"
        ][0]["Action"],
        "permission": [
            (one["Action"], one["Principal"]["Service"], one["Condition"])
            for one in granted["Statement"]
        ],
        "streams": [one["logStreamName"] for one in streams],
        "base": (base["Description"], base["LocationUri"], base["CatalogId"]),
        "table": (table["Owner"], table["Parameters"]["classification"], table["PartitionKeys"]),
        "stored": (table["StorageDescriptor"]["Columns"], table["TableType"], table["CatalogId"]),
        "day": (day["Parameters"]["rows"], day["StorageDescriptor"]["Location"]),
    }


def messages(aws):
    """Return every property of buses, boards, queues, topics and policies as the APIs tell it."""
    events, sqs, sns = aws.client("events"), aws.client("sqs"), aws.client("sns")
    rule = events.describe_rule(Name="one", EventBusName="one")
    url = sqs.get_queue_url(QueueName="one")["QueueUrl"]
    queue = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
    topic_arn = f"arn:aws:sns:{REGION}:{ACCOUNT}:one"
    topic = sns.get_topic_attributes(TopicArn=topic_arn)["Attributes"]
    heard = sns.list_subscriptions_by_topic(TopicArn=topic_arn)["Subscriptions"]
    bus = events.describe_event_bus(Name="one")["Arn"]
    board = aws.client("cloudwatch").get_dashboard(DashboardName="one")
    opened = json.loads(aws.client("s3").get_bucket_policy(Bucket="one")["Policy"])
    return {
        "rule": (rule["Description"], json.loads(rule["EventPattern"]), rule["State"]),
        "timer": events.describe_rule(Name="timer")["ScheduleExpression"],
        "board": json.loads(board["DashboardBody"]),
        "queue": (
            queue["DelaySeconds"],
            queue["MaximumMessageSize"],
            queue["KmsDataKeyReusePeriodSeconds"],
            json.loads(queue["RedrivePolicy"])["maxReceiveCount"],
        ),
        "topic": (topic["DisplayName"], sorted(one["Endpoint"] for one in heard)),
        "bus": own(events.list_tags_for_resource(ResourceARN=bus)["Tags"]),
        "policies": [json.loads(one["Policy"])["Statement"][0]["Sid"] for one in (queue, topic)],
        "bucket": opened["Statement"][0]["Action"],
    }


SOURCE = {
    "StringEquals": {"AWS:SourceAccount": ACCOUNT},
    "ArnLike": {"AWS:SourceArn": RULE},
}
DEAD = f"arn:aws:sqs:{REGION}:{ACCOUNT}:dead"
QUEUE = f"arn:aws:sqs:{REGION}:{ACCOUNT}:one"


def test_words_secrets_rights_logs_and_tables_are_as_their_template(deployed):
    assert words(deployed) == {
        "word": ("String", "a", "d", "b"),
        "secret": ("s", "d", "x"),
        "role": "d",
        "rights": "s3:*",
        "permission": [("lambda:InvokeFunction", "events.amazonaws.com", SOURCE)],
        "streams": ["one"],
        "base": ("d", "s3://lake/", ACCOUNT),
        "table": ("o", "parquet", [{"Name": "dt", "Type": "string"}]),
        "stored": ([COLUMN], "EXTERNAL_TABLE", ACCOUNT),
        "day": ("1", "s3://lake/calls/dt=2026-01-01/"),
    }
    secrets, kms = deployed.client("secretsmanager"), deployed.client("kms")
    made = json.loads(secrets.get_secret_value(SecretId="made")["SecretString"])
    assert (made["user"], len(made["word"]), set(made["word"]) & set("abc")) == ("u", 40, set())
    key = kms.describe_key(KeyId="alias/one")["KeyMetadata"]
    assert (key["KeySpec"], key["KeyManager"]) == ("SYMMETRIC_DEFAULT", "CUSTOMER")
    assert secrets.describe_secret(SecretId="one")["KmsKeyId"] == key["KeyId"]
    function = deployed.client("lambda").get_function_configuration(FunctionName="one")
    assert (function["Description"], function["PackageType"]) == ("d", "Zip")


def test_buses_boards_queues_topics_and_policies_are_as_their_template(deployed):
    assert messages(deployed) == {
        "rule": ("d", {"source": ["x"]}, "ENABLED"),
        "timer": "rate(1 day)",
        "board": {"widgets": []},
        "queue": ("3", "2048", "600", 3),
        "topic": ("shown", [DEAD, QUEUE]),
        "bus": "x",
        "policies": ["mine", "mine"],
        "bucket": "s3:GetObject",
    }


def test_keys_policies_layers_tables_and_alarms_are_as_their_template(deployed):
    kms, iam = deployed.client("kms"), deployed.client("iam")
    assert kms.describe_key(KeyId="alias/off")["KeyMetadata"]["KeyState"] == "Disabled"
    limit = iam.get_policy(PolicyArn=f"arn:aws:iam::{ACCOUNT}:policy/limit")["Policy"]
    attached = iam.list_attached_role_policies(RoleName="one")["AttachedPolicies"]
    assert (limit["Description"], attached[0]["PolicyName"]) == ("d", "limit")
    layer = deployed.client("lambda").get_layer_version(LayerName="one", VersionNumber=1)
    assert (layer["Description"], layer["LicenseInfo"]) == ("d", "MIT")
    table = deployed.client("dynamodb").describe_table(TableName="one")["Table"]
    assert table["ProvisionedThroughput"]["ReadCapacityUnits"] == 3
    assert table["LocalSecondaryIndexes"][0]["KeySchema"][1]["AttributeName"] == "other"
    found = deployed.client("lambda").list_event_source_mappings(FunctionName="one")
    mapping = found["EventSourceMappings"][0]
    assert (mapping["State"], mapping["StartingPosition"]) == ("Disabled", "LATEST")
    assert mapping["MaximumRetryAttempts"] == 2
    assert "INSERT" in mapping["FilterCriteria"]["Filters"][0]["Pattern"]
    alarm = deployed.client("cloudwatch").describe_alarms(AlarmNames=["one"])["MetricAlarms"][0]
    assert (alarm["AlarmDescription"], alarm["ActionsEnabled"]) == ("d", False)
    assert (alarm["ExtendedStatistic"], alarm["Unit"]) == ("p95", "Seconds")
    assert alarm["Dimensions"] == [{"Name": "Stage", "Value": "judge"}]
    topic = f"arn:aws:sns:{REGION}:{ACCOUNT}:one"
    assert (alarm["OKActions"], alarm["InsufficientDataActions"]) == ([topic], [topic])
    sns = deployed.client("sns")
    heard = sns.list_subscriptions_by_topic(TopicArn=topic)["Subscriptions"]
    (dead,) = [one["SubscriptionArn"] for one in heard if one["Endpoint"] == DEAD]
    attributes = sns.get_subscription_attributes(SubscriptionArn=dead)["Attributes"]
    assert attributes["FilterPolicyScope"] == "MessageBody"


def test_each_change_reaches_its_service_and_a_removal_leaves_nothing(deployed):
    formation = deployed.client("cloudformation")
    formation.update_stack(
        StackName="small", TemplateBody=changed(), Capabilities=["CAPABILITY_NAMED_IAM"]
    )
    assert settled(deployed, "small") == "UPDATE_COMPLETE", reasons(deployed, "small")
    found = words(deployed)
    assert (found["word"], found["secret"]) == (("String", "b", "e", "c"), ("t", "e", "x"))
    assert (found["role"], found["rights"], found["streams"]) == ("e", "sqs:*", ["two"])
    assert [one[1] for one in found["permission"]] == ["sns.amazonaws.com"]
    assert (found["base"][0], found["table"][1], found["day"][0]) == ("e", "json", "2")
    assert messages(deployed) == {
        "rule": ("e", {"source": ["y"]}, "ENABLED"),
        "timer": "rate(2 days)",
        "board": {"widgets": [1]},
        "queue": ("4", "4096", "600", 3),
        "topic": ("other", [DEAD, QUEUE]),
        "bus": "x",
        "policies": ["changed", "changed"],
        "bucket": "s3:PutObject",
    }
    formation.delete_stack(StackName="small")
    wait_until(lambda: gone(deployed), seconds=60)


def gone(aws):
    key = [one["AliasName"] for one in aws.client("kms").list_aliases()["Aliases"]]
    buses = [one["Name"] for one in aws.client("events").list_event_buses()["EventBuses"]]
    left = (
        [name for name in key if not name.startswith("alias/aws/")],
        aws.client("ssm").describe_parameters()["Parameters"],
        aws.client("secretsmanager").list_secrets()["SecretList"],
        aws.client("iam").list_roles()["Roles"],
        aws.client("lambda").list_functions()["Functions"],
        aws.client("logs").describe_log_groups()["logGroups"],
        [one["Name"] for one in aws.client("glue").get_databases()["DatabaseList"]],
        [name for name in buses if name != "default"],
        aws.client("events").list_rules()["Rules"],
        aws.client("cloudwatch").list_dashboards()["DashboardEntries"],
        aws.client("sqs").list_queues().get("QueueUrls", []),
        aws.client("sns").list_topics()["Topics"],
    )
    return not any(left)


def test_a_permission_for_a_function_that_is_not_there_fails_the_stack(aws):
    given = {"Action": "lambda:InvokeFunction", "FunctionName": "none", "Principal": "x"}
    aws.client("cloudformation").create_stack(
        StackName="nobody", TemplateBody=body(May=("Lambda::Permission", given))
    )
    assert settled(aws, "nobody") == "ROLLBACK_COMPLETE"
    assert "none" in reasons(aws, "nobody")
    with pytest.raises(ClientError):
        aws.client("lambda").get_policy(FunctionName="none")


def test_every_property_that_is_applied_is_in_a_template_that_was_read_back():
    parts = [*PARTS.values(), *stack_parts.PARTS.values()]
    parts += [(one["Type"], one["Properties"]) for one in template()["Resources"].values()]
    written = {(kind.removeprefix("AWS::"), name) for kind, given in parts for name in given}
    written |= {(kind.removeprefix("AWS::"), name) for kind, name in properties.WITHOUT_EFFECT}
    left = [
        f"{kind} {name}"
        for kind, names in properties.APPLIED.items()
        for name in sorted(names)
        if (kind.removeprefix("AWS::"), name) not in written
    ]
    assert left == []
