"""Calls that are FINAL -> rows of the lake: the Glue job `cci-lite-flatten`.

Batches in (tenant, month, date, id) order, each brought in whole before the next is read. A run
that dies leaves an intent the next one finishes or takes back; a second run writes nothing.
"""

import argparse
import resource
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from typing import Any, Final

from contracts.errors import Rejected
from contracts.names import LAKE_DATABASE
from contracts.tenant import TenantId
from transforms.aws import Aws, SystemClock
from transforms.backlog import find_listed, read_listed
from transforms.batch import Counts, flatten_batch
from transforms.intents import settle_intents
from transforms.job_lines import say_line
from transforms.ports import LakeError, Ports
from transforms.schemas import UnfitValue
from transforms.selection import Read, Zones, find_batches, read_calls
from transforms.settings import read_settings

Work = Sequence[Any]
Reader = Callable[[Any], Iterator[Read]]

DONE: Final = 0
FAILED: Final = 1
USAGE: Final = 2


@dataclass(frozen=True, slots=True)
class Options:
    """What a run takes: chosen tenants (all, where none is named), or a prefix of older keys."""

    tenants: tuple[str, ...] = ()
    prefix: str | None = None
    since: date | None = None
    limit: int | None = None
    batch: int = 5000
    run_id: str = "by-hand"


def main(argv: Sequence[str]) -> int:
    """Run the job; return 0 also with rejects or nothing to do, 1 on failure, 2 for usage."""
    arguments = _parser().parse_args(argv)
    aws = Aws(read_settings())
    try:
        ports = Ports(
            results=aws.objects(arguments.results_bucket, in_flight=arguments.in_flight),
            lake=aws.objects(arguments.lake_bucket),
            ledger=aws.ledger(arguments.ledger_table),
            config=aws.config(arguments.config_table),
            catalog=aws.catalog(LAKE_DATABASE),
            clock=SystemClock(),
            lake_bucket=arguments.lake_bucket,
            say=say_line,
        )
        flatten(ports, _options(arguments))
    except UnknownTenant as problem:
        say_line({"error": str(problem)})
        return USAGE
    except LakeError as problem:
        say_line({"error": str(problem)})
        return FAILED
    return DONE


def flatten(ports: Ports, options: Options) -> Mapping[str, Any]:
    """Bring every FINAL call of the chosen tenants into the lake; return the run's counts.

    Says one line per batch and one at the end. Raise UnknownTenant for a tenant, or a first segment
    of the prefix, that is not registered. Calls of suspended tenants wait as FINAL.
    """
    registered = ports.config.find_tenants()
    tenants = _choose(registered, options)
    settled = settle_intents(ports)
    total = Counts()
    zones = {tenant: str(meta.get("timezone") or "UTC") for tenant, meta in registered.items()}
    for work, read in _batches(ports, tenants, zones, options):
        total += _bring_in(ports, work, read, options.run_id)
    report = {"run_id": options.run_id, "settled": settled, "total": _nested(total)}
    ports.say(report)
    return report


class UnknownTenant(Exception):
    """A tenant that is not registered."""


def _choose(registered: Mapping[TenantId, Mapping[str, Any]], options: Options) -> list[TenantId]:
    named = [options.prefix.partition("/")[0]] if options.prefix else options.tenants
    for name in named:
        if name not in registered:
            raise UnknownTenant(f"{name!r} is no registered tenant: add it with `cci tenant add`")
    return [
        tenant
        for tenant, meta in sorted(registered.items())
        if (not named or tenant in named) and meta.get("status", "active") == "active"
    ]


def _batches(
    ports: Ports, tenants: Sequence[TenantId], zones: Zones, options: Options
) -> Iterator[tuple[Work, Reader]]:
    limits: Any = {"size": options.batch, "since": options.since, "limit": options.limit}
    if options.prefix is None:
        for calls in find_batches(ports, tenants, **limits):
            yield calls, partial(read_calls, ports, zones)
        return
    for tenant in tenants:
        for listed in find_listed(ports, options.prefix, **limits):
            yield listed, partial(read_listed, ports, tenant, zones)


def _bring_in(ports: Ports, work: Work, read: Reader, run_id: str) -> Counts:
    """Flatten a batch, halving it around a document that does not fit the tables.

    The loader should let none through; one that does is refused alone instead of stopping all.
    """
    started = (time.process_time(), time.perf_counter())
    try:
        batch_id, counts = flatten_batch(ports, read(work))
    except UnfitValue as problem:
        if len(work) > 1:
            halves = work[: len(work) // 2], work[len(work) // 2 :]
            return sum((_bring_in(ports, half, read, run_id) for half in halves), Counts())
        refusal = Rejected("wrong_type", str(problem))
        refused = [replace(one, outcome=refusal) for one in read(work)]
        batch_id, counts = flatten_batch(ports, refused)
    ports.say({"run_id": run_id, "batch_id": batch_id, **_report(counts, started)})
    return counts


def _report(counts: Counts, started: tuple[float, float]) -> dict[str, Any]:
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return {
        **_nested(counts),
        "cpu_seconds": round(time.process_time() - started[0], 3),
        "wall_seconds": round(time.perf_counter() - started[1], 3),
        "peak_rss_mb": usage.ru_maxrss // 1024,
    }


def _nested(counts: Counts) -> dict[str, Any]:
    nested: dict[str, Any] = {}
    for name, count in sorted(counts.items()):
        group, _, word = name.partition(".")
        if word:
            nested.setdefault(group, {})[word] = count
        else:
            nested[name] = count
    return nested


def _options(arguments: argparse.Namespace) -> Options:
    return Options(
        tenants=tuple(arguments.tenant),
        prefix=arguments.prefix,
        since=arguments.since,
        limit=arguments.limit,
        batch=arguments.batch,
        run_id=arguments.job_run_id,
    )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="cci-lite-flatten", description="Bring FINAL calls into the lake."
    )
    for name in ("--results-bucket", "--lake-bucket", "--ledger-table", "--config-table"):
        parser.add_argument(name, required=True)
    parser.add_argument("--tenant", action="append", default=[], help="only this one; repeatable")
    parser.add_argument("--since", type=date.fromisoformat, help="only calls from this UTC date on")
    parser.add_argument("--limit", type=_positive, help="at most this many calls")
    parser.add_argument("--prefix", help="older documents below this key, <tenant>/…")
    parser.add_argument("--batch", type=_positive, default=5000, help="calls per batch")
    parser.add_argument("--in-flight", type=_positive, default=16, help="reads at once")
    parser.add_argument("--job-run-id", default="by-hand", help="named in every line it says")
    return parser


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"{text} is not above 0")
    return number
