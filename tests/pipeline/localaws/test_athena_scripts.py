"""What writes and is read back: the conformance suite's scripts, through the API."""

import pytest

from tests.support import conformance_tables
from tests.support.athena_api import ask_script
from tests.support.athena_scripts import kind_of
from tests.support.conformance import ALIKE, REFUSED, every_script
from tests.support.localaws_server import LocalAws

pytestmark = pytest.mark.pipeline


def test_every_script_ends_as_in_athena_or_is_refused_by_name(aws: LocalAws) -> None:
    conformance_tables.create(aws.client)
    unlike = []
    for statement in every_script():
        found = ask_script(aws.client, statement)
        if kind_of(statement, found) not in (ALIKE, REFUSED):
            unlike.append((statement.key, found, statement.expected))
    assert unlike == []
