"""EXPLAIN on the embedded engine: what a query gives and reads, said to be a plan of its own."""

import json

from localaws.athena.dialect import Query
from localaws.athena.engine import Outcome, ResultColumn
from localaws.athena.failures import ENGINE_HINT
from localaws.athena.statements import Explain
from localaws.athena.trino_types import parse, trino

_ENGINE = f"the embedded engine of localaws; for Trino's plan {ENGINE_HINT}"


def explained(query: Query, statement: Explain) -> Outcome:
    """Return the answer to EXPLAIN of a translated query; a query that is not valid has failed."""
    if statement.validate:
        return Outcome((ResultColumn("Valid", parse("boolean")),), lines=("true",))
    outputs = [
        {"name": column.name or f"_col{i}", "type": trino(column.type)}
        for i, column in enumerate(query.columns)
    ]
    reads = sorted({f"{table.schema}.{table.name}" for table in query.reads.values()})
    if statement.as_json:
        plan = {"engine": _ENGINE, "outputs": outputs, "reads": reads}
        lines = json.dumps(plan, indent=2).split("\n")
    else:
        shown = ", ".join(f"{one['name']}:{one['type']}" for one in outputs)
        lines = [f"Plan of {_ENGINE}", f"Output[{shown}]", *(f"    Read[{name}]" for name in reads)]
    return Outcome((ResultColumn("Query Plan", parse("varchar")),), lines=tuple(lines))
