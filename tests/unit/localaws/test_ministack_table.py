"""The contract with ministack: each replaced function is the one the table was made for."""

import hashlib
import importlib
import inspect

import pytest

from localaws import ministack


@pytest.mark.parametrize("row", ministack.REPLACEMENTS, ids=lambda row: f"{row.module}.{row.name}")
def test_a_replaced_function_is_the_one_we_know(row):
    original = getattr(importlib.import_module(f"ministack.{row.module}"), row.name)
    source = inspect.getsource(original)
    assert str(inspect.signature(original)) == row.signature
    assert hashlib.sha256(source.encode()).hexdigest() == row.source_sha256, source
    assert len(row.reason) > 20


def test_no_function_is_replaced_twice():
    named = [(row.module, row.name) for row in ministack.REPLACEMENTS]
    assert len(named) == len(set(named))


def test_another_ministack_is_refused_by_name(monkeypatch):
    monkeypatch.setattr(ministack, "version", lambda _name: "1.5.34")
    with pytest.raises(RuntimeError, match=r"1\.5\.33, not of 1\.5\.34"):
        ministack.apply()
