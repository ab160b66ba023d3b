# SPDX-License-Identifier: Apache-2.0
"""The client's calls about the organisation that its token speaks for: tokens, members, audit trail."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeVar
from urllib.parse import quote, urlencode

from verifier.account_types import (
    AuditPage,
    AuditRow,
    MemberInfo,
    MemberPage,
    OrganisationInfo,
    TokenPage,
)
from verifier.fetch import Reply

T = TypeVar("T")


class AccountCalls:
    """A part of verifier.client.ApiClient."""

    def _read(self, kind: type[T], reply: Reply) -> T:
        raise NotImplementedError

    def _send(self, method: str, path: str, body: bytes | None = None, media_type: str = "", key: str = "") -> Reply:
        raise NotImplementedError

    def describe_organisation(self) -> OrganisationInfo:
        """Whose token this is, and what it may do."""
        return self._read(OrganisationInfo, self._send("GET", "/api/v1/organisation"))

    def list_tokens(self, *, limit: int = 50, cursor: str | None = None) -> TokenPage:
        return self._read(TokenPage, self._send("GET", f"/api/v1/tokens?{_page(limit, cursor)}"))

    def revoke_token(self, token: str) -> None:
        """Ends the client's own token, at once and for good. `token` is its id, as a guard against a mix-up."""
        self._send("DELETE", f"/api/v1/tokens/{quote(token, safe='')}")

    def list_members(self, *, limit: int = 50, cursor: str | None = None) -> MemberPage:
        return self._read(MemberPage, self._send("GET", f"/api/v1/members?{_page(limit, cursor)}"))

    def find_member(self, member: str) -> MemberInfo:
        return self._read(MemberInfo, self._send("GET", f"/api/v1/members/{quote(member, safe='')}"))

    def list_audit(self, *, action: str = "", actor: str = "", limit: int = 50, cursor: str | None = None) -> AuditPage:
        """One page, the newest first. Only a trail without `action` and `actor` is a chain without gaps."""
        wanted = {name: value for name, value in (("action", action), ("actor", actor)) if value}
        query = "&".join(part for part in (_page(limit, cursor), urlencode(wanted)) if part)
        return self._read(AuditPage, self._send("GET", f"/api/v1/audit?{query}"))

    def each_audit_row(self) -> Iterator[AuditRow]:
        """All rows, the newest first, for `verifier.audit_chain.check_audit_chain`."""
        cursor: str | None = None
        while True:
            page = self.list_audit(limit=200, cursor=cursor)
            yield from page.rows
            cursor = page.next
            if cursor is None:
                return


def _page(limit: int, cursor: str | None) -> str:
    return urlencode({"limit": str(limit)} | ({} if cursor is None else {"cursor": cursor}))
