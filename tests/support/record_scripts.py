"""Run the scripts of a conformance topic on Trino's Iceberg catalog and write down what they left.

`python -m tests.support.record_scripts iceberg --trino http://127.0.0.1:PORT --schema SCHEMA`
writes `conformance/recorded/iceberg.yml`. Athena's own words become Trino's on the way; the schema
must exist in the catalog `iceberg` and may hold nothing but what is made here.
"""

import argparse
import re
import sys
from typing import Any
from urllib.parse import urlsplit

from localaws.athena.failures import QueryFailed
from localaws.athena.trino_client import Client
from localaws.athena.trino_types import trino
from tests.support.conformance import Statement, is_ordered, row_order, statements
from tests.support.record_conformance import write

_WORDS = (
    (r"\b(table_type = 'ICEBERG'|is_external = false),\s*", ""),
    (r"\blocation = '[^']*',\s*", ""),
    (r"with \(\s*location = '[^']*'\s*\)", ""),
    (r"^optimize (\w+) rewrite data using bin_pack$", r"alter table \1 execute optimize"),
)


def record(topic: str, client: Client, schema: str) -> None:
    """Write the answers of a topic's scripts."""
    found = [{"sql": s.key, **answered(s, client, schema)} for s in statements(topic)]
    write(topic, found)


def answered(script: Statement, client: Client, schema: str) -> dict[str, Any]:
    """Return what the last statement of a script answers, or the first error of its writes."""
    for (name,) in client.ask("show tables", schema).rows:
        _done(client, f'drop table "{name}"', schema)
    for text in script.setup:
        for part in in_trino(text):
            _done(client, part, schema)
    try:
        for part in in_trino(script.sql):
            _done(client, part, schema)
        answer = client.ask(script.then, schema)
        rows = list(answer.rows)
    except QueryFailed as error:
        return {"error": error.name}
    if not is_ordered(script.then):
        rows.sort(key=lambda row: row_order(tuple(row)))
    return {
        "columns": [column.name for column in answer.columns],
        "types": [trino(column.type) for column in answer.columns],
        "rows": rows,
    }


def in_trino(text: str) -> list[str]:
    """Return Athena's statement as the statements of Trino that do the same."""
    text = " ".join(text.split())
    adding = re.fullmatch(r"alter table (\w+) add columns \((.*)\)", text)
    if adding:
        columns = re.split(r",\s*(?![^<(]*[>)])", adding[2])
        return [f"alter table {adding[1]} add column {_in_words(c)}" for c in columns]
    changing = re.fullmatch(r"alter table (\w+) change column (\w+) (\w+) (\w+)", text)
    if changing:
        table, old, new, kind = changing.groups()
        rename = [f"alter table {table} rename column {old} to {new}"] if old != new else []
        return [*rename, f"alter table {table} alter column {new} set data type {kind}"]
    for pattern, words in _WORDS:
        text = re.sub(pattern, words, text)
    return [text]


def _in_words(column: str) -> str:
    return re.sub(r"\bstring\b", "varchar", column).replace("<", "(").replace(">", ")")


def _done(client: Client, text: str, schema: str) -> None:
    for _ in client.ask(text, schema).rows:
        pass


def main() -> int:
    """Record one topic."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("topic")
    parser.add_argument("--trino", required=True, help="http://127.0.0.1:PORT of a Trino server")
    parser.add_argument("--schema", required=True, help="an empty schema of the catalog iceberg")
    arguments = parser.parse_args()
    port = urlsplit(arguments.trino).port or 8080
    record(arguments.topic, Client(port, catalog="iceberg"), arguments.schema)
    return 0


if __name__ == "__main__":
    sys.exit(main())
