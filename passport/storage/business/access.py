# SPDX-License-Identifier: Apache-2.0
"""Rows of sessions, known browsers, failed attempts and API tokens. Ports: passport/services/accounts/ports.py."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import Row, delete, insert, select, update

from passport.domain.accounts import ApiToken, AttemptRow, Scope, Session
from passport.storage.business.columns import (
    askable,
    instant,
    join_words,
    optional_instant,
    optional_seconds,
    seconds,
)
from passport.storage.business.schema import api_tokens, attempts, devices, sessions

if TYPE_CHECKING:
    from typing import Any

    from sqlalchemy import Connection


class SessionRows:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, session: Session) -> None:
        row = {
            "digest": session.digest,
            "member": session.member,
            "is_complete": session.is_complete,
            "tries": session.tries,
            "created_at": seconds(session.created_at),
            "seen_at": seconds(session.seen_at),
        }
        self._connection.execute(insert(sessions), row)

    def find(self, digest: bytes) -> Session | None:
        row = self._connection.execute(select(sessions).where(sessions.c.digest == digest)).first()
        if row is None:
            return None
        created_at, seen_at = instant(row.created_at), instant(row.seen_at)
        return Session(bytes(row.digest), row.member, bool(row.is_complete), row.tries, created_at, seen_at)

    def touch(self, digest: bytes, now: datetime) -> None:
        self._connection.execute(update(sessions).where(sessions.c.digest == digest).values(seen_at=seconds(now)))

    def count_try(self, digest: bytes) -> None:
        self._connection.execute(update(sessions).where(sessions.c.digest == digest).values(tries=sessions.c.tries + 1))

    def end(self, digest: bytes) -> None:
        self._connection.execute(delete(sessions).where(sessions.c.digest == digest))

    def end_all(self, member_id: str) -> None:
        self._connection.execute(delete(sessions).where(sessions.c.member == member_id))

    def purge(self, *, created_before: datetime, incomplete_before: datetime) -> None:
        too_old = sessions.c.created_at < seconds(created_before)
        given_up = ~sessions.c.is_complete & (sessions.c.created_at < seconds(incomplete_before))
        self._connection.execute(delete(sessions).where(too_old | given_up))

    def add_device(self, digest: bytes, member_id: str, now: datetime) -> None:
        row = {"digest": digest, "member": member_id, "created_at": seconds(now)}
        self._connection.execute(insert(devices), row)

    def find_device(self, digest: bytes) -> str | None:
        query = select(devices.c.member).where(devices.c.digest == digest)
        found = self._connection.execute(query).scalar_one_or_none()
        return None if found is None else str(found)

    def forget_devices(self, member_id: str) -> None:
        self._connection.execute(delete(devices).where(devices.c.member == member_id))

    def purge_devices(self, *, created_before: datetime) -> None:
        self._connection.execute(delete(devices).where(devices.c.created_at < seconds(created_before)))


class AttemptRows:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def find(self, key: bytes) -> AttemptRow | None:
        row = self._connection.execute(select(attempts).where(attempts.c.key == key)).first()
        return None if row is None else AttemptRow(row.failures, instant(row.blocked_until), instant(row.updated_at))

    def put(self, key: bytes, row: AttemptRow) -> None:
        values = {
            "failures": row.failures,
            "blocked_until": seconds(row.blocked_until),
            "updated_at": seconds(row.updated_at),
        }
        changed = self._connection.execute(update(attempts).where(attempts.c.key == key).values(values))
        if changed.rowcount == 0:
            self._connection.execute(insert(attempts), values | {"key": key})

    def forget(self, key: bytes) -> None:
        self._connection.execute(delete(attempts).where(attempts.c.key == key))

    def purge(self, *, updated_before: datetime) -> None:
        self._connection.execute(delete(attempts).where(attempts.c.updated_at < seconds(updated_before)))


class TokenRows:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, token: ApiToken, secret_digest: bytes) -> None:
        row = {
            "id": token.id,
            "organisation": token.organisation,
            "member": token.member,
            "name": token.name,
            "scopes": join_words(token.scopes),
            "secret_digest": secret_digest,
            "created_at": seconds(token.created_at),
            "expires_at": seconds(token.expires_at),
            "last_used_at": optional_seconds(token.last_used_at),
            "revoked_at": optional_seconds(token.revoked_at),
        }
        self._connection.execute(insert(api_tokens), row)

    def list_in(self, organisation_id: str) -> list[ApiToken]:
        query = select(api_tokens).where(api_tokens.c.organisation == organisation_id)
        rows = self._connection.execute(query.order_by(api_tokens.c.created_at.desc(), api_tokens.c.id))
        return [_token(row) for row in rows]

    def find_in(self, organisation_id: str, token_id: str) -> ApiToken | None:
        where = (api_tokens.c.organisation == organisation_id) & (api_tokens.c.id == askable(token_id))
        row = self._connection.execute(select(api_tokens).where(where)).first()
        return None if row is None else _token(row)

    def find_with_digest(self, token_id: str) -> tuple[ApiToken, bytes] | None:
        row = self._connection.execute(select(api_tokens).where(api_tokens.c.id == token_id)).first()
        return None if row is None else (_token(row), bytes(row.secret_digest))

    def touch(self, token_id: str, now: datetime) -> None:
        self._connection.execute(
            update(api_tokens).where(api_tokens.c.id == token_id).values(last_used_at=seconds(now))
        )

    def revoke(self, token_id: str, now: datetime) -> None:
        self._connection.execute(update(api_tokens).where(api_tokens.c.id == token_id).values(revoked_at=seconds(now)))


def _token(row: Row[Any]) -> ApiToken:
    return ApiToken(
        id=row.id,
        organisation=row.organisation,
        member=row.member,
        name=row.name,
        scopes=frozenset(Scope(word) for word in row.scopes.split()),
        created_at=instant(row.created_at),
        expires_at=instant(row.expires_at),
        last_used_at=optional_instant(row.last_used_at),
        revoked_at=optional_instant(row.revoked_at),
    )
