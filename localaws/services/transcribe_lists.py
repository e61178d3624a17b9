"""Transcribe's word lists -> kept, checked when a job names one: vocabularies, filters, categories.

A vocabulary changes nothing here: nothing is recognised, the words of a recording are prepared or
invented. A filter and a category do what AWS does with them.
"""

import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from localaws import state
from localaws.caller import Caller
from localaws.errors import ApiError, not_implemented
from localaws.services.objects import Objects, Place
from localaws.services.transcribe_requests import s3_place

Record = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of list: its word in operations, the plural, the field of its words, of its file."""

    word: str
    plural: str
    name: str
    words: str
    file: str
    shown: tuple[str, ...]


VOCABULARY: Final = Kind(
    "Vocabulary", "Vocabularies", "VocabularyName", "Phrases", "VocabularyFileUri",
    ("VocabularyName", "LanguageCode", "VocabularyState", "LastModifiedTime"),
)  # fmt: skip
FILTER: Final = Kind(
    "VocabularyFilter", "VocabularyFilters", "VocabularyFilterName", "Words",
    "VocabularyFilterFileUri", ("VocabularyFilterName", "LanguageCode", "LastModifiedTime"),
)  # fmt: skip
CATEGORY: Final = Kind(
    "CallAnalyticsCategory", "CallAnalyticsCategories", "CategoryName", "Rules", "",
    ("CategoryName", "Rules", "CreateTime", "LastUpdateTime", "Tags", "InputType"),
)  # fmt: skip
KINDS: Final = (VOCABULARY, FILTER, CATEGORY)
_VERBS: Final = ("Create", "Get", "Update", "Delete")
_PAGE: Final = 5


def is_about_lists(operation: str) -> bool:
    """Tell whether an operation of Transcribe is answered here."""
    return operation in _OPERATIONS


def answer_lists(
    operation: str, request: Mapping[str, Any], caller: Caller, objects: Objects
) -> Record:
    """Return the answer of a checked request; raise ApiError in AWS's words."""
    verb, kind = _OPERATIONS[operation]
    return verb(kind, request, _Shelf(kind, caller), objects)


def named_list(kind: Kind, name: str, language: str | None, caller: Caller) -> Record:
    """Return the list a job names; raise BadRequestException when the job cannot use it."""
    found = _Shelf(kind, caller).find(name)
    if found is None:
        raise _bad(f"The requested {kind.word} couldn't be found. Check the name: {name}.")
    if language is not None and found["LanguageCode"] != language:
        text = f"{kind.word} {name} is for {found['LanguageCode']}, the job for {language}."
        raise _bad(text)
    return found


def list_settings(
    operation: str, options: Mapping[str, Any], language: str | None, caller: Caller
) -> tuple[list[str], str]:
    """Return the words a job filters and how (mask, remove); no words where it names no filter.

    Raise ApiError for a list the job cannot use, and for the method whose result we cannot write.
    """
    if "VocabularyName" in options:
        named_list(VOCABULARY, options["VocabularyName"], language, caller)
    name, method = options.get("VocabularyFilterName"), options.get("VocabularyFilterMethod")
    if name is None:
        if method is not None:
            raise _bad("VocabularyFilterMethod needs a VocabularyFilterName.")
        return [], ""
    if method is None and operation == "StartTranscriptionJob":
        raise _bad("VocabularyFilterName needs a VocabularyFilterMethod.")
    if method == "tag":
        needs = "the mark a tagged word has in a result"
        raise not_implemented("transcribe", f"{operation}(VocabularyFilterMethod=tag)", needs)
    return named_list(FILTER, name, language, caller)["Words"], method or "mask"


def categories(caller: Caller) -> list[Record]:
    """Return the caller's categories of recorded calls, in the order of their names."""
    return [row for row in _Shelf(CATEGORY, caller).all() if row.get("InputType") != "REAL_TIME"]


class _Shelf:
    """The lists of one kind in the caller's account and region."""

    def __init__(self, kind: Kind, caller: Caller) -> None:
        self._kind = kind
        self._store = state.register("transcribe_lists")
        self._prefix = f"{caller.account}/{caller.region}/{kind.word}/"

    def find(self, name: str) -> Record | None:
        found: Record | None = self._store.get(self._prefix + name)
        return found

    def need(self, name: str) -> Record:
        found = self.find(name)
        if found is None:
            text = f"The requested {self._kind.word} {name} couldn't be found."
            raise ApiError("NotFoundException", text)
        return found

    def keep(self, name: str, record: Record) -> None:
        self._store[self._prefix + name] = record

    def drop(self, name: str) -> None:
        self.need(name)
        del self._store[self._prefix + name]

    def all(self) -> list[Record]:
        found = [row for key, row in self._store.items() if key.startswith(self._prefix)]
        return sorted(found, key=lambda row: str(row[self._kind.name]))


def _create(kind: Kind, request: Mapping[str, Any], shelf: _Shelf, objects: Objects) -> Record:
    name = request[kind.name]
    if shelf.find(name) is not None:
        text = f"The requested {kind.word} name already exists: {name}."
        raise ApiError("ConflictException", text)
    now = time.time()
    record = {**_content(kind, request, objects), "CreateTime": now}
    return _kept(kind, name, {**record, "Tags": request.get("Tags", [])}, shelf)


def _update(kind: Kind, request: Mapping[str, Any], shelf: _Shelf, objects: Objects) -> Record:
    name = request[kind.name]
    standing = shelf.need(name)
    return _kept(kind, name, {**standing, **_content(kind, request, objects)}, shelf)


def _get(kind: Kind, request: Mapping[str, Any], shelf: _Shelf, _objects: Objects) -> Record:
    return _shown(kind, shelf.need(request[kind.name]))


def _delete(kind: Kind, request: Mapping[str, Any], shelf: _Shelf, _objects: Objects) -> Record:
    shelf.drop(request[kind.name])
    return {}


def _list(kind: Kind, request: Mapping[str, Any], shelf: _Shelf, _objects: Objects) -> Record:
    part = request.get("NameContains", "").lower()
    state_ = request.get("StateEquals")
    rows = [
        row
        for row in shelf.all()
        if part in row[kind.name].lower() and state_ in (None, row.get("VocabularyState"))
    ]
    begin, size = int(request.get("NextToken") or 0), request.get("MaxResults") or _PAGE
    page = rows[begin : begin + size]
    shown = [row if kind is CATEGORY else _shown(kind, row) for row in page]
    field = "Categories" if kind is CATEGORY else kind.plural
    answer: Record = {field: [_only(kind, row) for row in shown]}
    if begin + size < len(rows):
        answer["NextToken"] = str(begin + size)
    return answer


def _kept(kind: Kind, name: str, record: Record, shelf: _Shelf) -> Record:
    kept = {**record, kind.name: name, "LastModifiedTime": time.time()}
    kept["LastUpdateTime"] = kept["LastModifiedTime"]
    if kind is VOCABULARY:
        kept["VocabularyState"] = "READY"
    shelf.keep(name, kept)
    return _shown(kind, kept)


def _shown(kind: Kind, record: Record) -> Record:
    found = _only(kind, record)
    return {"CategoryProperties": found} if kind is CATEGORY else found


def _only(kind: Kind, record: Record) -> Record:
    found = {name: record[name] for name in kind.shown if name in record}
    if not found.get("Tags", True):
        del found["Tags"]
    return found


def _content(kind: Kind, request: Mapping[str, Any], objects: Objects) -> Record:
    if kind is CATEGORY:
        _check_rules(request["Rules"])
        return {"Rules": request["Rules"], "InputType": request.get("InputType", "POST_CALL")}
    given = [field for field in (kind.words, kind.file) if request.get(field)]
    if len(given) != 1:
        raise _bad(f"Specify exactly one of {kind.words} and {kind.file}.")
    words = request.get(kind.words) or _words_of_file(request[kind.file], objects)
    return {kind.words: list(words), "LanguageCode": request["LanguageCode"]}


def _check_rules(rules: Iterable[Mapping[str, Any]]) -> None:
    for rule in rules:
        if len(rule) != 1:
            raise _bad("Each rule of a category must hold exactly one filter.")


def _words_of_file(uri: str, objects: Objects) -> list[str]:
    data = objects.read(Place(*s3_place(uri)))
    if data is None:
        raise _bad(f"The S3 URI that you provided can't be accessed: {uri}")
    lines = [line.split("\t")[0].strip() for line in data.decode("utf-8-sig").splitlines()]
    return [line for line in lines if line]


def _bad(text: str) -> ApiError:
    return ApiError("BadRequestException", text)


Verb = Callable[[Kind, Mapping[str, Any], _Shelf, Objects], Record]
_BY_VERB: Final[dict[str, Verb]] = dict(zip(_VERBS, (_create, _get, _update, _delete), strict=True))
_OPERATIONS: Final[dict[str, tuple[Verb, Kind]]] = {
    **{f"{verb}{kind.word}": (_BY_VERB[verb], kind) for verb in _VERBS for kind in KINDS},
    **{f"List{kind.plural}": (_list, kind) for kind in KINDS},
}
