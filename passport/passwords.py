# SPDX-License-Identifier: Apache-2.0
"""Passwords at rest: Argon2id, RFC 9106. Here and not in a service, because argon2 stays beside signing.py."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from argon2 import PasswordHasher as Argon2
from argon2 import Type
from argon2.exceptions import InvalidHashError, VerificationError

from passport.domain.accounts_errors import TooBusy

AT_ONCE = 4  # each takes 64 MiB of memory and four lanes
WAIT_SECONDS = 10.0


class PasswordHasher:
    """Argon2id with RFC 9106's low-memory parameters (3 passes, 64 MiB, 4 lanes), a few at a time.

    A hash names its own parameters, so they can be raised here: `needs_rehash` says so at the next sign-in.
    """

    def __init__(self, *, time_cost: int = 3, memory_kib: int = 65_536, lanes: int = 4) -> None:
        self._argon2 = Argon2(time_cost=time_cost, memory_cost=memory_kib, parallelism=lanes, type=Type.ID)
        self._room = threading.BoundedSemaphore(AT_ONCE)
        # What a password is compared with when there is no such name: the same work, and never equal.
        self._nobody = self._argon2.hash("nobody has this password, and nobody is asked for it")

    def hash(self, password: str) -> str:
        """Returns the PHC string. Raises TooBusy."""
        with self._turn():
            return self._argon2.hash(password)

    def verify(self, password_hash: str | None, password: str) -> bool:
        """Whether the password is right; for None always False, after the same work. Raises TooBusy."""
        with self._turn():
            try:
                is_right = self._argon2.verify(password_hash or self._nobody, password.encode("utf-8", "replace"))
            except (VerificationError, InvalidHashError):
                return False
        return is_right and password_hash is not None

    def needs_rehash(self, password_hash: str) -> bool:
        return self._argon2.check_needs_rehash(password_hash)

    @contextmanager
    def _turn(self) -> Iterator[None]:
        if not self._room.acquire(timeout=WAIT_SECONDS):
            raise TooBusy("too_busy", "Too many people sign in at once. Try again in a few seconds.")
        try:
            yield
        finally:
            self._room.release()
