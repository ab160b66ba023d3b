# SPDX-License-Identifier: Apache-2.0
"""Every page that people see, from real registries, and what is asked of each in the browser (WCAG 2.2)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tests.support.power_bank import GOOD_LOT, GTIN, RECALLED_LOT, PowerBank
from verifier.verdict import Status

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

    from tests.support.phone_shop import Shop
    from tests.support.phone_stage import PhoneStage

SETTLED = """() => {
    const phone = document.getElementById("phone");
    return !phone || ["done", "failed"].includes(phone.dataset.state);
}"""
ZOOMED_WIDTHS = (320, 195)  # CSS pixels that are left of 1280 at 400 % (WCAG 1.4.10), and of 390 at 200 %
LOCALES = {"zh": "zh-CN", "en": "en-GB"}


@dataclass(frozen=True, slots=True)
class Visit:
    """One page. `is_framed`: the badge, a part of somebody else's page. `lie`: what the server says instead."""

    name: str
    url: str
    is_framed: bool = False
    lie: tuple[Status, str] | None = None


def all_visits(bank: PowerBank, shop: Shop, stage: PhoneStage) -> list[Visit]:
    """A new page is one line here."""
    genuine = f"{stage.url}/check{shop.codes['genuine'].to_path()}"
    found = [
        Visit("landing", f"{bank.url}/"),
        Visit("form", f"{bank.url}/check"),
        Visit("scan", f"{bank.url}/scan"),
        Visit("offline", f"{bank.url}/check/offline"),
        Visit("problem", f"{bank.url}/nothing"),
        Visit("genuine with a product", f"{bank.url}/check{bank.good}"),
        Visit("recalled with a product", f"{bank.url}/check{bank.recalled}"),
        Visit("badge", f"{bank.url}/badge/01/{GTIN}/10/{GOOD_LOT}", is_framed=True),
        Visit("badge of a recalled lot", f"{bank.url}/badge/01/{GTIN}/10/{RECALLED_LOT}", is_framed=True),
        Visit("malformed", f"{stage.url}/check/01/1?x"),
        Visit("suspect", genuine, lie=(Status.SUSPECT, "many_provinces")),
        Visit("the phone differs", genuine, lie=(Status.COUNTERFEIT, "bad_signature")),
        Visit(
            "the phone is graver", f"{stage.url}/check{shop.codes['void'].to_path()}", lie=(Status.GENUINE, "genuine")
        ),
    ]
    alike = ("counterfeit/unknown_key", "counterfeit/key_revoked")  # one look with counterfeit/bad_signature
    codes = {name: code for name, code in shop.codes.items() if name not in alike}
    return found + [Visit(name, f"{stage.url}/check{code.to_path()}") for name, code in codes.items()]


@dataclass(frozen=True, slots=True)
class Reader:
    """How somebody looks at the pages."""

    language: str = "zh"
    scheme: str = "light"
    width: int = 390

    def __str__(self) -> str:
        return f"{self.language}-{self.scheme}-{self.width}"


@contextmanager
def reading(browser: Browser, reader: Reader, **more: Any) -> Iterator[Page]:
    """A page in a browser profile of its own; `more` are Playwright's options of a context."""
    options = {"locale": LOCALES[reader.language], "color_scheme": reader.scheme} | more
    context = browser.new_context(viewport={"width": reader.width, "height": 844}, **options)
    page = context.new_page()
    page.set_default_timeout(15_000)
    try:
        yield page
    finally:
        context.close()


def visit(page: Page, stage: PhoneStage, where: Visit) -> None:
    """Opens the page and waits until the phone's own check has said what it says."""
    stage.checker.lie = where.lie
    page.goto(where.url)
    page.wait_for_function(SETTLED)


OVERFLOW = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"

# WCAG 2.5.8 and 2.5.5 except links inside a sentence, whose size the line gives ("inline"), and what is not on the
# page until it has the focus (the skip link).
SMALL_TARGETS = """() => [...document.querySelectorAll("a, button, input, select, summary, label:has(input)")]
    .filter((e) => e.checkVisibility() && e.getBoundingClientRect().right > 0)
    .filter((e) => getComputedStyle(e).display !== "inline" || e.parentElement.innerText.trim() === e.innerText.trim())
    .filter((e) => !(e.matches("input") && e.closest("label")))
    .map((e) => [e.outerHTML.slice(0, 90), e.getBoundingClientRect()])
    .filter(([, box]) => box.height < 43.5 || box.width < 43.5)
    .map(([html, box]) => `${html} ${Math.round(box.width)}x${Math.round(box.height)}`)"""

HEADINGS = """() => [...document.querySelectorAll("h1, h2, h3, h4, h5, h6")].filter((e) => e.checkVisibility())
    .map((e) => ({ level: Number(e.tagName[1]), text: e.innerText, x: e.getBoundingClientRect().x,
                   y: e.getBoundingClientRect().y + scrollY }))"""

FRAME = """() => ({ lang: document.documentElement.lang, title: document.title, counts:
    ["main", "body > header", "body > footer", "h1"].map((selector) => document.querySelectorAll(selector).length) })"""

# In the order of the document; what is folded away or hidden is not to be reached.
NUMBER_STOPS = """() => {
    const stops = [...document.querySelectorAll("a[href], button, input, select, summary, [tabindex='0']")]
        .filter((e) => e.checkVisibility() && !e.disabled && !(e.type === "radio" && !e.checked));
    stops.forEach((e, index) => { e.dataset.stop = index; });
    return stops.length;
}"""
FOCUSED = """() => {
    const { outlineStyle, outlineWidth } = getComputedStyle(document.activeElement);
    const { dataset, outerHTML } = document.activeElement;
    return { stop: Number(dataset.stop ?? -1), html: outerHTML.slice(0, 90),
             isSeen: outlineStyle !== "none" && parseFloat(outlineWidth) >= 2 };
}"""

MOVING = """() => [...document.querySelectorAll("*")].filter((e) => {
    const { animationName, transitionDuration, scrollBehavior } = getComputedStyle(e);
    return animationName !== "none" || scrollBehavior === "smooth" ||
        transitionDuration.split(",").some((text) => parseFloat(text) > 0);
}).map((e) => e.outerHTML.slice(0, 90))"""

# What a page says when no style sheet is there; `colour` is that of the place where the title stands.
WITHOUT_STYLE = """() => {
    for (const sheet of document.querySelectorAll("style, link[rel=stylesheet]")) sheet.remove();
    const title = document.querySelector("h1");
    const band = title.closest("section") ?? document.querySelector("main");
    return { title: title.innerText, isVisible: title.checkVisibility(), status: band.dataset.status,
             colour: getComputedStyle(band).backgroundColor, icons: band.querySelectorAll("svg").length,
             outcomes: [...document.querySelectorAll("main > .cards .steps .word")].map((e) => e.textContent) };
}"""

PHONES = """() => [...document.querySelectorAll("a.call:has(strong)")].filter((e) => e.checkVisibility())
    .map((e) => ({ href: e.getAttribute("href"), number: e.querySelector("strong").innerText,
                   size: parseFloat(getComputedStyle(e.querySelector("strong")).fontSize) }))"""


@dataclass
class Findings:
    """What one page showed to one reader."""

    violations: list[str] = field(default_factory=list)
    small_targets: list[str] = field(default_factory=list)
    headings: list[dict[str, Any]] = field(default_factory=list)
    frame: dict[str, Any] = field(default_factory=dict)
    stops: list[tuple[int, dict[str, Any]]] = field(default_factory=list)
    moving: list[str] = field(default_factory=list)
    overflow: dict[int, int] = field(default_factory=dict)
    phones: list[dict[str, Any]] = field(default_factory=list)
    bare: dict[str, Any] = field(default_factory=dict)


def list_violations(page: Page) -> list[str]:
    """Axe's, as lines that begin with the impact."""
    from axe_playwright_python.sync_playwright import Axe

    found = Axe().run(page).response["violations"]
    return [f"{it['impact']} {it['id']}: {[node['html'][:120] for node in it['nodes'][:3]]}" for it in found]


def _press_tab_through(page: Page) -> list[tuple[int, dict[str, Any]]]:
    count = page.evaluate(NUMBER_STOPS)
    found: list[tuple[int, dict[str, Any]]] = []
    for stop in range(count):
        page.keyboard.press("Tab")
        found.append((stop, page.evaluate(FOCUSED)))
    return found


def look_at(page: Page, reader: Reader) -> Findings:
    """Everything that can be asked of the page that is open. Afterwards it is of no more use."""
    found = Findings(headings=page.evaluate(HEADINGS), frame=page.evaluate(FRAME), phones=page.evaluate(PHONES))
    found.stops = _press_tab_through(page)
    page.evaluate("document.querySelectorAll('details').forEach((it) => { it.open = true; })")
    found.violations, found.small_targets = list_violations(page), page.evaluate(SMALL_TARGETS)
    for width in ZOOMED_WIDTHS:
        page.set_viewport_size({"width": width, "height": 844})
        found.overflow[width] = page.evaluate(OVERFLOW)
    page.set_viewport_size({"width": reader.width, "height": 844})
    page.emulate_media(reduced_motion="reduce")
    found.moving = page.evaluate(MOVING)
    found.bare = page.evaluate(WITHOUT_STYLE)
    return found


def walk(browser: Browser, stage: PhoneStage, visits: list[Visit], reader: Reader) -> dict[str, Findings]:
    """All pages, seen by one reader in one browser profile."""
    found: dict[str, Findings] = {}
    with reading(browser, reader) as page:
        for where in visits:
            page.emulate_media(reduced_motion=None)
            visit(page, stage, where)
            found[where.name] = look_at(page, reader)
    return found
