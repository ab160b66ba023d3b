# SPDX-License-Identifier: Apache-2.0
"""Reading a ledger over real HTTP: what does not hash to the signed root is never returned."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta

import pytest

from tests.support.ledger_server import LedgerServer, Redirect, Refuse
from tests.support.ledger_simulator import LedgerSimulator, flip_bit
from tests.support.makers import Maker
from verifier.fetch import NotFound
from verifier.ledger_client import LedgerClient, NetworkEvidence, ledger_url_of
from verifier.protocol.errors import DidNotArrive, DoesNotHold, Malformed
from verifier.protocol.policy import VerifiedCheckpoint, verify_checkpoint
from verifier.protocol.tile import Tile
from verifier.snapshot import parse_snapshot
from verifier.verdict import Status
from verifier.verify import Trust, verify


@dataclass
class Scene:
    """A ledger of 600 entries with one batch, served over HTTP."""

    ledger: LedgerSimulator
    maker: Maker
    files: dict[str, bytes]
    server: LedgerServer

    @property
    def client(self) -> LedgerClient:
        return LedgerClient(self.server.url + "/ledger", self.ledger.policy)


def grown_ledger() -> tuple[LedgerSimulator, Maker]:
    ledger = LedgerSimulator()
    maker = ledger.admit("acme", prefix="69012340")
    ledger.issue_batch(maker, count=3)
    while len(ledger.entries) < 600:
        ledger.append(b"entry %d" % len(ledger.entries))
    return ledger, maker


LEDGER, MAKER = grown_ledger()
FILES = LEDGER.files()


@pytest.fixture
def scene() -> Iterator[Scene]:
    files = dict(FILES)
    with LedgerServer(files) as server:
        yield Scene(LEDGER, MAKER, files, server)


def checkpoint_of(ledger: LedgerSimulator, size: int) -> VerifiedCheckpoint:
    return verify_checkpoint(ledger.checkpoint(size), ledger.policy)


def test_the_checkpoint_is_verified_before_it_is_returned(scene: Scene) -> None:
    assert scene.client.fetch_checkpoint().root_hash == LEDGER.root_hash()
    flip_bit(scene.files, "/ledger/checkpoint", bit=8 * 40)
    with pytest.raises((DoesNotHold, Malformed)):
        scene.client.fetch_checkpoint()


def test_a_ledger_that_the_policy_does_not_know_is_refused(scene: Scene) -> None:
    other = LedgerSimulator(origin="other.example.cn/ledger")
    scene.files["/ledger/checkpoint"] = other.checkpoint()
    with pytest.raises(DoesNotHold) as caught:
        scene.client.fetch_checkpoint()
    assert caught.value.code == "unknown_log"


def test_every_entry_arrives_in_order_and_any_range_of_them(scene: Scene) -> None:
    view = scene.client.view(scene.client.fetch_checkpoint())
    assert list(view.fetch_entries(0, 600)) == LEDGER.entries
    assert list(view.fetch_entries(255, 258)) == LEDGER.entries[255:258]
    assert list(view.fetch_entries(7, 7)) == []
    with pytest.raises(ValueError):
        list(view.fetch_entries(0, 601))


def test_entry_0_names_the_status_key(scene: Scene) -> None:
    view = scene.client.view(scene.client.fetch_checkpoint())
    assert view.fetch_registry().status_vkey == LEDGER.status_vkey


@pytest.mark.parametrize("path", ["tile/0/000", "tile/0/002.p/88", "tile/1/000.p/2"])
def test_one_flipped_bit_in_any_tile_is_noticed(scene: Scene, path: str) -> None:
    flip_bit(scene.files, f"/ledger/{path}", bit=77)
    view = scene.client.view(scene.client.fetch_checkpoint())
    with pytest.raises(DoesNotHold) as caught:
        list(view.fetch_entries(0, 600))
    assert caught.value.code == "bad_tile"


def test_one_flipped_bit_in_an_entry_is_noticed(scene: Scene) -> None:
    flip_bit(scene.files, "/ledger/tile/entries/002.p/88", bit=8 * 20)
    view = scene.client.view(scene.client.fetch_checkpoint())
    with pytest.raises(DoesNotHold) as caught:
        list(view.fetch_entries(512, 600))
    assert caught.value.code == "bad_entry"


def test_a_bundle_of_another_length_is_malformed(scene: Scene) -> None:
    scene.files["/ledger/tile/entries/002.p/88"] += b"\x00\x01x"
    view = scene.client.view(scene.client.fetch_checkpoint())
    with pytest.raises(Malformed):
        list(view.fetch_entries(512, 600))


def test_a_partial_tile_or_bundle_that_is_gone_is_cut_from_the_full_one(scene: Scene) -> None:
    old = checkpoint_of(LEDGER, 300)  # its partial tiles 0/001.p/44 and 1/000.p/1 were never served here
    scene.files["/ledger/tile/1/000"] = scene.files["/ledger/tile/1/000.p/2"] + b"\x00" * 32 * 254
    view = scene.client.view(old)
    assert list(view.fetch_entries(200, 300)) == LEDGER.entries[200:300]


def test_a_tile_that_does_not_exist_at_all_is_not_found(scene: Scene) -> None:
    with pytest.raises(NotFound):
        scene.client.read_tile(Tile(0, 99))
    with pytest.raises(NotFound):
        scene.client.read_tile(Tile(0, 99, 3))


def test_a_server_error_on_a_partial_tile_does_not_lead_to_the_full_one(scene: Scene) -> None:
    scene.server.faults["/ledger/tile/0/002.p/88"] = Refuse(503)
    with pytest.raises(DidNotArrive) as caught:
        scene.client.read_tile(Tile(0, 2, 88))
    assert caught.value.code == "bad_status"


@pytest.mark.parametrize("old_size", [0, 1, 255, 256, 257, 512, 599, 600])
def test_checkpoints_of_one_history_agree_in_both_directions(scene: Scene, old_size: int) -> None:
    # At sizes where the old partial tiles are not served, only the newer tree is read.
    old, new = checkpoint_of(LEDGER, old_size), checkpoint_of(LEDGER, 600)
    scene.client.view(new).check_history(old)
    scene.client.view(old).check_history(new)


def test_a_second_history_is_noticed_at_the_same_size_and_at_a_smaller_one(scene: Scene) -> None:
    view = scene.client.view(scene.client.fetch_checkpoint())
    for size in (599, 600):
        forked = verify_checkpoint(LEDGER.forked_checkpoint(size), LEDGER.policy)
        with pytest.raises(DoesNotHold) as caught:
            view.check_history(forked)
        assert caught.value.code == "ledger_forked"


def test_a_checkpoint_of_another_ledger_is_no_history_of_this_one(scene: Scene) -> None:
    view = scene.client.view(scene.client.fetch_checkpoint())
    with pytest.raises(DoesNotHold) as caught:
        view.check_history(replace(checkpoint_of(LEDGER, 10), origin="other.example.cn/ledger"))
    assert caught.value.code == "another_ledger"


def test_snapshots_come_whole_by_issuer_and_by_gtin(scene: Scene) -> None:
    client = scene.client
    notes = [client.fetch_snapshot(), client.fetch_snapshot(shard="acme"), client.fetch_snapshot(gtin=MAKER.gtin())]
    assert [parse_snapshot(note, LEDGER.status_vkey).shard for note in notes] == [None, "acme", "acme"]


def test_a_redirected_checkpoint_is_not_followed(scene: Scene) -> None:
    scene.files["/elsewhere"] = FILES["/ledger/checkpoint"]
    scene.server.faults["/ledger/checkpoint"] = Redirect("/elsewhere")
    with pytest.raises(DidNotArrive) as caught:
        scene.client.fetch_checkpoint()
    assert caught.value.code == "redirected"


@pytest.mark.parametrize(
    ("typed", "ledger"),
    [
        ("https://passport.example.cn", "https://passport.example.cn/ledger"),
        ("https://passport.example.cn/", "https://passport.example.cn/ledger"),
        ("https://passport.example.cn/ledger", "https://passport.example.cn/ledger"),
        ("https://example.cn/pass/ledger/", "https://example.cn/pass/ledger"),
        ("http://127.0.0.1:8000", "http://127.0.0.1:8000/ledger"),
    ],
)
def test_a_registry_may_be_named_with_or_without_its_ledger(typed: str, ledger: str) -> None:
    assert ledger_url_of(typed) == ledger


@pytest.mark.parametrize("typed", ["passport.example.cn", "http://passport.example.cn", "https://example.cn/?a=b", ""])
def test_a_registry_needs_a_url_that_may_be_fetched(typed: str) -> None:
    with pytest.raises(Malformed):
        ledger_url_of(typed)


def check(scene: Scene, seq: int = 0) -> tuple[Status, str]:
    client = scene.client
    anchor = client.view(client.fetch_checkpoint())
    snapshot = parse_snapshot(client.fetch_snapshot(gtin=MAKER.gtin()), LEDGER.status_vkey)
    source = NetworkEvidence(client, anchor, snapshot)
    url = LEDGER.batches["acme", 0].url(seq)
    verdict = verify(url, trust=Trust(LEDGER.policy, snapshot), ledger=source, now=LEDGER.now)
    return verdict.status, verdict.reason


def test_a_code_is_genuine_over_the_network(scene: Scene) -> None:
    assert check(scene) == (Status.GENUINE, "genuine")


def test_a_proof_that_the_registry_does_not_have_means_not_logged(scene: Scene) -> None:
    del scene.files[f"/api/v1/proof{LEDGER.batches['acme', 0].codes[1].to_path()}"]
    assert check(scene, 1) == (Status.NOT_LOGGED, "no_such_batch_or_item")


def test_a_registry_in_trouble_means_cannot_tell_and_not_absent(scene: Scene) -> None:
    scene.server.faults[f"/api/v1/proof{LEDGER.batches['acme', 0].codes[1].to_path()}"] = Refuse(503)
    assert check(scene, 1) == (Status.CANNOT_TELL, "bad_status")


def test_the_link_to_an_older_snapshot_is_worked_out_from_tiles_when_the_registry_has_moved_on(scene: Scene) -> None:
    # The document's own link leads to a snapshot of size 600; the one we hold is of size 590.
    scene.files[f"/ledger/snapshot/gtin/{MAKER.gtin()}"] = LEDGER.snapshot(size=590, shard="acme")
    assert check(scene) == (Status.GENUINE, "genuine")


def test_evidence_under_a_checkpoint_of_another_history_is_refused(scene: Scene) -> None:
    other = LedgerSimulator(now=LEDGER.now + timedelta(seconds=1))  # the same keys, another history
    maker = other.admit("acme", prefix="69012340")
    code = other.issue_batch(maker, count=3).codes[0]
    document = other.proof_document(code)
    assert document is not None
    assert code == LEDGER.batches["acme", 0].codes[0]
    scene.files[f"/api/v1/proof{code.to_path()}"] = document
    assert check(scene) == (Status.CANNOT_TELL, "ledger_forked")
