# SPDX-License-Identifier: Apache-2.0
"""Tables of badge policies and alerts. Instants are seconds since 1970, UTC."""

from __future__ import annotations

from typing import Final

from sqlalchemy import Boolean, Column, ForeignKey, Index, Integer, LargeBinary, String, Table, Text, UniqueConstraint

from passport.storage.business.schema import BIG, METADATA

_ID: Final = 36

badge_policies = Table(
    "badge_policies",
    METADATA,
    Column("organisation", String(64), ForeignKey("organisations.id"), primary_key=True),
    Column("is_on", Boolean, nullable=False),
    Column("origins", Text, nullable=False),  # JSON
    Column("changed_at", BIG, nullable=False),
    Column("changed_by", String(_ID), nullable=False),
)

badge_alerts = Table(
    "badge_alerts",
    METADATA,
    Column("id", String(_ID), primary_key=True),
    Column("organisation", String(64), ForeignKey("organisations.id"), nullable=False),
    Column("listing", String(_ID), ForeignKey("listings.id"), nullable=False),
    Column("reason", String(16), nullable=False),
    Column("place", String(500), nullable=False),
    Column("place_digest", LargeBinary(32), nullable=False),  # of reason and place
    Column("first_seen_at", BIG, nullable=False),
    Column("last_seen_at", BIG, nullable=False),
    Column("count", Integer, nullable=False),
    Column("marked_at", BIG),
    UniqueConstraint("listing", "place_digest", name="uq_badge_alerts_place"),
    Index("ix_badge_alerts_organisation", "organisation", "id"),
)
