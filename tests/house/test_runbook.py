"""Every word a call can end or be marked with stands in the runbook, and no word nothing produces.

Words are read out of the code: what Rejected, Done and a failed call are made with, what is
returned as an outcome, warnings, and the closed lists of repairs, value problems and outcomes.
"""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import get_args

from contracts.ledger import Outcome
from contracts.values import REPAIRS, VALUE_REASONS

ROOT = Path(__file__).parents[2]
PACKAGES = ("contracts", "ingestion", "transforms")
OUTCOMES = ("analyser", "job_init", "late_metadata", "result_handler", "transcribing")
LISTED = {*REPAIRS, *VALUE_REASONS, *get_args(Outcome)} - {"early"}  # early raises, ends nothing
NAMED = {"reason", "warning", "warnings", "word"}

_WORD = re.compile(r"[a-z][a-z0-9_]+")
_ROW = re.compile(r"^\| (`[^|]+) \|", re.MULTILINE)


def test_every_word_of_the_code_is_in_the_runbook() -> None:
    assert words_of(ROOT) | LISTED <= explained(ROOT)


def test_every_row_of_the_runbook_is_a_word_of_the_code() -> None:
    rows = " ".join(_ROW.findall(_runbook(ROOT)))
    assert set(re.findall(r"`([a-z0-9_]+)`", rows)) <= words_of(ROOT) | LISTED


def test_a_planted_word_is_found_wherever_it_is_said(tmp_path: Path) -> None:
    (tmp_path / "ingestion").mkdir()
    planted = tmp_path / "ingestion" / "analyser.py"
    planted.write_text(
        'def f(x):\n    reason = "w1" if x else "w2"\n    x.warnings.add("w3")\n'
        '    _fail(x, x, "w4")\n    if x:\n        raise Rejected("w5", "text")\n'
        '    g(warnings=("w6",), other={"reason": "w7"})\n    return "w8" if Done("w9") else x\n',
        encoding="utf-8",
    )
    assert words_of(tmp_path) == {f"w{number}" for number in range(1, 10)}


def words_of(root: Path) -> set[str]:
    """Return the words that the code below `root` can end or mark a call with."""
    found = set()
    for package in PACKAGES:
        for path in (root / package).rglob("*.py"):
            tree = ast.parse(path.read_text(encoding="utf-8"))
            for node in ast.walk(tree):
                found |= set(_said(node, is_outcome=path.stem in OUTCOMES))
    return {word for word in found if _WORD.fullmatch(word)} - NAMED


def explained(root: Path) -> set[str]:
    """Return the words the runbook speaks of."""
    return set(re.findall(r"`([a-z0-9_]+)`", _runbook(root)))


def _runbook(root: Path) -> str:
    return (root / "docs" / "runbook.md").read_text(encoding="utf-8")


def _said(node: ast.AST, *, is_outcome: bool) -> Iterator[str]:
    if isinstance(node, ast.Call):
        yield from _of_call(node)
    elif isinstance(node, ast.Assign):
        yield from _texts(node.value) if ast.unparse(node.targets[0]) in NAMED else ()
    elif isinstance(node, ast.keyword):
        yield from _texts(node.value) if node.arg == "warnings" else ()
    elif isinstance(node, ast.Dict):
        for key, value in zip(node.keys, node.values, strict=True):
            if isinstance(key, ast.Constant) and key.value in NAMED:
                yield from _texts(value)
    elif is_outcome and isinstance(node, ast.Return):
        yield from _texts(node.value) if isinstance(node.value, ast.Constant | ast.IfExp) else ()


def _of_call(node: ast.Call) -> Iterator[str]:
    name = ast.unparse(node.func)
    if name in ("Rejected", "Done", "_fail"):
        said = node.args[2] if name == "_fail" else node.args[0]
        yield from _texts(said) if isinstance(said, ast.Constant) else ()
    elif re.search(r"\bwarnings\W*\.(?:add|append)$", name):
        yield from _texts(node.args[0])


def _texts(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    if not isinstance(node, ast.Dict):
        for inner in ast.iter_child_nodes(node):
            yield from _texts(inner)
