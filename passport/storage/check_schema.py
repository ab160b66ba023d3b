# SPDX-License-Identifier: Apache-2.0
"""The tables of the counting, with a version row of their own: apart from the ledger's. SQLAlchemy Core."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sqlalchemy import BigInteger, Column, Index, Integer, LargeBinary, MetaData, String, Table, inspect, select, text

from passport.domain.ledger_values import SchemaMismatch
from passport.storage.engine import Tables

if TYPE_CHECKING:
    from sqlalchemy import Connection

CHECKS_VERSION: Final = 1
METADATA: Final = MetaData()

# `formula`: by which version of verifier/suspicion.py the rows were judged.
checks_version = Table(
    "checks_version",
    METADATA,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("version", Integer, nullable=False),
    Column("formula", Integer, nullable=False),
)

# One row for each code that somebody checked. Nothing here is about who it was: see docs/counting.md before adding.
code_checks = Table(
    "code_checks",
    METADATA,
    Column("issuer", String(64), primary_key=True),
    Column("batch", BigInteger, primary_key=True, autoincrement=False),
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    Column("first_day", Integer, nullable=False),
    Column("sessions", BigInteger, nullable=False),
    Column("provinces", BigInteger, nullable=False),
    Column("chosen", BigInteger, nullable=False),
    Column("travels", BigInteger, nullable=False),
    Column("before_shipping", BigInteger, nullable=False),
    Column("after_opening", BigInteger, nullable=False),
    Column("opened_day", Integer, nullable=False),
    Column("platform", BigInteger, nullable=False),
    Column("days", Integer, nullable=False),
    Column("suspect", Integer, nullable=False),
    sqlite_with_rowid=False,
)
SUSPECTS: Final = Index(
    "code_checks_suspect",
    code_checks.c.issuer,
    code_checks.c.batch,
    code_checks.c.seq,
    sqlite_where=text("suspect = 1"),
    postgresql_where=text("suspect = 1"),
)

# The digest makes a notice count once, whenever it is sent again.
shipments = Table(
    "shipments",
    METADATA,
    Column("digest", LargeBinary(32), primary_key=True),
    Column("issuer", String(64), nullable=False, index=True),
    Column("batch", BigInteger, nullable=False),
    Column("first_seq", BigInteger, nullable=False),
    Column("last_seq", BigInteger, nullable=False),
    Column("accepted_at", BigInteger, nullable=False),  # Unix seconds
)


def prepare_checks(connection: Connection) -> None:
    """Make the tables, or check that those that are there are ours. Raises SchemaMismatch. One transaction."""
    if not inspect(connection).has_table(checks_version.name):
        METADATA.create_all(connection)
        connection.execute(checks_version.insert().values(id=1, version=CHECKS_VERSION, formula=0))
        return
    found = connection.execute(select(checks_version.c.version)).scalar_one_or_none()
    if found != CHECKS_VERSION:
        raise SchemaMismatch(
            "checks_schema_differs",
            f"The counts of checks have schema version {found}; this program writes version {CHECKS_VERSION}.",
            "Use the program that made them, or move data/checks.sqlite3 away to begin counting anew.",
        )


# A number of our own, other than the ledger's: counting never queues behind statements, nor they behind it.
CHECK_TABLES: Final = Tables(prepare_checks, 0x636865636B730001)
