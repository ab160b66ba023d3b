# SPDX-License-Identifier: Apache-2.0
"""`passport issue`: a batch of codes from the plan to the files for the printer. DESIGN §2 and §3.

 1 plan  2 batch number  3 sign and hash  4 item tree and statement  5 log the statement  6 upload the item hashes
 7 code files  8 receipt

Each step looks first whether it is done. So a run that was killed anywhere is finished by the same command: one plan,
one number, and one code for each seq, because the same key signs the same text to the same bytes. No code leaves the
work directory before its batch is logged.
"""

from __future__ import annotations

import io
import secrets
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import date, datetime
from itertools import islice
from pathlib import Path
from typing import BinaryIO

from passport.domain.batch_plan import MAX_COUNT, BatchOrder, BatchPlan
from passport.domain.code_files import CSV_HEADER
from passport.domain.files import make_directory
from passport.domain.item_tree import TILE_SIZE, TILE_WIDTH, ItemTree
from passport.domain.maker_errors import BadInput, RegistryRefused, RegistryUnavailable, StateConflict
from passport.domain.serial_file import SerialScan, index_serials, scan_serials
from passport.domain.streams import open_whole
from passport.services.file_lock import hold_lock
from passport.services.issue_journal import IssuedBatch, Journal
from passport.services.issue_segments import (
    SEGMENT_WIDTH,
    Segment,
    SegmentMaker,
    SegmentTask,
    read_segment,
    segment_path,
    tasks_of,
)
from passport.services.issue_state import IssuerState
from passport.services.maker_ports import Registry, Reporter, Signer
from passport.services.signing_in import get_maker
from passport.services.worker_pool import WorkerPool
from verifier.evidence import ItemTile
from verifier.protocol.merkle import HASH_SIZE
from verifier.protocol.statements import Header, make_entry, signed_bytes
from verifier.protocol.statements.products import BatchIssued

_LOCK_WAIT_SECONDS = 20.0  # workers of a killed run end within one segment
_UPLOADS_AT_ONCE = 4
_RENUMBER_ATTEMPTS = 5


@dataclass(frozen=True, slots=True)
class IssueRequest:
    """What the person asked for; gtin and lot already parsed.

    Either `count` (made serials) or `serials` (a CSV file).
    """

    out: Path
    issuer: str
    gtin: str
    lot: str
    production_date: date | None
    count: int | None = None
    serials: Path | None = None
    column: str = "serial"


@dataclass(frozen=True, slots=True)
class IssueTools:
    """What the run stands on. `confirm` is shown the plan, and the first serials if the maker brought them; it raises
    NotConfirmed to stop before anything is reserved."""

    registry: Registry
    signer: Signer
    reporter: Reporter
    state_root: Path
    now: datetime
    workers: int
    confirm: Callable[[BatchPlan, tuple[str, ...]], None]


def issue(request: IssueRequest, tools: IssueTools) -> IssuedBatch:
    """Issue the batch, or finish it, or tell that it is finished. Raises MakerError; then run the same command
    again."""
    journal = Journal(request.out)
    with _own_directory(journal):
        receipt = journal.find_receipt()
        plan = receipt.plan if receipt is not None else journal.find_plan()
        if plan is None:
            plan = _make_plan(request, journal, tools)
        else:
            _read_order(request, io.BytesIO())[0].check_same_as(plan)
            if (plan.issuer, plan.key_id) != (request.issuer, tools.signer.public_key.key_id):
                raise StateConflict(
                    "other_key",
                    f"This batch was begun by {plan.issuer} with key {plan.key_id[:16]}…; finish it with that.",
                )
        if receipt is None:
            return _Run(plan, journal, tools).finish()
        journal.clean_up()
        return receipt


def discard(out: Path, *, registry: Registry, state_root: Path) -> int | None:
    """Give up a batch that was never logged: its number and serials become free. Returns the number, if it had one.

    Raises StateConflict: "nothing_to_discard", "batch_is_logged".
    """
    journal = Journal(out)
    with _own_directory(journal):
        plan, batch = journal.find_plan(), journal.find_number()
        if plan is None:
            raise StateConflict("nothing_to_discard", f"{out} holds no unfinished batch.")
        is_logged = journal.find_receipt() is not None or journal.find_logged() is not None
        if is_logged or (batch is not None and registry.find_batch(plan.issuer, batch) is not None):
            raise StateConflict(
                "batch_is_logged", "The batch is in the ledger and stays there; void its codes instead."
            )
        if batch is not None:
            IssuerState(state_root, origin=plan.origin, issuer=plan.issuer).give_back(plan.job, batch)
            journal.forget_number()
        (journal.work / "plan.json").unlink()
        journal.clean_up()
        return batch


def _own_directory(journal: Journal) -> AbstractContextManager[None]:
    make_directory(journal.work)
    busy = f"Another run is at work in {journal.out}. Wait for it, or choose another --out."
    return hold_lock(journal.work / "lock", wait_seconds=_LOCK_WAIT_SECONDS, busy=busy)


def _read_order(request: IssueRequest, output: BinaryIO) -> tuple[BatchOrder, SerialScan | None]:
    """The order in comparable form; the maker's serials are checked and written to `output`."""
    scan = None
    if request.serials is not None:
        scan = scan_serials(request.serials, request.column, output)
        if request.count is not None and request.count != scan.count:
            raise BadInput(
                "wrong_count", f"{request.serials} holds {scan.count} serials, --count says {request.count}."
            )
    count = scan.count if scan is not None else request.count
    version = 1 if scan is None else 2
    if count is None or not 1 <= count <= MAX_COUNT[version]:
        raise BadInput("wrong_count", f"A batch has 1 to {MAX_COUNT[version]} codes.")
    digest = scan.digest if scan is not None else ""
    return BatchOrder(request.gtin, request.lot, request.production_date, count, version, digest), scan


def _make_plan(request: IssueRequest, journal: Journal, tools: IssueTools) -> BatchPlan:
    """Step 1. Nothing is reserved and nothing is signed before the plan is written down."""
    for path in (journal.csv_path, journal.ndjson_path):
        if path.exists():
            raise StateConflict(
                "files_in_the_way", f"{path} exists and belongs to no batch here; choose another --out."
            )
    key = tools.signer.public_key
    get_maker(tools.registry, request.issuer, key, request.gtin)
    info = tools.registry.registry()
    # Before the plan, so that a plan is never without its serials.
    with open_whole(journal.serials) as output:
        order, scan = _read_order(request, output)
    plan = BatchPlan(
        job=secrets.token_hex(16),
        origin=info.origin,
        issuer=request.issuer,
        key_id=key.key_id,
        host=info.host,
        gtin=order.gtin,
        lot=order.lot,
        production_date=order.production_date or tools.now.astimezone().date(),
        count=order.count,
        code_version=order.code_version,
        serials_digest=order.serials_digest,
    )
    tools.confirm(plan, scan.preview if scan is not None else ())
    journal.write_plan(plan)
    return plan


class _Run:
    """Steps 2 to 8 for one plan."""

    def __init__(self, plan: BatchPlan, journal: Journal, tools: IssueTools) -> None:
        self._plan = plan
        self._journal = journal
        self._tools = tools
        self._state = IssuerState(tools.state_root, origin=plan.origin, issuer=plan.issuer)

    def finish(self) -> IssuedBatch:
        for _ in range(_RENUMBER_ATTEMPTS):
            batch = self._number()  # 2
            self._sign(batch)  # 3
            entry = self._journal.find_statement() or self._make_statement(batch)  # 4
            try:
                index = self._log(entry)  # 5
                break
            except RegistryRefused as error:
                if error.code != "batch_exists":
                    raise
            # Another machine of this issuer logged this number first. No code of ours has been shown to anybody, so
            # all of them are dropped and made again under a new number.
            self._tools.reporter.say(
                f"Batch number {batch} was taken meanwhile; the codes are made again under another."
            )
            self._journal.forget_number()
            self._state.give_back(self._plan.job, batch)
        else:
            raise StateConflict(
                "no_batch_number", "Other machines of this issuer keep taking the numbers. Try again later."
            )
        self._upload(batch)  # 6
        self._write_files()  # 7
        receipt = IssuedBatch(self._journal.out, self._plan, batch, index, entry)
        self._journal.write_receipt(receipt)  # 8
        self._journal.clean_up()
        return receipt

    def _number(self) -> int:
        known = self._journal.find_number()
        if known is not None:
            return known
        issuer = get_maker(self._tools.registry, self._plan.issuer, self._tools.signer.public_key, self._plan.gtin)
        index, serials = b"", None
        if self._plan.code_version == 2:
            serials = self._journal.serials
            index = index_serials(serials)
        batch = self._state.reserve(
            self._plan, self._journal.out, next_batch=issuer.next_batch, index=index, serials=serials
        )
        self._journal.write_number(batch)
        return batch

    def _sign(self, batch: int) -> None:
        plan, directory = self._plan, self._journal.segments
        make_directory(directory)
        missing = [task for task in tasks_of(plan.count) if not segment_path(directory, task[0]).exists()]
        maker = SegmentMaker(plan, batch, self._tools.signer, directory)
        workers = min(self._tools.workers, len(missing))
        if not missing:
            return
        with WorkerPool(maker, workers) as pool:  # before the progress bar starts its thread
            reporter = self._tools.reporter
            reporter.start("sign", plan.count)
            reporter.advance(plan.count - sum(task[2] for task in missing))
            for done in pool.run(self._tasks(missing)):
                reporter.advance(done.count)

    def _tasks(self, missing: list[tuple[int, int, int]]) -> Iterator[SegmentTask]:
        if self._plan.code_version == 1:
            yield from (SegmentTask(number, first, count) for number, first, count in missing)
            return
        wanted = {number for number, _, _ in missing}
        with self._journal.serials.open(encoding="ascii") as file:
            for number, first, count in tasks_of(self._plan.count):
                serials = tuple(line.rstrip("\n") for line in islice(file, count))
                if number in wanted:
                    yield SegmentTask(number, first, count, serials)

    def _segments(self) -> Iterator[Segment]:
        for number, first, count in tasks_of(self._plan.count):
            segment = read_segment(self._journal.segments, number)
            if (segment.first, segment.count) != (first, count):
                raise StateConflict(
                    "segment_damaged", f"Segment {number} in {self._journal.segments} is another one's."
                )
            yield segment

    def _make_statement(self, batch: int) -> bytes:
        """Step 4, from the segments as they stand on the disk:

        the root covers what will be printed, not what was meant.
        """
        plan, signer = self._plan, self._tools.signer
        statement = BatchIssued(
            header=Header(plan.origin, plan.issuer, self._tools.now),
            gtin=plan.gtin,
            lot=plan.lot,
            production_date=plan.production_date,
            batch=batch,
            count=plan.count,
            code_version=plan.code_version,
            key_id=plan.key_id,
            item_root=self._item_tree().root,
        )
        entry = make_entry(statement, key_id=plan.key_id, signature=signer.sign(signed_bytes(statement)))
        self._journal.write_statement(entry)
        return entry

    def _item_tree(self) -> ItemTree:
        return ItemTree(
            segment.hashes[start : start + TILE_SIZE]
            for segment in self._segments()
            for start in range(0, len(segment.hashes), TILE_SIZE)
        )

    def _log(self, entry: bytes) -> int:
        known = self._journal.find_logged()
        if known is not None:
            return known
        index = self._tools.registry.submit(entry).index
        self._journal.write_logged(index)
        return index

    def _upload(self, batch: int) -> None:
        """Step 6. The registry says what it lacks, so nothing needs to be written down here."""
        registry, reporter, issuer = self._tools.registry, self._tools.reporter, self._plan.issuer
        reporter.start("upload", self._plan.count)
        tree: ItemTree | None = None
        before: tuple[int, ...] | None = None
        with ThreadPoolExecutor(_UPLOADS_AT_ONCE) as pool:
            while True:
                status = registry.find_batch(issuer, batch)
                if status is None:
                    raise RegistryUnavailable("batch_not_there", "The registry does not show the logged batch yet.")
                if status.is_complete:
                    return
                if not status.missing_tiles or status.missing_tiles == before:
                    raise RegistryUnavailable("upload_stuck", "The registry takes the item hashes but lacks them.")
                before = status.missing_tiles
                tree = tree or self._item_tree()

                def put(tile: ItemTile) -> int:
                    registry.put_item_tile(issuer, batch, tile.index, tile.to_bytes())
                    return len(tile.hashes) // HASH_SIZE

                for count in pool.map(put, self._tiles(status.missing_tiles, tree)):
                    reporter.advance(count)

    def _tiles(self, wanted: tuple[int, ...], tree: ItemTree) -> Iterator[ItemTile]:
        per_segment = SEGMENT_WIDTH // TILE_WIDTH
        number, segment = -1, None
        for index in sorted(wanted):
            if segment is None or index // per_segment != number:
                number = index // per_segment
                segment = read_segment(self._journal.segments, number)
            start = index % per_segment * TILE_SIZE
            yield ItemTile(index, segment.hashes[start : start + TILE_SIZE], tree.path(index))

    def _write_files(self) -> None:
        """Step 7. Each file takes its name when it is whole; a crash in between leaves one, and both are made again."""
        reporter = self._tools.reporter
        reporter.start("write", self._plan.count)
        with open_whole(self._journal.ndjson_path) as ndjson, open_whole(self._journal.csv_path) as table:
            table.write(CSV_HEADER)
            for segment in self._segments():
                table.write(segment.csv)
                ndjson.write(segment.ndjson)
                reporter.advance(segment.count)
