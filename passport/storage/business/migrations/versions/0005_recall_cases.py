# SPDX-License-Identifier: Apache-2.0
"""Cases of recalls: what each platform was told and did."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer, "sqlite")
ID = 36
RECALL = 80


def upgrade() -> None:
    op.create_table(
        "recall_progress",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("size", BIG, nullable=False),
        sa.Column("at", BIG, nullable=False),
    )
    op.create_table(
        "recall_marks",
        sa.Column("recall_id", sa.String(RECALL), primary_key=True),
        sa.Column("publisher", sa.String(64), nullable=False),
        sa.Column("severity", sa.String(16), nullable=False),
        sa.Column("title_zh", sa.Text, nullable=False),
        sa.Column("title_en", sa.Text, nullable=False),
        sa.Column("revision", sa.Integer, nullable=False),
        sa.Column("is_active", sa.Boolean, nullable=False),
        sa.Column("ledger_index", BIG, nullable=False),
        sa.Column("latest_index", BIG, nullable=False),
        sa.Column("coverage", sa.Text, nullable=False),
        sa.Column("stage", sa.String(16), nullable=False),
        sa.Column("cursor", sa.String(120), nullable=False),
        sa.Column("seen_at", BIG, nullable=False),
        sa.Column("changed_at", BIG, nullable=False),
        sa.Index("ix_recall_marks_stage", "stage", "ledger_index"),
    )
    op.create_table(
        "recall_cases",
        sa.Column("id", sa.String(ID), primary_key=True),
        sa.Column("organisation", sa.String(64), sa.ForeignKey("organisations.id"), nullable=False),
        sa.Column("recall_id", sa.String(RECALL), sa.ForeignKey("recall_marks.recall_id"), nullable=False),
        sa.Column("opened_at", BIG, nullable=False),
        sa.Column("revision", sa.Integer, nullable=False),
        sa.Column("is_changed", sa.Boolean, nullable=False),
        sa.Column("pushed_at", BIG),
        sa.Column("event", sa.String(64), nullable=False),
        sa.Column("received_at", BIG),
        sa.Column("received_by", sa.String(16), nullable=False),
        sa.Column("closed_at", BIG),
        sa.Column("closed_by", sa.String(16), nullable=False),
        sa.UniqueConstraint("organisation", "recall_id", name="uq_recall_cases_recall"),
        sa.Index("ix_recall_cases_organisation", "organisation", "id"),
        sa.Index("ix_recall_cases_recall", "recall_id", "id"),
    )
    make_reports()


def make_reports() -> None:
    op.create_table(
        "recall_case_listings",
        sa.Column("case_id", sa.String(ID), sa.ForeignKey("recall_cases.id"), primary_key=True),
        sa.Column("listing", sa.String(ID), sa.ForeignKey("listings.id"), primary_key=True),
        sa.Column("url", sa.String(2048), nullable=False),
        sa.Column("seller_id", sa.String(64), nullable=False),
        sa.Column("seller_name", sa.String(80), nullable=False),
        sa.Column("gtin", sa.String(14), nullable=False),
        sa.Column("lots", sa.Text, nullable=False),
        sa.Column("state_before", sa.String(16), nullable=False),
        sa.Column("stopped_at", BIG, nullable=False),
        sa.Column("pushed_at", BIG),
        sa.Column("notice_at", BIG),
        sa.Column("notice_url", sa.String(2048), nullable=False),
        sa.Column("delisted_at", BIG),
        sa.Column("released_at", BIG),
        sa.Column("rebound_at", BIG),
        sa.Index("ix_recall_case_listings_listing", "listing"),
        sa.Index("ix_recall_case_listings_seller", "case_id", "seller_id"),
    )
    op.create_table(
        "relist_attempts",
        sa.Column("id", sa.String(ID), primary_key=True),
        sa.Column("case_id", sa.String(ID), sa.ForeignKey("recall_cases.id"), nullable=False),
        sa.Column("seller_id", sa.String(64), nullable=False),
        sa.Column("seller_name", sa.String(80), nullable=False),
        sa.Column("listing", sa.String(ID), nullable=False),
        sa.Column("url", sa.String(2048), nullable=False),
        sa.Column("at", BIG, nullable=False),
        sa.Column("was_blocked", sa.Boolean, nullable=False),
        sa.Column("had_listing", sa.Boolean, nullable=False),
        sa.Index("ix_relist_attempts_case", "case_id", "id"),
    )
    op.create_table(
        "recall_measures",
        sa.Column("id", sa.String(ID), primary_key=True),
        sa.Column("case_id", sa.String(ID), sa.ForeignKey("recall_cases.id"), nullable=False),
        sa.Column("seller_id", sa.String(64), nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("at", BIG, nullable=False),
        sa.Column("actor_kind", sa.String(16), nullable=False),
        sa.Column("actor", sa.String(64), nullable=False),
        sa.Index("ix_recall_measures_case", "case_id", "id"),
    )
