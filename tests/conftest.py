"""Fixtures every test may ask for: `aws`, `aws_factory` and `endpoint` of a localaws."""

from tests.support.localaws_server import aws, aws_factory, endpoint

__all__ = ["aws", "aws_factory", "endpoint"]
