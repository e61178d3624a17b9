"""Every property a template may hold is read back through the service's own API, or refused."""

import json

import pytest

from localaws.services import cloudformation_properties as properties
from tests.support.localaws_server import ACCOUNT, REGION, wait_until
from tests.support.stack_parts import PARTS
from tests.support.stacks import body, deploy, own, reasons, settled

pytestmark = pytest.mark.pipeline


@pytest.fixture(scope="module")
def deployed(aws):
    return deploy(aws, "every", PARTS)


def test_a_bucket_is_as_its_template(deployed):
    s3 = deployed.client("s3")
    assert own(s3.get_bucket_tagging(Bucket="one")["TagSet"]) == "x"
    rules = s3.get_bucket_ownership_controls(Bucket="one")["OwnershipControls"]["Rules"]
    assert rules == [{"ObjectOwnership": "BucketOwnerEnforced"}]
    block = s3.get_public_access_block(Bucket="one")["PublicAccessBlockConfiguration"]
    assert (block["BlockPublicAcls"], block["BlockPublicPolicy"]) == (True, True)
    assert s3.get_bucket_versioning(Bucket="one")["Status"] == "Enabled"
    assert s3.get_bucket_cors(Bucket="one")["CORSRules"][0]["AllowedMethods"] == ["PUT"]


def test_a_key_is_as_its_template(deployed):
    kms = deployed.client("kms")
    key = deployed.client("cloudformation").describe_stack_resource(
        StackName="every", LogicalResourceId="Key"
    )["StackResourceDetail"]["PhysicalResourceId"]
    assert kms.get_key_rotation_status(KeyId=key)["KeyRotationEnabled"] is True
    assert '"mine"' in kms.get_key_policy(KeyId=key, PolicyName="default")["Policy"]
    tags = kms.list_resource_tags(KeyId=key)["Tags"]
    assert own({"Key": t["TagKey"], "Value": t["TagValue"]} for t in tags) == "x"


def test_a_table_is_as_its_template(deployed):
    table = deployed.client("dynamodb").describe_table(TableName="one")["Table"]
    assert table["DeletionProtectionEnabled"] is True
    assert table["StreamSpecification"]["StreamViewType"] == "NEW_AND_OLD_IMAGES"
    tags = deployed.client("dynamodb").list_tags_of_resource(ResourceArn=table["TableArn"])
    assert own(tags["Tags"]) == "x"


def test_queue_topic_and_subscription_are_as_their_template(deployed):
    sqs, sns = deployed.client("sqs"), deployed.client("sns")
    url = sqs.get_queue_url(QueueName="one")["QueueUrl"]
    found = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
    assert ":key/" in found["KmsMasterKeyId"]
    assert found["VisibilityTimeout"] == "1800"
    assert found["ReceiveMessageWaitTimeSeconds"] == "20"
    assert found["MessageRetentionPeriod"] == "345600"
    assert json.loads(found["RedriveAllowPolicy"]) == {"redrivePermission": "denyAll"}
    topic = f"arn:aws:sns:{REGION}:{ACCOUNT}:one"
    assert ":key/" in sns.get_topic_attributes(TopicArn=topic)["Attributes"]["KmsMasterKeyId"]
    assert own(sns.list_tags_for_resource(ResourceArn=topic)["Tags"]) == "x"
    listed = sns.list_subscriptions()["Subscriptions"][0]["SubscriptionArn"]
    attributes = sns.get_subscription_attributes(SubscriptionArn=listed)["Attributes"]
    assert attributes["RawMessageDelivery"] == "true"
    assert json.loads(attributes["FilterPolicy"]) == {"a": ["b"]}
    assert "RedrivePolicy" in attributes


def test_a_rule_is_as_its_template(deployed):
    events = deployed.client("events")
    rule = events.describe_rule(Name="one")
    assert rule["State"] == "DISABLED"
    target = events.list_targets_by_rule(Rule="one")["Targets"][0]
    assert target["RetryPolicy"] == {"MaximumRetryAttempts": 2}
    assert target["DeadLetterConfig"]["Arn"].endswith(":one")
    assert own(events.list_tags_for_resource(ResourceARN=rule["Arn"])["Tags"]) == "x"


def test_a_role_is_as_its_template(deployed):
    iam = deployed.client("iam")
    found = iam.get_role(RoleName="one")["Role"]
    boundary = found["PermissionsBoundary"]["PermissionsBoundaryArn"]
    assert boundary == f"arn:aws:iam::{ACCOUNT}:policy/app/limit"
    assert (found["Path"], found["MaxSessionDuration"]) == ("/app/", 7200)
    assert own(found["Tags"]) == "x"
    assert iam.list_role_policies(RoleName="one")["PolicyNames"] == ["may"]
    attached = iam.list_attached_role_policies(RoleName="one")["AttachedPolicies"]
    assert [one["PolicyArn"] for one in attached] == [boundary]


def test_a_function_is_as_its_template(deployed):
    client = deployed.client("lambda")
    found = client.get_function(FunctionName="one")
    wanted = PARTS["Function"][1]
    kept = found["Configuration"]
    for name in (
        "Architectures",
        "Runtime",
        "Handler",
        "MemorySize",
        "Timeout",
        "EphemeralStorage",
    ):
        assert kept[name] == wanted[name]
    assert kept["TracingConfig"] == {"Mode": "Active"}
    assert kept["LoggingConfig"]["LogGroup"] == "/one"
    assert kept["Environment"]["Variables"] == {"A": "b"}
    assert kept["DeadLetterConfig"]["TargetArn"].endswith(":one")
    assert kept["Layers"][0]["Arn"].endswith("layer:one:1")
    assert found["Tags"]["Project"] == "x"
    reserved = client.get_function_concurrency(FunctionName="one")
    assert reserved["ReservedConcurrentExecutions"] == 20
    mapping = client.list_event_source_mappings(FunctionName="one")["EventSourceMappings"][0]
    assert mapping["ScalingConfig"] == {"MaximumConcurrency": 50}
    assert mapping["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
    assert client.list_tags(Resource=mapping["EventSourceMappingArn"])["Tags"] == {"Project": "x"}
    assert (mapping["BatchSize"], mapping["MaximumBatchingWindowInSeconds"]) == (10, 5)


def test_logs_and_alarms_are_as_their_template(deployed):
    logs, watch = deployed.client("logs"), deployed.client("cloudwatch")
    group = logs.describe_log_groups(logGroupNamePrefix="/one")["logGroups"][0]
    assert group["retentionInDays"] == 30
    assert ":key/" in group["kmsKeyId"]
    saved = logs.describe_query_definitions(queryDefinitionNamePrefix="err")["queryDefinitions"]
    assert saved[0]["logGroupNames"] == ["/one"]
    filters = logs.describe_metric_filters(logGroupName="/one")["metricFilters"]
    assert filters[0]["filterPattern"] == "ERROR"
    found = watch.describe_alarms(AlarmTypes=["MetricAlarm", "CompositeAlarm"])
    alarm, both = found["MetricAlarms"][0], found["CompositeAlarms"][0]
    assert (alarm["DatapointsToAlarm"], alarm["TreatMissingData"]) == (2, "breaching")
    assert alarm["AlarmActions"] == both["AlarmActions"]
    assert both["AlarmRule"] == "ALARM(one)"


def test_trail_and_budget_are_as_their_template(deployed):
    trails = deployed.client("cloudtrail")
    trail = trails.get_trail(Name="one")["Trail"]
    assert trail["S3BucketName"] == "one"
    assert trail["LogFileValidationEnabled"] is False
    assert ":key/" in trail["KmsKeyId"]
    assert trails.get_trail_status(Name="one")["IsLogging"] is True
    selectors = trails.get_event_selectors(TrailName="one")["AdvancedEventSelectors"]
    assert selectors[0]["Name"] == "writes"
    budgets, named = deployed.client("budgets"), {"AccountId": ACCOUNT, "BudgetName": "monthly"}
    budget = budgets.describe_budget(**named)["Budget"]
    assert budget["BudgetLimit"] == {"Amount": "100", "Unit": "USD"}
    notices = budgets.describe_notifications_for_budget(**named)["Notifications"]
    assert notices[0]["Threshold"] == 50


def test_statements_and_questions_are_as_their_template(deployed):
    athena = deployed.client("athena")
    statement = athena.get_prepared_statement(StatementName="one", WorkGroup="one")
    assert statement["PreparedStatement"]["QueryStatement"] == "select ? as a"
    ids = athena.list_named_queries(WorkGroup="one")["NamedQueryIds"]
    assert athena.get_named_query(NamedQueryId=ids[0])["NamedQuery"]["QueryString"] == "select 1"


def test_an_update_and_a_removal_reach_the_services(deployed):
    formation = deployed.client("cloudformation")
    changed = json.loads(body(**PARTS))["Resources"]
    del changed["Role"]["Properties"]["PermissionsBoundary"]
    del changed["Function"]["Properties"]["ReservedConcurrentExecutions"]
    changed["Both"]["Properties"]["AlarmRule"] = {"Fn::Sub": "OK(${Alarm})"}
    changed["Trail"]["Properties"]["IsLogging"] = False
    changed["Budget"]["Properties"]["Budget"]["BudgetLimit"]["Amount"] = 200
    changed["Prepared"]["Properties"]["QueryStatement"] = "select ? as b"
    changed["Table"]["Properties"]["DeletionProtectionEnabled"] = False
    del changed["Bucket"]["Properties"]["Tags"]
    template = json.dumps({"Resources": changed})
    formation.update_stack(
        StackName="every", TemplateBody=template, Capabilities=["CAPABILITY_NAMED_IAM"]
    )
    assert settled(deployed, "every") == "UPDATE_COMPLETE", reasons(deployed, "every")
    assert "PermissionsBoundary" not in deployed.client("iam").get_role(RoleName="one")["Role"]
    reserved = deployed.client("lambda").get_function_concurrency(FunctionName="one")
    assert "ReservedConcurrentExecutions" not in reserved
    found = deployed.client("cloudwatch").describe_alarms(AlarmTypes=["CompositeAlarm"])
    assert found["CompositeAlarms"][0]["AlarmRule"] == "OK(one)"
    assert deployed.client("cloudtrail").get_trail_status(Name="one")["IsLogging"] is False
    named = {"AccountId": ACCOUNT, "BudgetName": "monthly"}
    budget = deployed.client("budgets").describe_budget(**named)["Budget"]
    assert float(budget["BudgetLimit"]["Amount"]) == 200
    statement = {"StatementName": "one", "WorkGroup": "one"}
    prepared = deployed.client("athena").get_prepared_statement(**statement)["PreparedStatement"]
    assert prepared["QueryStatement"] == "select ? as b"
    formation.delete_stack(StackName="every")
    wait_until(lambda: deployed.client("cloudtrail").list_trails()["Trails"] == [])
    wait_until(lambda: deployed.client("iam").list_roles()["Roles"] == [], seconds=30)
    assert deployed.client("cloudwatch").describe_alarms()["MetricAlarms"] == []


@pytest.mark.parametrize(
    ("kind", "given", "named"),
    [
        ("S3::Bucket", {"AccelerateConfiguration": {"x": 1}}, "AccelerateConfiguration"),
        ("ECS::Cluster", {}, "AWS::ECS::Cluster"),
        (
            "SecretsManager::Secret",
            {"GenerateSecretString": {"ExcludePunctuation": True}},
            "GenerateSecretString.ExcludePunctuation",
        ),
        ("CloudTrail::Trail", {"S3BucketName": "x", "IsLogging": True, "Moon": 1}, "Moon"),
    ],
)
def test_what_would_be_dropped_fails_the_stack_by_name(aws, kind, given, named):
    stack = f"odd-{kind.replace('::', '-')}"
    aws.client("cloudformation").create_stack(StackName=stack, TemplateBody=body(Odd=(kind, given)))
    assert settled(aws, stack) == "ROLLBACK_COMPLETE"
    assert named in reasons(aws, stack)


def test_what_has_no_effect_here_says_why():
    for (kind, name), why in properties.WITHOUT_EFFECT.items():
        assert name in properties.APPLIED[kind]
        assert len(why) > 20
