# SPDX-License-Identifier: Apache-2.0
"""A shop whose registry reaches every status, and a phone in real Chromium that checks its codes."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from tests.support.makers import Maker, SigningKey, both, make_gtin, sign_code
from tests.support.phone_stage import PhoneStage
from tests.support.registries import Workshop
from verifier.protocol.product_code import ProductCode
from verifier.protocol.statements.products import CodesVoided, SeqRange
from verifier.protocol.statements.recall import RecallPublished
from verifier.protocol.statements.registry import KeyRevoked

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Page

DONE = "() => ['done', 'failed'].includes(document.getElementById('phone').dataset.state)"
OVERFLOW = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"
IS_ABOVE = "() => document.querySelector('main > section').id === 'phone'"
MEMORY = "product-passport/seen/v1"
# A browser of 2023: its WebCrypto does not know the name.
FORGET_ED25519 = """
    const { importKey } = SubtleCrypto.prototype;
    SubtleCrypto.prototype.importKey = function (format, key, algorithm, ...rest) {
        if ((algorithm.name ?? algorithm) === "Ed25519") {
            return Promise.reject(new DOMException("Unrecognized name.", "NotSupportedError"));
        }
        return importKey.call(this, format, key, algorithm, ...rest);
    };
"""


@dataclass
class Shop:
    """A registry with one maker who recalled lot L1; `codes` by the status that they must have."""

    workshop: Workshop
    maker: Maker
    codes: dict[str, ProductCode] = field(default_factory=dict)


def stock(workshop: Workshop) -> Shop:
    """Every status that a real registry reaches."""
    acme = workshop.admit("acme", "69012345")
    recalled, good, partly_void, unsent = (
        workshop.issue(acme, number, lot=f"L{number}", upload=number < 4) for number in (1, 2, 3, 4)
    )
    bolt = workshop.admit("bolt", "69077777")
    late = workshop.issue(bolt, 1)
    workshop.say(RecallPublished(workshop.header("acme"), "acme/1", workshop.notice(acme, lot="L1")), acme.key)
    workshop.say(CodesVoided(workshop.header("acme"), 3, (SeqRange(1, 2),), both("misprint")), acme.key)
    assert late.index is not None
    revoked = KeyRevoked(workshop.header("registry"), "bolt", bolt.key.key_id, late.index, "stolen")
    workshop.say(revoked, workshop.operator)
    nobody = SigningKey("a key that nobody registered")
    moved_seal = replace(good.codes[2].seal, seq=1)
    return Shop(
        workshop,
        acme,
        {
            "genuine": good.codes[1],
            "recalled": recalled.codes[1],
            "void": partly_void.codes[1],
            "not_logged": sign_code(acme.key, gtin=acme.gtin(), batch=9, seq=1),
            "counterfeit/bad_signature": ProductCode(acme.gtin(), good.codes[1].serial, moved_seal),
            "counterfeit/unknown_key": sign_code(nobody, gtin=acme.gtin(), batch=2, seq=1),
            "counterfeit/unknown_prefix": sign_code(acme.key, gtin=make_gtin("6988888"), batch=2, seq=1),
            "counterfeit/key_revoked": late.codes[1],
            "cannot_tell": unsent.codes[1],
        },
    )


@dataclass
class Phone:
    """One browser profile in front of the stage. `complaints`: what its console says of blocked or broken things."""

    context: BrowserContext
    page: Page
    url: str
    complaints: list[str]

    def open(self, code: ProductCode | str, *, language: str = "en") -> Page:
        path = code if isinstance(code, str) else code.to_path()
        self.page.goto(f"{self.url}/check{path}{'&' if '?' in path else '?'}lang={language}")
        self.page.wait_for_function(DONE)
        return self.page

    def said(self, name: str) -> str:
        return self.page.locator(f"#phone [data-part={name}]").inner_text()

    def data(self, name: str) -> str | None:
        return self.page.locator("#phone").get_attribute(f"data-{name}")

    @property
    def server_says(self) -> str | None:
        return self.page.locator(".verdict[data-status]").get_attribute("data-status")

    @property
    def is_above(self) -> bool:
        return bool(self.page.evaluate(IS_ABOVE))

    @property
    def memory(self) -> dict[str, Any] | None:
        text = self.page.evaluate("(key) => localStorage.getItem(key)", MEMORY)
        return None if text is None else dict(json.loads(text))

    def step(self, number: int) -> str | None:
        return self.page.locator(f"#phone [data-step='{number}']").get_attribute("class")

    def row(self, name: str) -> str:
        return self.page.locator(f"#phone [data-row={name}] dd").text_content() or ""


def open_phone(browser: Browser, stage: PhoneStage, **options: Any) -> Phone:
    """Without service worker unless `service_workers="allow"`: what a test intercepts would pass by it."""
    usual = {"viewport": {"width": 390, "height": 844}, "locale": "en-GB", "service_workers": "block"}
    context = browser.new_context(**usual | options)
    page = context.new_page()
    page.set_default_timeout(15_000)
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    return Phone(context, page, stage.url, complaints)
