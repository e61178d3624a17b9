"""An answer or an ApiError -> status, headers and bytes in the protocol the service speaks."""

import json
from typing import Any
from xml.sax.saxutils import escape

from localaws.errors import ApiError

Answer = tuple[int, dict[str, str], bytes]

JSON_TYPE = "application/x-amz-json-1.1"


def json_answer(document: dict[str, Any], status: int = 200) -> Answer:
    """Return `document` as the JSON protocol does; times must be epoch seconds already."""
    return status, {"Content-Type": JSON_TYPE}, json.dumps(document).encode()


def error_answer(error: ApiError, *, xml: bool = False) -> Answer:
    """Return the service's error form: JSON with `__type`, or the query protocol's XML."""
    if xml:
        return _xml_error(error)
    headers = {"Content-Type": JSON_TYPE, "x-amzn-ErrorType": error.code}
    document = {"__type": error.code, "message": error.message, "Message": error.message}
    return error.status, headers, json.dumps(document).encode()


def _xml_error(error: ApiError) -> Answer:
    kind = "Sender" if error.status < 500 else "Receiver"
    text = (
        f"<ErrorResponse><Error><Type>{kind}</Type><Code>{escape(error.code)}</Code>"
        f"<Message>{escape(error.message)}</Message></Error>"
        "<RequestId>localaws</RequestId></ErrorResponse>"
    )
    return error.status, {"Content-Type": "text/xml"}, text.encode()
