# SPDX-License-Identifier: Apache-2.0
"""The ledger as its users see it: append entries, hold futures, start and stop. DESIGN §3.

Write order: pool → one transaction {bundle and tile blobs, index rows, signed checkpoint, compare-and-swap on (size,
root)} → commit → high-water mark → acknowledge → export tiles → witness round → publish the checkpoint last.
"""

from __future__ import annotations

import logging
import threading
from concurrent.futures import Future, InvalidStateError
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from passport.domain.ledger_values import AppendFailed, CorruptLedger, LedgerError
from passport.ledger.integrator import Integrator, Outcome
from passport.ledger.pool import Part, Pool, Submission
from passport.ledger.ports import no_witness
from passport.ledger.publisher import Publisher
from verifier.protocol.errors import Malformed
from verifier.protocol.tile import MAX_ENTRY_SIZE, TILE_WIDTH

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from passport.domain.ledger_values import Appended, Head
    from passport.ledger.high_water import HighWater
    from passport.ledger.ports import CheckpointSigner, LedgerStore, RegistrationPolicy, TileSink, Witness

LOG = logging.getLogger(__name__)
_STOPPED: Final = LedgerError("ledger_stopped", "it was stopped")


def log_fatal(error: LedgerError) -> None:
    """Only write it down. A server passes something that ends the process with `error.exit_code`."""
    LOG.critical("the ledger has stopped for good: %s", error)


@dataclass(frozen=True, slots=True)
class LedgerOptions:
    """Everything but store, policy and key. `on_fatal` is called once, in a thread of the ledger.

    `renew_seconds`: how often the witnesses are asked again while nothing grows; None: never.
    """

    high_water: HighWater
    sink: TileSink | None = None
    witness: Witness = no_witness
    on_fatal: Callable[[LedgerError], None] = log_fatal
    renew_seconds: float | None = None
    pool_entries: int = TILE_WIDTH
    pool_seconds: float = 0.02


class Ledger:
    """One ledger's sequencer. Thread-safe. `start()` before anything else, `stop()` to drain and end."""

    def __init__(
        self, store: LedgerStore, policy: RegistrationPolicy, signer: CheckpointSigner, options: LedgerOptions
    ) -> None:
        self._options = options
        self._integrator = Integrator(store, policy, signer, options.high_water)
        self._pool = Pool(options.pool_entries, options.pool_seconds)
        self._publisher = Publisher(store, options.sink, options.witness, self._stop_for_good, options.renew_seconds)
        self._thread = threading.Thread(target=self._run, name="ledger-sequencer", daemon=True)
        self._guard = threading.Lock()
        self._fatal: LedgerError | None = None

    @property
    def head(self) -> Head:
        """The tree that was signed and stored last; it may not be public yet."""
        return self._integrator.head

    @property
    def fatal_error(self) -> LedgerError | None:
        """Why the ledger has stopped for good; None while it runs or after a clean stop."""
        return self._fatal

    @property
    def publication_count(self) -> int:
        """Grows with every checkpoint that is made public, the same tree with newer cosignatures included."""
        return self._publisher.count

    @property
    def is_publishing_late(self) -> bool:
        """Whether the last attempt to publish failed: a disk, or too few witnesses. The ledger itself goes on."""
        return self._publisher.is_late

    def start(self) -> None:
        """Check the store, fold it into the policy, start the threads, publish what a crash left unpublished.

        Raises StartRefused (BelowHighWater), CorruptLedger, StoreFailed.
        """
        self._integrator.open()
        self._publisher.start()
        self._publisher.request(self.head)
        self._thread.start()

    def stop(self) -> None:
        """Take no more entries, integrate and publish what is waiting, end the threads. May be called twice."""
        self._pool.close(_STOPPED)
        if self._thread.ident is not None:
            self._thread.join()
        self._publisher.stop()

    def append(self, entry: bytes) -> Future[Appended]:
        """Hand in one entry. The future gives Appended once it is durable; see `append_many` for what it raises."""
        one: Future[Appended] = Future()

        def pass_on(many: Future[tuple[Outcome, ...]]) -> None:
            with suppress(InvalidStateError):
                error = many.exception()
                outcome = error if error is not None else many.result()[0]
                if isinstance(outcome, BaseException):
                    one.set_exception(outcome)
                else:
                    one.set_result(outcome)

        self.append_many([entry]).add_done_callback(pass_on)
        return one

    def append_many(self, entries: Sequence[bytes]) -> Future[tuple[Outcome, ...]]:
        """Hand in entries in order. The future gives, once they are durable, Appended or the refusal for each.

        The future raises AppendFailed when nothing is known to be stored: all may be sent again, since the same bytes
        get the same index. Raises AppendFailed at once if the ledger has stopped or is busy, Malformed for an entry of
        more than 65,535 bytes.
        """
        if any(len(entry) > MAX_ENTRY_SIZE for entry in entries):
            raise Malformed("entry_too_long", f"An entry is at most {MAX_ENTRY_SIZE} bytes long.")
        submission = Submission(entries)
        if not entries:
            submission.future.set_result(())
            return submission.future
        self._pool.put(submission)
        return submission.future

    def wait_published(self, size: int, timeout_seconds: float) -> bool:
        """Wait until a checkpoint of at least `size` entries is public; False if that does not happen in time."""
        return self._publisher.wait_published(size, timeout_seconds)

    def _run(self) -> None:
        while parts := self._pool.take():
            try:
                self._integrate(parts)
            except AppendFailed as error:
                LOG.warning("a batch was not acknowledged: %s", error)
                self._fail(parts, error)
            except Exception as error:
                self._stop_for_good(error)
                self._fail(parts, AppendFailed("ledger_stopped", f"The ledger has stopped: {error}"))
                return

    def _integrate(self, parts: Sequence[Part]) -> None:
        entries: list[bytes] = []
        for submission, count in parts:
            # A part ends where its submission was taken to; only the last one of a batch can end before the end.
            end = submission.taken
            entries += submission.entries[end - count : end]
        outcomes = self._integrator.integrate(entries)
        at = 0
        # Acknowledge: from here on clients rely on these entries. They are in the database and below the mark.
        for submission, count in parts:
            submission.deliver(outcomes[at : at + count])
            at += count
        self._publisher.request(self.head)

    def _fail(self, parts: Sequence[Part], error: AppendFailed) -> None:
        submissions = [submission for submission, _ in parts]
        self._pool.drop(submissions)
        for submission in submissions:
            submission.fail(error)

    def _stop_for_good(self, error: Exception) -> None:
        """Stop signing. Whatever it was, going on could make it worse."""
        with self._guard:
            if self._fatal is not None:
                return
            fatal = error if isinstance(error, LedgerError) else CorruptLedger("ledger_bug", f"Unexpected: {error!r}")
            self._fatal = fatal
        LOG.critical("ledger stopped for good: %s", fatal, exc_info=error)
        self._pool.close(fatal)
        for submission in self._pool.drop_all():
            submission.fail(AppendFailed("ledger_stopped", f"The ledger has stopped: {fatal}"))
        self._options.on_fatal(fatal)
