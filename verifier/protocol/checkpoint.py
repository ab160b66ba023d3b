# SPDX-License-Identifier: Apache-2.0
"""Checkpoints: a ledger's name, size and root hash as the text of a signed note. C2SP tlog-checkpoint."""

from __future__ import annotations

from dataclasses import dataclass

from verifier.protocol.encoding import decode_base64, encode_base64, parse_decimal
from verifier.protocol.errors import Malformed
from verifier.protocol.merkle import EMPTY_ROOT, HASH_SIZE


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """What a ledger says of itself: `size` leaves (0 to 2^63 - 1) have the root `root_hash` (32 bytes).

    Our ledgers write no `extensions`; they are parsed because the format has them and refused where a checkpoint of
    ours is verified, because no monitor can audit them.
    """

    origin: str
    size: int
    root_hash: bytes
    extensions: tuple[str, ...] = ()

    def to_text(self) -> str:
        """Encode as the text of a note: origin, size, root hash in base64, extension lines, each with its newline."""
        lines = (self.origin, str(self.size), encode_base64(self.root_hash), *self.extensions)
        return "".join(line + "\n" for line in lines)


def parse_checkpoint(text: str, *, allow_false_empty: bool = False) -> Checkpoint:
    """Parse the text of a note as a checkpoint. Raises Malformed("malformed_checkpoint").

    Stricter than C2SP in one point: size 0 goes with the root of the empty tree alone, unless `allow_false_empty`. A
    witness needs that, because it has to answer such a claim otherwise than garbage (tlog-witness).
    """
    if any((c < " " and c != "\n") or "\ud800" <= c <= "\udfff" for c in text):
        raise Malformed("malformed_checkpoint", "The checkpoint contains a control character other than newline.")
    lines = text.split("\n")
    if len(lines) < 4 or lines[-1] != "" or "" in lines[:-1]:
        raise Malformed(
            "malformed_checkpoint",
            "A checkpoint is at least three lines (origin, size, root hash), none empty, each ended by a newline.",
        )
    try:
        size = parse_decimal(lines[1])
        root_hash = decode_base64(lines[2])
    except Malformed as error:
        raise Malformed("malformed_checkpoint", f"Not a checkpoint: {error}") from error
    if len(root_hash) != HASH_SIZE:
        raise Malformed("malformed_checkpoint", "The root hash is 32 bytes.")
    if size == 0 and root_hash != EMPTY_ROOT and not allow_false_empty:
        raise Malformed("malformed_checkpoint", "A tree of size 0 has the SHA-256 of nothing as its root.")
    checkpoint = Checkpoint(lines[0], size, root_hash, tuple(lines[3:-1]))
    if checkpoint.to_text() != text:
        raise Malformed("malformed_checkpoint", "The checkpoint is not in its one spelling.")
    return checkpoint
