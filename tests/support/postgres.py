# SPDX-License-Identifier: Apache-2.0
"""A real PostgreSQL server for tests: a throwaway cluster on a Unix socket, never as root, gone at exit."""

from __future__ import annotations

import atexit
import os
import pwd
import shutil
import subprocess
import tempfile
import time
from functools import lru_cache
from pathlib import Path
from typing import Any

import psycopg
import pytest

HOW_TO_GET = "Install PostgreSQL's server programs (Debian: apt-get install postgresql) so that initdb can be found."


class PostgresCluster:
    """One running server. `new_url()` makes an empty database in it."""

    def __init__(self, programs: Path, *options: str) -> None:
        self._directory = Path(tempfile.mkdtemp(prefix="passport-pg-"))
        self._user: str | None = None
        if os.geteuid() == 0:  # PostgreSQL refuses to run as root
            self._user = next(name for name in ("postgres", "nobody") if _has_user(name))
            shutil.chown(self._directory, self._user)
        self._data = self._directory / "data"
        self._count = 0
        initdb = [str(programs / "initdb"), "-D", str(self._data), "-U", "postgres", "-A", "trust", "-E", "UTF8"]
        subprocess.run([*initdb, "--no-sync"], check=True, capture_output=True, cwd="/", **self._identity())
        settings = ["listen_addresses=", f"unix_socket_directories={self._directory}", "max_connections=100", *options]
        arguments = [str(programs / "postgres"), "-D", str(self._data)]
        for setting in settings:
            arguments += ["-c", setting]
        self._log = open(self._directory / "log", "wb")  # noqa: SIM115
        self._server = subprocess.Popen(arguments, stdout=self._log, stderr=self._log, cwd="/", **self._identity())
        atexit.register(self.stop)
        self._wait()

    def url(self, database: str = "postgres") -> str:
        return f"postgresql://postgres@/{database}?host={self._directory}"

    def new_url(self) -> str:
        """Make an empty database and return its URL."""
        self._count += 1
        name = f"test_{self._count}"
        with psycopg.connect(self.url(), autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name}")
        return self.url(name)

    def stop(self) -> None:
        atexit.unregister(self.stop)
        if self._server.poll() is None:
            self._server.terminate()
            try:
                self._server.wait(10)
            except subprocess.TimeoutExpired:
                self._server.kill()
                self._server.wait()
        self._log.close()
        shutil.rmtree(self._directory, ignore_errors=True)

    def _identity(self) -> dict[str, Any]:
        if self._user is None:
            return {}
        return {"user": self._user, "group": pwd.getpwnam(self._user).pw_gid, "extra_groups": []}

    def _wait(self) -> None:
        deadline = time.monotonic() + 30
        while True:
            try:
                psycopg.connect(self.url()).close()
                return
            except psycopg.OperationalError:
                if time.monotonic() > deadline or self._server.poll() is not None:
                    raise
                time.sleep(0.05)


def _has_user(name: str) -> bool:
    try:
        pwd.getpwnam(name)
    except KeyError:
        return False
    return True


def find_programs() -> Path | None:
    """Find the directory of initdb: in PATH, or where Debian keeps it."""
    found = shutil.which("initdb")
    if found is not None:
        return Path(found).resolve().parent
    places = Path("/usr/lib/postgresql").glob("*/bin/initdb")
    return max((place.parent for place in places), key=lambda p: int(p.parent.name), default=None)


def require_programs() -> Path:
    """Find PostgreSQL, or skip the test; where CI is set, fail it: a suite that skips half of itself proves little."""
    programs = find_programs()
    if programs is None:
        if os.environ.get("CI"):
            pytest.fail(f"PostgreSQL is not installed. {HOW_TO_GET}")
        pytest.skip(f"PostgreSQL is not installed. {HOW_TO_GET}")
    return programs


@lru_cache(maxsize=1)
def _shared(programs: Path) -> PostgresCluster:
    return PostgresCluster(programs)


def new_postgres_url() -> str:
    """Give an empty database on the cluster that the whole test run shares."""
    return _shared(require_programs()).new_url()
