"""What a worker answers: a refusal of any kind is an answer, never its end."""

import pytest

from localaws.athena.failures import CutOff, QueryFailed, SyntaxRefused
from localaws.athena.worker import _answer


class Refusing:
    def __init__(self, error: Exception) -> None:
        self.error = error

    def execute(self) -> None:
        raise self.error


@pytest.mark.parametrize(
    ("error", "name"),
    [
        (QueryFailed("TYPE_MISMATCH", "no"), "TYPE_MISMATCH"),
        (SyntaxRefused("line 1:8: mismatched input"), "SYNTAX_ERROR"),
    ],
)
def test_a_refused_query_is_answered_by_its_name(error: Exception, name: str) -> None:
    found = _answer(Refusing(error), ("execute",))
    assert isinstance(found, QueryFailed)
    assert found.name == name


def test_a_cut_off_is_answered_as_one() -> None:
    assert isinstance(_answer(Refusing(CutOff("too much")), ("execute",)), CutOff)
