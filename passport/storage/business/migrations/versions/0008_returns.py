# SPDX-License-Identifier: Apache-2.0
"""What was remedied and recovered of recalls."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    op.create_table(
        "return_confirmations",
        sa.Column("digest", sa.LargeBinary(32), primary_key=True),
        sa.Column("recall", sa.String(80), nullable=False),
        sa.Column("remedy", sa.String(16), nullable=False),
        sa.Column("day", sa.String(10), nullable=False),
        sa.Index("ix_return_confirmations_recall", "recall", "remedy"),
    )
    op.create_table(
        "return_recoveries",
        sa.Column("id", sa.String(36), primary_key=True),
        sa.Column("organisation", sa.String(64), sa.ForeignKey("organisations.id"), nullable=False),
        sa.Column("recall", sa.String(80), nullable=False),
        sa.Column("count", BIG, nullable=False),
        sa.Column("day", sa.String(10), nullable=False),
        sa.Column("lot", sa.String(20), nullable=False),
        sa.Column("note", sa.Text, nullable=False),
        sa.Column("at", BIG, nullable=False),
        sa.Column("actor_kind", sa.String(16), nullable=False),
        sa.Column("actor", sa.String(64), nullable=False),
        sa.Index("ix_return_recoveries_recall", "recall", "organisation", "id"),
    )
    op.create_table(
        "return_affected",
        sa.Column("id", sa.String(36), primary_key=True),
        sa.Column("organisation", sa.String(64), sa.ForeignKey("organisations.id"), nullable=False),
        sa.Column("is_authority", sa.Boolean, nullable=False),
        sa.Column("recall", sa.String(80), nullable=False),
        sa.Column("count", BIG),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("at", BIG, nullable=False),
        sa.Column("actor_kind", sa.String(16), nullable=False),
        sa.Column("actor", sa.String(64), nullable=False),
        sa.Index("ix_return_affected_recall", "recall", "id"),
    )
