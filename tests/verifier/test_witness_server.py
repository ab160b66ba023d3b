# SPDX-License-Identifier: Apache-2.0
"""The witness as it runs: the `verifier witness` command over real HTTP, killed and started again."""

from __future__ import annotations

import http.client
import os
import random
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

import verifier.witness_server
from tests.support.forked_log import BRANCHES, ForkedLog
from tests.support.witness_process import PASSPHRASE, WitnessProcess, environment, get, post, verifier_command
from verifier.protocol.add_checkpoint import MAX_REQUEST_SIZE, parse_size
from verifier.protocol.checkpoint import parse_checkpoint
from verifier.protocol.cosignature import verify_cosignature
from verifier.protocol.note import parse_note, verify_note
from verifier.witness import Witness
from verifier.witness_key import WitnessKey
from verifier.witness_server import WitnessServer
from verifier.witness_store import KEY_FILE, WitnessStore, make_witness_directory, origin_hash

LOG = ForkedLog(fork_at=5)
KEY = WitnessKey("witness.example/w1", bytes(32))
KILLS = 10 if os.environ.get("CI") else 3


@pytest.fixture
def server(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[WitnessServer]:
    """A witness's server; a parameter is the bound on its connections."""
    bound = getattr(request, "param", verifier.witness_server.MAX_CONNECTIONS)
    make_witness_directory(tmp_path / "w")
    (tmp_path / "w" / KEY_FILE).write_bytes(b"sealed elsewhere")
    with WitnessStore(tmp_path / "w") as store:
        server = WitnessServer(Witness(KEY, [LOG.vkey], store, time.time), ("127.0.0.1", 0), max_connections=bound)
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        yield server
        server.stop()
        thread.join()


def port_of(server: WitnessServer) -> int:
    return int(server.server_address[1])


def raw(server: WitnessServer, data: bytes, *, seconds: float = 5.0) -> bytes:
    """Send bytes as they are and read until the server hangs up."""
    with socket.create_connection(("127.0.0.1", port_of(server)), timeout=seconds) as connection:
        connection.sendall(data)
        answer = b""
        while piece := connection.recv(65536):
            answer += piece
        return answer


# HTTP


def test_the_paths_of_the_protocol(server: WitnessServer) -> None:
    port = port_of(server)
    digest = origin_hash(LOG.origin)
    assert get(port, f"/{digest}/checkpoint")[0] == 404
    status, media_type, body = post(port, LOG.request(0, 3))
    assert (status, media_type) == (200, "text/plain; charset=utf-8")
    note = parse_note(parse_note(LOG.note(3)).text.encode() + b"\n" + body)
    assert verify_cosignature(note, KEY.vkey) == pytest.approx(time.time(), abs=5)
    assert post(port, LOG.request(0, 3)) == (409, "text/x.tlog.size", b"3\n")
    status, kept = get(port, f"/{digest}/checkpoint")
    assert status == 200
    verify_note(parse_note(kept), [LOG.vkey])
    assert verify_cosignature(parse_note(kept), KEY.vkey)
    assert get(port, "/") == (200, KEY.vkey.to_text().encode() + b"\n")
    for path in ("/add-checkpoint", f"/{digest.upper()}/checkpoint", f"/{digest}/checkpoint/", "/x", f"/{digest}"):
        assert get(port, path)[0] == 404
    for path in ("/", "/add-checkpoint/", "/add-checkpoint?x", "/sign-subtree"):
        assert post(port, LOG.request(3, 4), path)[0] == 404


def test_one_connection_carries_many_requests(server: WitnessServer) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", port_of(server), timeout=5)
    for old in range(5):
        connection.request("POST", "/add-checkpoint", LOG.request(old, old + 1))
        answer = connection.getresponse()
        assert (answer.status, answer.will_close) == (200, False)
        answer.read()
    connection.close()


@pytest.mark.parametrize(
    ("head", "status"),
    [
        (b"", 411),
        (b"Transfer-Encoding: chunked\r\n", 411),
        (b"Content-Length: +5\r\n", 400),
        (b"Content-Length: 5\r\nContent-Length: 6\r\n", 400),
        (b"Content-Length: %d\r\n" % (MAX_REQUEST_SIZE + 1), 413),
        (b"Content-Length: 99999999999999999999\r\n", 400),
    ],
)
def test_a_body_without_a_good_length_is_never_read(server: WitnessServer, head: bytes, status: int) -> None:
    smuggled = b"POST /add-checkpoint HTTP/1.1\r\n\r\n"
    answer = raw(server, b"POST /add-checkpoint HTTP/1.1\r\nHost: x\r\n" + head + b"\r\n" + smuggled)
    assert answer.startswith(b"HTTP/1.1 %d " % status)
    assert answer.count(b"HTTP/1.1") == 1  # the connection ended; the rest was not taken for a request


def test_garbage_is_answered_or_hung_up_upon_and_the_server_goes_on(server: WitnessServer) -> None:
    for data in (
        b"\x16\x03\x01\x02\x00",
        b"GET / HTTP/9.9\r\n\r\n",
        b"GET " + b"x" * 70_000 + b"\r\n\r\n",
        b"\r\n\r\n",
    ):
        try:
            raw(server, data + b"\r\n\r\n")
        except ConnectionError:
            continue
    assert get(port_of(server), "/")[0] == 200


def test_a_client_that_drips_meets_one_deadline(server: WitnessServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(verifier.witness_server, "REQUEST_SECONDS", 0.6)
    began = time.monotonic()
    with socket.create_connection(("127.0.0.1", port_of(server)), timeout=10) as connection:
        try:
            for byte in b"POST /add-checkpoint HTTP/1.1\r\nContent-Length: 60000\r\n\r\n" + b"x" * 60000:
                connection.sendall(bytes([byte]))
                time.sleep(0.02)
        except OSError:
            pass
        assert time.monotonic() - began < 3
    assert get(port_of(server), "/")[0] == 200


@pytest.mark.parametrize("server", [3], indirect=True)
def test_connections_are_bounded_and_places_become_free(server: WitnessServer) -> None:
    held = [socket.create_connection(("127.0.0.1", port_of(server)), timeout=5) for _ in range(3)]
    time.sleep(0.2)
    with socket.create_connection(("127.0.0.1", port_of(server)), timeout=5) as fourth:
        assert fourth.recv(1) == b""  # hung up upon
    for connection in held:
        connection.close()
    deadline = time.monotonic() + 5
    while True:
        try:
            assert get(port_of(server), "/")[0] == 200
            break
        except (ConnectionError, http.client.HTTPException):
            assert time.monotonic() < deadline
            time.sleep(0.05)


# The command


@pytest.fixture
def process(tmp_path: Path) -> Iterator[WitnessProcess]:
    with WitnessProcess(tmp_path, [LOG.vkey]) as process:
        yield process


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_at_once_and_in_order_even_with_open_connections(
    process: WitnessProcess, number: signal.Signals
) -> None:
    idle = http.client.HTTPConnection("127.0.0.1", process.port, timeout=5)
    idle.request("POST", "/add-checkpoint", LOG.request(0, 3))
    assert idle.getresponse().read()
    silent = socket.create_connection(("127.0.0.1", process.port))
    assert process.process is not None
    began = time.monotonic()
    process.process.send_signal(number)
    process.process.communicate(timeout=20)
    assert process.process.returncode == 0
    assert time.monotonic() - began < 5
    idle.close()
    silent.close()
    process.start()
    assert process.post(LOG.request(0, 3)) == (409, "text/x.tlog.size", b"3\n")


def run(directory: Path, *arguments: str) -> tuple[int, str]:
    done = subprocess.run(
        verifier_command("witness", *arguments),
        env=environment(directory),
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        timeout=30,
        check=False,
    )
    assert "Traceback" not in done.stderr
    return done.returncode, done.stderr


def test_what_keeps_it_from_starting_is_explained(process: WitnessProcess, tmp_path: Path) -> None:
    place, log = str(process.place), ("--log", LOG.vkey.to_text())
    new = ("init", str(tmp_path / "x"), "--name")
    (tmp_path / "wrong").write_text("wrong\n")
    (tmp_path / "empty").write_text("\n")
    (tmp_path / "policy").write_text("quorum none\n")
    for arguments, code in [
        (("init", place, "--name", "w"), "key_file_exists"),
        ((*new, "two words"), "malformed_vkey"),
        ((*new, "w", "--passphrase-file", str(tmp_path / "none")), "no_passphrase"),
        (
            ("init", str(tmp_path / "x"), "--name", "w", "--passphrase-file", str(tmp_path / "empty")),
            "empty_passphrase",
        ),
        (("serve", place, *log), "witness_running"),
        (("serve", str(tmp_path / "nowhere"), *log), "not_a_witness"),
        (("serve", place), "no_logs"),
        (("serve", place, "--policy", str(tmp_path / "policy")), "no_logs"),
        (("serve", place, "--policy", str(tmp_path / "none")), "no_policy"),
        (("serve", place, "--log", process.init().to_text()), "no_logs"),
        (("serve", place, "--log", "nonsense"), "malformed_vkey"),
        (("serve", place, *log, "--listen", "8090"), "usage"),
        (("serve", place, *log, "--listen", "127.0.0.1:65536"), "usage"),
    ]:
        status, said = run(tmp_path, *arguments)
        assert (status, f"({code})" in said) == (2, True), (arguments, said)
    process.stop()
    status, said = run(tmp_path, "serve", place, *log, "--passphrase-file", str(tmp_path / "wrong"))
    assert status == 2 and "(wrong_passphrase)" in said
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        status, said = run(tmp_path, "serve", place, *log, "--listen", f"127.0.0.1:{taken.getsockname()[1]}")
    assert status == 2 and "(cannot_listen)" in said


def test_the_passphrase_is_nowhere_on_the_disk_beside_its_own_file_and_the_key_is_private(
    process: WitnessProcess,
) -> None:
    key = process.place / KEY_FILE
    assert key.stat().st_mode & 0o777 == 0o600
    assert process.place.stat().st_mode & 0o777 == 0o700
    for path in process.place.rglob("*"):
        assert not path.is_file() or PASSPHRASE.encode() not in path.read_bytes()


# kill -9


@pytest.mark.timeout(300)
def test_after_kill_9_it_never_signs_a_smaller_or_another_tree(tmp_path: Path) -> None:
    """Every round has logs of its own whose two histories race; the witness dies in the middle, and must remember."""
    chance = random.Random(7)
    logs = {
        number: [ForkedLog(f"log.example/{number}-{i}", fork_at=i, size=500) for i in range(4)]
        for number in range(KILLS)
    }
    witness = WitnessProcess(tmp_path, [log.vkey for some in logs.values() for log in some])
    try:
        for number in range(KILLS):
            witness.start()
            signed: list[tuple[ForkedLog, int, int]] = []
            climbers = [
                threading.Thread(target=climb, args=(witness.port, log, branch, signed, chance.random()))
                for log in logs[number]
                for branch in BRANCHES
            ]
            for climber in climbers:
                climber.start()
            time.sleep(chance.uniform(0.05, 0.6))
            witness.kill()
            for climber in climbers:
                climber.join()
            witness.start()
            for log in logs[number]:
                check_memory(witness, log, signed)
            witness.kill()
    finally:
        if witness.process is not None and witness.process.poll() is None:
            witness.kill()


def climb(port: int, log: ForkedLog, branch: int, signed: list[tuple[ForkedLog, int, int]], seed: float) -> None:
    """Take one branch as far as the witness lets us, until it dies."""
    chance = random.Random(seed)
    old = 0
    try:
        while old < log.size:
            new = min(log.size, old + chance.randrange(1, 4))
            status, _, body = post(port, log.request(old, new, branch))
            if status == 200:
                signed.append((log, new, branch))
                old = new
            elif status == 409:
                old = parse_size(body)
            else:
                return  # the other branch was taken
    except (OSError, http.client.HTTPException):
        return


def check_memory(witness: WitnessProcess, log: ForkedLog, signed: list[tuple[ForkedLog, int, int]]) -> None:
    """What was signed before the kill is one history, and the witness goes on from there and nowhere else."""
    mine = [(size, branch) for other, size, branch in signed if other is log]
    common = set(BRANCHES).intersection(*(log.branches_of(size, log.root(size, branch)) for size, branch in mine))
    assert common, f"{log.origin}: two histories were cosigned"
    status, note = get(witness.port, f"/{origin_hash(log.origin)}/checkpoint")
    size = parse_checkpoint(parse_note(note).text).size if status == 200 else 0
    assert size >= max((size for size, _ in mine), default=0), "it has forgotten what it signed"
    if size <= log.fork_at:
        return
    outcomes = [witness.post(log.request(size, log.size, branch))[0] for branch in BRANCHES if size < log.size]
    if outcomes:
        assert outcomes.count(200) == 1
        assert outcomes.index(200) in common, "after the kill it went on in another history"
    refused = next(iter({*BRANCHES} - common), None)
    if refused is not None:
        assert witness.post(log.request(log.size, log.size, refused))[0] == 422
