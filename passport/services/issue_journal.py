# SPDX-License-Identifier: Apache-2.0
"""The work directory of one batch: what is decided, what is done. Every file appears whole or not at all.

<out>/batch.json              last: the batch is logged, its items are uploaded, the code files stand
<out>/codes.csv, codes.ndjson
<out>/.work/lock              held by the run, and by its workers until they end
<out>/.work/serials.txt       the maker's serials, one a line (version 2)
<out>/.work/plan.json         what is to be done
<out>/.work/number.json       the batch number
<out>/.work/segments/*.seg    codes and item hashes
<out>/.work/statement.json    batch.issued, signed: the very bytes that are submitted, however often
<out>/.work/logged.json       its ledger index
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

from passport.domain.batch_plan import BatchPlan, parse_batch_plan
from passport.domain.files import make_directory, replace_file, sync_directory
from passport.domain.maker_errors import StateConflict
from verifier.protocol.encoding import encode_canonical_json, parse_canonical_json
from verifier.protocol.errors import Malformed
from verifier.protocol.fields import Fields
from verifier.protocol.statements import parse_entry
from verifier.protocol.statements.products import BatchIssued

_FORMAT = "passport-batch/v1"


@dataclass(frozen=True, slots=True)
class IssuedBatch:
    """The receipt of a finished batch. `entry` is the ledger entry at `index`; `out` is where the code files stand."""

    out: Path
    plan: BatchPlan
    batch: int
    index: int
    entry: bytes

    @property
    def statement(self) -> BatchIssued:
        """What the ledger says of the batch."""
        statement = parse_entry(self.entry).statement
        if not isinstance(statement, BatchIssued):
            raise StateConflict("receipt_damaged", f"{self.out}/batch.json holds another statement than batch.issued.")
        return statement

    def to_bytes(self) -> bytes:
        return encode_canonical_json(
            {
                "batch": self.batch,
                "entry": self.entry.decode(),
                "format": _FORMAT,
                "index": self.index,
                "plan": self.plan.to_bytes().decode(),
            }
        )


class Journal:
    """Reads and writes the files above. A file that cannot be read raises StateConflict("state_damaged")."""

    def __init__(self, out: Path) -> None:
        self.out = out
        self.work = out / ".work"
        self.segments = self.work / "segments"
        self.serials = self.work / "serials.txt"

    @property
    def csv_path(self) -> Path:
        return self.out / "codes.csv"

    @property
    def ndjson_path(self) -> Path:
        return self.out / "codes.ndjson"

    def find_receipt(self) -> IssuedBatch | None:
        data = self._read(self.out / "batch.json")
        if data is None:
            return None
        try:
            fields = Fields(parse_canonical_json(data, max_size=1 << 18), "batch.json")
            if fields.string("format") != _FORMAT:
                raise Malformed("unknown_format", "another version of this program wrote it")
            plan = parse_batch_plan(fields.string("plan", maximum=1 << 16).encode())
            entry = fields.string("entry", maximum=1 << 16).encode()
            receipt = IssuedBatch(self.out, plan, fields.integer("batch"), fields.integer("index"), entry)
            fields.done()
        except Malformed as error:
            raise self._damaged("batch.json", error) from error
        return receipt

    def find_plan(self) -> BatchPlan | None:
        data = self._read(self.work / "plan.json")
        try:
            return parse_batch_plan(data) if data is not None else None
        except Malformed as error:
            raise self._damaged(".work/plan.json", error) from error

    def write_plan(self, plan: BatchPlan) -> None:
        """A crash before this leaves nothing that matters; after it, the same command goes on with this plan."""
        make_directory(self.segments)
        replace_file(self.work / "plan.json", plan.to_bytes())

    def find_number(self) -> int | None:
        return self._find_integer("number.json", "batch")

    def write_number(self, batch: int) -> None:
        """Copy of the reservation. A crash before it: the reservation is found again by the job's name."""
        self._write_integer("number.json", "batch", batch)

    def find_statement(self) -> bytes | None:
        return self._read(self.work / "statement.json")

    def write_statement(self, entry: bytes) -> None:
        """Before it is submitted: after a crash the same bytes are sent again, and the ledger takes them once."""
        replace_file(self.work / "statement.json", entry)

    def find_logged(self) -> int | None:
        return self._find_integer("logged.json", "index")

    def write_logged(self, index: int) -> None:
        """A crash before it: the statement is sent again and the registry answers with the same index."""
        self._write_integer("logged.json", "index", index)

    def write_receipt(self, receipt: IssuedBatch) -> None:
        """From here on the batch is done, and the same command says so and does nothing."""
        replace_file(self.out / "batch.json", receipt.to_bytes())
        for stray in self.out.glob(".batch.json.*"):  # of a run that was killed while it wrote it
            stray.unlink(missing_ok=True)

    def forget_number(self) -> None:
        """The number turned out to be taken. In this order a crash in between leaves no statement without its codes."""
        for name in ("statement.json", "number.json"):
            (self.work / name).unlink(missing_ok=True)
        self._remove_segments()
        sync_directory(self.work)

    def clean_up(self) -> None:
        """After the receipt: what was needed to get there. A crash in the middle leaves files that nobody reads."""
        self._remove_segments()
        self.serials.unlink(missing_ok=True)

    def _remove_segments(self) -> None:
        shutil.rmtree(self.segments, ignore_errors=True)
        make_directory(self.segments)

    def _find_integer(self, name: str, member: str) -> int | None:
        data = self._read(self.work / name)
        if data is None:
            return None
        try:
            fields = Fields(parse_canonical_json(data), name)
            value = fields.integer(member)
            fields.done()
        except Malformed as error:
            raise self._damaged(f".work/{name}", error) from error
        return value

    def _write_integer(self, name: str, member: str, value: int) -> None:
        replace_file(self.work / name, encode_canonical_json({member: value}))

    def _read(self, path: Path) -> bytes | None:
        try:
            return path.read_bytes()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise StateConflict("state_unreadable", f"{path} cannot be read: {error.strerror}.") from error

    def _damaged(self, name: str, error: Malformed) -> StateConflict:
        return StateConflict("state_damaged", f"{self.out / name} is not as it was written: {error}")
