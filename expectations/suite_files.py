"""A suite file (YAML) -> a Suite, or a refusal that lists every problem in it.

The schema is our own and closed, because Great Expectations logs and drops what it does not know
(serving.md 1.2): a misspelt key would be an expectation that never runs.
"""

import hashlib
import json
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any, Final

import yaml

from contracts.verdicts import SEVERITIES, Severity

SUITES: Final = files("expectations").joinpath("suites")  # also inside a zip, as Glue has it


_FILE_KEYS: Final = frozenset({"suite", "nullable_key", "expectations"})
_MANDATORY: Final = ("id", "severity", "owner", "why", "what_to_do")
_ITEM_KEYS: Final = frozenset({
    *_MANDATORY, "type", "kwargs", "never", "where", "where_min_rows", "nulls",
})  # fmt: skip
_ID = re.compile(r"[a-z][a-z0-9_]*")
_ESCAPED = re.compile(r"\\.", re.DOTALL)
_CLASS = re.compile(r"\[\^?[^\]]*\]")


class BadSuite(Exception):
    """A suite file is not what it must be; the message lists every problem."""


@dataclass(frozen=True, slots=True)
class Item:
    """One expectation; `where` is a pandas condition that selects the rows it speaks of."""

    id: str
    type: str
    kwargs: Mapping[str, Any]
    severity: Severity
    owner: str
    why: str
    what_to_do: str
    where: str | None = None
    where_min_rows: int = 0


@dataclass(frozen=True, slots=True)
class Suite:
    """The expectations of one dataset, in file order; `nullable_key` may be NULL in its key."""

    name: str
    items: tuple[Item, ...]
    nullable_key: tuple[str, ...] = ()

    @property
    def digest(self) -> str:
        """Return the sha256 of what is expected: a changed suite judges all history again."""
        items = [[getattr(item, name) for name in Item.__slots__] for item in self.items]
        return hashlib.sha256(json.dumps([self.name, items], sort_keys=True).encode()).hexdigest()


def read_suites(folder: Traversable = SUITES) -> dict[str, Suite]:
    """Return the suites of a folder by name; raise BadSuite at the first file that is not one."""
    found = sorted(file.name for file in folder.iterdir() if file.name.endswith(".yml"))
    names = [name.removesuffix(".yml") for name in found]
    return {name: parse_suite(folder.joinpath(f"{name}.yml").read_text(), name) for name in names}


def parse_suite(text: str, name: str) -> Suite:
    """Return the suite in `text`; raise BadSuite listing all that is wrong with it.

    `nulls: forbidden` adds a not-null twin with the same `where`. `never: CONDITION` is short for:
    no row may satisfy it.
    """
    content = yaml.safe_load(text)
    if not isinstance(content, dict) or not isinstance(content.get("expectations"), list):
        raise BadSuite(f"{name}.yml: expected `suite:` and a list `expectations:`")
    entries = content["expectations"]
    problems = [*_file_problems(content, name), *_repeats(entries)]
    for entry in entries:
        problems += [f"{_label(entry)}: {problem}" for problem in _item_problems(entry)]
    if problems:
        raise BadSuite(f"{name}.yml: " + "; ".join(problems))
    items = tuple(item for entry in entries for item in _items(entry))
    return Suite(name, items, tuple(content.get("nullable_key", ())))


def with_key(suite: Suite, key: Sequence[str], text_columns: Iterable[str]) -> Suite:
    """Return the suite with what every dataset's key must hold, put first.

    `key` has no tenant_id: that is added. Blank texts are refused in `text_columns` of the key.
    """
    columns = ("tenant_id", *(name for name in key if name != "tenant_id"))
    whole = [name for name in columns if name not in suite.nullable_key]
    texts = set(text_columns)
    items = [_unique(columns) if len(columns) > 1 else None]
    items += [_not_null(name) for name in whole]
    items += [_not_blank(name) for name in whole if name in texts]
    return replace(suite, items=(*(item for item in items if item), *suite.items))


def _file_problems(content: Mapping[str, Any], name: str) -> list[str]:
    problems = [f"unknown key {key!r}" for key in sorted(set(content) - _FILE_KEYS)]
    if content.get("suite") != name:
        problems.append(f"`suite: {content.get('suite')}` must be the file's name, {name}")
    return problems


def _repeats(entries: Sequence[Any]) -> list[str]:
    counts = Counter(_label(entry) for entry in entries)
    return [f"id {name!r} is used {count} times" for name, count in counts.items() if count > 1]


def _item_problems(entry: Any) -> list[str]:
    if not isinstance(entry, dict):
        return ["an expectation is a mapping"]
    problems = [f"unknown key {key!r}" for key in sorted(set(entry) - _ITEM_KEYS)]
    problems += [f"`{name}` is missing" for name in _MANDATORY if not entry.get(name)]
    if not _ID.fullmatch(str(entry.get("id"))):
        problems.append("`id` is lower case, digits and _")
    if entry.get("severity") not in SEVERITIES:
        problems.append(f"`severity` is one of {', '.join(SEVERITIES)}")
    return problems + _claim_problems(entry)


def _claim_problems(entry: Mapping[str, Any]) -> list[str]:
    kwargs = entry.get("kwargs", {})
    problems = []
    if ("never" in entry) == ("type" in entry):
        problems.append("give either `type` (with `kwargs`) or `never`")
    if "never" in entry and {"where", "kwargs", "nulls"} & set(entry):
        problems.append("`never` takes no `where`, `kwargs` or `nulls`")
    if not isinstance(kwargs, dict):
        return [*problems, "`kwargs` is a mapping"]
    if "nulls" in entry and (entry["nulls"] != "forbidden" or "column" not in kwargs):
        problems.append("`nulls` can only be `forbidden`, and needs kwargs.column")
    if "where_min_rows" in entry and "where" not in entry:
        problems.append("`where_min_rows` needs a `where`")
    return problems + [problem for text in _patterns(kwargs) for problem in _pattern_problems(text)]


def _patterns(kwargs: Mapping[str, Any]) -> list[str]:
    return [str(kwargs[name]) for name in ("regex",) if name in kwargs] + [
        str(text) for text in kwargs.get("regex_list", ())
    ]


def _pattern_problems(pattern: str) -> list[str]:
    bare = _CLASS.sub("", _ESCAPED.sub("", pattern))
    if "^" in bare or "$" in bare or not pattern.startswith(r"\A") or not pattern.endswith(r"\Z"):
        return [rf"pattern {pattern!r} must start with \A and end with \Z: $ matches before \n"]
    return []


def _label(entry: Any) -> str:
    return str(entry.get("id")) if isinstance(entry, dict) else repr(entry)


def _items(entry: Mapping[str, Any]) -> list[Item]:
    item = Item(
        id=entry["id"],
        type=entry.get("type", "expect_column_values_to_be_null"),
        kwargs=entry.get("kwargs", {"column": "tenant_id"} if "never" in entry else {}),
        severity=entry["severity"],
        owner=entry["owner"],
        why=entry["why"],
        what_to_do=entry["what_to_do"],
        where=entry.get("never", entry.get("where")),
        where_min_rows=entry.get("where_min_rows", 0),
    )
    return [item, _twin(item)] if "nulls" in entry else [item]


def _twin(item: Item) -> Item:
    return replace(
        item,
        id=f"{item.id}_not_null",
        type="expect_column_values_to_not_be_null",
        kwargs={"column": item.kwargs["column"]},
        where_min_rows=0,
    )


def _unique(columns: Sequence[str]) -> Item:
    return _key_item(
        "key_is_unique",
        "expect_compound_columns_to_be_unique",
        {"column_list": list(columns), "ignore_row_if": "never"},
        "A key that stands twice is counted twice in every sum.",
    )


def _not_null(column: str) -> Item:
    return _key_item(
        f"key_{column}_not_null",
        "expect_column_values_to_not_be_null",
        {"column": column},
        "A row without its key belongs to nothing and joins to nothing.",
    )


def _not_blank(column: str) -> Item:
    return _key_item(
        f"key_{column}_not_blank",
        "expect_column_values_to_match_regex",
        {"column": column, "regex": r"\A\s*\S[\s\S]*\Z"},
        "A blank key looks like a value and joins to every other blank.",
    )


def _key_item(name: str, kind: str, kwargs: Mapping[str, Any], why: str) -> Item:
    return Item(
        id=name,
        type=kind,
        kwargs=kwargs,
        severity="critical",
        owner="platform",
        why=why,
        what_to_do="Run `cci trace TENANT CALL` for an example key, mend the model, run the night "
        "again.",
    )
