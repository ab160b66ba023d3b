# SPDX-License-Identifier: Apache-2.0
"""What a badge may say of a whole lot: never green when it cannot know."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.ledger_simulator import NOW, LedgerSimulator
from tests.support.makers import Maker
from verifier.lots import LotVerdict, check_lot
from verifier.protocol.statements.products import SeqRange
from verifier.protocol.statements.recall import OneLot, ScopeEntry, SeqRangeOf, WholeModel
from verifier.snapshot import parse_snapshot
from verifier.verdict import Status


def town() -> tuple[LedgerSimulator, Maker]:
    ledger = LedgerSimulator()
    acme = ledger.admit("acme", prefix="69012340")
    ledger.issue_batch(acme, lot="L1")
    ledger.issue_batch(acme, lot="L1")
    ledger.issue_batch(acme, lot="L2")
    ledger.issue_batch(acme, gtin=acme.gtin(2), lot="other")
    return ledger, acme


def ask(ledger: LedgerSimulator, gtin: str, lot: str, now: datetime = NOW) -> LotVerdict:
    state = ledger.state()
    batches = [record.statement for record in state.batches_of_gtin.get(gtin, [])]
    snapshot = parse_snapshot(ledger.snapshot(as_of=NOW), ledger.status_vkey)
    return check_lot(gtin, lot, snapshot=snapshot, batches=batches, now=now)


def test_a_logged_lot_without_a_recall_is_green() -> None:
    ledger, acme = town()
    verdict = ask(ledger, acme.gtin(), "L1")
    assert (verdict.status, verdict.reason) == (Status.GENUINE, "lot_logged")
    assert verdict.issuer is not None and verdict.issuer.id == "acme"
    value = verdict.to_json()
    assert value["snapshot_as_of"] == "2026-03-01T08:00:00Z" and value["next_update"] == "2026-03-02T08:00:00Z"
    assert "recalls" not in value


@pytest.mark.parametrize("lot", ["L3", "l1", "other"])
def test_a_lot_that_was_not_logged_for_this_product_is_not_green(lot: str) -> None:
    ledger, acme = town()
    assert ask(ledger, acme.gtin(), lot).status is Status.NOT_LOGGED


def test_a_recall_of_a_few_codes_of_the_lot_turns_the_whole_badge() -> None:
    ledger, acme = town()
    scope = [ScopeEntry(acme.gtin(), SeqRangeOf(1, SeqRange(3, 3)))]
    ledger.recall(acme, "1", scope=scope, action="withdrawal")
    verdict = ask(ledger, acme.gtin(), "L1")
    assert (verdict.status, verdict.reason) == (Status.RECALLED, "withdrawal")
    assert ask(ledger, acme.gtin(), "L2").status is Status.GENUINE


def test_a_closed_recall_is_shown_and_the_badge_is_green_again() -> None:
    ledger, acme = town()
    ledger.recall(acme, "1", lot="L1")
    assert ask(ledger, acme.gtin(), "L1").status is Status.RECALLED
    ledger.close(acme, "1")
    verdict = ask(ledger, acme.gtin(), "L1")
    assert verdict.status is Status.GENUINE
    assert [record.recall_id for record in verdict.recalls] == ["acme/1"]
    assert verdict.to_json()["recalls"][0]["status"] == "closed"


def test_an_exception_for_the_whole_lot_leaves_it_green() -> None:
    ledger, acme = town()
    ledger.recall(acme, "1", scope=[ScopeEntry(acme.gtin(), WholeModel(), (OneLot("L2"),))])
    assert ask(ledger, acme.gtin(), "L1").status is Status.RECALLED
    assert ask(ledger, acme.gtin(), "L2").status is Status.GENUINE


@pytest.mark.parametrize("ago", [timedelta(days=1, seconds=1), timedelta(minutes=-5, seconds=-1)])
def test_a_stale_snapshot_or_one_from_the_future_is_never_green(ago: timedelta) -> None:
    ledger, acme = town()
    verdict = ask(ledger, acme.gtin(), "L1", NOW + ago)
    assert (verdict.status, verdict.reason) == (Status.CANNOT_TELL, "snapshot_stale")
    assert ask(ledger, acme.gtin(), "L3", NOW + ago).status is Status.CANNOT_TELL
    ledger.recall(acme, "1", lot="L1")
    assert ask(ledger, acme.gtin(), "L1", NOW + ago).status is Status.RECALLED


def test_the_last_second_of_a_snapshot_still_counts() -> None:
    ledger, acme = town()
    assert ask(ledger, acme.gtin(), "L1", NOW + timedelta(days=1)).status is Status.GENUINE


def test_without_a_snapshot_nothing_can_be_told() -> None:
    verdict = check_lot("06901234000016", "L1", snapshot=None, batches=(), now=NOW)
    assert (verdict.status, verdict.reason) == (Status.CANNOT_TELL, "no_snapshot")
    assert "snapshot_as_of" not in verdict.to_json()


@given(st.text(max_size=30), st.text(max_size=30))
def test_any_text_gets_an_answer_that_is_not_green(gtin: str, lot: str) -> None:
    ledger, _ = TOWN
    verdict = ask(ledger, gtin, lot)
    assert verdict.status is Status.MALFORMED
    assert verdict.reason in ("bad_gtin", "bad_lot")


TOWN = town()
