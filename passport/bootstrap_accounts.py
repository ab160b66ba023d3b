# SPDX-License-Identifier: Apache-2.0
"""Puts accounts together: business database, password hasher, and the secret that cookies and forms are bound to."""

from __future__ import annotations

import secrets
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from passport.domain.files import create_file, make_directory
from passport.domain.ledger_values import StartRefused
from passport.passwords import PasswordHasher
from passport.services.accounts import Accounts, make_accounts
from passport.services.accounts.kit import Kit
from passport.settings import Settings
from passport.storage.business import SqlBusiness, business_url, open_business
from passport.storage.lock import DirectoryLock
from verifier.protocol.encoding import parse_hex
from verifier.protocol.errors import Malformed

SECRET_NAME = "console.secret"
_SECRET_SIZE = 32


@dataclass(frozen=True, slots=True)
class OpenAccounts:
    """The use cases over an open database. Close it before the lock of its directory is given back."""

    accounts: Accounts
    business: SqlBusiness
    lock: DirectoryLock | None = None  # only when it is this object's own

    def close(self) -> None:
        self.business.close()
        if self.lock is not None:
            self.lock.release()


def open_accounts(settings: Settings, lock: DirectoryLock | None) -> OpenAccounts:
    """Opens the accounts of a registry whose data directory's lock is held. Raises StartRefused, StoreFailed."""
    make_directory(settings.data)
    secret = load_or_make_secret(settings.data / SECRET_NAME)
    business = open_business(business_url(settings.data, settings.effective_database_url), lock)
    return OpenAccounts(make_accounts(Kit(business, PasswordHasher(), _now, secret)), business)


def open_accounts_alone(settings: Settings) -> OpenAccounts:
    """For a command at the registry's machine. Raises DirectoryLocked while the server has the directory.

    On PostgreSQL the command works beside the server: transactions take turns in the database.
    """
    lock = None
    if settings.effective_database_url.startswith("sqlite:"):
        make_directory(settings.data)
        lock = DirectoryLock(settings.data)
        lock.acquire()
    try:
        opened = open_accounts(settings, lock)
    except BaseException:
        if lock is not None:
            lock.release()
        raise
    return OpenAccounts(opened.accounts, opened.business, lock)


def load_or_make_secret(path: Path) -> bytes:
    """The 32 bytes in the file, as hex; made (mode 0600) when there is none. Raises StartRefused("bad_secret_file").

    A file that cannot be read is refused, not replaced: replacing it signs everybody out, which is the operator's call.
    """
    if not path.exists():
        # Crash before the link: no file, and the next start makes one; after it: this one.
        with suppress(FileExistsError):  # another process of the same directory was faster
            create_file(path, secrets.token_hex(_SECRET_SIZE).encode() + b"\n", mode=0o600)
    try:
        return parse_hex(path.read_text(encoding="ascii").removesuffix("\n"), size=_SECRET_SIZE)
    except (OSError, UnicodeDecodeError, Malformed) as error:
        raise StartRefused(
            "bad_secret_file",
            f"{path} is not a secret of this registry: {error}.",
            "Put it back from a backup; or move it away and start again, then everybody signs in anew.",
        ) from error


def _now() -> datetime:
    return datetime.now(UTC)
