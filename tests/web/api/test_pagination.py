# SPDX-License-Identifier: Apache-2.0
"""Pages by cursor: every entry once, whatever the page's size; strict about what is not a cursor of ours."""

from __future__ import annotations

import base64
from contextlib import suppress

import pytest
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st

from passport.web.api.pagination import encode_cursor, parse_cursor
from verifier.protocol.errors import Malformed

URL = "/api/v1/issuers"


@pytest.mark.parametrize("limit", [1, 2, 3, 5, 6, 7, 200])
def test_following_next_shows_every_issuer_once_in_order(client: FlaskClient, limit: int) -> None:
    found: list[str] = []
    address: str | None = f"{URL}?limit={limit}"
    while address is not None:
        answer = client.get(address)
        page = answer.get_json()
        assert 1 <= len(page["issuers"]) <= limit
        found += [issuer["id"] for issuer in page["issuers"]]
        address = f"{URL}?limit={limit}&cursor={page['next']}" if "next" in page else None
        assert answer.headers.get("Link") == (None if address is None else f'<{address}>; rel="next"')
    assert found == ["maker-0", "maker-1", "maker-2", "maker-3", "maker-4", "qingshan"]


@pytest.mark.parametrize("limit", ["0", "201", "-1", "+1", "1.0", "", "x", "٣", "1" * 40])
def test_a_limit_is_a_number_from_1_to_200(client: FlaskClient, limit: str) -> None:
    answer = client.get(URL, query_string={"limit": limit})
    assert (answer.status_code, answer.get_json()["code"]) == (400, "bad_limit")


def test_limit_and_cursor_are_given_once(client: FlaskClient) -> None:
    assert client.get(f"{URL}?limit=1&limit=2").get_json()["code"] == "bad_limit"
    assert client.get(f"{URL}?cursor=a&cursor=b").get_json()["code"] == "bad_cursor"


def spelled(text: str) -> str:
    return base64.urlsafe_b64encode(text.encode()).rstrip(b"=").decode()


@pytest.mark.parametrize(
    "cursor",
    [
        "",
        "x",
        "!!!!",
        "é",
        spelled('["batches","a"]'),  # of another listing
        spelled('["issuers"]'),
        spelled('["issuers","a","b"]'),
        spelled('["issuers",1]'),
        spelled('["issuers",true]'),
        spelled('["issuers", "a"]'),  # a second spelling
        spelled('{"issuers":"a"}'),
        spelled('["issuers","a"]') + "==",
        spelled('["issuers","a"]')[:-1],
        "A" * 501,
    ],
)
def test_what_is_no_cursor_of_this_listing_is_refused(client: FlaskClient, cursor: str) -> None:
    answer = client.get(URL, query_string={"cursor": cursor})
    assert (answer.status_code, answer.get_json()["code"]) == (400, "bad_cursor")


@given(st.text(st.characters(codec="utf-8"), max_size=60), st.integers(0, 2**53 - 1))
def test_a_cursor_gives_back_the_key_that_it_was_made_of(name: str, number: int) -> None:
    cursor = encode_cursor("audit", (name, number))
    assert parse_cursor("audit", cursor, (str, int)) == (name, number)


@given(st.text(max_size=80))
def test_no_text_makes_the_parser_fail_in_another_way(text: str) -> None:
    with suppress(Malformed):
        assert encode_cursor("audit", parse_cursor("audit", text, (str,))) == text
