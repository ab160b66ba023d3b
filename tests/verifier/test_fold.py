# SPDX-License-Identifier: Apache-2.0
"""The fold over the ledger: the same for everybody, however the entries came in, and wiser after the event."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.ledger_simulator import NOW, ORIGIN, LedgerSimulator
from tests.support.makers import Maker, SigningKey, both
from verifier.fold import LedgerState, fold_entries
from verifier.protocol.errors import Malformed, VerifierError
from verifier.protocol.statements import REGISTRY, Header, Statement, make_entry, parse_entry, signed_bytes
from verifier.protocol.statements.products import BatchIssued, CodesVoided, ProductPublished, SeqRange
from verifier.protocol.statements.recall import RecallClosed, RecallPublished, RecallRevised
from verifier.protocol.statements.registry import KeyAdded, KeyRevoked
from verifier.registration import Refused
from verifier.snapshot import make_snapshot, snapshot_text


def town() -> tuple[LedgerSimulator, Maker, Maker]:
    ledger = LedgerSimulator()
    return ledger, ledger.admit("acme", prefix="69012340"), ledger.admit("bolt", prefix="69055550")


def undone(state: LedgerState) -> list[tuple[int, str]]:
    return [(item.index, item.rule) for item in state.disregarded if item.in_hindsight]


# Hindsight


def test_a_retroactive_revocation_undoes_what_the_key_said_from_its_index_on() -> None:
    ledger, acme, _ = town()
    early = ledger.issue_batch(acme)  # 3
    late = ledger.issue_batch(acme, count=2)  # 4
    ledger.publish_product(acme)  # 5
    ledger.void(acme, early, 0, 0)  # 6
    second = ledger.add_key(acme)  # 7, also with the stolen key
    assert ledger.state().voids
    ledger.revoke(acme, acme.key, from_index=4)
    state = ledger.state()
    assert undone(state) == [(index, "key_revoked") for index in (4, 5, 6, 7)]
    assert list(state.batches) == [("acme", early.statement.batch)]
    assert not state.products and not state.voids
    assert state.batches_of_gtin == {acme.gtin(): [state.batches["acme", 0]]}
    assert second.key_id not in state.key_owners
    assert state.next_batch("acme") == 1
    assert late.index == 4


def test_a_revocation_from_its_own_index_undoes_nothing() -> None:
    ledger, acme, _ = town()
    ledger.issue_batch(acme)
    ledger.revoke(acme, acme.key)
    state = ledger.state()
    assert not state.disregarded
    assert state.issuers["acme"].keys[0].revoked_from == 4
    assert ("acme", 0) in state.batches


def test_keys_that_a_stolen_key_added_go_with_it_and_so_does_all_that_rests_on_them() -> None:
    ledger, acme, _ = town()
    own = ledger.add_key(acme, "own")  # 3
    thief = ledger.add_key(acme, "thief")  # 4: said with the stolen first key
    thiefs_maker = Maker("acme", acme.prefixes, thief)
    ledger.add_key(thiefs_maker, "thief's second")  # 5
    ledger.issue_batch(acme, key=SigningKey(f"{ledger.origin} acme thief's second"))  # 6
    ledger.issue_batch(acme, key=own)  # 7
    ledger.revoke(acme, acme.key, from_index=4)  # 8
    state = ledger.state()
    assert undone(state) == [(4, "key_revoked"), (5, "unknown_key"), (6, "unknown_key")]
    assert [key.public_key for key in state.issuers["acme"].keys] == [acme.key.public_key, own.public_key]
    assert list(state.batches) == [("acme", 1)]


def test_a_recall_that_a_thief_closed_is_open_again() -> None:
    ledger, acme, _ = town()
    own = ledger.add_key(acme)
    ledger.recall(acme, "1")  # 4
    ledger.close(acme, "1")  # 5
    assert not ledger.state().recalls["acme/1"].is_active
    ledger.say(KeyRevoked(Header(ORIGIN, "acme", NOW), "acme", acme.key.key_id, 5, "stolen"), own)
    assert ledger.state().recalls["acme/1"].is_active


def test_a_recall_that_a_thief_published_is_gone_and_its_number_is_free() -> None:
    ledger, acme, _ = town()
    own = ledger.add_key(acme)
    start = ledger.recall(acme, "1", severity="low")
    ledger.revoke(acme, acme.key, from_index=start)
    assert not ledger.state().recalls
    ledger.recall(Maker("acme", acme.prefixes, own), "1", severity="serious")
    assert ledger.state().recalls["acme/1"].notice.severity == "serious"


def test_a_revision_by_a_thief_is_undone() -> None:
    ledger, acme, _ = town()
    ledger.recall(acme, "1")
    start = ledger.revise(acme, "1", 2, lot="L-nothing")
    ledger.revoke(acme, acme.key, from_index=start)
    record = ledger.state().recalls["acme/1"]
    assert (record.revision, record.index) == (1, start - 1)


def test_a_revocation_is_never_undone_whoever_said_it() -> None:
    ledger, acme, _ = town()
    own = ledger.add_key(acme)  # 3
    revoke_own = KeyRevoked(Header(ORIGIN, "acme", NOW), "acme", own.key_id, 4, "by the thief")
    ledger.say(revoke_own, acme.key)  # 4
    ledger.revoke(acme, acme.key, from_index=4)
    state = ledger.state()
    assert not state.disregarded
    assert [key.revoked_from for key in state.issuers["acme"].keys] == [4, 4]


def test_the_earliest_of_two_revocations_counts() -> None:
    ledger, acme, _ = town()
    ledger.issue_batch(acme)  # 3
    ledger.issue_batch(acme)  # 4
    ledger.revoke(acme, acme.key)  # 5
    ledger.revoke(acme, acme.key, from_index=4)  # 6
    state = ledger.state()
    assert undone(state) == [(4, "key_revoked")]
    ledger.revoke(acme, acme.key, from_index=4)
    assert ledger.state().disregarded[-1].rule == "key_revoked"


def test_a_batch_whose_codes_key_is_revoked_is_undone_though_its_author_is_good() -> None:
    ledger, acme, _ = town()
    codes_key = ledger.add_key(acme)
    batch = ledger.issue_batch(acme, key=codes_key, logged=False)
    index = ledger.say(batch.statement, acme.key)
    ledger.revoke(acme, codes_key, from_index=index)
    assert undone(ledger.state()) == [(index, "key_revoked")]


def test_an_issuer_whose_first_key_is_revoked_from_the_start_stays_admitted() -> None:
    ledger, acme, _ = town()
    ledger.revoke(acme, acme.key, from_index=0)
    state = ledger.state()
    assert state.prefixes.find_issuer_id(acme.gtin()) == "acme"
    ledger.issue_batch(acme)
    assert ledger.state().disregarded[-1].rule == "key_revoked"


def test_a_revoked_key_that_comes_back_stays_revoked_in_every_fold() -> None:
    """Added by a thief, revoked, its addition undone in hindsight, then added again, even by somebody else."""
    ledger, acme, bolt = town()
    key = ledger.add_key(acme)  # 3
    ledger.revoke(acme, key)  # 4
    ledger.revoke(acme, acme.key, from_index=3)  # 5
    assert undone(ledger.state()) == [(3, "key_revoked")]
    ledger.say(KeyAdded(Header(ORIGIN, "bolt", NOW), "bolt", key.prove(origin=ORIGIN, issuer="bolt")), bolt.key)
    state = ledger.state()
    before = picture(state)
    assert state.issuers["bolt"].keys[1].revoked_from == 4
    state.rollback(state.size)
    assert picture(state) == before
    ledger.issue_batch(bolt, key=key)
    assert ledger.state().disregarded[-1].rule == "key_revoked"


# What cannot stand


def test_disregarded_entries_are_listed_with_rule_and_reason() -> None:
    ledger, acme, bolt = town()
    ledger.append(b"advertising")
    ledger.issue_batch(bolt, gtin=acme.gtin())
    state = ledger.state()
    assert [(item.index, item.rule, item.in_hindsight) for item in state.disregarded] == [
        (3, "bad_json", False),
        (4, "prefix_not_yours", False),
    ]
    assert acme.gtin() in state.disregarded[1].message
    assert state.size == 5


def test_a_refused_entry_changes_nothing_and_the_next_one_may_take_its_index() -> None:
    ledger, acme, bolt = town()
    state = ledger.state()
    before = picture(state)
    with pytest.raises(Refused):
        state.admit(3, signed(ledger, ProductPublished(header("bolt"), acme.gtin(), "ab" * 32, MEDIA), bolt.key))
    with pytest.raises(Malformed):
        state.admit(3, b"{}")
    assert picture(state) == before
    state.admit(3, signed(ledger, ProductPublished(header("acme"), acme.gtin(), "ab" * 32, MEDIA), acme.key))


def test_an_entry_out_of_order_is_the_callers_mistake() -> None:
    ledger, _, _ = town()
    state = ledger.state()
    for index in (2, 4):
        with pytest.raises(ValueError, match="next entry is 3"):
            state.admit(index, ledger.entries[2])


def test_a_ledger_that_begins_with_rubbish_never_says_anything() -> None:
    ledger, _acme, _ = town()
    state = fold_entries([b"rubbish", *ledger.entries], ledger.origin)
    assert state.registry is None and not state.issuers
    assert {item.rule for item in state.disregarded} == {"bad_json", "registry_first", "unknown_key"}
    assert fold_entries(ledger.entries, "elsewhere.example/ledger").registry is None


def test_the_latest_passport_of_a_gtin_counts() -> None:
    ledger, acme, _ = town()
    ledger.publish_product(acme, document=b"one")
    second = ledger.publish_product(acme, document=b"two")
    assert ledger.state().products[acme.gtin()].index == second


def test_voids_of_one_batch_add_up() -> None:
    ledger, acme, _ = town()
    batch = ledger.issue_batch(acme, count=9)
    for first, last in ((4, 5), (0, 1), (2, 2), (5, 7)):
        ledger.void(acme, batch, first, last)
    assert ledger.state().voids == {("acme", 0): (SeqRange(0, 2), SeqRange(4, 7))}


def test_the_next_batch_number_is_above_all_that_were_used() -> None:
    ledger, acme, _ = town()
    state = ledger.state()
    assert (state.next_batch("acme"), state.next_batch("nobody")) == (0, 0)
    ledger.batches["acme", 6] = ledger.issue_batch(acme)  # the simulator goes on at 7
    ledger.issue_batch(acme)
    assert ledger.state().next_batch("acme") == 8


# Properties over histories with thieves, mistakes and rubbish in them

MEDIA = "application/vc+jwt"
BASE, ACME_MAKER, BOLT_MAKER = town()
KEYS = [ACME_MAKER.key, BOLT_MAKER.key, *(SigningKey(f"key {number}") for number in range(3))]
ISSUERS = ("acme", "bolt")
GTINS = (ACME_MAKER.gtin(), BOLT_MAKER.gtin())


def header(issuer: str) -> Header:
    return Header(ORIGIN, issuer, NOW)


def signed(ledger: LedgerSimulator, statement: Statement, key: SigningKey) -> bytes:
    return make_entry(statement, key_id=key.key_id, signature=key.sign(signed_bytes(statement)))


def picture(state: LedgerState) -> dict[str, Any]:
    """Everything that a fold says."""
    text = snapshot_text(make_snapshot(state, root_hash=bytes(32), as_of_at=NOW, next_update_at=NOW))
    names = ("size", "registry", "issuers", "key_owners", "batches", "batches_of_gtin", "products", "voids", "recalls")
    folded = {name: getattr(state, name) for name in (*names, "disregarded")}
    next_batches = [state.next_batch(issuer) for issuer in ISSUERS]
    owners = [state.prefixes.find_issuer_id(gtin) for gtin in GTINS]
    return {name: repr(value) for name, value in folded.items()} | {"text": text, "next": next_batches, "own": owners}


def batch_of(issuer: str, gtin: str, number: int, key: SigningKey) -> BatchIssued:
    return BatchIssued(header(issuer), gtin, "L1", NOW.date(), number, 5, 1, key.key_id, bytes(32))


def notice_of(issuer: str) -> Any:
    maker = ACME_MAKER if issuer == "acme" else BOLT_MAKER
    return BASE.notice(maker, lot="L1", scope=(), severity="low", action="recall")


@st.composite
def said(draw: st.DrawFn) -> Callable[[int], bytes]:
    """A statement by somebody: more often than not by one who may say it."""
    issuer = draw(st.sampled_from(ISSUERS))
    mine = KEYS[ISSUERS.index(issuer)]
    author = draw(st.sampled_from([mine, mine, *KEYS[2:]]))
    key = draw(st.sampled_from(KEYS[2:]))
    number = draw(st.integers(0, 2))
    back = draw(st.integers(0, 6))
    gtin = draw(st.sampled_from([GTINS[ISSUERS.index(issuer)], *GTINS]))
    kind = draw(st.integers(0, 9))

    def build(index: int) -> bytes:
        head = header(issuer)
        if kind in (0, 1):
            return signed(BASE, KeyAdded(head, issuer, key.prove(origin=ORIGIN, issuer=issuer)), author)
        if kind == 2:
            revoked = draw_key(author, key, number)
            return signed(BASE, KeyRevoked(head, issuer, revoked.key_id, max(index - back, 0), "r"), author)
        if kind == 3:
            by_operator = KeyRevoked(header(REGISTRY), issuer, key.key_id, max(index - back, 0), "r")
            return signed(BASE, by_operator, BASE.operator_key)
        if kind == 4:
            return signed(BASE, RecallPublished(head, f"{issuer}/{number}", notice_of(issuer)), author)
        if kind == 5:
            return signed(BASE, RecallRevised(head, f"{issuer}/{number}", 2 + back % 2, notice_of(issuer)), author)
        if kind == 6:
            return signed(BASE, RecallClosed(head, f"{issuer}/{number}", both("done")), author)
        if kind == 7:
            return signed(BASE, CodesVoided(head, number, (SeqRange(back % 5, 4),), both("x")), author)
        if kind == 8 and back == 0:
            return b"rubbish"
        return signed(BASE, batch_of(issuer, gtin, number, key if back % 2 else author), author)

    return build


def draw_key(author: SigningKey, key: SigningKey, number: int) -> SigningKey:
    return author if number == 0 else key


histories = st.lists(said(), min_size=1, max_size=14).map(
    lambda makers: [make(index) for index, make in enumerate(makers, start=3)]
)


def fold_of(history: list[bytes], size: int | None = None) -> LedgerState:
    return fold_entries([*BASE.entries, *history][:size], ORIGIN)


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
    for index, entry in enumerate(history, start=3):
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
