# SPDX-License-Identifier: Apache-2.0
"""Statements about things: published passports, issued batches, voided codes. DESIGN §3."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import ClassVar

from verifier.protocol.encoding import JsonValue, parse_hex
from verifier.protocol.errors import Malformed
from verifier.protocol.fields import Fields, Text, parse_date
from verifier.protocol.gs1 import parse_gtin14, parse_lot
from verifier.protocol.product_code import MAX_BATCH, MAX_BATCH_V2, MAX_SEQ, MAX_SEQ_V2
from verifier.protocol.statements.header import Header, read_header

PASSPORT_MEDIA_TYPE = "application/vc+jwt"
_LIMITS = {1: (MAX_BATCH, MAX_SEQ), 2: (MAX_BATCH_V2, MAX_SEQ_V2)}  # by version of the code


@dataclass(frozen=True, slots=True)
class SeqRange:
    """Positions first..last of a batch, both included, from 0."""

    first: int
    last: int

    def __contains__(self, seq: int) -> bool:
        return self.first <= seq <= self.last

    def to_json(self) -> list[JsonValue]:
        return [self.first, self.last]


def parse_seq_range(value: JsonValue) -> SeqRange:
    """An array [first, last] with 0 ≤ first ≤ last < 2^32. Raises Malformed."""
    match value:
        case [int(first), int(last)] if not isinstance(first, bool) and not isinstance(last, bool):
            if 0 <= first <= last < 2**32:
                return SeqRange(first, last)
    raise Malformed("bad_seq_range", "a range is an array [first, last] with 0 ≤ first ≤ last")


def parse_seq_ranges(values: list[JsonValue]) -> tuple[SeqRange, ...]:
    """Ranges in ascending order with a gap between them: a set of positions has one spelling. Raises Malformed."""
    ranges = tuple(parse_seq_range(value) for value in values)
    for left, right in pairwise(ranges):
        if right.first <= left.last + 1:
            raise Malformed("not_sorted", "ranges must be ascending, disjoint and not adjacent")
    return ranges


@dataclass(frozen=True, slots=True)
class ProductPublished:
    """A passport document exists: the digest of its exact bytes. The document itself is not in the ledger.

    `revision` counts from 0 per author and GTIN, without a gap: nobody can log an old passport again as news.
    """

    type: ClassVar[str] = "product.published"
    header: Header
    gtin: str
    digest: str
    media_type: str
    revision: int

    def to_json(self) -> dict[str, JsonValue]:
        return self.header.to_json(self.type) | {
            "digest": self.digest,
            "gtin": self.gtin,
            "media_type": self.media_type,
            "revision": self.revision,
        }

    @classmethod
    def from_fields(cls, fields: Fields) -> ProductPublished:
        statement = cls(
            header=read_header(fields),
            gtin=fields.parsed("gtin", parse_gtin14),
            digest=parse_hex(fields.string("digest"), size=32).hex(),
            media_type=fields.string("media_type"),
            revision=fields.integer("revision"),
        )
        if statement.media_type != PASSPORT_MEDIA_TYPE:
            raise Malformed("bad_media_type", f"media_type must be {PASSPORT_MEDIA_TYPE}")
        return statement


@dataclass(frozen=True, slots=True)
class BatchIssued:
    """A batch of codes, logged before any of them is sold: one leaf for all its items, bound by `item_root`."""

    type: ClassVar[str] = "batch.issued"
    header: Header
    gtin: str
    lot: str
    production_date: date
    batch: int
    count: int
    code_version: int
    key_id: str
    item_root: bytes

    def to_json(self) -> dict[str, JsonValue]:
        return self.header.to_json(self.type) | {
            "batch": self.batch,
            "code_version": self.code_version,
            "count": self.count,
            "gtin": self.gtin,
            "item_root": self.item_root.hex(),
            "key_id": self.key_id,
            "lot": self.lot,
            "production_date": self.production_date.isoformat(),
        }

    @classmethod
    def from_fields(cls, fields: Fields) -> BatchIssued:
        code_version = fields.integer("code_version", minimum=1, maximum=2)
        max_batch, max_seq = _LIMITS[code_version]
        return cls(
            header=read_header(fields),
            gtin=fields.parsed("gtin", parse_gtin14),
            lot=fields.parsed("lot", parse_lot),
            production_date=fields.parsed("production_date", parse_date),
            batch=fields.integer("batch", maximum=max_batch),
            count=fields.integer("count", minimum=1, maximum=max_seq + 1),
            code_version=code_version,
            key_id=parse_hex(fields.string("key_id"), size=32).hex(),
            item_root=parse_hex(fields.string("item_root"), size=32),
        )


@dataclass(frozen=True, slots=True)
class CodesVoided:
    """Codes that were misprinted or never applied: they must not be on a product."""

    type: ClassVar[str] = "codes.voided"
    header: Header
    batch: int
    ranges: tuple[SeqRange, ...]
    reason: Text

    def to_json(self) -> dict[str, JsonValue]:
        return self.header.to_json(self.type) | {
            "batch": self.batch,
            "ranges": [item.to_json() for item in self.ranges],
            "reason": self.reason.to_json(),
        }

    @classmethod
    def from_fields(cls, fields: Fields) -> CodesVoided:
        return cls(
            header=read_header(fields),
            batch=fields.integer("batch", maximum=2**32 - 1),
            ranges=parse_seq_ranges(fields.items("ranges", minimum=1, maximum=500)),
            reason=fields.text("reason", maximum=500),
        )
