# SPDX-License-Identifier: Apache-2.0
"""The maker's side of a shipment notice: signed with the issuer's key, sent to the registry. docs/counting.md."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from passport.domain.maker_errors import RegistryRefused
from passport.domain.registry_values import BatchStatus, RegistryInfo
from passport.services.keys import Author
from verifier.protocol.shipment import ShipmentNotice, SignedShipment, shipment_signed_bytes
from verifier.protocol.statements.products import SeqRange


class Registry(Protocol):
    """A registry that counts checks. Raises RegistryUnavailable, and RegistryRefused with the rule."""

    def registry(self) -> RegistryInfo: ...

    def find_batch(self, issuer_id: str, batch: int) -> BatchStatus | None: ...

    def send_shipment(self, data: bytes) -> bool:
        """Sends a signed notice; whether it is new there."""
        ...


@dataclass(frozen=True, slots=True)
class Sent:
    """What became of one notice."""

    first: int
    last: int
    is_new: bool


def announce_shipment(batch: int, ranges: Sequence[SeqRange], registry: Registry, author: Author) -> list[Sent]:
    """Signs and sends one notice for each range; without ranges, one for the whole batch."""
    status = registry.find_batch(author.issuer, batch)
    if status is None:
        raise RegistryRefused("unknown_batch", f"{author.issuer} has no batch {batch} in the ledger: log it first.")
    origin = registry.registry().origin
    sent = []
    for item in ranges or (SeqRange(0, status.count - 1),):
        notice = ShipmentNotice(origin, author.issuer, batch, item.first, item.last, author.now)
        signature = author.signer.sign(shipment_signed_bytes(notice))
        signed = SignedShipment(notice, author.signer.public_key.key_id, signature)
        sent.append(Sent(item.first, item.last, registry.send_shipment(signed.to_bytes())))
    return sent
