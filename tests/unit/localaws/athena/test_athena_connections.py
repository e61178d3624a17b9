"""The database each query gets: what all have in common, and what none sees of another."""

import duckdb
import pytest

from localaws.athena.connections import connected, plain, use_s3
from localaws.caller import Caller

CALLER = Caller("http://127.0.0.1:1", "eu-central-1", "000000000000", "test", "test")


def test_the_macros_answer_in_every_database_of_a_process(tmp_path):
    for _ in range(2):
        connection = connected(tmp_path)
        asked = "SELECT integer_divide(7, 2), CAST(TIMESTAMPTZ '2026-01-01 00:00:00 UTC' AS TEXT)"
        assert connection.execute(asked).fetchone() == (3, "2026-01-01 00:00:00+00")


def test_a_query_sees_no_relation_function_or_secret_of_another(tmp_path):
    first, second = connected(tmp_path), connected(tmp_path)
    use_s3(first, CALLER)
    first.execute("CREATE TEMP TABLE kept AS SELECT 1 AS a")
    first.create_function("counted", lambda value: value, ["BIGINT"], "BIGINT")
    assert second.execute("SELECT name FROM duckdb_secrets()").fetchall() == []
    for text in ("SELECT * FROM kept", "SELECT counted(1)"):
        with pytest.raises(duckdb.CatalogException):
            second.execute(text)


def test_nothing_can_be_written_beside_the_macros(tmp_path):
    with pytest.raises(duckdb.Error, match="read-only"):
        plain(tmp_path).execute("CREATE TABLE macros.kept AS SELECT 1 AS a")
