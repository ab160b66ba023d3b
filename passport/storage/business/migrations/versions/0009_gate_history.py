# SPDX-License-Identifier: Apache-2.0
"""Decisions of the gate are counted by day."""

from __future__ import annotations

from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_gate_decisions_day", "gate_decisions", ["organisation", "decided_at"])
