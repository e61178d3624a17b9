"""What a place in a call document may hold, and how a loose value is read into it.

A document is described as a tree of records, lists and fields (`final_call.py` holds the tree).
Reading gives every key of the tree, None where nothing is known; keys the tree does not know go
to `extra` under their path, so nothing is lost.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

from contracts import values
from contracts.values import Reading

FieldKind = Literal["text", "number", "integer", "decimal", "boolean", "time", "date"]


@dataclass(frozen=True, slots=True)
class Field:
    """One value.

    `default` stands in where nothing can be read; without one, a missing `is_required` field of a
    list's member puts the whole member into `extra`.
    """

    kind: FieldKind = "text"
    words: tuple[str, ...] = ()
    pattern: str | None = None
    minimum: float | None = None
    maximum: float | None = None
    default: str | int | None = None
    is_required: bool = False

    def empty(self) -> str | int | None:
        """Return what stands where nothing is known."""
        return self.default

    def read(self, value: object, path: str, reading: Reading) -> Any:
        """Return the value meant, or the default."""
        found = _READERS[self.kind](value, path, reading)
        if found is None:
            return self.default
        if self.words and found not in self.words:
            reading.refuse(path, "unknown_word", value)
            return self.default
        if self.pattern and not re.fullmatch(self.pattern, found):
            reading.refuse(path, "unknown_word", value)
            return self.default
        if self._is_outside(found):
            reading.refuse(path, "out_of_range", value)
            return self.default
        return found

    def _is_outside(self, found: Any) -> bool:
        if self.minimum is None and self.maximum is None:
            return False
        number = float(found)
        return (self.minimum is not None and number < self.minimum) or (
            self.maximum is not None and number > self.maximum
        )


@dataclass(frozen=True, slots=True)
class Anything:
    """A value of any form, kept as it is."""

    is_required: bool = False

    def empty(self) -> None:
        """Return what stands where nothing is known."""

    def read(self, value: object, path: str, reading: Reading) -> Any:  # noqa: ARG002
        """Return the value."""
        return value


@dataclass(frozen=True, slots=True)
class Record:
    """An object with known keys; `is_nullable` ones are None rather than full of None."""

    fields: Mapping[str, "Node"]
    is_nullable: bool = False
    is_required: bool = False

    def empty(self) -> dict[str, Any] | None:
        """Return what stands where nothing is known."""
        if self.is_nullable:
            return None
        return {name: node.empty() for name, node in self.fields.items()}

    def read(self, value: object, path: str, reading: Reading) -> dict[str, Any] | None:
        """Return the object with every known key; unknown ones go to `extra`."""
        if not isinstance(value, dict):
            reading.refuse(path, "wrong_type", value)
            return self.empty()
        found: dict[str, Any] = {}
        for name, node in self.fields.items():
            given = value.get(name)
            found[name] = (
                node.empty() if given is None else node.read(given, _at(path, name), reading)
            )
        if not value.keys() <= self.fields.keys():
            for name in value.keys() - self.fields.keys():
                reading.keep(_at(path, name), value[name])
        return found


@dataclass(frozen=True, slots=True)
class Many:
    """A list; None is the empty list."""

    item: "Node"
    is_required: bool = False

    def empty(self) -> list[Any]:
        """Return what stands where nothing is known."""
        return []

    def read(self, value: object, path: str, reading: Reading) -> list[Any]:
        """Return the members that could be read; the others are in `extra`."""
        if not isinstance(value, list):
            reading.refuse(path, "wrong_type", value)
            return []
        members = (
            self._member(member, f"{path}[{position}]", reading)
            for position, member in enumerate(value)
        )
        return [member for member in members if member is not None]

    def _member(self, value: object, path: str, reading: Reading) -> Any:
        if value is None:
            return None
        if not isinstance(self.item, Record):
            return self.item.read(value, path, reading)
        if not isinstance(value, dict):
            reading.refuse(path, "wrong_type", value)
            return None
        found = self.item.read(value, path, reading) or {}
        for name, node in self.item.fields.items():
            if node.is_required and found[name] is None:
                reading.refuse(_at(path, name), "wrong_type", None)
                reading.keep(path, value)
                return None
        return found


Node = Field | Anything | Record | Many


def put_leftovers(reading: Reading, value: object, path: str = "") -> None:
    """Keep each leaf of what is left of an older document once all known values are taken."""
    if isinstance(value, dict):
        for name, inner in value.items():
            put_leftovers(reading, inner, _at(path, name))
    elif isinstance(value, list):
        for position, inner in enumerate(value):
            put_leftovers(reading, inner, f"{path}[{position}]")
    else:
        reading.keep(path, value)


def _at(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name


_READERS: Final[Mapping[FieldKind, Callable[[object, str, Reading], Any]]] = {
    "text": values.read_text,
    "number": values.read_number,
    "integer": values.read_integer,
    "decimal": values.read_decimal,
    "boolean": values.read_boolean,
    "time": values.read_time,
    "date": values.read_date,
}
