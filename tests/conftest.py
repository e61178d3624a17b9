"""Fixtures every test may ask for: `aws`, `aws_factory` and `endpoint` of a localaws."""

import sys
from pathlib import Path

import pytest

from tests.support.localaws_server import aws, aws_factory, endpoint

__all__ = ["aws", "aws_factory", "endpoint"]

PIPELINE = Path(__file__).parent / "pipeline"
RECURSION_LIMIT = sys.getrecursionlimit()


@pytest.fixture(autouse=True)
def own_recursion_limit() -> None:
    """Begin each test with Python's own limit: jsonata, which ministack imports, raises it.

    What nests too deep is told by that limit, and in production nothing raises it.
    """
    sys.setrecursionlimit(RECURSION_LIMIT)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Run modules that start servers first: short ones then fill what the long ones leave."""
    items.sort(key=lambda item: not item.path.is_relative_to(PIPELINE))
