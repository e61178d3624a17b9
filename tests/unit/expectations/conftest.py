"""One runner for the whole folder: Great Expectations takes seconds to import."""

from pathlib import Path

import pytest

from expectations.runner import Runner


@pytest.fixture(scope="session")
def judge() -> Runner:
    return Runner()


@pytest.fixture(scope="session")
def repository() -> Path:
    return Path(__file__).parents[3]
