# SPDX-License-Identifier: Apache-2.0
"""Tables of recalls' cases. Rows: recalls.py beside it; port: passport/services/recall_ports.py."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, ForeignKey, Index, Integer, String, Table, Text, UniqueConstraint

from passport.storage.business.schema import BIG, METADATA

_ID = 36
_RECALL = 80

# One row, id 1: the entries of the ledger below `size` have been looked at.
recall_progress = Table(
    "recall_progress",
    METADATA,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("size", BIG, nullable=False),
    Column("at", BIG, nullable=False),
)

recall_marks = Table(
    "recall_marks",
    METADATA,
    Column("recall_id", String(_RECALL), primary_key=True),
    Column("publisher", String(64), nullable=False),
    Column("severity", String(16), nullable=False),
    Column("title_zh", Text, nullable=False),
    Column("title_en", Text, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("is_active", Boolean, nullable=False),
    Column("ledger_index", BIG, nullable=False),
    Column("latest_index", BIG, nullable=False),
    Column("coverage", Text, nullable=False),
    Column("stage", String(16), nullable=False),
    Column("cursor", String(120), nullable=False),
    Column("seen_at", BIG, nullable=False),
    Column("changed_at", BIG, nullable=False),
    Index("ix_recall_marks_stage", "stage", "ledger_index"),
)

recall_cases = Table(
    "recall_cases",
    METADATA,
    Column("id", String(_ID), primary_key=True),
    Column("organisation", String(64), ForeignKey("organisations.id"), nullable=False),
    Column("recall_id", String(_RECALL), ForeignKey("recall_marks.recall_id"), nullable=False),
    Column("opened_at", BIG, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("is_changed", Boolean, nullable=False),
    Column("pushed_at", BIG),
    Column("event", String(64), nullable=False),
    Column("received_at", BIG),
    Column("received_by", String(16), nullable=False),
    Column("closed_at", BIG),
    Column("closed_by", String(16), nullable=False),
    UniqueConstraint("organisation", "recall_id", name="uq_recall_cases_recall"),
    Index("ix_recall_cases_organisation", "organisation", "id"),
    Index("ix_recall_cases_recall", "recall_id", "id"),
)

recall_case_listings = Table(
    "recall_case_listings",
    METADATA,
    Column("case_id", String(_ID), ForeignKey("recall_cases.id"), primary_key=True),
    Column("listing", String(_ID), ForeignKey("listings.id"), primary_key=True),
    Column("url", String(2048), nullable=False),
    Column("seller_id", String(64), nullable=False),
    Column("seller_name", String(80), nullable=False),
    Column("gtin", String(14), nullable=False),
    Column("lots", Text, nullable=False),
    Column("state_before", String(16), nullable=False),
    Column("stopped_at", BIG, nullable=False),
    Column("pushed_at", BIG),
    Column("notice_at", BIG),
    Column("notice_url", String(2048), nullable=False),
    Column("delisted_at", BIG),
    Column("released_at", BIG),
    Column("rebound_at", BIG),
    Index("ix_recall_case_listings_listing", "listing"),
    Index("ix_recall_case_listings_seller", "case_id", "seller_id"),
)

relist_attempts = Table(
    "relist_attempts",
    METADATA,
    Column("id", String(_ID), primary_key=True),
    Column("case_id", String(_ID), ForeignKey("recall_cases.id"), nullable=False),
    Column("seller_id", String(64), nullable=False),
    Column("seller_name", String(80), nullable=False),
    Column("listing", String(_ID), nullable=False),
    Column("url", String(2048), nullable=False),
    Column("at", BIG, nullable=False),
    Column("was_blocked", Boolean, nullable=False),
    Column("had_listing", Boolean, nullable=False),
    Index("ix_relist_attempts_case", "case_id", "id"),
)

recall_measures = Table(
    "recall_measures",
    METADATA,
    Column("id", String(_ID), primary_key=True),
    Column("case_id", String(_ID), ForeignKey("recall_cases.id"), nullable=False),
    Column("seller_id", String(64), nullable=False),
    Column("kind", String(32), nullable=False),
    Column("text", Text, nullable=False),
    Column("at", BIG, nullable=False),
    Column("actor_kind", String(16), nullable=False),
    Column("actor", String(64), nullable=False),
    Index("ix_recall_measures_case", "case_id", "id"),
)
