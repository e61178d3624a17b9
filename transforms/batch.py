"""One batch of documents -> files in the lake, rows of rejects, moves in the ledger.

The effects come in one order, each of which a rerun repeats without harm: quarantine, intent,
files (`calls` last), partitions, moves, intent done (lake.md §4 "A batch").
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from typing import Any, Final

from contracts.errors import Rejected
from contracts.final_call import FinalCall
from contracts.keys import QuarantineKey
from contracts.ledger import Call, Move, State
from contracts.tenant import TenantId
from transforms import kernel, rejects
from transforms.intents import PlannedMove, build_intent, finish_intent, write_intent
from transforms.kernel import Columns
from transforms.lake import LakeFile, build_files
from transforms.ports import Ports
from transforms.selection import Read

EXTRA_LIMIT_BYTES: Final = 16 * 1024

Counts = Counter[str]


def flatten_batch(ports: Ports, reads: Iterable[Read]) -> tuple[str, Counts]:
    """Bring a batch into the lake; return its id and counts under dotted names.

    documents = calls + duplicates + skipped + all of rejects.*; only documents found by listing are
    skipped: their call is past FINAL, or the ledger names a newer document of it.
    """
    batch = _Batch(rejects.iso(ports.clock.now()))
    for read in reads:
        batch.take(read)
    files = batch.build_files()
    for key, body in batch.aside.items():
        ports.results.put_once(key, body)
    intent = build_intent(files, batch.moves())
    if intent.files or intent.moves:
        write_intent(ports, intent)
        for file in files:
            batch.counts["files_written"] += ports.lake.put_once(file.key, file.body)
        batch.counts["moves_refused"] += finish_intent(ports, intent, dict(batch.counts))
    return intent.batch_id, batch.counts


class _Batch:
    """What a batch has gathered: columns by tenant and month, moves, objects to set aside."""

    def __init__(self, now: str) -> None:
        self._now = now
        self._partitions: dict[tuple[TenantId, str], dict[str, Columns]] = {}
        self._in_lake: dict[tuple[TenantId, str], set[str]] = {}
        self._moves: list[PlannedMove] = []
        self.aside: dict[str, bytes] = {}
        self.counts: Counts = Counter()

    def take(self, read: Read) -> None:
        """Take one document apart, or note why not."""
        self.counts["documents"] += 1
        self.counts["bytes_in"] += read.listed.size
        if read.call.state is not State.FINAL or not read.is_due:
            self.counts["skipped"] += 1
        elif isinstance(read.outcome, Rejected):
            self._refuse(read, read.outcome)
        else:
            self._flatten(read, read.outcome)

    def build_files(self) -> list[LakeFile]:
        """Return the files of every tenant and month, those of `calls` after all others."""
        files = [
            file
            for (tenant, month), tables in sorted(self._partitions.items(), key=lambda one: one[0])
            for file in build_files(tenant, month, tables)
        ]
        for file in files:
            self.counts["files"] += 1
            self.counts["bytes_out"] += len(file.body)
            self.counts[f"rows.{file.table}"] += file.rows
        return sorted(files, key=lambda file: file.table == kernel.CALLS.name)

    def moves(self) -> list[PlannedMove]:
        """Return the calls' moves; a flattened one remembers which documents the lake has."""
        return [
            replace(
                one,
                sets={
                    **one.sets,
                    "lake_document_hashes": sorted(self._in_lake[one.tenant, one.call_id]),
                },
            )
            if one.move is Move.FLATTEN
            else one
            for one in self._moves
        ]

    def _flatten(self, read: Read, final: FinalCall) -> None:
        tenant, document = read.call.tenant, final.document_hash
        month = final.call_date[:7]
        there = self._in_lake.setdefault(
            (tenant, read.call.call_id), set(read.call.attributes.get("lake_document_hashes") or ())
        )
        if document in there:
            self.counts["duplicates"] += 1
        else:
            tables = self._tables(tenant, month)
            kernel.add_call(tables, final, read.listed, self._extra(tenant, final))
            rejects.add_value_problems(tables["rejects"], final, read.listed)
            self.counts["calls"] += 1
            self.counts.update(f"repairs.{word}" for word in final.repairs)
            self.counts.update(f"values.{problem.reason}" for problem in final.value_problems)
        there.add(document)
        self._plan(read, Move.FLATTEN, {"lake_month": month, "document_hash": document})

    def _refuse(self, read: Read, refusal: Rejected) -> None:
        call, listed = read.call, read.listed
        month = f"{rejects.refusal_date(listed):%Y-%m}"
        columns = self._tables(call.tenant, month)["rejects"]
        is_kept = read.body is not None
        rejects.add_refusal(columns, refusal, listed, call, is_kept=is_kept)
        aside = rejects.quarantine_objects(refusal, listed, call, read.body, now=self._now)
        self.aside |= aside
        self.counts[f"rejects.{refusal.reason}"] += 1
        sets = {
            "reason": refusal.reason,
            "reason_detail": refusal.detail[:300],
            "quarantine_stage": "flatten",
            "quarantine_key": next(iter(aside)),
        }
        self._plan(read, Move.QUARANTINE, sets)

    def _plan(self, read: Read, move: Move, sets: dict[str, Any]) -> None:
        call: Call = read.call
        if read.listed.key == call.text("final_key"):
            self._moves.append(
                PlannedMove(call.tenant, call.call_id, move, call.text("document_hash"), sets)
            )

    def _tables(self, tenant: TenantId, month: str) -> dict[str, Columns]:
        if (tenant, month) not in self._partitions:
            self._partitions[tenant, month] = kernel.new_columns()
        return self._partitions[tenant, month]

    def _extra(self, tenant: TenantId, final: FinalCall) -> str | None:
        text = kernel.extra_text(final)
        if text is None or len(text.encode()) <= EXTRA_LIMIT_BYTES:
            return text
        key = str(QuarantineKey(tenant, "extra", final.call_id, version=final.document_key))
        self.aside[key] = text.encode()
        return key
