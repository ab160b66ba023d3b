# SPDX-License-Identifier: Apache-2.0
"""One changed byte anywhere in an evidence file is found and named; hostile archives are refused in bounded memory."""

from __future__ import annotations

import io
import struct
import tracemalloc
import zipfile
from collections.abc import Iterator

import pytest

from passport.settings import Settings
from tests.support.evidence_files import make_file, members_of, put_together
from tests.support.phone_shop import Shop
from tests.support.registries import make_template, running_registry
from verifier.evidence_archive import ITSELF, MAX_ARCHIVE_SIZE, ArchiveFault, read_archive, write_archive
from verifier.evidence_bundle import NAMES, parse_bundle
from verifier.evidence_check import Known, check_bundle


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Iterator[bytes]:
    """A file of a registry with one maker and one batch."""
    template: Settings = make_template(tmp_path_factory.mktemp("small-template"))
    with running_registry(template, tmp_path_factory.mktemp("small")) as workshop:
        acme = workshop.admit("acme", "69012345")
        code = workshop.issue(acme, 1).codes[1].to_path()
        shop = Shop(workshop, acme)
        yield make_file(shop, code)


def spans_of(data: bytes) -> dict[str, range]:
    """Where each member's own bytes stand."""
    spans: dict[str, range] = {}
    for name, member in members_of(data).items():
        start = data.index(name.encode() + member) + len(name)
        spans[name] = range(start, start + len(member))
    return spans


def test_every_single_byte_changed_is_found_and_named(small: bytes) -> None:
    check_bundle(small, Known())
    spans = spans_of(small)
    owner = {at: name for name, span in spans.items() for at in span}
    assert len(small) > 10_000
    changed = bytearray(small)
    for at in range(len(small)):
        changed[at] ^= 1 << (at % 8)
        with pytest.raises(ArchiveFault) as caught:
            parse_bundle(bytes(changed))
        changed[at] ^= 1 << (at % 8)
        if at in owner:
            assert (caught.value.code, caught.value.where) == ("member_changed", owner[at]), at
            assert caught.value.offset is None, "the checksum tells that a byte was changed, and not which"
        else:
            assert caught.value.where in (*NAMES, ITSELF), at
            assert caught.value.offset is not None
            assert caught.value.where in str(caught.value)


def test_a_byte_around_the_members_is_named_by_its_offset(small: bytes) -> None:
    at = len(small) - 1  # the length of a comment that there is not
    with pytest.raises(ArchiveFault) as caught:
        parse_bundle(small[:at] + b"\1")
    assert (caught.value.code, caught.value.where, caught.value.offset) == ("header_changed", ITSELF, at)


@pytest.mark.parametrize("length", [0, 1, 3, 4, 29, 30, 500, -23, -22, -21, -1])
def test_a_file_that_was_cut_short_is_refused(small: bytes, length: int) -> None:
    with pytest.raises(ArchiveFault) as caught:
        parse_bundle(small[:length])
    assert caught.value.code in ("not_an_archive", "cut_short", "header_changed")


@pytest.mark.parametrize("tail", [b"\0", b"PK", b"x" * 1000])
def test_bytes_after_the_end_are_refused(small: bytes, tail: bytes) -> None:
    with pytest.raises(ArchiveFault) as caught:
        parse_bundle(small + tail)
    assert caught.value.code == "trailing_bytes"


def test_bytes_before_the_beginning_are_refused(small: bytes) -> None:
    with pytest.raises(ArchiveFault, match="beginning"):
        parse_bundle(b"#!" + small)


def zipped(name: str, data: bytes, *, method: int = zipfile.ZIP_STORED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        archive.writestr(zipfile.ZipInfo(name), data, method)
    return out.getvalue()


@pytest.mark.parametrize("name", ["../../etc/passwd", "/abs", "sheet.html/../x", "SHEET.HTML", "Ж", "a" * 60_000])
def test_a_member_of_another_name_is_refused(name: str) -> None:
    with pytest.raises(ArchiveFault) as caught:
        parse_bundle(zipped(name, b"x"))
    assert caught.value.code == "unknown_member"


def test_a_bomb_is_refused_before_anything_is_unpacked() -> None:
    bomb = zipped("manifest.json", b"\0" * 50_000_000, method=zipfile.ZIP_DEFLATED)
    tracemalloc.start()
    with pytest.raises(ArchiveFault) as caught:
        parse_bundle(bomb)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert caught.value.code == "compressed_member"
    assert peak < 1_000_000


def test_encrypted_members_and_zip64_are_refused(small: bytes) -> None:
    for at, value, code in ((6, b"\1", "encrypted_member"), (18, b"\xff" * 4, "zip64"), (28, b"\1", "zip64")):
        with pytest.raises(ArchiveFault) as caught:
            parse_bundle(small[:at] + value + small[at + len(value) :])
        assert (caught.value.code, caught.value.where) == (code, "manifest.json")


def test_a_member_twice_or_in_another_order_is_refused(small: bytes) -> None:
    members = members_of(small)
    first = dict(list(members.items())[:1])
    one = write_archive(first)
    local = one[: one.index(b"PK\1\2")]
    with pytest.raises(ArchiveFault) as caught:
        read_archive(local + one, NAMES)
    assert caught.value.code == "members_out_of_order"
    with pytest.raises(ArchiveFault) as caught:
        parse_bundle(write_archive(dict(reversed(members.items()))))
    assert caught.value.code == "members_out_of_order"


def test_lengths_that_lead_out_of_the_file_are_refused(small: bytes) -> None:
    for size in (len(small), 2**31, 2**32 - 2):
        with pytest.raises(ArchiveFault) as caught:
            parse_bundle(small[:18] + struct.pack("<II", size, size) + small[26:])
        assert caught.value.code == "cut_short"


def test_a_file_that_is_too_large_is_refused() -> None:
    with pytest.raises(ArchiveFault) as caught:
        parse_bundle(bytes(MAX_ARCHIVE_SIZE + 1))
    assert caught.value.code == "too_large"


@pytest.mark.parametrize("name", ["manifest.json", "sheet.html", "verdict.json", "code.txt"])
def test_a_file_without_one_of_its_four_members_is_refused(small: bytes, name: str) -> None:
    members = {key: data for key, data in members_of(small).items() if key != name}
    with pytest.raises(ArchiveFault) as caught:
        parse_bundle(write_archive(members))
    assert (caught.value.code, caught.value.where) == ("missing_member", name)


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("verdict.json", b"{}"),
        ("verdict.json", b'{"verdict":{}}'),
        ("verdict.json", b"[" * 100_000),
        ("verdict.json", b"\xff"),
        ("code.txt", b"\xff"),
        ("code.txt", b""),
        ("additions.json", b"{}"),
        ("additions.json", b'{"note":" x"}'),
        ("additions.json", b'{"listing_url":"javascript:1"}'),
        ("additions.json", b'{"photos":[]}'),
        ("additions.json", b'{"name":"a person"}'),
    ],
)
def test_a_member_that_cannot_be_read_is_named(small: bytes, name: str, data: bytes) -> None:
    with pytest.raises(ArchiveFault) as caught:
        parse_bundle(put_together(members_of(small) | {name: data}))
    assert caught.value.where == name


def test_a_part_that_the_verdict_calls_absent_cannot_be_slipped_in(small: bytes) -> None:
    members = members_of(small)
    del members["proof.json"]
    with pytest.raises(ArchiveFault) as caught:
        parse_bundle(put_together(members))
    assert caught.value.where == "verdict.json"
