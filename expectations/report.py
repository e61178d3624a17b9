"""Verdict rows -> the page people read and the lines a terminal shows.

Static: inline style, no script, no address of any other place, so it opens anywhere and calls
nobody.
"""

from collections.abc import Iterable, Sequence
from html import escape
from typing import Final

from contracts.verdicts import BLOCKING, WHOLE, Verdict, worst

_STYLE: Final = (
    "body{font:16px/1.5 system-ui,sans-serif;max-width:70rem;margin:2rem auto;padding:0 1rem;"
    "color:#1b1b1b;background:#fff}table{border-collapse:collapse;width:100%}"
    "th,td{text-align:left;padding:.4rem .6rem;border-bottom:1px solid #ccc;vertical-align:top}"
    ".PASS{color:#00563f}.WARN{color:#7a4b00}.FAIL,.ERROR{color:#a32100;font-weight:bold}"
)
_WORDS: Final = {
    "PASS": "passed",
    "WARN": "published, with warnings",
    "FAIL": "held back",
    "ERROR": "held back: the gate could not judge it",
}
_ORDER: Final = {"ERROR": 0, "FAIL": 1, "WARN": 2, "PASS": 3}


def render_report(run_id: str, recorded_at: str, verdicts: Sequence[Verdict]) -> bytes:
    """Return the page about the given verdicts: each tenant in words, failed claims first."""
    title = f"Data quality, run {run_id}"
    tenants = sorted({verdict.tenant_id for verdict in verdicts})
    parts = [_tenant(tenant, [v for v in verdicts if v.tenant_id == tenant]) for tenant in tenants]
    page = (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{escape(title)}</title>'
        f"<style>{_STYLE}</style></head><body><h1>{escape(title)}</h1>"
        f"<p>Judged {escape(recorded_at)}.</p>{''.join(parts)}</body></html>"
    )
    return page.encode()


def failed_items(verdicts: Iterable[Verdict]) -> list[Verdict]:
    """Return the claims that did not hold, worst first; a dataset without items stands for itself.

    A dataset's own row is left out where one of its claims says the same more exactly.
    """
    found = [verdict for verdict in verdicts if verdict.status != "PASS"]
    exact = {verdict.dataset for verdict in found if verdict.expectation_id != WHOLE}
    kept = [v for v in found if v.expectation_id != WHOLE or v.dataset not in exact]
    return sorted(kept, key=lambda v: (_ORDER[v.status], v.dataset, v.expectation_id))


def blocking_items(verdicts: Iterable[Verdict]) -> list[Verdict]:
    """Return the claims that hold a tenant back."""
    return [verdict for verdict in failed_items(verdicts) if verdict.status in BLOCKING]


def _tenant(tenant: str, verdicts: Sequence[Verdict]) -> str:
    wholes = [verdict for verdict in verdicts if verdict.expectation_id == WHOLE]
    status = worst([verdict.status for verdict in wholes])
    return (
        f'<h2>{escape(tenant)}: <span class="{status}">{_WORDS[status]}</span></h2>'
        f"{_failures(failed_items(verdicts))}{_datasets(wholes, verdicts)}"
    )


def _failures(verdicts: Sequence[Verdict]) -> str:
    if not verdicts:
        return "<p>Every expectation holds.</p>"
    cells = [
        (
            _mark(verdict),
            f"{verdict.dataset}.{verdict.expectation_id}",
            _rows(verdict),
            verdict.why or "",
            verdict.what_to_do or "",
            verdict.example_keys or verdict.observed or "",
        )
        for verdict in verdicts
    ]
    return _table(("", "expectation", "rows", "why it matters", "what to do", "examples"), cells)


def _datasets(wholes: Sequence[Verdict], verdicts: Sequence[Verdict]) -> str:
    cells = []
    for whole in wholes:
        checked = [v for v in verdicts if v.dataset == whole.dataset and v is not whole]
        held = sum(verdict.status == "PASS" for verdict in checked)
        cells.append(
            (
                _mark(whole),
                whole.dataset,
                str(whole.row_count),
                f"{held} of {len(checked)} hold",
            )
        )
    return _table(("", "dataset", "rows", "expectations"), cells)


def _rows(verdict: Verdict) -> str:
    if verdict.unexpected_count is None:
        return ""
    return f"{verdict.unexpected_count} of {verdict.element_count or verdict.row_count}"


def _mark(verdict: Verdict) -> str:
    return verdict.status


def _table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    head = "".join(f"<th>{escape(text)}</th>" for text in heads)
    body = "".join(
        f'<tr><td class="{row[0]}">{row[0]}</td>'
        + "".join(f"<td>{escape(text)}</td>" for text in row[1:])
        + "</tr>"
        for row in rows
    )
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
