# SPDX-License-Identifier: Apache-2.0
"""Keys, makers and codes for tests, deterministic: the same name gives the same key. RFC 8032, GS1, GB 32100-2015."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import cache
from hashlib import sha256

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from verifier.protocol.fields import Contact, Text
from verifier.protocol.gs1 import gtin_check_digit
from verifier.protocol.keys import PublicKey, parse_public_key
from verifier.protocol.merkle import inclusion_proof, leaf_hash, root_from_leaf_hashes
from verifier.protocol.product_code import ProductCode, Seal, make_serial, signing_text
from verifier.protocol.statements.header import Header
from verifier.protocol.statements.products import BatchIssued
from verifier.protocol.statements.registry import ProvenKey, possession_text
from verifier.protocol.uscc import organisation_check_character, uscc_check_character

HOST = "id.example.cn"
CONTACT = Contact(phone="400-000-0000", url="https://maker.example.cn/help")


@dataclass(frozen=True, slots=True)
class SigningKey:
    """A private key made from a name. For tests alone: anybody can make it again."""

    name: str

    @property
    def public_key(self) -> PublicKey:
        return _public_key(self.name)

    @property
    def key_id(self) -> str:
        return self.public_key.key_id

    def sign(self, message: bytes) -> bytes:
        return _private_key(self.name).sign(message)

    def prove(self, *, origin: str, issuer: str) -> ProvenKey:
        """The public key with its proof of possession for one ledger and one issuer."""
        text = possession_text(origin=origin, issuer=issuer, key_id=self.key_id)
        return ProvenKey(self.public_key, self.sign(text))


@cache
def _private_key(name: str) -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(sha256(b"test key " + name.encode()).digest())


@cache
def _public_key(name: str) -> PublicKey:
    return parse_public_key(_private_key(name).public_key().public_bytes(Encoding.Raw, PublicFormat.Raw))


def make_gtin(prefix: str, item: int = 1) -> str:
    """A GTIN-14 under a company prefix, with indicator digit 0."""
    body = f"0{prefix}{item:0{12 - len(prefix)}d}"
    return body + gtin_check_digit(body)


def make_uscc(number: int) -> str:
    """A 统一社会信用代码 with both check characters right, one per number."""
    organisation = f"{number:08d}"
    body = "91110000" + organisation + organisation_check_character(organisation)
    return body + uscc_check_character(body)


@dataclass(frozen=True, slots=True)
class Maker:
    """An admitted issuer with the key that it was admitted with."""

    id: str
    prefixes: tuple[str, ...]
    key: SigningKey

    def gtin(self, item: int = 1) -> str:
        """A GTIN-14 under the maker's first prefix."""
        return make_gtin(self.prefixes[0], item)


@dataclass(frozen=True, slots=True)
class IssuedBatch:
    """A batch with every code of it. `index` is its statement's place in the ledger; None if it was never logged."""

    statement: BatchIssued
    codes: tuple[ProductCode, ...]
    item_hashes: tuple[bytes, ...]
    index: int | None = None

    def url(self, seq: int, host: str = HOST) -> str:
        """The link that is printed on item `seq`."""
        return self.codes[seq].to_url(host)

    def item_path(self, seq: int) -> tuple[bytes, ...]:
        """Inclusion proof of one item in the batch's item tree, worked out from all its leaves."""
        hashes = self.item_hashes
        return inclusion_proof(seq, len(hashes), lambda lo, hi: root_from_leaf_hashes(hashes[lo:hi]))


def sign_code(key: SigningKey, *, gtin: str, batch: int, seq: int, serial: str | None = None) -> ProductCode:
    """A version 1 code, or version 2 if the maker brings a serial of its own."""
    version = 1 if serial is None else 2
    serial = make_serial(batch, seq) if serial is None else serial
    text = signing_text(version=version, gtin=gtin, serial=serial, key_id=key.key_id, batch=batch, seq=seq)
    return ProductCode(gtin, serial, Seal(version, key.public_key.hint, batch, seq, key.sign(text)))


@dataclass(frozen=True, slots=True)
class BatchPlan:
    """What a maker decides about a batch before its codes are signed."""

    gtin: str
    batch: int
    count: int = 4
    lot: str = "L1"
    produced: str = "2026-01-15"
    serials: tuple[str, ...] | None = None  # version 2


def sign_batch(plan: BatchPlan, *, origin: str, issuer: str, key: SigningKey, issued_at: datetime) -> IssuedBatch:
    """Sign the codes of a batch and make its statement; nothing is logged yet."""
    serials = plan.serials or (None,) * plan.count
    codes = tuple(
        sign_code(key, gtin=plan.gtin, batch=plan.batch, seq=seq, serial=serial) for seq, serial in enumerate(serials)
    )
    hashes = tuple(leaf_hash(code.item_leaf) for code in codes)
    statement = BatchIssued(
        header=Header(origin, issuer, issued_at),
        gtin=plan.gtin,
        lot=plan.lot,
        production_date=datetime.fromisoformat(plan.produced).date(),
        batch=plan.batch,
        count=len(codes),
        code_version=1 if plan.serials is None else 2,
        key_id=key.key_id,
        item_root=root_from_leaf_hashes(hashes),
    )
    return IssuedBatch(statement, codes, hashes)


def both(words: str) -> Text:
    """The same words as Chinese and as English text."""
    return Text(zh=f"（中文）{words}", en=words)
