# SPDX-License-Identifier: Apache-2.0
"""Tables of selection dossiers, sanctions and sellers. Instants are seconds since 1970, UTC; dates are YYYY-MM-DD.

Decisions, histories and what was said in appeals are only ever added.
"""

from __future__ import annotations

from typing import Final

from sqlalchemy import Boolean, Column, ForeignKey, Index, Integer, String, Table, Text

from passport.storage.business.schema import BIG, METADATA

_ID: Final = 36

dossiers = Table(
    "dossiers",
    METADATA,
    Column("id", String(_ID), primary_key=True),
    Column("organisation", String(64), ForeignKey("organisations.id"), nullable=False),
    Column("room_id", String(80), nullable=False),
    Column("room_name", String(80), nullable=False),
    Column("session_at", BIG, nullable=False),
    Column("item_title", String(200), nullable=False),
    Column("gtin", String(14), nullable=False),
    Column("lot", String(20), nullable=False),
    Column("seller_id", String(64), nullable=False),
    Column("seller_name", String(80), nullable=False),
    Column("reports", Text, nullable=False),
    Column("sample_code", Text, nullable=False),
    Column("sample", Text, nullable=False),  # JSON of what its check said; "" for none
    Column("state", String(16), nullable=False),
    Column("revision", Integer, nullable=False),
    Column("created_at", BIG, nullable=False),
    Column("changed_at", BIG, nullable=False),
    Column("decision", String(_ID), nullable=False),
    Column("document", Text, nullable=False),  # the approved document, byte for byte; "" before
    Column("digest", String(64), nullable=False),
    Index("ix_dossiers_organisation", "organisation", "id"),
    Index("ix_dossiers_state", "organisation", "state", "id"),
)

dossier_decisions = Table(
    "dossier_decisions",
    METADATA,
    Column("id", String(_ID), primary_key=True),
    Column("organisation", String(64), ForeignKey("organisations.id"), nullable=False),
    Column("dossier", String(_ID), ForeignKey("dossiers.id"), nullable=False),
    Column("revision", Integer, nullable=False),  # of the dossier that was judged
    Column("outcome", String(16), nullable=False),
    Column("rule_version", String(32), nullable=False),
    Column("decided_at", BIG, nullable=False),
    Column("reasons", Text, nullable=False),
    Column("facts", Text, nullable=False),
    Column("note", Text, nullable=False),
    Column("actor_kind", String(16), nullable=False),
    Column("actor", String(64), nullable=False),
    Index("ix_dossier_decisions_dossier", "dossier", "id"),
)

sanctions = Table(
    "sanctions",
    METADATA,
    Column("id", String(_ID), primary_key=True),
    Column("organisation", String(64), ForeignKey("organisations.id"), nullable=False),
    Column("by_authority", Boolean, nullable=False),
    Column("subject_kind", String(16), nullable=False),
    Column("subject", String(64), nullable=False),
    Column("name", String(80), nullable=False),
    Column("reason_zh", Text, nullable=False),
    Column("reason_en", Text, nullable=False),
    Column("evidence", Text, nullable=False),
    Column("rule_version", String(40), nullable=False),
    Column("from_on", String(10), nullable=False),
    Column("until_on", String(10), nullable=False),  # "" until it is lifted
    Column("state", String(16), nullable=False),
    Column("created_at", BIG, nullable=False),
    Column("changed_at", BIG, nullable=False),
    Index("ix_sanctions_organisation", "organisation", "id"),
    Index("ix_sanctions_authority", "by_authority", "id"),
    Index("ix_sanctions_subject", "subject_kind", "subject"),
)

sanction_events = Table(
    "sanction_events",
    METADATA,
    Column("sanction", String(_ID), ForeignKey("sanctions.id"), primary_key=True),
    Column("seq", Integer, primary_key=True, autoincrement=False),
    Column("at", BIG, nullable=False),
    Column("actor_kind", String(16), nullable=False),
    Column("actor", String(64), nullable=False),
    Column("action", String(32), nullable=False),
    Column("text", Text, nullable=False),
)

sanction_appeals = Table(
    "sanction_appeals",
    METADATA,
    Column("id", String(_ID), primary_key=True),
    Column("sanction", String(_ID), ForeignKey("sanctions.id"), nullable=False),
    Column("organisation", String(64), ForeignKey("organisations.id"), nullable=False),  # who appealed
    Column("wants_person", Boolean, nullable=False),
    Column("state", String(16), nullable=False),
    Column("outcome", String(16), nullable=False),
    Column("closed_at", BIG),
    Index("ix_sanction_appeals_sanction", "sanction", "id"),
)

sanction_appeal_notes = Table(
    "sanction_appeal_notes",
    METADATA,
    Column("appeal", String(_ID), ForeignKey("sanction_appeals.id"), primary_key=True),
    Column("seq", Integer, primary_key=True, autoincrement=False),
    Column("at", BIG, nullable=False),
    Column("actor_kind", String(16), nullable=False),
    Column("actor", String(64), nullable=False),
    Column("text", Text, nullable=False),
)

sellers = Table(
    "sellers",
    METADATA,
    Column("organisation", String(64), ForeignKey("organisations.id"), primary_key=True),
    Column("seller_id", String(64), primary_key=True),
    Column("name", String(80), nullable=False),
    Column("uscc", String(18), nullable=False),
    Column("changed_at", BIG, nullable=False),
    Index("ix_sellers_uscc", "uscc"),
)
