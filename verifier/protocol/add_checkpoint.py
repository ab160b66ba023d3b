# SPDX-License-Identifier: Apache-2.0
"""What a log asks of a witness: its new checkpoint, and the proof that it continues the last one. C2SP tlog-witness."""

from __future__ import annotations

from dataclasses import dataclass

from verifier.protocol.encoding import decode_base64, encode_base64, parse_decimal
from verifier.protocol.errors import Malformed
from verifier.protocol.merkle import HASH_SIZE
from verifier.protocol.note import MAX_NOTE_SIZE

PATH = "/add-checkpoint"
SIZE_MEDIA_TYPE = "text/x.tlog.size"
MAX_PROOF_LENGTH = 63
MAX_REQUEST_SIZE = MAX_NOTE_SIZE + 4096  # the old size and 63 proof lines take less than 3 KiB


@dataclass(frozen=True, slots=True)
class AddCheckpoint:
    """The body of `POST …/add-checkpoint`: size of the tree that the witness cosigned last, consistency proof from it
    (at most 63 hashes of 32 bytes), and the new checkpoint as a signed note, unparsed."""

    old_size: int
    proof: tuple[bytes, ...]
    note: bytes

    def to_bytes(self) -> bytes:
        """Encode as the old size line, the proof lines, an empty line and the note."""
        lines = [f"old {self.old_size}", *map(encode_base64, self.proof)]
        return "".join(line + "\n" for line in lines).encode() + b"\n" + self.note


def parse_add_checkpoint(data: bytes) -> AddCheckpoint:
    """Parse a request of at most 68 KiB; its note is for `parse_note`. Raises Malformed("malformed_request")."""
    if len(data) > MAX_REQUEST_SIZE:
        raise Malformed("malformed_request", f"The request is longer than {MAX_REQUEST_SIZE} bytes.")
    head, _, note = data.partition(b"\n\n")
    try:
        first, *rest = head.decode("ascii").split("\n")
        if not first.startswith("old ") or len(rest) > MAX_PROOF_LENGTH:
            raise Malformed("malformed_request", "an old size line and at most 63 proof lines are expected.")
        request = AddCheckpoint(parse_decimal(first[4:]), tuple(map(decode_base64, rest)), note)
    except (UnicodeDecodeError, Malformed) as error:
        raise Malformed("malformed_request", f"Not an add-checkpoint request: {error}") from error
    if any(len(value) != HASH_SIZE for value in request.proof) or request.to_bytes() != data:
        raise Malformed("malformed_request", "Proof lines are hashes of 32 bytes, and an empty line ends them.")
    return request


def encode_size(size: int) -> bytes:
    """The body of a 409 answer: the size of the tree that the witness cosigned last."""
    return b"%d\n" % size


def parse_size(data: bytes) -> int:
    """Parse the body of a 409 answer. Raises Malformed("malformed_size")."""
    try:
        size = parse_decimal(data.decode("ascii").removesuffix("\n"))
    except (UnicodeDecodeError, Malformed) as error:
        raise Malformed("malformed_size", "A witness's size is one decimal number on a line.") from error
    if encode_size(size) != data:
        raise Malformed("malformed_size", "A witness's size is one decimal number on a line.")
    return size
