# SPDX-License-Identifier: Apache-2.0
"""The return of recalls in the console: figures as text and as a bar, refusals beside their field."""

from __future__ import annotations

import re

import pytest
from flask import Flask

from tests.support.accounts import AccountsSite, Cast
from tests.support.returns import RECALL, make_depot
from tests.web.console.conftest import Browser

PAGE = f"/console/returns/{RECALL}"
REPORT = {"count": "12", "on": "2026-11-20", "lot": "", "note": ""}
SCRIPT = '<script>alert("1")</script>'


@pytest.fixture
def maker(cast: Cast, browser: Browser) -> Browser:
    browser.enter(cast.maker)
    browser.get("/console?lang=en")
    return browser


def test_the_maker_reports_and_sees_rate_bar_and_own_reports(maker: Browser) -> None:
    assert "Nothing is reported yet." in maker.get(f"{PAGE}?lang=en").text
    assert maker.post(f"{PAGE}/recovered", **REPORT).status_code == 303
    page = maker.get(f"{PAGE}?lang=en").text
    assert "It is reported." in page
    assert re.search(r"Return rate <strong>1\.20 %</strong>", page)
    assert re.search(r'<rect class="tone-warm" x="0" width="12" height="24"/>', page)
    assert "1.20 %" in maker.get("/console/returns?lang=en").text
    assert maker.post(f"{PAGE}/affected", affected="6", reason="Only six were sold.").status_code == 303
    page = maker.get(f"{PAGE}?lang=en").text
    assert "Return rate <strong>100 %</strong>" in page and "please check what is beyond: 6" in page
    assert re.search(r"Codes in the ledger, without voided ones</dt><dd>1,000</dd>", page)
    assert 'width="1000" height="24"/>' in page
    maker.post(f"{PAGE}/affected", affected="0", reason="None at all.")
    assert "Not known yet" in maker.get(f"{PAGE}?lang=en").text


def test_a_script_in_a_note_or_a_reason_is_text(maker: Browser) -> None:
    assert maker.post(f"{PAGE}/recovered", **REPORT | {"note": SCRIPT}).status_code == 303
    assert maker.post(f"{PAGE}/affected", affected="900", reason=SCRIPT).status_code == 303
    refused = maker.post(f"{PAGE}/recovered", **REPORT | {"count": SCRIPT, "lot": SCRIPT, "note": SCRIPT})
    for page in (maker.get(PAGE).text, refused.text):
        assert "<script" not in page
        assert "&lt;script&gt;alert(&#34;1&#34;)&lt;/script&gt;" in page


@pytest.mark.parametrize(
    ("changes", "status", "field", "words"),
    [
        ({"count": "x"}, 400, "count", "A number is whole"),
        ({"count": "１２"}, 400, "count", "A number is whole"),
        ({"count": "-5"}, 409, "count", "more than you have reported"),
        ({"on": ""}, 400, "on", "Choose a day."),
        ({"on": "2027-01-01"}, 400, "on", "The day is yet to come."),
        ({"lot": "L999"}, 409, "lot", "does not cover this lot"),
        ({"note": "x" * 501}, 400, "note", "up to 500"),
    ],
)
def test_what_is_wrong_is_said_beside_its_field_and_what_was_typed_stays(
    maker: Browser, changes: dict[str, str], status: int, field: str, words: str
) -> None:
    maker.get("/console?lang=en")
    answer = maker.post(f"{PAGE}/recovered", **REPORT | {"note": "shelf 3"} | changes)
    assert (answer.status_code, words in answer.text) == (status, True)
    assert re.search(rf'<input id="{field}"[^>]*aria-invalid="true"', answer.text)
    assert 'name="count"' in answer.text


def test_who_may_not_report_sees_the_figures_and_no_forms(cast: Cast, browser: Browser) -> None:
    browser.enter(cast.stranger)
    page = browser.get(f"{PAGE}?lang=en")
    assert (page.status_code, "Codes in the ledger" in page.text, "<form" in page.text.split("<main")[1]) == (
        200,
        True,
        False,
    )


def test_a_platform_reports_and_does_not_declare_and_an_authority_does_both(
    site: AccountsSite, cast: Cast, app: Flask
) -> None:
    depot = make_depot(site, cast)
    for person, forms in ((cast.shop, 1), (depot.authority, 2)):
        browser = Browser(app.test_client())
        browser.enter(person)
        assert browser.get(PAGE).text.split("<main")[1].count("<form") == forms
        assert RECALL in browser.get("/console/returns").text


def test_a_recall_that_is_not_there_is_not_there(maker: Browser) -> None:
    for name in ("qingshan/none", "Q/1", "qingshan/%00"):
        assert maker.get(f"/console/returns/{name}").status_code == 404
