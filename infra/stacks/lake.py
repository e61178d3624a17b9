"""The Glue databases and the Athena work groups; tables and views come from the jobs themselves.

`cci-lite-dbt` is not enforced: dbt-athena drops `external_location` in an enforced group, and marts
would land among query results, where they expire (security.md 4.1).
"""

from aws_cdk import Fn, Stack
from aws_cdk import aws_athena as athena
from aws_cdk import aws_glue as glue
from constructs import Construct

from contracts import names
from infra.config import bucket_name, master_key_arn, tag

GIGABYTE = 1_000_000_000


class Lake(Stack):
    """Three databases and two work groups."""

    def __init__(self, scope: Construct, name: str) -> None:
        super().__init__(scope, name)
        tag(self, "lake", "derived")
        folders = {
            names.LAKE_DATABASE: "tables",
            names.BUILD_DATABASE: "build",
            names.PUBLISHED_DATABASE: "published",
        }
        for database, folder in folders.items():
            _database(self, database, folder)
        _work_group(self, names.SHARED_WORKGROUP, enforced=True, cut_off=100 * GIGABYTE)
        _work_group(self, names.DBT_WORKGROUP, enforced=False, cut_off=1000 * GIGABYTE)


def _database(stack: Stack, name: str, folder: str) -> None:
    glue.CfnDatabase(
        stack,
        name.title().replace("_", ""),
        catalog_id=Fn.ref("AWS::AccountId"),
        database_input=glue.CfnDatabase.DatabaseInputProperty(
            name=name,
            location_uri=Fn.join("", ["s3://", bucket_name("lake"), f"/{folder}/"]),
        ),
    )


def _work_group(stack: Stack, name: str, *, enforced: bool, cut_off: int) -> None:
    location = Fn.join("", ["s3://", bucket_name("athena-staging"), f"/{name}/"])
    encryption = athena.CfnWorkGroup.EncryptionConfigurationProperty(
        encryption_option="SSE_KMS", kms_key=master_key_arn()
    )
    athena.CfnWorkGroup(
        stack,
        name.title().replace("-", ""),
        name=name,
        state="ENABLED",
        work_group_configuration=athena.CfnWorkGroup.WorkGroupConfigurationProperty(
            enforce_work_group_configuration=enforced,
            publish_cloud_watch_metrics_enabled=True,
            bytes_scanned_cutoff_per_query=cut_off,
            engine_version=athena.CfnWorkGroup.EngineVersionProperty(
                selected_engine_version="Athena engine version 3"
            ),
            result_configuration=athena.CfnWorkGroup.ResultConfigurationProperty(
                output_location=location, encryption_configuration=encryption
            ),
        ),
    )
