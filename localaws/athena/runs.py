"""A started statement -> its outcome and result files: on Glue here, on rows in a worker."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from localaws.athena import ddl, results, show
from localaws.athena import statements as s
from localaws.athena.alter_table import alter_table
from localaws.athena.catalog import Catalog
from localaws.athena.engine import Engine, Outcome, ResultColumn, Work
from localaws.athena.row_changes import need_iceberg
from localaws.athena.statements import Executable, Statement
from localaws.caller import Caller

Lines = tuple[tuple[ResultColumn, ...], list[str]]
Kind = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Finished:
    """A statement's outcome, where its result lies, and its (type, subtype) for the API."""

    outcome: Outcome
    location: str
    kind: Kind


@dataclass(frozen=True, slots=True)
class Started:
    """What a started query needs to run; `output` is the folder of its result files."""

    execution: dict[str, Any]
    statement: Statement
    caller: Caller
    output: str
    enforced: bool
    cut_off: int | None
    encryption: tuple[tuple[str, str], ...]


def run(started: Started, engine: Engine, remember: Callable[[s.Prepared], None]) -> Finished:
    """Carry out a statement and write its result files; raise QueryFailed or CutOff."""
    statement = started.statement
    kind = _kind(statement)
    if isinstance(statement, Executable):
        if isinstance(statement, s.ChangeRows | s.Optimize | s.Vacuum):
            need_iceberg(statement, Catalog(started.caller))
        outcome = engine.execute(_work(started, statement))
        if not isinstance(statement, s.Explain):
            return Finished(outcome, _location(started, outcome), kind)
        columns, lines = outcome.columns, list(outcome.lines)
    elif isinstance(statement, s.Prepared):
        remember(statement)
        outcome, columns, lines = Outcome(), (), []
    else:
        columns, lines = _on_glue(started, statement, engine)
        outcome = Outcome(columns=columns)
    location = f"{started.output}{started.execution['QueryExecutionId']}.txt"
    results.write_lines(started.caller, location, columns, lines, started.encryption)
    return Finished(outcome, location, kind)


def _kind(statement: Statement) -> Kind:
    if isinstance(statement, s.ChangeRows):
        return "DML", statement.word
    return KINDS[type(statement)]


def _work(started: Started, statement: Any) -> Work:
    return Work(
        id=started.execution["QueryExecutionId"],
        statement=statement,
        database=started.execution["QueryExecutionContext"]["Database"],
        caller=started.caller,
        output=started.output,
        enforced=started.enforced,
        cut_off=started.cut_off,
        encryption=started.encryption,
    )


def _location(started: Started, outcome: Outcome) -> str:
    return outcome.location or f"{started.output}{started.execution['QueryExecutionId']}"


def _on_glue(started: Started, statement: Statement, engine: Engine) -> Lines:
    catalog = Catalog(started.caller)
    match statement:
        case s.Show():
            return show.show(statement, catalog)
        case s.Describe():
            return show.describe(statement, catalog)
        case s.Repair():
            return (), ddl.repair(statement, catalog, started.caller)
        case s.CreateView():
            database = started.execution["QueryExecutionContext"]["Database"]
            ddl.create_view(statement, catalog, engine.describe, database, started.caller)
        case _:
            _CHANGES[type(statement)](statement, catalog)
    return (), []


_CHANGES: dict[type, Callable[[Any, Catalog], None]] = {
    s.AlterTable: alter_table,
    s.CreateDatabase: ddl.create_database,
    s.CreateIceberg: ddl.create_iceberg,
    s.CreateTable: ddl.create_table,
    s.Drop: ddl.drop,
}
KINDS: dict[type, Kind] = {
    s.AlterTable: ("DDL", "ALTER_TABLE"),
    s.CreateDatabase: ("DDL", "CREATE_DATABASE"),
    s.CreateIceberg: ("DDL", "CREATE_TABLE"),
    s.CreateTable: ("DDL", "CREATE_TABLE"),
    s.CreateTableAs: ("DDL", "CREATE_TABLE_AS_SELECT"),
    s.CreateView: ("DDL", "CREATE_VIEW"),
    s.Describe: ("UTILITY", "DESCRIBE_TABLE"),
    s.Drop: ("DDL", "DROP"),
    s.Explain: ("UTILITY", "EXPLAIN"),
    s.Insert: ("DML", "INSERT"),
    s.Optimize: ("DDL", "OPTIMIZE"),
    s.Prepared: ("DDL", "PREPARE"),
    s.Repair: ("DDL", "MSCK_REPAIR"),
    s.Select: ("DML", "SELECT"),
    s.Show: ("UTILITY", "SHOW"),
    s.Unload: ("DML", "UNLOAD"),
    s.Vacuum: ("DDL", "VACUUM"),
}
