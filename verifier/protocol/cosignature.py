# SPDX-License-Identifier: Apache-2.0
"""Cosignatures: what a witness says of a checkpoint, and when. C2SP tlog-cosignature, the Ed25519 type (0x04)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from verifier.protocol.errors import DoesNotHold, Malformed
from verifier.protocol.keys import is_signature_valid
from verifier.protocol.note import ALG_COSIGNATURE, Note, VKey, find_signatures

if TYPE_CHECKING:
    from collections.abc import Iterable

MAX_TIMESTAMP = 2**63 - 1
COSIGNATURE_SIZE = 72


@dataclass(frozen=True, slots=True)
class Cosignature:
    """A timestamp in POSIX seconds (0 to 2^63 - 1) and the 64 bytes of an Ed25519 signature."""

    timestamp: int
    signature: bytes

    def to_bytes(self) -> bytes:
        """Encode as the signature bytes of a note: the timestamp in 8 bytes, big-endian, then the signature."""
        return self.timestamp.to_bytes(8, "big") + self.signature


def parse_cosignature(data: bytes) -> Cosignature:
    """Parse the signature bytes of a note's line. Raises Malformed("malformed_cosignature")."""
    if len(data) != COSIGNATURE_SIZE:
        raise Malformed("malformed_cosignature", f"A cosignature is {COSIGNATURE_SIZE} bytes, not {len(data)}.")
    timestamp = int.from_bytes(data[:8], "big")
    if timestamp > MAX_TIMESTAMP:
        raise Malformed("malformed_cosignature", "A cosignature's timestamp is at most 2^63 - 1.")
    return Cosignature(timestamp, data[8:])


def cosigned_text(checkpoint_text: str, timestamp: int) -> bytes:
    """Return the bytes that a witness signs: header line, time line, then the whole text of the checkpoint."""
    return f"cosignature/v1\ntime {timestamp}\n{checkpoint_text}".encode()


def verify_cosignature(note: Note, vkey: VKey) -> int:
    """Check this witness's cosignature on a note and return its timestamp, the latest if there are several.

    Raises DoesNotHold: "bad_signature" if any line of this key does not verify, "no_trusted_signature" if there is
    none. Raises ValueError for a vkey that is not of algorithm 0x04. Whether the time is acceptable is the caller's
    affair: there is no clock here.
    """
    timestamp = find_cosignature(note, vkey)
    if timestamp is None:
        raise DoesNotHold("no_trusted_signature", f"{vkey.name} has not cosigned this checkpoint.")
    return timestamp


def find_cosignature(note: Note, vkey: VKey) -> int | None:
    """Do as `verify_cosignature`, but return None if this witness has signed nothing here."""
    if vkey.algorithm != ALG_COSIGNATURE:
        raise ValueError(f"{vkey.name} is not a key for cosignatures")
    timestamps = []
    for raw in find_signatures(note, vkey):
        try:
            cosignature = parse_cosignature(raw)
        except Malformed as error:
            # It bears the key's name and id, so it is this key's signature, and it does not verify.
            raise DoesNotHold("bad_signature", f"The cosignature by {vkey.name} does not verify: {error}") from error
        message = cosigned_text(note.text, cosignature.timestamp)
        if not is_signature_valid(vkey.public_key, message, cosignature.signature):
            raise DoesNotHold("bad_signature", f"The cosignature by {vkey.name} does not verify.")
        timestamps.append(cosignature.timestamp)
    return max(timestamps, default=None)


def verify_cosignatures(note: Note, vkeys: Iterable[VKey]) -> tuple[tuple[VKey, int], ...]:
    """Check every known witness's cosignature; return (key, timestamp) of those that signed, in the order given.

    Raises DoesNotHold("bad_signature") if any of them does not verify.
    """
    found = ((vkey, find_cosignature(note, vkey)) for vkey in vkeys)
    return tuple((vkey, timestamp) for vkey, timestamp in found if timestamp is not None)
