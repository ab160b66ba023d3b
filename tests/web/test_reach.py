# SPDX-License-Identifier: Apache-2.0
"""Every page within reach: axe, targets, zoom, order, keyboard, colour, motion, paper, telephones. WCAG 2.2.

The pages stand in tests/support/reach.py; a new one is a line there.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pypdfium2
import pytest

from passport.settings import Settings
from tests.support.browser import open_browser
from tests.support.phone_shop import Shop, stock
from tests.support.phone_stage import PhoneStage
from tests.support.power_bank import PowerBank, power_bank_registry
from tests.support.reach import OVERFLOW, Findings, Reader, Visit, all_visits, list_violations, reading, visit, walk
from tests.support.registries import make_template, running_registry
from verifier.verdict import Status

if TYPE_CHECKING:
    from playwright.sync_api import Browser

SERIOUS = ("serious", "critical")
# Each two of language, scheme and width meet in one of them.
READERS = [
    Reader("zh", "light", 390),
    Reader("en", "dark", 390),
    Reader("en", "light", 1280),
    Reader("zh", "dark", 1280),
]
MAKERS_PHONE = "400-000-0001"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with open_browser() as browser:
        yield browser


@pytest.fixture(scope="module")
def bank(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PowerBank]:
    with power_bank_registry(tmp_path_factory.mktemp("bank")) as bank:
        yield bank


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    template: Settings = make_template(tmp_path_factory.mktemp("template"))
    with running_registry(template, tmp_path_factory.mktemp("registry")) as workshop:
        yield stock(workshop)


@pytest.fixture(scope="module")
def stage(shop: Shop) -> Iterator[PhoneStage]:
    with PhoneStage() as stage:
        stage.show(shop.workshop)
        yield stage


@pytest.fixture(scope="module")
def visits(bank: PowerBank, shop: Shop, stage: PhoneStage) -> list[Visit]:
    return all_visits(bank, shop, stage)


@pytest.fixture(
    scope="module",
    params=[pytest.param(reader, marks=pytest.mark.xdist_group(f"reach-{reader}")) for reader in READERS],
    ids=str,
)
def walked(
    request: pytest.FixtureRequest, browser: Browser, stage: PhoneStage, visits: list[Visit]
) -> dict[str, Findings]:
    """What one reader found on all pages."""
    return walk(browser, stage, visits, request.param)


def serious(found: list[str]) -> list[str]:
    return [line for line in found if line.startswith(SERIOUS)]


def test_axe_finds_nothing_serious_on_any_page(walked: dict[str, Findings]) -> None:
    found = {name: serious(it.violations) for name, it in walked.items()}
    assert {name: lines for name, lines in found.items() if lines} == {}


def test_axe_would_find_something_serious(browser: Browser, bank: PowerBank) -> None:
    with reading(browser, Reader()) as page:
        page.goto(bank.url)
        page.evaluate("document.querySelector('h1').style.color = '#ddd'")
        page.evaluate("document.querySelector('label').remove()")
        assert len(serious(list_violations(page))) == 2


def test_every_target_measures_44_by_44_px_at_least(walked: dict[str, Findings]) -> None:
    assert {name: it.small_targets for name, it in walked.items() if it.small_targets} == {}


def test_nothing_scrolls_sideways_when_the_page_is_zoomed(walked: dict[str, Findings]) -> None:
    """WCAG 1.4.10: zoom leaves fewer CSS pixels, here those of reach.ZOOMED_WIDTHS."""
    assert {name: it.overflow for name, it in walked.items() if max(it.overflow.values()) > 0} == {}


def test_text_alone_grows_to_200_percent_without_scrolling_sideways(
    browser: Browser, stage: PhoneStage, visits: list[Visit]
) -> None:
    """WCAG 1.4.4: the reader's own font size is twice the usual one, and the page follows it."""
    found: dict[str, int] = {}
    with reading(browser, Reader("en")) as page:
        session = page.context.new_cdp_session(page)
        session.send("Page.setFontSizes", {"fontSizes": {"standard": 32, "fixed": 26}})
        for where in visits:
            visit(page, stage, where)
            assert page.evaluate("getComputedStyle(document.querySelector('main')).fontSize") == "32px", where.name
            found[where.name] = page.evaluate(OVERFLOW)
    assert {name: pixels for name, pixels in found.items() if pixels > 0} == {}


def test_headings_are_read_in_the_order_in_which_they_are_seen(walked: dict[str, Findings]) -> None:
    """One h1; no level is left out on the way down; each heading stands below the one before it, or right of it."""
    for name, it in walked.items():
        assert [heading["level"] for heading in it.headings].count(1) == 1, name
        for before, after in zip(it.headings, it.headings[1:], strict=False):
            assert after["level"] <= max(before["level"], 1) + 1, (name, before, after)
            assert after["y"] > before["y"] or after["x"] > before["x"] + 100, (name, before, after)


def test_every_page_has_its_landmarks_its_language_and_a_title(
    walked: dict[str, Findings], visits: list[Visit], request: pytest.FixtureRequest
) -> None:
    reader: Reader = request.node.callspec.params["walked"]
    for where in visits:
        frame = walked[where.name].frame
        around = 0 if where.is_framed else 1
        assert frame["counts"] == [1, around, around, 1], where.name
        assert frame["lang"] == {"zh": "zh-CN", "en": "en"}[reader.language]
        assert frame["title"].strip()


def test_a_status_is_known_without_any_colour(walked: dict[str, Findings]) -> None:
    """Without the style sheet its words are still there, no two have the same, and each has a shape of its own."""
    titles: dict[str, set[str]] = {}
    for name, it in walked.items():
        assert it.bare["colour"] == "rgba(0, 0, 0, 0)" and it.bare["isVisible"]
        if it.bare.get("status") and not name.startswith("badge"):
            kind = name if name.endswith("unknown_prefix") else it.bare["status"]
            titles.setdefault(kind, set()).add(it.bare["title"])
            assert it.bare["icons"] >= 1
            assert len(it.bare["outcomes"]) == 11 and all(it.bare["outcomes"]), "each step says what came of it"
    assert set(titles) == {*Status, "counterfeit/unknown_prefix"}
    assert len(set().union(*titles.values())) == len(titles) == sum(map(len, titles.values()))


def test_every_control_is_reached_by_the_tab_key_in_order_and_shows_the_focus(walked: dict[str, Findings]) -> None:
    for name, it in walked.items():
        assert it.stops or name.startswith("badge"), name
        for stop, focused in it.stops:
            assert focused["stop"] == stop, (name, stop, focused)
            assert focused["isSeen"], (name, focused)


def test_nothing_moves_for_whoever_asks_for_less_motion(walked: dict[str, Findings]) -> None:
    assert {name: it.moving for name, it in walked.items() if it.moving} == {}


def test_telephone_numbers_are_large_and_can_be_tapped(walked: dict[str, Findings], visits: list[Visit]) -> None:
    for where in visits:
        phones = walked[where.name].phones
        for phone in phones:
            assert phone["size"] >= 20, (where.name, phone)
            assert phone["href"] == f"tel:{re.sub('[^0-9+]', '', phone['number'])}", where.name
        if "/check/01/0" in where.url:
            assert "12315" in {phone["number"] for phone in phones}, where.name
    assert MAKERS_PHONE in {phone["number"] for phone in walked["genuine with a product"].phones}


def text_of(pdf: bytes) -> str:
    document = pypdfium2.PdfDocument(pdf)
    return re.sub(r"\s+", "", "".join(page.get_textpage().get_text_range() for page in document))


@pytest.mark.parametrize("language", ["zh", "en"])
def test_what_is_printed_keeps_verdict_date_phone_number_and_checks(
    browser: Browser, bank: PowerBank, stage: PhoneStage, language: str
) -> None:
    with reading(browser, Reader(language)) as page:
        for path in (bank.good, bank.recalled):
            visit(page, stage, Visit("printed", f"{bank.url}/check{path}"))
            kept = [page.locator("h1").inner_text(), MAKERS_PHONE, "12315"]
            kept += page.locator(".verdict time").all_inner_texts()
            kept += [page.locator(".rows dd.code").first.text_content() or ""]
            kept += page.locator("section.wide .steps li span:nth-of-type(2)").all_text_contents()
            printed = text_of(page.pdf())
            missing = [text for text in kept if re.sub(r"\s+", "", text) not in printed]
            assert missing == []
            assert len(kept) > 15
