"""Comprehend requests -> answers by word lists and patterns, in AWS's shapes and within its limits.

The stand-in is no model: it gives the same answer for the same text, scores that sum to 1 and
offsets that slice back to `Text`, so that what the product does with them can be checked.
"""

import re
from collections.abc import Callable
from typing import Any, Final

from localaws.caller import Caller
from localaws.errors import ApiError, not_implemented
from localaws.services.request_checks import check_request, operations
from localaws.services.spans import certainty, entity_spans, pii_spans
from localaws.services.tone_words import sentiment
from localaws.services.words import language_words, word_set

BATCH_DOCUMENTS: Final = 25
BATCH_BYTES: Final = 5_000
SINGLE_BYTES: Final = {"Sentiment": 5_000}
LARGEST_BYTES: Final = 100_000
PII_LANGUAGES: Final = ("en", "es")

Detect = Callable[[str], dict[str, Any]]

_BREAK = re.compile(r"[.,;:!?()\n\"]+|\s+-\s+")


def answer(operation: str, request: dict[str, Any], caller: Caller) -> dict[str, Any]:  # noqa: ARG001 (every service has one signature)
    """Return Comprehend's answer; raise ApiError for what AWS refuses and what we lack."""
    detect = _DETECTORS.get(operation.removeprefix("Batch"))
    if operation not in operations("comprehend") or detect is None:
        raise not_implemented("comprehend", operation, "a model for this kind of question")
    check_request("comprehend", operation, request, "ValidationException")
    _check_language(operation, request)
    if operation.startswith("Batch"):
        return _batch(request["TextList"], detect)
    kind = operation.removeprefix("Detect")
    _check_size(request["Text"], SINGLE_BYTES.get(kind, LARGEST_BYTES))
    return detect(request["Text"])


def _check_language(operation: str, request: dict[str, Any]) -> None:
    language = request.get("LanguageCode")
    if "Pii" in operation and language not in PII_LANGUAGES:
        raise ApiError(
            "UnsupportedLanguageException",
            f"Input language {language} is not supported for PII; use {', '.join(PII_LANGUAGES)}",
        )


def _batch(texts: list[str], detect: Detect) -> dict[str, Any]:
    if len(texts) > BATCH_DOCUMENTS:
        raise ApiError(
            "BatchSizeLimitExceededException",
            f"Input batch size {len(texts)} exceeds the limit of {BATCH_DOCUMENTS} documents",
        )
    results: list[dict[str, Any]] = []
    errors: list[dict[str, Any]] = []
    for index, text in enumerate(texts):
        size = len(text.encode())
        if size > BATCH_BYTES:
            fault = {"ErrorCode": "TEXT_SIZE_LIMIT_EXCEEDED", "ErrorMessage": _too_big(size)}
            errors.append({"Index": index, **fault})
        else:
            results.append({"Index": index, **detect(text)})
    return {"ResultList": results, "ErrorList": errors}


def _check_size(text: str, limit: int) -> None:
    size = len(text.encode())
    if size > limit:
        raise ApiError("TextSizeLimitExceededException", _too_big(size, limit))


def _too_big(size: int, limit: int = BATCH_BYTES) -> str:
    return (
        f"Input text size exceeds limit. Max length of request text allowed is {limit} bytes "
        f"while in this request the text size is {size} bytes"
    )


def _sentiment(text: str) -> dict[str, Any]:
    label, scores = sentiment(text)
    return {"Sentiment": label, "SentimentScore": scores}


def _key_phrases(text: str) -> dict[str, Any]:
    phrases: list[dict[str, Any]] = []
    position = 0
    for match in [*_BREAK.finditer(text), None]:
        end = match.start() if match else len(text)
        phrases += _phrases_between(text, position, end)
        position = match.end() if match else end
    return {"KeyPhrases": phrases}


def _phrases_between(text: str, begin: int, end: int) -> list[dict[str, Any]]:
    """Return each run of up to four words that are no stop words, with AWS's offsets."""
    stop = word_set("stop")
    found: list[dict[str, Any]] = []
    run: list[re.Match[str]] = []
    words = [*re.compile(r"\S+").finditer(text, begin, end), None]
    for word in words:
        if word is not None and word[0].lower() not in stop and len(run) < 4:
            run.append(word)
            continue
        if run and any(character.isalpha() for character in text[run[0].start() : run[-1].end()]):
            found.append(_located(text, run[0].start(), run[-1].end()))
        run = [word] if word is not None and word[0].lower() not in stop else []
    return found


def _located(text: str, begin: int, end: int, **more: Any) -> dict[str, Any]:
    found = text[begin:end]
    return {
        "Score": certainty(found, *more.values()),
        **more,
        "Text": found,
        "BeginOffset": begin,
        "EndOffset": end,
    }


def _entities(text: str) -> dict[str, Any]:
    spans = entity_spans(text)
    return {"Entities": [_located(text, span.begin, span.end, Type=span.kind) for span in spans]}


def _pii_entities(text: str) -> dict[str, Any]:
    """Return the PII stretches; AWS answers offsets only, never the text itself."""
    entities = [
        {
            "Score": certainty(span.kind, text[span.begin : span.end]),
            "Type": span.kind,
            "BeginOffset": span.begin,
            "EndOffset": span.end,
        }
        for span in pii_spans(text)
    ]
    return {"Entities": entities}


def _pii_labels(text: str) -> dict[str, Any]:
    kinds = sorted({span.kind for span in pii_spans(text)})
    return {"Labels": [{"Name": kind, "Score": certainty(kind)} for kind in kinds]}


def _dominant_language(text: str) -> dict[str, Any]:
    """Return languages by their commonest words, surest first; English where nothing speaks."""
    words = re.findall(r"[^\W\d_]+", text.lower())
    counts = {
        code: sum(word in known for word in words) for code, known in language_words().items()
    }
    total = sum(counts.values())
    if total == 0:
        return {"Languages": [{"LanguageCode": "en", "Score": 0.5}]}
    found = [
        {"LanguageCode": code, "Score": round(count / total, 6)}
        for code, count in sorted(counts.items(), key=lambda item: (-item[1], item[0]))
        if count
    ]
    return {"Languages": found}


_DETECTORS: Final[dict[str, Detect]] = {
    "DetectSentiment": _sentiment,
    "DetectKeyPhrases": _key_phrases,
    "DetectEntities": _entities,
    "DetectDominantLanguage": _dominant_language,
    "DetectPiiEntities": _pii_entities,
    "ContainsPiiEntities": _pii_labels,
}
