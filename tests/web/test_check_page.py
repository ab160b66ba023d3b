# SPDX-License-Identifier: Apache-2.0
"""The code's own address and the check page: every status, both languages, hostile text, raw bytes of the address."""

from __future__ import annotations

import base64
import gzip
import re
from dataclasses import replace
from hashlib import sha256
from html.parser import HTMLParser

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.support.fake_registry import (
    BATCH,
    CLOSED_RECALL,
    FACTS,
    GOOD,
    KEY,
    NOTICE,
    PRODUCT,
    FakeChecker,
    make_verdict,
)
from tests.support.makers import sign_code
from tests.support.web_server import WebServer
from verifier.product_view import ProductView
from verifier.protocol.fields import Text
from verifier.verdict import APPEARANCE, Status
from verifier.web.assets import find_static
from verifier.web.static_files import find_scripts, style_hash, style_text

CHECK = f"/check{GOOD.to_path()}"
OUR_SCRIPT = [f'<script type="module" src="{find_scripts().entry}" fetchpriority="low">']
SLASHED = sign_code(KEY, gtin=GOOD.gtin, batch=3, seq=1, serial="//A%+/B")
VOID_TAGS = {"meta", "link", "img", "input", "br"}


class Outline(HTMLParser):
    """Checks that tags nest, and collects text, links, ids and attribute names."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.text: list[str] = []
        self.attributes: list[tuple[str, str, str]] = []
        self.feed(page)
        assert self.open == [], f"never closed: {self.open}"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.attributes.extend((tag, name, value or "") for name, value in attrs)
        if tag not in VOID_TAGS:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.attributes.extend((tag, name, value or "") for name, value in attrs)

    def handle_endtag(self, tag: str) -> None:
        assert self.open, f"</{tag}> without a start"
        assert self.open.pop() == tag, f"</{tag}> closes another tag"

    def handle_data(self, data: str) -> None:
        self.text.append(data)

    def links(self) -> list[str]:
        return [value for tag, name, value in self.attributes if tag == "a" and name == "href"]


def get_page(client: FlaskClient, address: str, **headers: str) -> tuple[int, Outline, str]:
    answer = client.get(address, headers=headers)
    assert answer.mimetype == "text/html"
    return answer.status_code, Outline(answer.text), answer.text


@pytest.mark.parametrize("status", list(Status))
@pytest.mark.parametrize("language", ["zh", "en"])
def test_each_status_says_its_title_and_sentence_with_an_icon(
    client: FlaskClient, checker: FakeChecker, status: Status, language: str
) -> None:
    checker.status = status
    address = "/check/01/123?x" if status is Status.MALFORMED else CHECK
    code, outline, page = get_page(client, address, Accept_Language=language)
    look = APPEARANCE[status]
    assert code == (400 if status is Status.MALFORMED else 200)
    text = "".join(outline.text)
    assert getattr(look.title, language) in text
    assert getattr(look.sentence, language) in text
    band = page[page.index('class="verdict') :]
    assert band.startswith(f'class="verdict is-{look.colour}"')
    assert band.index("<svg") < band.index("<h1>"), "the verdict comes with an icon"
    assert f'<html lang="{"zh-CN" if language == "zh" else "en"}">' in page


def test_the_verdict_stands_before_everything_else(client: FlaskClient) -> None:
    _, outline, page = get_page(client, CHECK)
    assert page.index("此码真实有效") < page.index("该怎么做") < page.index("买得真") < page.index("服务好")
    assert page.index("服务好") < page.index("有保障") < page.index("我们怎么知道的")
    assert "tel:4008200000" in outline.links()
    assert PRODUCT.document_url in outline.links()


def test_a_recall_shows_hazard_remedy_and_contact_before_the_product(client: FlaskClient, checker: FakeChecker) -> None:
    checker.status = Status.RECALLED
    _, outline, page = get_page(client, CHECK)
    for words in (NOTICE.hazard.zh, NOTICE.remedy.zh, NOTICE.contact.phone, "严重风险"):
        assert words in page
        assert page.index(words) < page.index("买得真")
    assert "tel:4008200001" in outline.links()
    assert "没有涉及此产品的召回" not in page


def test_a_closed_recall_stays_visible_as_closed(client: FlaskClient) -> None:
    _, _, page = get_page(client, CHECK, Accept_Language="en")
    assert CLOSED_RECALL.closed_reason is not None
    assert page.index("Closed recalls") < page.index("Correction of the manual") < page.index("All corrected.")


@pytest.mark.parametrize("status", [Status.COUNTERFEIT, Status.NOT_LOGGED])
def test_a_forged_code_does_not_dress_up_as_the_product(
    client: FlaskClient, checker: FakeChecker, status: Status
) -> None:
    checker.status = status
    _, _, page = get_page(client, CHECK, Accept_Language="en")
    assert "What the code claims to be" in page
    assert "Is it genuine?" not in page
    assert "Rated capacity" not in page
    assert "No recall covers this item" not in page


@pytest.mark.parametrize("status", [Status.CANNOT_TELL, Status.COUNTERFEIT, Status.VOID, Status.NOT_LOGGED])
def test_no_recall_is_said_only_where_it_was_looked_up(
    client: FlaskClient, checker: FakeChecker, status: Status
) -> None:
    checker.status = status
    assert "没有涉及此产品的召回" not in client.get(CHECK).text


def test_suspicion_is_shown_as_facts(client: FlaskClient, checker: FakeChecker) -> None:
    checker.status = Status.SUSPECT
    assert FACTS.zh in client.get(CHECK).text


def test_times_state_their_zone_and_carry_a_machine_form(client: FlaskClient) -> None:
    zh = client.get(CHECK, headers={"Accept-Language": "zh"}).text
    en = client.get(CHECK, headers={"Accept-Language": "en"}).text
    assert '<time datetime="2026-11-21T04:05:06Z">2026年11月21日 12:05（北京时间 UTC+8）</time>' in zh
    assert '<time datetime="2026-11-21T04:05:06Z">21 November 2026, 12:05 (UTC+8)</time>' in en
    assert '<time datetime="2026-03-18">18 March 2026</time>' in en


def test_text_from_makers_is_inert(client: FlaskClient, checker: FakeChecker) -> None:
    evil = '"><script>alert(1)</script><img src=x onerror=alert(1)>'
    checker.product = ProductView(
        gtin=GOOD.gtin,
        name=evil,
        maker=evil,
        model=evil,
        description=evil,
        facts=((Text(evil, evil), evil),),
        certificates=((evil, "javascript:alert(1)"), (evil, f"https://a.example/{evil}")),
        document_url=evil,
    )
    _, outline, page = get_page(client, CHECK)
    assert re.findall("<script[^>]*>", page) == OUR_SCRIPT
    assert not [name for _, name, _ in outline.attributes if name.startswith("on") or name == "style"]
    assert not [link for link in outline.links() if link.startswith("javascript:")]
    assert evil in "".join(outline.text)


def test_nothing_but_the_style_sheet_is_inline_and_nothing_comes_from_elsewhere(
    client: FlaskClient, checker: FakeChecker
) -> None:
    for status in Status:
        checker.status = status
        _, outline, page = get_page(client, CHECK)
        assert page.count("<style") == page.count(f"<style>{style_text()}</style>") == 1
        assert re.findall("<script[^>]*>", page) == OUR_SCRIPT
        sources = [
            value for tag, name, value in outline.attributes if name == "src" or (tag == "link" and name == "href")
        ]
        assert all(value.startswith(("/static/", "/manifest.webmanifest?")) for value in sources)


def test_the_policy_allows_the_style_sheet_by_its_hash_and_no_other(client: FlaskClient) -> None:
    answer = client.get(CHECK)
    style = re.findall("<style>(.*?)</style>", answer.text, re.DOTALL)
    expected = base64.b64encode(sha256(style[0].encode()).digest()).decode()
    assert style_hash() == f"sha256-{expected}"
    assert f"style-src 'self' 'sha256-{expected}'; " in answer.headers["Content-Security-Policy"]
    assert "</" not in style_text(), "nothing in it ends the element"


def test_a_page_is_compressed_for_whoever_takes_it(client: FlaskClient) -> None:
    plain = client.get(CHECK)
    small = client.get(CHECK, headers={"Accept-Encoding": "gzip, br"})
    assert small.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(small.data) == plain.data
    assert len(small.data) < len(plain.data) / 2
    assert "Content-Encoding" not in plain.headers
    assert "Accept-Encoding" in plain.headers["Vary"]


@pytest.mark.parametrize("status", list(Status))
def test_the_whole_page_with_its_style_sheet_is_under_60_kb(
    client: FlaskClient, checker: FakeChecker, status: Status
) -> None:
    checker.status = status
    page = client.get(CHECK).data
    assets = set(re.findall(rb'"/static/([a-z.]+)\?v=', page))
    assert assets == {b"icon.svg"}
    total = len(page) + sum((find_static() / name.decode()).stat().st_size for name in assets)
    assert total < 60_000


def test_a_scanned_code_goes_to_its_page_byte_for_byte(app: Flask, checker: FakeChecker) -> None:
    path = f"{SLASHED.to_path()}&utm=%41%2f%2F;x=~'!*()&empty="
    with WebServer(app) as server:
        status, headers, _ = server.get(path)
        assert status == 307
        assert headers["location"] == f"/check{path}"
        assert headers["cache-control"] == "no-store"
        status, _, _ = server.get(headers["location"])
    assert status == 200
    assert checker.asked == [path]


@pytest.mark.parametrize("odd", ["&a=[1]", '&a="', "&a=|", "&a=^"])
def test_what_a_redirect_would_spell_in_another_way_is_judged_where_it_is(
    app: Flask, checker: FakeChecker, odd: str
) -> None:
    environ = {"RAW_URI": GOOD.to_path() + odd}
    answer = app.test_client().get(GOOD.to_path(), environ_overrides=environ)
    assert answer.status_code != 307
    assert checker.asked == [GOOD.to_path() + odd]


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_head_answers_like_get_without_a_body(app: Flask, method: str) -> None:
    with WebServer(app) as server:
        assert server.get(GOOD.to_path(), method=method)[0] == 307
        status, headers, body = server.get(CHECK, method=method)
    assert (status, headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert bool(body) == (method == "GET")


def test_an_absolute_request_target_is_read_like_a_relative_one(app: Flask, checker: FakeChecker) -> None:
    environ = {"RAW_URI": f"http://id.example.cn{CHECK}", "REQUEST_URI": "/wrong"}
    assert app.test_client().get(CHECK, environ_overrides=environ).status_code == 200
    assert checker.asked == [GOOD.to_path()]


def test_an_address_that_is_too_long_is_refused(client: FlaskClient) -> None:
    assert client.get(CHECK + "&x=" + "a" * 3000).status_code == 400


@pytest.mark.parametrize("prefix", ["", "/check"])
def test_a_program_gets_the_verdict_as_json(client: FlaskClient, prefix: str) -> None:
    answer = client.get(prefix + GOOD.to_path(), headers={"Accept": "application/json"})
    assert answer.status_code == 200
    assert answer.mimetype == "application/json"
    assert answer.get_json()["status"] == "genuine"
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    broken = client.get(f"{prefix}/01/{GOOD.gtin}/21/{GOOD.serial}", headers={"Accept": "application/json"})
    assert broken.status_code == 400
    assert broken.get_json()["reason"] == "no_seal"


@pytest.mark.parametrize("accept", ["", "*/*", "text/html,application/xhtml+xml,application/json;q=0.9,*/*;q=0.8"])
def test_a_browser_gets_the_page(client: FlaskClient, accept: str) -> None:
    assert client.get(CHECK, headers={"Accept": accept}).mimetype == "text/html"


def test_check_pages_are_never_stored(client: FlaskClient) -> None:
    answer = client.get(CHECK)
    assert answer.headers["Cache-Control"] == "no-store"
    assert "Accept-Language" in answer.headers["Vary"]


def test_the_switch_keeps_the_code_and_is_remembered(client: FlaskClient, checker: FakeChecker) -> None:
    path = f"/check{SLASHED.to_path()}&a=%2f"
    _, outline, _ = get_page(client, path, Accept_Language="zh")
    switch = next(link for link in outline.links() if "lang=" in link)
    assert switch == f"{path}&lang=en"
    answer = client.get(switch)
    assert '<html lang="en">' in answer.text
    assert "lang=en" in answer.headers["Set-Cookie"]
    assert "HttpOnly" in answer.headers["Set-Cookie"]
    assert checker.asked[-1] == path.removeprefix("/check"), "our own parameter is not part of the code"
    assert '<html lang="en">' in client.get(path, headers={"Accept-Language": "zh"}).text, "remembered"
    _, outline, _ = get_page(client, switch)
    assert f"{path}&lang=zh" in outline.links()


@pytest.mark.parametrize(
    ("header", "expected"),
    [("", "zh-CN"), ("fr", "zh-CN"), ("en-US,en;q=0.9", "en"), ("zh-TW", "zh-CN"), ("fr,en;q=0.5,zh;q=0.4", "en")],
)
def test_the_browser_chooses_the_language_and_chinese_is_the_default(
    client: FlaskClient, header: str, expected: str
) -> None:
    assert f'<html lang="{expected}">' in client.get(CHECK, headers={"Accept-Language": header}).text


@pytest.mark.parametrize(
    "typed", [GOOD.to_url("id.example.cn"), f"  {GOOD.to_url('a.cn')[8:]} ", GOOD.to_qr_text("A.CN")]
)
def test_a_typed_code_goes_to_its_page(client: FlaskClient, typed: str) -> None:
    answer = client.get("/check", query_string={"code": typed})
    assert (answer.status_code, answer.location) == (303, CHECK)


@pytest.mark.parametrize(
    "typed", ["hello", "https://evil.example/", "//evil.example/01/", "x" * 500, "你好", "/01/1/21/2?S=3"]
)
def test_what_is_not_a_code_gets_the_page_that_says_so(client: FlaskClient, typed: str) -> None:
    answer = client.get("/check", query_string={"code": typed})
    assert answer.status_code == 400
    assert APPEARANCE[Status.MALFORMED].title.zh in answer.text
    assert 'name="code"' in answer.text


def test_without_a_code_the_form_is_shown(client: FlaskClient) -> None:
    assert 'name="code"' in client.get("/check").text


def test_a_product_without_a_passport_is_said_so(client: FlaskClient, checker: FakeChecker) -> None:
    checker.product = None
    assert "还没有为该商品发布护照文件" in client.get(CHECK).text


def test_how_we_know_names_key_batch_and_ledger_entry(client: FlaskClient) -> None:
    page = client.get(CHECK).text
    assert KEY.key_id in page
    assert f"18 / {BATCH.statement.count}" in page
    assert "genuine / genuine" in page


def test_a_gtin_that_nobody_registered_sends_nobody_to_a_maker(
    client: FlaskClient, checker: FakeChecker, monkeypatch: pytest.MonkeyPatch
) -> None:
    verdict = replace(make_verdict(Status.COUNTERFEIT, "unknown_prefix"), issuer=None)
    monkeypatch.setattr(checker, "check", lambda code: verdict)
    page = client.get(CHECK, headers={"Accept-Language": "en"}).text
    assert "so there is no maker to call. For help, call 12315." in page
    servers_own = re.sub(r"<ol data-todo=.*?</ol>", "", page)  # the phone's block brings the words for every outcome
    assert "Report it: call 12315." in servers_own
    assert "tell the maker" not in servers_own
    assert "belongs to the real maker" not in servers_own
