"""A model id, profile id or ARN -> itself, or AWS's refusal of what is no model."""

import re
from typing import Final

from localaws.errors import ApiError

_PROVIDERS: Final = "ai21|amazon|anthropic|cohere|deepseek|meta|mistral|openai|qwen|writer"
_ARN = re.compile(
    r"arn:aws:bedrock:[a-z0-9-]+:\d*:(?:foundation-model|inference-profile)/(?P<id>.+)"
)
_MODEL = re.compile(rf"(?:(?:eu|us|us-gov|apac|jp|au|global)\.)?(?:{_PROVIDERS})\.[a-z0-9.:-]+")
# A dated id without its version is the commonest slip; AWS knows no such model.
_DATED_WITHOUT_VERSION = re.compile(r".*-20\d{6}")


def check_model_id(model_id: str) -> str:
    """Return the bare id of a model; raise ValidationException when AWS would know none."""
    arn = _ARN.fullmatch(model_id)
    bare = arn["id"] if arn else model_id
    if not _MODEL.fullmatch(bare) or _DATED_WITHOUT_VERSION.fullmatch(bare):
        raise ApiError("ValidationException", "The provided model identifier is invalid.")
    return bare
