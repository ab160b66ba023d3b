# SPDX-License-Identifier: Apache-2.0
"""Reading one's own organisation's audit trail, page by page, and checking that no row is missing from it."""

from __future__ import annotations

from dataclasses import dataclass, replace

from passport.domain.accounts import Principal, Scope
from passport.domain.accounts_audit import EMPTY_CHAIN, AuditEvent, AuditFilter, ChainReport
from passport.services.accounts.kit import Kit

PAGE_SIZE = 50
MAX_PAGE_SIZE = 200
_CHUNK = 1000


@dataclass(frozen=True, slots=True)
class AuditPage:
    """The newest rows first. `next_cursor` is the `before` of the next page; 0 when there is none.

    `count` and `head` are the number of all rows and the hash of the last one.
    """

    events: list[AuditEvent]
    next_cursor: int
    count: int
    head: bytes


class AuditTrail:
    """Needs the scope audit:read, which owners have."""

    def __init__(self, kit: Kit) -> None:
        self._kit = kit

    def page(self, principal: Principal, which: AuditFilter, limit: int = PAGE_SIZE) -> AuditPage:
        """One page. Rows that are written meanwhile do not move it. Raises NotAllowed."""
        principal.require_scope(Scope.AUDIT_READ)
        limit = min(max(1, limit), MAX_PAGE_SIZE)
        with self._kit.business.read() as books:
            count, head = books.audit.head(principal.organisation)
            found = books.audit.page(principal.organisation, replace(which, before=max(0, which.before)), limit + 1)
        has_more = len(found) > limit
        return AuditPage(found[:limit], found[limit - 1].seq if has_more else 0, count, head)

    def verify(self, principal: Principal) -> ChainReport:
        """Hashes the whole chain again. Raises NotAllowed."""
        principal.require_scope(Scope.AUDIT_READ)
        seq, before = 0, EMPTY_CHAIN
        with self._kit.business.read() as books:
            count, head = books.audit.head(principal.organisation)
            while seq < count:
                events = books.audit.after(principal.organisation, seq, _CHUNK)
                for event in events:
                    if event.seq != seq + 1 or event.expected_hash(before) != event.hash:
                        return ChainReport(count, head, seq + 1)
                    seq, before = event.seq, event.hash
                if not events:
                    return ChainReport(count, head, seq + 1)
        return ChainReport(count, head, None if before == head and seq == count else count)
