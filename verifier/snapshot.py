# SPDX-License-Identifier: Apache-2.0
"""The snapshot: the small signed document that a phone or a shop can hold. A fold over the ledger at one size. DESIGN
§4.

On the wire it is a C2SP signed note whose text is one line of canonical JSON (RFC 8785) and whose signature is the
status key's. It is served whole and as one shard per issuer; a shard names the issuer in `shard` and holds what
concerns that issuer alone.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime

from verifier.fold import LedgerState
from verifier.protocol.encoding import (
    JsonValue,
    decode_base64,
    encode_base64,
    encode_canonical_json,
    parse_canonical_json,
    parse_hex,
)
from verifier.protocol.errors import Malformed
from verifier.protocol.fields import Fields, format_instant, parse_id, parse_instant
from verifier.protocol.gs1 import is_gtin_under_prefix, parse_company_prefix
from verifier.protocol.keys import parse_public_key
from verifier.protocol.note import VKey, parse_note, verify_note
from verifier.protocol.statements.products import BatchIssued, SeqRange, parse_seq_ranges
from verifier.protocol.statements.recall import parse_recall_id, read_notice
from verifier.protocol.statements.registry import parse_role
from verifier.protocol.uscc import parse_uscc
from verifier.recalls import RecallRecord, covered_ranges, merge_ranges, worst_first
from verifier.trust import Issuer, KeyRecord, PrefixIndex

TYPE = "product-passport/snapshot/v1"
MAX_SNAPSHOT_SIZE = 64 * 1024 * 1024
_MANY = 1_000_000  # bound on the members of one array


@dataclass(frozen=True, slots=True)
class Cover:
    """Positions of one batch."""

    issuer: str
    batch: int
    ranges: tuple[SeqRange, ...]

    def to_json(self) -> dict[str, JsonValue]:
        return {"batch": self.batch, "issuer": self.issuer, "ranges": [item.to_json() for item in self.ranges]}


@dataclass(frozen=True, slots=True)
class SnapshotRecall:
    """A recall with the batches that it covers, resolved from lots, dates and ranges at the snapshot's size."""

    record: RecallRecord
    covers: tuple[Cover, ...]

    def to_json(self) -> dict[str, JsonValue]:
        return self.record.head_json() | {
            "covers": [cover.to_json() for cover in self.covers],
            "notice": self.record.notice.to_json(),
        }


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What is known at `size` with `root_hash`, said at `as_of_at`, to be replaced by `next_update_at`."""

    origin: str
    size: int
    root_hash: bytes
    as_of_at: datetime
    next_update_at: datetime
    issuers: tuple[Issuer, ...]
    recalls: tuple[SnapshotRecall, ...]
    voids: tuple[Cover, ...]
    shard: str | None = None
    _prefixes: PrefixIndex = field(init=False, repr=False, compare=False)
    _by_id: dict[str, Issuer] = field(init=False, repr=False, compare=False)
    _by_gtin: dict[str, Issuer | None] = field(init=False, repr=False, compare=False)
    _recalled: dict[tuple[str, int], list[tuple[tuple[SeqRange, ...], RecallRecord]]] = field(
        init=False, repr=False, compare=False
    )
    _voided: dict[tuple[str, int], tuple[SeqRange, ...]] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_prefixes", PrefixIndex(self.issuers))
        object.__setattr__(self, "_by_id", {issuer.id: issuer for issuer in self.issuers})
        object.__setattr__(self, "_by_gtin", {})
        recalled: dict[tuple[str, int], list[tuple[tuple[SeqRange, ...], RecallRecord]]] = {}
        for recall in self.recalls:
            for cover in recall.covers:
                recalled.setdefault((cover.issuer, cover.batch), []).append((cover.ranges, recall.record))
        object.__setattr__(self, "_recalled", recalled)
        object.__setattr__(self, "_voided", {(void.issuer, void.batch): void.ranges for void in self.voids})

    def find_issuer_of_gtin(self, gtin: str) -> Issuer | None:
        """The issuer who may speak for a GTIN. None says nothing when this is a shard of somebody else."""
        if gtin not in self._by_gtin:
            if len(self._by_gtin) > 10_000:  # a bound: anybody can ask for any GTIN
                self._by_gtin.clear()
            owner = self._prefixes.find_issuer_id(gtin)
            self._by_gtin[gtin] = None if owner is None else self._by_id[owner]
        return self._by_gtin[gtin]

    def find_issuer(self, issuer_id: str) -> Issuer | None:
        return self._by_id.get(issuer_id)

    def recalls_of(self, issuer: str, batch: int, seq: int) -> tuple[RecallRecord, ...]:
        """Every recall that covers the item, active or closed, worst first."""
        covering = self._recalled.get((issuer, batch))
        if covering is None:
            return ()
        return worst_first(record for ranges, record in covering if any(seq in item for item in ranges))

    def recalls_by_scope(self, batch: BatchIssued, seq: int) -> tuple[RecallRecord, ...]:
        """The same for an item of a batch that the snapshot has not seen yet, by the definition."""
        return worst_first(
            recall.record
            for recall in self.recalls
            if any(seq in item for item in covered_ranges(recall.record.notice.scope, batch))
        )

    def is_void(self, issuer: str, batch: int, seq: int) -> bool:
        ranges = self._voided.get((issuer, batch))
        return ranges is not None and any(seq in item for item in ranges)

    def to_json(self) -> dict[str, JsonValue]:
        value: dict[str, JsonValue] = {
            "as_of": format_instant(self.as_of_at),
            "issuers": [_issuer_to_json(issuer) for issuer in self.issuers],
            "next_update": format_instant(self.next_update_at),
            "origin": self.origin,
            "recalls": [recall.to_json() for recall in self.recalls],
            "root_hash": encode_base64(self.root_hash),
            "size": self.size,
            "type": TYPE,
            "voids": [void.to_json() for void in self.voids],
        }
        if self.shard is not None:
            value["shard"] = self.shard
        return value


def make_snapshot(state: LedgerState, *, root_hash: bytes, as_of_at: datetime, next_update_at: datetime) -> Snapshot:
    """The whole snapshot of a folded ledger.

    Deterministic: an auditor who folds the same entries gets the same bytes.
    """
    return Snapshot(
        origin=state.origin,
        size=state.size,
        root_hash=root_hash,
        as_of_at=as_of_at,
        next_update_at=next_update_at,
        issuers=tuple(_with_good_batches(state, state.issuers[issuer_id]) for issuer_id in sorted(state.issuers)),
        recalls=tuple(_resolve(state, state.recalls[recall_id]) for recall_id in sorted(state.recalls)),
        voids=tuple(Cover(issuer, batch, state.voids[issuer, batch]) for issuer, batch in sorted(state.voids)),
    )


def make_shard(snapshot: Snapshot, issuer_id: str) -> Snapshot:
    """What concerns one issuer: its record, recalls of GTINs under its prefixes, its void codes. Raises KeyError."""
    issuer = snapshot._by_id[issuer_id]

    def concerns(recall: SnapshotRecall) -> bool:
        gtins = (entry.gtin for entry in recall.record.notice.scope)
        return any(is_gtin_under_prefix(gtin, prefix) for gtin in gtins for prefix in issuer.prefixes)

    return replace(
        snapshot,
        issuers=(issuer,),
        recalls=tuple(recall for recall in snapshot.recalls if concerns(recall)),
        voids=tuple(void for void in snapshot.voids if void.issuer == issuer_id),
        shard=issuer_id,
    )


def snapshot_text(snapshot: Snapshot) -> str:
    """The note text that the status key signs: one line of canonical JSON and a newline."""
    return encode_canonical_json(snapshot.to_json()).decode() + "\n"


def parse_snapshot(note_bytes: bytes, status_vkey: VKey) -> Snapshot:
    """Checks the status key's signature and parses the snapshot.

    Raises Malformed, or DoesNotHold for a bad signature.
    """
    note = parse_note(note_bytes, max_size=MAX_SNAPSHOT_SIZE)
    verify_note(note, [status_vkey])
    if note.text.count("\n") != 1:
        raise Malformed("bad_snapshot", "a snapshot's text is one line of JSON")
    snapshot = _read_snapshot(
        Fields(parse_canonical_json(note.text[:-1].encode(), max_size=MAX_SNAPSHOT_SIZE), "snapshot")
    )
    if snapshot_text(snapshot) != note.text:
        raise Malformed("not_canonical", "the snapshot has a second spelling")
    return snapshot


def _with_good_batches(state: LedgerState, issuer: Issuer) -> Issuer:
    if all(key.revoked_from is None for key in issuer.keys):
        return issuer
    keys: list[KeyRecord] = []
    for key in issuer.keys:
        if key.revoked_from is not None:
            numbers = (
                number
                for (owner, number), record in state.batches.items()
                if owner == issuer.id
                and record.statement.key_id == key.public_key.key_id
                and record.index < key.revoked_from
            )
            key = replace(key, good_batches=merge_ranges(SeqRange(number, number) for number in numbers))
        keys.append(key)
    return replace(issuer, keys=tuple(keys))


def _resolve(state: LedgerState, recall: RecallRecord) -> SnapshotRecall:
    covers: list[Cover] = []
    for gtin in sorted({entry.gtin for entry in recall.notice.scope}):
        for record in state.batches_of_gtin.get(gtin, ()):
            ranges = covered_ranges(recall.notice.scope, record.statement)
            if ranges:
                covers.append(Cover(record.statement.header.issuer, record.statement.batch, ranges))
    return SnapshotRecall(recall, tuple(sorted(covers, key=lambda cover: (cover.issuer, cover.batch))))


def _issuer_to_json(issuer: Issuer) -> dict[str, JsonValue]:
    return {
        "contact": issuer.contact.to_json(),
        "id": issuer.id,
        "keys": [_key_to_json(key) for key in issuer.keys],
        "name": issuer.name.to_json(),
        "prefixes": list(issuer.prefixes),
        "roles": list(issuer.roles),
        "uscc": issuer.uscc,
    }


def _key_to_json(key: KeyRecord) -> dict[str, JsonValue]:
    value: dict[str, JsonValue] = {"added_index": key.added_index, "public_key": key.public_key.raw.hex()}
    if key.revoked_from is not None:
        value |= {"good_batches": [item.to_json() for item in key.good_batches], "revoked_from": key.revoked_from}
    return value


def _read_snapshot(fields: Fields) -> Snapshot:
    if fields.string("type") != TYPE:
        raise Malformed("bad_snapshot", f"a snapshot's type is {TYPE}")
    root_hash = decode_base64(fields.string("root_hash"))
    if len(root_hash) != 32:
        raise Malformed("wrong_length", "snapshot.root_hash must be 32 bytes")
    snapshot = Snapshot(
        origin=fields.string("origin"),
        size=fields.integer("size"),
        root_hash=root_hash,
        as_of_at=fields.parsed("as_of", parse_instant),
        next_update_at=fields.parsed("next_update", parse_instant),
        issuers=tuple(_read_issuer(Fields(item, "issuer")) for item in fields.items("issuers", maximum=_MANY)),
        recalls=tuple(_read_recall(Fields(item, "recall")) for item in fields.items("recalls", maximum=_MANY)),
        voids=tuple(_read_cover(Fields(item, "void")) for item in fields.items("voids", maximum=_MANY)),
        shard=fields.parsed("shard", parse_id) if fields.has("shard") else None,
    )
    fields.done()
    _refuse_repetition("issuers", [issuer.id for issuer in snapshot.issuers])
    _refuse_repetition("voids", [(void.issuer, void.batch) for void in snapshot.voids])
    return snapshot


def _refuse_repetition(name: str, values: list[object]) -> None:
    if len(set(values)) != len(values):
        raise Malformed("not_sorted", f"snapshot.{name} repeats a member")


def _read_issuer(fields: Fields) -> Issuer:
    issuer = Issuer(
        id=fields.parsed("id", parse_id),
        name=fields.text("name", maximum=200),
        uscc=fields.parsed("uscc", parse_uscc),
        roles=fields.sorted_strings("roles", parse_role),
        prefixes=fields.sorted_strings("prefixes", parse_company_prefix, maximum=100),
        contact=fields.contact("contact"),
        keys=tuple(_read_key(Fields(item, "key")) for item in fields.items("keys")),
    )
    fields.done()
    return issuer


def _read_key(fields: Fields) -> KeyRecord:
    revoked = fields.has("revoked_from")
    key = KeyRecord(
        public_key=parse_public_key(parse_hex(fields.string("public_key"), size=32)),
        added_index=fields.integer("added_index"),
        revoked_from=fields.integer("revoked_from") if revoked else None,
        good_batches=parse_seq_ranges(fields.items("good_batches", maximum=_MANY)) if revoked else (),
    )
    fields.done()
    return key


def _read_cover(fields: Fields) -> Cover:
    cover = Cover(
        issuer=fields.parsed("issuer", parse_id),
        batch=fields.integer("batch", maximum=2**32 - 1),
        ranges=parse_seq_ranges(fields.items("ranges", maximum=_MANY, minimum=1)),
    )
    fields.done()
    return cover


def _read_recall(fields: Fields) -> SnapshotRecall:
    status = fields.string("status")
    if (status == "closed") != fields.has("closed_reason") or status not in ("active", "closed"):
        raise Malformed("bad_status", "a recall is active, or closed with a reason")
    recall = SnapshotRecall(
        record=RecallRecord(
            recall_id=fields.parsed("recall_id", parse_recall_id),
            publisher=fields.parsed("publisher", parse_id),
            revision=fields.integer("revision", minimum=1),
            index=fields.integer("index"),
            notice=read_notice(fields.inner("notice")),
            closed_reason=fields.text("closed_reason") if status == "closed" else None,
        ),
        covers=_read_covers(fields.items("covers", maximum=_MANY)),
    )
    fields.done()
    return recall


def _read_covers(values: Iterable[JsonValue]) -> tuple[Cover, ...]:
    return tuple(_read_cover(Fields(value, "cover")) for value in values)
