# SPDX-License-Identifier: Apache-2.0
"""The production server: gunicorn with one worker process and many threads. One process, because one process writes.

The application is opened in the worker, never before the fork: a database connection and a lock belong to the process
that made them. A worker that is killed is started again by its parent, and recovery is the ordinary start. A worker
that refuses to start, or whose ledger stops for good, ends the whole server with the error's own exit code.
"""

from __future__ import annotations

import logging
import multiprocessing
import os
import socket
import struct
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from flask import Flask
from gunicorn.app.base import BaseApplication
from gunicorn.arbiter import Arbiter
from gunicorn.workers.gthread import TConn, ThreadWorker

LOG = logging.getLogger(__name__)
GRACEFUL_SECONDS = 5
REQUEST_SECONDS = 20.0  # a request, head and body, must have arrived by then
SEND_SECONDS = 20  # one write to a client that does not read


@dataclass(frozen=True, slots=True)
class Opened:
    """A running application. `release` lets go of answers that would go on for minutes; `close` ends everything."""

    app: Flask
    release: Callable[[], None]
    close: Callable[[], None]


class EndOfServer(Exception):
    """Ends the whole server: with one message, its stable code, and an exit code. Not started again."""

    def __init__(self, code: str, message: str, exit_code: int) -> None:
        super().__init__(message)
        self.code = code
        self.exit_code = exit_code


Opener = Callable[[Callable[[EndOfServer], None]], Opened]
"""Opens the application in the worker, or raises EndOfServer; is given what to call when it must stop for good."""


def why_not_free(listen: str) -> str | None:
    """Why nobody can listen there, in the system's words; None if one can, or if only gunicorn knows."""
    host, _, port = listen.rpartition(":")
    if not port.isascii() or not port.isdigit():
        return None  # a socket file, for example
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host.strip("[]"), int(port)))
        except OSError as error:
            return error.strerror or str(error)
    return None


class _Worker(ThreadWorker):
    """A gthread worker that ends live streams as soon as it is told to stop, so that they do not hold it up.

    It also hangs up on whoever sends a request so slowly that a few of them would take all threads (gunicorn waits for
    the first byte alone with a time-out), and on whoever takes nothing of an answer for SEND_SECONDS. Who reads a large
    answer a little at a time holds a thread: a reverse proxy in front buffers answers. docs/operations.md.
    """

    def init_process(self) -> None:
        self._due: dict[TConn, float] = {}
        super().init_process()

    def handle(self, conn: TConn) -> Any:
        timeout = struct.pack("ll", SEND_SECONDS, 0)
        conn.sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, timeout)
        self._due[conn] = time.monotonic() + REQUEST_SECONDS
        try:
            return super().handle(conn)
        finally:
            self._due.pop(conn, None)

    def notify(self) -> None:  # in the main loop, about once a second
        now = time.monotonic()
        for conn, due in list(self._due.items()):
            if due < now:
                self._due.pop(conn, None)
                with suppress(OSError):  # gone already
                    conn.sock.shutdown(socket.SHUT_RD)  # ends a read that waits; an answer may go on
        super().notify()

    def handle_exit(self, sig: int, frame: Any) -> None:
        _release(self.app)
        super().handle_exit(sig, frame)

    def handle_quit(self, sig: int, frame: Any) -> None:
        _release(self.app)
        super().handle_quit(sig, frame)


def _release(application: BaseApplication) -> None:
    if isinstance(application, Server):
        application.release()


class Server(BaseApplication):
    """Serves one application. `open_application` runs in the worker; `name` is the command that it ends for."""

    def __init__(self, open_application: Opener, *, name: str, listen: str, threads: int) -> None:
        self._open = open_application
        self._name = name
        self._opened: Opened | None = None
        self._options = {"bind": listen, "threads": threads}
        # Shared with the worker: gunicorn passes on no exit code but its own.
        self._exit_code = multiprocessing.get_context("fork").Value("i", 0)
        super().__init__()

    def load_config(self) -> None:
        settings: dict[str, Any] = {
            **self._options,
            "workers": 1,
            "worker_class": _Worker,
            "keepalive": 15,
            "timeout": 60,
            "graceful_timeout": GRACEFUL_SECONDS,
            "limit_request_line": 4094,
            "limit_request_fields": 60,
            "loglevel": "warning",
            "worker_exit": lambda _arbiter, _worker: self._end(),
        }
        if "control_socket_disable" in self.cfg.settings:  # newer versions open one in the home directory
            settings["control_socket_disable"] = True
        for name, value in settings.items():
            self.cfg.set(name, value)

    def load(self) -> Any:  # gunicorn wants any WSGI callable
        try:
            self._opened = self._open(self._die)
        except EndOfServer as error:
            sys.stderr.write(f"{self._name}: {error.code}: {error}\n")
            self._exit_code.value = error.exit_code
            # The one code after which gunicorn does not try again.
            sys.exit(Arbiter.WORKER_BOOT_ERROR)
        return self._opened.app

    def release(self) -> None:
        """Called in the worker at the first sign of the end."""
        if self._opened is not None:
            self._opened.release()

    def serve(self) -> int:
        """Runs until a signal ends it. Returns the exit code for the command."""
        parent = os.getpid()
        try:
            self.run()
        except SystemExit as end:
            if os.getpid() != parent:
                raise  # a worker's end, on its way up through the stack that it got from the fork
            code = end.code if isinstance(end.code, int) else 1
            return self._exit_code.value or code
        return int(self._exit_code.value)

    def _die(self, error: EndOfServer) -> None:
        """The ledger has stopped for good. Nothing may be served on top of it, and nothing is written any more."""
        LOG.critical("%s: %s", error.code, error)
        sys.stderr.write(f"{self._name}: {error.code}: {error}\n")
        sys.stderr.flush()
        self._exit_code.value = error.exit_code
        os._exit(Arbiter.WORKER_BOOT_ERROR)

    def _end(self) -> None:
        if self._opened is not None:
            opened, self._opened = self._opened, None
            opened.close()
