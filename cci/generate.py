"""The contracts and the command -> every generated file, whole; `make generate` runs this.

A column is changed in `contracts/`, never in what is rendered from it: dbt sources, structure
suites of the gate, JSON schemas, the data dictionary; a command's page follows its help. Each file
says so in its first line, and a test regenerates them and finds no difference.
"""

import argparse
import json
import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, Final

import click
import yaml

from cci.main import cli
from contracts.column_types import ArrayType, athena_type, parse_type
from contracts.columns import Column, Table
from contracts.json_schemas import final_call_schema, table_schema
from contracts.names import LAKE_DATABASE
from contracts.tables import COPY_TABLES, LAKE_TABLES

ROOT: Final = Path(__file__).parent.parent
SOURCES: Final = "dbt_project/models/staging/_lake__sources.yml"
SUITES: Final = "expectations/suites/generated"
SCHEMAS: Final = "contracts/schemas"
DICTIONARY: Final = "docs/data-dictionary.md"
COMMANDS: Final = "docs/commands.md"

_NOTICE: Final = "Generated from {module} by `make generate`; do not edit."
_TABLES_NOTICE: Final = _NOTICE.format(module="contracts/tables.py")
_PARTITIONS: Final = {
    "tenant_id": "Tenant the row belongs to.",
    "call_month": "UTC month of the call, YYYY-MM.",
}


def main(argv: Sequence[str] | None = None) -> int:
    """Write every generated file below `--into` (default: this repository); return 0."""
    parser = argparse.ArgumentParser(prog="python -m cci.generate", description=main.__doc__)
    parser.add_argument("--into", type=Path, default=ROOT, metavar="DIR")
    into: Path = parser.parse_args(argv).into
    for name, text in renderings().items():
        path = into / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return 0


def renderings() -> dict[str, str]:
    """Return the text of every generated file by its path in the repository."""
    files = {SOURCES: _sources(), DICTIONARY: _dictionary(), COMMANDS: _commands()}
    for table in LAKE_TABLES:
        files[f"{SUITES}/lake_{table.name}.yml"] = _suite(table)
        files[f"{SCHEMAS}/lake/{table.name}.schema.json"] = _json(
            table_schema(table), _TABLES_NOTICE
        )
    notice = _NOTICE.format(module="contracts/final_call.py")
    files[f"{SCHEMAS}/final_call_v1_3.schema.json"] = _json(final_call_schema(), notice)
    return files


def command_contexts(
    command: click.Command, name: str, parent: click.Context | None = None
) -> Iterator[click.Context]:
    """Yield the context of `command` and of everything below it, as click would call each."""
    context = command.context_class(
        command, parent, name, terminal_width=100, help_option_names=["-h", "--help"]
    )
    yield context
    if isinstance(command, click.Group):
        for word, below in sorted(command.commands.items()):
            yield from command_contexts(below, word, context)


def _json(schema: dict[str, Any], notice: str) -> str:
    body = json.dumps(schema, indent=2, ensure_ascii=False).removeprefix("{\n")
    return f'{{ "$comment": {json.dumps(notice)},\n{body}\n'


def _yaml(content: dict[str, Any]) -> str:
    body = yaml.safe_dump(content, sort_keys=False, allow_unicode=True, width=100)
    return f"# {_TABLES_NOTICE}\n{body}"


def _sources() -> str:
    lake = {
        "name": "lake",
        "description": "Rows of call documents, as transforms wrote them.",
        "schema": LAKE_DATABASE,
        "tables": [_source_table(table) for table in LAKE_TABLES],
    }
    config = {
        "name": "config",
        "description": "Copies of configuration, written whole before each dbt run.",
        "schema": LAKE_DATABASE,
        "tables": [_source_table(table) for table in COPY_TABLES],
    }
    return _yaml({"version": 2, "sources": [lake, config]})


def _source_table(table: Table) -> dict[str, Any]:
    found: dict[str, Any] = {"name": table.name, "description": table.grain}
    if table.name == "calls":
        found["config"] = {"loaded_at_field": "processed_at"}
    if _has_whole_key(table):
        arguments = {"columns": ["tenant_id", *table.key]}
        found["data_tests"] = [{"unique_together": {"arguments": arguments}}]
    found["columns"] = [
        *(_source_column(name, _PARTITIONS[name], "string") for name in table.partitions),
        *(_source_column(each.name, each.description, each.type) for each in table.columns),
    ]
    return found


def _has_whole_key(table: Table) -> bool:
    return not any(table.column(name).nullable for name in table.key)


def _source_column(name: str, description: str, kind: str) -> dict[str, str]:
    return {"name": name, "description": description, "data_type": athena_type(kind)}


def _suite(table: Table) -> str:
    items = [_unique(table)]
    if table.name == "calls":
        items.append(_row_floor())
    for column in table.columns:
        if not isinstance(parse_type(column.type), ArrayType):
            items.extend(_claims(column))
    return _yaml({"suite": f"lake_{table.name}", "expectations": items})


def _unique(table: Table) -> dict[str, Any]:
    return _claim(
        "key_is_unique",
        "expect_compound_columns_to_be_unique",
        {"column_list": ["tenant_id", *table.key]},
        why="A row that stands twice is counted twice in everything built on it.",
    )


def _row_floor() -> dict[str, Any]:
    return _claim(
        "there_are_rows",
        "expect_table_row_count_to_be_between",
        {"min_value": 1},
        why="An empty partition would pass every other expectation.",
    )


def _claims(column: Column) -> Iterable[dict[str, Any]]:
    name, limits = column.name, {"min_value": column.minimum, "max_value": column.maximum}
    limits = {key: value for key, value in limits.items() if value is not None}
    checks: list[tuple[str, str, dict[str, Any]]] = []
    if column.words:
        checks.append(("in_words", "be_in_set", {"value_set": list(column.words)}))
    if column.pattern:
        checks.append(("in_form", "match_regex", {"regex": column.pattern}))
    if limits:
        checks.append(("in_range", "be_between", limits))
    if not column.nullable and not checks:
        checks.append(("present", "not_be_null", {}))
    for word, kind, kwargs in checks:
        yield _claim(
            f"{name}_is_{word}",
            f"expect_column_values_to_{kind}",
            {"column": name, **kwargs},
            why=column.description,
            nulls=not column.nullable and kind != "not_be_null",
        )


def _claim(
    name: str, kind: str, kwargs: dict[str, Any], *, why: str, nulls: bool = False
) -> dict[str, Any]:
    return {
        "id": name,
        "type": kind,
        "kwargs": kwargs,
        **({"nulls": "forbidden"} if nulls else {}),
        "severity": "critical",
        "owner": "data",
        "why": why,
        "what_to_do": "Trace the call of an example key, mend its writer or loader, flatten again.",
    }


def _dictionary() -> str:
    parts = [
        f"<!-- {_TABLES_NOTICE} -->\n\n# Data dictionary\n\nEvery column of the lake and of the "
        "configuration copies. Times are UTC; a column without the mark `!` may be NULL, which "
        "means unknown.\n",
        *(_dictionary_table(table) for table in (*LAKE_TABLES, *COPY_TABLES)),
    ]
    return "\n".join(parts)


def _dictionary_table(table: Table) -> str:
    key = ", ".join(f"`{name}`" for name in ("tenant_id", *table.key))
    partitions = ", ".join(f"`{name}`" for name in table.partitions)
    rows = "\n".join(_dictionary_row(column) for column in table.columns)
    return (
        f"## `{table.name}`\n\n{table.grain} Key: {key}. Partitions: {partitions}. "
        f"Retention class: {table.retention_class}.\n\n"
        f"| column | type | meaning | from |\n|---|---|---|---|\n{rows}\n"
    )


def _dictionary_row(column: Column) -> str:
    limits = [column.unit] if column.unit else []
    if column.words:
        limits.append(", ".join(column.words))
    elif column.minimum is not None or column.maximum is not None:
        limits.append(f"{_bound(column.minimum)} to {_bound(column.maximum)}")
    meaning = column.description + (f" ({'; '.join(limits)})" if limits else "")
    mark = "" if column.nullable else "!"
    kind = column.type.replace("|", "\\|")
    return f"| `{column.name}`{mark} | `{kind}` | {meaning} | `{column.path}` |"


def _commands() -> str:
    notice = _NOTICE.format(module="cci/main.py")
    title = f"<!-- {notice} -->\n\n# The `cci` command\n\nWhat each word of it says to `--help`.\n"
    pages = [
        f"## `{context.command_path}`\n\n```text\n{context.get_help().rstrip()}\n```\n"
        for context in command_contexts(cli, "cci")
    ]
    return "\n".join([title, *pages])


def _bound(value: float | None) -> str:
    return "any" if value is None else f"{value:,}"


if __name__ == "__main__":
    sys.exit(main())
