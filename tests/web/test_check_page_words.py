# SPDX-License-Identifier: Apache-2.0
"""What the check page says where a status alone would say the wrong thing, or say it in the wrong language."""

from __future__ import annotations

from dataclasses import replace

import pytest
from flask.testing import FlaskClient

from tests.support.fake_registry import GOOD, FakeChecker, make_verdict
from verifier.protocol.fields import Text
from verifier.verdict import Status

CHECK = f"/check{GOOD.to_path()}"


@pytest.mark.parametrize(
    ("language", "title"), [("zh", "没有登记的生产者使用这个条码"), ("en", "No registered maker uses this number")]
)
def test_a_gtin_that_nobody_registered_is_not_called_forged(
    client: FlaskClient, checker: FakeChecker, monkeypatch: pytest.MonkeyPatch, language: str, title: str
) -> None:
    verdict = replace(make_verdict(Status.COUNTERFEIT, "unknown_prefix"), issuer=None)
    monkeypatch.setattr(checker, "check", lambda code: verdict)
    checker.product = None
    page = client.get(CHECK, headers={"Accept-Language": language}).text
    assert f"<h1>{title}</h1>" in page and f"<title>{title} · " in page
    assert f'<p data-word="title.unknown_prefix">{title}</p>' in page, "the phone says the same of it"
    assert 'class="verdict is-red" data-status="counterfeit"' in page, "the status stays"
    assert page.count("This code is forged") == 0
    for words in ("Is it genuine?", "买得真", "has not published a passport", "还没有为该商品发布护照文件"):
        assert words not in page
    assert page.index('href="tel:12315"') < page.index('class="column"'), "the number to call stands beside what to do"


def test_what_the_maker_says_in_chinese_alone_is_marked_on_the_english_page(
    client: FlaskClient, checker: FakeChecker
) -> None:
    assert checker.product is not None
    size, both = Text(zh="规格", en="Size"), Text(zh="阴凉处", en="A cool place")
    facts = ((size, "大号"), (Text(zh="手感", en="手感"), "12 mm"), (Text(zh="贮存", en="Storage"), both))
    certificates = (("电池安全", "GB 31241"), (Text(zh="整机安全", en="Equipment safety"), "GB 4943.1"))
    checker.product = replace(checker.product, facts=facts, certificates=certificates)
    page = client.get(CHECK, headers={"Accept-Language": "en"}).text
    for marked in ('<dt>Size</dt><dd lang="zh-CN">大号</dd>', '<dt lang="zh-CN">手感</dt><dd>12 mm</dd>'):
        assert marked in page
    assert '<span lang="zh-CN">电池安全</span>' in page
    assert "<dt>Storage</dt><dd>A cool place</dd>" in page and "<span>Equipment safety</span>" in page
    assert '<p class="name" lang="zh-CN">' in page
    assert "gives no translation" in page
    chinese = client.get(CHECK, headers={"Accept-Language": "zh"}).text
    assert 'lang="zh-CN">' not in chinese.replace('<html lang="zh-CN">', "")
    assert "没有给出译文" not in chinese


def test_a_product_that_is_described_in_both_languages_needs_no_mark(client: FlaskClient, checker: FakeChecker) -> None:
    assert checker.product is not None
    name = Text(zh="移动电源", en="Power bank")
    checker.product = replace(checker.product, local_name=name, local_description=name)
    page = client.get(CHECK, headers={"Accept-Language": "en"}).text
    assert '<p class="name">Power bank</p>' in page
    assert "gives no translation" not in page


@pytest.mark.parametrize("status", [Status.RECALLED, Status.COUNTERFEIT, Status.GENUINE])
def test_each_status_has_one_large_number_for_complaints(
    client: FlaskClient, checker: FakeChecker, status: Status
) -> None:
    checker.status = status
    page = client.get(CHECK, headers={"Accept-Language": "en"}).text
    assert page.count('href="tel:12315"') == 1
    assert ("three times the price" in page) == (status is Status.COUNTERFEIT)
    assert ("notice above" in page) == (status is Status.RECALLED)


def test_an_error_page_says_in_chinese_what_was_wrong_and_in_english_with_the_errors_own_words(
    client: FlaskClient,
) -> None:
    chinese = client.post("/scan", headers={"Accept": "text/html", "Accept-Language": "zh"})
    assert chinese.status_code == 405 and "这个地址不接受此方法。" in chinese.text
    assert "The method is not allowed" not in chinese.text
    english = client.post("/scan", headers={"Accept": "text/html", "Accept-Language": "en"})
    assert "The method is not allowed" in english.text and "不接受" not in english.text
