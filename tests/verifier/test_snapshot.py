# SPDX-License-Identifier: Apache-2.0
"""The signed snapshot: recomputed byte for byte, cut into shards, and refused when one byte differs."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from functools import cache
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.ledger_simulator import NOW, LedgerSimulator, sign_note
from tests.support.ledger_vectors import load_cases, run_case
from tests.support.statement_vectors import OPERATIONS
from verifier.fold import fold_entries
from verifier.protocol.encoding import encode_canonical_json
from verifier.protocol.errors import Malformed, VerifierError
from verifier.protocol.note import ALG_ED25519, make_vkey
from verifier.protocol.statements.products import SeqRange
from verifier.protocol.statements.recall import ScopeEntry, WholeModel
from verifier.snapshot import Snapshot, make_shard, make_snapshot, parse_snapshot, snapshot_text


@cache
def town() -> LedgerSimulator:
    ledger = LedgerSimulator()
    acme, bolt = ledger.admit("acme", prefix="69012340"), ledger.admit("bolt", prefix="69055550")
    gov = ledger.admit("gov", roles=("authority",))
    second = ledger.add_key(acme)  # 4
    for number in range(4):
        ledger.issue_batch(acme, key=second, count=3, lot=f"L{number % 2}")  # 5 … 8
    batch = ledger.issue_batch(bolt, lot="B1")  # 9
    ledger.recall(acme, "1", lot="L1")
    ledger.recall(bolt, "1")
    both_brands = [ScopeEntry(acme.gtin(), WholeModel()), ScopeEntry(bolt.gtin(), WholeModel())]
    ledger.recall(gov, "1", scope=both_brands, severity="serious")
    ledger.close(bolt, "1")
    ledger.void(bolt, batch, 1, 2)
    ledger.revoke(acme, second, from_index=7)
    return ledger


@cache
def parsed() -> Snapshot:
    return parse_snapshot(town().snapshot(), town().status_vkey)


@pytest.mark.parametrize("case", load_cases("snapshot.json"))
def test_each_snapshot_vector_gives_its_answer(case: dict[str, Any]) -> None:
    run_case(case, OPERATIONS)


@pytest.mark.parametrize("size", [1, 4, 10, None])
def test_an_auditor_recomputes_the_snapshot_byte_for_byte(size: int | None) -> None:
    ledger = town()
    signed = parse_snapshot(ledger.snapshot(size=size), ledger.status_vkey)
    mine = make_snapshot(
        fold_entries(ledger.entries[: signed.size], ledger.origin),
        root_hash=ledger.root_hash(signed.size),
        as_of_at=signed.as_of_at,
        next_update_at=signed.next_update_at,
    )
    assert snapshot_text(mine) == ledger.snapshot(size=size).decode().partition("\n\n")[0] + "\n"
    assert mine == signed


def test_two_folds_at_different_times_differ_only_in_their_instants() -> None:
    later = NOW + timedelta(hours=1)
    ours = json.loads(town().snapshot(as_of=later).decode().partition("\n")[0])
    first = json.loads(town().snapshot().decode().partition("\n")[0])
    assert {name for name in ours if ours[name] != first[name]} == {"as_of", "next_update"}


@pytest.mark.parametrize("shard", ["acme", "bolt", "gov"])
def test_a_shard_is_a_subset_of_the_whole_and_holds_all_that_concerns_its_issuer(shard: str) -> None:
    ledger, whole = town(), parsed()
    part = parse_snapshot(ledger.snapshot(shard=shard), ledger.status_vkey)
    assert part.shard == shard
    assert part.issuers == (whole.find_issuer(shard),)
    assert set(part.voids) == {void for void in whole.voids if void.issuer == shard}
    assert [recall for recall in whole.recalls if recall in part.recalls] == list(part.recalls)
    assert replace(part, issuers=whole.issuers, recalls=whole.recalls, voids=whole.voids, shard=None) == whole
    for (owner, number), batch in ledger.batches.items():
        for seq in range(len(batch.codes)):
            place = (owner, number, seq)
            if owner == shard:
                assert part.recalls_of(*place) == whole.recalls_of(*place)
                assert part.is_void(*place) is whole.is_void(*place)


def test_there_is_no_shard_of_a_stranger() -> None:
    with pytest.raises(KeyError):
        make_shard(parsed(), "nobody")


def test_a_shard_says_nothing_about_another_brand() -> None:
    shard = make_shard(parsed(), "bolt")
    gtin = parsed().issuers[0].prefixes[0]
    assert parsed().find_issuer_of_gtin(f"0{gtin}0000")  # the index looks at prefixes, not at check digits
    assert shard.find_issuer_of_gtin(f"0{gtin}0000") is None


def test_the_good_batches_of_a_revoked_key_are_those_logged_in_time() -> None:
    first, second = parsed().issuers[0].keys
    assert (first.revoked_from, first.good_batches) == (None, ())
    assert (second.revoked_from, second.good_batches) == (7, (SeqRange(0, 1),))
    assert [second.is_good_for_batch(number) for number in range(4)] == [True, True, False, False]


def test_a_recall_covers_batches_that_were_logged_after_it_too() -> None:
    ledger = LedgerSimulator()
    acme = ledger.admit("acme", prefix="69012340")
    ledger.recall(acme, "1", lot="L1")
    assert parse_snapshot(ledger.snapshot(), ledger.status_vkey).recalls[0].covers == ()
    ledger.issue_batch(acme, lot="L1")
    assert parse_snapshot(ledger.snapshot(), ledger.status_vkey).recalls_of("acme", 0, 3)


def test_a_recall_by_an_authority_stands_in_the_shard_of_each_brand_that_it_names() -> None:
    for shard in ("acme", "bolt"):
        assert "gov/1" in {recall.record.recall_id for recall in make_shard(parsed(), shard).recalls}
    assert "acme/1" not in {recall.record.recall_id for recall in make_shard(parsed(), "bolt").recalls}


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_a_snapshot_note_with_one_byte_changed_is_refused(data: st.DataObject) -> None:
    note = town().snapshot(shard="bolt")
    at = data.draw(st.integers(0, len(note) - 1))
    octet = data.draw(st.integers(0, 255).filter(lambda value: value != note[at]))
    with pytest.raises(VerifierError):
        parse_snapshot(note[:at] + bytes([octet]) + note[at + 1 :], town().status_vkey)


@settings(max_examples=100, deadline=None)
@given(st.data())
def test_a_snapshot_note_cut_or_lengthened_is_refused(data: st.DataObject) -> None:
    note = town().snapshot(shard="gov")
    cut = data.draw(st.integers(0, len(note) - 1))
    for changed in (note[:cut], note + data.draw(st.binary(min_size=1, max_size=4))):
        with pytest.raises(VerifierError):
            parse_snapshot(changed, town().status_vkey)


@given(st.binary(max_size=300))
def test_any_bytes_are_refused_by_name(data: bytes) -> None:
    with pytest.raises(VerifierError):
        parse_snapshot(data, town().status_vkey)


JSON = st.recursive(
    st.booleans() | st.integers(-5, 2**53 - 1) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("abcdt", max_size=3), inner, max_size=3),
    max_leaves=8,
)


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Every place in a JSON document."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(place for name, item in inner for place in places(item, (*path, name)))]


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_whatever_the_status_key_signs_is_a_snapshot_or_refused(data: st.DataObject) -> None:
    """A registry that was taken over signs anything; the parser still gives one value for one text, or an error."""
    ledger = town()
    value = json.loads(ledger.snapshot().decode().partition("\n")[0])
    path = data.draw(st.sampled_from(places(value)[1:]))
    holder = value
    for name in path[:-1]:
        holder = holder[name]
    holder[path[-1]] = data.draw(JSON)
    text = encode_canonical_json(value).decode() + "\n"
    try:
        snapshot = parse_snapshot(sign_note(text, ledger.status_vkey, ledger.status_key), ledger.status_vkey)
    except Malformed:
        return
    assert snapshot_text(snapshot) == text


def test_another_ledgers_status_key_signs_nothing_here() -> None:
    other = LedgerSimulator(origin="elsewhere.example/ledger")
    with pytest.raises(VerifierError) as caught:
        parse_snapshot(other.snapshot(), town().status_vkey)
    assert caught.value.code == "no_trusted_signature"


def test_the_status_key_under_another_name_is_another_key() -> None:
    ledger = town()
    renamed = make_vkey(f"{ledger.origin}/other", ALG_ED25519, ledger.status_key.public_key)
    with pytest.raises(VerifierError) as caught:
        parse_snapshot(ledger.snapshot(), renamed)
    assert caught.value.code == "no_trusted_signature"
