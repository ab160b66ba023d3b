# SPDX-License-Identifier: Apache-2.0
"""Files of listings: taken in, shown as a preview, run. The work itself is the worker's. ADR 0022."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from dataclasses import replace
from hashlib import sha256

from passport.domain.accounts import Principal, Scope
from passport.domain.accounts_audit import Action
from passport.domain.listing_file import MAX_FILE_SIZE, EncodingGuess
from passport.domain.listing_imports import BUSY, ImportState, ListingImport
from passport.domain.listings import ListingConflict, UnknownListing
from passport.services.listings.kit import ListingKit, actor_of, clean_id, note, require
from passport.services.listings.ports import Books
from passport.services.listings.worker import PART_SIZE, ImportWorker
from verifier.protocol.errors import Malformed


class ImportDesk:
    """One file at a time for each organisation. It lies in the database until it is done with, so nobody loses it."""

    def __init__(self, kit: ListingKit, worker: ImportWorker) -> None:
        self._kit, self._worker = kit, worker

    def upload(self, principal: Principal, file_name: str, pieces: Iterable[bytes]) -> ListingImport:
        """Takes a file and has it checked; the same bytes while they are checked or shown are the same import.

        Raises NotAllowed, Malformed: file_empty, file_too_large, bad_encoding; ListingConflict("import_in_progress").
        """
        require(principal, Scope.LISTINGS_WRITE)
        parts, size, digest, guess = [], 0, sha256(), EncodingGuess()
        for piece in pieces:
            size += len(piece)
            if size > MAX_FILE_SIZE:
                raise Malformed("file_too_large", f"A file has at most {MAX_FILE_SIZE >> 20} MiB. Split it.")
            digest.update(piece)
            guess.feed(piece)
            parts.append(piece)
        guess.feed(b"", is_last=True)
        if not size:
            raise Malformed("file_empty", "The file is empty.")
        now, encoding = self._kit.now(), guess.get()
        kind, actor = actor_of(principal)
        job = ListingImport(
            id=self._kit.ids(),
            organisation=principal.organisation,
            file_name=clean_file_name(file_name),
            digest=digest.digest(),
            size=size,
            encoding=encoding,
            state=ImportState.CHECKING,
            created_at=now,
            changed_at=now,
            actor_kind=kind,
            actor=actor,
        )
        with self._kit.business.write() as books:
            same = self._make_room(books, principal, job)
            if same is not None:
                return same
            books.imports.add(job)
            for seq, part in enumerate(_regroup(parts)):
                books.imports.add_part(job.id, seq, part)
            note(books, principal, Action.IMPORT_UPLOADED, ("import", job.id), now)
        self._worker.wake()
        return job

    def _make_room(self, books: Books, principal: Principal, job: ListingImport) -> ListingImport | None:
        """Previews that nobody ran give way. Returns the import that already is this file."""
        busy = books.imports.find_busy(principal.organisation)
        if busy is not None and busy.digest == job.digest:
            return busy
        if busy is not None:
            raise ListingConflict("import_in_progress", "Another file is being worked on. Wait until it is done.")
        for old in books.imports.find_ready(principal.organisation):
            if old.digest == job.digest:
                return old
            books.imports.put(replace(old, state=ImportState.DISCARDED, changed_at=job.created_at))
            books.imports.drop_parts(old.id)
        return None

    def get(self, principal: Principal, import_id: str) -> ListingImport:
        """Raises NotAllowed, UnknownListing("unknown_import")."""
        require(principal, Scope.LISTINGS_READ)
        with self._kit.business.read() as books:
            return _get(books, principal, import_id)

    def page(self, principal: Principal, before: str, limit: int) -> list[ListingImport]:
        """The newest first. Raises NotAllowed."""
        require(principal, Scope.LISTINGS_READ)
        with self._kit.business.read() as books:
            return books.imports.page(principal.organisation, clean_id(before), limit)

    def run(self, principal: Principal, import_id: str) -> ListingImport:
        """Adds the good rows of a file that was checked; asking again changes nothing.

        Raises NotAllowed, UnknownListing, ListingConflict: import_not_ready, import_in_progress.
        """
        require(principal, Scope.LISTINGS_WRITE)
        now = self._kit.now()
        with self._kit.business.write() as books:
            job = _get(books, principal, import_id)
            if job.state in (ImportState.RUNNING, ImportState.DONE):
                return job
            if job.state is not ImportState.READY:
                raise ListingConflict("import_not_ready", "The file has not been checked, or was given up.")
            if books.imports.find_busy(principal.organisation) is not None:
                raise ListingConflict("import_in_progress", "Another file is being worked on. Wait until it is done.")
            running = replace(job, state=ImportState.RUNNING, changed_at=now)
            books.imports.put(running)
            note(books, principal, Action.IMPORT_STARTED, ("import", job.id), now)
        self._worker.wake()
        return running

    def discard(self, principal: Principal, import_id: str) -> ListingImport:
        """Gives up a preview. Raises NotAllowed, UnknownListing, ListingConflict("import_in_progress")."""
        require(principal, Scope.LISTINGS_WRITE)
        now = self._kit.now()
        with self._kit.business.write() as books:
            job = _get(books, principal, import_id)
            if job.state in BUSY:
                raise ListingConflict("import_in_progress", "The file is being worked on. Wait until it is done.")
            if job.state is not ImportState.READY:
                return job
            gone = replace(job, state=ImportState.DISCARDED, changed_at=now)
            books.imports.put(gone)
            books.imports.drop_parts(job.id)
            note(books, principal, Action.IMPORT_DISCARDED, ("import", job.id), now)
        return gone


def _get(books: Books, principal: Principal, import_id: str) -> ListingImport:
    found = books.imports.find_in(principal.organisation, clean_id(import_id))
    if found is None:
        raise UnknownListing("unknown_import", "There is no such import in your organisation.")
    return found


def _regroup(pieces: list[bytes]) -> Iterable[bytes]:
    data = memoryview(b"".join(pieces))
    for at in range(0, len(data), PART_SIZE):
        yield bytes(data[at : at + PART_SIZE])


def clean_file_name(text: str) -> str:
    """What is shown of a file's name: its last part, visible characters, at most 120."""
    last = text.replace("\\", "/").rpartition("/")[2]
    visible = "".join(c for c in last if unicodedata.category(c)[0] != "C")
    return " ".join(visible.split())[:120] or "listings.csv"
