# SPDX-License-Identifier: Apache-2.0
"""The unit of work over the business database: one transaction, in which every table is at hand."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import make_url

from passport.storage.business.access import AttemptRows, SessionRows, TokenRows
from passport.storage.business.audit import AuditRows
from passport.storage.business.badges import BadgeAlertRows, BadgePolicyRows
from passport.storage.business.case_listings import CaseListingRows
from passport.storage.business.dossiers import DossierRows
from passport.storage.business.gate import AppealRows, DecisionRows
from passport.storage.business.idempotency import SqlIdempotencyStore
from passport.storage.business.imports import ImportRows
from passport.storage.business.listings import ListingRows
from passport.storage.business.migrate import migrate
from passport.storage.business.people import CredentialTable, InvitationRows, MemberRows, OrganisationRows
from passport.storage.business.recalls import RecallCaseRows, RecallMarkRows
from passport.storage.business.returns import ReturnRows
from passport.storage.business.sanctions import SanctionAppealRows, SanctionRows, SellerRows
from passport.storage.business.webhook_deliveries import DeliveryRows
from passport.storage.business.webhooks import EndpointRows, EventRows
from passport.storage.engine import Database, Tables, open_database

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from passport.storage.lock import DirectoryLock

FILE_NAME = "business.sqlite3"
# Any number of our own, and not the ledger's: the two never wait for each other.
_TURN = 0x706173736275736E


class SqlBooks:
    """Every table in one transaction. A later part adds its tables here, and its port in its own services."""

    def __init__(self, connection: Connection) -> None:
        self.organisations = OrganisationRows(connection)
        self.members = MemberRows(connection)
        self.credentials = CredentialTable(connection)
        self.invitations = InvitationRows(connection)
        self.sessions = SessionRows(connection)
        self.attempts = AttemptRows(connection)
        self.tokens = TokenRows(connection)
        self.audit = AuditRows(connection)
        self.listings = ListingRows(connection)
        self.decisions = DecisionRows(connection)
        self.appeals = AppealRows(connection)
        self.imports = ImportRows(connection)
        self.badge_policies = BadgePolicyRows(connection)
        self.badge_alerts = BadgeAlertRows(connection)
        self.dossiers = DossierRows(connection)
        self.sanctions = SanctionRows(connection)
        self.sanction_appeals = SanctionAppealRows(connection)
        self.sellers = SellerRows(connection)
        self.returns = ReturnRows(connection)
        self.recall_marks = RecallMarkRows(connection)
        self.recall_cases = RecallCaseRows(connection)
        self.case_listings = CaseListingRows(connection)
        self.webhook_endpoints = EndpointRows(connection)
        self.webhook_events = EventRows(connection)
        self.webhook_deliveries = DeliveryRows(connection)


class SqlBusiness:
    """Units of work. `write()` commits at the end of its block, or stores nothing of it. Raises StoreFailed."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @contextmanager
    def write(self) -> Iterator[SqlBooks]:
        """One at a time, also between processes: what a block has read is still true when it writes."""
        with self._database.write() as connection:
            yield SqlBooks(connection)

    @contextmanager
    def read(self) -> Iterator[SqlBooks]:
        """Any number beside a writer."""
        with self._database.read() as connection:
            yield SqlBooks(connection)

    def idempotency_keys(self) -> SqlIdempotencyStore:
        """The keys of API calls. Each use is a transaction of its own, apart from the work that it guards."""
        return SqlIdempotencyStore(self._database)

    def close(self) -> None:
        """Close it before the directory's lock is given back."""
        self._database.close()


def business_url(data: Path, database_url: str) -> str:
    """Where the tables are: beside the ledger's in PostgreSQL, in a file of their own with SQLite."""
    if database_url.startswith("sqlite:"):
        return f"sqlite:///{(data / FILE_NAME).absolute()}"
    return database_url


def open_business(url: str, lock: DirectoryLock | None = None) -> SqlBusiness:
    """Open the database and bring its tables up to date. Raises StartRefused: UnsafeDatabase, SchemaMismatch."""
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite" and parsed.database and lock is not None and lock.is_held:
        # Made by us first, because SQLite would let everybody on the machine read it. Its log gets the same mode.
        os.close(os.open(parsed.database, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
    return SqlBusiness(open_database(url, lock, Tables(migrate, _TURN)))
