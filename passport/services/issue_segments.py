# SPDX-License-Identifier: Apache-2.0
"""Codes of a batch in runs of 4,096: signed, hashed, and written down whole or not at all. docs/spec/product-code.md.

An Ed25519 signature is a function of key and message, so a segment that is made twice is the same twice: whoever writes
it, and however often, there is one code for each seq.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from passport.domain.batch_plan import BatchPlan
from passport.domain.code_files import CodeLines
from passport.domain.files import replace_file
from passport.domain.item_tree import TILE_WIDTH
from passport.domain.maker_errors import StateConflict
from passport.services.maker_ports import Signer
from verifier.protocol.digital_link import encode_percent
from verifier.protocol.encoding import encode_base32, encode_canonical_json, parse_canonical_json
from verifier.protocol.errors import Malformed
from verifier.protocol.fields import Fields
from verifier.protocol.merkle import HASH_SIZE
from verifier.protocol.product_code import make_serial, parse_product_code, signing_text

SEGMENT_WIDTH = 16 * TILE_WIDTH
_DIGEST_SIZE = 32
_MAX_HEADER = 512


@dataclass(frozen=True, slots=True)
class SegmentTask:
    """Codes `first` to `first + count - 1` of the batch; `serials` only if the maker brought them."""

    number: int
    first: int
    count: int
    serials: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class Segment:
    """A finished run: item hashes (32 bytes each), CSV lines, NDJSON lines, all in the order of seq."""

    first: int
    count: int
    hashes: bytes
    csv: bytes
    ndjson: bytes

    def to_bytes(self) -> bytes:
        """A line of canonical JSON with the lengths, the sections, and the SHA-256 of all that."""
        header = encode_canonical_json(
            {"count": self.count, "csv": len(self.csv), "first": self.first, "ndjson": len(self.ndjson)}
        )
        body = b"".join((header, b"\n", self.hashes, self.csv, self.ndjson))
        return body + sha256(body).digest()


def tasks_of(count: int) -> list[tuple[int, int, int]]:
    """Number, first seq and count of each segment of a batch."""
    return [
        (number, first, min(SEGMENT_WIDTH, count - first))
        for number, first in enumerate(range(0, count, SEGMENT_WIDTH))
    ]


class SegmentMaker:
    """Signs segments of one batch and writes them into a directory."""

    def __init__(self, plan: BatchPlan, batch: int, signer: Signer, directory: Path) -> None:
        self._plan = plan
        self._batch = batch
        self._signer = signer
        self._directory = directory

    def __call__(self, task: SegmentTask) -> None:
        """Make one segment and write it. After a crash it is there whole, or not there and will be made again."""
        segment = self.make(task)
        self._check(segment)
        replace_file(segment_path(self._directory, task.number), segment.to_bytes())

    def make(self, task: SegmentTask) -> Segment:
        """Sign and hash; nothing is written."""
        hashes, csv_lines, json_lines = [], [], []
        plan, sign = self._plan, self._signer.sign
        lines = CodeLines(gtin=plan.gtin, lot=plan.lot, host=plan.host).lines
        text_head, text_tail, leaf_head = self._constant_parts(task)
        head = bytes([plan.code_version]) + self._signer.public_key.hint
        batch_bytes = self._batch.to_bytes(4, "big")
        is_made = plan.code_version == 1
        serials = self._serials(task)
        # The bytes are those of `signing_text`, `ProductCode.item_leaf` and `Seal.to_text`, spelled out: in this loop
        # every microsecond is a twentieth of a signature. `_check` and the tests hold them together.
        for seq, serial in enumerate(serials, task.first):
            name = serial.encode()
            signature = sign(b"%b%b%b%d\n" % (text_head, name, text_tail, seq))
            seal = head + signature if is_made else b"%b%b%b%b" % (head, batch_bytes, seq.to_bytes(4, "big"), signature)
            hashes.append(sha256(leaf_head + name + seal).digest())
            shown = serial if is_made else encode_percent(serial)
            csv_line, json_line = lines(seq, serial, f"{shown}?S={encode_base32(seal)}")
            csv_lines.append(csv_line)
            json_lines.append(json_line)
        csv_data, json_data = "".join(csv_lines).encode("ascii"), "".join(json_lines).encode("ascii")
        return Segment(task.first, task.count, b"".join(hashes), csv_data, json_data)

    def _serials(self, task: SegmentTask) -> Sequence[str]:
        if task.serials is not None:
            return task.serials
        return [make_serial(self._batch, seq) for seq in range(task.first, task.first + task.count)]

    def _constant_parts(self, task: SegmentTask) -> tuple[bytes, bytes, bytes]:
        """What is before the serial, and between serial and seq, in the signed text; what is before it in the leaf."""
        plan, serial = self._plan, self._serials(SegmentTask(0, task.first, 1, task.serials))[0]
        text = signing_text(
            version=plan.code_version,
            gtin=plan.gtin,
            serial=serial,
            key_id=plan.key_id,
            batch=self._batch,
            seq=task.first,
        )
        head, tail = f"01{plan.gtin}21".encode(), f"\n{plan.key_id}\n{self._batch}\n".encode()
        before = text[: text.index(head) + len(head)]
        if text != before + serial.encode() + tail + b"%d\n" % task.first:
            raise AssertionError("signing_text has another shape than this loop")
        return before, tail, b"\x00item/v1\n" + head

    def _check(self, segment: Segment) -> None:
        """Read the first and the last code back as a stranger would:

        a fault of memory or library must not reach a label.
        """
        rows = segment.ndjson.splitlines()
        for place in (0, -1):
            code = parse_product_code(rows[place].split(b'"url":"')[1].rstrip(b'"}').decode())
            leaf = sha256(b"\x00" + code.item_leaf).digest()
            if not code.is_sealed_by(self._signer.public_key) or not segment.hashes[place * HASH_SIZE :].startswith(
                leaf
            ):
                raise StateConflict("bad_code_made", "A code that was just signed does not verify. Check this machine.")


def segment_path(directory: Path, number: int) -> Path:
    """Where a segment rests."""
    return directory / f"{number:06d}.seg"


def read_segment(directory: Path, number: int) -> Segment:
    """A segment read back. Raises StateConflict("segment_damaged") if its bytes are not those that were written."""
    path = segment_path(directory, number)
    try:
        data = path.read_bytes()
        body, digest = data[:-_DIGEST_SIZE], data[-_DIGEST_SIZE:]
        header, _, _ = body[:_MAX_HEADER].partition(b"\n")
        if sha256(body).digest() != digest:
            raise Malformed("bad_segment", "its digest is another")
        fields = Fields(parse_canonical_json(header), "segment")
        count, first = fields.integer("count"), fields.integer("first")
        starts = len(header) + 1, len(header) + 1 + HASH_SIZE * count
        middle = starts[1] + fields.integer("csv")
        return Segment(first, count, body[slice(*starts)], body[starts[1] : middle], body[middle:])
    except (OSError, Malformed) as error:
        raise StateConflict(
            "segment_damaged", f"{path} is not as it was written ({error}). Remove that file and run the command again."
        ) from error
