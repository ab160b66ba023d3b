# SPDX-License-Identifier: Apache-2.0
"""Tables of webhooks: endpoints, events, deliveries, attempts. Instants are seconds since 1970, UTC."""

from __future__ import annotations

from typing import Final

from sqlalchemy import Boolean, Column, ForeignKey, Index, Integer, LargeBinary, String, Table

from passport.storage.business.schema import BIG, METADATA

_ID: Final = 36
_EVENT_ID: Final = 40

webhook_endpoints = Table(
    "webhook_endpoints",
    METADATA,
    Column("id", String(_ID), primary_key=True),
    Column("organisation", String(64), ForeignKey("organisations.id"), nullable=False),
    Column("url", String(2048), nullable=False),
    Column("types", String(255), nullable=False),  # words; "" for all
    Column("label", String(80), nullable=False),
    Column("state", String(16), nullable=False),
    Column("created_at", BIG, nullable=False),
    Column("changed_at", BIG, nullable=False),
    Column("failing_since", BIG),
    Column("last_delivered_at", BIG),
    # AES-GCM under a key from console.secret: passport/sealing.py.
    Column("secret", LargeBinary, nullable=False),
    Column("secret_made_at", BIG, nullable=False),
    Column("old_secret", LargeBinary, nullable=False),
    Column("old_secret_until", BIG),
    # Who sends to it, and until when nobody else may: one at a time, also between processes.
    Column("worker", String(32), nullable=False),
    Column("lease_until", BIG, nullable=False),
    Index("ix_webhook_endpoints_organisation", "organisation", "id"),
)

webhook_events = Table(
    "webhook_events",
    METADATA,
    Column("id", String(_EVENT_ID), primary_key=True),
    Column("organisation", String(64), ForeignKey("organisations.id"), nullable=False),
    Column("type", String(32), nullable=False),
    Column("at", BIG, nullable=False),
    Column("body", LargeBinary, nullable=False),  # canonical JSON, the bytes that are sent and signed
    Column("first_delivered_at", BIG),
    Index("ix_webhook_events_at", "at"),
)

webhook_deliveries = Table(
    "webhook_deliveries",
    METADATA,
    Column("id", String(_ID), primary_key=True),
    Column("organisation", String(64), ForeignKey("organisations.id"), nullable=False),
    Column("endpoint", String(_ID), ForeignKey("webhook_endpoints.id"), nullable=False),
    Column("event", String(_EVENT_ID), ForeignKey("webhook_events.id"), nullable=False),
    Column("type", String(32), nullable=False),
    Column("state", String(16), nullable=False),
    Column("created_at", BIG, nullable=False),
    Column("next_at", BIG, nullable=False),
    Column("give_up_at", BIG, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("ended_at", BIG),
    Column("status", Integer, nullable=False),
    Column("error", String(64), nullable=False),
    Column("is_replay", Boolean, nullable=False),
    Index("ix_webhook_deliveries_endpoint", "endpoint", "id"),
    Index("ix_webhook_deliveries_event", "event"),
    Index("ix_webhook_deliveries_due", "state", "next_at"),
)

webhook_attempts = Table(
    "webhook_attempts",
    METADATA,
    Column("delivery", String(_ID), ForeignKey("webhook_deliveries.id"), primary_key=True),
    Column("seq", Integer, primary_key=True, autoincrement=False),
    Column("endpoint", String(_ID), ForeignKey("webhook_endpoints.id"), nullable=False),
    Column("at", BIG, nullable=False),
    Column("status", Integer, nullable=False),
    Column("error", String(64), nullable=False),
    Column("duration_ms", Integer, nullable=False),
    Column("answer", String(200), nullable=False),
    Index("ix_webhook_attempts_endpoint", "endpoint", "at"),
)
