# SPDX-License-Identifier: Apache-2.0
"""A batch that was taken along: every code of it is proven without a network, and nothing that was changed is green."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

from passport.settings import Settings
from tests.support.makers import IssuedBatch, Maker, make_gtin, sign_code
from tests.support.offline_phone import ADDRESSES, MODULES, OfflinePhone, open_offline_phone
from tests.support.phone_stage import PhoneStage
from tests.support.registries import Workshop, running_registry
from verifier.protocol.statements.recall import RecallPublished

if TYPE_CHECKING:
    from playwright.sync_api import Browser

COUNT = 700  # three tiles, the last one shorter
REFRESH = """async ([modules, addresses]) =>
    (await import(`${modules}/pack.mjs`)).refreshPacks(addresses, { maxAgeMs: 0 })"""
GREEN = ["genuine", "genuine", True]


@dataclass(frozen=True)
class Warehouse:
    workshop: Workshop
    maker: Maker
    batch: IssuedBatch
    other: IssuedBatch


@pytest.fixture(scope="module")
def warehouse(template: Settings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Warehouse]:
    with running_registry(template, tmp_path_factory.mktemp("warehouse")) as workshop:
        maker = workshop.admit("acme", "69012345")
        batch = workshop.issue(maker, 1, COUNT, lot="L1")
        yield Warehouse(workshop, maker, batch, workshop.issue(maker, 2, 4, lot="L2"))


@pytest.fixture
def stage(warehouse: Warehouse) -> Iterator[PhoneStage]:
    with PhoneStage() as stage:
        stage.show(warehouse.workshop)
        yield stage


@pytest.fixture
def phone(browser: Browser, stage: PhoneStage) -> Iterator[OfflinePhone]:
    phone = open_offline_phone(browser, stage)
    yield phone
    phone.context.close()


def list_packs(phone: OfflinePhone) -> list[dict[str, Any]]:
    script = "async (modules) => (await import(`${modules}/pack.mjs`)).listPacks()"
    return list(phone.page.evaluate(script, MODULES))


def test_every_code_of_the_batch_is_genuine_and_of_another_batch_none(
    phone: OfflinePhone, warehouse: Warehouse
) -> None:
    codes = warehouse.batch.codes
    phone.visit(codes[0])
    taken = phone.take(codes[0])
    assert (taken["count"], taken["lot"]) == (COUNT, "L1")
    assert taken["shares"][-1] == 1
    (pack,) = list_packs(phone)
    assert pack["bytes"] == COUNT * 32 + 3 * 32 and pack["until"] is not None
    phone.lose_network()
    assert phone.examine(*(codes[seq] for seq in (1, 255, 256, 511, 512, 699))) == [GREEN] * 6
    assert phone.examine(warehouse.other.codes[0]) == [["cannot_tell", "not_on_this_phone", True]]
    phone.open(codes[600])
    assert (phone.is_shell, phone.data("status")) == (True, "genuine")
    assert [phone.step(number) for number in range(11)] == ["passed"] * 11


def test_a_code_that_the_maker_signed_but_did_not_log_is_found_out_without_a_network(
    phone: OfflinePhone, warehouse: Warehouse
) -> None:
    """Two codes for one place in a batch, and one behind its end: the key is good, the ledger holds others."""
    maker = warehouse.maker
    phone.visit(warehouse.batch.codes[0])
    phone.take(warehouse.batch.codes[0])
    phone.lose_network()
    behind = sign_code(maker.key, gtin=maker.gtin(), batch=1, seq=COUNT)
    assert phone.examine(behind) == [["not_logged", "seq_outside_batch", True]]
    other_serial = sign_code(maker.key, gtin=maker.gtin(), batch=1, seq=3, serial="COPY")
    assert phone.examine(other_serial) == [["not_logged", "another_batch", True]]


CHANGES = {
    "an item hash": ("tiles", "record[0] ^= 1; return record", "bad_inclusion_proof"),
    "a whole tile": ("tiles", "record.fill(7); return record", "bad_inclusion_proof"),
    "a short tile": ("tiles", "return record.slice(0, 64)", "not_on_this_phone"),
    "a tile of odd length": ("tiles", "return record.slice(0, 63)", "not_on_this_phone"),
    "a root": ("packs", "record.roots[40] ^= 1; return record", "bad_inclusion_proof"),
    "the number of codes": ("packs", "record.count = 2; return record", "bad_inclusion_proof"),
    "the proof document": ("packs", "record.document[300] ^= 1; return record", None),
    "no proof document": ("packs", "record.document = new Uint8Array(); return record", None),
    "the list": ("lists", "record.note[record.note.length - 200] ^= 1; return record", None),
    "half of the list": ("lists", "record.note = record.note.slice(0, 300); return record", None),
}


@pytest.mark.parametrize("name", CHANGES)
def test_what_was_changed_on_the_phone_is_never_green(phone: OfflinePhone, warehouse: Warehouse, name: str) -> None:
    store, script, reason = CHANGES[name]
    codes = warehouse.batch.codes
    phone.visit(codes[0])
    phone.take(codes[0])
    assert phone.change(store, script) >= 1
    phone.lose_network()  # before the page is loaded again, or it would fetch all of it anew
    phone.page.reload()
    ((status, found, is_offline),) = phone.examine(codes[5])
    assert is_offline
    assert status in ("cannot_tell", "not_logged")
    if reason is not None:
        assert found == reason
    phone.open(codes[5])
    assert phone.data("status") == status


def test_hashes_that_do_not_give_the_signed_root_are_not_taken(
    phone: OfflinePhone, warehouse: Warehouse, stage: PhoneStage
) -> None:
    phone.visit(warehouse.batch.codes[0])
    for change, code in (
        (lambda data: data[:-1] + bytes([data[-1] ^ 1]), "bad_item_root"),
        (lambda data: data[:-32], "too_short"),
        (lambda data: data + bytes(32), "too_large"),
        (lambda _: None, "bad_status"),
    ):
        stage.changes["/api/v1/batches"] = change
        assert phone.take(warehouse.batch.codes[0])["code"] == code
        assert list_packs(phone) == []
    assert phone.change("tiles", "return record") == 0, "nothing is left behind"
    stage.changes.clear()
    assert phone.take(warehouse.batch.codes[0])["count"] == COUNT


def test_a_batch_can_only_be_taken_along_while_it_can_be_proven(phone: OfflinePhone, warehouse: Warehouse) -> None:
    phone.visit(warehouse.batch.codes[0])
    phone.lose_network()
    assert phone.take(warehouse.batch.codes[0])["code"] == "not_proven"


def test_a_pack_is_removed_with_all_its_hashes(phone: OfflinePhone, warehouse: Warehouse) -> None:
    phone.visit(warehouse.other.codes[0])
    phone.take(warehouse.batch.codes[0])
    drop = "async (modules) => (await import(`${modules}/pack.mjs`)).dropPack('acme/1')"
    phone.page.evaluate(drop, MODULES)
    assert list_packs(phone) == []
    assert phone.change("tiles", "return record") == 0
    phone.lose_network()
    assert phone.examine(warehouse.batch.codes[1]) == [["cannot_tell", "not_on_this_phone", True]]


def test_packs_follow_the_ledger_and_a_recall_that_was_met_online_is_known_offline(
    browser: Browser, template: Settings, tmp_path_factory: pytest.TempPathFactory
) -> None:
    with running_registry(template, tmp_path_factory.mktemp("growing")) as workshop, PhoneStage() as stage:
        stage.show(workshop)
        maker = workshop.admit("acme", "69012345")
        first, second = workshop.issue(maker, 1, 300, lot="L1"), workshop.issue(maker, 2, lot="L2")
        phone = open_offline_phone(browser, stage)
        phone.visit(first.codes[0])
        phone.take(first.codes[0])
        workshop.issue(maker, 3)
        phone.visit(second.codes[0])  # a later list: the pack is linked to it
        phone.lose_network()
        assert phone.examine(first.codes[299]) == [GREEN]
        phone.context.set_offline(False)
        workshop.say(RecallPublished(workshop.header("acme"), "acme/1", workshop.notice(maker, lot="L1")), maker.key)
        assert phone.page.evaluate(REFRESH, [MODULES, ADDRESSES]) is True
        phone.lose_network()
        assert phone.examine(first.codes[299]) == [["recalled", "recall", True]]
        assert phone.examine(second.codes[0]) == [GREEN]
        assert phone.page.evaluate(REFRESH, [MODULES, ADDRESSES]) is False
        phone.context.close()


def test_an_unknown_makers_code_is_called_forged_by_the_whole_list(phone: OfflinePhone, warehouse: Warehouse) -> None:
    phone.visit(warehouse.batch.codes[0])
    phone.take(warehouse.batch.codes[0])
    phone.lose_network()
    foreign = sign_code(warehouse.maker.key, gtin=make_gtin("6988888"), batch=1, seq=1)
    assert phone.examine(foreign) == [["counterfeit", "unknown_prefix", True]]


def test_a_list_that_is_older_than_what_was_seen_is_not_believed(phone: OfflinePhone, warehouse: Warehouse) -> None:
    phone.visit(warehouse.batch.codes[0])
    seen = "JSON.parse(localStorage.getItem('product-passport/seen/v1'))"
    later = f"() => {{ const seen = {seen}; seen.trees.find((t) => t.kind === 'snapshot').size = '999'; "
    phone.page.evaluate(later + "localStorage.setItem('product-passport/seen/v1', JSON.stringify(seen)); }")
    phone.lose_network()
    assert phone.examine(warehouse.batch.codes[0]) == [["cannot_tell", "stored_list_is_old", True]]


def test_five_hundred_codes_in_a_row_are_checked_without_a_network(
    phone: OfflinePhone, warehouse: Warehouse, capsys: pytest.CaptureFixture[str]
) -> None:
    codes = warehouse.batch.codes
    phone.visit(codes[0])
    phone.take(codes[0])
    phone.lose_network()
    start = time.monotonic()
    found = phone.examine(*codes[100:600])
    seconds = time.monotonic() - start
    assert found == [GREEN] * 500
    with capsys.disabled():
        print(f"\n500 codes without a network: {seconds:.1f} s")
