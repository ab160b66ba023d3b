# SPDX-License-Identifier: Apache-2.0
"""A tlog-proof: one file that shows, offline, that an entry stands in a witnessed ledger. C2SP tlog-proof."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from verifier.protocol.checkpoint import parse_checkpoint
from verifier.protocol.encoding import decode_base64, encode_base64, parse_decimal
from verifier.protocol.errors import Malformed
from verifier.protocol.merkle import HASH_SIZE, verify_inclusion
from verifier.protocol.note import MAX_NOTE_SIZE, parse_note
from verifier.protocol.policy import verify_checkpoint

if TYPE_CHECKING:
    from verifier.protocol.policy import TlogPolicy, VerifiedCheckpoint

HEADER = "c2sp.org/tlog-proof@v1"
MAX_EXTRA_SIZE = 64 * 1024
MAX_HASHES = 63
MAX_PROOF_SIZE = MAX_NOTE_SIZE + 96 * 1024


@dataclass(frozen=True, slots=True)
class TlogProof:
    """The index of an entry, its inclusion proof (leaf's sibling first), and the checkpoint's note, byte for byte.

    `extra` is what the application wants to carry; no signature covers it. None of this is verified yet.
    """

    index: int
    hashes: tuple[bytes, ...]
    checkpoint: bytes
    extra: bytes | None = None

    def to_bytes(self) -> bytes:
        """Encode as text in the order header, extra, index, hashes, empty line, checkpoint."""
        extra = [] if self.extra is None else [f"extra {encode_base64(self.extra)}"]
        lines = [HEADER, *extra, f"index {self.index}", *map(encode_base64, self.hashes), "", ""]
        return "\n".join(lines).encode() + self.checkpoint


def parse_tlog_proof(data: bytes) -> TlogProof:
    """Parse a proof of at most 160 KiB, its checkpoint included. Raises Malformed("malformed_tlog_proof").

    Stricter than C2SP in three points: an extra line is not empty, there are at most 63 hashes (no tree of less than
    2^63 leaves has longer paths), and the checkpoint must be a note of at most 64 KiB.
    """
    if len(data) > MAX_PROOF_SIZE:
        raise Malformed("malformed_tlog_proof", f"The proof is longer than {MAX_PROOF_SIZE} bytes.")
    head, separator, checkpoint = data.partition(b"\n\n")
    try:
        lines = head.decode("ascii").split("\n")
        if not separator or len(lines) < 2 or lines[0] != HEADER:
            raise Malformed("malformed_tlog_proof", "The header, or the empty line before the checkpoint, is absent.")
        extra = _parse_extra(lines.pop(1)) if lines[1].startswith("extra ") else None
        if len(lines) < 2 or not lines[1].startswith("index "):
            raise Malformed("malformed_tlog_proof", "The index line is absent or not in its place.")
        index = parse_decimal(lines[1].removeprefix("index "))
        hashes = tuple(decode_base64(line) for line in lines[2:])
        parse_checkpoint(parse_note(checkpoint).text)
    except UnicodeDecodeError as error:
        raise Malformed("malformed_tlog_proof", "The lines before the checkpoint are ASCII.") from error
    except Malformed as error:
        raise Malformed("malformed_tlog_proof", f"Not a tlog-proof: {error}") from error
    if len(hashes) > MAX_HASHES or any(len(value) != HASH_SIZE for value in hashes):
        raise Malformed("malformed_tlog_proof", "An inclusion proof is at most 63 hashes of 32 bytes each.")
    proof = TlogProof(index, hashes, checkpoint, extra)
    if proof.to_bytes() != data:
        raise Malformed("malformed_tlog_proof", "The proof is not in its one spelling.")
    return proof


def _parse_extra(line: str) -> bytes:
    extra = decode_base64(line.removeprefix("extra "))
    if not 1 <= len(extra) <= MAX_EXTRA_SIZE:
        raise Malformed("malformed_tlog_proof", "The extra line carries 1 to 65,536 bytes, or is left out.")
    return extra


def verify_tlog_proof(proof: TlogProof, *, leaf_hash: bytes, policy: TlogPolicy) -> VerifiedCheckpoint:
    """Check that the leaf stands in the ledger at `proof.index` (tlog-proof, Verifying a tlog proof).

    1. The leaf hash is the caller's: it knows what was logged.
    2. The checkpoint is signed by a ledger of the policy whose key bears the origin's name.
    3. The policy's quorum of witnesses has cosigned it.
    4. The inclusion proof leads from the leaf to the *signed* root, at the *signed* size.

    Raises Malformed, or DoesNotHold with the codes of `verify_checkpoint` and `verify_inclusion`.
    """
    checkpoint = verify_checkpoint(proof.checkpoint, policy)
    verify_inclusion(
        leaf_hash=leaf_hash,
        index=proof.index,
        size=checkpoint.size,
        proof=proof.hashes,
        root_hash=checkpoint.root_hash,
    )
    return checkpoint
