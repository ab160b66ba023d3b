# SPDX-License-Identifier: Apache-2.0
"""Request targets: the raw bytes survive, hostile ones are refused, the language switch touches nothing else."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from verifier.protocol.errors import Malformed
from verifier.web.targets import parse_badge_target, raw_target, with_language, without_language

PRINTABLE = st.text(alphabet=[chr(code) for code in range(33, 127)], max_size=80)


@given(rest=PRINTABLE)
def test_a_relative_target_comes_back_byte_for_byte(rest: str) -> None:
    assert raw_target({"RAW_URI": f"/{rest}"}) == f"/{rest}"
    assert raw_target({"REQUEST_URI": f"/{rest}"}) == f"/{rest}"


@pytest.mark.parametrize(
    "value", [None, "", 3, "*", "a/b", "/ü", "/a b", "/a\n", "/\x00", "http://a.example", "/" + "a" * 2048, "/\udc80"]
)
def test_a_target_that_is_not_printable_ascii_is_malformed(value: object) -> None:
    with pytest.raises(Malformed):
        raw_target({"RAW_URI": value})


def test_an_absolute_target_loses_its_authority() -> None:
    assert raw_target({"RAW_URI": "HTTP://a.example:80/01/x?S=%2F"}) == "/01/x?S=%2F"


@given(path=PRINTABLE, language=st.sampled_from(["zh", "en"]))
def test_the_switch_adds_one_parameter_and_takes_it_away_again(path: str, language: str) -> None:
    plain = without_language(f"/{path}")
    switched = with_language(plain, language)
    assert switched.startswith(plain)
    assert without_language(switched).rstrip("?") == plain.rstrip("?")
    assert switched.count(f"lang={language}") >= 1


@pytest.mark.parametrize(
    ("target", "expected"),
    [
        ("/a?S=X&lang=en", "/a?S=X"),
        ("/a?lang=zh&S=X", "/a?S=X"),
        ("/a?lang=en", "/a"),
        ("/a?S=X&lang=fr", "/a?S=X&lang=fr"),
        ("/a?S=X&slang=en", "/a?S=X&slang=en"),
        ("/a?S=X&&b=%6c", "/a?S=X&&b=%6c"),
    ],
)
def test_only_our_own_language_parameter_goes(target: str, expected: str) -> None:
    assert without_language(target) == expected


@given(text=st.text(max_size=60))
def test_badge_addresses_are_read_or_malformed(text: str) -> None:
    try:
        target = parse_badge_target(f"/badge/01/{text}")
    except Malformed:
        return
    assert target.path.startswith(f"/badge/01/{target.gtin}/10/")
    assert target.view in ("", "events", "status")
