# SPDX-License-Identifier: Apache-2.0
"""Tables of what came back of recalls. Rows are only ever added. Instants are seconds since 1970, days are ISO dates.

A confirmation holds nothing that leads to a person or, without the code in hand, to a code.
"""

from __future__ import annotations

from typing import Final

from sqlalchemy import Boolean, Column, ForeignKey, Index, LargeBinary, String, Table, Text

from passport.storage.business.schema import BIG, METADATA

_ID: Final = 36
_RECALL: Final = String(80)  # an issuer's id, a slash, a number

return_confirmations = Table(
    "return_confirmations",
    METADATA,
    Column("digest", LargeBinary(32), primary_key=True),
    Column("recall", _RECALL, nullable=False),
    Column("remedy", String(16), nullable=False),
    Column("day", String(10), nullable=False),
    Index("ix_return_confirmations_recall", "recall", "remedy"),
)

return_recoveries = Table(
    "return_recoveries",
    METADATA,
    Column("id", String(_ID), primary_key=True),
    Column("organisation", String(64), ForeignKey("organisations.id"), nullable=False),
    Column("recall", _RECALL, nullable=False),
    Column("count", BIG, nullable=False),
    Column("day", String(10), nullable=False),
    Column("lot", String(20), nullable=False),
    Column("note", Text, nullable=False),
    Column("at", BIG, nullable=False),
    Column("actor_kind", String(16), nullable=False),
    Column("actor", String(64), nullable=False),
    Index("ix_return_recoveries_recall", "recall", "organisation", "id"),
)

return_affected = Table(
    "return_affected",
    METADATA,
    Column("id", String(_ID), primary_key=True),
    Column("organisation", String(64), ForeignKey("organisations.id"), nullable=False),
    Column("is_authority", Boolean, nullable=False),
    Column("recall", _RECALL, nullable=False),
    Column("count", BIG),  # null: the ledger's number again
    Column("reason", Text, nullable=False),
    Column("at", BIG, nullable=False),
    Column("actor_kind", String(16), nullable=False),
    Column("actor", String(64), nullable=False),
    Index("ix_return_affected_recall", "recall", "id"),
)
