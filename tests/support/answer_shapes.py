"""Every answer the tests receive -> a failure unless it has the form botocore's model gives it.

Required members, types, and words of closed lists. Ranges bind requests, AWS itself answers beyond
them; unknown members cannot be seen here, botocore drops them before anybody looks.
"""

from typing import Any

from botocore.validate import ParamValidator

# AWS says the first too, though its model does not; an empty text is ministack's for no member.
_UNLISTED = {"REVIEW_IN_PROGRESS", ""}


def check_answers(client: Any) -> None:
    """Have `client` raise AssertionError for an answer that is not of its operation's form."""
    client.meta.events.register("after-call.*.*", _check)


def _check(parsed: dict[str, Any], model: Any, **_rest: Any) -> None:
    if "Error" in parsed or model.output_shape is None or model.has_event_stream_output:
        return
    answer = {name: value for name, value in parsed.items() if name != "ResponseMetadata"}
    shape = model.output_shape
    body = shape.serialization.get("payload")
    if model.has_streaming_output and body:
        answer.pop(body, None)
    found = ParamValidator().validate(answer, shape)._errors
    wrong = [str(error) for error in found if error[0] not in ("invalid range", "invalid length")]
    wrong += _foreign_words(answer, shape, model.name)
    assert not wrong, f"{model.service_model.service_name}:{model.name} answered {wrong}"


def _foreign_words(value: Any, shape: Any, path: str) -> list[str]:
    if shape.type_name == "structure":
        return [
            problem
            for name, member in shape.members.items()
            if name in value
            for problem in _foreign_words(value[name], member, f"{path}.{name}")
        ]
    if shape.type_name == "list":
        return [p for item in value for p in _foreign_words(item, shape.member, f"{path}[]")]
    if shape.type_name == "map":
        return [p for v in value.values() for p in _foreign_words(v, shape.value, f"{path}{{}}")]
    closed = shape.enum if shape.type_name == "string" else ()
    is_foreign = bool(closed) and value not in closed and value not in _UNLISTED
    return [f"{path}={value}: not one of {closed}"] if is_foreign else []
