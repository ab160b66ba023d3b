# SPDX-License-Identifier: Apache-2.0
"""`passport serve` as an operator at night meets it: stops, kills, an old backup, a second server, a damaged disk."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import sqlite3
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.postgres import new_postgres_url
from tests.support.registry_process import RegistryProcess, free_port, passport_command
from verifier.web.server import GRACEFUL_SECONDS

BADGE_EVENTS = "/badge/01/06901234567892/10/L1/events"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, int]:
    """A registry that was set up once; each test works on a copy, since making keys takes a second."""
    directory, port = tmp_path_factory.mktemp("made"), free_port()
    (directory / "passphrase").write_text("correct horse\n")
    result = subprocess.run(
        passport_command(
            *("registry", "init", str(directory / "registry"), "--base-url", f"http://127.0.0.1:{port}"),
            *("--name-zh", "登记处", "--name-en", "Registry", "--listen", f"127.0.0.1:{port}"),
            *("--passphrase-file", str(directory / "passphrase")),
        ),
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stderr
    return directory, port


class Night:
    """One copy of the registry, and what an operator does to it."""

    def __init__(self, directory: Path, port: int) -> None:
        self.directory, self.port = directory, port
        self.registry = directory / "registry"
        self.servers: list[subprocess.Popen[str]] = []

    def serve(self, *, port: int | None = None) -> subprocess.Popen[str]:
        command = passport_command("serve", str(self.registry), "--passphrase-file", str(self.directory / "passphrase"))
        command += ["--listen", f"127.0.0.1:{port or self.port}"]
        server = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        self.servers.append(server)
        return server

    def ready(self, server: subprocess.Popen[str]) -> None:
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            assert server.poll() is None, server.communicate()[0]
            try:
                self.get("/ledger/checkpoint")
                return
            except OSError:
                time.sleep(0.1)
        raise AssertionError("the server did not become ready")

    def get(self, path: str) -> bytes:
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=10) as answer:
            data: bytes = answer.read()
            return data

    def admit(self, name: str, uscc: str) -> None:
        """One more statement in the ledger."""
        base = {**os.environ, "PASSPORT_PASSPHRASE_FILE": str(self.directory / "passphrase")}
        base["PASSPORT_REGISTRY"] = f"http://127.0.0.1:{self.port}"
        organisation, key = self.directory / f"{name}.toml", self.directory / f"{name}.key"
        organisation.write_text(
            f'name = {{ zh = "机关", en = "Authority" }}\nuscc = "{uscc}"\nroles = ["authority"]\nprefixes = []\n'
            'contact = { phone = "12315", url = "" }\n'
        )
        origin = f"127.0.0.1:{self.port}/ledger"
        request = str(self.directory / f"{name}.json")
        for arguments in (
            ("key", "new", str(key)),
            *[
                (
                    "key",
                    "prove",
                    str(key),
                    "--origin",
                    origin,
                    "--issuer",
                    name,
                    "--organisation",
                    str(organisation),
                    "--out",
                    request,
                )
            ],
            ("issuer", "admit", request, "--operator-key", str(self.registry / "keys" / "operator.key"), "--yes"),
        ):
            result = subprocess.run(passport_command(*arguments), env=base, capture_output=True, text=True, check=False)
            assert result.returncode == 0, result.stderr

    def size(self) -> int:
        return int(self.get("/ledger/checkpoint").split(b"\n")[1])


@pytest.fixture
def night(made: tuple[Path, int], tmp_path: Path) -> Iterator[Night]:
    directory, port = made
    shutil.copytree(directory, tmp_path / "night")
    night = Night(tmp_path / "night", port)
    yield night
    for server in night.servers:
        if server.poll() is None:
            server.send_signal(signal.SIGTERM)
        server.communicate(timeout=30)


@pytest.mark.xdist_group("serve")
def test_a_stop_is_clean_and_quick_although_a_badge_listens(night: Night) -> None:
    server = night.serve()
    night.ready(server)
    stream = urllib.request.urlopen(f"http://127.0.0.1:{night.port}{BADGE_EVENTS}", timeout=10)
    assert stream.readline()
    began = time.monotonic()
    server.send_signal(signal.SIGTERM)
    server.communicate(timeout=30)
    assert server.returncode == 0
    assert time.monotonic() - began < GRACEFUL_SECONDS, "an open badge does not hold the stop up for the whole grace"
    stream.close()


@pytest.mark.xdist_group("serve")
def test_half_requests_on_every_thread_do_not_stop_the_server_for_long(night: Night) -> None:
    server = night.serve()
    night.ready(server)
    halves = [socket.create_connection(("127.0.0.1", night.port)) for _ in range(40)]
    try:
        for number, half in enumerate(halves):
            half.sendall(
                b"GET /healthz HTTP/1.1\r\nHost:"
                if number % 2
                else b"POST /api/v1/verify HTTP/1.1\r\nHost: x\r\n"
                b"Content-Type: application/json\r\nContent-Length: 100\r\n\r\n{"
            )
        deadline = time.monotonic() + 60
        while True:
            try:
                assert night.get("/healthz") == b"ok\n"
                break
            except OSError:
                assert time.monotonic() < deadline, "whoever sends half a request holds a thread for ever"
    finally:
        for half in halves:
            half.close()


@pytest.mark.xdist_group("serve")
def test_a_killed_worker_comes_back_with_everything_that_was_acknowledged(night: Night) -> None:
    server = night.serve()
    night.ready(server)
    night.admit("authority-a", "11100000MB0EXAM514")
    before = night.get("/ledger/checkpoint")
    children = subprocess.run(
        ["ps", "-o", "pid=", "--ppid", str(server.pid)], capture_output=True, text=True, check=True
    )
    (worker,) = [int(pid) for pid in children.stdout.split()]
    os.kill(worker, signal.SIGKILL)
    deadline = time.monotonic() + 30
    while True:
        try:
            after = night.get("/ledger/checkpoint")
            break
        except OSError:
            assert time.monotonic() < deadline
            time.sleep(0.1)
    assert after == before
    assert server.poll() is None


@pytest.mark.xdist_group("serve")
def test_a_second_server_on_the_same_directory_ends_with_82_and_names_the_first(night: Night) -> None:
    night.ready(night.serve())
    second = night.serve(port=free_port())
    output, _ = second.communicate(timeout=30)
    assert second.returncode == 82, output
    assert "directory_locked" in output and f"http://127.0.0.1:{night.port}" in output


@pytest.mark.xdist_group("serve")
def test_a_taken_port_ends_at_once_with_86_and_says_what_to_do(night: Night) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        server = night.serve(port=taken.getsockname()[1])
        output, _ = server.communicate(timeout=30)
    assert server.returncode == 86, output
    assert "[port_in_use]" in output and "--listen" in output and "Traceback" not in output


@pytest.mark.xdist_group("serve")
def test_last_weeks_backup_ends_with_81_and_the_remedy(night: Night) -> None:
    shutil.copytree(night.registry / "data", night.directory / "backup")
    server = night.serve()
    night.ready(server)
    night.admit("authority-b", "11100000MB0EXAM514")
    assert night.size() == 2
    server.send_signal(signal.SIGTERM)
    server.communicate(timeout=30)
    shutil.rmtree(night.registry / "data")
    shutil.copytree(night.directory / "backup", night.registry / "data")
    restored = night.serve()
    output, _ = restored.communicate(timeout=60)
    assert restored.returncode == 81, output
    assert "below_high_water" in output and "rebuild" in output


@pytest.mark.xdist_group("serve")
def test_a_flipped_bit_ends_with_80_and_nothing_is_served(night: Night) -> None:
    with sqlite3.connect(night.registry / "data" / "passport.sqlite3") as database:
        ((level, index, data),) = database.execute(
            "SELECT level, blob_index, data FROM ledger_blobs WHERE level = 0"
        ).fetchall()
        damaged = bytes([data[0] ^ 1]) + data[1:]
        database.execute("UPDATE ledger_blobs SET data = ? WHERE level = ? AND blob_index = ?", (damaged, level, index))
    database.close()
    server = night.serve()
    output, _ = server.communicate(timeout=60)
    assert server.returncode == 80, output
    fsck = subprocess.run(
        passport_command("ledger", "fsck", str(night.registry)), capture_output=True, text=True, check=False
    )
    assert fsck.returncode == 80
    assert "tile/0/000.p/1" in fsck.stdout


@pytest.mark.xdist_group("serve")
def test_a_lost_database_is_rebuilt_from_the_public_tiles(night: Night, tmp_path: Path) -> None:
    server = night.serve()
    night.ready(server)
    night.admit("authority-c", "11100000MB0EXAM514")
    checkpoint = night.get("/ledger/checkpoint")
    copy = tmp_path / "copy"
    shutil.copytree(night.registry, copy)
    shutil.rmtree(copy / "data")
    url = f"http://127.0.0.1:{night.port}/ledger"
    rebuilt = subprocess.run(
        passport_command("ledger", "rebuild", str(copy), "--from", url), capture_output=True, text=True, check=False
    )
    assert rebuilt.returncode == 0, rebuilt.stderr
    assert "Restored 2 entries" in rebuilt.stdout
    sound = subprocess.run(passport_command("ledger", "fsck", str(copy)), capture_output=True, text=True, check=False)
    assert sound.returncode == 0, sound.stdout
    assert (copy / "public" / "ledger" / "checkpoint").read_bytes() == checkpoint
    again = subprocess.run(
        passport_command("ledger", "rebuild", str(copy), "--from", url), capture_output=True, text=True, check=False
    )
    assert again.returncode == 87  # never over a ledger


@pytest.mark.xdist_group("serve")
def test_a_wrong_passphrase_is_a_message_and_not_a_crash(night: Night) -> None:
    (night.directory / "passphrase").write_text("wrong\n")
    server = night.serve()
    output, _ = server.communicate(timeout=60)
    assert server.returncode not in (0, 3)
    assert "wrong_passphrase" in output and "Traceback" not in output


@pytest.mark.xdist_group("serve")
def test_the_static_copy_of_the_ledger_is_what_the_server_serves(night: Night) -> None:
    server = night.serve()
    night.ready(server)
    public = night.registry / "public" / "ledger"
    for file in (path for path in public.rglob("*") if path.is_file() and not path.name.startswith(".")):
        path = f"/ledger/{file.relative_to(public)}"
        try:
            assert night.get(path) == file.read_bytes()
        except urllib.error.HTTPError as error:
            raise AssertionError(path) from error
    with pytest.raises(urllib.error.HTTPError) as missing:
        night.get("/ledger/tile/0/001")
    assert missing.value.code == 404


@pytest.mark.xdist_group("serve")
def test_a_registry_on_postgresql_serves_survives_a_restart_and_passes_fsck(tmp_path: Path) -> None:
    url = new_postgres_url()
    with RegistryProcess(tmp_path, database_url=url) as registry:
        authority = tmp_path / "authority.toml"
        authority.write_text(
            'name = { zh = "机关", en = "Authority" }\nuscc = "11100000MB0EXAM514"\n'
            'roles = ["authority"]\nprefixes = []\n'
            'contact = { phone = "12315", url = "" }\n'
        )
        registry.admit("authority-p", authority)
        registry.stop()
        registry.serve()
        with urllib.request.urlopen(f"{registry.url}/ledger/checkpoint", timeout=10) as answer:
            assert answer.read().split(b"\n")[1] == b"2"
    assert not list((tmp_path / "registry" / "data").glob("*.sqlite3*"))
    sound = registry.run("ledger", "fsck", str(tmp_path / "registry"))
    assert sound.returncode == 0, sound.stdout + sound.stderr
