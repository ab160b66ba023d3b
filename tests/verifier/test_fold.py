# SPDX-License-Identifier: Apache-2.0
"""The fold over the ledger: the same for everybody, however the entries came in, and wiser after the event."""

from __future__ import annotations

import pytest

from tests.support.folds import picture, signed
from tests.support.ledger_simulator import NOW, ORIGIN, LedgerSimulator
from tests.support.makers import BatchPlan, Maker, SigningKey
from verifier.fold import LedgerState, fold_entries
from verifier.protocol.errors import Malformed
from verifier.protocol.statements import Header
from verifier.protocol.statements.products import ProductPublished, SeqRange
from verifier.protocol.statements.recall import ScopeEntry, WholeModel
from verifier.protocol.statements.registry import KeyAdded, KeyRevoked
from verifier.registration import Refused


def town() -> tuple[LedgerSimulator, Maker, Maker]:
    ledger = LedgerSimulator()
    return ledger, ledger.admit("acme", prefix="69012340"), ledger.admit("bolt", prefix="69055550")


def undone(state: LedgerState) -> list[tuple[int, str]]:
    return [(item.index, item.rule) for item in state.disregarded if item.in_hindsight]


MEDIA = "application/vc+jwt"


def header(issuer: str) -> Header:
    return Header(ORIGIN, issuer, NOW)


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


def test_an_honest_revision_stands_though_a_thiefs_revision_before_it_is_undone() -> None:
    ledger, acme, _ = town()
    good = Maker("acme", acme.prefixes, ledger.add_key(acme))
    ledger.recall(good, "1", lot="L1")
    start = ledger.revise(acme, "1", 2, lot="L-nothing")
    ledger.revise(good, "1", 3)  # the whole model
    ledger.revoke(acme, acme.key, from_index=start)
    state = ledger.state()
    assert undone(state) == [(start, "key_revoked")]
    assert state.recalls["acme/1"].revision == 3
    assert state.recalls["acme/1"].notice.scope == (ScopeEntry(acme.gtin(), WholeModel()),)


def test_a_recall_that_a_good_key_has_revised_stands_though_its_publication_is_undone() -> None:
    """A warning does not vanish: the good key has repeated the whole notice."""
    ledger, acme, _ = town()
    good = Maker("acme", acme.prefixes, ledger.add_key(acme))
    start = ledger.recall(acme, "1", lot="L1")
    ledger.revise(good, "1", 2, lot="L2")
    ledger.revoke(acme, acme.key, from_index=start)
    record = ledger.state().recalls["acme/1"]
    assert record.is_active and record.publisher == "acme" and record.revision == 2
    ledger.close(good, "1")
    assert not ledger.state().recalls["acme/1"].is_active


def test_the_number_of_an_undone_batch_stays_used() -> None:
    """Its item hashes may have been uploaded under that number already."""
    ledger, acme, _ = town()
    good = Maker("acme", acme.prefixes, ledger.add_key(acme))
    batch = ledger.issue_batch(acme)
    ledger.revoke(acme, acme.key, from_index=batch.index)
    assert not ledger.state().batches
    again = ledger.issue_batch(good, plan=BatchPlan(acme.gtin(), batch.statement.batch))
    assert (ledger.state().disregarded[-1].index, ledger.state().disregarded[-1].rule) == (again.index, "batch_exists")
    ledger.issue_batch(good, plan=BatchPlan(acme.gtin(), batch.statement.batch + 1))
    assert list(ledger.state().batches) == [("acme", batch.statement.batch + 1)]


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


def test_disregarded_entries_are_listed_in_the_order_of_the_ledger() -> None:
    ledger, acme, _ = town()
    ledger.issue_batch(acme)  # 3: undone below
    ledger.append(b"advertising")  # 4
    ledger.revoke(acme, acme.key, from_index=3)
    ledger.append(b"more")
    listed = [(item.index, item.in_hindsight) for item in ledger.state().disregarded]
    assert listed == [(3, True), (4, False), (6, False)]


def test_a_refused_entry_changes_nothing_and_the_next_one_may_take_its_index() -> None:
    ledger, acme, bolt = town()
    state = ledger.state()
    before = picture(state)
    with pytest.raises(Refused):
        state.admit(3, signed(ProductPublished(header("bolt"), acme.gtin(), "ab" * 32, MEDIA, 0), bolt.key))
    with pytest.raises(Malformed):
        state.admit(3, b"{}")
    assert picture(state) == before
    state.admit(3, signed(ProductPublished(header("acme"), acme.gtin(), "ab" * 32, MEDIA, 0), acme.key))


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


def test_a_rollback_that_forgets_nothing_costs_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    ledger = LedgerSimulator()
    state = ledger.state()
    replays: list[int] = []
    monkeypatch.setattr(LedgerState, "_replay", lambda self: replays.append(self.size))
    state.rollback(state.size)
    state.rollback(state.size + 5)
    assert (replays, state.size) == ([], ledger.state().size)
    state.rollback(state.size - 1)
    assert len(replays) == 1
