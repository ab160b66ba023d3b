# SPDX-License-Identifier: Apache-2.0
"""The service worker keeps pages and scripts of one deployment, never a verdict; the app can be installed."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from tests.support.offline_phone import READY, OfflinePhone
from tests.support.phone_shop import Shop
from tests.support.phone_stage import PhoneStage
from verifier.web.static_files import find_scripts, scripts_version

if TYPE_CHECKING:
    from playwright.sync_api import Page

OTHER = "feedfacefeed"
CACHES = "() => caches.keys()"
KEPT = """async () => {
    const kept = [];
    for (const name of await caches.keys()) {
        for (const request of await (await caches.open(name)).keys()) kept.push(new URL(request.url).pathname);
    }
    return kept;
}"""


def kept_by(page: Page) -> list[str]:
    return list(page.evaluate(KEPT))


def test_a_visit_of_the_check_page_keeps_the_shell_and_its_scripts_and_no_answer_of_the_server(
    phone: OfflinePhone, shop: Shop
) -> None:
    phone.visit(shop.codes["genuine"])
    phone.visit(shop.codes["recalled"])
    kept = kept_by(phone.page)
    assert "/check/offline" in kept
    root = f"/static/{scripts_version()}/"
    assert set(find_scripts().preload) | {find_scripts().entry, f"{root}verifier/tile.mjs"} <= set(kept)
    for path in kept:
        assert path == "/check/offline" or path.startswith("/static/"), path
        assert not path.endswith((".wasm", "badge.mjs", "badge_stream.mjs", "service_worker.js"))
        assert "zxing" not in path, "a shopper does not download the decoder"


def test_a_visit_of_the_scan_page_brings_the_decoder(phone: OfflinePhone) -> None:
    page = phone.page
    page.goto(f"{phone.url}/scan?lang=en")
    page.evaluate(READY)
    phone.wait_until("async () => Boolean(await caches.match('/scan', { ignoreVary: true }))")
    assert any(path.endswith(".wasm") for path in kept_by(page))
    phone.lose_network()
    page.goto(f"{phone.url}/scan")
    assert page.locator("h1").first.is_visible()
    assert page.locator("html").get_attribute("lang") == "en"


def test_a_visit_of_the_landing_page_is_enough_to_open_the_shell(phone: OfflinePhone, shop: Shop) -> None:
    phone.page.goto(f"{phone.url}/?lang=en")
    phone.page.evaluate(READY)
    phone.lose_network()
    phone.open(shop.codes["genuine"])
    assert phone.is_shell


def test_with_a_network_the_servers_own_page_is_shown(phone: OfflinePhone, shop: Shop, stage: PhoneStage) -> None:
    phone.visit(shop.codes["genuine"])
    stage.asked.clear()
    phone.visit(shop.codes["genuine"])
    assert phone.server_says == "genuine"
    assert any(path.startswith("/check/01/") for path in stage.asked)
    assert any(path.startswith("/ledger/snapshot/gtin/") for path in stage.asked)


@pytest.mark.parametrize("path", ["/badge/01/06901234500011/10/L2", "/api/v1/registry", "/"])
def test_other_addresses_have_no_stand_in(phone: OfflinePhone, shop: Shop, path: str) -> None:
    phone.visit(shop.codes["genuine"])
    phone.lose_network()
    with pytest.raises(Exception, match="ERR_INTERNET_DISCONNECTED"):
        phone.page.goto(phone.url + path)


def deploy(stage: PhoneStage) -> None:
    """Another deployment: every page and script has the addresses of another scripts version."""
    old, new = scripts_version().encode(), OTHER.encode()

    def worker(body: bytes) -> bytes:
        return re.sub(rb'"version": "\w+"', b'"version": "0123456789ab"', body.replace(old, new))

    stage.changes = {"/service-worker.js": worker}
    stage.renamed = {OTHER: scripts_version(), scripts_version(): OTHER}
    for path in ("/check", "/scan", "/01"):
        stage.changes[path] = lambda body: body.replace(old, new)


def test_a_new_deployment_replaces_what_is_kept(phone: OfflinePhone, shop: Shop, stage: PhoneStage) -> None:
    phone.visit(shop.codes["genuine"])
    (before,) = phone.page.evaluate(CACHES)
    deploy(stage)
    phone.visit(shop.codes["genuine"])
    phone.wait_until(f"async () => !(await caches.keys()).includes('{before}')")
    assert phone.page.evaluate(CACHES) == ["product-passport-0123456789ab"]
    kept = kept_by(phone.page)
    assert f"/static/{OTHER}/check.mjs" in kept
    assert not [path for path in kept if scripts_version() in path]
    phone.lose_network()
    phone.open(shop.codes["genuine"])
    assert (phone.is_shell, phone.data("status")) == (True, "genuine")


def test_a_page_of_a_new_deployment_is_never_kept_beside_old_scripts(
    phone: OfflinePhone, shop: Shop, stage: PhoneStage
) -> None:
    """The old worker is still there, because the new one cannot be installed."""
    phone.visit(shop.codes["genuine"])
    deploy(stage)
    stage.changes["/service-worker.js"] = lambda _: None
    phone.visit(shop.codes["genuine"])
    shell = "async () => (await caches.match('/check/offline', { ignoreVary: true })).text()"
    assert f"/static/{scripts_version()}/check.mjs" in phone.page.evaluate(shell)
    phone.lose_network()
    phone.open(shop.codes["genuine"])
    assert (phone.is_shell, phone.data("status")) == (True, "genuine")


def test_a_script_of_another_deployment_is_never_kept_at_an_address_of_this_one(
    phone: OfflinePhone, shop: Shop, stage: PhoneStage
) -> None:
    """Two servers behind one name while a new version is put in place: worker and page of one, scripts of the other."""
    phone.visit(shop.codes["genuine"])
    deploy(stage)
    stage.renamed = {}
    phone.visit(shop.codes["genuine"])
    phone.page.wait_for_timeout(1000)
    assert not [path for path in kept_by(phone.page) if OTHER in path]
    phone.lose_network()
    phone.open(shop.codes["genuine"])
    assert (phone.is_shell, phone.data("status")) == (True, "genuine")


def test_a_worker_that_the_server_has_no_more_is_removed(phone: OfflinePhone, shop: Shop, stage: PhoneStage) -> None:
    """The kill switch. Browsers do not do this by themselves, whatever one reads: the page does."""
    phone.visit(shop.codes["genuine"])
    stage.gone.add("/service-worker.js")
    phone.open(shop.codes["genuine"])
    phone.wait_until("async () => (await navigator.serviceWorker.getRegistrations()).length === 0")
    phone.wait_until("async () => (await caches.keys()).length === 0")
    phone.open(shop.codes["genuine"])
    assert (phone.server_says, phone.data("status")) == ("genuine", "genuine")


@pytest.mark.parametrize(("language", "name"), [("zh", "产品数字护照"), ("en", "Product digital passport")])
def test_the_app_can_be_installed(phone: OfflinePhone, language: str, name: str) -> None:
    page = phone.page
    page.goto(f"{phone.url}/?lang={language}")
    page.evaluate(READY)
    session = phone.context.new_cdp_session(page)
    manifest = session.send("Page.getAppManifest")
    assert manifest["errors"] == []
    assert manifest["url"].endswith(f"/manifest.webmanifest?lang={language}")
    assert f'"name": "{name}"' in manifest["data"]
    errors = session.send("Page.getInstallabilityErrors")["installabilityErrors"]
    assert [error for error in errors if error["errorId"] != "in-incognito"] == []
