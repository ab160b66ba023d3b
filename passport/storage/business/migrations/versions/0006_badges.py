# SPDX-License-Identifier: Apache-2.0
"""Badge policies and alerts."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    op.create_table(
        "badge_policies",
        sa.Column("organisation", sa.String(64), sa.ForeignKey("organisations.id"), primary_key=True),
        sa.Column("is_on", sa.Boolean, nullable=False),
        sa.Column("origins", sa.Text, nullable=False),
        sa.Column("changed_at", BIG, nullable=False),
        sa.Column("changed_by", sa.String(36), nullable=False),
    )
    op.create_table(
        "badge_alerts",
        sa.Column("id", sa.String(36), primary_key=True),
        sa.Column("organisation", sa.String(64), sa.ForeignKey("organisations.id"), nullable=False),
        sa.Column("listing", sa.String(36), sa.ForeignKey("listings.id"), nullable=False),
        sa.Column("reason", sa.String(16), nullable=False),
        sa.Column("place", sa.String(500), nullable=False),
        sa.Column("place_digest", sa.LargeBinary(32), nullable=False),
        sa.Column("first_seen_at", BIG, nullable=False),
        sa.Column("last_seen_at", BIG, nullable=False),
        sa.Column("count", sa.Integer, nullable=False),
        sa.Column("marked_at", BIG),
        sa.UniqueConstraint("listing", "place_digest", name="uq_badge_alerts_place"),
        sa.Index("ix_badge_alerts_organisation", "organisation", "id"),
    )
