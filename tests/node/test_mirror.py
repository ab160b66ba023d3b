# SPDX-License-Identifier: Apache-2.0
"""The mirror follows an honest ledger, is told at once of a lie, and forgets nothing across a restart."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from datetime import timedelta

import pytest

from tests.support.ledger_server import CutShort, Refuse
from tests.support.ledger_simulator import LedgerSimulator, flip_bit
from tests.support.makers import Maker
from tests.support.mirrors import MirrorScene
from verifier.mirror import CHUNK
from verifier.mirror_store import MirrorStore, StoreError
from verifier.protocol.errors import DidNotArrive, VerifierError
from verifier.protocol.tile import EntryBundle, new_tiles

ITEMS = "/api/v1/batches/acme/0/items"


def status(scene: MirrorScene, seq: int = 0, batch: int = 0) -> str:
    assert scene.node is not None
    return scene.node.check(scene.ledger.batches["acme", batch].url(seq)).status.value


def code_of(fault: VerifierError | None) -> str:
    assert fault is not None, "the round was without a fault"
    return fault.code


def state_of(scene: MirrorScene) -> object:
    assert scene.node is not None
    return scene.node.describe()["state"]


def test_a_code_is_genuine_once_ledger_and_items_are_mirrored_and_recalled_one_round_after_the_recall(
    scene: MirrorScene, acme: Maker
) -> None:
    node = scene.follow()
    assert [status(scene, seq) for seq in (0, 255, 256, 299)] == ["genuine"] * 4
    assert node.check_lot(acme.gtin(), "L1").status == "genuine"
    count = node.change_count()
    scene.ledger.recall(acme, "1", lot="L1")
    scene.follow()
    assert status(scene) == "recalled"
    assert node.check_lot(acme.gtin(), "L1").status == "recalled"
    assert node.change_count() > count


def test_before_the_first_round_and_without_items_nothing_is_green(scene: MirrorScene, acme: Maker) -> None:
    scene.start()
    assert status(scene) == "cannot_tell"
    scene.publish(change=lambda files: files.pop(ITEMS) and None)
    assert scene.step() is None
    assert status(scene) == "cannot_tell"
    assert scene.node is not None
    assert scene.node.describe()["missing_batches"] == [{"batch": 0, "issuer": "acme", "reason": "not_found"}]
    scene.follow()
    assert status(scene) == "genuine"
    assert scene.node.describe()["missing_batches"] == []


def test_a_network_that_fails_leaves_the_last_word_standing_until_its_date(scene: MirrorScene, acme: Maker) -> None:
    scene.follow()
    scene.server.faults["/ledger/checkpoint"] = Refuse(503)
    assert code_of(scene.step()) == "bad_status"
    assert (status(scene), state_of(scene)) == ("genuine", "failing")
    scene.later = timedelta(hours=25)
    assert (status(scene), state_of(scene)) == ("cannot_tell", "stopped")
    assert scene.node is not None
    trouble = scene.node.why_not_well()
    assert trouble is not None and trouble.code == "snapshot_stale"


def test_a_snapshot_that_hides_a_recall_ends_all_green_at_once_and_is_kept(scene: MirrorScene, acme: Maker) -> None:
    scene.follow()
    index = scene.ledger.recall(acme, "1", lot="L2")
    lie = scene.ledger.snapshot(without={index})
    scene.publish(change=lambda files: files.update({"/ledger/snapshot": lie}))
    assert code_of(scene.step()) == "snapshot_differs"
    assert (status(scene), state_of(scene)) == ("cannot_tell", "stopped")
    assert lie in scene.evidence()
    scene.start()
    assert status(scene) == "cannot_tell", "a restart forgives nothing"
    scene.follow()
    assert (status(scene), state_of(scene)) == ("genuine", "following")


def test_an_older_snapshot_beside_a_newer_tree_hides_no_recall(scene: MirrorScene, acme: Maker) -> None:
    scene.follow()
    before = scene.ledger.snapshot()
    scene.ledger.recall(acme, "1", lot="L1")
    scene.publish(change=lambda files: files.update({"/ledger/snapshot": before}))
    assert scene.step() is None
    assert status(scene) == "recalled"


def test_a_snapshot_signed_by_somebody_else_is_refused_and_the_last_one_stands(scene: MirrorScene, acme: Maker) -> None:
    scene.follow()
    scene.ledger.now += timedelta(minutes=1)
    scene.publish(change=lambda files: flip_bit(files, "/ledger/snapshot", bit=8 * 40))
    fault = code_of(scene.step())
    assert fault in ("bad_signature", "no_trusted_signature", "malformed_note")
    assert (status(scene), state_of(scene)) == ("genuine", "failing")


def test_a_fork_is_for_ever_and_both_notes_are_kept(scene: MirrorScene, acme: Maker) -> None:
    scene.follow()
    honest, lie = scene.ledger.checkpoint(), scene.ledger.forked_checkpoint()
    scene.publish(change=lambda files: files.update({"/ledger/checkpoint": lie}))
    assert code_of(scene.step()) == "ledger_forked"
    assert status(scene) == "cannot_tell"
    assert scene.evidence() == {honest, lie}
    scene.publish()
    assert code_of(scene.step()) == "ledger_forked"
    scene.start()
    assert code_of(scene.step()) == "ledger_forked"
    assert (status(scene), state_of(scene)) == ("cannot_tell", "stopped")


def test_a_fork_that_grew_is_found_by_its_tiles(scene: MirrorScene, acme: Maker) -> None:
    scene.follow()
    other = LedgerSimulator()
    other.admit("acme", prefix="69012340")
    other.admit("bolt", prefix="69055550")
    other.admit("cord", prefix="69066660")
    scene.publish(other)
    assert code_of(scene.step()) == "ledger_forked"
    assert len(scene.evidence()) == 2


def test_a_shorter_ledger_ends_all_green_while_it_lasts(scene: MirrorScene, acme: Maker) -> None:
    old = scene.ledger.checkpoint()
    scene.ledger.issue_batch(acme, lot="L2")
    scene.follow()
    scene.publish(change=lambda files: files.update({"/ledger/checkpoint": old}))
    assert code_of(scene.step()) == "ledger_went_back"
    assert status(scene) == "cannot_tell"
    assert scene.node is not None
    with pytest.raises(DidNotArrive):  # a badge says that it cannot tell, and not that nobody knows its platform
        scene.node.find_issuer(acme.id)
    assert old in scene.evidence()
    scene.follow()
    assert status(scene) == "genuine" and scene.node.find_issuer(acme.id) is not None


@pytest.mark.parametrize(
    "spoil",
    [
        lambda files: flip_bit(files, ITEMS),
        lambda files: files.update({ITEMS: files[ITEMS][:-32]}),
        lambda files: files.update({ITEMS: files[ITEMS] + bytes(32)}),
        lambda files: files.update({ITEMS: files[ITEMS][32:] + files[ITEMS][:32]}),
        lambda files: files.update({ITEMS: b""}),
    ],
    ids=["one bit", "one less", "one more", "another order", "nothing"],
)
def test_item_hashes_that_do_not_give_the_logged_root_are_refused_with_the_reason(
    scene: MirrorScene, acme: Maker, spoil: Callable[[dict[str, bytes]], None]
) -> None:
    scene.publish(change=spoil)
    assert scene.step() is None
    assert status(scene) == "cannot_tell"
    assert scene.node is not None
    (missing,) = scene.node.describe()["missing_batches"]  # type: ignore[misc]
    assert missing["reason"] in ("item_root_differs", "too_large")
    scene.follow()
    assert status(scene) == "genuine"


def test_items_that_are_cut_short_are_fetched_again(scene: MirrorScene, acme: Maker) -> None:
    scene.publish()
    scene.server.faults[ITEMS] = CutShort()
    scene.step()
    assert status(scene) == "cannot_tell"
    scene.server.faults.clear()
    scene.step()
    assert status(scene) == "genuine"


@pytest.mark.parametrize("target", ["/ledger/tile/entries/000.p/3", "/ledger/tile/0/000.p/3"])
def test_a_changed_file_of_the_tree_is_refused_and_nothing_of_it_is_kept(
    scene: MirrorScene, acme: Maker, target: str
) -> None:
    scene.publish(change=lambda files: flip_bit(files, target, bit=100))
    assert code_of(scene.step()) in ("bad_entry", "bad_tile", "malformed_entry_bundle")
    assert scene.store is not None and scene.store.read_size() == 0
    scene.follow()
    assert status(scene) == "genuine"


def test_what_the_ledger_signed_for_and_withholds_is_missing(scene: MirrorScene, acme: Maker) -> None:
    scene.follow()
    scene.ledger.issue_batch(acme, lot="L2")
    scene.publish(change=lambda files: files.pop("/ledger/tile/entries/000.p/4") and None)
    assert code_of(scene.step()) == "missing"
    assert status(scene) == "genuine"


def test_a_restart_answers_at_once_without_the_registry(scene: MirrorScene, acme: Maker) -> None:
    scene.follow()
    scene.server.files.clear()  # type: ignore[attr-defined]
    asked = len(scene.server.requests)
    scene.start()
    assert status(scene, 299) == "genuine"
    assert len(scene.server.requests) == asked


def test_a_changed_byte_in_the_file_is_found_at_the_start(scene: MirrorScene, acme: Maker) -> None:
    scene.follow()
    assert scene.store is not None
    path = scene.store.path
    scene.end()
    with sqlite3.connect(path) as database:
        ((data,),) = database.execute("SELECT data FROM bundles").fetchall()
        changed = data[:-1] + bytes([data[-1] ^ 1])
        database.execute("UPDATE bundles SET data = ?", (changed,))
    database.close()
    with pytest.raises(StoreError) as caught:
        scene.start()
    assert caught.value.code == "bad_state"


def test_two_nodes_do_not_share_a_directory(scene: MirrorScene, acme: Maker) -> None:
    scene.follow()
    with pytest.raises(StoreError) as caught:
        MirrorStore(scene.directory).__enter__()
    assert caught.value.code == "mirror_running"


def test_another_policy_does_not_take_up_the_state_of_the_first(scene: MirrorScene, acme: Maker) -> None:
    scene.follow()
    scene.ledger = LedgerSimulator(origin="other.example/ledger")
    with pytest.raises(StoreError) as caught:
        scene.start()
    assert caught.value.code == "bad_state"


def test_without_the_witnesses_quorum_nothing_is_taken(scene: MirrorScene) -> None:
    scene.ledger = LedgerSimulator(witnesses=("w1", "w2"))
    acme = scene.ledger.admit("acme", prefix="69012340")
    scene.ledger.issue_batch(acme)
    scene.ledger.cosigners.pop()
    scene.publish()
    assert code_of(scene.step()) == "quorum_missing"
    assert status(scene) == "cannot_tell"
    scene.ledger.cosigners.append("w2")
    scene.follow()
    assert status(scene) == "genuine"


def test_a_large_ledger_is_read_in_chunks_and_a_restart_goes_on_where_the_last_one_stopped(scene: MirrorScene) -> None:
    acme = scene.ledger.admit("acme", prefix="69012340")
    for number in range(CHUNK + 300):
        scene.ledger.append(b"no statement %d" % number)
    scene.ledger.issue_batch(acme)
    scene.publish()
    last = max(name for name in scene.server.files if name.startswith("/ledger/tile/entries/"))
    scene.server.faults[last] = Refuse(503)
    assert code_of(scene.step()) == "bad_status"
    assert scene.store is not None and scene.store.read_size() == CHUNK
    assert status(scene) == "cannot_tell"
    scene.server.faults.clear()
    scene.server.requests.clear()
    scene.start()
    assert scene.step() is None
    assert status(scene) == "genuine"
    asked = {name for name in scene.server.requests if name.startswith("/ledger/tile/entries/")}
    assert len(asked) == 2, asked


def test_what_a_cut_off_round_left_of_another_history_is_forgotten(scene: MirrorScene, acme: Maker) -> None:
    scene.follow()
    assert scene.store is not None
    size = scene.store.read_size()
    tiles, _ = new_tiles(size, [bytes(32)], scene.store.read_tile)
    scene.store.append(size + 1, tiles, {0: (*scene.store.read_entries(EntryBundle(0, size)), b"never logged")})
    scene.ledger.issue_batch(acme, lot="L2")
    scene.start()
    scene.follow()
    assert (status(scene), status(scene, batch=1)) == ("genuine", "genuine")
