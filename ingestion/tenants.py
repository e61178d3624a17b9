"""The configuration table -> what a tenant chose: settings, current form, model."""

from datetime import UTC, tzinfo
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from contracts.errors import Rejected
from contracts.forms import DEFAULT_FORM, Form, TenantSettings, load_form, load_settings
from contracts.tenant import TenantId
from ingestion.ports import Config

_OLD_FORM: Final = "QA_TEMPLATE#v1"


def load_tenant(config: Config, tenant: TenantId) -> TenantSettings:
    """Return a tenant's settings; raise Rejected `unregistered_tenant` when it has none."""
    item = config.item(f"TENANT#{tenant}", "META#v1")
    if item is None:
        raise Rejected(
            "unregistered_tenant",
            f"tenant {tenant!r} is not registered; run `cci tenant add {tenant}`, "
            "then drop its files again",
        )
    return load_settings(item)


def current_form(config: Config, tenant: TenantId, name: str = DEFAULT_FORM) -> Form | None:
    """Return the form's current version, else the founding template; None without any.

    Raise Rejected `bad_form` for one that cannot be read, or a pointer at a version that is not
    there: no call may go unjudged for a slip.
    """
    pk = f"TENANT#{tenant}"
    pointer = config.item(pk, f"FORM#{name}#current")
    if pointer is None:
        item = config.item(pk, _OLD_FORM)
        return load_form(item) if item else None
    sk = f"FORM#{name}#v{pointer.get('version')}"
    item = config.item(pk, sk)
    if item is None:
        raise Rejected("bad_form", f"{pk} FORM#{name}#current points at {sk}, which is not there")
    return load_form(item)


def choose_model(config: Config, settings: TenantSettings, default_model_id: str) -> str:
    """Return the model id: the tenant's, else the global default, else the deployment's."""
    if settings.model_id:
        return settings.model_id
    item = config.item("CONFIG#MODELS", "bedrock") or {}
    return str(item.get("model_id") or default_model_id)


def zone_of(name: str) -> tzinfo:
    """Return the zone of an IANA name; UTC for one this machine does not know."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        return UTC
