# SPDX-License-Identifier: Apache-2.0
"""What a folded ledger says, as plain values: who may speak, what was issued, what is recalled. DESIGN §1.

The registration policy reads these facts, and the fold writes them; neither needs to know the other for that.
"""

from __future__ import annotations

from collections.abc import Mapping, Set
from dataclasses import dataclass

from verifier.protocol.fields import Text
from verifier.protocol.keys import PublicKey
from verifier.protocol.note import VKey
from verifier.protocol.statements.products import BatchIssued, SeqRange
from verifier.recalls import RecallRecord
from verifier.trust import Issuer, PrefixIndex


@dataclass(frozen=True, slots=True)
class RegistryRecord:
    """Entry 0: the operator key, which admits issuers, and the status key, which signs snapshots."""

    name: Text
    operator_key: PublicKey
    status_vkey: VKey


@dataclass(frozen=True, slots=True)
class BatchRecord:
    index: int
    statement: BatchIssued


@dataclass(frozen=True, slots=True)
class ProductRecord:
    """The latest published passport of a GTIN."""

    index: int
    issuer: str
    digest: str


class Facts:
    """The facts of one ledger. Only the fold changes them."""

    def __init__(self, origin: str) -> None:
        self.origin = origin
        self.forget()

    def forget(self) -> None:
        """Back to an empty ledger. New containers each time: who holds the old ones may go on reading them."""
        self.registry: RegistryRecord | None = None
        self.issuers: dict[str, Issuer] = {}
        self.prefixes = PrefixIndex()
        self.key_owners: dict[str, str] = {}  # key id → issuer id
        self.batches: dict[tuple[str, int], BatchRecord] = {}  # by issuer and batch number
        self.batches_of_gtin: dict[str, list[BatchRecord]] = {}
        self.used_batches: set[tuple[str, int]] = set()  # undone ones too: a number is used once
        self.next_batches: dict[str, int] = {}
        self.revoked_from: dict[str, int] = {}  # by key id, also of keys that nobody has at present
        self.products: dict[str, ProductRecord] = {}  # by GTIN
        self.voids: dict[tuple[str, int], tuple[SeqRange, ...]] = {}
        self.recalls: dict[str, RecallRecord] = {}


def find_next_batch(issuer: str, next_batches: Mapping[str, int], used_batches: Set[tuple[str, int]]) -> int:
    """The smallest number at or above the issuer's entry in `next_batches` that is not used up."""
    number = next_batches.get(issuer, 0)
    while (issuer, number) in used_batches:
        number += 1
    return number
