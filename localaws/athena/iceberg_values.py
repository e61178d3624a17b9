"""Iceberg's stored values -> Python's and the texts its metadata tables show."""

import base64
import json
from datetime import UTC, date, datetime, timedelta
from typing import Any

from pyiceberg import types as i
from pyiceberg.conversions import from_bytes
from pyiceberg.transforms import DayTransform

from localaws.athena.values import number_text

_DAY_ONE = datetime(1970, 1, 1, tzinfo=UTC)


def python_value(kind: Any, stored: Any) -> Any:
    """Return a stored value (days, microseconds) as Python's date, datetime or time."""
    if stored is None or not isinstance(stored, int) or isinstance(stored, bool):
        return stored
    if isinstance(kind, i.DateType):
        return (_DAY_ONE + timedelta(days=stored)).date()
    if isinstance(kind, i.TimestampType):
        return (_DAY_ONE + timedelta(microseconds=stored)).replace(tzinfo=None)
    if isinstance(kind, i.TimestamptzType):
        return _DAY_ONE + timedelta(microseconds=stored)
    if isinstance(kind, i.TimeType):
        return (_DAY_ONE + timedelta(microseconds=stored)).time()
    return stored


def bound(kind: Any, stored: bytes | None) -> Any:
    """Return a column's bound as a Python value."""
    return None if stored is None else python_value(kind, from_bytes(kind, stored))


def shown(kind: Any, value: Any) -> str:
    """Return a value as Iceberg shows it to people."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float):
        return number_text(value)
    if isinstance(value, bytes):
        return _base64(value)
    if isinstance(kind, i.TimestampType | i.TimestamptzType | i.TimeType):
        return _clock(value)
    return value.isoformat() if isinstance(value, date) else str(value)


def human(transform: Any, kind: Any, stored: bytes | None) -> str | None:
    """Return a partition field's bound as a manifest shows it."""
    if stored is None:
        return None
    source = i.DateType() if isinstance(transform, DayTransform) else kind
    value = from_bytes(kind, stored)
    return str(transform.to_human_string(source, value))


def as_json(kind: Any, value: Any) -> Any:
    """Return a bound as `readable_metrics` holds it."""
    if value is None or isinstance(value, bool | int | float):
        return value
    return value.hex() if isinstance(value, bytes) else shown(kind, value)


def json_text(value: Any) -> str:
    """Return JSON as Trino prints it."""
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


def inner_ids(kind: Any) -> set[int]:
    """Return the ids of every field inside a type."""
    if isinstance(kind, i.ListType):
        return {kind.element_id, *inner_ids(kind.element_type)}
    if isinstance(kind, i.MapType):
        inner = inner_ids(kind.key_type) | inner_ids(kind.value_type)
        return {kind.key_id, kind.value_id, *inner}
    if isinstance(kind, i.StructType):
        return {n for f in kind.fields for n in (f.field_id, *inner_ids(f.field_type))}
    return set()


def _clock(value: Any) -> str:
    text, zone = str(value.isoformat()), ""
    if text.endswith("+00:00"):
        text, zone = text.removesuffix("+00:00"), "+00:00"
    return (text.rstrip("0") if "." in text else text) + zone


def _base64(value: bytes) -> str:

    return base64.b64encode(value).decode()
