# SPDX-License-Identifier: Apache-2.0
"""The chain of an audit trail, recomputed by whoever has read it. docs/accounts.md, "Audit trail".

The hash of a row is SHA-256 over the hash before it (32 zero bytes before the first) and the row's canonical JSON
(RFC 8785) without its hash. The server can rewrite all of it: what catches that is an end that the reader has noted.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256

from verifier.account_types import AuditRow
from verifier.protocol.encoding import JsonValue, encode_canonical_json, parse_hex
from verifier.protocol.errors import DoesNotHold
from verifier.wire import write_wire

EMPTY_CHAIN = bytes(32)


@dataclass(frozen=True, slots=True)
class ChainEnd:
    """How far a chain was checked: the last row's number (0: there is none) and its hash."""

    seq: int = 0
    hash: bytes = EMPTY_CHAIN


def hash_row(before: bytes, row: dict[str, JsonValue]) -> bytes:
    """The hash of a row without the member `hash`, behind the hash `before` (32 bytes)."""
    return sha256(before + encode_canonical_json(row)).digest()


def check_audit_chain(rows: Iterable[AuditRow], *, start: ChainEnd = ChainEnd()) -> ChainEnd:
    """Recomputes the chain from `start` on, and returns where it ends: note that, and give it as `start` next time.

    `rows` in any order. Where rows up to `start` are among them, the one that `start` names must be there with its
    hash; the ones before it were checked when it was noted. Raises DoesNotHold: "audit_row_missing",
    "audit_row_repeated", "audit_row_changed", "audit_chain_rewritten". Whether the end is the newest row says
    AuditPage's `count` and `head`.
    """
    ordered = sorted(rows, key=lambda row: row.seq)
    earlier = [row for row in ordered if row.seq <= start.seq]
    if earlier and earlier[-1].seq != start.seq:
        raise DoesNotHold("audit_row_missing", f"row {start.seq}, which was noted before, is missing")
    if earlier and parse_hex(earlier[-1].hash, size=32) != start.hash:
        raise DoesNotHold("audit_chain_rewritten", f"row {start.seq} has not the hash that was noted before")
    seq, before = start.seq, start.hash
    for row in ordered[len(earlier) :]:
        if row.seq == seq:
            raise DoesNotHold("audit_row_repeated", f"row {row.seq} is there twice")
        if row.seq != seq + 1:
            raise DoesNotHold("audit_row_missing", f"row {seq + 1} is missing")
        if hash_row(before, _without_hash(row)) != parse_hex(row.hash, size=32):
            code = "audit_chain_rewritten" if seq == start.seq and seq else "audit_row_changed"
            raise DoesNotHold(code, f"row {row.seq} does not follow from what is before it")
        seq, before = row.seq, parse_hex(row.hash, size=32)
    return ChainEnd(seq, before)


def _without_hash(row: AuditRow) -> dict[str, JsonValue]:
    value = write_wire(row)
    assert isinstance(value, dict)
    del value["hash"]
    return value
