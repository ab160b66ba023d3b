# SPDX-License-Identifier: Apache-2.0
"""A real registry, a real node and a real browser: bound by the gate, green, recalled by the maker's own command."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from passport.signing import Signer
from tests.badge.stage import FOREIGN_HOST, REGISTRY, Shops
from tests.support.browser import open_browser
from tests.support.live_registry import EXAMPLES, read_codes
from tests.support.live_shop import make_shop_tokens
from tests.support.platforms import admit_platform, load_signer, sign_badge
from tests.support.registry_process import RegistryProcess
from verifier.client import ApiClient
from verifier.listing_types import ListingInfo, ListingInput, Seller

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

URL = "https://shop.example.cn/item?id=7"
ISSUER, LOT = "powerbank", "L1"
pytestmark = pytest.mark.timeout(240)


@dataclass
class Scene:
    process: RegistryProcess
    client: ApiClient
    signer: Signer
    listing: ListingInfo
    maker: dict[str, str]


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    """The example product without its certificate, of which no laboratory speaks here."""
    folder = tmp_path_factory.mktemp("registry")
    product = json.loads((EXAMPLES / "products" / "power-bank.json").read_text(encoding="utf-8"))
    del product["characteristics"]["cccCertificateNumber"]
    (folder / "product.json").write_text(json.dumps(product, ensure_ascii=False), encoding="utf-8")
    with RegistryProcess(folder) as process:
        key = process.admit(ISSUER, EXAMPLES / "makers" / "power-bank.toml")
        maker = {"PASSPORT_ISSUER": ISSUER, "PASSPORT_KEY": str(key)}
        process.must("product", "publish", str(folder / "product.json"), **maker)
        about = ("--gtin", product["gtin"], "--lot", LOT, "--count", "20", "--production-date", "2026-03-18")
        process.must("issue", *about, "--workers", "1", "--quiet", "--yes", "--out", str(folder / LOT), **maker)
        signer = load_signer(process, admit_platform(process))
        token = make_shop_tokens(process)["PASSPORT_TOKEN"]
        client = ApiClient(process.url, token=token)
        code = read_codes(folder / LOT)[3]
        wanted = ListingInput(URL, Seller("s-1", "某某旗舰店"), product["gtin"].zfill(14), (LOT,), (code,))
        listing = client.create_listing(wanted, key="badge-listing-1")
        decision = client.bind_listing(listing.id, key="badge-binding-1")
        assert decision.outcome == "bound", decision.reasons
        yield Scene(process, client, signer, client.find_listing(listing.id), maker)


@pytest.fixture(scope="module")
def shops(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shops]:
    with Shops(tmp_path_factory.mktemp("shops")) as shops:
        yield shops


@pytest.fixture(scope="module")
def browser(shops: Shops) -> Iterator[Browser]:
    with open_browser(shops.rules) as browser:
        yield browser


@pytest.fixture
def page(browser: Browser, shops: Shops, scene: Scene) -> Iterator[Page]:
    shops.tunnel.port_behind = scene.process.port
    shops.token = sign_badge(scene.signer, scene.process.origin, scene.listing)
    context = browser.new_context(viewport={"width": 390, "height": 844}, ignore_https_errors=True)
    page = context.new_page()
    yield page
    context.close()


def wait_for(page: Page, colour: str, seconds: float = 10) -> None:
    page.frame_locator("iframe").locator(f".verdict.is-{colour}").wait_for(timeout=seconds * 1000)


def recall(scene: Scene, number: str) -> str:
    notice = EXAMPLES / "recall-power-bank.toml"
    text = notice.read_text(encoding="utf-8").partition("[[scope]]")[0].replace("2026-001", number)
    file = scene.process.directory / f"{number}.toml"
    file.write_text(f'{text}\n[[scope]]\ngtin = "{scene.listing.gtin.lstrip("0")}"\nlot = "{LOT}"\n', encoding="utf-8")
    scene.process.must("recall", "publish", str(file), "--yes", **scene.maker)
    return f"{ISSUER}/{number}"


def test_1_foreign_places_reach_the_platform_by_its_api(page: Page, scene: Scene) -> None:
    page.goto(f"https://{FOREIGN_HOST}/fake?visitor=7")
    page.wait_for_timeout(1000)
    assert page.frames[1].url.startswith("chrome-error:")
    page.goto("https://shop.example.cn/item?id=8")
    wait_for(page, "grey")
    deadline = time.monotonic() + 10
    while len(found := scene.client.list_badge_alerts(listing=scene.listing.id).alerts) < 2:
        assert time.monotonic() < deadline, found
        time.sleep(0.2)
    assert {(alert.reason, alert.place) for alert in found} == {
        ("foreign_origin", f"https://{FOREIGN_HOST}/fake"),
        ("another_page", "https://shop.example.cn/item?id=8"),
    }


def test_2_a_node_serves_it_while_the_registry_is_down(page: Page, scene: Scene, shops: Shops, tmp_path: Path) -> None:
    from tests.support.registry_process import free_port

    port = free_port()
    words = ["serve", "--registry", scene.process.url, "--state", str(tmp_path), "--listen", f"127.0.0.1:{port}"]
    command = [sys.executable, "-m", "verifier", *words, "--trust-first-use", "--poll-seconds", "0.3"]
    node = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        client = ApiClient(f"http://127.0.0.1:{port}")
        deadline = time.monotonic() + 30
        while True:
            try:
                if client.listing_badge_status(shops.token).status == "good":
                    break
            except Exception:  # it is not up yet
                time.sleep(0.2)
            assert time.monotonic() < deadline
        scene.process.stop()
        shops.tunnel.port_behind = port
        page.goto(URL)
        wait_for(page, "green")
        page.goto(f"https://{FOREIGN_HOST}/fake")
        page.wait_for_timeout(500)
        assert page.frames[1].url.startswith("chrome-error:")
    finally:
        node.terminate()
        node.wait(20)
        scene.process.serve()


def test_3_a_published_recall_is_red_text_within_five_seconds(page: Page, scene: Scene, shops: Shops) -> None:
    page.goto(URL)
    wait_for(page, "green")
    started = time.monotonic()
    recall(scene, "2026-009")
    published = time.monotonic()
    wait_for(page, "red", 5)
    assert time.monotonic() - published < 5, time.monotonic() - started
    title = page.frame_locator("iframe").locator("h1").inner_text()
    assert title in ("正在召回，请勿购买", "Recalled: do not buy")
    status = scene.client.listing_badge_status(sign_badge(scene.signer, scene.process.origin, scene.listing))
    assert (status.status, status.page) == ("recalled", "not_checked")
    embedded = scene.client.oembed(f"{scene.process.url}/badge/listing/{shops.token}/about", maxwidth=200)
    assert embedded.width == 200 and shops.token in embedded.html
    about = page.frame_locator("iframe").get_by_role("link").get_attribute("href")
    page.goto(f"{REGISTRY}{about}")
    for entry in page.locator(".proofs a").all():
        answer = page.request.get(scene.process.url + str(entry.get_attribute("href")))
        assert answer.status == 200 and len(answer.body()) > 100, "each proof can be downloaded"
