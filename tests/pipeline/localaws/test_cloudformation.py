"""A template of every kind of resource the product has: deployed, read back, changed, deleted."""

import json

import pytest

from tests.support.localaws_scenes import bucket, zipped
from tests.support.localaws_server import wait_until
from tests.support.localaws_template import KEYS, template

pytestmark = pytest.mark.pipeline


@pytest.fixture(scope="module")
def deployed(aws):
    bucket(aws, "artefacts")
    code = zipped({"handlers.py": "def handle(event, context):\n    return {'got': event}\n"})
    aws.client("s3").put_object(Bucket="artefacts", Key="code.zip", Body=code)
    aws.client("s3").put_object(Bucket="artefacts", Key="job.py", Body=b"print(1)")
    assert change(aws, "keys", KEYS, "CREATE", 1) == "CREATE_COMPLETE"
    assert change(aws, "main", template(), "CREATE", 1) == "CREATE_COMPLETE"
    return aws


def change(aws, stack, body, kind, number, **parameters):
    """Make and execute one change set; return the stack's final state, or why there is none."""
    formation = aws.client("cloudformation")
    named = {"StackName": stack, "ChangeSetName": f"change-{number}"}
    formation.create_change_set(
        **named,
        ChangeSetType=kind,
        TemplateBody=json.dumps(body),
        Capabilities=["CAPABILITY_NAMED_IAM"],
        Parameters=[{"ParameterKey": k, "ParameterValue": v} for k, v in parameters.items()],
    )
    found = wait_until(lambda: settled(formation.describe_change_set(**named)))
    if found["Status"] == "FAILED":
        return found["StatusReason"]
    formation.execute_change_set(**named)

    def ended():
        state = formation.describe_stacks(StackName=stack)["Stacks"][0]["StackStatus"]
        return state if not state.endswith("_IN_PROGRESS") else None

    return wait_until(ended, seconds=60)


def settled(described):
    return described if described["Status"] in ("CREATE_COMPLETE", "FAILED") else None


NAME = "input-000000000000-eu-central-1"


def test_a_bucket_keeps_its_lifecycle_and_encryption(deployed):
    s3 = deployed.client("s3")
    rules = s3.get_bucket_lifecycle_configuration(Bucket=NAME)["Rules"]
    assert rules[0]["Expiration"] == {"Days": 1}
    default = s3.get_bucket_encryption(Bucket=NAME)["ServerSideEncryptionConfiguration"]["Rules"][0]
    assert default["BucketKeyEnabled"] is True
    assert ":key/" in default["ApplyServerSideEncryptionByDefault"]["KMSMasterKeyID"]
    assert "EventBridgeConfiguration" in s3.get_bucket_notification_configuration(Bucket=NAME)


def test_a_table_keeps_its_expiry_recovery_and_encryption(deployed):
    dynamodb = deployed.client("dynamodb")
    expiry = dynamodb.describe_time_to_live(TableName="calls")["TimeToLiveDescription"]
    assert expiry["AttributeName"] == "expires_at"
    backups = dynamodb.describe_continuous_backups(TableName="calls")
    recovery = backups["ContinuousBackupsDescription"]["PointInTimeRecoveryDescription"]
    assert recovery["PointInTimeRecoveryStatus"] == "ENABLED"
    table = dynamodb.describe_table(TableName="calls")["Table"]
    assert table["SSEDescription"]["SSEType"] == "KMS"


def test_inline_policies_are_attached(deployed):
    sqs = deployed.client("sqs")
    url = sqs.get_queue_url(QueueName="dead")["QueueUrl"]
    found = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["Policy"])
    assert "sqs" in json.loads(found["Attributes"]["Policy"])["Statement"][0]["Resource"]
    topics = deployed.client("sns")
    alarms = "arn:aws:sns:eu-central-1:000000000000:alarms"
    policies = topics.get_topic_attributes(TopicArn=alarms)["Attributes"]["Policy"]
    assert json.loads(policies)["Statement"][0]["Resource"] == alarms


def test_glue_and_athena_stand_as_the_template_says(deployed):
    glue = deployed.client("glue")
    job = glue.get_job(JobName="flatten")["Job"]
    assert (job["Timeout"], job["SecurityConfiguration"]) == (1, "glue")
    tagged = glue.get_tags(ResourceArn="arn:aws:glue:eu-central-1:000000000000:job/flatten")
    assert tagged["Tags"] == {"Project": "x"}
    trigger = glue.get_trigger(Name="at-two")["Trigger"]
    assert (trigger["State"], trigger["WorkflowName"]) == ("ACTIVATED", "nightly")
    group = deployed.client("athena").get_work_group(WorkGroup="shared")["WorkGroup"]
    assert group["Configuration"]["EnforceWorkGroupConfiguration"] is True


def test_a_lambda_of_another_python_runs_here(deployed):
    answer = deployed.client("lambda").invoke(FunctionName="worker", Payload=b'{"a": 1}')
    assert json.loads(answer["Payload"].read()) == {"got": {"a": 1}}


def test_an_update_changes_only_what_changed_and_an_empty_one_says_so(deployed):
    assert "didn't contain changes" in change(deployed, "main", template(), "UPDATE", 2)
    assert change(deployed, "main", template(), "UPDATE", 3, Days="3") == "UPDATE_COMPLETE"
    rules = deployed.client("s3").get_bucket_lifecycle_configuration(Bucket=NAME)["Rules"]
    assert rules[0]["Expiration"] == {"Days": 3}
    assert deployed.client("glue").get_job(JobName="flatten")["Job"]["Timeout"] == 3


def test_a_property_nobody_would_apply_fails_the_stack(deployed):
    body = {"Resources": {"W": {"Type": "AWS::Glue::Workflow", "Properties": {"Colour": "red"}}}}
    assert change(deployed, "odd", body, "CREATE", 1) == "ROLLBACK_COMPLETE"
    events = deployed.client("cloudformation").describe_stack_events(StackName="odd")["StackEvents"]
    assert any("Colour" in event.get("ResourceStatusReason", "") for event in events)


def test_a_deleted_stack_leaves_nothing(deployed):
    formation = deployed.client("cloudformation")
    formation.delete_stack(StackName="main")
    summaries = formation.list_stacks
    wait_until(
        lambda: any(
            stack["StackName"] == "main" and stack["StackStatus"] == "DELETE_COMPLETE"
            for stack in summaries()["StackSummaries"]
        )
    )
    glue = deployed.client("glue")
    assert glue.list_jobs()["JobNames"] == []
    assert glue.list_workflows()["Workflows"] == []
    assert glue.list_triggers()["TriggerNames"] == []
