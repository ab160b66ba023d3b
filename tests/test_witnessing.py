# SPDX-License-Identifier: Apache-2.0
"""The ledger's witness client against real witnesses over HTTP, and against dead, slow and lying ones."""

from __future__ import annotations

import logging
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from passport.domain.ledger_values import CorruptLedger
from passport.witnessing import Patience, WitnessClient, can_reach_quorum
from tests.support.forked_log import ForkedLog
from verifier.protocol.add_checkpoint import AddCheckpoint, parse_add_checkpoint
from verifier.protocol.errors import DidNotArrive
from verifier.protocol.note import Note, NoteSignature, parse_note
from verifier.protocol.policy import TlogPolicy, VerifiedCheckpoint, parse_policy, verify_checkpoint
from verifier.protocol.tile import Tile
from verifier.witness import Witness
from verifier.witness_key import WitnessKey
from verifier.witness_server import WitnessServer
from verifier.witness_store import KEY_FILE, WitnessStore, make_witness_directory

LOG = ForkedLog("ledger.example/ledger", fork_at=5, size=250)
QUICK = Patience(quorum_seconds=1.0, others_seconds=0.2)
KEYS = {name: WitnessKey(f"witness.example/{name}", name.encode().ljust(32, b".")) for name in ("w1", "w2", "w3")}


class Clock:
    """Shared by the client and the witnesses; goes with the real one, and jumps."""

    def __init__(self) -> None:
        self.ahead = 0.0

    def __call__(self) -> float:
        return time.time() + self.ahead


@pytest.fixture
def clock() -> Clock:
    return Clock()


def read_tile(tile: Tile) -> bytes:
    assert tile.level == 0
    return b"".join(LOG.trees[0].leaves[tile.index * 256 :][: tile.width])


def make_policy(urls: dict[str, str], quorum: str) -> TlogPolicy:
    lines = [f"log {LOG.vkey.to_text()}"]
    lines += [f"witness {name} {KEYS[name].vkey.to_text()} {url}".rstrip() for name, url in urls.items()]
    if quorum != "none":
        lines.append(f"group all-of-them {quorum} {' '.join(urls)}")
        quorum = "all-of-them"
    return parse_policy("\n".join([*lines, f"quorum {quorum}", ""]).encode())


@contextmanager
def honest(name: str, directory: Path, clock: Clock) -> Iterator[str]:
    """A real witness, which remembers in `directory`. Gives its URL."""
    place = directory / name
    if not place.exists():
        make_witness_directory(place)
        (place / KEY_FILE).write_bytes(b"sealed elsewhere")
    with WitnessStore(place) as store:
        server = WitnessServer(Witness(KEYS[name], [LOG.vkey], store, clock), ("127.0.0.1", 0))
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        try:
            yield server.url
        finally:
            server.stop()
            thread.join()


Lie = Callable[[AddCheckpoint], tuple[int, str, bytes]]


@contextmanager
def liar(lie: Lie, seen: list[AddCheckpoint] | None = None) -> Iterator[str]:
    """A server that answers whatever `lie` says. Gives its URL."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            request = parse_add_checkpoint(self.rfile.read(int(self.headers["Content-Length"])))
            if seen is not None:
                seen.append(request)
            status, media_type, body = lie(request)
            self.send_response(status)
            self.send_header("Content-Type", media_type)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@contextmanager
def silent() -> Iterator[str]:
    """Takes connections and says nothing."""
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen(32)
        yield f"http://127.0.0.1:{server.getsockname()[1]}"


def dead() -> str:
    """A URL at which nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{probe.getsockname()[1]}"


def names(checkpoint: VerifiedCheckpoint) -> list[str]:
    return [name.rpartition("/")[2] for name, _ in checkpoint.witnessed_at]


def test_all_witnesses_cosign_and_the_note_keeps_the_policy(tmp_path: Path, clock: Clock) -> None:
    with ExitStack() as stack:
        urls = {name: stack.enter_context(honest(name, tmp_path, clock)) for name in ("w1", "w2")}
        policy = make_policy(urls, "all")
        client = WitnessClient(policy, read_tile, clock=clock, patience=QUICK)
        for size in (0, 1, 7, 7, 100, 250):
            found = verify_checkpoint(client(LOG.note(size)), policy)
            assert (found.size, names(found)) == (size, ["w1", "w2"])
            assert all(abs(at - time.time()) < 5 for _, at in found.witnessed_at)


def test_after_a_restart_the_size_is_asked_for_by_409(tmp_path: Path, clock: Clock) -> None:
    seen: list[AddCheckpoint] = []
    with honest("w1", tmp_path, clock) as url:
        policy = make_policy({"w1": url}, "all")
        WitnessClient(policy, read_tile, clock=clock)(LOG.note(100))
        again = WitnessClient(policy, read_tile, clock=clock)
        assert names(verify_checkpoint(again(LOG.note(200)), policy)) == ["w1"]

    def remember(request: AddCheckpoint) -> tuple[int, str, bytes]:
        return 409, "text/x.tlog.size", b"200\n"

    with liar(remember, seen) as url, pytest.raises(DidNotArrive):
        WitnessClient(make_policy({"w1": url}, "all"), read_tile, clock=clock, patience=QUICK)(LOG.note(250))
    assert [request.old_size for request in seen] == [0, 200]  # once more, and not for ever
    assert seen[0].proof == () and seen[1].proof == LOG.proof(200, 250)


def test_a_witness_that_was_restored_from_an_old_copy_catches_up(tmp_path: Path, clock: Clock) -> None:
    with honest("w1", tmp_path, clock) as url:
        port, policy = url, make_policy({"w1": url}, "all")
        client = WitnessClient(policy, read_tile, clock=clock)
        client(LOG.note(100))
    (file,) = (tmp_path / "w1" / "logs").iterdir()
    file.unlink()
    with honest("w1", tmp_path, clock) as url:
        client._peers[0].url = client._peers[0].url.replace(port, url)
        assert names(verify_checkpoint(client(LOG.note(120)), policy)) == ["w1"]


# Dead and slow


@pytest.mark.parametrize("quorum", ["any", "none"])
def test_a_dead_and_a_silent_witness_hold_nothing_up_when_the_quorum_is_reached(
    tmp_path: Path, clock: Clock, quorum: str
) -> None:
    with honest("w1", tmp_path, clock) as good, silent() as hanging:
        policy = make_policy({"w1": good, "w2": dead(), "w3": hanging}, quorum)
        client = WitnessClient(policy, read_tile, clock=clock, patience=Patience(5.0, 0.3))
        seconds = []
        for size in (1, 7, 100):
            began = time.monotonic()
            found = verify_checkpoint(client(LOG.note(size)), policy)
            seconds.append(time.monotonic() - began)
            assert names(found) == ["w1"]
        assert max(seconds) < 2


def test_a_slow_witness_is_waited_for_when_the_quorum_needs_it(tmp_path: Path, clock: Clock) -> None:
    key = KEYS["w2"]

    def slowly(request: AddCheckpoint) -> tuple[int, str, bytes]:
        time.sleep(0.5)
        return 200, "text/plain", key.cosign(parse_note(request.note).text, int(clock())).to_line().encode()

    with honest("w1", tmp_path, clock) as good, liar(slowly) as slow:
        policy = make_policy({"w1": good, "w2": slow}, "all")
        client = WitnessClient(policy, read_tile, clock=clock, patience=Patience(5.0, 0.1))
        assert names(verify_checkpoint(client(LOG.note(7)), policy)) == ["w1", "w2"]
        either = make_policy({"w1": good, "w2": slow}, "any")
        client = WitnessClient(either, read_tile, clock=clock, patience=Patience(5.0, 0.1))
        assert names(verify_checkpoint(client(LOG.note(9)), either)) == ["w1"]
        time.sleep(0.6)
        # A renewal delays nobody, so there the slow one has its time.
        assert names(verify_checkpoint(client(LOG.note(9)), either)) == ["w1", "w2"]


def test_without_a_quorum_it_raises_within_its_time_and_says_how_many(tmp_path: Path, clock: Clock) -> None:
    with honest("w1", tmp_path, clock) as good, silent() as hanging:
        policy = make_policy({"w1": good, "w2": dead(), "w3": hanging}, "2")
        client = WitnessClient(policy, read_tile, clock=clock, patience=QUICK)
        began = time.monotonic()
        with pytest.raises(DidNotArrive, match="1 of 3 witnesses") as caught:
            client(LOG.note(7))
        assert caught.value.code == "quorum_missing"
        assert time.monotonic() - began < 3


def test_a_witness_that_hangs_has_one_request_at_a_time(clock: Clock) -> None:
    before = threading.active_count()
    with silent() as hanging:
        client = WitnessClient(make_policy({"w1": hanging}, "all"), read_tile, clock=clock, patience=Patience(0.3, 0.1))
        for _ in range(20):
            with pytest.raises(DidNotArrive):
                client(LOG.note(7))
            assert threading.active_count() <= before + 2


def test_a_witness_that_comes_back_is_told_once_and_counted_again(
    tmp_path: Path, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    policy = make_policy({"w3": dead()}, "none")
    client = WitnessClient(policy, read_tile, clock=clock)
    for size in (1, 2, 3):
        assert client(LOG.note(size)) == LOG.note(size)
    with honest("w3", tmp_path, clock) as url:
        client._peers[0].url = f"{url}/add-checkpoint"
        deadline, size = time.monotonic() + 10, 4
        while b"witness.example/w3" not in client(LOG.note(size)):
            assert time.monotonic() < deadline
            time.sleep(0.05)  # one that failed is not waited for, so this round went without it
            size += 1
    told = [record.message for record in caplog.records if "example/w3 " in record.message]
    assert len(told) == 2 and "does not cosign" in told[0] and "cosigns again" in told[1]


# Lying


def line(name: str, request: AddCheckpoint, at: float) -> bytes:
    return KEYS[name].cosign(parse_note(request.note).text, int(at)).to_line().encode()


def over_another_tree(request: AddCheckpoint, at: float) -> bytes:
    return KEYS["w2"].cosign(parse_note(LOG.note(100, branch=1)).text, int(at)).to_line().encode()


def flipped(data: bytes) -> bytes:
    (signature,) = parse_note(b"x\n\n" + data).signatures
    raw = bytearray(signature.signature)
    raw[20] ^= 1
    return NoteSignature(signature.name, signature.key_id, bytes(raw)).to_line().encode()


LIES: dict[str, Callable[[AddCheckpoint, float], tuple[int, str, bytes]]] = {
    "a wrong signature": lambda r, at: (200, "text/plain", flipped(line("w2", r, at))),
    "a good line and a wrong one": lambda r, at: (200, "text/plain", line("w2", r, at) + flipped(line("w2", r, at))),
    "a signature over another root": lambda r, at: (200, "text/plain", over_another_tree(r, at)),
    "a signature from long ago": lambda r, at: (200, "text/plain", line("w2", r, at - 3600)),
    "a signature from the future": lambda r, at: (200, "text/plain", line("w2", r, at + 3600)),
    "somebody else's signature": lambda r, at: (200, "text/plain", line("w1", r, at)),
    "nothing": lambda r, at: (200, "text/plain", b""),
    "no lines": lambda r, at: (200, "text/plain", b"\xff\xfe\n"),
    "a whole note": lambda r, at: (200, "text/plain", r.note),
    "lines and lines": lambda r, at: (200, "text/plain", line("w3", r, at) * 101),
    "too much": lambda r, at: (200, "text/plain", b"x" * 100_000),
    "the same size for ever": lambda r, at: (409, "text/x.tlog.size", b"0\n"),
    "a larger size": lambda r, at: (409, "text/x.tlog.size", b"101\n"),
    "a size that is none": lambda r, at: (409, "text/x.tlog.size", b"-1\n"),
    "another media type": lambda r, at: (409, "text/plain", b"50\n"),
    "a refusal": lambda r, at: (422, "text/plain", b"\x1b[31mred\n"),
    "a redirect": lambda r, at: (302, "text/plain", b""),
    "an error": lambda r, at: (500, "text/html", b"<h1>sorry</h1>"),
}


@pytest.mark.parametrize("name", LIES)
def test_a_lying_witness_is_as_good_as_none(tmp_path: Path, clock: Clock, name: str) -> None:
    with honest("w1", tmp_path, clock) as good, liar(lambda r: LIES[name](r, clock())) as bad:
        either = make_policy({"w1": good, "w2": bad}, "any")
        client = WitnessClient(either, read_tile, clock=clock, patience=QUICK)
        found = verify_checkpoint(client(LOG.note(100)), either)
        assert names(found) == ["w1"]
        assert len(parse_note(found.note).signatures) == 2
        both = make_policy({"w1": good, "w2": bad}, "all")
        with pytest.raises(DidNotArrive, match="1 of 2"):
            WitnessClient(both, read_tile, clock=clock, patience=QUICK)(LOG.note(100))


def test_an_old_cosignature_of_the_same_tree_sent_again_is_refused(clock: Clock) -> None:
    kept: list[bytes] = []

    def replay(request: AddCheckpoint) -> tuple[int, str, bytes]:
        kept.append(line("w1", request, clock()))
        return 200, "text/plain", kept[0]

    with liar(replay) as url:
        policy = make_policy({"w1": url}, "all")
        client = WitnessClient(policy, read_tile, clock=clock, patience=QUICK)
        first = client(LOG.note(100))
        clock.ahead = 360
        with pytest.raises(DidNotArrive):
            client(first)


def test_a_fork_of_our_own_is_told_to_the_operator(
    tmp_path: Path, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    """The database is a wrong one: the witness has seen another history, and the log of the server says so."""
    with honest("w1", tmp_path, clock) as url:
        policy = make_policy({"w1": url}, "none")
        other = WitnessClient(policy, other_tile, clock=clock)
        assert b"witness.example/w1" in other(LOG.note(100, branch=1))
        assert WitnessClient(policy, read_tile, clock=clock)(LOG.note(120)) == LOG.note(120)
        assert WitnessClient(policy, read_tile, clock=clock)(LOG.note(90)) == LOG.note(90)
    errors = [record.message for record in caplog.records if record.levelno == logging.ERROR]
    assert any("another history" in message for message in errors)
    assert any("has cosigned 100 entries" in message for message in errors)


def other_tile(tile: Tile) -> bytes:
    return b"".join(LOG.trees[1].leaves[tile.index * 256 :][: tile.width])


def test_tiles_of_ours_that_are_corrupt_stop_the_ledger_instead_of_going_out(tmp_path: Path, clock: Clock) -> None:
    def corrupt(tile: Tile) -> bytes:
        raise CorruptLedger("missing_blob", "gone")

    with honest("w1", tmp_path, clock) as url:
        policy = make_policy({"w1": url}, "all")
        WitnessClient(policy, read_tile, clock=clock)(LOG.note(100))
        with pytest.raises(CorruptLedger):
            WitnessClient(policy, corrupt, clock=clock, patience=QUICK)(LOG.note(120))


# Renewal


def test_a_renewal_brings_newer_times_and_keeps_the_cosignature_of_who_is_silent(tmp_path: Path, clock: Clock) -> None:
    with honest("w1", tmp_path, clock) as one:
        with honest("w2", tmp_path, clock) as two:
            policy = make_policy({"w1": one, "w2": two}, "any")
            client = WitnessClient(policy, read_tile, clock=clock, patience=QUICK)
            first = client(LOG.note(100))
        clock.ahead = 3600
        second = client(first)
    before, after = (dict(verify_checkpoint(note, policy).witnessed_at) for note in (first, second))
    assert after["witness.example/w1"] - before["witness.example/w1"] >= 3599
    assert after["witness.example/w2"] == before["witness.example/w2"]
    assert parse_note(first).text == parse_note(second).text


def test_an_older_cosignature_does_not_count_towards_the_quorum_of_a_renewal(tmp_path: Path, clock: Clock) -> None:
    with honest("w1", tmp_path, clock) as one:
        with honest("w2", tmp_path, clock) as two:
            policy = make_policy({"w1": one, "w2": two}, "all")
            client = WitnessClient(policy, read_tile, clock=clock, patience=QUICK)
            first = client(LOG.note(100))
        with pytest.raises(DidNotArrive):
            client(first)


def test_a_bad_cosignature_in_what_was_public_is_dropped(tmp_path: Path, clock: Clock) -> None:
    with honest("w1", tmp_path, clock) as one:
        policy = make_policy({"w1": one, "w2": dead()}, "any")
        note = parse_note(LOG.note(100))
        bad = NoteSignature(KEYS["w2"].vkey.name, KEYS["w2"].vkey.key_id, bytes(72))
        damaged = Note(note.text, (*note.signatures, bad)).to_bytes()
        client = WitnessClient(policy, read_tile, clock=clock, patience=QUICK)
        assert names(verify_checkpoint(client(damaged), policy)) == ["w1"]


def test_a_policy_says_whether_it_can_be_kept() -> None:
    assert can_reach_quorum(make_policy({"w1": "http://a", "w2": ""}, "any"))
    assert not can_reach_quorum(make_policy({"w1": "http://a", "w2": ""}, "all"))
    assert can_reach_quorum(make_policy({"w1": "", "w2": ""}, "none"))
