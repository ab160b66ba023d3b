# SPDX-License-Identifier: Apache-2.0
"""The console's pages of webhooks, as a browser without scripts sees them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from flask import Flask

from passport.domain.webhooks import DeliveryState, EndpointState, EventType
from passport.web.console import words_webhooks as words
from tests.support.accounts import READER, AccountsSite
from tests.support.webhooks import URL, Post, make_post
from tests.web.console.conftest import Browser, make_console_app
from verifier.webhook_signature import parse_secret


@pytest.fixture
def post(site: AccountsSite) -> Post:
    return make_post(site)


@pytest.fixture
def app(post: Post) -> Flask:
    return make_console_app(post.site, webhooks=post.webhooks)


@pytest.fixture
def browser(app: Flask, post: Post) -> Browser:
    browser = Browser(app.test_client())
    browser.enter(post.cast.shop)
    return browser


def secret_of(text: str) -> str:
    found = re.search(r"whsec_[A-Za-z0-9+/=&#;]+", text)
    assert found is not None, text
    return found[0].replace("&#43;", "+").replace("&#61;", "=")


def test_an_empty_list_says_what_it_means_and_only_platforms_see_the_menu(browser: Browser, post: Post) -> None:
    text = browser.get("/console/webhooks?lang=en").text
    assert "There are no webhooks yet" in text and 'href="/console/webhooks/new"' in text
    assert "还没有推送地址" in browser.get("/console/webhooks?lang=zh").text
    browser.enter(post.cast.maker)
    assert "/console/webhooks" not in browser.get("/console").text


def test_a_webhook_is_made_with_a_secret_that_is_shown_once_tested_and_replaced(browser: Browser, post: Post) -> None:
    wrong = browser.post("/console/webhooks/new?lang=en", url="https://10.0.0.1/", label="Quality", types=[])
    assert wrong.status_code == 400 and "Nothing is sent to this IP address" in wrong.text
    assert 'value="Quality"' in wrong.text and 'aria-invalid="true"' in wrong.text
    made = browser.post("/console/webhooks/new?lang=en", url=URL, label="Quality", types=["recall.closed"])
    secret = secret_of(made.text)
    assert len(parse_secret(secret)) == 32 and "shown this once" in made.text
    address = re.search(r'href="(/console/webhooks/[0-9a-f-]{36})"', made.text)
    assert address is not None
    page = browser.get(address[1] + "?lang=en").text
    assert "whsec_" not in page and "Recall closed" in page and "There are no messages yet" in page
    assert browser.post(address[1] + "/test").location == address[1]
    post.webhooks.worker.work()
    page = browser.get(address[1] + "?lang=en").text
    assert "HTTP 204" in page and "<rect" in page and "Delivered 1 · Failed 0" in page
    rotated = browser.post(address[1] + "/rotate?lang=en")
    assert secret_of(rotated.text) != secret and "another 24 hours" in rotated.text
    assert "Old secret good until" in browser.get(address[1] + "?lang=en").text
    edited = browser.post(address[1] + "/edit", url=URL, label="", types=["recall.closed", "recall.published"])
    assert edited.status_code == 303
    assert "Recall published" in browser.get("/console/webhooks?lang=en").text


def test_a_failing_webhook_is_seen_and_its_log_says_what_happened(browser: Browser, post: Post) -> None:
    endpoint = post.add()
    post.sender.statuses[URL] = 0
    post.put(7)
    post.webhooks.worker.work()
    text = browser.get("/console/webhooks?lang=en").text
    assert ">Not delivered, trying again<" in text and ">Active<" not in text, "not green while nothing arrives"
    for _ in range(12):
        post.webhooks.worker.work()
        post.site.clock.turn(minutes=10)
    post.sender.statuses[URL] = 500
    post.webhooks.worker.work()
    browser.enter(post.cast.shop)
    text = browser.get("/console/webhooks?lang=en").text
    assert ">Failing<" in text
    page = browser.get(f"/console/webhooks/{endpoint.id}?lang=en").text
    assert "has taken nothing for more than an hour" in page and "tone-bad" in page
    address = re.search(r'href="(/console/webhooks/deliveries/[0-9a-f-]{36})"', page)
    assert address is not None
    log = browser.get(address[1] + "?lang=en").text
    assert "There was no connection" in log and "Next attempt" in log
    assert "&#34;number&#34;: 7" in log and "/replay" not in log, "it is on its way still"
    assert "连接不上" in browser.get(address[1] + "?lang=zh").text
    assert browser.post(f"/console/webhooks/{endpoint.id}/disable").status_code == 303
    log = browser.get(address[1] + "?lang=en").text
    assert "The webhook was switched off" in log and "/replay" in log
    refused = browser.post(address[1] + "/replay?lang=en")
    assert refused.status_code == 409 and "Switch it on first" in refused.text
    browser.post(f"/console/webhooks/{endpoint.id}/enable")
    assert "Sent again by hand" in browser.get(browser.post(address[1] + "/replay").location + "?lang=en").text
    assert browser.post(f"/console/webhooks/{endpoint.id}/delete").location == "/console/webhooks"
    assert browser.get(f"/console/webhooks/{endpoint.id}").status_code == 404


def test_a_long_log_has_pages_and_an_answer_of_a_stranger_is_text(browser: Browser, post: Post) -> None:
    endpoint = post.add()
    for number in range(60):
        post.put(number, EventType.BADGE_MISPLACED)
    first = browser.get(f"/console/webhooks/{endpoint.id}").text
    older = re.search(r'href="(/console/webhooks/[^"]+before=[^"]+)"', first)
    assert older is not None and first.count("/console/webhooks/deliveries/") == 50
    assert browser.get(older[1]).text.count("/console/webhooks/deliveries/") == 10
    made = browser.post("/console/webhooks/new", url=URL + "/x", label="<b>&", types=[]).text
    assert "<b>&" not in made and "&lt;b&gt;&amp;" in made


def test_a_reader_of_the_shop_is_not_let_in_and_sees_no_menu(browser: Browser, post: Post) -> None:
    browser.enter(post.site.join("shop-b", "rita", READER))
    assert browser.get("/console/webhooks").status_code == 403
    assert "/console/webhooks" not in browser.get("/console").text


def test_every_value_and_every_code_has_words_and_every_word_a_place() -> None:
    root = Path(__file__).resolve().parents[3]
    assert set(words.EVENT_WORDS) == set(EventType)
    assert set(words.ENDPOINT_STATE_WORDS) == set(EndpointState)
    assert set(words.DELIVERY_STATE_WORDS) == set(DeliveryState)
    pages = "".join(path.read_text() for path in (root / "templates/console").glob("*.html"))
    views = (root / "passport/web/console/webhooks.py").read_text()
    for key in words.WEBHOOK_WORDS:
        assert f"w.{key} " in pages or f"w.{key}," in pages or f'"{key}"' in views, key
    sources = [root / "passport/domain/webhooks.py", *(root / "passport/services/webhooks").glob("*.py")]
    raised = re.compile(r'(?:WebhookConflict|UnknownWebhook|Malformed)\(\s*"([a-z_]+)"')
    codes = {code for path in sources for code in raised.findall(path.read_text())}
    assert len(codes) == 11 and codes == set(words.WEBHOOK_REFUSALS)
    sender = (root / "passport/webhook_sender.py").read_text()
    errors = set(re.findall(r'(?:error = |_Failed\()"([a-z_]+)"', sender))
    assert len(errors) >= 8 and errors < set(words.ATTEMPT_WORDS)
    document = (root / "docs/webhooks.md").read_text()
    assert all(f"`{code}`" in document for code in [*words.ATTEMPT_WORDS, *EventType])
