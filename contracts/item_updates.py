"""Attributes and conditions -> the arguments of one conditional DynamoDB UpdateItem.

Names and values are numbered, never spliced into the expression.
"""

from collections.abc import Iterable
from typing import Any


class Update:
    """Collects one conditional write; each write of an item adds 1 to its `version`."""

    def __init__(self) -> None:
        self._names: dict[str, str] = {}
        self._values: dict[str, Any] = {":one": 1}
        self._sets = [f"{self._name('version')} = {self._name('version')} + :one"]
        self._removes: list[str] = []
        self._conditions: list[str] = []

    def put(self, name: str, value: object) -> None:
        """Set an attribute, or remove it when `value` is None."""
        if value is None:
            self._removes.append(self._name(name))
        else:
            self._sets.append(f"{self._name(name)} = {self._value(value)}")

    def put_inside(self, name: str, key: str, value: object) -> None:
        """Set one key of a map attribute."""
        self._sets.append(f"{self._name(name)}.{self._name(key)} = {self._value(value)}")

    def one_of(self, name: str, values: Iterable[object]) -> None:
        """Allow the write only while the attribute is one of `values`."""
        marks = ", ".join(self._value(value) for value in values)
        self._conditions.append(f"{self._name(name)} IN ({marks})")

    def equal(self, name: str, value: object) -> None:
        """Allow the write only while the attribute equals `value`."""
        self._conditions.append(f"{self._name(name)} = {self._value(value)}")

    def differs(self, name: str, value: object) -> None:
        """Allow the write only while the attribute is another than `value`."""
        self._conditions.append(f"{self._name(name)} <> {self._value(value)}")

    def absent(self, name: str) -> None:
        """Allow the write only while the item has no such attribute."""
        self._conditions.append(f"attribute_not_exists({self._name(name)})")

    def arguments(self) -> dict[str, Any]:
        """Return the UpdateItem arguments, without table and key."""
        removes = f" REMOVE {', '.join(self._removes)}" if self._removes else ""
        return {
            "UpdateExpression": f"SET {', '.join(self._sets)}{removes}",
            "ConditionExpression": " AND ".join(self._conditions),
            "ExpressionAttributeNames": {mark: name for name, mark in self._names.items()},
            "ExpressionAttributeValues": self._values,
            "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
        }

    def _name(self, name: str) -> str:
        return self._names.setdefault(name, f"#n{len(self._names)}")

    def _value(self, value: object) -> str:
        mark = f":v{len(self._values)}"
        self._values[mark] = value
        return mark
