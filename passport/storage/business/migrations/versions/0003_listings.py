# SPDX-License-Identifier: Apache-2.0
"""Listings, decisions of the gate, appeals, imports."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    op.create_table(
        "listings",
        sa.Column("id", sa.String(36), primary_key=True),
        sa.Column("organisation", sa.String(64), sa.ForeignKey("organisations.id"), nullable=False),
        sa.Column("url", sa.String(2048), nullable=False),
        sa.Column("url_digest", sa.LargeBinary(32), nullable=False),
        sa.Column("seller_id", sa.String(64), nullable=False),
        sa.Column("seller_name", sa.String(80), nullable=False),
        sa.Column("gtin", sa.String(14), nullable=False),
        sa.Column("lots", sa.Text, nullable=False),
        sa.Column("codes", sa.Text, nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("revision", sa.Integer, nullable=False),
        sa.Column("created_at", BIG, nullable=False),
        sa.Column("changed_at", BIG, nullable=False),
        sa.Column("decision", sa.String(36), nullable=False),
        sa.Column("import_id", sa.String(36), nullable=False),
        sa.Column("import_line", sa.Integer, nullable=False),
        sa.UniqueConstraint("organisation", "url_digest", name="uq_listings_url"),
        sa.Index("ix_listings_organisation", "organisation", "id"),
        sa.Index("ix_listings_state", "organisation", "state", "id"),
        sa.Index("ix_listings_gtin", "gtin", "id"),
    )
    make_gate()
    make_imports()


def make_gate() -> None:
    op.create_table(
        "gate_decisions",
        sa.Column("id", sa.String(36), primary_key=True),
        sa.Column("organisation", sa.String(64), sa.ForeignKey("organisations.id"), nullable=False),
        sa.Column("listing", sa.String(36), sa.ForeignKey("listings.id"), nullable=False),
        sa.Column("revision", sa.Integer, nullable=False),
        sa.Column("outcome", sa.String(16), nullable=False),
        sa.Column("rule_version", sa.String(32), nullable=False),
        sa.Column("decided_at", BIG, nullable=False),
        sa.Column("reasons", sa.Text, nullable=False),
        sa.Column("facts", sa.Text, nullable=False),
        sa.Column("actor_kind", sa.String(16), nullable=False),
        sa.Column("actor", sa.String(64), nullable=False),
        sa.Index("ix_gate_decisions_listing", "listing", "id"),
    )
    op.create_table(
        "appeals",
        sa.Column("id", sa.String(36), primary_key=True),
        sa.Column("organisation", sa.String(64), sa.ForeignKey("organisations.id"), nullable=False),
        sa.Column("decision", sa.String(36), sa.ForeignKey("gate_decisions.id"), nullable=False),
        sa.Column("listing", sa.String(36), sa.ForeignKey("listings.id"), nullable=False),
        sa.Column("wants_person", sa.Boolean, nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("outcome", sa.String(16), nullable=False),
        sa.Column("closed_at", BIG),
        sa.Index("ix_appeals_state", "organisation", "state", "id"),
        sa.Index("ix_appeals_decision", "decision", "id"),
    )
    op.create_table(
        "appeal_notes",
        sa.Column("appeal", sa.String(36), sa.ForeignKey("appeals.id"), primary_key=True),
        sa.Column("seq", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("at", BIG, nullable=False),
        sa.Column("actor_kind", sa.String(16), nullable=False),
        sa.Column("actor", sa.String(64), nullable=False),
        sa.Column("text", sa.Text, nullable=False),
    )


def make_imports() -> None:
    op.create_table(
        "listing_imports",
        sa.Column("id", sa.String(36), primary_key=True),
        sa.Column("organisation", sa.String(64), sa.ForeignKey("organisations.id"), nullable=False),
        sa.Column("file_name", sa.String(120), nullable=False),
        sa.Column("digest", sa.LargeBinary(32), nullable=False),
        sa.Column("size", BIG, nullable=False),
        sa.Column("encoding", sa.String(16), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("created_at", BIG, nullable=False),
        sa.Column("changed_at", BIG, nullable=False),
        sa.Column("actor_kind", sa.String(16), nullable=False),
        sa.Column("actor", sa.String(64), nullable=False),
        sa.Column("checked", sa.Text, nullable=False),
        sa.Column("run", sa.Text, nullable=False),
        sa.Column("failure", sa.String(64), nullable=False),
        sa.Column("worker", sa.String(32), nullable=False),
        sa.Column("lease_until", BIG, nullable=False),
        sa.Index("ix_listing_imports_organisation", "organisation", "id"),
        sa.Index("ix_listing_imports_state", "state", "id"),
    )
    op.create_table(
        "listing_import_parts",
        sa.Column("import_id", sa.String(36), sa.ForeignKey("listing_imports.id"), primary_key=True),
        sa.Column("seq", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("data", sa.LargeBinary, nullable=False),
    )
