# SPDX-License-Identifier: Apache-2.0
"""What can be said of a whole lot, without a code in hand: the first form of a listing's badge. DESIGN §7.

It is weaker than a verdict on a code: it says that the maker logged this lot and that no recall touches it as of the
snapshot. It says nothing about the item that a seller sends.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from verifier.facts import BatchRecord, ProductRecord
from verifier.protocol.encoding import JsonValue
from verifier.protocol.errors import Malformed
from verifier.protocol.fields import format_instant
from verifier.protocol.gs1 import parse_gtin14, parse_lot
from verifier.protocol.statements.products import BatchIssued
from verifier.recalls import RecallRecord, worst_first
from verifier.snapshot import Snapshot
from verifier.trust import Issuer
from verifier.verdict import Status
from verifier.verify import CLOCK_SKEW


@dataclass(frozen=True, slots=True)
class LotVerdict:
    """GENUINE means: logged, and no open recall touches any of its codes. Dated like a verdict."""

    status: Status
    reason: str
    gtin: str
    lot: str
    checked_at: datetime
    issuer: Issuer | None = None
    recalls: tuple[RecallRecord, ...] = ()
    snapshot_as_of: datetime | None = None
    next_update_at: datetime | None = None

    def to_json(self) -> dict[str, JsonValue]:
        value: dict[str, JsonValue] = {
            "checked_at": format_instant(self.checked_at),
            "gtin": self.gtin,
            "lot": self.lot,
            "reason": self.reason,
            "status": self.status.value,
        }
        if self.issuer is not None:
            value["issuer"] = {"id": self.issuer.id, "name": self.issuer.name.to_json(), "uscc": self.issuer.uscc}
        if self.recalls:
            value["recalls"] = [recall.to_public_json() for recall in self.recalls]
        if self.snapshot_as_of is not None and self.next_update_at is not None:
            value |= {
                "next_update": format_instant(self.next_update_at),
                "snapshot_as_of": format_instant(self.snapshot_as_of),
            }
        return value


def check_lot(
    gtin: str, lot: str, *, snapshot: Snapshot | None, batches: Iterable[BatchIssued], now: datetime
) -> LotVerdict:
    """Checks a lot. `batches` are those of the GTIN in the ledger at the snapshot's size. Never raises on bad text."""
    try:
        parse_gtin14(gtin)
        parse_lot(lot)
    except Malformed as error:
        return LotVerdict(Status.MALFORMED, error.code, gtin, lot, now)
    if snapshot is None:
        return LotVerdict(Status.CANNOT_TELL, "no_snapshot", gtin, lot, now)
    numbers = {(batch.header.issuer, batch.batch) for batch in batches if batch.gtin == gtin and batch.lot == lot}
    recalls = worst_first(
        recall.record
        for recall in snapshot.recalls
        if any((cover.issuer, cover.batch) in numbers for cover in recall.covers)
    )
    return _judge(gtin, lot, snapshot, recalls, is_logged=bool(numbers), now=now)


def check_model(gtin: str, *, snapshot: Snapshot | None, is_logged: bool, now: datetime) -> LotVerdict:
    """Checks any lot of a product: whatever is open against the product counts, also against lots not logged yet.

    The verdict's `lot` is "". `is_logged`: the ledger has a batch of the GTIN at the snapshot's size.
    """
    try:
        parse_gtin14(gtin)
    except Malformed as error:
        return LotVerdict(Status.MALFORMED, error.code, gtin, "", now)
    if snapshot is None:
        return LotVerdict(Status.CANNOT_TELL, "no_snapshot", gtin, "", now)
    records = (recall.record for recall in snapshot.recalls)
    recalls = worst_first(record for record in records if any(entry.gtin == gtin for entry in record.notice.scope))
    return _judge(gtin, "", snapshot, recalls, is_logged=is_logged, now=now)


def _judge(
    gtin: str, lot: str, snapshot: Snapshot, recalls: tuple[RecallRecord, ...], *, is_logged: bool, now: datetime
) -> LotVerdict:
    status, reason = Status.GENUINE, "lot_logged"
    if recalls and recalls[0].is_active:  # an old recall is still a warning, whatever the snapshot's age
        status, reason = Status.RECALLED, recalls[0].notice.action
    elif not (snapshot.as_of_at <= now + CLOCK_SKEW and now <= snapshot.next_update_at):
        status, reason = Status.CANNOT_TELL, "snapshot_stale"
    elif not is_logged:
        status, reason = Status.NOT_LOGGED, "no_such_lot"
    return LotVerdict(
        status=status,
        reason=reason,
        gtin=gtin,
        lot=lot,
        checked_at=now,
        issuer=snapshot.find_issuer_of_gtin(gtin),
        recalls=recalls,
        snapshot_as_of=snapshot.as_of_at,
        next_update_at=snapshot.next_update_at,
    )


@dataclass(frozen=True, slots=True)
class LotEntries:
    """Where the ledger says so: entries of batches (number and index), and of the product's passport."""

    size: int
    batches: tuple[BatchRecord, ...] = ()
    product: ProductRecord | None = None


def find_lot_entries(
    gtin: str,
    lot: str,
    size: int,
    batches: Mapping[str, Sequence[BatchRecord]],
    products: Mapping[str, ProductRecord],
) -> LotEntries:
    """The entries below `size` that a lot rests on; a lot of "" is any of the product."""
    found = [record for record in batches.get(gtin, ()) if record.index < size and lot in ("", record.statement.lot)]
    product = products.get(gtin)
    return LotEntries(size, tuple(found), product if product is not None and product.index < size else None)
