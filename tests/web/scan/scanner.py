# SPDX-License-Identifier: Apache-2.0
"""The scan page in one browser profile, and what it complains of."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Page

    from tests.support.phone_stage import PhoneStage

LIST_MODE = "localStorage.setItem('product-passport/scan-mode/v1', 'list');"
WATCH = """
    window.violations = [];
    addEventListener("securitypolicyviolation", (event) => violations.push(event.violatedDirective));
    window.cameraCalls = 0;
    const { getUserMedia } = MediaDevices.prototype;
    MediaDevices.prototype.getUserMedia = function (...args) {
        window.cameraCalls += 1;
        return getUserMedia.apply(this, args);
    };
"""
FOUND = (
    "async ([entry, texts]) => { const page = await import(entry); for (const text of texts) await page.found(text); }"
)


@dataclass
class Scanner:
    """`complaints`: what its console says. `asked`: every request of the page, to whatever host."""

    context: BrowserContext
    page: Page
    url: str
    complaints: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)

    def start(self, *, language: str = "en", script: str = "") -> Page:
        """As `open`, for a camera that may have found its code before anybody looks."""
        if script:
            self.page.add_init_script(script)
        self.page.goto(f"{self.url}/scan?lang={language}")
        return self.page

    def open(self, *, language: str = "en", script: str = "") -> Page:
        self.start(language=language, script=script)
        self.page.wait_for_selector("#scan[data-state=ready]")
        return self.page

    def part(self, name: str) -> str:
        return self.page.locator(f"#scan [data-part={name}]").inner_text()

    def sees(self, name: str) -> bool:
        return self.page.locator(f"#scan [data-part={name}]").is_visible()

    def data(self, name: str) -> str | None:
        return self.page.locator("#scan").get_attribute(f"data-{name}")

    def type(self, text: str) -> None:
        self.page.fill("#scan-code", text)
        self.page.locator("form.ask button").click()

    def find(self, *texts: str) -> None:
        """What the camera does when it has read a code: the same function, so many times."""
        entry = self.page.locator("script[type=module]").first.get_attribute("src")
        self.page.evaluate(FOUND, [entry, list(texts)])

    @property
    def camera_calls(self) -> int:
        return int(self.page.evaluate("window.cameraCalls"))

    @property
    def violations(self) -> list[str]:
        return list(self.page.evaluate("window.violations"))

    def wait_for_card(self, name: str) -> None:
        self.page.wait_for_selector(f"#scan [data-part={name}]:not([hidden])")


@contextmanager
def open_scanner(browser: Browser, stage: PhoneStage, **options: Any) -> Iterator[Scanner]:
    context = browser.new_context(**{"viewport": {"width": 390, "height": 844}, "locale": "en-GB"} | options)
    page = context.new_page()
    page.set_default_timeout(15_000)
    scanner = Scanner(context, page, stage.url)
    page.add_init_script(WATCH)
    page.on("console", lambda message: scanner.complaints.append(message.text))
    page.on("pageerror", lambda error: scanner.complaints.append(str(error)))
    page.on("request", lambda request: scanner.asked.append(request.url))
    try:
        yield scanner
    finally:
        context.close()
