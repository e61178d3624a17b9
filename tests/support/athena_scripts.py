"""Scripts of the conformance suite through the Athena API: what writes, and what is seen then.

`python -m tests.support.athena_scripts [topic…]` prints what the embedded engine does not answer
alike.
"""

import sys
import tempfile
from collections import Counter
from dataclasses import replace
from pathlib import Path

from localaws.athena.failures import QueryFailed
from localaws.athena.trino_types import parse
from localaws.athena.values import type_word
from tests.support import conformance_tables
from tests.support.athena_api import ask_script
from tests.support.conformance import ALIKE, Answer, Statement, every_script, outcome
from tests.support.localaws_server import start_localaws


def kind_of(statement: Statement, found: Answer) -> str:
    """Return the class of an answer; the API's type words have no parameters."""
    expected = statement.expected
    if expected is None:
        raise AssertionError(f"{statement.topic} has no answer for {statement.sql}")
    words = tuple(map(_word, expected.types))
    # Statements of Hive print lines: one field a row, whatever columns they name.
    texts = ("string",) * len(found.rows[0] if found.rows else ())
    types = found.types if len(found.types) == len(texts) or not texts else texts
    if words == types:  # whole types again: they tell which values have an order
        return outcome(statement, replace(found, types=expected.types))
    wanted = replace(expected, types=words or types)
    return outcome(replace(statement, expected=wanted), replace(found, types=types))


def _word(text: str) -> str:
    try:
        return type_word(parse(text))
    except QueryFailed:
        return text.partition("(")[0]  # an interval and such


def main() -> int:
    """Print the scripts that are not alike, then the counts."""
    counts: Counter[str] = Counter()
    with tempfile.TemporaryDirectory() as folder:
        aws = start_localaws(Path(folder))
        conformance_tables.create(aws.client)
        for statement in every_script():
            if sys.argv[1:] and statement.topic not in sys.argv[1:]:
                continue
            try:
                found = ask_script(aws.client, statement)
                kind = kind_of(statement, found)
            except AssertionError as error:
                kind, found = f"{error}", Answer()
            counts[kind if len(kind) < 30 else "broken"] += 1
            if kind != ALIKE:
                sys.stdout.write(f"{kind}: [{statement.topic}] {statement.key}\n    {found}\n")
                sys.stdout.write(f"    expected {statement.expected}\n")
        aws.stop()
    sys.stdout.write(f"{dict(counts)}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
