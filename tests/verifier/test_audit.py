# SPDX-License-Identifier: Apache-2.0
"""An audit over real HTTP: an honest ledger comes out clean, and each kind of cheating is found and named."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from tests.support.ledger_server import LedgerServer, Refuse
from tests.support.ledger_simulator import LedgerSimulator, flip_bit
from tests.support.makers import BatchPlan, Maker
from verifier.audit import AuditReport, audit
from verifier.ledger_client import LedgerClient
from verifier.protocol.errors import DidNotArrive, DoesNotHold
from verifier.protocol.policy import VerifiedCheckpoint, verify_checkpoint
from verifier.protocol.statements.recall import ScopeEntry, WholeModel
from verifier.snapshot import parse_snapshot


def small_ledger() -> tuple[LedgerSimulator, Maker, Maker]:
    ledger = LedgerSimulator()
    acme = ledger.admit("acme", prefix="69012340")
    bolt = ledger.admit("bolt", prefix="69055550")
    batch = ledger.issue_batch(acme, count=5, lot="L1")
    ledger.issue_batch(bolt, count=3, lot="B1")
    ledger.recall(acme, "2026-1", lot="L1")
    ledger.void(acme, batch, 4, 4)
    return ledger, acme, bolt


def run_audit(
    ledger: LedgerSimulator,
    spoil: Callable[[dict[str, bytes]], None] = lambda files: None,
    seen: VerifiedCheckpoint | None = None,
) -> AuditReport:
    files = ledger.files()
    spoil(files)
    with LedgerServer(files) as server:
        return audit(LedgerClient(server.url + "/ledger", ledger.policy), now=ledger.now, seen=seen)


def codes_of(report: AuditReport) -> set[str]:
    return {finding.code for finding in report.findings}


def checkpoint_of(ledger: LedgerSimulator, size: int | None = None) -> VerifiedCheckpoint:
    return verify_checkpoint(ledger.checkpoint(size), ledger.policy)


def test_an_honest_ledger_comes_out_clean_with_its_counts() -> None:
    ledger, _, _ = small_ledger()
    report = run_audit(ledger, seen=checkpoint_of(ledger, 3))
    assert report.findings == []
    assert report.is_clean
    assert report.codes == 8
    assert report.snapshots == 5  # whole, two issuers, two GTINs
    assert report.statements["batch.issued"] == 2
    json = report.to_json()
    assert (json["size"], json["seen_size"], json["is_clean"]) == (7, 3, True)


def test_a_ledger_of_several_bundles_with_a_late_revocation_comes_out_clean() -> None:
    ledger, acme, _ = small_ledger()
    second = ledger.add_key(acme)
    stolen_from = len(ledger.entries)
    for number in range(300):
        ledger.publish_product(acme, document=b"%d" % number)
    ledger.issue_batch(acme, key=second)
    ledger.issue_batch(acme, plan=BatchPlan(acme.gtin(2), 99))
    ledger.revoke(acme, acme.key, from_index=stolen_from)
    report = run_audit(ledger)
    assert report.is_clean, report.findings
    assert len(report.in_hindsight) == 301
    assert {finding.code for finding in report.in_hindsight} == {"key_revoked"}


def test_progress_is_told_up_to_the_end() -> None:
    ledger, _, _ = small_ledger()
    told: list[tuple[str, int, int]] = []
    with LedgerServer(ledger.files()) as server:
        client = LedgerClient(server.url + "/ledger", ledger.policy)
        audit(client, now=ledger.now, progress=lambda *args: told.append(args))
    assert ("entries", 7, 7) in told
    assert told[-1] == ("snapshots", 5, 5)


def test_an_entry_that_the_policy_forbids_is_the_operators_fault() -> None:
    ledger, acme, bolt = small_ledger()
    batch = ledger.issue_batch(bolt, gtin=acme.gtin())
    report = run_audit(ledger)
    assert [(finding.code, finding.index) for finding in report.findings] == [("entry_not_permitted", batch.index)]
    assert "prefix_not_yours" in report.findings[0].message
    assert report.is_complete


def test_bytes_that_are_no_statement_are_the_operators_fault() -> None:
    ledger, _, _ = small_ledger()
    ledger.append(b"advertising")
    assert codes_of(run_audit(ledger)) == {"entry_not_permitted"}


@pytest.mark.parametrize("where", ["", "/acme", "/gtin/06901234000016"])
def test_a_recall_that_is_hidden_from_any_snapshot_is_found_and_named(where: str) -> None:
    ledger, _, _ = small_ledger()
    hidden = ledger.snapshot(without={5}, shard="acme" if where else None)
    report = run_audit(ledger, lambda files: files.update({f"/ledger/snapshot{where}": hidden}))
    assert codes_of(report) == {"snapshot_differs"}
    assert "acme/2026-1" in report.findings[0].message


def test_an_invented_recall_is_found() -> None:
    ledger, acme, _ = small_ledger()
    more = LedgerSimulator()
    more.entries = list(ledger.entries)
    more.recall(acme, "invented", scope=[ScopeEntry(acme.gtin(), WholeModel())])
    parsed = parse_snapshot(more.snapshot(), ledger.status_vkey)
    forged = ledger.sign_snapshot(replace(parsed, size=7, root_hash=ledger.root_hash()))
    report = run_audit(ledger, lambda files: files.update({"/ledger/snapshot": forged}))
    assert codes_of(report) == {"snapshot_differs"}


def test_a_snapshot_of_an_earlier_size_is_recomputed_at_that_size() -> None:
    ledger, _, _ = small_ledger()
    older = ledger.snapshot(size=5)
    assert run_audit(ledger, lambda files: files.update({"/ledger/snapshot": older})).is_clean
    without_an_issuer = ledger.snapshot(size=5, without={2})
    report = run_audit(ledger, lambda files: files.update({"/ledger/snapshot": without_an_issuer}))
    assert codes_of(report) == {"snapshot_differs"}


def test_a_snapshot_ahead_of_the_ledger_is_found() -> None:
    ledger, acme, _ = small_ledger()
    files = ledger.files()
    ledger.recall(acme, "2026-2")
    files["/ledger/snapshot"] = ledger.snapshot()
    with LedgerServer(files) as server:
        report = audit(LedgerClient(server.url + "/ledger", ledger.policy), now=ledger.now)
    assert codes_of(report) == {"snapshot_ahead"}


def test_a_ledger_that_grows_during_the_audit_is_no_fault() -> None:
    ledger, acme, _ = small_ledger()
    old_checkpoint = ledger.checkpoint()
    old_files = ledger.files()
    ledger.issue_batch(acme, lot="L2")
    ledger.recall(acme, "2026-2", lot="L2")
    served = _Growing(old_files | ledger.files(), old_checkpoint)
    with LedgerServer(served) as server:
        report = audit(LedgerClient(server.url + "/ledger", ledger.policy), now=ledger.now)
    assert report.is_clean, report.findings
    assert report.checkpoint is not None
    assert report.checkpoint.size == 9


class _Growing(dict[str, bytes]):
    """Serves the old checkpoint the first time that it is asked for, and the new one from then on."""

    def __init__(self, files: dict[str, bytes], first: bytes) -> None:
        super().__init__(files)
        self._first: bytes | None = first

    def get(self, key: str, default: bytes | None = None) -> bytes | None:  # type: ignore[override]
        if key == "/ledger/checkpoint" and self._first is not None:
            first, self._first = self._first, None
            return first
        return super().get(key, default)


@pytest.mark.parametrize(
    ("days", "code"), [(-3, "snapshot_stale"), (3, "snapshot_from_the_future")], ids=["stale", "future"]
)
def test_a_snapshot_of_another_time_is_found(days: int, code: str) -> None:
    ledger, _, _ = small_ledger()
    note = ledger.snapshot(as_of=ledger.now + timedelta(days=days))
    assert codes_of(run_audit(ledger, lambda files: files.update({"/ledger/snapshot": note}))) == {code}


def test_a_snapshot_that_another_key_signed_is_found() -> None:
    ledger, _, _ = small_ledger()
    ledger_key_signed = LedgerSimulator()
    ledger_key_signed.entries = list(ledger.entries)
    ledger_key_signed.status_key = ledger.ledger_key
    note = ledger_key_signed.snapshot()
    assert codes_of(run_audit(ledger, lambda files: files.update({"/ledger/snapshot": note}))) == {"bad_signature"}


@pytest.mark.parametrize(
    ("target", "codes"),
    [
        ("/ledger/tile/0/000.p/7", {"bad_tile"}),
        ("/ledger/tile/entries/000.p/7", {"bad_entry"}),
    ],
)
def test_one_flipped_bit_stops_the_audit_with_a_finding(target: str, codes: set[str]) -> None:
    ledger, _, _ = small_ledger()
    report = run_audit(ledger, lambda files: flip_bit(files, target, bit=8 * 40))
    assert codes_of(report) == codes
    assert not report.is_complete


@pytest.mark.parametrize("target", ["/ledger/tile/0/000.p/7", "/ledger/tile/entries/000.p/7", "/ledger/snapshot/bolt"])
def test_a_file_that_the_ledger_signed_for_and_does_not_have_is_found(target: str) -> None:
    ledger, _, _ = small_ledger()
    assert codes_of(run_audit(ledger, lambda files: files.__delitem__(target))) == {"missing"}


def test_a_second_history_is_found_and_the_checkpoint_is_not_to_be_kept() -> None:
    ledger, _, _ = small_ledger()
    forked = verify_checkpoint(ledger.forked_checkpoint(4), ledger.policy)
    report = run_audit(ledger, seen=forked)
    assert codes_of(report) == {"ledger_forked"}
    assert report.is_complete
    assert not report.is_one_history


def test_a_ledger_that_shows_an_older_state_than_before_is_found() -> None:
    ledger, _, _ = small_ledger()
    newer = LedgerSimulator()
    newer.entries = list(ledger.entries)
    newer.append(b"x")
    with LedgerServer(newer.files() | ledger.files()) as server:
        client = LedgerClient(server.url + "/ledger", ledger.policy)
        report = audit(client, now=ledger.now, seen=checkpoint_of(newer))
    assert codes_of(report) == {"ledger_went_back"}


def test_a_checkpoint_without_the_witnesses_that_the_policy_asks_for_is_found() -> None:
    ledger = LedgerSimulator(witnesses=("w1", "w2"))
    ledger.cosigners = ["w1"]
    assert codes_of(run_audit(ledger)) == {"quorum_missing"}


def test_a_ledger_whose_entry_0_is_no_registry_is_found() -> None:
    ledger, _, _ = small_ledger()
    ledger.entries[0] = b"not a registry"
    ledger.batches.clear()
    report = run_audit(ledger)
    assert codes_of(report) == {"no_registry", "entry_not_permitted"}
    assert len(report.findings) == 8  # nothing that follows is permitted either


def test_an_empty_ledger_is_found() -> None:
    ledger = LedgerSimulator()
    ledger.entries.clear()
    assert codes_of(run_audit(ledger)) == {"no_registry"}


def test_the_wrong_policy_is_no_finding_about_the_ledger() -> None:
    ledger, _, _ = small_ledger()
    with LedgerServer(ledger.files()) as server, pytest.raises(DoesNotHold) as caught:
        audit(LedgerClient(server.url + "/ledger", LedgerSimulator(origin="b.cn/ledger").policy), now=ledger.now)
    assert caught.value.code == "unknown_log"


def test_a_network_that_fails_is_no_finding_about_the_ledger() -> None:
    ledger, _, _ = small_ledger()
    with LedgerServer(ledger.files()) as server:
        server.faults["/ledger/tile/entries/000.p/7"] = Refuse(503)
        with pytest.raises(DidNotArrive) as caught:
            audit(LedgerClient(server.url + "/ledger", ledger.policy), now=ledger.now)
    assert caught.value.code == "bad_status"


def test_no_single_flipped_bit_in_anything_that_is_served_leaves_the_audit_clean() -> None:
    ledger, _, _ = small_ledger()
    files = ledger.files()
    served = sorted(target for target in files if target.startswith("/ledger/") and target != "/ledger/policy")
    refused: list[tuple[str, str]] = []  # a checkpoint with another origin is not of this ledger
    choices = random.Random(20260301)
    with LedgerServer(files) as server:
        for target in served * 3:
            bit = choices.randrange(8 * len(files[target]))
            flip_bit(files, target, bit=bit)
            try:
                report = audit(LedgerClient(server.url + "/ledger", ledger.policy), now=ledger.now)
                assert not report.is_clean, (target, bit)
            except DoesNotHold as error:
                refused.append((target, error.code))
            flip_bit(files, target, bit=bit)
        assert audit(LedgerClient(server.url + "/ledger", ledger.policy), now=ledger.now).is_clean
    assert set(refused) <= {("/ledger/checkpoint", "unknown_log")}
