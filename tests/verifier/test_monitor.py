# SPDX-License-Identifier: Apache-2.0
"""A monitor over real HTTP: every kind of event, forks and lesser failures."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from tests.support.ledger_server import LedgerServer, Refuse
from tests.support.ledger_simulator import LedgerSimulator, flip_bit
from tests.support.monitors import ACME, Scene, admit, issue_many
from tests.support.webhook_receiver import WebhookReceiver
from verifier.monitor_loop import Forked
from verifier.monitor_webhook import Webhook
from verifier.protocol.errors import DidNotArrive, DoesNotHold
from verifier.protocol.statements.recall import ScopeEntry, WholeModel


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    with LedgerServer({}) as server:
        scene = Scene(tmp_path / "state", server)
        try:
            yield scene
        finally:
            scene.end()


def test_a_batch_under_the_prefix_is_told_with_its_facts_and_others_are_not(scene: Scene) -> None:
    acme, bolt = admit(scene)
    index = scene.ledger.issue_batch(acme, count=5, lot="L7").index
    scene.ledger.issue_batch(bolt)
    assert scene.follow() == ["batch_issued", "key_first_used"]
    event = scene.told[-2]
    assert event.index == index
    assert (event.detail["gtin"], event.detail["lot"], event.detail["count"]) == (acme.gtin(), "L7", 5)
    assert event.detail["issuer"] == "acme"
    assert scene.follow() == []


def test_a_lot_issued_twice_and_a_second_key_are_told(scene: Scene) -> None:
    acme, bolt = admit(scene)
    first = scene.ledger.issue_batch(acme, lot="L1")
    scene.ledger.issue_batch(bolt, lot="L1")
    scene.follow()
    scene.ledger.issue_batch(acme, lot="L2")
    assert scene.follow() == ["batch_issued"]
    key = scene.ledger.add_key(acme)
    scene.ledger.issue_batch(acme, lot="L1", key=key)
    assert scene.follow() == ["key_added", "batch_issued", "key_first_used", "lot_issued_twice"]
    assert scene.last()["earlier_index"] == first.index
    assert scene.told[-4].detail["key_id"] == key.key_id


def test_keys_of_others_are_not_told_and_a_revocation_says_what_it_undoes(scene: Scene) -> None:
    acme, bolt = admit(scene)
    scene.ledger.add_key(bolt)
    assert scene.follow() == []
    key = scene.ledger.add_key(acme)
    start = len(scene.ledger.entries)
    scene.ledger.issue_batch(acme, key=key)
    scene.follow()
    scene.ledger.revoke(acme, key, from_index=start)
    assert scene.follow() == ["key_revoked"]
    assert (scene.last()["undone"], scene.last()["undone_count"], scene.last()["from_index"]) == ([start], 1, start)


def test_a_recall_is_told_from_its_publication_to_its_end_if_it_touches_the_prefix(scene: Scene) -> None:
    acme, bolt = admit(scene)
    scene.ledger.issue_batch(acme, lot="L1")
    scene.follow()
    scene.ledger.recall(acme, "1", lot="L1")
    scene.ledger.recall(bolt, "1")
    assert scene.follow() == ["recall_published"]
    assert scene.last()["gtins"] == [acme.gtin()]
    scene.ledger.revise(acme, "1", 2)
    assert scene.follow() == ["recall_revised"]
    scene.ledger.close(acme, "1")
    scene.ledger.close(bolt, "1")
    assert scene.follow() == ["recall_closed"]
    assert scene.last()["recall_id"] == "acme/1"


def test_an_authority_that_lets_a_watched_product_go_is_told(scene: Scene) -> None:
    acme, bolt = admit(scene)
    office = scene.ledger.admit("office", roles=("authority",))
    both = [ScopeEntry(maker.gtin(), WholeModel()) for maker in (acme, bolt)]
    scene.ledger.recall(office, "1", scope=both)
    assert scene.follow() == ["recall_published"]
    scene.ledger.revise(office, "1", 2, scope=both[1:])
    assert scene.follow() == ["recall_revised"]
    assert (scene.last()["gtins"], scene.last()["gtins_count"]) == ([], 0)


def test_passports_and_voided_codes_are_told(scene: Scene) -> None:
    acme, bolt = admit(scene)
    for maker in (acme, bolt):
        batch = scene.ledger.issue_batch(maker)
        scene.ledger.publish_product(maker)
        scene.ledger.void(maker, batch, 0, 1)
    assert scene.follow() == ["batch_issued", "key_first_used", "passport_published", "codes_voided"]


def test_an_issuer_within_or_around_the_watched_prefix_is_told(scene: Scene) -> None:
    scene.prefixes = ("6901234", "690999991")
    for number, prefix in enumerate(["69012341", "69012342", "69099999", "69055550"]):
        scene.ledger.admit(f"m{number}", prefix=prefix)
    assert scene.follow() == ["issuer_admitted"] * 3


def test_an_entry_that_the_policy_forbids_is_told_under_any_prefix(scene: Scene) -> None:
    acme, bolt = admit(scene)
    scene.ledger.issue_batch(bolt, gtin=acme.gtin())
    scene.ledger.append(b"advertising")
    assert scene.follow() == ["entry_disregarded"] * 2
    assert scene.told[-2].detail["rule"] == "prefix_not_yours"


def test_without_a_prefix_everything_is_told_from_entry_0(scene: Scene) -> None:
    scene.prefixes = ()
    acme = scene.ledger.admit("acme", prefix=ACME)
    scene.ledger.admit("office", roles=("authority",))
    scene.ledger.issue_batch(acme)
    kinds = scene.follow()
    assert kinds == ["registry_created", "issuer_admitted", "issuer_admitted", "batch_issued", "key_first_used"]


def test_no_growth_is_told_once_until_the_ledger_grows(scene: Scene) -> None:
    scene.quiet_after = 3600
    acme, _ = admit(scene)
    assert scene.step(later=3599)[0] == []
    assert scene.step(later=3600)[0] == ["no_growth"]
    scene.start()  # nor does a new process tell it again, or begin to count anew
    assert scene.step(later=7200)[0] == []
    scene.ledger.issue_batch(acme)
    scene.publish()
    assert scene.step(later=7300)[0] == ["batch_issued", "key_first_used"]
    scene.server.faults["/ledger/checkpoint"] = Refuse(503)  # nor does it grow when it cannot be seen
    assert scene.step(later=7300 + 3600)[0] == ["no_growth"]
    assert len({event.id for event in scene.told}) == len(scene.told)


@pytest.mark.parametrize("prefixes", [(ACME,), ()])
def test_a_stale_snapshot_is_told_once_and_is_a_fault_each_round(scene: Scene, prefixes: tuple[str, ...]) -> None:
    scene.prefixes = prefixes
    scene.ledger.admit("acme", prefix=ACME)
    scene.publish()
    assert scene.step()[1] == []
    kinds, faults = scene.step(later=90_000)
    assert (kinds, [fault.code for fault in faults]) == (["snapshot_stale"], ["snapshot_stale"])
    assert isinstance(faults[0], DidNotArrive)
    assert scene.step(later=90_001)[0] == []
    scene.ledger.now += timedelta(days=2)
    assert scene.follow() == []


def test_a_snapshot_that_is_not_signed_by_the_status_key_is_told(scene: Scene) -> None:
    admit(scene)
    scene.ledger.status_key = scene.ledger.operator_key
    scene.publish()
    kinds, faults = scene.step()
    assert kinds == ["ledger_failed"]
    assert isinstance(faults[0], DoesNotHold)


@pytest.mark.parametrize("grows", [0, 3, -1])
def test_a_fork_ends_the_monitor_with_both_notes_as_evidence_for_ever(scene: Scene, grows: int) -> None:
    acme, _ = admit(scene)
    scene.ledger.issue_batch(acme)
    scene.follow()
    other = LedgerSimulator()
    other.admit("acme", prefix=ACME)
    bolt = other.admit("bolt", prefix="69066660")
    for _ in range(1 + grows):
        other.issue_batch(bolt)
    scene.publish(other)
    if grows < 0:  # the larger tree's tiles are still there
        files = scene.ledger.files() | {"/ledger/checkpoint": other.checkpoint()}
        assert isinstance(scene.server.files, dict)
        scene.server.files.update(files)
    with WebhookReceiver() as receiver:
        scene.webhook = Webhook(receiver.url)
        scene.start()
        with pytest.raises(Forked):
            scene.step()
        assert scene.told[-1].kind == "ledger_forked"
        assert scene.last()["sizes"] == [4, 4 + grows]
        assert scene.evidence() == {scene.ledger.checkpoint(), other.checkpoint()}
        assert {note.encode() for note in scene.last()["notes"]} == scene.evidence()
        assert [event["kind"] for event in receiver.events] == ["ledger_forked"]
    scene.publish()  # as if nothing had happened
    told = len(scene.told)
    scene.start()
    with pytest.raises(Forked):
        scene.step()
    assert len(scene.told) == told


def test_evidence_that_a_crash_left_out_is_written_at_the_next_start(scene: Scene) -> None:
    admit(scene)
    assert isinstance(scene.server.files, dict)
    forked = scene.ledger.forked_checkpoint()
    scene.server.files["/ledger/checkpoint"] = forked
    with pytest.raises(Forked):
        scene.step()
    for path in (scene.directory / "evidence").iterdir():
        path.unlink()
    scene.start()
    with pytest.raises(Forked):
        scene.step()
    assert scene.evidence() == {scene.ledger.checkpoint(), forked}


def test_withheld_or_broken_tiles_are_told_once_and_end_nothing(scene: Scene) -> None:
    acme, _ = admit(scene)
    scene.ledger.issue_batch(acme)
    scene.publish()
    tile = next(name for name in scene.server.files if name.startswith("/ledger/tile/0/"))
    scene.server.faults[tile] = Refuse(404)
    kinds, faults = scene.step()
    assert (kinds, faults[0].code, scene.last()["code"]) == (["ledger_failed"], "missing", "missing")
    assert scene.ledger.checkpoint() in scene.evidence()
    assert scene.step()[0] == []
    scene.server.faults.clear()
    assert isinstance(scene.server.files, dict)
    flip_bit(scene.server.files, tile)
    scene.start()
    assert [fault.code for fault in scene.step()[1]] == ["bad_tile"]
    assert scene.last()["code"] == "bad_tile"
    assert scene.follow() == ["batch_issued", "key_first_used"]


def test_a_network_that_fails_is_no_event(scene: Scene) -> None:
    acme, _ = admit(scene)
    scene.ledger.issue_batch(acme)
    scene.publish()
    bundle = next(name for name in scene.server.files if name.startswith("/ledger/tile/entries/"))
    scene.server.faults[bundle] = Refuse(503)
    kinds, faults = scene.step()
    assert (kinds, [fault.code for fault in faults]) == ([], ["bad_status"])
    scene.server.faults.clear()
    assert scene.follow() == ["batch_issued", "key_first_used"]


def test_what_was_read_before_the_network_failed_is_told_and_not_read_again(scene: Scene) -> None:
    acme, _ = admit(scene)
    issue_many(scene, acme, 300)
    scene.publish()
    second = next(name for name in scene.server.files if name.startswith("/ledger/tile/entries/001"))
    scene.server.faults[second] = Refuse(503)
    kinds, _ = scene.step()
    assert kinds.count("batch_issued") == 253
    scene.start()
    scene.server.faults.clear()
    kinds, faults = scene.step()
    assert (kinds.count("batch_issued"), faults) == (47, [])
    assert len({event.id for event in scene.told}) == len(scene.told)


def test_a_ledger_that_goes_back_is_told_and_the_larger_tree_is_kept(scene: Scene) -> None:
    acme, _ = admit(scene)
    smaller = scene.ledger.checkpoint()
    scene.ledger.issue_batch(acme)
    scene.follow()
    assert isinstance(scene.server.files, dict)
    scene.server.files["/ledger/checkpoint"] = smaller
    kinds, faults = scene.step()
    assert (kinds, [fault.code for fault in faults]) == (["ledger_went_back"], ["ledger_went_back"])
    assert scene.monitor is not None
    assert scene.monitor.state is not None
    assert scene.monitor.state.checkpoint.size == 4
    assert scene.step()[0] == []
    assert scene.follow() == []


def test_a_missing_quorum_is_told(scene: Scene) -> None:
    scene.ledger = LedgerSimulator(witnesses=("w1",))
    admit(scene)
    scene.ledger.cosigners = []
    scene.publish()
    kinds, faults = scene.step()
    assert (kinds, faults[0].code) == (["ledger_failed"], "quorum_missing")
