# SPDX-License-Identifier: Apache-2.0
"""A ZIP file with exactly one spelling: stored members in a fixed order, no times, nothing beside them. PKWARE APPNOTE.

Whoever reads one walks over it, writes the same members again and compares. So a byte that differs from the one
spelling is found wherever it stands, headers too, and is named. Nothing is ever unpacked, so nothing can grow.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Mapping, Sequence
from zlib import crc32

from verifier.protocol.errors import Malformed

MAX_ARCHIVE_SIZE = 16 * 1024 * 1024
_LOCAL = struct.Struct("<4s5H3I2H")
_ENTRY = struct.Struct("<4s6H3I5H2I")
_END = struct.Struct("<4s4H2IH")
_VERSION = 20  # of the format: 2.0, the oldest that unpackers know folders and stored files of
_DAY_ONE = 33  # 1980-01-01, where a ZIP's calendar begins
_CRC_AT = 14  # in a local header; two bytes further on in a directory entry
_ZIP64 = 0xFFFFFFFF


class ArchiveFault(Malformed):
    """The file is not the one spelling. `where` is a member's name or "the archive itself", `offset` a byte of the
    file, if it can be told."""

    def __init__(self, code: str, message: str, *, where: str, offset: int | None = None) -> None:
        place = where if offset is None else f"{where}, byte {offset}"
        super().__init__(code, f"{place}: {message}")
        self.where = where
        self.offset = offset


ITSELF = "the archive itself"


def write_archive(members: Mapping[str, bytes]) -> bytes:
    """The file with these members, in this order. Names are ASCII; sizes add up to less than 4 GiB."""
    return b"".join(piece for _, piece in _pieces(members))


def _pieces(members: Mapping[str, bytes]) -> Iterator[tuple[str, bytes]]:
    """Header and bytes of each member, then the directory, then the end; each with the name that it belongs to."""
    directory: list[tuple[str, bytes]] = []
    offset = 0
    for name, data in members.items():
        raw, crc, size = name.encode("ascii"), crc32(data), len(data)
        yield name, _LOCAL.pack(b"PK\3\4", _VERSION, 0, 0, 0, _DAY_ONE, crc, size, size, len(raw), 0) + raw
        yield name, data
        entry = (b"PK\1\2", _VERSION, _VERSION, 0, 0, 0, _DAY_ONE, crc, size, size, len(raw), 0, 0, 0, 0, 0, offset)
        directory.append((name, _ENTRY.pack(*entry) + raw))
        offset += _LOCAL.size + len(raw) + size
    yield from directory
    length = sum(len(entry) for _, entry in directory)
    yield ITSELF, _END.pack(b"PK\5\6", 0, 0, len(directory), len(directory), length, offset, 0)


def read_archive(data: bytes, names: Sequence[str]) -> dict[str, bytes]:
    """The members of a file of at most 16 MiB; `names` are those that there may be, in their order. Raises
    ArchiveFault."""
    if len(data) > MAX_ARCHIVE_SIZE:
        raise _fault("too_large", f"it is longer than {MAX_ARCHIVE_SIZE} bytes", offset=MAX_ARCHIVE_SIZE)
    if not data.startswith(b"PK\3\4"):
        raise _fault("not_an_archive", "this is not the beginning of an evidence file")
    members: dict[str, bytes] = {}
    offset, left = 0, list(names)
    while data[offset : offset + 4] == b"PK\3\4":
        name, start, end = _read_header(data, offset)
        if name not in left:
            code = "members_out_of_order" if name in names else "unknown_member"
            raise _fault(code, "an evidence file has no such member in this place", offset=offset)
        del left[: left.index(name) + 1]
        members[name] = data[start:end]
        offset = end
    _compare(data, members)
    return members


def _read_header(data: bytes, offset: int) -> tuple[str, int, int]:
    """Name, start and end of the member whose header begins here. What else is in the header is compared later."""
    if len(data) < offset + _LOCAL.size:
        raise _fault("cut_short", "the file ends in the middle of a header", offset=offset)
    _, _, flags, method, _, _, _, packed, size, name_length, extra_length = _LOCAL.unpack_from(data, offset)
    start = offset + _LOCAL.size + name_length
    name = data[offset + _LOCAL.size : start].decode("ascii", "replace")
    shown = name if name.isascii() and name.isprintable() and name and len(name) < 40 else ITSELF
    if flags & 1:
        raise _fault("encrypted_member", "a member is encrypted", shown, offset)
    if method != 0:
        raise _fault("compressed_member", "a member is compressed; here they are stored as they are", shown, offset)
    if _ZIP64 in (packed, size) or extra_length:
        raise _fault("zip64", "extra fields and ZIP64 are not used here", shown, offset)
    if packed != size or start + size > len(data):
        raise _fault("cut_short", "the length in the header does not fit the file", shown, offset)
    return name, start, start + size


def _compare(data: bytes, members: Mapping[str, bytes]) -> None:
    expected = write_archive(members)
    if data == expected:
        return
    if len(data) < len(expected) and expected.startswith(data):
        raise _fault("cut_short", "the file ends too early", offset=len(data))
    if data.startswith(expected):
        raise _fault("trailing_bytes", "something follows the end of the archive", offset=len(expected))
    at = next(at for at, (one, other) in enumerate(zip(data, expected, strict=False)) if one != other)
    name, start = ITSELF, 0
    for owner, piece in _pieces(members):
        name = owner
        if at < start + len(piece):
            break
        start += len(piece)
    if name != ITSELF and data[start : start + 4] == b"PK\3\4" and at - start in range(_CRC_AT, _CRC_AT + 4):
        # Header and directory bear the same checksum: if both speak against the bytes, the bytes were changed.
        stated = data[start + _CRC_AT : start + _CRC_AT + 4]
        place = len(expected) - _END.size - sum(len(piece) for owner, piece in _directory(members, name))
        if data[place + _CRC_AT + 2 : place + _CRC_AT + 6] == stated:
            message = "its bytes do not have the checksum that the archive states"
            raise ArchiveFault("member_changed", message, where=name)  # which of them, a checksum does not tell
    raise _fault("header_changed", "a byte around the members is not what it must be", name, at)


def _directory(members: Mapping[str, bytes], name: str) -> list[tuple[str, bytes]]:
    """The directory's entries from this member's on."""
    entries = list(_pieces(members))[2 * len(members) : -1]
    return entries[list(members).index(name) :]


def _fault(code: str, message: str, where: str = ITSELF, offset: int = 0) -> ArchiveFault:
    return ArchiveFault(code, message, where=where, offset=offset)
