# SPDX-License-Identifier: Apache-2.0
"""What the ledger needs of others: a store, a policy, a signer, a place for tiles. C2SP tlog-tiles, DESIGN §3."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from passport.domain.ledger_values import Head, IntegratedBatch, StoredBlob
    from verifier.protocol.checkpoint import Checkpoint
    from verifier.protocol.note import VKey
    from verifier.protocol.tile import EntryBundle, Tile


class LedgerStore(Protocol):
    """Where the ledger lives. Every method may raise StoreFailed; all may be called from several threads."""

    def read_head(self) -> Head | None: ...

    def read_tile(self, level: int, index: int) -> StoredBlob | None:
        """Read the widest stored tile at that place."""
        ...

    def read_bundle(self, index: int) -> StoredBlob | None: ...

    def find_entries(self, digests: Sequence[bytes]) -> dict[bytes, int]:
        """Find the indexes of the entries that are stored, by the SHA-256 of their bytes."""
        ...

    def commit(self, batch: IntegratedBatch) -> None:
        """Store all of it in one transaction, with a compare-and-swap on (size, root) of the head.

        Raises HeadMoved (nothing stored), CorruptLedger, StoreFailed (stored or not: read the head to know).
        """
        ...

    def read_published(self) -> Head | None: ...

    def write_published(self, head: Head) -> None:
        """Say what is public. Never goes back to an older head."""
        ...


class RestorableStore(LedgerStore, Protocol):
    """A store that a rebuild can fill."""

    def stage(self, batch: IntegratedBatch) -> None:
        """Store blobs and index rows while there is no head. Raises HeadMoved if there is one."""
        ...

    def discard_staged(self) -> None: ...


class EntryIndex(Protocol):
    """The index rows, as fsck reads them."""

    def find_entries(self, digests: Sequence[bytes]) -> dict[bytes, int]: ...

    def count_entries(self) -> int: ...


class IndexedStore(LedgerStore, EntryIndex, Protocol):
    """A store whose index can be checked too."""


class RegistrationPolicy(Protocol):
    """Decides what may enter; a fold over the entries so far."""

    @property
    def size(self) -> int:
        """How many entries are folded in: indexes 0 to size - 1."""
        ...

    def admit(self, index: int, entry: bytes) -> None:
        """Raise Malformed or DoesNotHold, and change nothing; or return, and the entry counts for the next one."""
        ...

    def replay(self, index: int, entry: bytes) -> None:
        """Fold in an entry that is in the ledger already: its signature need not be checked again, nor refused."""
        ...

    def rollback(self, size: int) -> None:
        """Forget everything at index ≥ size."""
        ...


class CheckpointSigner(Protocol):
    """The ledger's key. `vkey.name` is the origin."""

    @property
    def vkey(self) -> VKey: ...

    def sign_checkpoint(self, checkpoint: Checkpoint) -> bytes:
        """Return the signed note."""
        ...


class TileSink(Protocol):
    """A place where tiles are public as files. Raises OSError; CorruptLedger when other bytes are there."""

    def write_blob(self, path: str, data: bytes) -> None:
        """Create the file; if it is there already, compare."""
        ...

    def remove_partials(self, path: str) -> None:
        """Drop the partial forms of a tile whose full form is public."""
        ...

    def read_checkpoint(self) -> bytes | None: ...

    def write_checkpoint(self, note: bytes) -> None:
        """Replace the checkpoint, unless the one that is there is of a larger tree."""
        ...


class LedgerSource(Protocol):
    """A ledger to read, wherever it is: a store, a directory, a URL. None means that it is not there."""

    def read_checkpoint(self) -> bytes | None: ...

    def read_tile(self, tile: Tile) -> bytes | None: ...

    def read_bundle(self, bundle: EntryBundle) -> bytes | None: ...

    def list_partials(self) -> Iterable[Tile | EntryBundle]:
        """Narrower forms that are kept beside those of the checkpoint's size; empty where they cannot be listed."""
        ...


Witness = Callable[[bytes], bytes]
"""Takes a checkpoint note and returns it with cosignatures; raises to have the round tried again later."""


def no_witness(note: bytes) -> bytes:
    """Ask nobody."""
    return note
