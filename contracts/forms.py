"""DynamoDB items -> evaluation forms and tenant settings, and back.

Versions of a form are immutable; `FORM#{name}#current` points at one. The founding items
`QA_TEMPLATE#v1` (a version) and `QA_TEMPLATE#sales` (a name) shared one slot of the sort key; both
are read as forms. Weights are decimals and the threshold a fraction, so that 0.7 means 0.7.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any, Final, Literal, get_args
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from contracts.errors import Rejected
from contracts.tenant import TenantId

DEFAULT_FORM: Final = "default"
DEFAULT_THRESHOLD: Final = Decimal("0.7")

Residency = Literal["eu_only", "any"]
Status = Literal["active", "suspended"]

_FORM_KEY = re.compile(r"FORM#(?P<name>[a-z0-9_-]+)#v(?P<version>[1-9]\d*)")
_OLD_VERSION = re.compile(r"v([1-9]\d*)")
_WEIGHT_PLACES = Decimal("0.0001")
_WEIGHT_LIMIT = 100_000  # decimal(9,4) holds no more


@dataclass(frozen=True, slots=True)
class Criterion:
    """One question of a form.

    Required means it must be assessed; critical means failing it fails the call.
    """

    criterion_id: str
    question: str
    weight: Decimal
    section: str | None = None
    is_required: bool = False
    is_critical: bool = False
    allows_not_applicable: bool = True
    guidance: str | None = None
    valid_from: str | None = None


@dataclass(frozen=True, slots=True)
class Form:
    """One version of an evaluation form; `selection` maps queue, direction, provider to words."""

    name: str
    version: int
    pass_threshold: Decimal
    criteria: tuple[Criterion, ...]
    selection: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    sampling_fraction: Decimal = Decimal(1)
    valid_from: str | None = None

    def selects(self, call: Mapping[str, Any]) -> bool:
        """Return whether a document's `call` object is one this form judges."""
        return all(call.get(name) in words for name, words in self.selection.items())


@dataclass(frozen=True, slots=True)
class TenantSettings:
    """What a tenant chose; unknown attributes of the item stay in `others`."""

    tenant_id: TenantId
    name: str
    status: Status = "active"
    model_id: str | None = None
    timezone: str = "UTC"
    language: str = "en-GB"
    residency: Residency = "eu_only"
    business_calendar: str | None = None
    lake_detail_days: int = 730
    lake_text_days: int = 365
    lake_cost_days: int = 1095
    lake_quality_days: int = 90
    others: Mapping[str, Any] = field(default_factory=dict)


def load_form(item: Mapping[str, Any]) -> Form:
    """Return the form of a `FORM#…#v…` or `QA_TEMPLATE#…` item.

    Raise Rejected `bad_form`, naming the item and what to change.
    """
    where = f"{item.get('pk')} {item.get('sk')}"
    name, version = parse_form_key(str(item.get("sk")), where)
    scoring = item.get("scoring") or {}
    threshold = item.get("pass_threshold", scoring.get("pass_threshold"))
    criteria = tuple(_criterion(entry, where) for entry in item.get("criteria") or ())
    _refuse_bad_criteria(criteria, where)
    return Form(
        name=name,
        version=version,
        pass_threshold=parse_threshold(threshold, where),
        criteria=criteria,
        selection=_selection(item.get("selection") or {}, where),
        sampling_fraction=_sampling(item.get("sampling_fraction", 1), where),
        valid_from=item.get("valid_from"),
    )


def form_items(tenant: TenantId, form: Form, now: str) -> list[dict[str, Any]]:
    """Return the items that publish `form`: the version, then the pointer that makes it current.

    `now` is ISO 8601 UTC and becomes `valid_from` where the form has none. Numbers are Decimals.
    """
    key = {"pk": f"TENANT#{tenant}"}
    version = {
        **key,
        "sk": f"FORM#{form.name}#v{form.version}",
        "kind": "FORM",
        "pass_threshold": form.pass_threshold,
        "sampling_fraction": form.sampling_fraction,
        "selection": {name: list(words) for name, words in form.selection.items()},
        "valid_from": form.valid_from or now,
        "criteria": [_criterion_item(criterion) for criterion in form.criteria],
    }
    return [version, {**key, "sk": f"FORM#{form.name}#current", "version": form.version}]


def load_settings(item: Mapping[str, Any]) -> TenantSettings:
    """Return a tenant's settings from its `META#v1` item, also as the founding documents wrote it.

    Raise Rejected `bad_settings` for a word or number that cannot be meant.
    """
    where = f"{item.get('pk')} {item.get('sk')}"
    rest = {name: value for name, value in item.items() if name not in ("pk", "sk", "kind")}
    tenant = TenantId(str(item.get("pk")).partition("#")[2])
    name = str(rest.pop("name", None) or tenant)
    model_id = rest.pop("model_id", None) or rest.pop("bedrockModel", None)
    chosen = {key: rest.pop(key) for key in _SETTINGS if rest.get(key) is not None}
    for key, words in _SETTING_WORDS.items():
        if chosen.get(key, words[0]) not in words:
            raise Rejected("bad_settings", f"{where}: {key} must be one of {', '.join(words)}", key)
    _refuse_bad_zone(chosen.get("timezone", "UTC"), where)
    for key in _SETTING_DAYS & chosen.keys():
        chosen[key] = _whole(chosen[key], f"{where}: {key}", "bad_settings")
    return TenantSettings(tenant, name, model_id=model_id, others=rest, **chosen)


def settings_item(settings: TenantSettings) -> dict[str, Any]:
    """Return the `META#v1` item of a tenant; absent settings are left out."""
    item = {
        **settings.others,
        "pk": f"TENANT#{settings.tenant_id}",
        "sk": "META#v1",
        "kind": "META",
        "name": settings.name,
        "model_id": settings.model_id,
        **{key: getattr(settings, key) for key in _SETTINGS},
    }
    return {name: value for name, value in item.items() if value is not None}


def parse_form_key(sort_key: str, where: str) -> tuple[str, int]:
    """Return the name and version a sort key stands for, also a `QA_TEMPLATE#…` one.

    Raise Rejected `bad_form`, naming `where` the key was found, for any other.
    """
    if found := _FORM_KEY.fullmatch(sort_key):
        return found["name"], int(found["version"])
    kind, _, slot = sort_key.partition("#")
    if kind != "QA_TEMPLATE" or not slot:
        raise Rejected("bad_form", f"{where}: expected FORM#<name>#v<n> or QA_TEMPLATE#<slot>")
    version = _OLD_VERSION.fullmatch(slot)
    return (DEFAULT_FORM, int(version[1])) if version else (slot, 1)


def parse_threshold(value: object, where: str) -> Decimal:
    """Return a pass threshold as a fraction: 0.7 and 70 are the same; 1 means all of it.

    None means the default, 0.7. Raise Rejected `bad_form` outside 0 < t <= 100.
    """
    if value is None:
        return DEFAULT_THRESHOLD
    threshold = _decimal(value, f"{where}: pass_threshold")
    if not 0 < threshold <= 100:
        raise Rejected(
            "bad_form", f"{where}: pass_threshold must lie in (0, 100]", "pass_threshold"
        )
    return threshold if threshold <= 1 else threshold / 100


_SETTING_WORDS: Final[Mapping[str, Sequence[str]]] = {
    "status": get_args(Status),
    "residency": get_args(Residency),
}
_SETTING_DAYS: Final = frozenset(
    {"lake_detail_days", "lake_text_days", "lake_cost_days", "lake_quality_days"}
)
_SETTINGS: Final = (
    "status",
    "timezone",
    "language",
    "residency",
    "business_calendar",
    *sorted(_SETTING_DAYS),
)


def _criterion(entry: object, where: str) -> Criterion:
    if not isinstance(entry, Mapping):
        raise Rejected("bad_form", f"{where}: each of its criteria must be a map", "criteria")
    criterion_id = entry.get("criterion_id") or entry.get("id")
    question = entry.get("question") or entry.get("text")
    if not criterion_id or not question:
        raise Rejected("bad_form", f"{where}: a criterion lacks criterion_id or question")
    weight = _decimal(entry.get("weight", 1), f"{where} {criterion_id}: weight")
    if not 0 < weight < _WEIGHT_LIMIT or weight != weight.quantize(_WEIGHT_PLACES):
        raise Rejected(
            "bad_form",
            f"{where} {criterion_id}: weight must be > 0 and < {_WEIGHT_LIMIT}, up to 4 decimals",
        )
    is_required = entry.get("is_required", entry.get("required", False))
    what = f"{where} {criterion_id}"
    return Criterion(
        criterion_id=str(criterion_id),
        question=str(question),
        weight=weight,
        section=entry.get("section"),
        is_required=_boolean(is_required, f"{what}: is_required"),
        is_critical=_boolean(entry.get("is_critical", False), f"{what}: is_critical"),
        allows_not_applicable=_boolean(
            entry.get("allows_not_applicable", True), f"{what}: allows_not_applicable"
        ),
        guidance=entry.get("guidance"),
        valid_from=entry.get("valid_from"),
    )


def _criterion_item(criterion: Criterion) -> dict[str, Any]:
    item = {name: getattr(criterion, name) for name in Criterion.__slots__}
    return {name: value for name, value in item.items() if value is not None}


def _refuse_bad_criteria(criteria: Sequence[Criterion], where: str) -> None:
    ids = [criterion.criterion_id for criterion in criteria]
    repeated = sorted({name for name in ids if ids.count(name) > 1})
    if not ids or repeated:
        problem = f"criterion {repeated[0]!r} twice" if repeated else "no criteria"
        raise Rejected("bad_form", f"{where}: {problem}", "criteria")


def _selection(value: object, where: str) -> dict[str, tuple[str, ...]]:
    if not isinstance(value, Mapping) or not all(
        isinstance(words, list | tuple | set) for words in value.values()
    ):
        raise Rejected("bad_form", f"{where}: selection must map names to lists", "selection")
    return {name: tuple(words) for name, words in value.items()}


def _boolean(value: object, where: str) -> bool:
    if not isinstance(value, bool):
        raise Rejected("bad_form", f"{where} must be true or false, not {value!r}")
    return value


def _refuse_bad_zone(name: object, where: str) -> None:
    """Raise Rejected for no zone: read as UTC, it would put calls on a wrong day unseen."""
    try:
        if name != "UTC":
            ZoneInfo(str(name))
    except (ZoneInfoNotFoundError, ValueError) as problem:
        raise Rejected(
            "bad_settings", f"{where}: timezone {name!r} is no IANA name", "timezone"
        ) from problem


def _sampling(value: object, where: str) -> Decimal:
    share = _decimal(value, f"{where}: sampling_fraction")
    if not 0 <= share <= 1:
        raise Rejected("bad_form", f"{where}: sampling_fraction must lie in [0, 1]")
    return share


def _decimal(value: object, where: str) -> Decimal:
    try:
        number = Decimal(str(value).strip())
    except InvalidOperation as problem:
        raise Rejected("bad_form", f"{where}: {value!r} is no number") from problem
    if isinstance(value, bool) or not number.is_finite():
        raise Rejected("bad_form", f"{where}: {value!r} is no number")
    return number


def _whole(value: object, where: str, reason: str) -> int:
    text = str(value)
    if not text.isdecimal() or int(text) < 1:
        raise Rejected(reason, f"{where}: {value!r} is no whole number of days above 0")
    return int(text)
