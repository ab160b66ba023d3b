# SPDX-License-Identifier: Apache-2.0
"""What follows acknowledgement: export tiles, ask witnesses, publish the checkpoint last. C2SP tlog-tiles.

A thread of its own, so that a slow disk or witness never delays a commit. It always takes the newest head; heads in
between are never published, which changes nothing for readers. Recovery after a crash is the same code: it goes from
what is public to the stored head. While nothing grows, the witnesses are asked again now and then, so that the public
checkpoint does not grow old.
"""

from __future__ import annotations

import logging
import threading
import time
from typing import TYPE_CHECKING, Final

from passport.domain.ledger_values import CorruptLedger, Head, LedgerError, StoreFailed
from passport.ledger.integrate import check_extends, read_bundle, read_tile
from verifier.protocol.checkpoint import parse_checkpoint
from verifier.protocol.errors import Malformed
from verifier.protocol.note import parse_note
from verifier.protocol.tile import TILE_WIDTH, EntryBundle, Tile

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from passport.ledger.ports import LedgerStore, TileSink, Witness

LOG = logging.getLogger(__name__)
_RETRY_SECONDS: Final = 1.0
_RENEW_RETRY_SECONDS: Final = 15.0


class Publisher:
    """Publishes heads of one ledger. `on_fatal` is called, in its thread, when it must stop for good.

    `renew_seconds`: how old the cosignatures of a public checkpoint may get before they are asked for again, the first
    time at the start. None: never.
    """

    def __init__(
        self,
        store: LedgerStore,
        sink: TileSink | None,
        witness: Witness,
        on_fatal: Callable[[Exception], None],
        renew_seconds: float | None = None,
    ) -> None:
        self._store = store
        self._sink = sink
        self._witness = witness
        self._on_fatal = on_fatal
        self._renew_seconds = renew_seconds
        self._renew_at = time.monotonic()
        self._count = 0
        self._is_late = False
        self._wanted: Head | None = None
        self._published_size = -1
        self._checked_size = -1
        self._stopping = False
        self._dead = False
        self._changed = threading.Condition()
        self._thread = threading.Thread(target=self._run, name="ledger-publisher", daemon=True)

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    def request(self, head: Head) -> None:
        """Ask for this head, or a later one, to be published."""
        with self._changed:
            self._wanted = head
            self._changed.notify_all()

    @property
    def count(self) -> int:
        """How many times a checkpoint was made public, the same tree with newer cosignatures included."""
        return self._count

    @property
    def is_late(self) -> bool:
        """Whether the last attempt failed."""
        return self._is_late

    def wait_published(self, size: int, timeout_seconds: float) -> bool:
        """Wait until a checkpoint of at least `size` entries is public; False if that does not happen in time."""
        with self._changed:
            self._changed.wait_for(lambda: self._published_size >= size or self._dead, timeout_seconds)
            return self._published_size >= size

    def stop(self) -> None:
        """Publish what was asked for, one attempt, and end."""
        with self._changed:
            self._stopping = True
            self._changed.notify_all()
        if self._thread.ident is not None and self._thread is not threading.current_thread():
            self._thread.join()

    def _run(self) -> None:
        try:
            while (head := self._next()) is not None:
                try:
                    if head.size > self._published_size:
                        self.publish(head)
                    else:
                        self.renew(head)
                    self._is_late = False
                except (OSError, StoreFailed) as error:
                    self._postpone(error)
                except LedgerError:
                    raise
                except Exception as error:
                    # A witness may raise what it likes; the ledger goes on without its cosignature being public.
                    self._postpone(error)
        except Exception as error:
            self._on_fatal(error)
        finally:
            with self._changed:
                self._dead = True
                self._changed.notify_all()

    def _next(self) -> Head | None:
        with self._changed:
            while self._wanted is None or self._wanted.size <= self._published_size:
                if self._stopping:
                    return None
                left = self._seconds_to_renewal()
                if left is not None and left <= 0:
                    return self._wanted
                self._changed.wait(left)
            return self._wanted

    def _seconds_to_renewal(self) -> float | None:
        if self._renew_seconds is None or self._wanted is None:
            return None
        return self._renew_at - time.monotonic()

    def _postpone(self, error: Exception) -> None:
        self._is_late = True
        LOG.warning("publishing is late, the ledger itself goes on: %s", error)
        with self._changed:
            if self._stopping:
                self._wanted = None
            else:
                self._changed.wait_for(lambda: self._stopping, _RETRY_SECONDS)

    def publish(self, head: Head) -> None:
        """Make `head` public, or what another publisher has made public beyond it. Every step can be repeated."""
        exported = self._exported_size()
        published = self._store.read_published()
        target = head if published is None or published.size < head.size else published
        # Crash anywhere in the export: files that no public checkpoint speaks of. The next start compares them.
        self._export(exported, target.size)
        if target is head:
            # Crash after the witness round: witnesses know a tree that is not public yet. It is stored, and the next
            # start publishes it, or one that extends it.
            target = self._cosign(head)
            # Crash after this write: public through the server, the file is behind. The next start writes it.
            self._store.write_published(target)
        if self._sink is not None and exported <= target.size:
            # Last of all: whoever sees this checkpoint finds every tile that it needs.
            self._sink.write_checkpoint(target.checkpoint)
            self._remove_partials(exported, target.size)
        with self._changed:
            self._published_size = max(self._published_size, target.size)
            self._count += 1
            self._changed.notify_all()

    def renew(self, head: Head) -> None:
        """Publish the tree that is public once more, with newer cosignatures. It may be another publisher's, beyond
        `head`. If the witnesses fail, what is public stays, and the next attempt comes in a while."""
        assert self._renew_seconds is not None
        self._renew_at = time.monotonic() + min(self._renew_seconds, _RENEW_RETRY_SECONDS)
        published = self._store.read_published()
        target = self._cosign(head if published is None else published)
        # Crash after this write: the file has the older cosignatures, as good as it was before.
        self._store.write_published(target)
        if self._sink is not None:
            self._sink.write_checkpoint(target.checkpoint)
        with self._changed:
            self._count += 1
            self._changed.notify_all()

    def _cosign(self, head: Head) -> Head:
        note = self._witness(head.checkpoint)
        if self._renew_seconds is not None:
            self._renew_at = time.monotonic() + self._renew_seconds
        return Head(head.size, head.root_hash, note)

    def _exported_size(self) -> int:
        """How much of the tree the sink has for certain: what its own checkpoint says, since that came last.

        Raises CorruptLedger if that is no earlier state of this ledger: then the database is the old copy.
        """
        if self._sink is None:
            return 0
        note = self._sink.read_checkpoint()
        if note is None:
            return 0
        try:
            found = parse_checkpoint(parse_note(note).text)
        except Malformed as error:
            raise CorruptLedger("public_checkpoint_malformed", f"The exported checkpoint: {error}") from error
        if found.size != self._checked_size:
            head = self._store.read_head()
            if (
                head is None
                or parse_checkpoint(parse_note(head.checkpoint).text).origin != found.origin
                or found.size > head.size
                or not check_extends(self._store, head, found.size, found.root_hash)
            ):
                raise CorruptLedger(
                    "public_history_differs",
                    f"The exported checkpoint of {found.size} entries is no earlier state of the database. Restore the "
                    "right database, or rebuild it from the exported tiles.",
                )
            self._checked_size = found.size
        return found.size

    def _export(self, old_size: int, new_size: int) -> None:
        if self._sink is None:
            return
        for bundle in _new_bundles(old_size, new_size):
            self._sink.write_blob(bundle.path, read_bundle(self._store, bundle))
        for tile in _new_tiles(old_size, new_size):
            self._sink.write_blob(tile.path, read_tile(self._store, tile))

    def _remove_partials(self, old_size: int, new_size: int) -> None:
        """Drop partial forms of what has become full; a crash or failure before this leaves only spare files."""
        if self._sink is None:
            return
        places: list[Tile | EntryBundle] = [*_new_tiles(old_size, new_size), *_new_bundles(old_size, new_size)]
        for place in places:
            if place.width == TILE_WIDTH:
                self._sink.remove_partials(place.path)


def _new_tiles(old_size: int, new_size: int) -> Iterator[Tile]:
    level = 0
    while new_size >> (8 * level):
        for index, width in _new_places(old_size >> (8 * level), new_size >> (8 * level)):
            yield Tile(level, index, width)
        level += 1


def _new_bundles(old_size: int, new_size: int) -> Iterator[EntryBundle]:
    for index, width in _new_places(old_size, new_size):
        yield EntryBundle(index, width)


def _new_places(old_count: int, new_count: int) -> Iterator[tuple[int, int]]:
    """List (index, width) of what a row of `new_count` has and one of `old_count` had not."""
    if new_count == old_count:
        return
    for index in range(old_count // TILE_WIDTH, -(-new_count // TILE_WIDTH)):
        yield index, min(TILE_WIDTH, new_count - index * TILE_WIDTH)
