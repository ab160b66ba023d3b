# SPDX-License-Identifier: Apache-2.0
"""fsck names what is wrong; rebuild restores from public tiles and believes nothing else."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text

from passport.domain.ledger_values import BelowHighWater, NotEmpty
from passport.ledger.fsck import Finding, fsck, fsck_store
from passport.ledger.rebuild import rebuild
from passport.signing import LedgerSigner, make_memory_signer
from passport.storage.ledger_store import SqlLedgerStore
from passport.storage.tile_directory import TileDirectory
from tests.support.ledgers import ORIGIN, VKEY, Site, append_all
from tests.support.postgres import new_postgres_url
from verifier.protocol.errors import DidNotArrive, DoesNotHold

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

COUNT = 256 * 257 + 40  # three levels, a partial form at each


@pytest.fixture(scope="module")
def big(tmp_path_factory: pytest.TempPathFactory) -> Path:
    site = Site(tmp_path_factory.mktemp("big"))
    with site.running() as ledger:
        for start in range(0, COUNT, 8192):
            append_all(ledger, [b"entry %d" % number for number in range(start, min(COUNT, start + 8192))])
        assert ledger.wait_published(COUNT, 60)
    return site.directory


def copy_of(directory: Path, tmp_path: Path) -> Site:
    shutil.copytree(directory, tmp_path / "copy")
    return Site(tmp_path / "copy")


def flip_row(site: Site, level: int, index: int, byte: int) -> None:
    with site.database() as database:
        where = {"level": level, "index": index}
        query = "FROM ledger_blobs WHERE level = :level AND blob_index = :index"
        with database.write() as connection:
            data = bytearray(connection.execute(text(f"SELECT data {query}"), where).scalar_one())
            data[byte] ^= 0x10
            update = "UPDATE ledger_blobs SET data = :data WHERE level = :level AND blob_index = :index"
            connection.execute(text(update), where | {"data": bytes(data)})


def findings(site: Site) -> list[str]:
    with site.store() as store:
        return [str(finding) for finding in fsck_store(store, VKEY)]


def test_a_sound_ledger_has_no_findings(big: Path) -> None:
    assert findings(Site(big)) == []
    assert fsck(Site(big).sink(), VKEY) == []


@pytest.mark.parametrize(
    ("level", "index", "byte", "expected"),
    [
        (0, 67, 17 * 32 + 3, "tile/0/067: hash 17 differs"),
        (0, 257, 5 * 32, "tile/0/257.p/40: hash 5 differs"),
        (1, 0, 200 * 32, "tile/1/000: hash 200 differs"),
        (1, 1, 31, "tile/1/001.p/1: hash 0 differs"),
        (2, 0, 0, "tile/2/000.p/1: hash 0 differs"),
        (-1, 3, 2 + 4, "tile/entries/003: entry 0 does not hash"),
        (-1, 257, 2 + 4, "tile/entries/257.p/40: entry 0 does not hash"),
        (-1, 3, 0, "tile/entries/003: The bundle ends inside"),
    ],
)
def test_one_flipped_bit_in_each_kind_of_stored_blob_is_named(
    big: Path, tmp_path: Path, level: int, index: int, byte: int, expected: str
) -> None:
    site = copy_of(big, tmp_path)
    flip_row(site, level, index, byte)
    found = findings(site)
    where = expected.split(": ")[0]
    assert any(line.startswith(expected) for line in found), found
    assert all(line.startswith((where, "index row")) for line in found), found


@pytest.mark.parametrize(
    "path", ["tile/0/067", "tile/1/001.p/1", "tile/entries/003", "tile/entries/257.p/40", "tile/2/000.p/1"]
)
def test_a_flipped_bit_and_a_missing_file_in_a_directory_are_named(big: Path, tmp_path: Path, path: str) -> None:
    site = copy_of(big, tmp_path)
    data = bytearray((site.public / path).read_bytes())
    data[10] ^= 1
    (site.public / path).write_bytes(bytes(data))
    assert {finding.where for finding in fsck(site.sink(), VKEY)} == {path}
    (site.public / path).unlink()
    assert [str(finding) for finding in fsck(site.sink(), VKEY)] == [f"{path}: it is not there"]


def test_a_partial_form_that_is_not_the_beginning_of_the_wider_one_is_named(tmp_path: Path) -> None:
    site = Site(tmp_path)
    for number in (3, 7):
        site.fill(number)
    for path in ("tile/0/000.p/3", "tile/entries/000.p/3"):
        data = bytearray((site.public / path).read_bytes())
        data[4] ^= 1
        (site.public / path).write_bytes(bytes(data))
    assert [finding.where for finding in fsck(site.sink(), VKEY)] == ["tile/0/000.p/3", "tile/entries/000.p/3"]


def test_files_of_a_tree_that_is_not_public_yet_are_no_fault(tmp_path: Path) -> None:
    site = Site(tmp_path)
    site.fill(3)
    old = (site.public / "checkpoint").read_bytes()
    site.fill(7)
    (site.public / "checkpoint").write_bytes(old)
    assert fsck(site.sink(), VKEY) == []


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        ("DELETE FROM ledger_entries WHERE entry_index = 2", ["index row 2: the entry's", "index: it has 4 rows"]),
        ("UPDATE ledger_entries SET entry_index = 9 WHERE entry_index = 2", ["index row 2: the index says 9"]),
        ("UPDATE ledger_heads SET root_hash = ledger_heads.checkpoint WHERE name = 'published'", ["published"]),
        ("DELETE FROM ledger_heads", ["checkpoint: there is none"]),
    ],
)
def test_a_wrong_row_is_named(site: Site, statement: str, expected: list[str]) -> None:
    site.fill(5)
    with site.database() as database, database.write() as connection:
        connection.execute(text(statement))
    found = findings(site)
    assert len(found) == len(expected)
    assert all(line.startswith(start) for line, start in zip(found, expected, strict=True)), found


def test_a_flipped_bit_in_the_checkpoint_is_named(site: Site) -> None:
    site.fill(5)
    with site.store() as store:
        head = store.read_head()
        assert head is not None
        damaged = head.checkpoint.replace(b"\n5\n", b"\n4\n")
    with site.database() as database, database.write() as connection:
        connection.execute(text("UPDATE ledger_heads SET checkpoint = :note WHERE name = 'head'"), {"note": damaged})
    assert [line.split(":")[0] for line in findings(site)] == ["checkpoint"]


def test_a_callback_looks_at_what_the_statements_refer_to(site: Site) -> None:
    site.fill(3)

    def check(index: int, entry: bytes) -> Iterator[Finding]:
        assert entry == b"entry %d" % index
        if index == 1:
            yield Finding("items/maker/7/0", "the item hashes do not give the stored subtree root")

    with site.store() as store:
        assert [str(f) for f in fsck_store(store, VKEY, check_entry=check)] == [
            "items/maker/7/0: the item hashes do not give the stored subtree root"
        ]


@pytest.mark.parametrize("engine", ["sqlite", "postgresql"])
def test_a_ledger_is_rebuilt_from_its_public_files_and_goes_on(big: Path, tmp_path: Path, engine: str) -> None:
    site = Site(tmp_path, new_postgres_url() if engine == "postgresql" else None)
    with site.store() as store:
        head = rebuild(Site(big).sink(), store, VKEY, site.high_water())
        assert head.size == COUNT
        assert fsck_store(store, VKEY) == []
    with site.running() as ledger:
        assert append_all(ledger, [b"entry 5", b"new"]) == [5, COUNT]
        assert ledger.wait_published(COUNT + 1, 60)


def test_a_rebuild_never_touches_a_ledger_that_is_there(site: Site) -> None:
    source = Site(site.directory / "source")
    source.fill(5)
    site.fill(1)
    with site.store() as store:
        with pytest.raises(NotEmpty) as caught:
            rebuild(source.sink(), store, VKEY, site.high_water())
        assert caught.value.exit_code == 87
        assert store.count_entries() == 1


def test_a_rebuild_below_the_high_water_mark_is_refused(site: Site) -> None:
    source = Site(site.directory / "source")
    source.fill(5)
    shutil.copytree(source.public, site.directory / "old")
    source.fill(9)
    with site.store() as store, pytest.raises(BelowHighWater):
        rebuild(TileDirectory(site.directory / "old"), store, VKEY, source.high_water())


def test_a_rebuild_of_another_history_is_refused_and_leaves_nothing(site: Site) -> None:
    source, other = Site(site.directory / "source"), Site(site.directory / "other")
    source.fill(5)
    other.fill(300, "other entry")
    with site.store() as store:
        with pytest.raises(BelowHighWater) as caught:
            rebuild(other.sink(), store, VKEY, source.high_water())
        assert caught.value.code == "other_history"
        assert store.count_entries() == 0
        assert store.read_tile(0, 0) is None
        rebuild(source.sink(), store, VKEY, source.high_water())


@pytest.mark.parametrize(
    ("path", "error"), [("tile/entries/000", DoesNotHold), ("tile/entries/001.p/44", DoesNotHold), (None, DidNotArrive)]
)
def test_a_damaged_source_is_refused_and_leaves_nothing(site: Site, path: str | None, error: type[Exception]) -> None:
    source = Site(site.directory / "source")
    source.fill(300)
    if path is None:
        (source.public / "tile/entries/000").unlink()
    else:
        data = bytearray((source.public / path).read_bytes())
        data[5] ^= 1
        (source.public / path).write_bytes(bytes(data))
    with site.store() as store:
        with pytest.raises(error):
            rebuild(source.sink(), store, VKEY, site.high_water())
        assert store.read_head() is None
        assert store.count_entries() == 0


def test_a_source_under_another_key_is_refused(site: Site) -> None:
    source = Site(site.directory / "source")
    source.fill(5)
    stranger = LedgerSigner(ORIGIN, make_memory_signer(bytes(32))).vkey
    with site.database() as database, pytest.raises(DoesNotHold):
        rebuild(source.sink(), SqlLedgerStore(database), stranger, site.high_water())
