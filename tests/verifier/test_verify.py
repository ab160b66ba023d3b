# SPDX-License-Identifier: Apache-2.0
"""The check of one code: every verdict of the vectors, and what must hold for any code and any evidence."""

from __future__ import annotations

import inspect
import json
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.support.ledger_simulator import NOW, LedgerSimulator
from tests.support.ledger_vectors import load_cases, run_case
from tests.support.makers import BatchPlan, sign_batch, sign_code
from tests.support.statement_vectors import OPERATIONS, DocumentSource, FaultySource, trust_of
from verifier import verify as module
from verifier.evidence import Evidence, ItemTile, parse_proof_document
from verifier.protocol.errors import DidNotArrive, DoesNotHold, Malformed, VerifierError
from verifier.protocol.fields import parse_instant
from verifier.protocol.merkle import inclusion_proof, root_from_leaf_hashes
from verifier.protocol.product_code import ProductCode, parse_product_code
from verifier.verdict import APPEARANCE, Outcome, Status, StepName, Verdict, make_steps
from verifier.verify import Trust, verify

CASES = [param.values[0] for param in load_cases("verdict.json")]


@pytest.mark.parametrize("case", load_cases("verdict.json"))
def test_each_vector_gives_its_verdict(case: dict[str, Any]) -> None:
    run_case(case, OPERATIONS)


def test_the_vectors_reach_every_status_and_every_step() -> None:
    assert len(CASES) >= 40
    assert {case["expect"]["status"] for case in CASES} == {status.value for status in Status}
    for number in range(10):
        if number != 3:  # holds by construction
            assert any(case["expect"]["steps"][number] in ("failed", "unknown") for case in CASES), number


def test_every_reason_that_the_code_can_give_stands_in_a_vector() -> None:
    source = inspect.getsource(module)
    found = set(re.findall(r'(?:DoesNotHold\(|NOT_LOGGED, |VOID, |COUNTERFEIT, |CANNOT_TELL, )"([a-z_]+)"', source))
    assert len(found) > 20
    told = {case["expect"]["reason"] for case in CASES}
    assert found - told == {"link_differs_from_seal"}, "in version 1 the parser reads batch and seq from the serial"


def test_no_vector_is_a_second_telling_of_another() -> None:
    given_texts = [json.dumps(case["input"], sort_keys=True) for case in CASES]
    assert len(set(given_texts)) == len(given_texts)


# One ledger for what follows

LEDGER = LedgerSimulator()
ACME = LEDGER.admit("acme", prefix="69012340")
BOLT = LEDGER.admit("bolt", prefix="69055550")
BATCH = LEDGER.issue_batch(ACME, count=300)
RECALLED = LEDGER.issue_batch(ACME, count=3, lot="bad")
VOIDED = LEDGER.issue_batch(ACME, count=3, lot="L3")
UNLOGGED = LEDGER.issue_batch(ACME, plan=BatchPlan(ACME.gtin(), 77), logged=False)
LEDGER.recall(ACME, "1", lot="bad")
LEDGER.void(ACME, VOIDED, 0, 2)
TRUST = LEDGER.trust()
URL = BATCH.url(7)


def check(code: str, *, trust: Trust = TRUST, ledger: Any = LEDGER, **given: Any) -> Verdict:
    return verify(code, trust=trust, ledger=ledger, now=given.pop("now", NOW), **given)


class ByTile:
    """An EvidenceSource as a mirror has it: one evidence object per batch, one tile per 256 items."""

    def __init__(self) -> None:
        self.known: dict[tuple[str, int], Evidence] = {}
        self.tiles: dict[tuple[str, int, int], ItemTile] = {}

    def find_evidence(self, code: ProductCode, issuer_id: str) -> Evidence | None:
        key = (issuer_id, code.seal.batch)
        batch = LEDGER.batches.get(key)
        if batch is None or code.seal.seq >= len(batch.codes):
            return None
        if key not in self.known:
            found = LEDGER.find_evidence(batch.codes[0], issuer_id)
            assert found is not None
            self.known[key] = found
        index = code.seal.seq // 256
        if (*key, index) not in self.tiles:
            hashes = [batch.item_hashes[at : at + 256] for at in range(0, len(batch.item_hashes), 256)]
            roots = [root_from_leaf_hashes(tile) for tile in hashes]
            path = inclusion_proof(index, len(roots), lambda lo, hi: root_from_leaf_hashes(roots[lo:hi]))
            self.tiles[*key, index] = ItemTile(index, b"".join(hashes[index]), path)
        return replace(self.known[key], item=self.tiles[*key, index])


TILES = ByTile()
FORGED = parse_product_code(URL)
KINDS = {
    "good": URL,
    "first": BATCH.url(0),
    "last-of-a-tile": BATCH.url(255),
    "first-of-the-next": BATCH.url(256),
    "last": BATCH.url(299),
    "recalled": RECALLED.url(1),
    "void": VOIDED.url(1),
    "unlogged": UNLOGGED.url(0),
    "over-run": sign_code(ACME.key, gtin=ACME.gtin(), batch=0, seq=300).to_url("id.example.cn"),
    "forged": replace(FORGED, seal=replace(FORGED.seal, signature=bytes(64))).to_url("id.example.cn"),
    "stranger": sign_code(BOLT.key, gtin=ACME.gtin(), batch=0, seq=7).to_url("id.example.cn"),
    "malformed": "https://example.cn/",
}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("later", [timedelta(0), timedelta(days=2)], ids=["fresh", "stale"])
def test_evidence_by_path_and_by_tile_give_the_same_verdict(kind: str, later: timedelta) -> None:
    trust = LEDGER.trust()
    by_path = check(KINDS[kind], now=NOW + later)
    for _ in range(2):  # the second time from the memo
        assert check(KINDS[kind], trust=trust, ledger=TILES, now=NOW + later).to_json() == by_path.to_json()


@pytest.mark.parametrize(
    ("kind", "status"),
    [
        ("good", Status.GENUINE),
        ("recalled", Status.RECALLED),
        ("void", Status.VOID),
        ("unlogged", Status.NOT_LOGGED),
        ("over-run", Status.NOT_LOGGED),
        ("forged", Status.COUNTERFEIT),
        ("stranger", Status.COUNTERFEIT),
        ("malformed", Status.MALFORMED),
    ],
)
def test_the_kinds_above_are_what_they_are_called(kind: str, status: Status) -> None:
    verdict = check(KINDS[kind])
    assert verdict.status is status
    assert verdict.appearance is APPEARANCE[status]
    assert verdict.checked_at == NOW


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=600))
@example("\ud800")
@example("/01/" + "0" * 14 + "/21/%00?S=")
@example("https://[::1]/01/06901234000016/21/x?S=A")
def test_any_text_gets_a_verdict_and_never_a_green_one(text: str) -> None:
    verdict = check(text)
    assert verdict.status is Status.MALFORMED
    assert verdict.steps[0].outcome is Outcome.FAILED
    json.dumps(verdict.to_json()).encode()


@settings(max_examples=200, deadline=None)
@given(st.integers(0, len(URL) - 1), st.characters(codec="utf-8"))
def test_a_code_with_one_character_changed_is_the_same_item_or_not_green(at: int, character: str) -> None:
    text = URL[:at] + character + URL[at + 1 :]
    verdict = check(text)
    if verdict.status is Status.GENUINE:
        assert verdict.code is not None and verdict.code.to_path() == parse_product_code(URL).to_path()


DOCUMENT = LEDGER.proof_document(BATCH.codes[7]) or b""


def assert_green_only_unchanged(document: bytes) -> None:
    verdict = check(URL, trust=LEDGER.trust(), ledger=DocumentSource(document))
    assert verdict.status in (Status.GENUINE, Status.CANNOT_TELL, Status.NOT_LOGGED)
    assert (verdict.status is Status.GENUINE) is (document == DOCUMENT)


@settings(max_examples=400, deadline=None)
@given(st.integers(0, len(DOCUMENT) - 1), st.integers(0, 255))
def test_a_proof_document_with_one_byte_changed_is_never_green(at: int, octet: int) -> None:
    assert_green_only_unchanged(DOCUMENT[:at] + bytes([octet]) + DOCUMENT[at + 1 :])


@settings(max_examples=100, deadline=None)
@given(st.integers(0, len(DOCUMENT)), st.integers(0, 80), st.binary(max_size=80))
def test_a_proof_document_with_a_piece_replaced_is_never_green(at: int, cut: int, piece: bytes) -> None:
    assert_green_only_unchanged(DOCUMENT[:at] + piece + DOCUMENT[at + cut :])


def test_the_proof_document_itself_is_green() -> None:
    assert_green_only_unchanged(DOCUMENT)


GREEN = [case["input"] for case in CASES if case["expect"]["status"] == "genuine" and "proof" in case["input"]]


@settings(max_examples=200, deadline=None)
@given(st.sampled_from(GREEN), st.sampled_from(GREEN))
def test_no_proof_document_makes_another_code_green(mine: dict[str, Any], other: dict[str, Any]) -> None:
    verdict = verify(
        mine["code"],
        trust=trust_of(mine),
        ledger=DocumentSource(other["proof"]),
        now=parse_instant(mine["now"]),
    )
    if verdict.status is Status.GENUINE:
        ours, theirs = (parse_proof_document(item["proof"].encode())[1] for item in (mine, other))
        assert ours.item == theirs.item and ours.batch.entry == theirs.batch.entry


@pytest.mark.parametrize("error", [Malformed("a", "b"), DoesNotHold("a", "b"), DidNotArrive("a", "b")])
def test_whatever_a_source_raises_is_no_verdict_on_the_product(error: VerifierError) -> None:
    ledger = LedgerSimulator()
    acme = ledger.admit("acme", prefix="69012340")
    batch = ledger.issue_batch(acme)
    ledger.fault = error
    verdict = verify(batch.url(0), trust=ledger.trust(), ledger=ledger, now=NOW)
    assert (verdict.status, verdict.reason) == (Status.CANNOT_TELL, "a")


def test_a_memo_of_one_issuers_batch_does_not_speak_for_another() -> None:
    """acme's key signs a batch statement in bolt's name, and the operator logs it. bolt did sign such codes."""
    ledger = LedgerSimulator()
    acme, bolt = ledger.admit("acme", prefix="69012340"), ledger.admit("bolt", prefix="69055550")
    mine = ledger.issue_batch(acme)
    plan = BatchPlan(bolt.gtin(), 0)
    stolen = sign_batch(plan, origin=ledger.origin, issuer="bolt", key=bolt.key, issued_at=NOW)
    index = ledger.say(stolen.statement, acme.key)
    ledger.batches["bolt", 0] = replace(stolen, index=index)
    shared = ledger.find_evidence(stolen.codes[0], "bolt")
    assert shared is not None
    source = ledger.tampered(lambda evidence: replace(evidence, batch=shared.batch))
    trust = ledger.trust()
    first = verify(mine.url(0), trust=trust, ledger=source, now=NOW)
    assert first.reason == "batch_of_another_issuer"
    second = verify(stolen.url(0), trust=trust, ledger=source, now=NOW)
    assert (second.status, second.reason) == (Status.CANNOT_TELL, "batch_of_another_author")


def test_memos_never_answer_for_changed_evidence() -> None:
    trust = LEDGER.trust()
    assert check(URL, trust=trust).status is Status.GENUINE

    def wrong_entry(evidence: Evidence) -> Evidence:
        return replace(evidence, batch=replace(evidence.batch, entry=LEDGER.entries[1]))

    def wrong_tile(evidence: Evidence) -> Evidence:
        assert isinstance(evidence.item, ItemTile)
        return replace(evidence, item=ItemTile(0, bytes(32 * 256), evidence.item.path))

    tampers: list[tuple[Any, Callable[[Evidence], Evidence]]] = [(LEDGER, wrong_entry), (TILES, wrong_tile)]
    for source, change in tampers:
        assert check(URL, trust=trust, ledger=source).status is Status.GENUINE
        changed = change(source.find_evidence(parse_product_code(URL), "acme"))
        held = LEDGER.tampered(lambda _, changed=changed: changed)
        assert check(URL, trust=trust, ledger=held).reason == "bad_inclusion_proof"


def test_a_good_tile_of_other_items_shows_nothing_about_this_one() -> None:
    assert check(BATCH.url(256), ledger=TILES).status is Status.GENUINE
    other = TILES.tiles["acme", 0, 1]
    verdict = check(URL, ledger=LEDGER.tampered(lambda evidence: replace(evidence, item=other)))
    assert (verdict.status, verdict.reason) == (Status.CANNOT_TELL, "bad_inclusion_proof")


def test_freshness_is_asked_anew_when_a_checkpoint_comes_from_the_memo() -> None:
    ledger = LedgerSimulator(witnesses=("w1",))
    batch = ledger.issue_batch(ledger.admit("acme", prefix="69012340"))
    week = NOW + timedelta(days=7)
    trust = ledger.trust(ledger.snapshot(next_update=NOW + timedelta(days=30)))
    assert verify(batch.url(0), trust=trust, ledger=ledger, now=NOW).status is Status.GENUINE
    assert verify(batch.url(0), trust=trust, ledger=ledger, now=week).reason == "checkpoint_stale"


def test_a_witness_that_is_missing_leaves_the_quorum_open() -> None:
    ledger = LedgerSimulator(witnesses=("w1", "w2"))
    batch = ledger.issue_batch(ledger.admit("acme", prefix="69012340"))
    ledger.cosigners.remove("w2")
    assert verify(batch.url(0), trust=ledger.trust(), ledger=ledger, now=NOW).reason == "quorum_missing"


def test_a_failed_step_does_not_become_unknown() -> None:
    outcomes = ((9, Outcome.FAILED), (9, Outcome.UNKNOWN), (4, Outcome.UNKNOWN))
    steps = {step.name: step.outcome for step in make_steps(outcomes, 10)}
    assert steps[StepName.RECALL] is Outcome.FAILED
    assert steps[StepName.CHECKPOINT] is Outcome.UNKNOWN
    assert steps[StepName.PARSE] is steps[StepName.VERDICT] is Outcome.PASSED


def test_a_verdict_in_json_says_what_is_known_and_leaves_out_what_is_not() -> None:
    full, bare = check(RECALLED.url(1)).to_json(), check("x").to_json()
    assert full["batch"] == {"batch": 1, "index": RECALLED.index, "lot": "bad", "production_date": "2026-01-15"}
    assert full["recalls"][0]["recall_id"] == "acme/1" and "scope" not in full["recalls"][0]
    assert set(full) - set(bare) == {"gtin", "serial", "issuer", "batch", "recalls"}
    unknown = verify(URL, trust=Trust(LEDGER.policy, None), ledger=FaultySource("x"), now=NOW).to_json()
    assert "snapshot_as_of" not in unknown and "issuer" not in unknown


def test_every_status_has_its_own_words_and_only_genuine_is_green() -> None:
    assert set(APPEARANCE) == set(Status)
    assert [status for status in Status if APPEARANCE[status].colour == "green"] == [Status.GENUINE]
    titles = [look.title for look in APPEARANCE.values()]
    assert len({title.zh for title in titles}) == len({title.en for title in titles}) == len(Status)
    assert len({look.icon for look in APPEARANCE.values()}) == len(Status)
