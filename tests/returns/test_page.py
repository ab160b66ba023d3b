# SPDX-License-Identifier: Apache-2.0
"""The card on the page of a recalled code, its form, and those who would like to have more of it."""

from __future__ import annotations

import itertools
import json
import re

import pytest

from passport.domain.returns import Remedy
from passport.web.app import create_app
from tests.returns.conftest import OTHER, RECALL, VOIDED, Depot
from tests.support.fake_registry import FakeChecker, FakeRegistry
from tests.support.makers import SigningKey, sign_code
from verifier.verdict import Status

_SEQS = itertools.count(VOIDED + 1)
_ADDRESSES = itertools.count(1)


@pytest.fixture
def path(depot: Depot) -> str:
    """The page of a recalled code that no other test has touched."""
    return depot.path(next(_SEQS))


@pytest.fixture
def address() -> str:
    """A telephone that no other test has: what is limited is limited for each."""
    return f"198.51.100.{next(_ADDRESSES)}"


def test_the_ledger_says_how_many_codes_are_affected(depot: Depot) -> None:
    figures = depot.figures()
    assert (figures.facts.codes, figures.facts.lots, figures.facts.makers) == (60 - VOIDED, {"L1"}, {"acme"})
    assert depot.figures(OTHER).facts.codes == 60


def test_a_recalled_codes_page_has_the_card_and_no_other_page_has_it(depot: Depot, path: str) -> None:
    page = depot.look(path)
    assert "Has yours been dealt with?" in page.text
    assert page.headers["Referrer-Policy"] == "same-origin"
    assert re.search(r'action="/check/01/\d{14}/21/[^"]+/returned\?S=[A-Z2-7]+&amp;lang=en"', page.text)
    for other in (depot.path(1, depot.good), depot.path(0)):  # genuine, void
        page = depot.look(other)
        assert "/returned?" not in page.text
        assert page.headers["Referrer-Policy"] == "no-referrer"


def test_a_server_that_counts_nothing_offers_nothing_and_takes_nothing() -> None:
    checker = FakeChecker()
    checker.status = Status.RECALLED
    client = create_app(FakeRegistry(), checker).test_client()
    path = "/check/01/06901234500011/21/00030000H?S=X"
    assert "/returned" not in client.get(path).text
    own = {"Sec-Fetch-Site": "same-origin"}
    assert client.post(path.replace("?", "/returned?"), data={"kind": "remedied"}, headers=own).status_code == 400


def test_it_counts_says_thank_you_and_the_second_time_that_it_was_counted(
    depot: Depot, path: str, address: str
) -> None:
    before = depot.figures()
    first = depot.tell(path, address=address)
    assert (first.status_code, "Thank you. It is counted." in first.text) == (200, True)
    second = depot.tell(path, kind="returned", address=address)
    assert (second.status_code, "This code was counted before." in second.text) == (200, True)
    after = depot.figures()
    assert after.confirmed[Remedy.REMEDIED] == before.confirmed[Remedy.REMEDIED] + 1
    assert after.confirmed[Remedy.RETURNED] == before.confirmed[Remedy.RETURNED]
    page = depot.look(path)
    assert "This code is counted as dealt with." in page.text and 'name="kind"' not in page.text


def test_a_browser_that_asks_for_the_forms_address_comes_back_to_the_page(depot: Depot, path: str) -> None:
    before = depot.figures().rate.remedied
    for said in ("", "&said=counted"):  # whatever a link says: it was not counted
        answer = depot.look(path.replace("?", "/returned?") + said)
        assert (answer.status_code, answer.location) == (303, f"{path}&lang=en")
    assert depot.figures().rate.remedied == before


def test_a_second_spelling_of_a_code_counts_nothing_more(depot: Depot, path: str, address: str) -> None:
    assert depot.tell(path, address=address).status_code == 200
    counted = depot.figures().rate.remedied
    spellings = [
        path.replace("?", "?x=1&"),
        f"{path}&lang=zh",
        path.replace("/21/", "/21/%30" if path.split("/21/")[1][0] == "0" else "/21/%31"),
        path.replace("/01/", "/01/0"),
        path.replace("?S=", "?s="),
        path.replace("/check/", "/check//"),
    ]
    for spelling in spellings:
        answer = depot.tell(spelling, address=address)
        assert answer.status_code in (200, 308, 404, 409), spelling
        assert "It is counted." not in answer.text, spelling
    assert depot.figures().rate.remedied == counted


@pytest.mark.parametrize("case", ["genuine", "void", "another recall", "no recall", "forged", "invented", "cut off"])
def test_a_code_that_the_recall_does_not_cover_is_refused_with_words(depot: Depot, case: str, address: str) -> None:
    recalled, gtin = depot.path(50), depot.maker.gtin()
    invented = sign_code(depot.maker.key, gtin=gtin, batch=9, seq=1)
    forged = sign_code(SigningKey("nobody's"), gtin=gtin, batch=1, seq=50)
    path, recall = {
        "genuine": (depot.path(1, depot.good), RECALL),
        "void": (depot.path(0), RECALL),
        "another recall": (depot.path(1, depot.elsewhere), RECALL),
        "no recall": (recalled, "acme/99"),
        "forged": (f"/check{forged.to_path()}", RECALL),
        "invented": (f"/check{invented.to_path()}", RECALL),
        "cut off": (recalled[:-1], RECALL),
    }[case]
    before = depot.figures().rate.remedied
    answer = depot.tell(path, recall=recall, address=address)
    assert (answer.status_code, "This code cannot be counted" in answer.text) == (409, True)
    assert depot.figures().rate.remedied == before


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Sec_Fetch_Site": "cross-site"}, 403),
        ({"Sec_Fetch_Site": "same-site"}, 403),
        ({"Sec_Fetch_Site": "none"}, 403),
    ],
)
def test_another_site_cannot_speak_for_a_consumer(
    depot: Depot, path: str, address: str, headers: dict[str, str], status: int
) -> None:
    before = depot.figures().rate.remedied
    assert depot.tell(path, address=address, **headers).status_code == status
    assert depot.figures().rate.remedied == before


@pytest.mark.parametrize(
    ("origin", "status"),
    [("http://localhost", 303), ("https://localhost", 303), ("https://evil.example", 403), ("null", 403), ("", 403)],
)
def test_a_browser_without_fetch_metadata_is_known_by_its_origin(
    depot: Depot, path: str, address: str, origin: str, status: int
) -> None:
    before, _, seal = path.partition("?")
    headers = {"X-Forwarded-For": address} | ({"Origin": origin} if origin else {})
    data = {"kind": "remedied", "recall": RECALL}
    assert depot.client.post(f"{before}/returned?{seal}", data=data, headers=headers).status_code == status


@pytest.mark.parametrize(
    "form", [{}, {"kind": "remedied"}, {"kind": "stolen", "recall": RECALL}, {"kind": "remedied", "recall": "x" * 81}]
)
def test_a_form_that_says_nothing_is_refused(depot: Depot, path: str, address: str, form: dict[str, str]) -> None:
    headers = {"Sec-Fetch-Site": "same-origin", "X-Forwarded-For": address}
    assert depot.client.post(path.replace("?", "/returned?"), data=form, headers=headers).status_code == 400


def test_ten_thousand_posts_of_one_address_are_limited(depot: Depot) -> None:
    good = depot.path(5, depot.good)
    statuses = [depot.tell(good, address="203.0.113.9").status_code for _ in range(10_000)]
    assert statuses[0] == 409
    assert statuses.count(409) <= 40 and statuses.count(429) >= 9_960  # a minute may turn while they arrive
    assert depot.tell(good, address="203.0.113.10").status_code == 409, "somebody else is not limited"


def test_the_figures_are_public_and_any_site_may_read_them(depot: Depot) -> None:
    answer = depot.client.get(f"/api/v1/recalls/{RECALL}/returns")
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    shown = json.loads(answer.data)
    rate = depot.figures().rate
    assert (shown["affected"], shown["codes_in_ledger"]) == (57, 57)
    assert shown["rate_basis_points"] == rate.basis_points == rate.back * 10_000 // 57
    missing = depot.client.get("/api/v1/recalls/acme/none/returns")
    assert (missing.status_code, missing.get_json()["code"]) == (404, "no_such_recall")
