# SPDX-License-Identifier: Apache-2.0
"""The phone remembers: forks, rollbacks and changed keys are noticed on the next visit. Real Chromium."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from passport.settings import Settings
from tests.support.makers import BatchPlan, Maker, sign_batch
from tests.support.phone_stage import PhoneStage
from tests.support.registries import Workshop, make_template, running_registry
from verifier.protocol.statements.recall import RecallPublished
from verifier.verdict import Status

if TYPE_CHECKING:
    from playwright.sync_api import Browser

from tests.support.phone_shop import DONE, OVERFLOW, Phone, Shop, open_phone

OpenRegistry = Callable[[], AbstractContextManager[Workshop]]


@pytest.fixture
def twin(template: Settings, tmp_path: Path) -> OpenRegistry:
    """Another registry with the same keys and the same entry 0: what a lying operator runs for a second audience."""
    return partial(running_registry, template, tmp_path)


def log_batches(workshop: Workshop, maker: Maker, numbers: range) -> None:
    """Many batches at once, without their items."""
    plans = [BatchPlan(maker.gtin(), number, 1) for number in numbers]
    about: dict[str, Any] = {"origin": workshop.origin, "issuer": maker.id, "key": maker.key}
    issued_at = workshop.header(maker.id).issued_at
    for at in range(0, len(plans), 200):
        batches = [sign_batch(plan, issued_at=issued_at, **about) for plan in plans[at : at + 200]]
        workshop.submit(*(workshop.sign(batch.statement, maker.key) for batch in batches))


@pytest.mark.parametrize("batches", [1, 8, 300])
def test_a_forked_ledger_is_shown_on_the_second_visit_with_both_notes_to_save(
    phone: Phone, shop: Shop, stage: PhoneStage, twin: OpenRegistry, batches: int
) -> None:
    phone.open(shop.codes["genuine"])
    before = phone.memory
    with twin() as other:
        acme = other.admit("acme", "69012345")
        batch = other.issue(acme, 1)
        log_batches(other, acme, range(2, batches + 1))
        stage.show(other)
        is_smaller = batches == 1
        if is_smaller:  # with the tiles in its cache the browser could prove the fork even so
            phone.context.new_cdp_session(phone.page).send("Network.clearBrowserCache")
        phone.open(batch.codes[1])
        assert (phone.server_says, phone.data("status")) == ("genuine", "cannot_tell")
        assert phone.data("reason") == ("ledger_went_back" if is_smaller else "ledger_forked")
        assert phone.is_above
        assert phone.step(5) == "failed"
        assert phone.said("title") == ("The ledger went back" if is_smaller else "The ledger shows two histories")
        with phone.page.expect_download() as download:
            phone.page.get_by_role("button", name="Save both signed notes").click()
        text = download.value.path().read_text()
        assert text.count(f"\n— {other.origin}") >= 2
        assert len(set(re.findall(r"\"root_hash\":\"([^\"]+)|^[0-9]+\n(\S{44})$", text, re.MULTILINE))) >= 2
        assert phone.memory == before, "what was remembered stays"
        phone.open(batch.codes[1])
        assert phone.is_above, "and the alarm too"
        phone.page.get_by_text("Step by step").click()
        phone.page.get_by_role("button", name="Forget this registry").click()
        phone.page.wait_for_function(f"() => ({DONE})() && !document.querySelector('.above')")
        assert phone.data("status") == "genuine"
    assert not [line for line in phone.complaints if "Content Security Policy" in line]


def test_a_fork_is_not_hidden_by_tiles_that_the_browser_kept(
    phone: Phone, stage: PhoneStage, template: Settings, tmp_path: Path
) -> None:
    for turn, count in enumerate((300, 310)):
        with running_registry(template, tmp_path / str(turn)) as workshop:
            acme = workshop.admit("acme", "69012345")
            batch = workshop.issue(acme, 1)
            log_batches(workshop, acme, range(2 + turn, count))  # so that both histories have a full tile
            stage.show(workshop)
            phone.open(batch.codes[0])
            assert phone.data("reason") == ("genuine", "ledger_forked")[turn]


def test_a_ledger_that_grew_honestly_is_linked_to_what_the_phone_saw(
    phone: Phone, stage: PhoneStage, twin: OpenRegistry
) -> None:
    with twin() as workshop:
        acme = workshop.admit("acme", "69012345")
        batch = workshop.issue(acme, 1)
        stage.show(workshop)
        phone.open(batch.codes[0])
        for number in range(2, 12):
            workshop.issue(acme, number, upload=False)
        stage.asked.clear()
        phone.open(batch.codes[0])
        assert (phone.data("status"), phone.data("versus")) == ("genuine", "agrees")
        assert any(path.startswith("/ledger/tile/0/000") for path in stage.asked), "consistency from the tiles"
        assert phone.memory is not None
        assert {tree["size"] for tree in phone.memory["trees"]} == {"13"}


def test_a_snapshot_that_is_older_than_the_proof_is_linked_by_the_phone_itself(
    phone: Phone, stage: PhoneStage, twin: OpenRegistry
) -> None:
    with twin() as workshop:
        acme = workshop.admit("acme", "69012345")
        first = workshop.issue(acme, 1)
        old = workshop.registry.service.snapshot_for_gtin(acme.gtin())
        workshop.issue(acme, 2)
        stage.show(workshop)
        stage.changes["/ledger/snapshot/"] = lambda body: old
        phone.open(first.codes[0])
        assert (phone.data("status"), phone.step(5)) == ("genuine", "passed")


def test_an_older_snapshot_than_last_time_is_refused_although_it_is_signed_and_current(
    phone: Phone, stage: PhoneStage, twin: OpenRegistry
) -> None:
    with twin() as workshop:
        acme = workshop.admit("acme", "69012345")
        batch = workshop.issue(acme, 1)
        old = workshop.registry.service.snapshot_for_gtin(acme.gtin())
        workshop.issue(acme, 2)
        stage.show(workshop)
        phone.open(batch.codes[0])
        assert phone.data("status") == "genuine"
        notice = workshop.notice(acme, lot="L1")
        workshop.say(RecallPublished(workshop.header("acme"), "acme/1", notice), acme.key)
        stage.changes["/ledger/snapshot/"] = lambda body: old
        stage.checker.lie = (Status.GENUINE, "genuine")
        phone.open(batch.codes[0])
        assert (phone.data("status"), phone.data("reason")) == ("cannot_tell", "ledger_went_back")
        assert phone.is_above


def test_another_ledger_key_is_an_alarm_and_not_an_update(
    phone: Phone, shop: Shop, stage: PhoneStage, tmp_path: Path
) -> None:
    phone.open(shop.codes["genuine"])
    with running_registry(make_template(tmp_path / "keys"), tmp_path / "other") as other:
        batch = other.issue(other.admit("acme", "69012345"), 1)
        stage.show(other)
        phone.open(batch.codes[0])
        assert (phone.server_says, phone.data("status")) == ("genuine", "cannot_tell")
        assert phone.said("title") == "The ledger's key has changed"
        assert phone.is_above
        phone.page.get_by_text("Read the notes").click()
        assert phone.said("papers").count("log id.example.cn/ledger+") == 2


def test_two_histories_within_one_visit_are_a_fork_too(
    phone: Phone, shop: Shop, stage: PhoneStage, twin: OpenRegistry
) -> None:
    with twin() as other:
        acme = other.admit("acme", "69012345")
        other.issue(acme, 1)
        forked = other.registry.service.checkpoint()
        stage.changes["/ledger/checkpoint"] = lambda body: forked
        tile, entries = (other.registry.service.read_tile_path(f"tile/{kind}/000.p/3") for kind in ("0", "entries"))
        stage.changes["/ledger/tile/0/000.p/3"] = lambda body: tile
        stage.changes["/ledger/tile/entries/000.p/3"] = lambda body: entries
        phone.open(shop.codes["genuine"])
    assert (phone.data("status"), phone.data("reason")) == ("cannot_tell", "ledger_forked")
    assert phone.memory is None


def test_a_browser_that_keeps_nothing_says_so_and_checks_all_the_same(phone: Phone, shop: Shop) -> None:
    phone.page.add_init_script("Object.defineProperty(window, 'localStorage', { get() { throw new Error('no'); } })")
    phone.open(shop.codes["genuine"])
    assert phone.data("status") == "genuine"
    assert "Nothing is remembered" in phone.row("memory")


@pytest.mark.parametrize(("width", "language"), [(390, "zh"), (390, "en"), (1280, "zh"), (195, "en")])
@pytest.mark.parametrize("lie", [None, (Status.GENUINE, "genuine")])
def test_the_block_fits_every_width_and_can_be_worked_by_keyboard(
    browser: Browser, stage: PhoneStage, shop: Shop, width: int, language: str, lie: tuple[Status, str] | None
) -> None:
    stage.checker.lie = lie
    phone = open_phone(browser, stage, viewport={"width": width, "height": 844})
    page = phone.open(shop.codes["recalled"], language=language)
    heading = page.locator("#phone summary", has=page.locator("[data-part=count]"))
    heading.focus()
    page.keyboard.press("Enter")
    assert page.locator("#phone .steps").is_visible()
    assert page.evaluate(OVERFLOW) <= 0
    small = """() => [...document.querySelectorAll('#phone a, #phone button, #phone summary')]
        .map((e) => e.getBoundingClientRect()).filter(({ width, height }) => width > 0 && height < 43.5).length"""
    assert page.evaluate(small) == 0
    assert page.locator("#phone [role=status]").get_attribute("aria-live") == "polite"
    phone.context.close()
