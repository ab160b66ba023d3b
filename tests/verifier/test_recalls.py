# SPDX-License-Identifier: Apache-2.0
"""Recall and void cover, held against a naive definition, item by item, over random batches, recalls and codes."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.ledger_simulator import NOW, ORIGIN, LedgerSimulator
from tests.support.makers import both
from verifier.facts import BatchRecord
from verifier.protocol.statements import Header
from verifier.protocol.statements.products import BatchIssued, SeqRange
from verifier.protocol.statements.recall import OneLot, ProducedBetween, ScopeEntry, Selector, SeqRangeOf, WholeModel
from verifier.recalls import RecallRecord, covered_ranges, merge_ranges, worst_first
from verifier.snapshot import make_snapshot, parse_snapshot

LEDGER = LedgerSimulator()
ACME = LEDGER.admit("acme", prefix="69012340")
BOLT = LEDGER.admit("bolt", prefix="69055550")
GTINS = {"acme": (ACME.gtin(1), ACME.gtin(2)), "bolt": (BOLT.gtin(1),)}
ALL_GTINS = (*GTINS["acme"], *GTINS["bolt"])
DAY = date(2026, 1, 15)
NOTICE = LEDGER.notice(ACME, lot=None, scope=(), severity="high", action="recall")
MAX_COUNT = 12


def batch_of(issuer: str, gtin: str, number: int, count: int, lot: str, day: int) -> BatchIssued:
    produced = DAY + timedelta(days=day)
    return BatchIssued(Header(ORIGIN, issuer, NOW), gtin, lot, produced, number, count, 1, "ab" * 32, bytes(32))


@st.composite
def batches(draw: st.DrawFn, number: int = 0) -> BatchIssued:
    issuer = draw(st.sampled_from(["acme", "acme", "bolt"]))
    gtin = draw(st.sampled_from(GTINS[issuer]))
    return batch_of(
        issuer, gtin, number, draw(st.integers(1, MAX_COUNT)), draw(st.sampled_from("AB")), draw(st.integers(0, 4))
    )


@st.composite
def ranges(draw: st.DrawFn) -> SeqRange:
    first = draw(st.integers(0, MAX_COUNT + 2))
    return SeqRange(first, first + draw(st.integers(0, 5)))


@st.composite
def selectors(draw: st.DrawFn, *, whole: bool = True) -> Selector:
    match draw(st.integers(0 if whole else 1, 3)):
        case 0:
            return WholeModel()
        case 1:
            return OneLot(draw(st.sampled_from("ABC")))
        case 2:
            return SeqRangeOf(draw(st.integers(0, 3)), draw(ranges()))
        case _:
            first = DAY + timedelta(days=draw(st.integers(-1, 5)))
            return ProducedBetween(first, first + timedelta(days=draw(st.integers(0, 3))))


@st.composite
def scope_entries(draw: st.DrawFn) -> ScopeEntry:
    exceptions = draw(st.lists(selectors(whole=False), max_size=3))
    return ScopeEntry(draw(st.sampled_from(ALL_GTINS)), draw(selectors()), tuple(exceptions))


scopes = st.lists(scope_entries(), min_size=1, max_size=4).map(tuple)


# The naive definition: one item, no ranges.


def picks(selector: Selector, batch: BatchIssued, seq: int) -> bool:
    match selector:
        case WholeModel():
            return True
        case OneLot(lot):
            return lot == batch.lot
        case SeqRangeOf(number, span):
            return number == batch.batch and span.first <= seq <= span.last
        case ProducedBetween(first, last):
            return first <= batch.production_date <= last


def is_covered(scope: tuple[ScopeEntry, ...], batch: BatchIssued, seq: int) -> bool:
    if not 0 <= seq < batch.count:
        return False
    for entry in scope:
        excepted = any(picks(exception, batch, seq) for exception in entry.exceptions)
        if entry.gtin == batch.gtin and picks(entry.selector, batch, seq) and not excepted:
            return True
    return False


@settings(max_examples=300)
@given(scopes, batches(number=1))
def test_the_covered_ranges_hold_exactly_the_items_of_the_definition(
    scope: tuple[ScopeEntry, ...], batch: BatchIssued
) -> None:
    covered = covered_ranges(scope, batch)
    for seq in range(batch.count + 10):
        assert any(seq in item for item in covered) is is_covered(scope, batch, seq), seq
    assert is_normal(covered)


def is_normal(items: tuple[SeqRange, ...]) -> bool:
    """Ascending, disjoint, not touching: one spelling per set."""
    flat = [end for item in items for end in (item.first, item.last)]
    gaps = all(right.first > left.last + 1 for left, right in pairwise(items))
    return flat == sorted(flat) and gaps


@given(st.lists(ranges(), max_size=6))
def test_merged_ranges_hold_the_same_positions_in_one_spelling(items: list[SeqRange]) -> None:
    merged = merge_ranges(items)
    for seq in range(MAX_COUNT + 12):
        assert any(seq in item for item in merged) is any(seq in item for item in items)
    assert is_normal(merged)
    assert merge_ranges(merged) == merged == merge_ranges(reversed(items))


recall_values = st.tuples(scopes, st.booleans(), st.sampled_from(["serious", "high", "medium", "low"]))


@settings(max_examples=60, deadline=None)
@given(
    st.lists(batches(), min_size=1, max_size=4),
    st.lists(recall_values, max_size=4),
    st.dictionaries(st.integers(0, 3), st.lists(ranges(), min_size=1, max_size=3), max_size=2),
)
def test_a_snapshot_answers_for_each_code_as_the_definition_does_after_a_round_trip(
    drawn: list[BatchIssued],
    recalls: list[tuple[tuple[ScopeEntry, ...], bool, str]],
    voids: dict[int, list[SeqRange]],
) -> None:
    state = LEDGER.state()
    logged = [replace(batch, batch=number) for number, batch in enumerate(drawn)]
    for number, batch in enumerate(logged):
        record = BatchRecord(3 + number, batch)
        state.batches[batch.header.issuer, number] = record
        state.batches_of_gtin.setdefault(batch.gtin, []).append(record)
    for number, (scope, is_closed, severity) in enumerate(recalls):
        notice = replace(NOTICE, scope=scope, severity=severity)
        reason = both("over") if is_closed else None
        state.recalls[f"acme/{number}"] = RecallRecord(f"acme/{number}", "acme", 1, 10 + number, notice, reason)
    for number, items in voids.items():
        state.voids["acme", number] = merge_ranges(items)

    made = make_snapshot(state, root_hash=bytes(32), as_of_at=NOW, next_update_at=NOW)
    snapshot = parse_snapshot(LEDGER.sign_snapshot(made), LEDGER.status_vkey)
    assert snapshot == made
    for batch in logged:
        for seq in range(batch.count):
            place = (batch.header.issuer, batch.batch, seq)
            found = snapshot.recalls_of(*place)
            expected = {f"acme/{n}" for n, (scope, _, _) in enumerate(recalls) if is_covered(scope, batch, seq)}
            assert {record.recall_id for record in found} == expected
            assert found == worst_first(reversed(found)) == snapshot.recalls_by_scope(batch, seq)
            void = batch.header.issuer == "acme" and any(seq in item for item in voids.get(batch.batch, []))
            assert snapshot.is_void(*place) is void


def record_of(number: int, severity: str, *, is_closed: bool = False) -> RecallRecord:
    notice = replace(NOTICE, severity=severity)
    return RecallRecord(f"acme/{number}", "acme", 1, number, notice, both("over") if is_closed else None)


def test_the_worst_recall_comes_first() -> None:
    """Active before closed, then by severity, then the older one."""
    expected = [
        record_of(5, "serious"),
        record_of(1, "high"),
        record_of(3, "high"),
        record_of(2, "low"),
        record_of(0, "serious", is_closed=True),
    ]
    assert list(worst_first(sorted(expected, key=lambda record: record.index))) == expected


def test_what_is_shown_of_a_recall_leaves_its_scope_out() -> None:
    value = record_of(1, "low", is_closed=True).to_public_json()
    assert "scope" not in value
    assert value["status"] == "closed" and value["closed_reason"] == both("over").to_json()
    assert "closed_reason" not in record_of(1, "low").to_public_json()


@pytest.mark.parametrize(
    ("selector", "expected"),
    [
        (SeqRangeOf(1, SeqRange(0, 0)), (SeqRange(0, 0),)),
        (SeqRangeOf(1, SeqRange(4, 4)), (SeqRange(4, 4),)),
        (SeqRangeOf(1, SeqRange(5, 5)), ()),
        (SeqRangeOf(1, SeqRange(3, 2**32 - 1)), (SeqRange(3, 4),)),
        (SeqRangeOf(2, SeqRange(0, 4)), ()),
        (ProducedBetween(DAY, DAY), (SeqRange(0, 4),)),
        (ProducedBetween(DAY + timedelta(days=1), DAY + timedelta(days=9)), ()),
        (OneLot("A"), (SeqRange(0, 4),)),
        (OneLot("a"), ()),
    ],
)
def test_the_edges_of_each_selector(selector: Selector, expected: tuple[SeqRange, ...]) -> None:
    batch = batch_of("acme", ACME.gtin(), 1, 5, "A", 0)
    assert covered_ranges([ScopeEntry(ACME.gtin(), selector)], batch) == expected


def test_an_exception_of_one_entry_does_not_spare_what_another_covers() -> None:
    batch = batch_of("acme", ACME.gtin(), 1, 5, "A", 0)
    spared = SeqRangeOf(1, SeqRange(2, 2))
    entries = [ScopeEntry(ACME.gtin(), WholeModel(), (spared,)), ScopeEntry(ACME.gtin(), SeqRangeOf(1, SeqRange(2, 3)))]
    assert covered_ranges(entries[:1], batch) == (SeqRange(0, 1), SeqRange(3, 4))
    assert covered_ranges(entries, batch) == (SeqRange(0, 4),)
