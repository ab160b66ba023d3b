# SPDX-License-Identifier: Apache-2.0
"""What the HTTP interface needs of a registry; implemented by passport.services.registry.RegistryService."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from passport.services.registry import ItemHashes, Submitted
from verifier.evidence_bundle import EvidenceParts
from verifier.protocol.encoding import JsonValue
from verifier.web.ports import CheckCounter


class Registry(Protocol):
    """Safe to call from many threads; find_x may be None.

    Raises Malformed, DoesNotHold, NotFound, NotComplete and Unavailable.
    """

    def submit(self, entries: Sequence[bytes]) -> list[Submitted]: ...

    def describe(self) -> dict[str, JsonValue]: ...

    def find_issuer(self, issuer_id: str) -> dict[str, JsonValue] | None: ...

    def list_issuers(self, after: str, limit: int) -> list[dict[str, JsonValue]]: ...

    def find_product(self, issuer_id: str, gtin: str) -> dict[str, JsonValue] | None: ...

    def batch_status(self, issuer_id: str, batch: int) -> dict[str, JsonValue] | None: ...

    def put_item_tile(self, issuer_id: str, batch: int, tile_index: int, data: bytes) -> None: ...

    def read_items(self, issuer_id: str, batch: int) -> ItemHashes: ...

    def put_document(self, digest: str, data: bytes) -> None: ...

    def find_document(self, digest: str) -> tuple[str, bytes] | None: ...

    def find_proof_document(self, code: str) -> bytes | None: ...

    def evidence_parts(self, code: str) -> EvidenceParts: ...

    def checkpoint(self) -> bytes: ...

    def read_tile_path(self, path: str) -> bytes | None: ...

    def snapshot(self, shard: str | None) -> bytes | None: ...

    def snapshot_for_gtin(self, gtin: str) -> bytes | None: ...

    def policy_text(self) -> bytes: ...


class Shipments(Protocol):
    """Takes makers' shipment notices. Raises Malformed, DoesNotHold, NotFound, Unavailable."""

    def accept(self, data: bytes) -> dict[str, JsonValue]: ...


class Recorder(CheckCounter, Protocol):
    """The counter of checks, and what keeps it from writing (empty: nothing)."""

    @property
    def trouble(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Counting:
    """The counting of checks, if there is any."""

    recorder: Recorder
    shipments: Shipments
