# SPDX-License-Identifier: Apache-2.0
"""Webhook endpoints, events, deliveries and attempts."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    op.create_table(
        "webhook_endpoints",
        sa.Column("id", sa.String(36), primary_key=True),
        sa.Column("organisation", sa.String(64), sa.ForeignKey("organisations.id"), nullable=False),
        sa.Column("url", sa.String(2048), nullable=False),
        sa.Column("types", sa.String(255), nullable=False),
        sa.Column("label", sa.String(80), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("created_at", BIG, nullable=False),
        sa.Column("changed_at", BIG, nullable=False),
        sa.Column("failing_since", BIG),
        sa.Column("last_delivered_at", BIG),
        sa.Column("secret", sa.LargeBinary, nullable=False),
        sa.Column("secret_made_at", BIG, nullable=False),
        sa.Column("old_secret", sa.LargeBinary, nullable=False),
        sa.Column("old_secret_until", BIG),
        sa.Column("worker", sa.String(32), nullable=False),
        sa.Column("lease_until", BIG, nullable=False),
        sa.Index("ix_webhook_endpoints_organisation", "organisation", "id"),
    )
    op.create_table(
        "webhook_events",
        sa.Column("id", sa.String(40), primary_key=True),
        sa.Column("organisation", sa.String(64), sa.ForeignKey("organisations.id"), nullable=False),
        sa.Column("type", sa.String(32), nullable=False),
        sa.Column("at", BIG, nullable=False),
        sa.Column("body", sa.LargeBinary, nullable=False),
        sa.Column("first_delivered_at", BIG),
        sa.Index("ix_webhook_events_at", "at"),
    )
    make_deliveries()


def make_deliveries() -> None:
    op.create_table(
        "webhook_deliveries",
        sa.Column("id", sa.String(36), primary_key=True),
        sa.Column("organisation", sa.String(64), sa.ForeignKey("organisations.id"), nullable=False),
        sa.Column("endpoint", sa.String(36), sa.ForeignKey("webhook_endpoints.id"), nullable=False),
        sa.Column("event", sa.String(40), sa.ForeignKey("webhook_events.id"), nullable=False),
        sa.Column("type", sa.String(32), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("created_at", BIG, nullable=False),
        sa.Column("next_at", BIG, nullable=False),
        sa.Column("give_up_at", BIG, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("ended_at", BIG),
        sa.Column("status", sa.Integer, nullable=False),
        sa.Column("error", sa.String(64), nullable=False),
        sa.Column("is_replay", sa.Boolean, nullable=False),
        sa.Index("ix_webhook_deliveries_endpoint", "endpoint", "id"),
        sa.Index("ix_webhook_deliveries_event", "event"),
        sa.Index("ix_webhook_deliveries_due", "state", "next_at"),
    )
    op.create_table(
        "webhook_attempts",
        sa.Column("delivery", sa.String(36), sa.ForeignKey("webhook_deliveries.id"), primary_key=True),
        sa.Column("seq", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("endpoint", sa.String(36), sa.ForeignKey("webhook_endpoints.id"), nullable=False),
        sa.Column("at", BIG, nullable=False),
        sa.Column("status", sa.Integer, nullable=False),
        sa.Column("error", sa.String(64), nullable=False),
        sa.Column("duration_ms", sa.Integer, nullable=False),
        sa.Column("answer", sa.String(200), nullable=False),
        sa.Index("ix_webhook_attempts_endpoint", "endpoint", "at"),
    )
