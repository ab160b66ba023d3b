# SPDX-License-Identifier: Apache-2.0
"""A maker's shipment notice, judged by the ledger's published state: right maker, right key, right range, not old."""

from __future__ import annotations

from datetime import timedelta
from hashlib import sha256
from typing import Protocol

from passport.domain.check_values import ShippedRange
from passport.domain.ledger_values import LedgerError
from passport.services.ports import Clock
from passport.services.registry import NotFound, Unavailable
from passport.services.views import Views
from verifier.protocol.encoding import JsonValue
from verifier.protocol.errors import DoesNotHold
from verifier.protocol.fields import format_instant
from verifier.protocol.keys import is_signature_valid
from verifier.protocol.shipment import ShipmentNotice, parse_shipment, shipment_signed_bytes

# A notice that nobody has seen counts from when it arrives. One that was kept back, or is played again to a registry
# that has lost its counts, would call honest checks early: so it must be new.
MAX_AGE = timedelta(days=7)
CLOCK_SKEW = timedelta(minutes=5)


class ShipmentStore(Protocol):
    """Takes an accepted notice, once; gives back what was accepted then."""

    def accept_shipment(self, shipped: ShippedRange) -> ShippedRange: ...


class ShipmentDesk:
    """Implements passport.web.ports.Shipments. Safe to call from many threads."""

    def __init__(self, views: Views, store: ShipmentStore, *, origin: str, clock: Clock) -> None:
        self._views = views
        self._store = store
        self._origin = origin
        self._clock = clock

    def accept(self, data: bytes) -> dict[str, JsonValue]:
        """Takes a signed notice; the same bytes get the same answer.

        Raises Malformed, DoesNotHold, NotFound, Unavailable.
        """
        signed = parse_shipment(data)
        notice = signed.notice
        if notice.origin != self._origin:
            raise DoesNotHold("another_origin", f"the notice is for {notice.origin}; this is {self._origin}")
        self._check_author(notice, signed.key_id, signed.signature)
        now = self._clock()
        if notice.issued_at > now + CLOCK_SKEW:
            raise DoesNotHold(
                "notice_from_the_future", "issued_at is yet to come: set the clock of the signing machine"
            )
        if notice.issued_at < now - MAX_AGE:
            raise DoesNotHold("notice_too_old", f"a notice must arrive within {MAX_AGE.days} days: sign a new one")
        shipped = ShippedRange(
            sha256(data).digest(), notice.issuer, notice.batch, notice.first_seq, notice.last_seq, now
        )
        try:
            accepted = self._store.accept_shipment(shipped)
        except LedgerError as error:
            raise Unavailable(
                "counts_unavailable", "the counts cannot be written now; send the notice again"
            ) from error
        return {
            "accepted_at": format_instant(accepted.accepted_at),
            "count": notice.last_seq - notice.first_seq + 1,
            "is_new": accepted is shipped,
        }

    def _check_author(self, notice: ShipmentNotice, key_id: str, signature: bytes) -> None:
        view = self._views.current
        if view is None:
            raise Unavailable("not_published_yet", "nothing is published yet; try again in a few seconds")
        record = view.find_batch(notice.issuer, notice.batch)
        if record is None:
            raise NotFound("unknown_batch", f"{notice.issuer} has no batch {notice.batch} in the ledger: log it first")
        issuer = view.snapshot.find_issuer(notice.issuer)
        key = None if issuer is None else issuer.find_key(key_id)
        if key is None or key.revoked_from is not None:
            raise DoesNotHold("unknown_key", f"the notice's key is not a good key of {notice.issuer}")
        if not is_signature_valid(key.public_key, shipment_signed_bytes(notice), signature):
            raise DoesNotHold("bad_signature", "the notice's signature is wrong: it was changed, or signed otherwise")
        if notice.last_seq >= record.statement.count:
            raise DoesNotHold(
                "seq_outside_batch", f"the batch has {record.statement.count} codes, 0 to {record.statement.count - 1}"
            )
