"""A recording's file name -> what recorders write into it (sources.md §1.2).

Presets only; a name that fits none tells nothing. `%3A` is data some stores leave in a name.
"""

import re
from collections.abc import Mapping
from datetime import datetime, tzinfo
from pathlib import PurePosixPath
from typing import Any, Final

_PRESETS: Final = (
    (
        re.compile(
            r"(?:^|_)GUID_(?P<provider_call_id>[^_]+)_AGENT_(?P<agent_id>[^_]+)"
            r"_DT_(?P<started_at>\d{4}-\d\d-\d\dT\d\d-\d\d-\d\d)"
        ),
        "%Y-%m-%dT%H-%M-%S",
    ),
    (
        re.compile(
            r"^\[[^\]]*\]_(?P<first_party>[^-_]+)-(?P<second_party>[^_]+)"
            r"_(?P<started_at>\d{14})\((?P<provider_call_id>\d+)\)$"
        ),
        "%Y%m%d%H%M%S",
    ),
    (
        re.compile(
            r"^convo_(?P<provider_call_id>[0-9a-f-]{36})"
            r"_(?P<started_at>\d{4}-\d\d-\d\d \d\d(?::|%3A)\d\d(?::|%3A)\d\d)$"
        ),
        "%Y-%m-%d %H:%M:%S",
    ),
)
_EXTENSION: Final = re.compile(r"\d{1,5}")


def read_file_name(path: str, zone: tzinfo) -> dict[str, Any]:
    """Return started_at (aware), provider_call_id and agent_id as far as the name tells them."""
    stem = PurePosixPath(path).stem
    for pattern, time_format in _PRESETS:
        if found := pattern.search(stem):
            fields = found.groupdict()
            time = _time(fields.pop("started_at").replace("%3A", ":"), time_format, zone)
            fields["agent_id"] = fields.get("agent_id") or _agent(fields)
            told = {"started_at": time, **fields}
            return {name: value for name, value in told.items() if value and "party" not in name}
    return {}


def _time(text: str, time_format: str, zone: tzinfo) -> datetime | None:
    try:
        return datetime.strptime(text, time_format).replace(tzinfo=zone)
    except ValueError:
        return None


def _agent(fields: Mapping[str, str]) -> str | None:
    """Return the party that is an extension; with two of them the call was internal."""
    parties = [fields.get("first_party", ""), fields.get("second_party", "")]
    agents = [party for party in parties if _EXTENSION.fullmatch(party)]
    return agents[0] if len(agents) == 1 else None
