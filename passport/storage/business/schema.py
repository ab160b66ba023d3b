# SPDX-License-Identifier: Apache-2.0
"""The tables of accounts. SQLAlchemy Core; a test holds that the migrations make exactly these.

Instants are whole seconds since 1970, UTC. Personal data is here and nowhere else: names in `members` and, until an
invitation is used, in `invitations`. Secrets stand as digests; passwords as Argon2id; TOTP secrets as they are, because
the server has to compute with them.
"""

from __future__ import annotations

from typing import Final

from sqlalchemy import BigInteger, Boolean, Column, ForeignKey, Index, Integer, LargeBinary, MetaData, String, Table

METADATA: Final = MetaData()
BIG: Final = BigInteger().with_variant(Integer, "sqlite")
_DIGEST = LargeBinary(32)

organisations = Table(
    "organisations",
    METADATA,
    Column("id", String(64), primary_key=True),
    Column("kind", String(16), nullable=False),
    Column("name_zh", String(80), nullable=False),
    Column("name_en", String(80), nullable=False),
    Column("state", String(16), nullable=False),
    Column("created_at", BIG, nullable=False),
    # The chain's end stands beside the chain, so that rows cut off at its end show too.
    Column("audit_count", BIG, nullable=False),
    Column("audit_hash", _DIGEST, nullable=False),
)

members = Table(
    "members",
    METADATA,
    Column("id", String(32), primary_key=True),
    Column("organisation", String(64), ForeignKey("organisations.id"), nullable=False, index=True),
    Column("login_name", String(64), unique=True),  # null until the invitation is accepted
    Column("display_name", String(80), nullable=False),
    Column("roles", String(120), nullable=False),
    Column("state", String(16), nullable=False),
    Column("created_at", BIG, nullable=False),
)

credentials = Table(
    "credentials",
    METADATA,
    Column("member", String(32), ForeignKey("members.id"), primary_key=True),
    Column("password_hash", String(255), nullable=False),
    Column("totp_secret", String(64), nullable=False),
    Column("last_step", BIG, nullable=False),
    Column("next_totp_secret", String(64), nullable=False),
)

recovery_codes = Table(
    "recovery_codes",
    METADATA,
    Column("member", String(32), ForeignKey("members.id"), primary_key=True),
    Column("digest", _DIGEST, primary_key=True),
)

invitations = Table(
    "invitations",
    METADATA,
    Column("id", String(16), primary_key=True),
    Column("member", String(32), ForeignKey("members.id"), nullable=False, index=True),
    Column("digest", _DIGEST, nullable=False),
    Column("expires_at", BIG, nullable=False),
    Column("used_at", BIG),
    Column("draft_login_name", String(64)),
    Column("draft_display_name", String(80)),
    Column("draft_password_hash", String(255)),
    Column("draft_totp_secret", String(64)),
)

sessions = Table(
    "sessions",
    METADATA,
    Column("digest", _DIGEST, primary_key=True),
    Column("member", String(32), ForeignKey("members.id"), nullable=False, index=True),
    Column("is_complete", Boolean, nullable=False),
    Column("tries", Integer, nullable=False),
    Column("created_at", BIG, nullable=False),
    Column("seen_at", BIG, nullable=False),
)

devices = Table(
    "devices",
    METADATA,
    Column("digest", _DIGEST, primary_key=True),
    Column("member", String(32), ForeignKey("members.id"), nullable=False, index=True),
    Column("created_at", BIG, nullable=False),
)

attempts = Table(
    "attempts",
    METADATA,
    Column("key", _DIGEST, primary_key=True),
    Column("failures", Integer, nullable=False),
    Column("blocked_until", BIG, nullable=False),
    Column("updated_at", BIG, nullable=False, index=True),
)

api_tokens = Table(
    "api_tokens",
    METADATA,
    Column("id", String(8), primary_key=True),
    Column("organisation", String(64), ForeignKey("organisations.id"), nullable=False, index=True),
    Column("member", String(32), ForeignKey("members.id"), nullable=False),
    Column("name", String(80), nullable=False),
    Column("scopes", String(1000), nullable=False),
    Column("secret_digest", _DIGEST, nullable=False),
    Column("created_at", BIG, nullable=False),
    Column("expires_at", BIG, nullable=False),
    Column("last_used_at", BIG),
    Column("revoked_at", BIG),
)

audit_events = Table(
    "audit_events",
    METADATA,
    Column("organisation", String(64), ForeignKey("organisations.id"), primary_key=True),
    Column("seq", BIG, primary_key=True, autoincrement=False),
    Column("at", BIG, nullable=False),
    Column("actor_kind", String(16), nullable=False),
    Column("actor", String(64), nullable=False),
    Column("action", String(64), nullable=False),
    Column("object_kind", String(32), nullable=False),
    Column("object_id", String(200), nullable=False),
    Column("outcome", String(64), nullable=False),
    Column("request_id", String(64), nullable=False),
    Column("hash", _DIGEST, nullable=False),
    Index("ix_audit_events_action", "organisation", "action", "seq"),
)

idempotency_keys = Table(
    "idempotency_keys",
    METADATA,
    Column("caller", String(160), primary_key=True),
    Column("key", String(64), primary_key=True),
    Column("fingerprint", _DIGEST, nullable=False),
    Column("claimed_at", BIG, nullable=False, index=True),
    Column("status", Integer),  # null while the work is going on
    Column("media_type", String(100), nullable=False),
    Column("location", String(500), nullable=False),
    Column("body", LargeBinary, nullable=False),
)
