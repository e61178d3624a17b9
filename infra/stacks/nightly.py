"""The night: flatten, then dbt, then publish, each only after the one before succeeded.

`cci nightly` starts the same workflow by hand.
"""

from collections.abc import Mapping
from typing import Final

from aws_cdk import CfnParameter, Fn, Stack
from aws_cdk import aws_glue as glue
from constructs import Construct

from contracts import names
from infra.config import bucket_name, role_arn, tag

ENTRIES: Final = {
    names.FLATTEN_JOB: ("transforms.flatten", 120),
    names.DBT_JOB: ("cci.jobs.dbt", 120),
    names.PUBLISH_JOB: ("cci.jobs.publish", 90),
}


class Nightly(Stack):
    """The workflow `cci-lite-nightly`, its three jobs and its triggers."""

    def __init__(self, scope: Construct, name: str, code: Mapping[str, str]) -> None:
        super().__init__(scope, name)
        tag(self, "nightly", "derived")
        schedule = CfnParameter(
            self,
            "NightlySchedule",
            type="String",
            default="cron(0 2 * * ? *)",
            description="When the night starts, UTC",
        )
        workflow = glue.CfnWorkflow(self, "Workflow", name=names.NIGHTLY, max_concurrent_runs=1)
        jobs = [_job(self, job, code) for job in ENTRIES]
        first, *rest = jobs
        start = _trigger(self, "start", first, None)
        start.schedule = schedule.value_as_string
        start.add_resource_dependency(workflow)
        for before, job in zip(jobs, rest, strict=False):
            _trigger(self, f"after-{before.name}", job, before).add_resource_dependency(workflow)


def _job(stack: Stack, name: str, code: Mapping[str, str]) -> glue.CfnJob:
    entry, minutes = ENTRIES[name]
    return glue.CfnJob(
        stack,
        name.title().replace("-", ""),
        name=name,
        role=role_arn(name),
        glue_version="6.0",
        worker_type="G.1X",
        number_of_workers=2,
        timeout=minutes,
        max_retries=0,
        execution_property=glue.CfnJob.ExecutionPropertyProperty(max_concurrent_runs=1),
        command=glue.CfnJob.JobCommandProperty(
            name="glueetl", python_version="3", script_location=_artifact(code["glue_main.py"])
        ),
        default_arguments={
            "--entry": entry,
            "--extra-py-files": _artifact(code["glue_packages.zip"]),
            **_arguments(name, code),
        },
    )


def _arguments(job: str, code: Mapping[str, str]) -> dict[str, str]:
    tables = {"--config-table": names.CONFIG_TABLE, "--ledger-table": names.LEDGER_TABLE}
    lake = {"--lake-bucket": bucket_name("lake"), **tables}
    staging = {"--staging-bucket": bucket_name("athena-staging")}
    return {
        names.FLATTEN_JOB: {**lake, "--results-bucket": bucket_name("results")},
        names.DBT_JOB: {
            **lake,
            **staging,
            "--workgroup": names.DBT_WORKGROUP,
            "--project": _artifact(code["dbt_project.zip"]),
        },
        names.PUBLISH_JOB: {**lake, **staging, "--workgroup": names.SHARED_WORKGROUP},
    }[job]


def _artifact(key: str) -> str:
    return Fn.join("", ["s3://", bucket_name("artifacts"), f"/{key}"])


def _trigger(
    stack: Stack, name: str, job: glue.CfnJob, before: glue.CfnJob | None
) -> glue.CfnTrigger:
    predicate = None
    if before is not None:
        condition = glue.CfnTrigger.ConditionProperty(
            logical_operator="EQUALS", job_name=before.ref, state="SUCCEEDED"
        )
        predicate = glue.CfnTrigger.PredicateProperty(logical="AND", conditions=[condition])
    return glue.CfnTrigger(
        stack,
        "Trigger" + name.title().replace("-", ""),
        name=f"{names.NIGHTLY}-{name.removeprefix('after-cci-lite-')}",
        type="CONDITIONAL" if before is not None else "SCHEDULED",
        workflow_name=names.NIGHTLY,
        start_on_creation=True,
        actions=[glue.CfnTrigger.ActionProperty(job_name=job.ref)],
        predicate=predicate,
    )
