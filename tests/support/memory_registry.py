# SPDX-License-Identifier: Apache-2.0
"""A registry in memory behind the maker's port. It polices its caller, and can fail on purpose."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256
from typing import TYPE_CHECKING, TypeVar

from passport.domain.maker_errors import RegistryRefused, RegistryUnavailable
from passport.domain.registry_values import BatchStatus, IssuerInfo, IssuerKey, Logged, ProductStatus, RegistryInfo
from tests.support.makers import CONTACT, HOST, SigningKey, both, make_uscc
from verifier.evidence import parse_item_tile, verify_item_tile
from verifier.fold import LedgerState
from verifier.passport_document import parse_passport_document, verify_passport_document
from verifier.protocol.errors import VerifierError
from verifier.protocol.note import ALG_ED25519, make_vkey
from verifier.protocol.statements import REGISTRY, Header, Statement, make_entry, signed_bytes
from verifier.protocol.statements.registry import IssuerAdmitted, RegistryCreated

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

T = TypeVar("T")
ORIGIN = f"{HOST}/ledger"
NOW = datetime(2026, 3, 1, 8, tzinfo=UTC)


@dataclass
class MemoryRegistry:
    """Implements passport.services.maker_ports.Registry.

    `fail_at` is the number of a call (from 0, over all methods): it raises RegistryUnavailable, before anything
    happened or, with `fail_late`, after everything did. `before_call` is told each call's name first.
    """

    fail_at: int | None = None
    fail_late: bool = False
    before_call: Callable[[str], None] = lambda name: None
    operator: SigningKey = field(default_factory=lambda: SigningKey("operator"))
    entries: list[bytes] = field(default_factory=list)
    tiles: dict[tuple[str, int], dict[int, bytes]] = field(default_factory=dict)
    documents: dict[str, bytes] = field(default_factory=dict)
    calls: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.state = LedgerState(ORIGIN)
        status = make_vkey(f"{ORIGIN}/status", ALG_ED25519, SigningKey("status").public_key)
        created = RegistryCreated(Header(ORIGIN, REGISTRY, NOW), both("Registry"), self.operator.public_key, status)
        self.log(created, self.operator)

    def log(self, statement: Statement, key: SigningKey) -> int:
        """Log a statement as whoever holds the key; not counted as a call."""
        entry = make_entry(statement, key_id=key.key_id, signature=key.sign(signed_bytes(statement)))
        return self._append(entry).index

    def admit(self, issuer: str, key: SigningKey, *, prefixes: tuple[str, ...], roles: tuple[str, ...]) -> None:
        """Admit an organisation at once."""
        statement = IssuerAdmitted(
            header=Header(ORIGIN, REGISTRY, NOW),
            subject=issuer,
            name=both(issuer),
            uscc=make_uscc(len(self.state.issuers) + 1),
            roles=roles,
            prefixes=prefixes,
            contact=CONTACT,
            key=key.prove(origin=ORIGIN, issuer=issuer),
        )
        self.log(statement, self.operator)

    def registry(self) -> RegistryInfo:
        return self._call("registry", lambda: RegistryInfo(ORIGIN, HOST, self.state.size))

    def find_issuer(self, issuer_id: str) -> IssuerInfo | None:
        return self._call("find_issuer", lambda: self._issuer(issuer_id))

    def find_product(self, issuer_id: str, gtin: str) -> ProductStatus | None:
        return self._call("find_product", lambda: self._product(issuer_id, gtin))

    def submit(self, entry: bytes) -> Logged:
        return self._call("submit", lambda: self._append(entry))

    def find_batch(self, issuer_id: str, batch: int) -> BatchStatus | None:
        return self._call("find_batch", lambda: self._batch(issuer_id, batch))

    def put_item_tile(self, issuer_id: str, batch: int, tile_index: int, data: bytes) -> None:
        self._call("put_item_tile", lambda: self._put_tile(issuer_id, batch, tile_index, data))

    def put_document(self, digest: str, data: bytes) -> None:
        self._call("put_document", lambda: self._put_document(digest, data))

    def ledger_entries(self) -> Iterator[bytes]:
        yield from list(self.entries)

    def _call(self, name: str, act: Callable[[], T]) -> T:
        number = len(self.calls)
        self.calls.append(name)
        self.before_call(name)
        failure = RegistryUnavailable("registry_unreachable", f"made to fail at call {number}, {name}")
        if number == self.fail_at and not self.fail_late:
            raise failure
        result = act()
        if number == self.fail_at:
            raise failure
        return result

    def _append(self, entry: bytes) -> Logged:
        if entry in self.entries:
            return Logged(self.entries.index(entry), is_new=False)
        try:
            self.state.admit(len(self.entries), entry)
        except VerifierError as error:
            raise RegistryRefused(error.code, str(error)) from error
        self.entries.append(entry)
        return Logged(len(self.entries) - 1, is_new=True)

    def _issuer(self, issuer_id: str) -> IssuerInfo | None:
        issuer = self.state.issuers.get(issuer_id)
        if issuer is None:
            return None
        keys = tuple(IssuerKey(key.public_key.key_id, key.revoked_from is not None) for key in issuer.keys)
        next_batch = self.state.next_batch(issuer_id)
        return IssuerInfo(issuer.id, issuer.name, issuer.uscc, issuer.roles, issuer.prefixes, keys, next_batch)

    def _product(self, issuer_id: str, gtin: str) -> ProductStatus | None:
        if issuer_id not in self.state.issuers:
            return None
        record = self.state.products.get(gtin)
        digest = None if record is None or record.issuer != issuer_id else record.digest
        return ProductStatus(digest, self.state.next_product_revision(issuer_id, gtin))

    def _batch(self, issuer_id: str, batch: int) -> BatchStatus | None:
        record = self.state.batches.get((issuer_id, batch))
        if record is None:
            return None
        present = self.tiles.get((issuer_id, batch), {})
        missing = tuple(index for index in range(-(-record.statement.count // 256)) if index not in present)
        return BatchStatus(record.index, record.statement.count, not missing, missing[:1000])

    def _put_tile(self, issuer_id: str, batch: int, tile_index: int, data: bytes) -> None:
        record = self.state.batches.get((issuer_id, batch))
        assert record is not None, "item hashes came before their batch was logged"
        tile = parse_item_tile(tile_index, data)
        verify_item_tile(tile, count=record.statement.count, item_root=record.statement.item_root)
        self.tiles.setdefault((issuer_id, batch), {})[tile_index] = tile.hashes

    def _put_document(self, digest: str, data: bytes) -> None:
        assert sha256(data).hexdigest() == digest, "the digest is another document's"
        document = parse_passport_document(data)
        keys = [key.public_key for issuer in self.state.issuers.values() for key in issuer.keys]
        verify_passport_document(document, next(key for key in keys if key.key_id == document.key_id))
        self.documents[digest] = data
