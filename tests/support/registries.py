# SPDX-License-Identifier: Apache-2.0
"""Whole registries for tests: made and started by `passport.bootstrap`, on real files and a real database."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

from passport.bootstrap import Registry, create_registry, start_registry
from passport.services.registry import Submitted
from passport.settings import Settings
from passport.signing import KeySigner, load_key_file
from tests.support.ledger_simulator import LedgerSimulator
from tests.support.makers import CONTACT, BatchPlan, IssuedBatch, Maker, SigningKey, both, make_uscc, sign_batch
from verifier.evidence import ItemTile
from verifier.protocol.merkle import inclusion_proof, root_from_leaf_hashes
from verifier.protocol.statements import REGISTRY, Header, Statement, make_entry, signed_bytes
from verifier.protocol.statements.products import PASSPORT_MEDIA_TYPE, ProductPublished
from verifier.protocol.statements.recall import RecallNotice, ScopeEntry
from verifier.protocol.statements.registry import IssuerAdmitted

PASSPHRASE = "a passphrase for tests alone"
BASE_URL = "https://id.example.cn"


def make_template(directory: Path) -> Settings:
    """A new registry with entry 0, not running: copy it instead of making keys again, which is slow on purpose."""
    settings = Settings(directory, "id.example.cn/ledger", BASE_URL, "登记处", "The registry")
    create_registry(settings, PASSPHRASE)
    return settings


@dataclass(frozen=True, slots=True)
class Workshop:
    """A running registry, its operator, and makers who talk to it."""

    registry: Registry
    operator: KeySigner

    @property
    def origin(self) -> str:
        return self.registry.settings.origin

    def header(self, issuer: str) -> Header:
        return Header(self.origin, issuer, datetime.now(UTC).replace(microsecond=0))

    def sign(self, statement: Statement, key: SigningKey | KeySigner) -> bytes:
        return make_entry(statement, key_id=key.public_key.key_id, signature=key.sign(signed_bytes(statement)))

    def say(self, statement: Statement, key: SigningKey | KeySigner) -> int:
        """Submit one statement that must be accepted; its index."""
        (result,) = self.submit(self.sign(statement, key))
        assert result.error is None, result.error
        assert result.index is not None
        return result.index

    def submit(self, *entries: bytes) -> list[Submitted]:
        return self.registry.service.submit(entries)

    def admit(self, issuer: str, prefix: str) -> Maker:
        key = SigningKey(f"{self.origin} {issuer} 1")
        number = int.from_bytes(sha256(issuer.encode()).digest()[:3], "big")
        statement = IssuerAdmitted(
            header=self.header(REGISTRY),
            subject=issuer,
            name=both(f"{issuer} Co."),
            uscc=make_uscc(number),
            roles=("manufacturer",),
            prefixes=(prefix,),
            contact=CONTACT,
            key=key.prove(origin=self.origin, issuer=issuer),
        )
        self.say(statement, self.operator)
        return Maker(issuer, (prefix,), key)

    def passport(self, maker: Maker, gtin: str, digest: str) -> ProductPublished:
        """The statement with the revision that is next just now."""
        known = self.registry.service.find_product(maker.id, gtin)
        assert known is not None and isinstance(known["next_revision"], int)
        return ProductPublished(self.header(maker.id), gtin, digest, PASSPORT_MEDIA_TYPE, known["next_revision"])

    def issue(self, maker: Maker, number: int, count: int = 4, *, lot: str = "L1", upload: bool = True) -> IssuedBatch:
        """Log a batch and upload its item tiles."""
        plan = BatchPlan(maker.gtin(), number, count, lot)
        issued_at = self.header(maker.id).issued_at
        batch = sign_batch(plan, origin=self.origin, issuer=maker.id, key=maker.key, issued_at=issued_at)
        batch = replace(batch, index=self.say(batch.statement, maker.key))
        if upload:
            for tile in tiles_of(batch):
                self.registry.service.put_item_tile(maker.id, number, tile.index, tile.to_bytes())
        return batch

    def notice(self, maker: Maker, *, lot: str | None = None, scope: tuple[ScopeEntry, ...] = ()) -> RecallNotice:
        return _SIMULATOR.notice(maker, lot=lot, scope=scope, severity="high", action="recall")


_SIMULATOR = LedgerSimulator()  # only its words are used


def tiles_of(batch: IssuedBatch) -> list[ItemTile]:
    """The item tiles of a batch with their paths, as its maker uploads them."""
    tiles = [batch.item_hashes[at : at + 256] for at in range(0, len(batch.item_hashes), 256)]
    roots = [root_from_leaf_hashes(tile) for tile in tiles]

    def subtree(lo: int, hi: int) -> bytes:
        return root_from_leaf_hashes(roots[lo:hi])

    return [
        ItemTile(index, b"".join(tile), inclusion_proof(index, len(roots), subtree)) for index, tile in enumerate(tiles)
    ]


@contextmanager
def running_registry(template: Settings, directory: Path, **changes: Any) -> Iterator[Workshop]:
    """A copy of the template in `directory`, running."""
    shutil.copytree(template.directory, directory, dirs_exist_ok=True)
    settings = replace(template, directory=directory, **changes)
    operator = load_key_file(settings.keys / "operator.key", PASSPHRASE, "operator")
    registry = start_registry(settings, PASSPHRASE)
    try:
        assert registry.views.wait_for_size(1, 10)
        yield Workshop(registry, operator)
    finally:
        registry.stop()
