# SPDX-License-Identifier: Apache-2.0
"""The card's two forms in a real browser without script, and a page opened from another site."""

from __future__ import annotations

from tests.counting.conftest import PHONE, Shop
from tests.support.browser import open_browser
from tests.support.web_server import WebServer
from verifier.web.ports import Visit


def test_place_and_opening_are_told_without_script_and_other_sites_links_are_not_counted(shop: Shop) -> None:
    with WebServer(shop.client.application) as server, open_browser() as browser:
        context = browser.new_context(
            viewport={"width": 390, "height": 844}, locale="en-GB", java_script_enabled=False, user_agent=PHONE
        )
        page = context.new_page()
        page.set_default_timeout(10_000)
        page.goto(server.url + shop.path(0))
        card = page.locator(".counts")
        assert "You are the first to check it." in card.inner_text()
        card.locator("select").select_option("51")
        card.get_by_role("button", name="Tell").click()
        page.wait_for_load_state()
        assert page.locator(".counts select").count() == 0
        page.get_by_role("button", name="I have just opened it").click()
        page.wait_for_load_state()
        assert "Somebody said that it was opened." in page.locator(".counts").inner_text()
        verdict = shop.workshop.registry.checker.check(shop.batch.codes[0].to_path())
        count = shop.recorder.find_count(verdict, Visit("192.0.2.1", "x"))
        assert count is not None
        assert (count.facts.sessions, count.facts.chosen_provinces) == (1, (51,))
        page.goto(server.url.replace("127.0.0.1", "localhost") + "/check")  # another site for the browser
        page.set_content(f'<a href="{server.url}{shop.path(1)}">a link of another site</a>')
        page.get_by_role("link").click()
        page.wait_for_url("**/check/**")
        assert "No check of it was counted yet." in page.locator(".counts").inner_text()
        context.close()


def test_a_phone_with_the_service_worker_counts_as_before_and_only_what_a_person_opens(shop: Shop) -> None:
    """The worker passes the page on, and the request loses its Sec-Fetch-Dest by that."""

    def sessions(seq: int) -> int:
        verdict = shop.workshop.registry.checker.check(shop.batch.codes[seq].to_path())
        count = shop.recorder.find_count(verdict, Visit("192.0.2.1", "x"))
        return 0 if count is None else count.facts.sessions

    with WebServer(shop.client.application) as server, open_browser() as browser:
        context = browser.new_context(user_agent=PHONE)
        page = context.new_page()
        page.set_default_timeout(10_000)
        page.goto(f"{server.url}/")
        page.evaluate("() => navigator.serviceWorker.ready.then(() => true)")
        page.goto(server.url + shop.path(2))
        assert page.evaluate("() => navigator.serviceWorker.controller !== null")
        page.goto(server.url + shop.batch.codes[3].to_path())  # the address that a camera opens
        assert [sessions(seq) for seq in (2, 3)] == [1, 1]
        page.goto(server.url.replace("127.0.0.1", "localhost") + "/check")  # another site for the browser
        page.set_content(f'<a href="{server.url}{shop.path(4)}">a link of another site</a>')
        page.get_by_role("link").click()
        page.wait_for_url("**/check/**")
        page.goto(f"{server.url}/healthz")  # no policy, so that it may try to frame
        page.set_content(f'<iframe src="{server.url}{shop.path(5)}"></iframe>')
        page.wait_for_timeout(500)
        assert [sessions(seq) for seq in (4, 5)] == [0, 0]
        context.close()
