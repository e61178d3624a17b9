"""How many bytes a query scans: footers, used columns, row groups in bounds, no file twice."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pyarrow.parquet as pq
import pytest

from localaws.athena import dialect
from localaws.athena.partitions import DataFile
from localaws.athena.scanned import scanned_bytes, used_columns
from localaws.athena.tables import Table
from localaws.athena.trino_types import parse
from tests.support.athena_statements import MemoryTables, conditions

GROUPS = 3
ROWS_OF_GROUP = 2048
PARQUET = {"StorageDescriptor": {"InputFormat": "MapredParquetInputFormat"}}


@dataclass(frozen=True)
class Lake:
    """One Parquet file of three row groups: turns 0-2047, 2048-4095, 4096-6143."""

    connection: Any
    path: str

    def scanned(self, sql: str, files: int = 1, glue: Any = None) -> int:
        columns = (("turns", parse("int")), ("call_id", parse("string")))
        table = Table("lake", "calls", columns, (), glue=glue or PARQUET)
        size = Path(self.path).stat().st_size
        each = [DataFile(self.path, size, (str(i),)) for i in range(files)]
        used = used_columns(dialect.translate(dialect.parse(sql), "lake", MemoryTables()).trees[0])
        return scanned_bytes(self.connection, table, each, used, conditions(sql)[0])

    def chunks(self, columns: tuple[int, ...], groups: tuple[int, ...]) -> int:
        described = pq.read_metadata(self.path)
        return sum(
            described.row_group(group).column(column).total_compressed_size
            for group in groups
            for column in columns
        )

    @property
    def footer(self) -> int:
        return int(pq.read_metadata(self.path).serialized_size) + 8


@pytest.fixture
def lake(tmp_path: Path) -> Iterator[Lake]:
    path = str(tmp_path / "calls.parquet")
    with duckdb.connect() as connection:
        connection.execute(
            "COPY (SELECT i::INTEGER AS turns, 'c' || (i % 1000) AS call_id "
            f"FROM range({GROUPS * ROWS_OF_GROUP}) AS r(i)) TO '{path}' "
            f"(FORMAT PARQUET, ROW_GROUP_SIZE {ROWS_OF_GROUP})"
        )
        yield Lake(connection, path)


EVERY = (0, 1, 2)
READ = {
    "select call_id from calls": ((1,), EVERY),
    "select * from calls where turns < 3000": ((0, 1), (0, 1)),
    "select count(*) as n from calls": ((), ()),
    "select turns from calls where turns = 5": ((0,), (0,)),
    "select turns from calls where turns >= 2048": ((0,), (1, 2)),
    "select turns from calls where 2048 > turns": ((0,), (0,)),
    "select turns from calls where turns between 2000 and 2100": ((0,), (0, 1)),
    "select turns from calls where turns > 9000": ((), ()),
    "select turns from calls where turns = 5 or turns = 9000": ((0,), EVERY),
    "select turns from calls where turns + 1 = 5": ((0,), EVERY),
    "select turns from calls where call_id = 'd'": ((), ()),
    "with few as (select turns from calls) select turns from few where turns = 5 union all "
    "select turns from few where turns = 4096": ((0,), (0, 2)),
}


@pytest.mark.parametrize(("sql", "read"), READ.items())
def test_of_parquet_the_footer_and_the_chunks_that_may_matter_are_read(
    lake: Lake, sql: str, read: tuple[tuple[int, ...], tuple[int, ...]]
) -> None:
    columns, groups = read
    assert lake.scanned(sql) == lake.footer + lake.chunks(columns, groups)


def test_a_file_of_two_partitions_is_counted_once(lake: Lake) -> None:
    sql = "select call_id from calls"
    assert lake.scanned(sql, files=2) == lake.scanned(sql)


def test_a_query_of_everything_reads_the_whole_file(lake: Lake) -> None:
    assert lake.scanned("select * from calls") == Path(lake.path).stat().st_size


def test_of_text_the_whole_file_is_read(lake: Lake) -> None:
    text = {"StorageDescriptor": {"InputFormat": "TextInputFormat"}}
    sql = "select call_id from calls where turns = 5"
    assert lake.scanned(sql, files=2, glue=text) == Path(lake.path).stat().st_size
