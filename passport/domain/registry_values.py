# SPDX-License-Identifier: Apache-2.0
"""What a registry tells a maker over HTTP, as plain values.

docs/spec/ledger.md, GET /api/v1/registry, /issuers, /issuers/…/products, /batches.
"""

from __future__ import annotations

from dataclasses import dataclass

from verifier.protocol.fields import Text
from verifier.protocol.gs1 import is_gtin_under_prefix


@dataclass(frozen=True, slots=True)
class RegistryInfo:
    """`origin` names the ledger; `host` (with a port if need be) stands in product codes; `size` is the ledger's, in
    entries."""

    origin: str
    host: str
    size: int


@dataclass(frozen=True, slots=True)
class IssuerKey:
    """A key as the registry knows it, by its id of 64 hex digits."""

    key_id: str
    is_revoked: bool


@dataclass(frozen=True, slots=True)
class IssuerInfo:
    """An admitted organisation; `next_batch` lies above every batch number that the ledger holds for it."""

    id: str
    name: Text
    uscc: str
    roles: tuple[str, ...]
    prefixes: tuple[str, ...]
    keys: tuple[IssuerKey, ...]
    next_batch: int

    def find_key(self, key_id: str) -> IssuerKey | None:
        return next((key for key in self.keys if key.key_id == key_id), None)

    def may_speak_for(self, gtin: str) -> bool:
        """Whether the GTIN (14 digits) is under one of its company prefixes."""
        return any(is_gtin_under_prefix(gtin, prefix) for prefix in self.prefixes)


@dataclass(frozen=True, slots=True)
class ProductStatus:
    """What an issuer has published of a GTIN: the digest that counts now (None: no passport of this issuer does), and
    the one revision that its next passport may have."""

    digest: str | None
    next_revision: int


@dataclass(frozen=True, slots=True)
class BatchStatus:
    """What the registry holds of a logged batch; `missing_tiles` is cut at 1,000."""

    index: int
    count: int
    is_complete: bool
    missing_tiles: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Logged:
    """Where a statement stands in the ledger; `is_new` is False when the same bytes were there before."""

    index: int
    is_new: bool
