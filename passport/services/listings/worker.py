# SPDX-License-Identifier: Apache-2.0
"""Works on imports in one thread: first checks a file, then, when told to, adds its rows, 1,000 in a transaction.

Rows and progress are committed together, so after a kill the rows that are in are exactly those up to the line that the
import names, and the next worker goes on behind it. ADR 0022.
"""

from __future__ import annotations

import logging
import secrets
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import timedelta
from itertools import islice

from passport.domain.accounts_audit import Act, Action, ActorKind
from passport.domain.errors import PassportError
from passport.domain.listing_file import MAX_ROWS, Line, RowError, read_header, read_row, split_lines
from passport.domain.listing_imports import ImportState, ListingImport, Progress
from passport.domain.listings import Listing, ListingFields, ListingState, Place
from passport.services.listings.kit import ListingKit
from verifier.protocol.errors import Malformed

LOG = logging.getLogger(__name__)
CHUNK = 1000  # rows in one transaction
LEASE = timedelta(seconds=10)
PART_SIZE = 1 << 20  # bytes of one piece of a file in the database
_POLL_SECONDS = 2.0


@dataclass(slots=True)
class _Chunk:
    """Up to 1,000 lines of a file: those that are listings, and what is wrong with the others."""

    columns: tuple[str, ...]
    last: Line
    rows: int = 0
    good: list[tuple[int, ListingFields]] = field(default_factory=list)
    errors: list[RowError] = field(default_factory=list)

    def added_to(self, progress: Progress, good: int, errors: list[RowError]) -> Progress:
        """Raises Malformed("too_many_rows")."""
        if progress.rows + self.rows > MAX_ROWS:
            raise Malformed("too_many_rows", f"A file has at most {MAX_ROWS:,} rows. Split it.")
        moved = replace(progress, position=self.last.end, line=self.last.number, columns=self.columns)
        return moved.plus(self.rows, good, [*self.errors, *errors])


class ImportWorker:
    """`start` and `stop` frame it; without a thread, `work` does what there is to do and returns."""

    def __init__(self, kit: ListingKit) -> None:
        self._kit = kit
        self._name = secrets.token_hex(16)
        self._awake = threading.Event()
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Imports that another process left behind are taken up as soon as their lease is over."""
        self._thread = threading.Thread(target=self._run, name="imports", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Ends after the transaction that is going on. The rest is done after the next start."""
        self._stopping.set()
        self._awake.set()
        if self._thread is not None:
            self._thread.join()

    def wake(self) -> None:
        self._awake.set()

    def work(self) -> bool:
        """One import as far as it goes now. False: there is none. Raises StoreFailed."""
        now = self._kit.now()
        with self._kit.business.write() as books:
            job = books.imports.claim(self._name, now, now + LEASE)
        if job is None:
            return False
        try:
            if job.state is ImportState.CHECKING:
                self._check(job)
            else:
                self._add(job)
        except Malformed as error:
            self._end(job, ImportState.FAILED, failure=error.code)
        return True

    def _run(self) -> None:
        while not self._stopping.is_set():
            self._awake.clear()
            try:
                if self.work():
                    continue
            except PassportError:
                LOG.exception("an import could not be worked on; it will be tried again")
            except Exception:  # one file that we cannot read must not end the thread for everybody's
                LOG.exception("an import failed; it will be tried again")
            self._awake.wait(_POLL_SECONDS)

    def _check(self, job: ListingImport) -> None:
        """Writes nothing but the preview. From the beginning every time: it is quick, and leaves nothing behind."""
        first_lines: dict[bytes, int] = {}
        progress = Progress()
        for chunk in self._chunks(job, progress):
            with self._kit.business.read() as books:
                places = books.listings.find_places(job.organisation, _digests(chunk))
            good, errors = _sort_out(job, chunk, places, first_lines)
            progress = chunk.added_to(progress, len(good), errors)
            job = replace(job, checked=progress, changed_at=self._kit.now())
            with self._kit.business.write() as books:
                if not books.imports.hold(job.id, self._name, job.state, self._kit.now() + LEASE):
                    return
                books.imports.put(job)
            if self._stopping.is_set():
                return
        if not progress.rows:
            raise Malformed("no_rows", "The file has no rows below the first line.")
        self._end(job, ImportState.READY)

    def _add(self, job: ListingImport) -> None:
        for chunk in self._chunks(job, job.run):
            with self._kit.business.write() as books:
                now = self._kit.now()
                if not books.imports.hold(job.id, self._name, job.state, now + LEASE):
                    return
                # In the transaction that adds them: an address that somebody else took meanwhile is an error here.
                places = books.listings.find_places(job.organisation, _digests(chunk))
                good, errors = _sort_out(job, chunk, places, {})
                rows = [
                    (Listing(self._kit.ids(), job.organisation, fields, ListingState.DRAFT, 1, now, now), line)
                    for line, fields in good
                ]
                books.listings.add_imported(rows, job.id)
                job = replace(job, run=chunk.added_to(job.run, len(rows), errors), changed_at=now)
                books.imports.put(job)
                # Killed before the commit: neither rows nor progress; after it: both, and the next worker goes on.
            if self._stopping.is_set():
                return
        self._end(job, ImportState.DONE)

    def _chunks(self, job: ListingImport, start: Progress) -> Iterator[_Chunk]:
        """The rest of the file behind `start`. Raises Malformed("bad_header")."""
        columns = start.columns
        lines = split_lines(self._read(job, start.position), number=start.line + 1, start=start.position)
        if not columns:
            head = next(lines, None)
            if head is None:
                return
            columns = read_header(head, job.encoding)
        while some := list(islice(lines, CHUNK)):
            yield _read_chunk(some, job.encoding, columns)

    def _read(self, job: ListingImport, position: int) -> Iterator[bytes]:
        seq, skip = divmod(position, PART_SIZE)
        while True:
            with self._kit.business.read() as books:
                part = books.imports.read_part(job.id, seq)
            if part is None:
                return
            yield part[skip:] if skip else part
            seq, skip = seq + 1, 0

    def _end(self, job: ListingImport, state: ImportState, failure: str = "") -> None:
        now = self._kit.now()
        with self._kit.business.write() as books:
            if not books.imports.hold(job.id, self._name, job.state, now):
                return
            books.imports.put(replace(job, state=state, failure=failure, changed_at=now))
            if state is not ImportState.READY:
                books.imports.drop_parts(job.id)
                act = Act(
                    ActorKind(job.actor_kind),
                    job.actor,
                    str(Action.IMPORT_ENDED),
                    "import",
                    job.id,
                    outcome=failure or "done",
                )
                books.audit.append(job.organisation, now, act)


def _read_chunk(lines: list[Line], encoding: str, columns: tuple[str, ...]) -> _Chunk:
    chunk = _Chunk(columns, lines[-1])
    for line in lines:
        try:
            fields = read_row(line, encoding, columns)
        except Malformed as error:
            chunk.rows += 1
            chunk.errors.append(RowError(line.number, error.code, str(error)))
            continue
        if fields is not None:
            chunk.rows += 1
            chunk.good.append((line.number, fields))
    return chunk


def _digests(chunk: _Chunk) -> list[bytes]:
    return [fields.url_digest for _, fields in chunk.good]


def _sort_out(
    job: ListingImport, chunk: _Chunk, places: dict[bytes, Place], first_lines: dict[bytes, int]
) -> tuple[list[tuple[int, ListingFields]], list[RowError]]:
    """Rows that can be added, and errors for addresses that are taken: by a line of this file, or by a listing."""
    good, errors = [], []
    for line, fields in chunk.good:
        digest = fields.url_digest
        place = places.get(digest)
        earlier = place.line if place is not None and place.import_id == job.id else first_lines.get(digest, 0)
        if earlier:
            text = f"Line {line} has the address of line {earlier}."
            errors.append(RowError(line, "duplicate_url", text, earlier))
        elif place is not None:
            errors.append(RowError(line, "url_taken", f"Listing {place.listing} has this address already."))
        else:
            first_lines[digest] = line
            good.append((line, fields))
    return good, errors
