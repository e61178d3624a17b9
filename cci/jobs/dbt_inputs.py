"""What the marts are made of -> one hash; while it stays, building them again changes nothing.

Lake files and the project's archive are named by what they hold; windows end at each tenant's last
complete local day. Intents of the flatten job are no input.
"""

import hashlib
from collections.abc import Iterable
from datetime import datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError


def hash_inputs(project: str, lake_keys: Iterable[str], dates: Iterable[str]) -> str:
    """Return the sha256 over the project's address, the lake's files and the local dates."""
    files = sorted(key for key in lake_keys if "/_" not in key)
    return hashlib.sha256("\0".join([project, *sorted(dates), *files]).encode()).hexdigest()


def local_dates(zones: Iterable[str], now: datetime) -> set[str]:
    """Return `zone date` for each time zone at `now`; one nobody knows counts as UTC, as in dbt."""
    return {f"{zone} {now.astimezone(_zone(zone)):%Y-%m-%d}" for zone in zones}


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        return ZoneInfo("UTC")
