"""Rows come out as a table, CSV or JSON without changing a value."""

import json

from rich.console import Console

from cci import show

COLUMNS = ("tenant_id", "failed", "rate")
ROWS = (("acme", "3", "0.5"), ("acme-uk", "12", None))


def test_json_keeps_null_and_names_every_column() -> None:
    assert json.loads(show.as_json(COLUMNS, ROWS)) == [
        {"tenant_id": "acme", "failed": "3", "rate": "0.5"},
        {"tenant_id": "acme-uk", "failed": "12", "rate": None},
    ]


def test_csv_quotes_what_needs_it() -> None:
    assert show.as_csv(("a", "b"), [("x,y", None)]) == 'a,b\n"x,y",\n'


def test_a_table_shows_an_absent_value_as_nothing() -> None:
    console = Console(width=60, record=True, file=None)
    with console.capture() as shown:
        console.print(show.as_table(COLUMNS, ROWS))
    assert "acme-uk" in shown.get()
    assert "None" not in shown.get()
