"""Athena's writing statements become Trino's, and their queries keep their place."""

from typing import Any

import pytest

from localaws.athena import trino_text
from localaws.athena.failures import QueryFailed
from localaws.athena.grammar import read_statement
from localaws.athena.statements import CreateTableAs, Explain, Insert, Optimize, Unload


def _read(text: str) -> Any:
    return read_statement(text, "lake")


def _created(properties: str) -> trino_text.TrinoText:
    statement = _read(f"create table t with ({properties}) as select 1 as a")
    assert isinstance(statement, CreateTableAs)
    return trino_text.create_table(statement, "s3://b/t/")


def test_a_hive_table_is_parquet_in_gzip_at_a_given_place() -> None:
    found = trino_text.create_table(_read("create table d.t as select 1 as a"), "s3://b/t/")
    assert found.sql == (
        'CREATE TABLE "awsdatacatalog"."d"."t" WITH (format = \'PARQUET\', '
        "external_location = 's3://b/t/') AS select 1 as a"
    )
    assert found.session == {"awsdatacatalog.compression_codec": "GZIP"}


def test_properties_of_a_hive_table_take_trinos_names() -> None:
    found = _created(
        "format = 'textfile', field_delimiter = '|', write_compression = 'UNCOMPRESSED', "
        "partitioned_by = array['p', 'it''s'], bucketed_by = array['a'], bucket_count = 4"
    )
    assert (
        "format = 'TEXTFILE', external_location = 's3://b/t/', "
        "partitioned_by = ARRAY['p', 'it''s'], bucketed_by = ARRAY['a'], bucket_count = 4, "
        "textfile_field_separator = '|'"
    ) in found.sql
    assert found.session == {"awsdatacatalog.compression_codec": "NONE"}


def test_an_iceberg_table_is_made_in_its_catalog_and_keeps_what_vacuum_needs() -> None:
    found = _created(
        "table_type = 'ICEBERG', is_external = false, partitioning = array['day(t)'], "
        "vacuum_max_snapshot_age_seconds = 60"
    )
    assert found.sql.startswith('CREATE TABLE "iceberg"."lake"."t" WITH (')
    assert "location = 's3://b/t', partitioning = ARRAY['day(t)']" in found.sql
    kept = "MAP(ARRAY['vacuum_max_snapshot_age_seconds'], ARRAY['60'])"
    assert f"extra_properties = {kept}" in found.sql
    assert found.session == {"iceberg.compression_codec": "ZSTD"}


@pytest.mark.parametrize(
    "property_", ["colour = 'red'", "table_type = 'ICEBERG', bucket_count = 1"]
)
def test_an_unknown_property_is_refused_by_name(property_: str) -> None:
    with pytest.raises(QueryFailed, match=r"INVALID_TABLE_PROPERTY: .*'(colour|bucket_count)'"):
        _created(property_)


def test_an_unload_writes_through_a_passing_table() -> None:
    statement = _read("unload (select 1 as a) to 's3://b/u/' with (format = 'JSON')")
    assert isinstance(statement, Unload)
    found = trino_text.unload(statement, ("passing", "rows"))
    assert found.sql.endswith(
        "WITH (format = 'JSON', external_location = 's3://b/u/') AS select 1 as a"
    )
    with pytest.raises(QueryFailed, match="UNLOAD needs the property format"):
        trino_text.unload(Unload("select 1 as a", "s3://b/u/", {}), ("passing", "rows"))


def test_an_insert_names_its_columns() -> None:
    statement = _read("insert into d.t (a, \"b c\") select 1, 'x'")
    assert isinstance(statement, Insert)
    expected = 'INSERT INTO "awsdatacatalog"."d"."t" ("a", "b c") select 1, \'x\''
    assert trino_text.insert(statement).sql == expected


def test_maintenance_takes_the_tables_own_age() -> None:
    statement = _read("optimize t rewrite data using bin_pack where p = 1")
    assert isinstance(statement, Optimize)
    expected = 'ALTER TABLE "iceberg"."lake"."t" EXECUTE optimize WHERE p = 1'
    assert trino_text.optimize(statement).sql == expected
    steps = trino_text.vacuum(("lake", "t"), {"vacuum_max_snapshot_age_seconds": "60"})
    assert [step.sql.partition("EXECUTE ")[2] for step in steps] == [
        "expire_snapshots(retention_threshold => '60s')",
        "remove_orphan_files(retention_threshold => '60s')",
    ]
    assert "432000s" in trino_text.vacuum(("lake", "t"), {})[0].sql


def test_words_before_a_query_take_its_blanks() -> None:
    statement = _read("explain (type validate) select x\nfrom t")
    assert isinstance(statement, Explain)
    found = trino_text.explain(statement).sql
    assert found == "EXPLAIN (TYPE VALIDATE) select x\nfrom t"
    assert trino_text.placed("CREATE TABLE t AS ", "  \n select 1") == (
        "  \nCREATE TABLE t AS select 1"
    )
