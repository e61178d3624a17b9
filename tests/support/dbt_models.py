"""The dbt project read without dbt and without AWS: rendered SQL, YAML and manifest-like facts.

`ref('x')` renders as `x`, `source('lake', 'calls')` as `lake.calls`; macros and vars are real.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from jinja2 import Environment

PROJECT = Path(__file__).parents[2] / "dbt_project"
STARTED_AT = datetime(2026, 1, 31, 2, tzinfo=UTC)


@dataclass(frozen=True)
class Model:
    """One SQL file of `models/`: where it lies, its text and what dbt would send to Athena."""

    path: Path
    text: str
    sql: str
    properties: dict[str, Any]

    @property
    def name(self) -> str:
        return self.path.stem

    @property
    def layer(self) -> str:
        return self.path.relative_to(PROJECT / "models").parts[0]

    @property
    def is_tenant_free(self) -> bool:
        return bool(self.properties.get("config", {}).get("meta", {}).get("tenant_free"))


def models(project: Path = PROJECT) -> Iterator[Model]:
    """Yield every model of `project`, rendered."""
    for path in sorted((project / "models").rglob("*.sql")):
        text = path.read_text(encoding="utf-8")
        yield Model(path, text, render(text), _properties(path))


def render(text: str) -> str:
    """Return SQL with Jinja, as dbt renders a model of this project."""
    return _environment().from_string(_macros() + text).render().strip()


def _properties(path: Path) -> dict[str, Any]:
    beside = path.with_suffix(".yml")
    if not beside.exists():
        return {}
    return dict(yaml.safe_load(beside.read_text(encoding="utf-8"))["models"][0])


@cache
def _macros() -> str:
    files = sorted((PROJECT / "macros").glob("*.sql"))
    return "".join(path.read_text(encoding="utf-8") for path in files)


@cache
def _environment() -> Environment:
    project = yaml.safe_load((PROJECT / "dbt_project.yml").read_text(encoding="utf-8"))
    environment = Environment(autoescape=False)  # noqa: S701 - SQL, not HTML
    environment.globals.update(
        ref=lambda name: name,
        source=lambda source, table: f"{source}.{table}",
        var=project["vars"].get,
        run_started_at=STARTED_AT,
    )
    return environment
