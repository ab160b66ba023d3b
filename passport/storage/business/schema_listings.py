# SPDX-License-Identifier: Apache-2.0
"""Tables of listings, the gate's decisions, appeals and imports. Instants are seconds since 1970, UTC.

Decisions and what was said in appeals are only ever added. Lots, codes, reasons and facts stand as JSON: they are read
as a whole, and searched by listing or GTIN.
"""

from __future__ import annotations

from typing import Final

from sqlalchemy import (
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from passport.storage.business.schema import BIG, METADATA

_ID: Final = 36
_DIGEST: Final = LargeBinary(32)

listings = Table(
    "listings",
    METADATA,
    Column("id", String(_ID), primary_key=True),
    Column("organisation", String(64), ForeignKey("organisations.id"), nullable=False),
    Column("url", String(2048), nullable=False),
    Column("url_digest", _DIGEST, nullable=False),
    Column("seller_id", String(64), nullable=False),
    Column("seller_name", String(80), nullable=False),
    Column("gtin", String(14), nullable=False),
    Column("lots", Text, nullable=False),
    Column("codes", Text, nullable=False),
    Column("state", String(16), nullable=False),
    Column("revision", Integer, nullable=False),
    Column("created_at", BIG, nullable=False),
    Column("changed_at", BIG, nullable=False),
    Column("decision", String(_ID), nullable=False),
    Column("import_id", String(_ID), nullable=False),  # "" for those that were typed or sent one by one
    Column("import_line", Integer, nullable=False),
    UniqueConstraint("organisation", "url_digest", name="uq_listings_url"),
    Index("ix_listings_organisation", "organisation", "id"),
    Index("ix_listings_state", "organisation", "state", "id"),
    Index("ix_listings_gtin", "gtin", "id"),
)

gate_decisions = Table(
    "gate_decisions",
    METADATA,
    Column("id", String(_ID), primary_key=True),
    Column("organisation", String(64), ForeignKey("organisations.id"), nullable=False),
    Column("listing", String(_ID), ForeignKey("listings.id"), nullable=False),
    Column("revision", Integer, nullable=False),  # of the listing that was judged
    Column("outcome", String(16), nullable=False),
    Column("rule_version", String(32), nullable=False),
    Column("decided_at", BIG, nullable=False),
    Column("reasons", Text, nullable=False),
    Column("facts", Text, nullable=False),
    Column("actor_kind", String(16), nullable=False),
    Column("actor", String(64), nullable=False),
    Index("ix_gate_decisions_listing", "listing", "id"),
    Index("ix_gate_decisions_day", "organisation", "decided_at"),
)

appeals = Table(
    "appeals",
    METADATA,
    Column("id", String(_ID), primary_key=True),
    Column("organisation", String(64), ForeignKey("organisations.id"), nullable=False),
    Column("decision", String(_ID), ForeignKey("gate_decisions.id"), nullable=False),
    Column("listing", String(_ID), ForeignKey("listings.id"), nullable=False),
    Column("wants_person", Boolean, nullable=False),
    Column("state", String(16), nullable=False),
    Column("outcome", String(16), nullable=False),
    Column("closed_at", BIG),
    Index("ix_appeals_state", "organisation", "state", "id"),
    Index("ix_appeals_decision", "decision", "id"),
)

appeal_notes = Table(
    "appeal_notes",
    METADATA,
    Column("appeal", String(_ID), ForeignKey("appeals.id"), primary_key=True),
    Column("seq", Integer, primary_key=True, autoincrement=False),
    Column("at", BIG, nullable=False),
    Column("actor_kind", String(16), nullable=False),
    Column("actor", String(64), nullable=False),
    Column("text", Text, nullable=False),
)

listing_imports = Table(
    "listing_imports",
    METADATA,
    Column("id", String(_ID), primary_key=True),
    Column("organisation", String(64), ForeignKey("organisations.id"), nullable=False),
    Column("file_name", String(120), nullable=False),
    Column("digest", _DIGEST, nullable=False),
    Column("size", BIG, nullable=False),
    Column("encoding", String(16), nullable=False),
    Column("state", String(16), nullable=False),
    Column("created_at", BIG, nullable=False),
    Column("changed_at", BIG, nullable=False),
    Column("actor_kind", String(16), nullable=False),
    Column("actor", String(64), nullable=False),
    Column("checked", Text, nullable=False),
    Column("run", Text, nullable=False),
    Column("failure", String(64), nullable=False),
    # Who works on it, and until when nobody else may: a worker that was killed is followed by the next one.
    Column("worker", String(32), nullable=False),
    Column("lease_until", BIG, nullable=False),
    Index("ix_listing_imports_organisation", "organisation", "id"),
    Index("ix_listing_imports_state", "state", "id"),
)

listing_import_parts = Table(
    "listing_import_parts",
    METADATA,
    Column("import_id", String(_ID), ForeignKey("listing_imports.id"), primary_key=True),
    Column("seq", Integer, primary_key=True, autoincrement=False),
    Column("data", LargeBinary, nullable=False),
)
