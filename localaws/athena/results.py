"""Result files at the effective location, and pages of rows read back from them.

`<id>.csv` quotes every field, NULL is nothing; `<id>.txt` is tab separated. Beside each lies our
`.metadata`, JSON with the columns. Of the last results the columns are also kept in memory; that
and all rows come from the files, so results survive a restart.
"""

import json
import re
import tempfile
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from localaws.athena import clients
from localaws.athena.engine import Outcome, ResultColumn, Work
from localaws.athena.failures import QueryFailed
from localaws.athena.trino_types import Type, parse, trino
from localaws.athena.values import precision_and_scale, type_word, value_text
from localaws.caller import Caller

_KEPT: dict[str, tuple[ResultColumn, ...]] = {}
_MOST_KEPT = 256
_FIELD = re.compile(r'(?:"((?:[^"]|"")*)")?(,|\r?\n|\Z)')


def write_rows(
    work: Work, columns: tuple[ResultColumn, ...], rows: Iterable[Any], scanned: int
) -> Outcome:
    """Write the rows of a query as `<id>.csv`; return its outcome."""
    location, number = f"{work.output}{work.id}.csv", 0
    with tempfile.TemporaryFile() as file:
        file.write(_line(column.name for column in columns))
        for row in rows:
            values = zip(row, columns, strict=True)
            file.write(_line(value_text(value, column.type) for value, column in values))
            number += 1
        file.seek(0)
        with ThreadPoolExecutor(1) as beside:  # one answer to wait for, not two
            asked = beside.submit(write_metadata, work.caller, location, columns, work.encryption)
            clients.put(work.caller, location, file, work.encryption)
            asked.result()
    return Outcome(columns, number, scanned=scanned, location=location)


def write_lines(
    caller: Caller,
    location: str,
    columns: tuple[ResultColumn, ...],
    lines: Iterable[str],
    encryption: clients.Encryption,
) -> None:
    """Write the lines of a DDL or utility statement as `<id>.txt`."""
    body = "".join(f"{line}\n" for line in lines).encode()
    clients.put(caller, location, body, encryption)
    write_metadata(caller, location, columns, encryption)


def write_manifest(work: Work, paths: tuple[str, ...]) -> None:
    """Write the list of objects a statement wrote."""
    body = "".join(f"{path}\n" for path in paths).encode()
    clients.put(work.caller, manifest_location(work), body, work.encryption)
    write_metadata(work.caller, f"{work.output}{work.id}", (), work.encryption)


def manifest_location(work: Work) -> str:
    """Return where the manifest of a writing statement lies."""
    return f"{work.output}{work.id}-manifest.csv"


def left_behind(error: QueryFailed, manifest: str) -> QueryFailed:
    """Return the failure of a statement that had begun to write, in Athena's words."""
    text = (
        f"If a data manifest file was generated at '{manifest}', you may need to manually clean "
        "the data from locations specified in the manifest. Athena will not delete data in your "
        "account."
    )
    return QueryFailed(error.name, f"{error.text}. {text}")


def write_metadata(
    caller: Caller,
    location: str,
    columns: tuple[ResultColumn, ...],
    encryption: clients.Encryption,
) -> None:
    """Write the columns of a result beside it."""
    listed = [{"name": column.name, "type": trino(column.type)} for column in columns]
    body = json.dumps({"columns": listed}).encode()
    clients.put(caller, f"{location}.metadata", body, encryption)


def keep_columns(location: str, columns: tuple[ResultColumn, ...]) -> None:
    """Remember the columns of a result just written: most clients read it at once."""
    if len(_KEPT) >= _MOST_KEPT:
        _KEPT.pop(next(iter(_KEPT)), None)
    _KEPT[location] = columns


def read_columns(caller: Caller, location: str) -> tuple[ResultColumn, ...]:
    """Return the columns of a stored result."""
    kept = _KEPT.get(location)
    if kept is not None:
        return kept
    document = json.loads(_get(caller, f"{location}.metadata").read())
    return tuple(ResultColumn(c["name"], _type(c["type"])) for c in document["columns"])


def read_page(
    caller: Caller, location: str, offset: int, most: int
) -> tuple[list[list[str | None]], int | None]:
    """Return up to `most` records of a `.csv` or `.txt` from a byte offset, and the next offset.

    The header of a CSV is its first record. A line of a `.txt` is one field, as Athena gives it.
    """
    body = _get(caller, location, offset)
    records: list[list[str | None]] = []
    pending = b""
    for line in body.iter_lines(keepends=True):
        pending += line
        if location.endswith(".csv") and pending.count(b'"') % 2:
            continue
        if len(records) == most:
            body.close()
            return records, offset
        text = pending.decode()
        records.append(_fields(text) if location.endswith(".csv") else [text.rstrip("\n")])
        offset, pending = offset + len(pending), b""
    return records, None


def column_info(column: ResultColumn, *, utility: bool) -> dict[str, Any]:
    """Return a column as GetQueryResults describes it; utility statements know only `string`."""
    precision, scale = (0, 0) if utility else precision_and_scale(column.type)
    return {
        "CatalogName": "hive",
        "SchemaName": "",
        "TableName": "",
        "Name": column.name,
        "Label": column.name,
        "Type": "string" if utility else type_word(column.type),
        "Precision": precision,
        "Scale": scale,
        "Nullable": "UNKNOWN",
        "CaseSensitive": not utility and column.type.name in ("varchar", "char"),
    }


def _type(text: str) -> Type:
    try:
        return parse(text)
    except QueryFailed:
        # Intervals, addresses and sketches come from Trino alone; a result needs their word only.
        return Type(text.partition("(")[0])


def _line(values: Iterable[str | None]) -> bytes:
    fields = ("" if value is None else '"' + value.replace('"', '""') + '"' for value in values)
    return (",".join(fields) + "\n").encode()


def _fields(line: str) -> list[str | None]:
    found: list[str | None] = []
    position = 0
    while True:
        match = _FIELD.match(line, position)
        if match is None:
            raise ValueError(f"not a line of a result file: {line!r}")
        found.append(None if match[1] is None else match[1].replace('""', '"'))
        position = match.end()
        if match[2] != ",":
            return found


def _get(caller: Caller, location: str, offset: int = 0) -> Any:
    bucket, key = clients.split_location(location)
    extra = {"Range": f"bytes={offset}-"} if offset else {}
    return clients.asked(
        lambda: clients.s3(caller).get_object(Bucket=bucket, Key=key, **extra)["Body"]
    )
