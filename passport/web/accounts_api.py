# SPDX-License-Identifier: Apache-2.0
"""What a token may learn of the organisation that it speaks for: tokens, members, audit trail. docs/accounts.md.

Making tokens, inviting, roles: people do that in the console. A program that could make a token could outlive the one
that it was given.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, TypeVar

from flask import Blueprint, Response, request

from passport.domain.accounts import ApiToken, Member
from passport.domain.accounts_audit import AuditEvent, AuditFilter
from passport.domain.accounts_errors import InvalidToken
from passport.web.api import account_operations as operations
from passport.web.api.pagination import PageRequest, encode_cursor, link_next, read_page_request
from passport.web.listing_values import answer
from passport.web.principals import find_accounts, get_principal
from verifier import account_types as types
from verifier.protocol.errors import Malformed
from verifier.web.api.operations import declare

if TYPE_CHECKING:
    from passport.domain.accounts import Principal
    from passport.services.accounts import Accounts

T = TypeVar("T")
_ACTION = re.compile("[a-z_.]{1,64}", re.ASCII)
_ACTOR = re.compile("[a-z0-9]{1,64}", re.ASCII)


def make_accounts_blueprint() -> Blueprint:
    """In an application without accounts no token is good, and every call is 401."""
    api = Blueprint("accounts_api", __name__, url_prefix="/api/v1")
    _add_organisation(api)
    _add_tokens(api)
    _add_members(api)
    _add_audit(api)
    return api


def _begin() -> tuple[Principal, Accounts]:
    principal, accounts = get_principal(request), find_accounts()
    if accounts is None:
        raise InvalidToken
    return principal, accounts


def _add_organisation(api: Blueprint) -> None:
    @api.get("/organisation")
    @declare(operations.DESCRIBE_ORGANISATION)
    def organisation() -> Response:
        principal, accounts = _begin()
        found = accounts.organisations.get_own(principal)
        scopes = tuple(sorted(scope.value for scope in principal.scopes))
        return answer(
            types.OrganisationInfo(found.id, found.kind.value, found.name, found.created_at, principal.token, scopes)
        )


def _add_tokens(api: Blueprint) -> None:
    @api.get("/tokens")
    @declare(operations.LIST_TOKENS)
    def list_tokens() -> Response:
        principal, accounts = _begin()
        asked = read_page_request("tokens", (int, str))
        found = sorted(accounts.tokens.list(principal), key=lambda one: (-_second(one.created_at), one.id))
        shown, cursor = _cut(asked, found, lambda one: (-_second(one.created_at), one.id))
        return link_next(answer(types.TokenPage(tuple(map(_token, shown)), cursor)), asked, cursor)

    @api.delete("/tokens/<token>")
    @declare(operations.REVOKE_TOKEN)
    def revoke_token(token: str) -> Response:
        principal, accounts = _begin()
        accounts.tokens.revoke(principal, token)
        return Response(status=204)


def _add_members(api: Blueprint) -> None:
    @api.get("/members")
    @declare(operations.LIST_MEMBERS)
    def list_members() -> Response:
        principal, accounts = _begin()
        asked = read_page_request("members", (int, str))
        found = sorted(
            (listed.member for listed in accounts.members.list(principal)),
            key=lambda one: (_second(one.created_at), one.id),
        )
        shown, cursor = _cut(asked, found, lambda one: (_second(one.created_at), one.id))
        return link_next(answer(types.MemberPage(tuple(map(_member, shown)), cursor)), asked, cursor)

    @api.get("/members/<member>")
    @declare(operations.FIND_MEMBER)
    def find_member(member: str) -> Response:
        principal, accounts = _begin()
        return answer(_member(accounts.members.get(principal, member if member.isascii() else "")))


def _add_audit(api: Blueprint) -> None:
    @api.get("/audit")
    @declare(operations.LIST_AUDIT)
    def list_audit() -> Response:
        principal, accounts = _begin()
        asked = read_page_request("audit", (int,))
        before = 0 if asked.after is None else int(asked.after[0])
        which = AuditFilter(before, _one("action", _ACTION), _one("actor", _ACTOR))
        page = accounts.audit_trail.page(principal, which, asked.limit)
        cursor = encode_cursor("audit", (page.next_cursor,)) if page.next_cursor else None
        shown = types.AuditPage(tuple(map(_row, page.events)), page.count, page.head.hex(), cursor)
        return link_next(answer(shown), asked, cursor)


def _one(name: str, form: re.Pattern[str]) -> str:
    """A parameter of the query, once at most. Raises Malformed: bad_action, bad_actor."""
    found = request.args.getlist(name)
    if len(found) > 1 or any(form.fullmatch(text) is None for text in found):
        raise Malformed(f"bad_{name}", f"Give {name} once, of the form {form.pattern}, or leave it out.")
    return found[0] if found else ""


def _cut(
    asked: PageRequest, found: Sequence[T], key_of: Callable[[T], tuple[int, str]]
) -> tuple[tuple[T, ...], str | None]:
    """A page of what is sorted by its key: an organisation's people and tokens are few, so all of them are at hand."""
    after = asked.after
    left = [one for one in found if after is None or key_of(one) > (int(after[0]), str(after[1]))]
    page = asked.cut(left, key_of)
    return page.items, page.next_cursor


def _second(at: datetime) -> int:
    return int(at.timestamp())


def _token(token: ApiToken) -> types.TokenInfo:
    return types.TokenInfo(
        id=token.id,
        name=token.name,
        member=token.member,
        scopes=tuple(sorted(scope.value for scope in token.scopes)),
        created_at=token.created_at,
        expires_at=token.expires_at,
        last_used_at=token.last_used_at,
        revoked_at=token.revoked_at,
    )


def _member(member: Member) -> types.MemberInfo:
    roles = tuple(sorted(role.value for role in member.roles))
    return types.MemberInfo(member.id, member.display_name, roles, member.state.value, member.created_at)


def _row(event: AuditEvent) -> types.AuditRow:
    act = event.act
    return types.AuditRow(
        seq=event.seq,
        at=event.at,
        actor_kind=act.actor_kind.value,
        actor=act.actor,
        action=act.action,
        object_kind=act.object_kind,
        object_id=act.object_id,
        outcome=act.outcome,
        request_id=act.request_id,
        hash=event.hash.hex(),
    )
