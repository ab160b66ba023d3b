# SPDX-License-Identifier: Apache-2.0
"""API tokens: `pp_<8 characters of id>_<43 of secret>`. The secret is shown once and stored as its SHA-256."""

from __future__ import annotations

import base64
import re
import secrets
from dataclasses import dataclass, field
from datetime import timedelta

from passport.domain.accounts import (
    ApiToken,
    MemberState,
    OrganisationState,
    Principal,
    Role,
    Scope,
    scopes_of,
)
from passport.domain.accounts_audit import Action
from passport.domain.accounts_errors import Conflict, InvalidToken, NotAllowed, UnknownObject
from passport.domain.accounts_input import parse_display_name
from passport.services.accounts.kit import Kit, is_same, new_secret, note, secret_digest

PREFIX = "pp_"
MAX_TOKENS = 100  # good ones of one organisation
TOUCH_SECONDS = 60
_TOKEN = re.compile(r"pp_([a-z2-7]{8})_([A-Za-z0-9_-]{43})", re.ASCII)


@dataclass(frozen=True, slots=True)
class NewToken:
    """`text` is the token itself: shown this once, stored nowhere."""

    token: ApiToken
    text: str = field(repr=False)


class Tokens:
    """Tokens of the principal's own organisation; and who a token speaks for."""

    def __init__(self, kit: Kit) -> None:
        self._kit = kit

    def list(self, principal: Principal) -> list[ApiToken]:
        """All tokens, also ended ones, the newest first. Raises NotAllowed."""
        principal.require_scope(Scope.TOKENS_READ)
        with self._kit.business.read() as books:
            return books.tokens.list_in(principal.organisation)

    def create(self, principal: Principal, name: str, scopes: frozenset[Scope], days: int) -> NewToken:
        """A token with scopes that its maker has as well. Raises NotAllowed, Malformed, Conflict."""
        _require_maker(principal)
        shown = parse_display_name(name)
        for scope in scopes:
            principal.require_scope(scope)
        now, secret = self._kit.now(), new_secret()
        token_id = base64.b32encode(secrets.token_bytes(5)).decode().lower()
        token = ApiToken(
            id=token_id,
            organisation=principal.organisation,
            member=principal.member,
            name=shown,
            scopes=scopes,
            created_at=now,
            expires_at=now + timedelta(days=days),
            last_used_at=None,
            revoked_at=None,
        )
        with self._kit.business.write() as books:
            good = [found for found in books.tokens.list_in(principal.organisation) if found.is_good(now)]
            if len(good) >= MAX_TOKENS:
                raise Conflict("too_many_tokens", f"An organisation has at most {MAX_TOKENS} tokens. Revoke one first.")
            if any(found.name == shown for found in good):
                # Also what keeps a form that is sent twice from making two.
                raise Conflict("token_name_taken", "A token of that name is in use. Choose another name.")
            books.tokens.add(token, secret_digest(secret))
            note(books, principal, Action.TOKEN_CREATED, ("token", token.id), now)
        return NewToken(token, f"{PREFIX}{token.id}_{secret}")

    def revoke(self, principal: Principal, token_id: str) -> None:
        """Ends a token at once and for good: an owner any, an operator their own, a token itself.

        Raises NotAllowed, UnknownObject.
        """
        is_itself = principal.token == token_id and not principal.is_person
        if not is_itself:
            _require_maker(principal)
        now = self._kit.now()
        with self._kit.business.write() as books:
            token = books.tokens.find_in(principal.organisation, token_id)
            if token is None:
                raise UnknownObject("unknown_token", "There is no such token in your organisation.")
            if token.member != principal.member and not is_itself:
                principal.require_role(Role.OWNER)
            if token.revoked_at is None:
                books.tokens.revoke(token.id, now)
                note(books, principal, Action.TOKEN_REVOKED, ("token", token.id), now)

    def get_principal(self, text: str, request_id: str = "") -> Principal:
        """Who a token speaks for, with no more scopes than its maker's roles have today. Raises InvalidToken.

        A token ends with its maker: while that member is disabled, or the organisation suspended, it is refused.
        """
        parsed = _TOKEN.fullmatch(text)
        if parsed is None:
            raise InvalidToken
        now = self._kit.now()
        with self._kit.business.read() as books:
            found = books.tokens.find_with_digest(parsed[1])
            # An unknown id is compared as well, with what no secret hashes to.
            is_right = is_same(secret_digest(parsed[2]), found[1] if found else bytes(32))
            if found is None or not is_right or not found[0].is_good(now):
                raise InvalidToken
            token = found[0]
            maker = books.members.find(token.member)
            organisation = books.organisations.find(token.organisation)
        if maker is None or maker.state is not MemberState.ACTIVE:
            raise InvalidToken
        if organisation is None or organisation.state is not OrganisationState.ACTIVE:
            raise InvalidToken
        if token.last_used_at is None or (now - token.last_used_at).total_seconds() >= TOUCH_SECONDS:
            with self._kit.business.write() as books:
                books.tokens.touch(token.id, now.replace(second=0))
        return Principal(
            organisation=organisation.id,
            kind=organisation.kind,
            member=maker.id,
            scopes=token.scopes & scopes_of(maker.roles),
            token=token.id,
            request_id=request_id,
        )


def _require_maker(principal: Principal) -> None:
    """Owners and operators make tokens; a token makes none."""
    principal.require_person()
    if not principal.roles & {Role.OWNER, Role.OPERATOR}:
        raise NotAllowed("role_missing", "This needs the role owner or operator.")
