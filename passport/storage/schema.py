# SPDX-License-Identifier: Apache-2.0
"""The tables, and the version row that keeps two versions of the program off one database. SQLAlchemy Core."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sqlalchemy import (
    BigInteger,
    Column,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    inspect,
    select,
)

from passport.domain.ledger_values import SchemaMismatch

if TYPE_CHECKING:
    from sqlalchemy import Connection

SCHEMA_VERSION: Final = 1
METADATA: Final = MetaData()

# SQLite gives only an INTEGER key the row id itself; BIGINT would cost a second tree.
_BIG = BigInteger().with_variant(Integer, "sqlite")

schema_version = Table(
    "schema_version",
    METADATA,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("version", Integer, nullable=False),
)

# Two rows: "head", what was signed last; "published", what the public may have seen.
ledger_heads = Table(
    "ledger_heads",
    METADATA,
    Column("name", String(16), primary_key=True),
    Column("size", _BIG, nullable=False),
    Column("root_hash", LargeBinary(32), nullable=False),
    Column("checkpoint", LargeBinary, nullable=False),
)

# Tiles have level 0 to 63, entry bundles level -1. Only the widest of each place is kept.
ledger_blobs = Table(
    "ledger_blobs",
    METADATA,
    Column("level", Integer, primary_key=True, autoincrement=False),
    Column("blob_index", _BIG, primary_key=True, autoincrement=False),
    Column("width", Integer, nullable=False),
    Column("data", LargeBinary, nullable=False),
)
BUNDLE_LEVEL: Final = -1

# In ledger order, so that a batch of rows is a page or two at the end; passport.storage.digest_index finds by digest.
ledger_entries = Table(
    "ledger_entries",
    METADATA,
    Column("entry_index", _BIG, primary_key=True, autoincrement=False),
    Column("digest", LargeBinary(32), nullable=False),
)

# No row per item: 256 item hashes are one row. subtree_root names a damaged tile, and makes a proof one tile's work.
item_tiles = Table(
    "item_tiles",
    METADATA,
    Column("issuer", String(64), primary_key=True),
    Column("batch", _BIG, primary_key=True, autoincrement=False),
    Column("tile_index", _BIG, primary_key=True, autoincrement=False),
    Column("subtree_root", LargeBinary(32), nullable=False),
    Column("data", LargeBinary, nullable=False),
)

item_batches = Table(
    "item_batches",
    METADATA,
    Column("issuer", String(64), primary_key=True),
    Column("batch", _BIG, primary_key=True, autoincrement=False),
    Column("count", _BIG, nullable=False),
    Column("item_root", LargeBinary(32), nullable=False),
)

documents = Table(
    "documents",
    METADATA,
    Column("digest", LargeBinary(32), primary_key=True),
    Column("gtin", String(14), nullable=False, index=True),
    Column("media_type", String(100), nullable=False),
    Column("data", LargeBinary, nullable=False),
)


def prepare_schema(connection: Connection) -> None:
    """Make the tables in an empty database, or check that those that are there are ours. Raises SchemaMismatch.

    One transaction: after a crash the database is still empty, or has every table and the version row.
    """
    if not inspect(connection).has_table(schema_version.name):
        METADATA.create_all(connection)
        connection.execute(schema_version.insert().values(id=1, version=SCHEMA_VERSION))
        return
    found = connection.execute(select(schema_version.c.version)).scalar_one_or_none()
    if found == SCHEMA_VERSION:
        return
    message = f"The database has schema version {found}; this program writes version {SCHEMA_VERSION}."
    if found is not None and found > SCHEMA_VERSION:
        raise SchemaMismatch("schema_too_new", message, "Use the newer program that made it; nothing was changed.")
    raise SchemaMismatch(
        "schema_too_old",
        message,
        "Rebuild the ledger from its public tiles into a new directory with this version; nothing was changed.",
    )
