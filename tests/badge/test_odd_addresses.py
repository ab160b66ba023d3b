# SPDX-License-Identifier: Apache-2.0
"""Addresses as shops and attackers write them: other encodings, made-up Referers; tokens with text that is none."""

from __future__ import annotations

import base64
import json
import logging
from datetime import timedelta
from typing import NoReturn

import pytest
from flask import Flask

from tests.badge.conftest import KEY, LISTING, SHOP, World, make_claims, make_token, now
from tests.badge.test_listing_badge import GREEN, load, reason_of
from verifier.protocol.badge_token import join_badge_token, parse_badge_token, signing_input
from verifier.protocol.errors import DidNotArrive, Malformed
from verifier.trust import Issuer
from verifier.web.badge_ports import LoggedAlerts
from verifier.web.embedding import Embedding, PageFinding, judge_page


@pytest.mark.parametrize(
    ("listing", "page", "finding"),
    [
        # Two words in GBK. Read as UTF-8 both are two replacement characters.
        ("/item/%B9%FB", "/item/%BD%B6", PageFinding.ANOTHER_PAGE),
        ("/item?name=%B9%FB", "/item?name=%BD%B6", PageFinding.ANOTHER_PAGE),
        ("/item/%B9%FB?name=%B9%FB", "/item/%b9%fb?name=%b9%fb&utm=1", PageFinding.RIGHT),
        ("/item/%E6%9E%9C", "/item/%e6%9e%9c", PageFinding.RIGHT),
        ("/item/a%2Fb", "/item/a/b", PageFinding.ANOTHER_PAGE),
        ("/item/a%2Fb", "/item/a%2fb", PageFinding.RIGHT),
        ("/item/%41", "/item/A", PageFinding.RIGHT),
    ],
)
def test_pages_are_compared_by_bytes_whatever_they_are_written_in(
    listing: str, page: str, finding: PageFinding
) -> None:
    assert judge_page(f"{SHOP}{page}", SHOP, (), f"{SHOP}{listing}").finding is finding


def test_a_place_is_told_in_the_bytes_that_it_was_in() -> None:
    found = judge_page(f"{SHOP}/item?name=%BD%B6&visitor=7", SHOP, (), f"{SHOP}/item?name=%B9%FB")
    assert found.place == f"{SHOP}/item?name=%BD%B6"


@pytest.mark.parametrize("referer", ["https://copy.example/\x1b[2J", "https://copy.example/a b", f"{SHOP}/é"])
def test_what_is_no_address_is_no_page_and_gets_into_no_log(app: Flask, world: World, referer: str) -> None:
    page = load(app, make_token(), referer)
    assert GREEN not in page.text and reason_of(page) == "no_page"
    assert world.alerts == [(LISTING, "no_page", "")]


@pytest.mark.parametrize("part", ["aud", "member"])
def test_half_a_surrogate_pair_is_malformed_and_no_failure_of_ours(app: Flask, part: str) -> None:
    honest = signing_input(make_claims(audience="\ud7ff"), KEY.public_key.key_id).decode()
    value = parse_badge_token(join_badge_token(honest.encode(), bytes(64)))
    assert value.claims.audience == "\ud7ff"
    claims = {"aud": "\ud800"} if part == "aud" else {"\ud800": 1}
    head, body = honest.split(".")
    read = json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))
    written = base64.urlsafe_b64encode(json.dumps(read | claims).encode()).rstrip(b"=")
    token = join_badge_token(head.encode() + b"." + written, bytes(64))
    with pytest.raises(Malformed) as refused:
        parse_badge_token(token)
    assert refused.value.code == "token_claims"
    client = app.test_client()
    assert client.get(f"/badge/listing/{token}/about").status_code == 404
    assert client.get("/oembed", query_string={"url": f"http://localhost/badge/listing/{token}"}).status_code == 404
    assert reason_of(load(app, token)) == "token_claims"


def test_made_up_places_do_not_silence_a_nodes_log_for_good(caplog: pytest.LogCaptureFixture) -> None:
    alerts, claims, at = LoggedAlerts(), make_claims(), now()

    def note(place: str, after: timedelta = timedelta()) -> bool:
        caplog.clear()
        with caplog.at_level(logging.WARNING):
            alerts.note(claims, Embedding(PageFinding.FOREIGN_ORIGIN, place), at + after)
        return place in caplog.text

    assert sum(note(f"https://x{number}.example/") for number in range(1200)) == 1000
    assert not note("https://thief.example/") and not note("https://x1.example/")
    assert note("https://thief.example/", timedelta(hours=1)), "it begins afresh"
    assert not note("https://thief.example/", timedelta(hours=1, minutes=1)), "once for each place"


class Unreachable(dict[str, Issuer]):
    """Issuers of a server that has no ledger just now."""

    def get(self, key: object, default: object = None) -> NoReturn:
        raise DidNotArrive("no_snapshot", f"nothing is known of {key}, nor of {default}")


def test_a_server_without_its_ledger_says_so_and_not_that_the_platform_is_unknown(app: Flask, world: World) -> None:
    world.checker.issuers = Unreachable()
    page = load(app, make_token())
    assert GREEN not in page.text and reason_of(page) == "cannot_tell"
    assert app.test_client().get(f"/badge/listing/{make_token()}/about").status_code == 503
