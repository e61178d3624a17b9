"""A tenant document -> the tenant's items in the configuration table and its hash key.

Everything is "ensure": running it again with the same document changes nothing.
"""

import secrets
from collections.abc import Mapping
from typing import Any

from cci.aws import Aws, AwsError, error_code
from contracts.forms import DEFAULT_FORM, Form, form_items, load_form, load_settings, settings_item
from contracts.names import CONFIG_TABLE
from contracts.tenant import TenantId, parse_tenant
from serving.access import Grant, grant_item


def add_tenant(aws: Aws, document: Mapping[str, Any], now: str) -> TenantId:
    """Register the tenant of `document` and return its id; `now` is ISO 8601 UTC.

    The document holds tenant_id, settings (META), forms and access grants. Raise ValueError for a
    bad id or a document of another shape, Rejected for a bad form or bad settings.
    """
    _require_shape(document)
    tenant = parse_tenant(str(document.get("tenant_id", "")))
    owner = {"pk": f"TENANT#{tenant}"}
    meta = load_settings({**document.get("settings", {}), **owner, "sk": "META#v1"})
    settings = settings_item(meta)
    forms = [
        item
        for form in document.get("forms", [])
        for item in form_items(tenant, _form(owner, form), now)
    ]
    grants = [grant_item(_grant(tenant, one), now) for one in document.get("access", [])]
    _ensure_hash_key(aws, tenant)
    table = aws.table(CONFIG_TABLE)
    for item in (*forms, *grants, settings):
        _put_once(table, item)
    return tenant


def _require_shape(document: object) -> None:
    if not isinstance(document, Mapping):
        raise ValueError("a tenant document is one JSON object with tenant_id, settings, forms")
    if not isinstance(document.get("settings", {}), Mapping):
        raise ValueError('settings: one object, for instance {"name": …, "timezone": …}')
    for name in ("forms", "access"):
        entries = document.get(name, [])
        if not isinstance(entries, list) or not all(isinstance(one, Mapping) for one in entries):
            raise ValueError(f"{name}: a list of objects")


def _form(owner: Mapping[str, Any], form: Mapping[str, Any]) -> Form:
    name, version = form.get("name", DEFAULT_FORM), form.get("version", 1)
    rest = {key: value for key, value in form.items() if key not in ("name", "version")}
    return load_form({**rest, **owner, "sk": f"FORM#{name}#v{version}"})


def _grant(tenant: TenantId, one: Mapping[str, Any]) -> Grant:
    if one.get("group"):
        return Grant(tenant, "group", str(one["group"]))
    return Grant(tenant, "user", str(one.get("user", "")))


def _put_once(table: Any, item: Mapping[str, Any]) -> None:
    """Put an item whose primary key is new; settings and pointers are replaced."""
    replaced = str(item["sk"]).endswith("#current") or str(item["sk"]).startswith("META#")
    condition = {} if replaced else {"ConditionExpression": "attribute_not_exists(pk)"}
    try:
        table.put_item(Item=dict(item), **condition)
    except AwsError as error:
        if error_code(error) != "ConditionalCheckFailedException":
            raise


def _ensure_hash_key(aws: Aws, tenant: TenantId) -> None:
    try:
        aws.secrets.create_secret(
            Name=f"cci-lite/{tenant}/hash-key", SecretString=secrets.token_hex(32)
        )
    except AwsError as error:
        if error_code(error) != "ResourceExistsException":
            raise
