# SPDX-License-Identifier: Apache-2.0
"""What an issuer's own machine remembers over all its batches: which numbers are taken, which serials were used.

The ledger knows the logged batches; it does not know those that are being made here, and it never learns serials. So
both stand in a directory, one for each issuer and ledger, under a lock:

    lock
    reservations/<batch>.json    the batch number belongs to this job
    serials/<gtin>/<batch>.idx   sorted 16-byte digests of the serials that the maker brought for that batch

A maker who issues from several machines shares this directory between them, or keeps GTINs apart: else the ledger
refuses the second batch of one number (which is then numbered anew), but nothing would notice a serial used twice.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from passport.domain.batch_plan import BatchPlan
from passport.domain.files import make_directory, replace_file, sync_directory
from passport.domain.maker_errors import StateConflict
from passport.domain.serial_file import DIGEST_SIZE, as_index, find_common, open_index, serial_digest
from passport.services.file_lock import hold_lock
from verifier.protocol.encoding import encode_canonical_json, parse_canonical_json, parse_decimal
from verifier.protocol.errors import Malformed
from verifier.protocol.fields import Fields
from verifier.protocol.gs1 import CSET82
from verifier.protocol.product_code import MAX_BATCH, MAX_BATCH_V2, make_serial, parse_made_serial

_LOCK_WAIT_SECONDS = 60.0
_CHUNK = 1 << 16


@dataclass(frozen=True, slots=True)
class Reservation:
    """A batch number that belongs to a job. `out` is where that job keeps its files."""

    batch: int
    job: str
    gtin: str
    code_version: int
    count: int
    out: str

    def to_bytes(self) -> bytes:
        return encode_canonical_json(
            {
                "batch": self.batch,
                "code_version": self.code_version,
                "count": self.count,
                "gtin": self.gtin,
                "job": self.job,
                "out": self.out,
            }
        )


def _parse_reservation(data: bytes) -> Reservation:
    fields = Fields(parse_canonical_json(data), "reservation")
    reservation = Reservation(
        batch=fields.integer("batch", maximum=MAX_BATCH_V2),
        job=fields.string("job"),
        gtin=fields.string("gtin"),
        code_version=fields.integer("code_version", minimum=1, maximum=2),
        count=fields.integer("count", minimum=1),
        out=fields.string("out", maximum=4096),
    )
    fields.done()
    return reservation


class IssuerState:
    """The directory of one issuer in one ledger."""

    def __init__(self, root: Path, *, origin: str, issuer: str) -> None:
        safe_origin = "".join(character if character.isalnum() or character in ".-" else "_" for character in origin)
        self.directory = root / f"{issuer}@{safe_origin}"
        self._reservations = self.directory / "reservations"
        self._serials = self.directory / "serials"

    @contextmanager
    def _locked(self) -> Iterator[None]:
        busy = f"Another command has held {self.directory} for a minute; wait for it, then run this one again."
        with hold_lock(self.directory / "lock", wait_seconds=_LOCK_WAIT_SECONDS, busy=busy):
            make_directory(self._reservations)
            make_directory(self._serials)
            yield

    def reserve(
        self, plan: BatchPlan, out: Path, *, next_batch: int, index: bytes = b"", serials: Path | None = None
    ) -> int:
        """The batch number of a job: the one that it has, else the first free one from `next_batch` on.

        `index` is the digests of the maker's serials (version 2), `serials` the file that holds them one a line. Raises
        StateConflict: "serial_used" when an earlier batch of this GTIN has one of them, "no_batch_left".
        """
        with self._locked():
            taken = self._read_all()
            mine = next((known for known in taken if known.job == plan.job), None)
            if mine is not None:
                return mine.batch
            if index:
                self._check_serials(plan, taken, index, serials)
            batch = max([next_batch, *(known.batch + 1 for known in taken)])
            while plan.code_version == 1 and self._would_repeat(plan, batch, taken):
                batch += 1
            if batch > (MAX_BATCH if plan.code_version == 1 else MAX_BATCH_V2):
                raise StateConflict("no_batch_left", "All batch numbers of this issuer are used up.")
            if index:
                make_directory(self._serials / plan.gtin)
                # An index without its reservation counts for nothing and is written over by whoever takes the number.
                replace_file(self._index_path(plan.gtin, batch), index)
            reservation = Reservation(batch, plan.job, plan.gtin, plan.code_version, plan.count, str(out.absolute()))
            # From here on the number is this job's, also after a crash: the job finds it again by its name.
            replace_file(self._reservations / f"{batch:010d}.json", reservation.to_bytes())
            return batch

    def give_back(self, job: str, batch: int) -> None:
        """The ledger has another batch of that number: forget the reservation, so that a new one can be made."""
        with self._locked():
            for known in self._read_all():
                if known.job == job and known.batch == batch:
                    (self._reservations / f"{batch:010d}.json").unlink()
                    sync_directory(self._reservations)

    def _read_all(self) -> list[Reservation]:
        found = []
        for path in sorted(self._reservations.glob("[0-9]*.json")):
            try:
                reservation = _parse_reservation(path.read_bytes())
                if reservation.batch != parse_decimal(path.stem.lstrip("0") or "0"):
                    raise Malformed("bad_reservation", "the file bears another number")
            except Malformed as error:
                raise StateConflict("state_damaged", f"{path} is not as it was written: {error}") from error
            found.append(reservation)
        return found

    def _index_path(self, gtin: str, batch: int) -> Path:
        return self._serials / gtin / f"{batch:010d}.idx"

    def _check_serials(self, plan: BatchPlan, taken: list[Reservation], index: bytes, serials: Path | None) -> None:
        for known in (item for item in taken if item.gtin == plan.gtin and item.code_version == 2):
            place = self._find_common(known, index)
            if place is not None:
                raise _serial_used(known, _find_serial(serials, index[place * DIGEST_SIZE : (place + 1) * DIGEST_SIZE]))
        made = {known.batch: known for known in taken if known.gtin == plan.gtin and known.code_version == 1}
        for serial in _read_serials(serials) if made else ():
            if len(serial) == 9 and (known_made := _made_in(made, serial)) is not None:
                raise _serial_used(known_made, serial)

    def _would_repeat(self, plan: BatchPlan, batch: int, taken: list[Reservation]) -> bool:
        """Whether serials made for this batch number are among those that the maker brought himself earlier."""
        brought = [known for known in taken if known.gtin == plan.gtin and known.code_version == 2]
        if batch > MAX_BATCH:
            return False
        for first in range(0, plan.count if brought else 0, _CHUNK):
            seqs = range(first, min(first + _CHUNK, plan.count))
            index = b"".join(sorted(serial_digest(make_serial(batch, seq)) for seq in seqs))
            if any(self._find_common(known, index) is not None for known in brought):
                return True
        return False

    def _find_common(self, known: Reservation, index: bytes) -> int | None:
        path = self._index_path(known.gtin, known.batch)
        try:
            return find_common(as_index(index), open_index(path))
        except (OSError, ValueError) as error:
            raise StateConflict(
                "state_damaged",
                f"{path} is gone or damaged; the serials of batch {known.batch} are not known any more. "
                "Restore it from a backup.",
            ) from error


def _made_in(made: dict[int, Reservation], serial: str) -> Reservation | None:
    try:
        batch, seq = parse_made_serial(serial)
    except Malformed:
        return None
    known = made.get(batch)
    return known if known is not None and seq < known.count else None


def _read_serials(serials: Path | None) -> Iterator[str]:
    if serials is not None:
        with serials.open(encoding="ascii") as file:
            for line in file:
                yield line.rstrip("\n")


def _find_serial(serials: Path | None, digest: bytes) -> str:
    return next((serial for serial in _read_serials(serials) if serial_digest(serial) == digest), "?")


def _serial_used(known: Reservation, serial: str) -> StateConflict:
    shown = "".join(character for character in serial if character in CSET82)
    return StateConflict(
        "serial_used",
        f"The serial {shown} was used for this GTIN in batch {known.batch} already (files in {known.out}).",
    )
