# SPDX-License-Identifier: Apache-2.0
"""Makes the pictures of the README from a real registry: `make screenshots`. Needs Chromium and CJK fonts."""

from __future__ import annotations

import io
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from PIL import Image

from tests.support.browser import open_browser
from tests.support.power_bank import PowerBank, power_bank_registry
from tests.support.reach import SETTLED
from tests.web.scan.conftest import FAKE_CAMERA
from tests.web.scan.label_film import write_film
from verifier.protocol.product_code import parse_product_code

if TYPE_CHECKING:
    from playwright.sync_api import Browser, ViewportSize

FOLDER = Path(__file__).parent
PHONE: ViewportSize = {"width": 390, "height": 844}
GAP = 48  # pixels between two phones
COLOURS = 96
MAX_SIZE = 200_000  # bytes of a picture
LIST_MODE = "localStorage.setItem('product-passport/scan-mode/v1', 'list')"


def take(browser: Browser, address: str, locale: str, *, ready: str, script: str = "") -> Image.Image:
    """What a phone shows at first sight, once `ready` (a selector or a function) holds."""
    context = browser.new_context(viewport=PHONE, device_scale_factor=2, locale=locale, color_scheme="light")
    try:
        page = context.new_page()
        if script:
            page.add_init_script(script)
        page.goto(address)
        if ready.startswith("()"):
            page.wait_for_function(ready)
        else:
            page.locator(ready).first.wait_for()
        page.wait_for_timeout(1500)
        return Image.open(io.BytesIO(page.screenshot())).convert("RGB")
    finally:
        context.close()


def save(name: str, phones: list[Image.Image], *, scale: float = 1.0) -> None:
    """Phones side by side on a clear ground, in few colours."""
    width = sum(phone.width for phone in phones) + GAP * (len(phones) - 1)
    sheet = Image.new("RGB", (width, phones[0].height), "white")
    for number, phone in enumerate(phones):
        sheet.paste(phone, (number * (phone.width + GAP), 0))
    sheet = sheet.resize((round(sheet.width * scale), round(sheet.height * scale)), Image.Resampling.LANCZOS)
    path = FOLDER / name
    sheet.quantize(COLOURS, dither=Image.Dither.NONE).save(path, optimize=True)
    size = path.stat().st_size
    print(f"{path.name}: {sheet.width} x {sheet.height}, {size} bytes")
    if size > MAX_SIZE:
        sys.exit(f"{path.name} is larger than {MAX_SIZE} bytes")


def show_check(browser: Browser, bank: PowerBank) -> None:
    good, recalled = f"{bank.url}/check{bank.good}", f"{bank.url}/check{bank.recalled}"
    pages = [(good, "zh-CN"), (recalled, "en-GB")]
    save("check-page.png", [take(browser, address, locale, ready=SETTLED) for address, locale in pages])


@contextmanager
def filming(film: Path) -> Iterator[Browser]:
    """A browser whose camera sees the film."""
    with open_browser(*FAKE_CAMERA, f"--use-file-for-fake-video-capture={film}") as browser:
        yield browser


def main() -> None:
    with tempfile.TemporaryDirectory() as name, power_bank_registry(Path(name)) as bank:
        label = parse_product_code(bank.good).to_qr_text(bank.url.removeprefix("http://"))
        address = f"{bank.url}/scan"
        with filming(write_film(Path(name) / "far.y4m", label, side=72)) as browser:
            show_check(browser, bank)
            aiming = take(browser, address, "zh-CN", ready="#scan[data-camera=on] [data-part=hint]:not([hidden])")
        with filming(write_film(Path(name) / "near.y4m", label)) as browser:
            found = take(browser, address, "en-GB", ready="[data-part=result]:not([hidden])", script=LIST_MODE)
        save("scan-page.png", [aiming, found], scale=0.5)  # a film is noisy, and noise is large


if __name__ == "__main__":
    main()
