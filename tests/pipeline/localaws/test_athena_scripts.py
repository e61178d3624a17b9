"""What writes and is read back: the conformance suite's scripts on Hive tables, through the API."""

import pytest

from tests.support.athena_scripts import answer, create, kind_of, scripts
from tests.support.conformance import ALIKE, REFUSED
from tests.support.localaws_server import LocalAws

pytestmark = pytest.mark.pipeline


def test_every_script_ends_as_in_athena_or_is_refused_by_name(aws: LocalAws) -> None:
    create(aws.client)
    unlike = []
    for statement in scripts():
        found = answer(aws.client, statement)
        if kind_of(statement, found) not in (ALIKE, REFUSED):
            unlike.append((statement.key, found, statement.expected))
    assert unlike == []
