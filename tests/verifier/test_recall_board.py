# SPDX-License-Identifier: Apache-2.0
"""A board whose numbers are not those of its rows is found out, though the registry has signed it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from passport.domain.recall_cases import CaseListing, RecallCase
from passport.domain.recall_export import BoardContent, Proof, board_files
from passport.domain.recall_indicators import CaseFacts, figures_of, indicators_of
from tests.support.recalls import RECALL, state_of
from verifier.protocol.encoding import encode_canonical_json, parse_canonical_json
from verifier.protocol.errors import DoesNotHold, Malformed
from verifier.protocol.fields import Fields
from verifier.recall_board import CASES, LISTINGS, _check_cases

PUSH = datetime(2026, 11, 1, tzinfo=UTC)
HOURS = (timedelta(hours=24), timedelta(hours=24, seconds=1))


def _files() -> dict[str, bytes]:
    case = RecallCase("case-1", "shop-b", RECALL, PUSH, 1, pushed_at=PUSH)
    row = CaseListing(
        "case-1",
        "",
        "https://shop.example/1",
        "s-1",
        "Seller",
        "06901234500011",
        ("L1",),
        "bound",
        PUSH,
        pushed_at=PUSH,
    )
    listings = (
        replace(row, listing="in-time", delisted_at=PUSH + HOURS[0], notice_at=PUSH),
        replace(row, listing="late", delisted_at=PUSH + HOURS[1], released_at=PUSH + HOURS[1]),
        replace(row, listing="open"),
        replace(row, listing="released-in-time", released_at=PUSH + HOURS[0]),
        replace(row, listing="released-late", released_at=PUSH + HOURS[1]),
        replace(row, listing="not-pushed", pushed_at=None),
    )
    facts = CaseFacts(case, listings)
    now = PUSH + timedelta(days=3)
    figures, indicators = {case.id: figures_of(facts, now)}, indicators_of([facts], now)
    content = BoardContent(now, "shop-b", False, 41, (state_of(),), (facts,), figures, indicators)
    return board_files(content, Proof("registry.example/ledger", b"", b"", ()))


def _check(files: dict[str, bytes]) -> tuple[int, int]:
    fields = Fields(parse_canonical_json(files[CASES], max_size=1_000_000), CASES)
    return _check_cases(fields, {RECALL}, files[LISTINGS])


def test_the_numbers_of_a_board_are_those_that_its_rows_give() -> None:
    assert _check(_files()) == (1, 6)


@pytest.mark.parametrize(
    "name", ["affected", "delisted", "listings", "notices", "released", "stopped", "stopped_in_time"]
)
def test_a_number_that_the_rows_do_not_give_is_found(name: str) -> None:
    files = _files()
    value = parse_canonical_json(files[CASES], max_size=1_000_000)
    assert isinstance(value, dict) and isinstance(value["cases"], list) and isinstance(value["cases"][0], dict)
    number = value["cases"][0][name]
    assert isinstance(number, int)
    value["cases"][0][name] = number + 1
    with pytest.raises(DoesNotHold, match=name):
        _check(files | {CASES: encode_canonical_json(value)})


@pytest.mark.parametrize("data", [b"\xff", b"case,url\r\nx\r\n", b'case\r\n"' + b"x" * 200_000])
def test_a_table_that_is_none_is_malformed_and_nothing_else(data: bytes) -> None:
    with pytest.raises(Malformed):
        _check(_files() | {LISTINGS: data})
