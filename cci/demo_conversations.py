"""A theme and the results a call shall have -> what agent and customer say.

The words come from `demo_stories/`. An agent's line holds a phrase the form counts exactly where
the criterion shall pass, so the truth of a call is known before anything judges it.
"""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from random import Random  # noqa: TID251 (the caller seeds it)
from typing import Any, Final, Literal

Result = Literal["passed", "failed", "not_applicable"]
Results = Mapping[str, Result]

DISCLOSURE: Final = "disclosure"


@dataclass(frozen=True, slots=True)
class Line:
    """One utterance of the story."""

    speaker: str
    text: str


def tell(chance: Random, theme: str, firm: str, results: Results) -> tuple[Line, ...]:
    """Return the conversation, 11 to 24 lines; disclosure `not_applicable` means no payment."""
    return tuple(_Teller(chance, theme, firm, results).lines())


@cache
def words(name: str) -> Any:
    """Return the content of `demo_stories/<name>.toml`."""
    path = Path(__file__).with_name("demo_stories") / f"{name}.toml"
    return tomllib.loads(path.read_text(encoding="utf-8"))


@cache
def criterion_ids() -> tuple[str, ...]:
    """Return the criteria of the form, in its order."""
    return tuple(row["criterion_id"] for row in words("criteria")["criterion"])


class _Teller:
    """Picks and fills the lines of one call; what is filled in stays the same throughout."""

    def __init__(self, chance: Random, theme: str, firm: str, results: Results) -> None:
        self._chance = chance
        self._theme = words("themes")[theme]
        self._common = words("themes")["common"]
        self._results = results
        self._facts = {
            "firm": firm,
            "item": chance.choice(self._theme["items"]),
            "deed": chance.choice(self._theme["deeds"]),
            "day": chance.choice(self._common["days"]),
            "days": str(chance.randint(2, 14)),
            "amount": str(chance.randint(18, 240)),
        }

    def lines(self) -> list[Line]:
        is_known = self._results["identity"] == "passed"
        return [
            self._said("greeting"),
            self._pick("customer", self._theme["openings"]),
            self._said("empathy"),
            self._pick("customer", self._theme["details"]),
            self._said("identity"),
            self._pick("customer", self._common["identified" if is_known else "not_identified"]),
            self._pick("agent", self._common["checking"]),
            *self._exchanges(),
            *self._payment(),
            self._said("resolution"),
            self._pick("customer", self._common["happy" if self._is_content() else "unhappy"]),
            self._said("closing"),
            self._pick("customer", self._common["done" if self._asked_more() else "gone"]),
        ]

    def _exchanges(self) -> list[Line]:
        count = self._chance.randint(0, 4)
        chosen = self._chance.sample(self._theme["exchanges"], k=count)
        return [
            self._line(speaker, text)
            for pair in chosen
            for speaker, text in zip(("agent", "customer"), pair, strict=True)
        ]

    def _payment(self) -> list[Line]:
        if self._results[DISCLOSURE] == "not_applicable":
            return []
        question, answer = self._theme["payments"]
        return [
            self._line("agent", question),
            self._line("customer", answer),
            self._said(DISCLOSURE),
            self._pick("customer", self._common["read_out"]),
        ]

    def _is_content(self) -> bool:
        return self._results["resolution"] == "passed" and self._results["empathy"] == "passed"

    def _asked_more(self) -> bool:
        return self._results["closing"] == "passed"

    def _said(self, criterion_id: str) -> Line:
        rows = words("criteria")["criterion"]
        row = next(row for row in rows if row["criterion_id"] == criterion_id)
        kind = "passes" if self._results[criterion_id] == "passed" else "fails"
        return self._pick("agent", row[kind])

    def _pick(self, speaker: str, texts: Sequence[str]) -> Line:
        return self._line(speaker, self._chance.choice(texts))

    def _line(self, speaker: str, text: str) -> Line:
        return Line(speaker, text.format(**self._facts))
