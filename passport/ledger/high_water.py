# SPDX-License-Identifier: Apache-2.0
"""The high-water mark: the largest tree that was ever signed, kept outside the database. DESIGN §3.

A database restored from a backup has forgotten what the world has seen. Signing on would make a second history; the
mark makes the start fail instead.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from passport.domain.files import make_directory, replace_file
from passport.domain.ledger_values import BelowHighWater
from verifier.protocol.encoding import decode_base64, encode_base64, encode_canonical_json, parse_canonical_json
from verifier.protocol.errors import Malformed

if TYPE_CHECKING:
    from pathlib import Path

    from passport.domain.ledger_values import Head
    from verifier.protocol.encoding import JsonValue

_FORMAT = "high-water/v1"


@dataclass(frozen=True, slots=True)
class Mark:
    """Size in entries and 32-byte root hash of the largest tree signed."""

    size: int
    root_hash: bytes


class HighWater:
    """The mark in a file of its own, replaced as a whole. One ledger process per file."""

    def __init__(self, path: Path, origin: str) -> None:
        self._path = path
        self._origin = origin

    def read(self) -> Mark | None:
        """Read the mark; None if there is no file. Raises BelowHighWater for a file that cannot be relied on."""
        try:
            data = self._path.read_bytes()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise self._unusable(str(error.strerror)) from error
        try:
            document = parse_canonical_json(data.removesuffix(b"\n"), max_size=4096)
            if not isinstance(document, dict) or set(document) != {"format", "origin", "root_hash", "size"}:
                raise Malformed("malformed_mark", "other fields than a mark has")
            size, root = document["size"], document["root_hash"]
            if not isinstance(size, int) or size < 0 or not isinstance(root, str) or document["format"] != _FORMAT:
                raise Malformed("malformed_mark", "wrong kinds of values")
            mark = Mark(size, decode_base64(root))
        except Malformed as error:
            raise self._unusable(str(error)) from error
        if document["origin"] != self._origin:
            raise self._unusable(f"it is of the ledger {document['origin']!r}, not of {self._origin!r}")
        return mark

    def raise_to(self, mark: Mark) -> None:
        """Write the mark. Raises OSError.

        Crash before the rename: the old mark stands, and the tree that is stored extends it. Crash after it: the mark
        is that of the stored tree. Both start.
        """
        make_directory(self._path.parent)
        document: dict[str, JsonValue] = {
            "format": _FORMAT,
            "origin": self._origin,
            "size": mark.size,
            "root_hash": encode_base64(mark.root_hash),
        }
        replace_file(self._path, encode_canonical_json(document) + b"\n")

    def _unusable(self, reason: str) -> BelowHighWater:
        return BelowHighWater(
            "high_water_unusable",
            f"The high-water mark {self._path} cannot be relied on: {reason}.",
            "Put the right file back; only if it is lost, compare the ledger's checkpoint with what a mirror or a "
            "witness saw last, move the file away and run 'passport ledger adopt-high-water'.",
        )


def adopt_high_water(high_water: HighWater, head: Head) -> Mark:
    """Set the mark to the stored head, on an operator's word. Raises BelowHighWater if there is a mark already.

    For a lost mark, and for a further host on one PostgreSQL database. Nothing here can tell whether the database is
    an old copy: the operator compares it with what others saw.
    """
    if high_water.read() is not None:
        raise BelowHighWater("high_water_exists", "There is a high-water mark.", "Nothing was changed; just start.")
    mark = Mark(head.size, head.root_hash)
    high_water.raise_to(mark)
    return mark
