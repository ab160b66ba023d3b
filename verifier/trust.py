# SPDX-License-Identifier: Apache-2.0
"""Who may speak for what: admitted issuers, their keys and GS1 company prefixes, as plain values. DESIGN §4."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from verifier.protocol.fields import Contact, Text
from verifier.protocol.keys import PublicKey
from verifier.protocol.statements.products import SeqRange


@dataclass(frozen=True, slots=True)
class KeyRecord:
    """One key of an issuer. `revoked_from` is a ledger index: what was logged before it stays good."""

    public_key: PublicKey
    added_index: int
    revoked_from: int | None = None
    good_batches: tuple[SeqRange, ...] = ()  # of a revoked key: the batch numbers that were logged in time

    def is_good_at(self, index: int) -> bool:
        """May the key speak in the entry at this ledger index?"""
        return self.added_index < index and (self.revoked_from is None or index < self.revoked_from)

    def is_good_for_batch(self, batch: int) -> bool:
        """May a code of this batch be trusted, when nothing but the snapshot is at hand?"""
        return self.revoked_from is None or any(batch in batches for batches in self.good_batches)


@dataclass(frozen=True, slots=True)
class Issuer:
    """An admitted organisation."""

    id: str
    name: Text
    uscc: str
    roles: tuple[str, ...]
    prefixes: tuple[str, ...]
    contact: Contact
    keys: tuple[KeyRecord, ...]
    _by_hint: dict[bytes, KeyRecord] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_by_hint", {key.public_key.hint: key for key in self.keys})

    def find_key_by_hint(self, hint: bytes) -> KeyRecord | None:
        """The key with this two-byte hint; hints are unique among one issuer's keys."""
        return self._by_hint.get(hint)

    def find_key(self, key_id: str) -> KeyRecord | None:
        return next((key for key in self.keys if key.public_key.key_id == key_id), None)


class PrefixIndex:
    """Finds the issuer of a GTIN by its GS1 company prefix. Prefixes do not overlap, so there is at most one."""

    def __init__(self, issuers: Iterable[Issuer] = ()) -> None:
        self._owners: dict[str, str] = {}
        for issuer in issuers:
            self.add(issuer.id, issuer.prefixes)

    def add(self, issuer_id: str, prefixes: Iterable[str]) -> None:
        for prefix in prefixes:
            self._owners[prefix] = issuer_id

    def find_overlap(self, prefix: str) -> str | None:
        """The id of an issuer who owns a prefix that contains this one or lies within it."""
        for length in range(1, len(prefix) + 1):
            if prefix[:length] in self._owners:
                return self._owners[prefix[:length]]
        return next((owner for known, owner in self._owners.items() if known.startswith(prefix)), None)

    def find_issuer_id(self, gtin: str) -> str | None:
        """The issuer who owns the GTIN's prefix, which begins at the second digit, after the indicator digit."""
        for length in range(12, 3, -1):
            owner = self._owners.get(gtin[1 : 1 + length])
            if owner is not None:
                return owner
        return None
