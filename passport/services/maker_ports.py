# SPDX-License-Identifier: Apache-2.0
"""What the maker's use cases need from outside: a registry to talk to, a key to sign with, somewhere to report to.

DESIGN §6.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

from passport.domain.registry_values import BatchStatus, IssuerInfo, Logged, ProductStatus, RegistryInfo
from verifier.protocol.keys import PublicKey


class Signer(Protocol):
    """Signs with one Ed25519 key. In `issue` it is used by forked children too, so it must live in memory alone."""

    @property
    def public_key(self) -> PublicKey: ...

    def sign(self, message: bytes) -> bytes:
        """The 64-byte signature; the same message always gives the same bytes (RFC 8032)."""
        ...


class Registry(Protocol):
    """A registry at the other end of HTTP. Every method raises RegistryUnavailable, and RegistryRefused with the rule.

    Every call may be repeated after a failure: the registry gives the same answer to the same bytes.
    """

    def registry(self) -> RegistryInfo: ...

    def find_issuer(self, issuer_id: str) -> IssuerInfo | None: ...

    def find_product(self, issuer_id: str, gtin: str) -> ProductStatus | None:
        """What an issuer has published of a GTIN (14 digits). None: no such issuer."""
        ...

    def submit(self, entry: bytes) -> Logged:
        """Log one signed statement."""
        ...

    def find_batch(self, issuer_id: str, batch: int) -> BatchStatus | None: ...

    def put_item_tile(self, issuer_id: str, batch: int, tile_index: int, data: bytes) -> None:
        """Upload item hashes with the path that proves them: `ItemTile.to_bytes`."""
        ...

    def put_document(self, digest: str, data: bytes) -> None:
        """Store the exact bytes of a signed document under the SHA-256 (hex) of them."""
        ...

    def ledger_entries(self) -> Iterator[bytes]:
        """All entries of the public ledger, in order, up to the published checkpoint."""
        ...


class Reporter(Protocol):
    """Hears how far a long command is."""

    def start(self, stage: str, total: int) -> None:
        """A stage of `total` steps begins; it ends the one before."""
        ...

    def advance(self, steps: int) -> None: ...

    def say(self, text: str) -> None:
        """One sentence for the person."""
        ...
