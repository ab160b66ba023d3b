# SPDX-License-Identifier: Apache-2.0
"""What a monitor remembers: restarts, crashes around each write, and the webhook that is down for a while."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest

from tests.support.ledger_server import LedgerServer
from tests.support.monitors import ACME, Scene, admit, issue_many
from tests.support.webhook_receiver import WebhookReceiver
from verifier.ledger_client import LedgerClient
from verifier.monitor import KINDS, MAX_EVENT_SIZE, Event, Watch, read_event
from verifier.monitor_loop import Forked, Monitor, Outlets
from verifier.monitor_state import MonitorState, MonitorStore, StateError, parse_state
from verifier.monitor_webhook import Webhook, back_off_seconds
from verifier.protocol.encoding import parse_canonical_json
from verifier.protocol.errors import DidNotArrive, Malformed
from verifier.protocol.policy import verify_checkpoint


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    with LedgerServer({}) as server:
        scene = Scene(tmp_path / "state", server)
        try:
            yield scene
        finally:
            scene.end()


def test_a_new_process_reads_on_where_the_old_one_ended_and_tells_nothing_twice(scene: Scene) -> None:
    acme, _ = admit(scene)
    scene.ledger.issue_batch(acme)
    scene.follow()
    scene.start()
    assert scene.follow() == []
    scene.ledger.issue_batch(acme)
    scene.start()
    assert scene.follow() == ["batch_issued", "lot_issued_twice"]  # so the fold was rebuilt


def test_ids_are_those_of_every_monitor(scene: Scene, tmp_path: Path) -> None:
    acme, _ = admit(scene)
    scene.ledger.issue_batch(acme)
    scene.follow()
    other = Scene(tmp_path / "other", scene.server, scene.ledger, ())
    try:
        other.step(later=500)
    finally:
        other.end()
    assert {event.id for event in scene.told} < {event.id for event in other.told}


def test_an_event_and_the_state_parse_back_to_the_same_value(scene: Scene) -> None:
    scene.prefixes = ()
    acme = scene.ledger.admit("acme", prefix=ACME)
    scene.ledger.issue_batch(acme)
    scene.follow()
    for event in scene.told:
        data = event.to_bytes()
        assert len(data) <= MAX_EVENT_SIZE
        assert read_event(parse_canonical_json(data)) == event
        assert event.kind in KINDS
    assert scene.monitor is not None
    assert scene.monitor.state is not None
    state = replace(scene.monitor.state, unprinted=tuple(scene.told), pending=tuple(scene.told[:1]), told={"a": "b"})
    parsed = parse_state(state.to_bytes(), scene.ledger.policy)
    assert replace(parsed, grown_at=state.grown_at) == state


def test_two_monitors_never_share_a_directory(scene: Scene) -> None:
    admit(scene)
    with pytest.raises(StateError) as caught, MonitorStore(scene.directory):
        pass
    assert caught.value.code == "monitor_running"


def test_a_state_of_another_watch_or_damaged_is_refused_and_left_as_it_is(scene: Scene) -> None:
    admit(scene)
    scene.prefixes = ("69055550",)
    with pytest.raises(StateError) as caught:
        scene.start()
    assert caught.value.code == "watch_changed"
    scene.prefixes = (ACME,)
    path = scene.directory / "state.json"
    damaged = path.read_bytes().replace(b'"size":3', b'"size":2')
    assert damaged != path.read_bytes()
    path.write_bytes(damaged)
    with pytest.raises(StateError) as caught:
        scene.start()
    assert caught.value.code == "bad_state"
    assert path.read_bytes() == damaged


def test_events_that_a_crash_left_unprinted_are_told_first(scene: Scene) -> None:
    admit(scene)
    assert scene.monitor is not None
    assert scene.monitor.state is not None
    assert scene.store is not None
    lost = scene.told.pop()
    scene.store.write(replace(scene.monitor.state, unprinted=(lost,)))
    scene.start()
    assert scene.step() == (["issuer_admitted"], [])
    assert scene.told == [replace(lost, seen_at=scene.told[0].seen_at)]
    scene.start()
    assert scene.step() == ([], [])


class Crash(BaseException):
    """The process is gone."""


class CrashingStore(MonitorStore):
    """A real store whose process dies just before or just after its n-th write."""

    def __init__(self, directory: Path, at: int, *, after: bool) -> None:
        super().__init__(directory)
        self.left = at
        self.after = after

    def write(self, state: MonitorState) -> None:
        self.left -= 1
        if self.left == 0 and not self.after:
            raise Crash
        super().write(state)
        if self.left == 0:
            raise Crash


@pytest.mark.parametrize("after", [False, True])
def test_a_crash_around_any_single_write_loses_no_event(scene: Scene, tmp_path: Path, after: bool) -> None:
    acme = scene.ledger.admit("acme", prefix=ACME)
    for _ in range(3):
        scene.ledger.issue_batch(acme)
    scene.publish()
    now = scene.ledger.now
    crashes = 0
    for at in range(1, 30):
        told: list[Event] = []
        with WebhookReceiver() as receiver:
            outlets = Outlets(told.extend, Webhook(receiver.url).post)
            client = LedgerClient(scene.server.url + "/ledger", scene.ledger.policy)
            directory = tmp_path / f"crash-{at}"
            try:
                with CrashingStore(directory, at, after=after) as store:
                    Monitor(client, store, Watch((ACME,)), outlets).step(now)
            except Crash:
                crashes += 1
            with MonitorStore(directory) as store:
                assert Monitor(client, store, Watch((ACME,)), outlets).step(now) == []
            printed = [event.to_bytes() for event in told]
            assert set(printed) == set(receiver.bodies)
            assert len(set(printed)) == 7  # acme, three batches, one key, one lot issued twice more
            assert list(dict.fromkeys(receiver.bodies)) == list(dict.fromkeys(printed))
    assert 4 <= crashes < 29


def test_a_webhook_gets_the_printed_objects_in_order(scene: Scene) -> None:
    with WebhookReceiver() as receiver:
        scene.webhook = Webhook(receiver.url)
        acme, _ = admit(scene)
        scene.ledger.issue_batch(acme)
        scene.follow()
        assert receiver.bodies == [event.to_bytes() for event in scene.told]
        assert receiver.media_types == {"application/json"}


@pytest.mark.parametrize("status", [307, 404, 500, 0])
def test_a_receiver_that_is_down_gets_everything_later_across_restarts(scene: Scene, status: int) -> None:
    with WebhookReceiver(status=status) as receiver:
        if status == 0:
            receiver.stop()
        scene.webhook = Webhook(receiver.url)
        acme = scene.ledger.admit("acme", prefix=ACME)
        scene.publish()
        assert [fault.code for fault in scene.step()[1]] == ["webhook_waiting"]
        scene.ledger.issue_batch(acme)
        scene.publish()
        assert [fault.code for fault in scene.step()[1]] == ["webhook_waiting"]
        assert status == 0 or receiver.attempts == 1  # it is left alone for a second
        scene.start()
        scene.step(later=1)
        scene.step(later=2)
        assert status == 0 or receiver.attempts == 2  # and then for two
        assert receiver.bodies == []
        receiver.status = 200
        if status == 0:
            receiver.start()
        scene.start()
        assert scene.step(later=3) == ([], [])
        assert receiver.bodies == [event.to_bytes() for event in scene.told]
        assert len(receiver.bodies) == 3


def test_a_full_list_of_deliveries_stops_the_reading_and_loses_nothing(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("verifier.monitor_loop.MAX_PENDING", 100)
    acme = scene.ledger.admit("acme", prefix=ACME)
    issue_many(scene, acme, 600)
    scene.publish()
    with WebhookReceiver(status=503) as receiver:
        scene.webhook = Webhook(receiver.url)
        scene.step()
        assert len(scene.told) == 256  # a chunk: entry 0 is not ours, and the first key is told beside its batch
        scene.step(later=1)
        scene.start()
        scene.step(later=3)
        assert len(scene.told) == 256
        receiver.status = 200
        scene.step(later=7)
        assert receiver.bodies == [event.to_bytes() for event in scene.told]
        assert len(receiver.bodies) == 602


def test_a_fork_is_seen_while_the_webhook_holds_up_the_reading(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("verifier.monitor_loop.MAX_PENDING", 1)
    with WebhookReceiver(status=503) as receiver:
        scene.webhook = Webhook(receiver.url)
        acme = scene.ledger.admit("acme", prefix=ACME)
        scene.publish()
        scene.step()
        scene.ledger.issue_batch(acme)
        scene.publish()
        assert scene.step()[0] == []
        assert isinstance(scene.server.files, dict)
        scene.server.files["/ledger/checkpoint"] = scene.ledger.forked_checkpoint()
        with pytest.raises(Forked):
            scene.step()
    assert [event.kind for event in scene.told] == ["issuer_admitted", "ledger_forked"]


@pytest.mark.parametrize("url", ["http://hook.example.cn/", "ftp://hook.example.cn/", "https://u:p@hook.example.cn/"])
def test_a_webhook_is_https_or_on_this_machine(url: str) -> None:
    with pytest.raises(Malformed):
        Webhook(url)


def test_a_webhooks_secret_is_in_no_message() -> None:
    with pytest.raises(DidNotArrive) as caught:
        Webhook("http://127.0.0.1:9/s3cret").post(b"{}")
    assert "s3cret" not in str(caught.value)


def test_the_back_off_doubles_up_to_five_minutes() -> None:
    assert [back_off_seconds(n) for n in (1, 2, 3, 9, 10, 10**6)] == [1, 2, 4, 256, 300, 300]


def test_a_clock_that_was_set_back_does_not_silence_the_webhook(scene: Scene) -> None:
    with WebhookReceiver(status=503) as receiver:
        scene.webhook = Webhook(receiver.url)
        scene.ledger.admit("acme", prefix=ACME)
        scene.publish()
        scene.step(later=86_000)
        receiver.status = 200
        assert scene.step(later=0) == ([], [])
        assert len(receiver.bodies) == 1


def test_the_kept_checkpoint_is_one_that_the_policy_accepts(scene: Scene) -> None:
    admit(scene)
    assert scene.monitor is not None
    assert scene.monitor.state is not None
    note = scene.monitor.state.checkpoint.note
    assert verify_checkpoint(note, scene.ledger.policy).size == 3
    assert isinstance(scene.monitor.state.grown_at, datetime)
