"""The texts that only Iceberg tables know -> statements."""

import pytest

from localaws.athena.failures import SyntaxRefused
from localaws.athena.grammar import read_statement
from localaws.athena.statements import AlterTable, CreateIceberg

CREATE = """
create table if not exists lake.calls (call_id string comment 'the id', cost decimal(9,4),
    labels map<string,int>)
partitioned by (`tenant_id`, bucket(4, call_id), day(`started_at`))
location 's3://lake/calls/'
tblproperties ('table_type' = 'iceberg', 'format' = 'parquet')
"""


def test_a_create_table_names_columns_transforms_location_and_properties() -> None:
    assert read_statement(CREATE, "other") == CreateIceberg(
        name=("lake", "calls"),
        columns=(
            ("call_id", "string", "the id"),
            ("cost", "decimal(9,4)", ""),
            ("labels", "map<string,int>", ""),
        ),
        if_not_exists=True,
        location="s3://lake/calls/",
        properties={"table_type": "iceberg", "format": "parquet"},
        partitioning=("tenant_id", "bucket(4, call_id)", "day(started_at)"),
    )


@pytest.mark.parametrize(
    ("text", "action"),
    [
        (
            "alter table t change column a b bigint comment 'new' after c",
            AlterTable(
                ("lake", "t"),
                "CHANGE COLUMN",
                columns=(("a", "", ""), ("b", "bigint", "new")),
                properties={"place": "after c"},
            ),
        ),
        (
            "alter table t change a a bigint first",
            AlterTable(
                ("lake", "t"),
                "CHANGE COLUMN",
                columns=(("a", "", ""), ("a", "bigint", "")),
                properties={"place": "first"},
            ),
        ),
        (
            "alter table t drop column a",
            AlterTable(("lake", "t"), "DROP COLUMN", columns=(("a", "", ""),)),
        ),
        (
            "alter table t unset tblproperties ('x', 'y')",
            AlterTable(("lake", "t"), "UNSET TBLPROPERTIES", properties={"x": "", "y": ""}),
        ),
    ],
)
def test_alter_table_knows_what_only_iceberg_tables_do(text: str, action: AlterTable) -> None:
    assert read_statement(text, "lake") == action


@pytest.mark.parametrize(
    "text",
    [
        "create table t (a int) location 's3://lake/t/' tblproperties ('table_type'='hive')",
        "create table t (a int) stored as parquet tblproperties ('table_type'='iceberg')",
        "alter table t drop column",
        "alter table t change column a",
    ],
)
def test_a_text_that_is_no_iceberg_statement_is_refused_at_the_start(text: str) -> None:
    with pytest.raises(SyntaxRefused):
        read_statement(text, "lake")
