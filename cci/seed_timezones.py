"""The pinned `tzdata` package -> the seed `seed_timezone_offsets.csv` of the marts.

Athena's AT TIME ZONE takes only a literal zone, so local time is a join: one row per zone and span
of one offset. The zones are those of `zone.tab` (`zone1970.tab` lacks Europe/Amsterdam, Oslo,
Stockholm) and UTC. `python -m cci.seed_timezones` writes the file again, for a newer tzdata.
"""

import csv
import io
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from importlib.resources import files
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

SEED: Final = Path("dbt_project/seeds/seed_timezone_offsets.csv")
FIRST: Final = datetime(2018, 1, 1, tzinfo=UTC)
END: Final = datetime(2036, 1, 1, tzinfo=UTC)

_STEP = timedelta(days=1)
_SECOND = timedelta(seconds=1)


def main() -> int:
    """Write the seed below the working directory, which must be the repository."""
    SEED.write_text(render(), encoding="utf-8")
    return 0


def render() -> str:
    """Return the CSV: timezone, valid_from, valid_to (UTC, half open), offset_seconds."""
    text = io.StringIO()
    rows = csv.writer(text, lineterminator="\n")
    rows.writerow(("timezone", "valid_from", "valid_to", "offset_seconds"))
    for name in zone_names():
        for begins, ends, offset in spans(_zone(name)):
            rows.writerow(
                (name, f"{begins:%Y-%m-%d %H:%M:%S}", f"{ends:%Y-%m-%d %H:%M:%S}", offset)
            )
    return text.getvalue()


def zone_names() -> list[str]:
    """Return UTC and the zones of `zone.tab`, sorted."""
    lines = files("tzdata.zoneinfo").joinpath("zone.tab").read_text(encoding="utf-8").splitlines()
    return sorted({"UTC"} | {line.split("\t")[2] for line in lines if not line.startswith("#")})


def spans(zone: ZoneInfo) -> Iterator[tuple[datetime, datetime, int]]:
    """Yield the spans of one offset from FIRST to END: begin and end in UTC, seconds east."""
    begins, offset = FIRST, _offset(zone, FIRST)
    at = FIRST
    while at < END:
        at = min(at + _STEP, END)
        if at < END and _offset(zone, at) != offset:
            change = _change(zone, at - _STEP, at)
            yield begins, change, offset
            begins, offset = change, _offset(zone, at)
    yield begins, END, offset


def _zone(name: str) -> ZoneInfo:
    path = files("tzdata.zoneinfo").joinpath(*name.split("/"))
    with path.open("rb") as data:  # never the machine's own zone files
        return ZoneInfo.from_file(data, key=name)


def _offset(zone: ZoneInfo, at: datetime) -> int:
    offset = at.astimezone(zone).utcoffset()
    assert offset is not None  # noqa: S101 - a ZoneInfo always knows
    return int(offset.total_seconds())


def _change(zone: ZoneInfo, before: datetime, after: datetime) -> datetime:
    """Return the first second with the later offset, by halving the step."""
    earlier = _offset(zone, before)
    while after - before > _SECOND:
        middle = before + (after - before) // 2
        middle = middle.replace(microsecond=0)
        if _offset(zone, middle) == earlier:
            before = middle
        else:
            after = middle
    return after


if __name__ == "__main__":
    raise SystemExit(main())
