"""The contract with ministack: each replaced function is the one the table was made for."""

import ast
import hashlib
import importlib
import inspect
from pathlib import Path

import pytest

from localaws import ministack

LOCALAWS = Path(ministack.__file__).parent


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


def test_no_other_module_assigns_into_ministack():
    found = [
        f"{path.relative_to(LOCALAWS)}:{line}"
        for path in sorted(LOCALAWS.rglob("*.py"))
        if path.name != "ministack.py"
        for line in assignments_into_ministack(path.read_text(encoding="utf-8"))
    ]
    assert found == []


@pytest.mark.parametrize(
    "line",
    [
        "s3._get_object = mine",
        "s3._get_object, other = mine, 1",
        "setattr(s3, '_get_object', mine)",
        "del s3._get_object",
    ],
)
def test_a_planted_assignment_into_ministack_is_seen(line):
    assert assignments_into_ministack(f"from ministack.services import s3\n{line}\n") == [2]


def assignments_into_ministack(source):
    """Return the lines that set or delete an attribute of what is imported from ministack.

    What its stores hold is data, and may be written.
    """
    tree = ast.parse(source)
    theirs = {
        alias.asname or alias.name.partition(".")[0]
        for node in ast.walk(tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
        for alias in node.names
        if (getattr(node, "module", None) or alias.name).partition(".")[0] == "ministack"
    }
    return sorted(
        {
            node.lineno
            for node in ast.walk(tree)
            if (
                isinstance(node, ast.Attribute)
                and not isinstance(node.ctx, ast.Load)
                and getattr(node.value, "id", "") in theirs
            )
            or (
                isinstance(node, ast.Call)
                and getattr(node.func, "id", "") in ("setattr", "delattr")
                and getattr(node.args[0], "id", "") in theirs
            )
        }
    )
