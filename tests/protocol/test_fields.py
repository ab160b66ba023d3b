# SPDX-License-Identifier: Apache-2.0
"""The cursor over one JSON object: everything once, everything bounded, nothing left over."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.ledger_vectors import value_or_none
from verifier.protocol.errors import Malformed
from verifier.protocol.fields import (
    MAX_INTEGER,
    Contact,
    Fields,
    Text,
    format_instant,
    parse_date,
    parse_id,
    parse_instant,
)

HINDI_DIGITS = "२०२६-०१-१५"


def refuses(code: str, read: Callable[[], Any]) -> None:
    with pytest.raises(Malformed) as caught:
        read()
    assert caught.value.code == code
    assert str(caught.value)


@pytest.mark.parametrize("text", ["a", "0", "a-b", "a--b", "x" * 32, "acme-2"])
def test_an_issuer_id_is_lower_case_with_inner_hyphens(text: str) -> None:
    assert parse_id(text) == text


@pytest.mark.parametrize("text", ["", "-a", "a-", "x" * 33, "Acme", "a_b", "a/b", "é", "a\n", "a b", "."])
def test_anything_else_is_no_issuer_id(text: str) -> None:
    refuses("bad_issuer_id", lambda: parse_id(text))


@given(st.datetimes(min_value=datetime(1, 1, 1), max_value=datetime(9999, 12, 31)).map(lambda at: at.replace(microsecond=0)))  # fmt: skip  # noqa: DTZ001, E501
def test_every_instant_comes_back_as_it_was_written(at: datetime) -> None:
    text = format_instant(at.replace(tzinfo=UTC))
    assert parse_instant(text) == at.replace(tzinfo=UTC)
    assert len(text) == 20


def test_an_instant_in_another_zone_is_written_in_utc() -> None:
    beijing = timezone(timedelta(hours=8))
    assert format_instant(datetime(2026, 3, 1, 7, 30, 15, 999, tzinfo=beijing)) == "2026-02-28T23:30:15Z"


def test_a_year_before_1000_has_four_digits() -> None:
    assert format_instant(parse_instant("0999-01-01T00:00:00Z")) == "0999-01-01T00:00:00Z"


@pytest.mark.parametrize(
    "text",
    [
        "2026-03-01T08:00:00",
        "2026-03-01T08:00:00z",
        "2026-03-01t08:00:00Z",
        "2026-03-01 08:00:00Z",
        "2026-03-01T08:00:00.0Z",
        "2026-03-01T08:00:00+00:00",
        "2026-03-01T24:00:00Z",
        "2026-03-01T08:00:60Z",
        "2026-03-01T08:00:61Z",
        "2026-02-29T08:00:00Z",
        "0000-01-01T00:00:00Z",
        "2026-3-01T08:00:00Z",
        " 2026-03-01T08:00:00Z",
        "2026-03-01T08:00:00Z\n",
        f"{HINDI_DIGITS}T08:00:00Z",
        "",
    ],
)
def test_an_instant_has_one_spelling(text: str) -> None:
    refuses("bad_instant", lambda: parse_instant(text))


@pytest.mark.parametrize("text", ["2026-02-29", "2026-W01-1", "20260115", "2026-1-15", "2026-01-15T", HINDI_DIGITS, ""])
def test_a_date_has_one_spelling(text: str) -> None:
    refuses("bad_date", lambda: parse_date(text))
    assert parse_date("2024-02-29") == date(2024, 2, 29)


@given(st.text())
def test_any_text_is_a_value_or_malformed(text: str) -> None:
    value_or_none(lambda: parse_id(text), "bad_issuer_id")
    value_or_none(lambda: parse_instant(text), "bad_instant")
    value_or_none(lambda: parse_date(text), "bad_date")


def test_a_member_is_taken_once_and_what_is_left_over_is_named() -> None:
    fields = Fields({"a": "x", "b": 1}, "thing")
    assert fields.has("a")
    assert fields.string("a") == "x"
    assert not fields.has("a")
    refuses("missing_member", lambda: fields.string("a"))
    with pytest.raises(Malformed, match="thing: unknown member b"):
        fields.done()
    assert fields.integer("b") == 1
    fields.done()


def test_reading_does_not_change_the_callers_object() -> None:
    value: dict[str, Any] = {"a": 1}
    Fields(value, "thing").take("a")
    assert value == {"a": 1}


@pytest.mark.parametrize("value", [[], "x", 1, True])
def test_only_an_object_has_fields(value: Any) -> None:
    refuses("not_an_object", lambda: Fields(value, "thing"))


@pytest.mark.parametrize(
    ("value", "code"),
    [(1, "wrong_type"), (True, "wrong_type"), ([], "wrong_type"), ("", "wrong_length"), ("x" * 201, "wrong_length")],
)
def test_a_string_is_bounded_text(value: Any, code: str) -> None:
    refuses(code, lambda: Fields({"a": value}, "thing").string("a"))
    assert Fields({"a": "x" * 200}, "thing").string("a") == "x" * 200


@pytest.mark.parametrize(
    ("value", "code"),
    [("1", "wrong_type"), (True, "wrong_type"), (-1, "out_of_range"), (MAX_INTEGER + 1, "out_of_range")],
)
def test_an_integer_is_no_boolean_and_bounded(value: Any, code: str) -> None:
    refuses(code, lambda: Fields({"a": value}, "thing").integer("a"))
    assert Fields({"a": MAX_INTEGER}, "thing").integer("a") == MAX_INTEGER


@pytest.mark.parametrize(
    ("value", "code"),
    [
        ("ab", "wrong_type"),
        (["b", "a"], "not_sorted"),
        (["a", "a"], "not_sorted"),
        (["a", 1], "wrong_type"),
        (["a", "B"], "bad_issuer_id"),
        (["a"] * 1001, "wrong_length"),
    ],
)
def test_a_set_of_strings_has_one_spelling(value: Any, code: str) -> None:
    refuses(code, lambda: Fields({"a": value}, "thing").sorted_strings("a", parse_id))
    assert Fields({"a": ["a", "b"]}, "thing").sorted_strings("a", parse_id) == ("a", "b")


@pytest.mark.parametrize("value", [{"zh": "甲"}, {"en": "a"}, {"zh": "甲", "en": ""}, {"zh": "甲", "en": "a", "fr": "a"}, "甲"])  # fmt: skip  # noqa: E501
def test_a_text_has_both_languages_and_no_third(value: Any) -> None:
    with pytest.raises(Malformed):
        Fields({"a": value}, "thing").text("a")
    assert Fields({"a": {"zh": "甲", "en": "a"}}, "thing").text("a") == Text("甲", "a")


@pytest.mark.parametrize(
    "value",
    [
        {"phone": "", "url": ""},
        {"phone": "1", "url": "http://x.example"},
        {"phone": "1", "url": "javascript:alert(1)"},
        {"phone": "1", "url": "HTTPS://x.example"},
        {"phone": "1" * 41, "url": ""},
        {"phone": "1"},
    ],
)
def test_a_contact_can_be_reached_and_leads_to_https_alone(value: Any) -> None:
    with pytest.raises(Malformed):
        Fields({"a": value}, "thing").contact("a")
    phone_only = {"phone": "400", "url": ""}
    assert Fields({"a": phone_only}, "thing").contact("a") == Contact("400", "")
    assert Fields({"a": phone_only}, "thing").contact("a").to_json() == phone_only
