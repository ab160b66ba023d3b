# SPDX-License-Identifier: Apache-2.0
"""The registration policy of this registry: the auditor's fold, asked before an entry is appended."""

from __future__ import annotations

from verifier.fold import LedgerState


class FoldPolicy:
    """Implements passport.ledger.ports.RegistrationPolicy. Used by the sequencer's thread alone."""

    def __init__(self, origin: str) -> None:
        self._state = LedgerState(origin)

    @property
    def size(self) -> int:
        return self._state.size

    def admit(self, index: int, entry: bytes) -> None:
        """Raises Malformed or Refused and changes nothing; or returns, and the entry counts for the next one."""
        self._state.admit(index, entry)

    def replay(self, index: int, entry: bytes) -> None:
        """Folds in an entry that is in the ledger already."""
        self._state.read(index, entry)

    def rollback(self, size: int) -> None:
        """Forgets everything at index ≥ size."""
        self._state.rollback(size)
