# SPDX-License-Identifier: Apache-2.0
"""Dossiers and sanctions."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    make_dossiers()
    make_sanctions()
    make_appeals_and_sellers()


def make_dossiers() -> None:
    op.create_table(
        "dossiers",
        sa.Column("id", sa.String(36), primary_key=True),
        sa.Column("organisation", sa.String(64), sa.ForeignKey("organisations.id"), nullable=False),
        sa.Column("room_id", sa.String(80), nullable=False),
        sa.Column("room_name", sa.String(80), nullable=False),
        sa.Column("session_at", BIG, nullable=False),
        sa.Column("item_title", sa.String(200), nullable=False),
        sa.Column("gtin", sa.String(14), nullable=False),
        sa.Column("lot", sa.String(20), nullable=False),
        sa.Column("seller_id", sa.String(64), nullable=False),
        sa.Column("seller_name", sa.String(80), nullable=False),
        sa.Column("reports", sa.Text, nullable=False),
        sa.Column("sample_code", sa.Text, nullable=False),
        sa.Column("sample", sa.Text, nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("revision", sa.Integer, nullable=False),
        sa.Column("created_at", BIG, nullable=False),
        sa.Column("changed_at", BIG, nullable=False),
        sa.Column("decision", sa.String(36), nullable=False),
        sa.Column("document", sa.Text, nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Index("ix_dossiers_organisation", "organisation", "id"),
        sa.Index("ix_dossiers_state", "organisation", "state", "id"),
    )
    op.create_table(
        "dossier_decisions",
        sa.Column("id", sa.String(36), primary_key=True),
        sa.Column("organisation", sa.String(64), sa.ForeignKey("organisations.id"), nullable=False),
        sa.Column("dossier", sa.String(36), sa.ForeignKey("dossiers.id"), nullable=False),
        sa.Column("revision", sa.Integer, nullable=False),
        sa.Column("outcome", sa.String(16), nullable=False),
        sa.Column("rule_version", sa.String(32), nullable=False),
        sa.Column("decided_at", BIG, nullable=False),
        sa.Column("reasons", sa.Text, nullable=False),
        sa.Column("facts", sa.Text, nullable=False),
        sa.Column("note", sa.Text, nullable=False),
        sa.Column("actor_kind", sa.String(16), nullable=False),
        sa.Column("actor", sa.String(64), nullable=False),
        sa.Index("ix_dossier_decisions_dossier", "dossier", "id"),
    )


def make_sanctions() -> None:
    op.create_table(
        "sanctions",
        sa.Column("id", sa.String(36), primary_key=True),
        sa.Column("organisation", sa.String(64), sa.ForeignKey("organisations.id"), nullable=False),
        sa.Column("by_authority", sa.Boolean, nullable=False),
        sa.Column("subject_kind", sa.String(16), nullable=False),
        sa.Column("subject", sa.String(64), nullable=False),
        sa.Column("name", sa.String(80), nullable=False),
        sa.Column("reason_zh", sa.Text, nullable=False),
        sa.Column("reason_en", sa.Text, nullable=False),
        sa.Column("evidence", sa.Text, nullable=False),
        sa.Column("rule_version", sa.String(40), nullable=False),
        sa.Column("from_on", sa.String(10), nullable=False),
        sa.Column("until_on", sa.String(10), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("created_at", BIG, nullable=False),
        sa.Column("changed_at", BIG, nullable=False),
        sa.Index("ix_sanctions_organisation", "organisation", "id"),
        sa.Index("ix_sanctions_authority", "by_authority", "id"),
        sa.Index("ix_sanctions_subject", "subject_kind", "subject"),
    )
    op.create_table(
        "sanction_events",
        sa.Column("sanction", sa.String(36), sa.ForeignKey("sanctions.id"), primary_key=True),
        sa.Column("seq", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("at", BIG, nullable=False),
        sa.Column("actor_kind", sa.String(16), nullable=False),
        sa.Column("actor", sa.String(64), nullable=False),
        sa.Column("action", sa.String(32), nullable=False),
        sa.Column("text", sa.Text, nullable=False),
    )


def make_appeals_and_sellers() -> None:
    op.create_table(
        "sanction_appeals",
        sa.Column("id", sa.String(36), primary_key=True),
        sa.Column("sanction", sa.String(36), sa.ForeignKey("sanctions.id"), nullable=False),
        sa.Column("organisation", sa.String(64), sa.ForeignKey("organisations.id"), nullable=False),
        sa.Column("wants_person", sa.Boolean, nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("outcome", sa.String(16), nullable=False),
        sa.Column("closed_at", BIG),
        sa.Index("ix_sanction_appeals_sanction", "sanction", "id"),
    )
    op.create_table(
        "sanction_appeal_notes",
        sa.Column("appeal", sa.String(36), sa.ForeignKey("sanction_appeals.id"), primary_key=True),
        sa.Column("seq", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("at", BIG, nullable=False),
        sa.Column("actor_kind", sa.String(16), nullable=False),
        sa.Column("actor", sa.String(64), nullable=False),
        sa.Column("text", sa.Text, nullable=False),
    )
    op.create_table(
        "sellers",
        sa.Column("organisation", sa.String(64), sa.ForeignKey("organisations.id"), primary_key=True),
        sa.Column("seller_id", sa.String(64), primary_key=True),
        sa.Column("name", sa.String(80), nullable=False),
        sa.Column("uscc", sa.String(18), nullable=False),
        sa.Column("changed_at", BIG, nullable=False),
        sa.Index("ix_sellers_uscc", "uscc"),
    )
