# SPDX-License-Identifier: Apache-2.0
"""Idempotency keys of the API's writes."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    op.create_table(
        "idempotency_keys",
        sa.Column("caller", sa.String(160), primary_key=True),
        sa.Column("key", sa.String(64), primary_key=True),
        sa.Column("fingerprint", sa.LargeBinary(32), nullable=False),
        sa.Column("claimed_at", BIG, nullable=False, index=True),
        sa.Column("status", sa.Integer),
        sa.Column("media_type", sa.String(100), nullable=False),
        sa.Column("location", sa.String(500), nullable=False),
        sa.Column("body", sa.LargeBinary, nullable=False),
    )
