"""Tenants, forms and grants of DynamoDB -> tables that SQL can join: the configuration copies.

Written whole, one Parquet file per tenant, under a generation named by its content; then the Glue
locations move to it. The same configuration gives the same generation and moves nothing. Grants
are copied as found, never repaired: what they mean is decided once, in SQL (marts.md §4).
"""

import argparse
import hashlib
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any, Final

from contracts.columns import Table
from contracts.errors import Rejected
from contracts.forms import Form, load_form, load_settings
from contracts.keys import LAKE_TABLES_PREFIX, config_copy
from contracts.names import LAKE_DATABASE
from contracts.tables import COPY_TABLES, LAKE_CONTRACT, glue_table_input
from contracts.tenant import TenantId
from contracts.values import Reading, read_time
from transforms.aws import Aws
from transforms.job_lines import say_line
from transforms.lake import parquet_bytes, partition_input
from transforms.migrate import migrate_table
from transforms.ports import Catalog, Config, LakeError, Objects, Say
from transforms.schemas import build_table
from transforms.settings import read_settings

Item = Mapping[str, Any]
Row = dict[str, Any]

_FRACTION_PLACES: Final = Decimal("0.000001")


def main(argv: Sequence[str]) -> int:
    """Copy the configuration; return 0, or 1 when the lake refused or settings are bad."""
    parser = argparse.ArgumentParser(
        prog="cci-lite-config-copy", description="Copy the configuration into the lake."
    )
    for name in ("--lake-bucket", "--config-table"):
        parser.add_argument(name, required=True)
    arguments = parser.parse_args(argv)
    try:
        run(arguments.lake_bucket, arguments.config_table)
    except (LakeError, Rejected) as problem:
        say_line({"error": str(problem)})
        return 1
    return 0


def run(lake_bucket: str, config_table: str) -> dict[str, int]:
    """Copy the configuration of the AWS that the environment names; return table -> rows."""
    aws = Aws(read_settings())
    return copy_config(
        config=aws.config(config_table),
        lake=aws.objects(lake_bucket),
        catalog=aws.catalog(LAKE_DATABASE),
        lake_bucket=lake_bucket,
        say=say_line,
    )


def copy_config(
    *, config: Config, lake: Objects, catalog: Catalog, lake_bucket: str, say: Say
) -> dict[str, int]:
    """Copy the configuration of every registered tenant; return table -> rows.

    A form that cannot be read is left out and said, so that one tenant's mistake stops nobody else.
    Raise Rejected `bad_settings` for a tenant whose settings cannot be meant.
    """
    items = {tenant: config.read_tenant(tenant) for tenant in config.find_tenants()}
    rows = {
        "config_tenants": {one: [_tenant_row(found)] for one, found in items.items()},
        "config_form_criteria": {one: _form_rows(found, say) for one, found in items.items()},
        "config_access": {one: _access_rows(found) for one, found in items.items()},
    }
    for table in COPY_TABLES:
        _write(table, rows[table.name], lake, catalog, lake_bucket)
    counts = {name: sum(map(len, found.values())) for name, found in rows.items()}
    say({"copied": counts})
    return counts


def _tenant_row(items: Iterable[Item]) -> Row:
    settings = load_settings(next(item for item in items if item["sk"] == "META#v1"))
    names = [column.name for column in COPY_TABLES[0].columns if column.name != "tenant_name"]
    return {"tenant_name": settings.name, **{name: getattr(settings, name) for name in names}}


def _form_rows(items: Iterable[Item], say: Say) -> list[Row]:
    forms: dict[tuple[str, int], Form] = {}
    current: dict[str, int] = {}
    for item in items:
        if item["sk"].endswith("#current"):
            current[item["sk"].split("#")[1]] = int(item["version"])
        elif item["sk"].startswith(("FORM#", "QA_TEMPLATE#")):
            form = _form(item, say)
            if form:
                forms.setdefault((form.name, form.version), form)
    return [
        _criterion_row(form, number, is_current=current.get(name, 1) == version)
        for (name, version), form in sorted(forms.items())
        for number in range(1, len(form.criteria) + 1)
    ]


def _form(item: Item, say: Say) -> Form | None:
    try:
        return load_form(item)
    except Rejected as refusal:
        say({"warning": "form_left_out", "reason": refusal.reason, "detail": refusal.detail})
        return None


def _criterion_row(form: Form, number: int, *, is_current: bool) -> Row:
    criterion = form.criteria[number - 1]
    return {
        "form_name": form.name,
        "form_version": form.version,
        "pass_threshold_fraction": form.pass_threshold.quantize(_FRACTION_PLACES),
        "form_valid_from": _time(form.valid_from),
        "is_current_version": is_current,
        "criterion_number": number,
        **{name: getattr(criterion, name) for name in _CRITERION_COLUMNS},
    }


_CRITERION_COLUMNS: Final = (
    "criterion_id",
    "question",
    "section",
    "weight",
    "is_required",
    "is_critical",
    "allows_not_applicable",
    "guidance",
)


def _access_rows(items: Iterable[Item]) -> list[Row]:
    rows = []
    for item in items:
        kind, _, rest = item["sk"].partition("#")
        holder, _, name = rest.partition("#")
        if kind == "ACCESS":
            rows.append(
                {
                    "user_name": name if holder == "user" else None,
                    "group_name": name if holder == "group" else None,
                    "granted_at": _time(item.get("granted_at")),
                }
            )
    return rows


def _time(value: object) -> str | None:
    return None if value is None else read_time(value, "", Reading())


def _write(
    table: Table,
    rows: Mapping[TenantId, Sequence[Row]],
    lake: Objects,
    catalog: Catalog,
    lake_bucket: str,
) -> None:
    files = {tenant: _file(table, tenant, found) for tenant, found in rows.items()}
    names = "".join(
        f"{tenant}:{hashlib.sha256(body).hexdigest()}\n" for tenant, body in files.items()
    )
    generation = f"c-{hashlib.sha256(names.encode()).hexdigest()[:16]}"
    for tenant, body in files.items():
        lake.put_once(config_copy(table.name, tenant, generation), body)
    root = f"s3://{lake_bucket}/"
    wanted = glue_table_input(table, f"{root}{LAKE_TABLES_PREFIX}")
    migrate_table(catalog, table, wanted)
    _point(
        table,
        catalog,
        {
            tenant: f"{root}{config_copy(table.name, tenant, generation).rpartition('/')[0]}/"
            for tenant in files
        },
    )


def _point(table: Table, catalog: Catalog, locations: Mapping[TenantId, str]) -> None:
    """Make the partitions exactly these: create, move, and drop those of tenants now gone."""
    found = {
        partition["Values"][0]: partition["StorageDescriptor"]["Location"]
        for partition in catalog.read_partitions(table.name)
    }
    inputs = {
        tenant: partition_input(table, [tenant], location)
        for tenant, location in locations.items()
        if found.get(tenant) != location
    }
    catalog.create_partitions(table.name, [inputs[one] for one in inputs if one not in found])
    catalog.update_partitions(table.name, [inputs[one] for one in inputs if one in found])
    catalog.delete_partitions(table.name, [[one] for one in found if one not in locations])


def _file(table: Table, tenant: TenantId, rows: Sequence[Row]) -> bytes:
    columns = {column.name: [row[column.name] for row in rows] for column in table.columns}
    footer = {
        "cci.tenant_id": tenant,
        "cci.table": table.name,
        "cci.contract": str(LAKE_CONTRACT),
    }
    return parquet_bytes(table, build_table(table, columns), footer)
