"""The real files come out as sources.md §6 says, to the digits."""

import json
from collections import Counter
from pathlib import Path

import pytest

from ingestion.figures import compute
from ingestion.transcripts.read import read_transcript
from ingestion.transcripts.standard import full_text

REAL = Path(__file__).parents[3].parent / "shared/real"
BATCH = REAL / "transcribe-batch"
CALL = REAL / "call-analytics/word-document/example-call.json"
needs_real = pytest.mark.skipif(not BATCH.is_dir(), reason="needs shared/real/transcribe-batch")
STANDARD = sorted(BATCH.glob("*/*.json"))

TWO = {"ch_0": 12, "ch_1": 9}
THREE = {"spk_0": 11, "spk_1": 10, "spk_2": 3}
FIVE = {"spk_0": 1, "spk_1": 1, "spk_2": 2, "spk_3": 15, "spk_4": 4}
CASES = [
    ("kibaffo33/01*", 354, {"": 21}, 0.969692, 10.18, None),
    ("kibaffo33/05*", 354, {"": 21}, 0.969692, 10.18, True),
    ("kibaffo33/06*", 354, {"": 21}, 0.969692, 10.18, False),
    ("kibaffo33/07*", 354, {"": 21}, 0.969692, 10.18, None),
    ("kibaffo33/02*", 354, TWO, 0.970116, 10.18, None),
    ("kibaffo33/09*", 354, TWO, 0.970116, 10.18, None),
    ("kibaffo33/11*", 354, TWO, 0.970116, 10.18, None),
    ("kibaffo33/03*", 354, THREE, 0.969862, 10.18, None),
    ("kibaffo33/13*", 354, THREE, 0.969862, 10.18, None),
    ("bbc/*", 1791, None, 0.975973, 3.67, None),
    ("speakeasy/*", 511, FIVE, 0.987141, 18.796, None),
]


@needs_real
@pytest.mark.parametrize(("pattern", "words", "turns", "confidence", "silence", "redacted"), CASES)
def test_standard_files_give_the_listed_figures(
    pattern, words, turns, confidence, silence, redacted
):
    (path,) = (p for p in BATCH.glob(pattern) if p.suffix == ".json")
    transcript = read_transcript(path.read_bytes())
    figures = compute(transcript.turns)
    assert sum(len(turn.words) for turn in transcript.turns) == words
    assert turns is None or Counter(turn.label for turn in transcript.turns) == turns
    assert transcript.average_word_confidence == confidence
    assert figures is not None
    assert figures.non_talk_seconds == silence
    assert transcript.is_redacted is redacted


@needs_real
def test_talk_is_one_speakers_words_joined_over_short_pauses():
    talk = {}
    for name in ("02", "03"):
        (path,) = (BATCH / "kibaffo33").glob(f"{name}*.json")
        figures = compute(read_transcript(path.read_bytes()).turns)
        assert figures is not None
        talk[name] = figures.talk_seconds
    assert talk["02"] == {"ch_0": 54.80, "ch_1": 67.29}
    assert talk["03"] == {"spk_0": 67.29, "spk_1": 34.56, "spk_2": 20.21}


@needs_real
@pytest.mark.parametrize("path", STANDARD, ids=lambda path: path.stem)
def test_words_rebuild_the_files_own_transcript(path):
    results = json.loads(path.read_bytes())["results"]
    assert full_text(results["items"]) == results["transcripts"][0]["transcript"]


@needs_real
def test_call_analytics_gives_the_listed_figures():
    call = read_transcript(CALL.read_bytes())
    stated = call.stated
    assert stated is not None
    assert len(call.turns) == 37
    assert call.average_word_confidence == 0.980664
    assert stated.talk_seconds == {"agent": 104.349, "customer": 63.79}
    assert (stated.non_talk_seconds, stated.interruption_count) == (0.0, 2)
    assert stated.customer_shift == 3.8
    assert [n for n, turn in enumerate(call.turns, 1) if turn.is_interruption] == [5, 33]
    assert [(issue["kind"], issue["turn"]) for issue in call.issues] == [
        ("issue", 4),
        ("action_item", 27),
        ("outcome", 29),
    ]
    assert call.is_redacted is True


@needs_real
def test_computed_talk_lies_within_two_percent_of_call_analytics():
    call = read_transcript(CALL.read_bytes())
    figures = compute(call.turns)
    assert figures is not None
    assert call.stated is not None
    for party, seconds in call.stated.talk_seconds.items():
        assert figures.talk_seconds[party] == pytest.approx(seconds, rel=0.02)
