# SPDX-License-Identifier: Apache-2.0
"""Properties of the fold over histories with thieves, mistakes and rubbish in them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.assessments import make_certificate, make_inspection
from tests.support.folds import picture, signed
from tests.support.ledger_simulator import NOW, ORIGIN, LedgerSimulator
from tests.support.makers import SigningKey, both
from verifier.fold import LedgerState, fold_entries
from verifier.protocol.errors import VerifierError
from verifier.protocol.statements import REGISTRY, Header, parse_entry
from verifier.protocol.statements.products import BatchIssued, CodesVoided, SeqRange
from verifier.protocol.statements.recall import RecallClosed, RecallPublished, RecallRevised
from verifier.protocol.statements.registry import KeyAdded, KeyRevoked

BASE = LedgerSimulator()
ACME_MAKER, BOLT_MAKER = BASE.admit("acme", prefix="69012340"), BASE.admit("bolt", prefix="69055550")
KEYS = [ACME_MAKER.key, BOLT_MAKER.key, BASE.add_key(ACME_MAKER), BASE.add_key(BOLT_MAKER)]
OWN = {"acme": [KEYS[0], KEYS[2]], "bolt": [KEYS[1], KEYS[3]]}
FLOATING = SigningKey("nobody's yet")
LAB, OFFICE = BASE.admit("lab", roles=("laboratory",)), BASE.admit("office", roles=("authority",))
LAB_KEYS = [LAB.key, BASE.add_key(LAB), OFFICE.key]
ISSUERS = ("acme", "bolt")
GTINS = (ACME_MAKER.gtin(), BOLT_MAKER.gtin())


def header(issuer: str) -> Header:
    return Header(ORIGIN, issuer, NOW)


def assessor(key: SigningKey) -> Header:
    return header("office" if key == OFFICE.key else "lab")


def batch_of(issuer: str, gtin: str, number: int, key: SigningKey) -> BatchIssued:
    return BatchIssued(header(issuer), gtin, "L1", NOW.date(), number, 5, 1, key.key_id, bytes(32))


def notice_of(issuer: str) -> Any:
    maker = ACME_MAKER if issuer == "acme" else BOLT_MAKER
    return BASE.notice(maker, lot="L1", scope=(), severity="low", action="recall")


@st.composite
def said(draw: st.DrawFn) -> Callable[[int], bytes]:
    """A statement by somebody: more often than not by one who may say it."""
    issuer = draw(st.sampled_from(ISSUERS))
    author = draw(st.sampled_from([*OWN[issuer], *OWN[issuer], FLOATING]))
    key = draw(st.sampled_from([FLOATING, *KEYS[2:]]))
    number, back = draw(st.integers(0, 3)), draw(st.integers(0, 6))
    gtin = draw(st.sampled_from([GTINS[ISSUERS.index(issuer)]] * 3 + list(GTINS)))
    kind = draw(st.integers(0, 16))
    lab_key = draw(st.sampled_from(LAB_KEYS))
    head = header(issuer)

    def build(index: int) -> bytes:
        start = max(index - back, 0)
        match kind:
            case 0:
                return signed(KeyAdded(head, issuer, key.prove(origin=ORIGIN, issuer=issuer)), author)
            case 1:
                return signed(KeyRevoked(head, issuer, key.key_id, start, "by a holder of a key"), author)
            case 2 | 3:
                lost = author if number else key
                return signed(KeyRevoked(header(REGISTRY), issuer, lost.key_id, start, "r"), BASE.operator_key)
            case 4:
                return signed(RecallPublished(head, f"{issuer}/{number}", notice_of(issuer)), author)
            case 5:
                return signed(RecallRevised(head, f"{issuer}/{number}", 2 + back, notice_of(issuer)), author)
            case 6:
                return signed(RecallClosed(head, f"{issuer}/{number}", both("done")), author)
            case 7:
                return signed(CodesVoided(head, number, (SeqRange(back % 5, 4),), both("x")), author)
            case 8 if back == 0:
                return b"rubbish"
            case 12 | 13:
                status = ("valid", "suspended", "revoked")[back % 3]
                return signed(
                    make_certificate(assessor(lab_key), status, number=str(number % 2), revision=back), lab_key
                )
            case 14 | 15:
                name, result = f"{'lab' if number else 'office'}/1", ("passed", "failed")[back % 2]
                report = make_inspection(assessor(lab_key), gtin, result=result, revision=back, inspection_id=name)
                return signed(report, lab_key)
            case 16:
                lost = LAB_KEYS[number % 3]
                subject = assessor(lost).issuer
                return signed(KeyRevoked(header(REGISTRY), subject, lost.key_id, start, "r"), BASE.operator_key)
            case _:
                return signed(batch_of(issuer, gtin, number, key if back == 1 else author), author)

    return build


histories = st.lists(said(), min_size=3, max_size=14).map(
    lambda makers: [make(index) for index, make in enumerate(makers, start=len(BASE.entries))]
)


def fold_of(history: list[bytes], size: int | None = None) -> LedgerState:
    return fold_entries([*BASE.entries, *history][:size], ORIGIN)


def test_the_histories_hold_enough_that_is_undone_and_refused() -> None:
    """Otherwise the properties below would be empty words."""
    undone = refused = 0

    @settings(max_examples=60, deadline=None, database=None, derandomize=True)
    @given(histories)
    def count(history: list[bytes]) -> None:
        nonlocal undone, refused
        found = fold_of(history).disregarded
        undone += any(item.in_hindsight for item in found)
        refused += any(not item.in_hindsight for item in found)

    count()
    assert undone >= 6 and refused >= 20, (undone, refused)


@settings(max_examples=60, deadline=None)
@given(histories, st.data())
def test_a_rollback_is_the_fold_of_the_prefix_and_going_on_gives_the_whole(
    history: list[bytes], data: st.DataObject
) -> None:
    state = fold_of(history)
    whole = picture(state)
    size = data.draw(st.integers(0, state.size))
    state.rollback(state.size)
    assert picture(state) == whole, "a rollback of nothing"
    state.rollback(size)
    assert picture(state) == picture(fold_of(history, size))
    for index, entry in enumerate([*BASE.entries, *history][size:], start=size):
        state.read(index, entry)
    assert picture(state) == whole


@settings(max_examples=40, deadline=None)
@given(histories, st.lists(said(), max_size=4))
def test_the_registrys_way_and_the_auditors_way_give_the_same(
    history: list[bytes], attempts: list[Callable[[int], bytes]]
) -> None:
    """The registry admits, is told no, and rolls back; the auditor reads what was stored in the end."""
    state = fold_of([])
    stored: list[bytes] = []
    for entry in history:
        for attempt in attempts:
            try:
                state.admit(state.size, attempt(state.size))
            except VerifierError:
                continue
            state.rollback(len(BASE.entries) + len(stored))  # the commit failed
        try:
            state.admit(state.size, entry)
            stored.append(entry)
        except VerifierError:
            continue
    auditors = fold_of(stored)
    assert picture(auditors) == picture(state)
    assert all(item.in_hindsight for item in auditors.disregarded)


@settings(max_examples=60, deadline=None)
@given(histories)
def test_whatever_counts_was_said_by_a_key_that_was_good_then(history: list[bytes]) -> None:
    state = fold_of(history)
    without_effect = {item.index for item in state.disregarded}
    assert sorted(without_effect) == [item.index for item in state.disregarded]
    for index, entry in enumerate(history, start=len(BASE.entries)):
        if index in without_effect:
            continue
        said_here = parse_entry(entry)
        statement = said_here.statement
        if isinstance(statement, KeyRevoked):
            continue  # counts for ever
        key = state.issuers[statement.header.issuer].find_key(said_here.key_id)
        assert key is not None and key.is_good_at(index)
        if isinstance(statement, BatchIssued):
            assert state.batches[statement.header.issuer, statement.batch].index == index
    for issuer in state.issuers.values():
        assert len({key.public_key.hint for key in issuer.keys}) == len(issuer.keys)
        assert {state.key_owners[key.public_key.key_id] for key in issuer.keys} == {issuer.id}
