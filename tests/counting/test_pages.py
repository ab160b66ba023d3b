# SPDX-License-Identifier: Apache-2.0
"""What counts as a check, and what the check page says of it. docs/counting.md."""

from __future__ import annotations

import itertools
import re

import pytest

from tests.counting.conftest import OWN_PAGE, PLACE, Shop
from verifier.evidence_bundle import SHEET
from verifier.evidence_check import Known, check_bundle
from verifier.suspicion import CheckFacts
from verifier.web.ports import Visit

_SEQS = itertools.count(1)


@pytest.fixture
def seq() -> int:
    """A code that no other test has touched."""
    return next(_SEQS)


def facts(shop: Shop, seq: int) -> CheckFacts:
    verdict = shop.workshop.registry.checker.check(shop.batch.codes[seq].to_path())
    count = shop.recorder.find_count(verdict, Visit("198.51.100.1", "another browser"))
    assert count is not None
    return count.facts


def test_the_first_visitor_is_told_so_and_later_ones_see_the_day_and_the_number(shop: Shop, seq: int) -> None:
    first = shop.visit(seq, place="44")
    assert "You are the first to check it." in first.text
    assert "You are the first to check it." in shop.visit(seq, place="44").text  # the same telephone again
    second = shop.visit(seq, address="192.0.2.2", place="31").text
    assert "You are the first" not in second
    assert re.search(r"Number of checks</dt><dd>2</dd>", second)
    assert "Shanghai, Guangdong" in second


def test_counts_that_are_not_written_yet_are_seen_at_once(shop: Shop, seq: int) -> None:
    for number in range(5):
        shop.visit(seq, address=f"192.0.2.{number}")
        assert facts(shop, seq).sessions == number + 1


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Purpose": "prefetch"},
        {"Purpose": "prefetch"},
        {"Sec-Fetch-Dest": "image"},
        {"Sec-Fetch-Dest": "iframe"},
        {"Sec-Fetch-Dest": "empty", "Sec-Fetch-Mode": "cors"},
        {"Sec-Fetch-Dest": "empty", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Dest": "document"},
        {"User-Agent": "Twitterbot/1.0"},
        {"User-Agent": "Mozilla/5.0 (compatible; Googlebot/2.1)"},
        {"User-Agent": "python-requests/2.32"},
        {"User-Agent": "curl/8.5.0"},
        {"User-Agent": ""},
    ],
    ids=str,
)
def test_what_no_person_opened_is_not_counted(shop: Shop, seq: int, headers: dict[str, str]) -> None:
    answer = shop.visit(seq, **headers)
    assert answer.status_code == 200
    assert "No check of it was counted yet." in answer.text
    assert facts(shop, seq) == CheckFacts()


def test_head_is_not_counted(shop: Shop, seq: int) -> None:
    assert shop.client.head(shop.path(seq), headers={"User-Agent": "Mozilla/5.0"}).status_code == 200
    assert facts(shop, seq) == CheckFacts()


def test_programs_are_a_channel_of_their_own_that_weighs_nothing(shop: Shop, seq: int) -> None:
    code = shop.batch.codes[seq].to_path()
    for _ in range(30):
        shop.client.post("/api/v1/verify", json={"codes": [code]}).get_data()
    shop.visit(seq, Accept="application/json", place="44")
    shop.client.get(code, headers={"Accept": "application/json", PLACE: "11"})
    assert facts(shop, seq) == CheckFacts(platform_scans=32)


def test_forged_and_unknown_codes_get_no_row_and_no_card(shop: Shop, seq: int) -> None:
    good = shop.batch.codes[seq].to_path()
    for code in (
        good[:-1] + ("A" if good[-1] != "A" else "B"),
        "/01/06901234000009/21/NOTHING",
        good.partition("?")[0],
    ):
        page = shop.client.get(f"/check{code}", headers={"User-Agent": "Mozilla/5.0"})
        assert "Was this code checked before?" not in page.text
        assert "以前被查验过吗" not in page.text
    shop.recorder.flush()
    with shop.workshop.registry.checks.read() as connection:
        keys = connection.exec_driver_sql("SELECT seq FROM code_checks").scalars().all()
    assert seq not in keys


def test_a_code_that_is_checked_in_four_provinces_by_four_people_is_amber_with_its_facts(shop: Shop, seq: int) -> None:
    for number, place in enumerate(("44", "11", "51", "21")):
        page = shop.visit(seq, address=f"203.0.113.{number}", place=place)
        assert 'data-status="genuine"' in page.text
    shop.recorder.flush()
    page = shop.visit(seq, address="203.0.113.9", place="44").text
    assert 'class="verdict is-amber" data-status="suspect"' in page
    assert re.search(r"First checked on \d+ \w+ \d{4}, 4 checks in 4 provinces", page)
    assert "If yours is new, ask the seller" in page
    answer = shop.client.post("/api/v1/verify", json={"codes": [shop.batch.codes[seq].to_path()]}).json
    assert answer is not None
    assert answer["verdicts"][0]["status"] == "suspect"
    assert answer["verdicts"][0]["reason"] == "many_provinces"


def test_one_address_can_never_make_a_code_suspect(shop: Shop, seq: int) -> None:
    """A rival at one place, with a thousand browsers, every form and every province of the list."""
    for number in range(300):
        agent = f"Mozilla/5.0 (rival {number})"
        shop.visit(seq, place="" if number % 2 else "44", User_Agent=agent)
        shop.tell({"province": str((11, 31, 44, 51, 65)[number % 5])}, seq, User_Agent=agent)
        shop.tell({"opened": "yes"}, seq, User_Agent=agent)
    shop.recorder.flush()
    counted = facts(shop, seq)
    assert counted.sessions == 300
    assert len(counted.chosen_provinces) == 4  # 44 is also derived
    assert 'data-status="genuine"' in shop.visit(seq).text


def test_a_place_that_somebody_chooses_is_asked_for_only_when_none_is_known_and_counts_once(
    shop: Shop, seq: int
) -> None:
    assert "<select" not in shop.visit(seq, place="44").text
    assert "<select" in shop.visit(seq, address="192.0.2.77").text
    assert shop.tell({"province": "33"}, seq, address="192.0.2.77").status_code == 303
    shop.tell({"province": "65"}, seq, address="192.0.2.77")
    assert facts(shop, seq).chosen_provinces == (33,)
    page = shop.visit(seq, address="192.0.2.77").text
    assert "<select" not in page
    assert "Where, as people said</dt><dd>Zhejiang" in page


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": ""},
        {"Origin": "https://evil.example"},
    ],
    ids=str,
)
def test_a_form_from_another_site_is_refused(shop: Shop, seq: int, headers: dict[str, str]) -> None:
    shop.visit(seq)
    agent = {"User-Agent": "Mozilla/5.0", "X-Forwarded-For": "192.0.2.1"}
    answer = shop.client.post(shop.path(seq), data={"opened": "yes"}, headers=agent | headers)
    assert answer.status_code == 403
    assert '<span class="code">forbidden</span>' in answer.text, "a page of ours, in the reader's language"
    assert "请在查验页上重新操作。" in answer.text
    english = shop.client.post(shop.path(seq), data={}, headers=agent | headers | {"Accept-Language": "en"})
    assert english.status_code == 403 and "check page itself" in english.text
    assert "Somebody said" not in shop.visit(seq).text


def test_an_old_browser_is_known_by_its_origin(shop: Shop, seq: int) -> None:
    shop.visit(seq)
    answer = shop.client.post(
        shop.path(seq), data={"opened": "yes"}, headers={"User-Agent": "Mozilla/5.0", "Origin": "http://localhost"}
    )
    assert answer.status_code == 303


@pytest.mark.parametrize("form", [{}, {"province": "99"}, {"province": "'; --"}, {"opened": "perhaps"}], ids=str)
def test_a_form_that_says_nothing_is_an_error_of_theirs(shop: Shop, seq: int, form: dict[str, str]) -> None:
    assert shop.tell(form, seq).status_code == 400


def test_the_button_is_there_once_and_leads_back_to_the_page_byte_for_byte(shop: Shop, seq: int) -> None:
    assert "I have just opened it" in shop.visit(seq).text
    answer = shop.tell({"opened": "yes"}, seq)
    assert answer.status_code == 303
    assert answer.headers["Location"] == shop.path(seq)
    page = shop.visit(seq).text
    assert "Somebody said that it was opened." in page
    assert "I have just opened it" not in page


def test_a_form_of_a_program_changes_nothing(shop: Shop, seq: int) -> None:
    assert shop.tell({"opened": "yes"}, seq, User_Agent="curl/8.5.0").status_code == 303
    assert facts(shop, seq) == CheckFacts()


def test_the_client_is_who_the_outermost_trusted_proxy_saw(shop: Shop, seq: int) -> None:
    """With one trusted proxy the last address counts; whatever a client wrote before it does not."""
    for number in range(10):
        shop.visit(seq, address=f"10.9.8.{number}, 192.0.2.50")
    assert facts(shop, seq).sessions == 1


def test_the_card_is_there_in_chinese_too(shop: Shop, seq: int) -> None:
    page = shop.visit(seq, Accept_Language="zh", place="Guangdong").text
    assert "这个码以前被查验过吗？" in page
    assert "您是第一个查验它的人。" in page
    page = shop.visit(seq, Accept_Language="zh", address="192.0.2.9", place="北京").text
    assert "北京、广东" in page


def test_a_reload_in_the_other_language_is_the_same_session(shop: Shop, seq: int) -> None:
    shop.visit(seq)
    shop.client.get(shop.path(seq) + "&lang=zh", headers={"User-Agent": "x", "X-Forwarded-For": "1.2.3.4"} | OWN_PAGE)
    shop.client.get(shop.path(seq) + "&lang=en", headers={"User-Agent": "x", "X-Forwarded-For": "1.2.3.4"} | OWN_PAGE)
    assert facts(shop, seq).sessions == 2


def test_an_evidence_file_of_a_suspect_code_carries_what_the_server_said(shop: Shop, seq: int) -> None:
    """The file's own parts bear out "genuine"; that it was amber is the server's word, and stands beside it."""
    for number, place in enumerate(("44", "11", "51", "21")):
        shop.visit(seq, address=f"203.0.113.{number}", place=place)
    shop.recorder.flush()
    code = shop.batch.codes[seq].to_path()
    answer = shop.client.post("/check/evidence", data={"code": code}, content_type="multipart/form-data")
    assert answer.status_code == 200
    checked = check_bundle(answer.data, Known())
    assert checked.own.verdict.status == "genuine"
    reported = checked.bundle.document["reported"]
    assert isinstance(reported, dict)
    assert (reported["status"], reported["reason"]) == ("suspect", "many_provinces")
    said = shop.workshop.registry.checker.check(code).suspicion
    assert said is not None
    assert reported["suspicion"] == {"facts": said.facts.to_json(), "reason": "many_provinces"}
    sheet = checked.bundle.members[SHEET].decode()
    assert said.facts.zh in sheet and said.facts.en in sheet
    assert facts(shop, seq).sessions == 4, "asking for evidence is no check"
