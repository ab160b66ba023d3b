# SPDX-License-Identifier: Apache-2.0
"""Organisations, members, sessions, API tokens, audit trail."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    op.create_table(
        "organisations",
        sa.Column("id", sa.String(64), primary_key=True),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("name_zh", sa.String(80), nullable=False),
        sa.Column("name_en", sa.String(80), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("created_at", BIG, nullable=False),
        sa.Column("audit_count", BIG, nullable=False),
        sa.Column("audit_hash", sa.LargeBinary(32), nullable=False),
    )
    op.create_table(
        "members",
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column("organisation", sa.String(64), sa.ForeignKey("organisations.id"), nullable=False, index=True),
        sa.Column("login_name", sa.String(64), unique=True),
        sa.Column("display_name", sa.String(80), nullable=False),
        sa.Column("roles", sa.String(120), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("created_at", BIG, nullable=False),
    )
    make_sign_in()
    make_sessions()
    make_tokens_and_audit()


def make_sign_in() -> None:
    op.create_table(
        "credentials",
        sa.Column("member", sa.String(32), sa.ForeignKey("members.id"), primary_key=True),
        sa.Column("password_hash", sa.String(255), nullable=False),
        sa.Column("totp_secret", sa.String(64), nullable=False),
        sa.Column("last_step", BIG, nullable=False),
        sa.Column("next_totp_secret", sa.String(64), nullable=False),
    )
    op.create_table(
        "recovery_codes",
        sa.Column("member", sa.String(32), sa.ForeignKey("members.id"), primary_key=True),
        sa.Column("digest", sa.LargeBinary(32), primary_key=True),
    )
    op.create_table(
        "invitations",
        sa.Column("id", sa.String(16), primary_key=True),
        sa.Column("member", sa.String(32), sa.ForeignKey("members.id"), nullable=False, index=True),
        sa.Column("digest", sa.LargeBinary(32), nullable=False),
        sa.Column("expires_at", BIG, nullable=False),
        sa.Column("used_at", BIG),
        sa.Column("draft_login_name", sa.String(64)),
        sa.Column("draft_display_name", sa.String(80)),
        sa.Column("draft_password_hash", sa.String(255)),
        sa.Column("draft_totp_secret", sa.String(64)),
    )


def make_sessions() -> None:
    op.create_table(
        "sessions",
        sa.Column("digest", sa.LargeBinary(32), primary_key=True),
        sa.Column("member", sa.String(32), sa.ForeignKey("members.id"), nullable=False, index=True),
        sa.Column("is_complete", sa.Boolean, nullable=False),
        sa.Column("tries", sa.Integer, nullable=False),
        sa.Column("created_at", BIG, nullable=False),
        sa.Column("seen_at", BIG, nullable=False),
    )
    op.create_table(
        "devices",
        sa.Column("digest", sa.LargeBinary(32), primary_key=True),
        sa.Column("member", sa.String(32), sa.ForeignKey("members.id"), nullable=False, index=True),
        sa.Column("created_at", BIG, nullable=False),
    )
    op.create_table(
        "attempts",
        sa.Column("key", sa.LargeBinary(32), primary_key=True),
        sa.Column("failures", sa.Integer, nullable=False),
        sa.Column("blocked_until", BIG, nullable=False),
        sa.Column("updated_at", BIG, nullable=False, index=True),
    )


def make_tokens_and_audit() -> None:
    op.create_table(
        "api_tokens",
        sa.Column("id", sa.String(8), primary_key=True),
        sa.Column("organisation", sa.String(64), sa.ForeignKey("organisations.id"), nullable=False, index=True),
        sa.Column("member", sa.String(32), sa.ForeignKey("members.id"), nullable=False),
        sa.Column("name", sa.String(80), nullable=False),
        sa.Column("scopes", sa.String(1000), nullable=False),
        sa.Column("secret_digest", sa.LargeBinary(32), nullable=False),
        sa.Column("created_at", BIG, nullable=False),
        sa.Column("expires_at", BIG, nullable=False),
        sa.Column("last_used_at", BIG),
        sa.Column("revoked_at", BIG),
    )
    op.create_table(
        "audit_events",
        sa.Column("organisation", sa.String(64), sa.ForeignKey("organisations.id"), primary_key=True),
        sa.Column("seq", BIG, primary_key=True, autoincrement=False),
        sa.Column("at", BIG, nullable=False),
        sa.Column("actor_kind", sa.String(16), nullable=False),
        sa.Column("actor", sa.String(64), nullable=False),
        sa.Column("action", sa.String(64), nullable=False),
        sa.Column("object_kind", sa.String(32), nullable=False),
        sa.Column("object_id", sa.String(200), nullable=False),
        sa.Column("outcome", sa.String(64), nullable=False),
        sa.Column("request_id", sa.String(64), nullable=False),
        sa.Column("hash", sa.LargeBinary(32), nullable=False),
        sa.Index("ix_audit_events_action", "organisation", "action", "seq"),
    )
