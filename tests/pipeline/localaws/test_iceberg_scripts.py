"""What statements leave in Iceberg tables is what Trino leaves, or they are refused by name."""

import pytest

from tests.support.athena_console import Console
from tests.support.conformance import ALIKE, REFUSED, Answer, Statement, outcome, statements
from tests.support.localaws_scenes import bucket
from tests.support.localaws_server import LocalAws

pytestmark = pytest.mark.pipeline
SCRIPTS = statements("iceberg")


@pytest.fixture(scope="module")
def console(aws: LocalAws) -> Console:
    for name in ("lake", "results"):
        bucket(aws, name)
    found = Console(aws, "lake", "s3://results/scripts/")
    found.done("create database lake")
    return found


def _name(script: Statement) -> str:
    return f"{script.sql[:60]} → {script.then[:30]}"


@pytest.mark.parametrize("script", SCRIPTS, ids=_name)
def test_a_script_leaves_what_trino_leaves(script: Statement, console: Console) -> None:
    assert outcome(script, played(script, console)) in (ALIKE, REFUSED)


def played(script: Statement, console: Console) -> Answer:
    for table in ("ice_calls", "ice_parts"):
        console.done(f"drop table if exists {table}")
    for text in script.setup:
        console.done(text)
    written = console.answer(script.sql)
    return written if written.error else console.answer(script.then)
