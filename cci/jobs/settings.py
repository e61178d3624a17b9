"""What dbt's profile reads from the environment, set for this job's process alone."""

import os


def export_profile(*, lake_bucket: str, staging_bucket: str, workgroup: str) -> None:
    """Name the buckets and the work group to `dbt_project/profiles.yml`."""
    os.environ.update(
        CCI_LAKE_BUCKET=lake_bucket,
        CCI_STAGING_BUCKET=staging_bucket,
        CCI_DBT_WORKGROUP=workgroup,
    )
