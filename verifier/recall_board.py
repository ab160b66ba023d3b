# SPDX-License-Identifier: Apache-2.0
"""Checks the evidence bundle of a recall board with nothing else at hand. No network, no clock. docs/recalls.md.

What a checked bundle shows: that the registry said this at that second, and that the recalls in it are in the ledger.
What platforms did, and when, stays the registry's word.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any

from verifier.evidence_archive import MAX_ARCHIVE_SIZE, read_archive
from verifier.protocol.encoding import JsonValue, decode_base64, parse_canonical_json
from verifier.protocol.errors import DoesNotHold, Malformed
from verifier.protocol.fields import Fields, parse_instant
from verifier.protocol.merkle import leaf_hash, verify_inclusion
from verifier.protocol.note import Note, VKey, parse_note, verify_note
from verifier.protocol.policy import TlogPolicy, VerifiedCheckpoint, verify_checkpoint
from verifier.protocol.statements import parse_entry
from verifier.protocol.statements.recall import RecallClosed, RecallPublished, RecallRevised
from verifier.protocol.statements.registry import RegistryCreated
from verifier.snapshot import parse_snapshot

FIRST_LINE = "product-passport-recall-board/v1"
"""No snapshot begins so (theirs is JSON), and no checkpoint (theirs is an origin, which has a dot before any slash)."""
NOTE = "board.note"
CASES, LISTINGS, LEDGER, CHECKPOINT, SNAPSHOT = "cases.json", "listings.csv", "ledger.json", "checkpoint", "snapshot"
FILES = (CASES, LISTINGS, LEDGER, CHECKPOINT, SNAPSHOT)
_COUNTED = ("case", "pushed_at", "deadline_at", "notice_at", "delisted_at", "released_at")
_MAX_ENTRIES = 100_000


@dataclass(frozen=True, slots=True)
class CheckedBoard:
    """What a bundle says that holds. `missing`: recalls of the snapshot that it does not speak of.

    `handled_size`: entries that the registry had carried into its cases; recalls above it cannot be in them yet.
    """

    origin: str
    organisation: str
    at: datetime
    size: int
    handled_size: int
    recalls: tuple[str, ...]
    cases: int
    listings: int
    missing: tuple[str, ...]


def make_board_text(origin: str, organisation: str, instant: str, files: Mapping[str, bytes]) -> str:
    """The text that is signed: who says it of what, when, and the digest of each file in its order."""
    digests = [f"{name} {sha256(files[name]).hexdigest()}" for name in FILES]
    return "\n".join((FIRST_LINE, origin, organisation, instant, *digests)) + "\n"


def check_board(data: bytes, policy: TlogPolicy) -> CheckedBoard:
    """Raises ArchiveFault and Malformed for what is not well formed, DoesNotHold for what is untrue."""
    files = read_archive(data, (NOTE, *FILES))
    for name in (NOTE, *FILES):
        if name not in files:
            raise Malformed("member_missing", f"The file lacks {name}.")
    note = parse_note(files[NOTE])
    origin, organisation, instant = _read_text(note, files)
    at = parse_instant(instant)
    checkpoint = verify_checkpoint(files[CHECKPOINT], policy)
    if checkpoint.origin != origin:
        raise DoesNotHold("another_ledger", "The note speaks of another ledger than the checkpoint.")
    told, status_vkey = _check_entries(files[LEDGER], checkpoint)
    verify_note(note, [status_vkey])
    snapshot = parse_snapshot(files[SNAPSHOT], status_vkey)
    if (snapshot.size, snapshot.root_hash) != (checkpoint.size, checkpoint.root_hash):
        raise DoesNotHold("another_tree", "The snapshot is of another tree than the checkpoint.")
    cases = Fields(parse_canonical_json(files[CASES], max_size=MAX_ARCHIVE_SIZE), CASES)
    if (cases.string("origin"), cases.string("organisation"), cases.string("at")) != (origin, organisation, instant):
        raise DoesNotHold("another_board", f"{CASES} is of another board than the note.")
    recalls = _check_recalls(cases, told)
    handled_size = cases.integer("handled_size")
    in_ledger = {recall.record.recall_id for recall in snapshot.recalls}
    count, rows = _check_cases(cases, set(recalls), files[LISTINGS])
    return CheckedBoard(
        origin=origin,
        organisation=organisation,
        at=at,
        size=checkpoint.size,
        handled_size=handled_size,
        recalls=recalls,
        cases=count,
        listings=rows,
        missing=tuple(sorted(in_ledger - set(recalls))),
    )


def _read_text(note: Note, files: Mapping[str, bytes]) -> tuple[str, str, str]:
    lines = note.text.split("\n")
    if len(lines) != 5 + len(FILES) or lines[0] != FIRST_LINE:
        raise Malformed("not_a_board", "The signed text is not that of a recall board.")
    origin, organisation, instant = lines[1:4]
    if make_board_text(origin, organisation, instant, files) != note.text:
        named = [line.partition(" ")[2] for line in lines[4:-1]]
        for name, digest in zip(FILES, named, strict=True):
            if sha256(files[name]).hexdigest() != digest:
                raise DoesNotHold("member_changed", f"{name} is not what was signed.")
        raise Malformed("not_a_board", "The signed text is not that of a recall board.")
    return origin, organisation, instant


def _check_entries(data: bytes, checkpoint: VerifiedCheckpoint) -> tuple[dict[str, set[int]], VKey]:
    """Where the ledger speaks of each recall, and the status key that its entry 0 names."""
    top = Fields(parse_canonical_json(data, max_size=MAX_ARCHIVE_SIZE), LEDGER)
    told: dict[str, set[int]] = {}
    vkey: VKey | None = None
    for item in top.items("entries", maximum=_MAX_ENTRIES):
        fields = Fields(item, "entry")
        index, entry = fields.integer("index"), decode_base64(fields.string("entry", maximum=100_000))
        proof = [decode_base64(str(one)) for one in fields.items("proof", maximum=64)]
        fields.done()
        verify_inclusion(
            leaf_hash=leaf_hash(entry),
            index=index,
            size=checkpoint.size,
            proof=proof,
            root_hash=checkpoint.root_hash,
        )
        statement = parse_entry(entry).statement
        if isinstance(statement, RegistryCreated) and index == 0 and statement.header.origin == checkpoint.origin:
            vkey = statement.status_vkey
        elif isinstance(statement, RecallPublished | RecallRevised | RecallClosed):
            told.setdefault(statement.recall_id, set()).add(index)
    top.done()
    if vkey is None:
        raise DoesNotHold("no_status_key", "The file does not show which key speaks of recalls: entry 0 is missing.")
    return told, vkey


def _check_recalls(cases: Fields, told: Mapping[str, set[int]]) -> tuple[str, ...]:
    """Every recall of the board is in the ledger, where the board says."""
    found = []
    for item in cases.items("recalls", maximum=_MAX_ENTRIES):
        fields = Fields(item, "recall")
        recall_id = fields.string("recall_id")
        places = {fields.integer("index"), fields.integer("latest_index")}
        if not places <= told.get(recall_id, set()):
            raise DoesNotHold("recall_not_proven", f"Nothing in the file proves {recall_id} where the board has it.")
        found.append(recall_id)
    return tuple(found)


def _check_cases(cases: Fields, recalls: set[str], listings: bytes) -> tuple[int, int]:
    """The numbers of each case are those of its rows."""
    rows = _read_rows(listings)
    held: dict[str, list[dict[str, str]]] = {}
    for row in rows:
        held.setdefault(row["case"], []).append(row)
    known = set()
    for item in cases.items("cases", maximum=_MAX_ENTRIES):
        value = _object(item)
        case, recall_id = str(value.get("id")), value.get("recall_id")
        if recall_id not in recalls:
            raise DoesNotHold("unknown_recall", f"Case {case} is of a recall that the board does not have.")
        for name, number in _count(held.get(case, [])).items():
            if value.get(name) != number:
                raise DoesNotHold("numbers_differ", f"Case {case} has another number for {name} than {LISTINGS}.")
        known.add(case)
    if not set(held) <= known:
        raise DoesNotHold("numbers_differ", f"{LISTINGS} has listings of no case.")
    return len(known), len(rows)


def _count(rows: list[dict[str, str]]) -> dict[str, int]:
    """As docs/recalls.md defines them. Instants have one form, so that texts compare as times do."""
    pushed = [row for row in rows if row["pushed_at"]]
    affected = [
        row for row in pushed if not row["released_at"] or row["delisted_at"] or row["released_at"] > row["deadline_at"]
    ]
    stopped = [row for row in affected if row["delisted_at"]]
    return {
        "affected": len(affected),
        "delisted": sum(bool(row["delisted_at"]) for row in rows),
        "listings": len(rows),
        "notices": sum(bool(row["notice_at"]) for row in affected),
        "released": sum(bool(row["released_at"]) for row in rows),
        "stopped": len(stopped),
        "stopped_in_time": sum(row["delisted_at"] <= row["deadline_at"] for row in stopped),
    }


def _read_rows(listings: bytes) -> list[dict[str, str]]:
    """Raises Malformed, for whatever is no table with the columns that are counted."""
    try:
        rows = list(csv.DictReader(io.StringIO(listings.decode("utf-8-sig"), newline="")))
    except (csv.Error, UnicodeDecodeError):
        raise Malformed("bad_listings", f"{LISTINGS} is no table.") from None
    if any(row.get(name) is None for row in rows for name in _COUNTED):
        raise Malformed("bad_listings", f"{LISTINGS} is not a board's.")
    return rows


def _object(value: JsonValue) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise Malformed("bad_cases", f"{CASES} is not a board's.")
    return value
