"""A text -> how many of its words are kind and how many unkind: the stand-in for sentiment.

Shared by Comprehend, Call Analytics and Bedrock, so that their stand-ins agree on one call.
"""

import re
from dataclasses import dataclass

from localaws.services.words import word_set

_WORD = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)?")


@dataclass(frozen=True, slots=True)
class Tone:
    """Counts of one text: `positive` and `negative` words, and `words` in all."""

    positive: int
    negative: int
    words: int

    @property
    def balance(self) -> float:
        """Return -1 (all unkind) to 1 (all kind); 0 where neither or both."""
        return (self.positive - self.negative) / max(1, self.positive + self.negative)


def tone(text: str) -> Tone:
    """Count the tone words of `text`; a negation right before a kind word makes it unkind."""
    kind, unkind, negations = word_set("positive"), word_set("negative"), word_set("negations")
    words = [word.lower() for word in _WORD.findall(text.replace("\u2019", "'"))]
    positive = negative = 0
    for before, word in zip(["", *words], words, strict=False):
        if word in unkind or (word in kind and before in negations):
            negative += 1
        elif word in kind:
            positive += 1
    return Tone(positive, negative, len(words))


def sentiment(text: str) -> tuple[str, dict[str, float]]:
    """Return the label and the four scores of `text`, which sum to 1.

    Equal scores resolve as mixed, negative, positive, neutral.
    """
    found = tone(text)
    weights = {
        "Mixed": 2.2 * min(found.positive, found.negative) + 0.02,
        "Negative": found.negative + 0.02,
        "Positive": found.positive + 0.02,
        "Neutral": 0.5 + found.words / 80,
    }
    total = sum(weights.values())
    scores = {name: weight / total for name, weight in weights.items()}
    return max(scores, key=scores.__getitem__).upper(), scores
