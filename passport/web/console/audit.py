# SPDX-License-Identifier: Apache-2.0
"""The audit trail of the reader's organisation: filter, page by page, and a check of the whole chain."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from flask import request

from passport.domain.accounts_audit import Action, AuditFilter
from verifier.protocol.encoding import parse_decimal

if TYPE_CHECKING:
    from flask import Blueprint
    from werkzeug.wrappers import Response as AnyResponse

    from passport.web.console.frame import ConsoleFrame

AUDIT = "/console/audit"


def add_audit_pages(console: Blueprint, frame: ConsoleFrame) -> None:
    """A cursor is the number of the last row that was shown: rows that come meanwhile move nothing."""
    trail = frame.accounts.audit_trail

    def shown() -> dict[str, Any]:
        action, actor = request.args.get("action", "")[:64], request.args.get("actor", "").strip()[:64]
        which = AuditFilter(_cursor(request.args.get("before", "")), action.replace("\0", ""), actor.replace("\0", ""))
        page = trail.page(frame.principal, which)
        names = {
            listed.member.id: listed.member.display_name for listed in frame.accounts.members.list(frame.principal)
        }
        query = {"action": which.action, "actor": which.actor, "before": str(page.next_cursor)}
        older = f"{AUDIT}?{urlencode({key: value for key, value in query.items() if value})}"
        return {
            "events": page.events,
            "older": older if page.next_cursor else "",
            "which": which,
            "actions": [str(action) for action in Action],
            "names": names,
        }

    @console.get("/audit", endpoint="audit")
    def read() -> AnyResponse:
        return frame.page("audit.html", **shown(), report=None)

    @console.post("/audit/verify", endpoint="verify_audit")
    def verify() -> AnyResponse:
        report = trail.verify(frame.principal)
        return frame.page("audit.html", **shown(), report=report)


def _cursor(text: str) -> int:
    """Raises Malformed for anything but a whole number."""
    return parse_decimal(text) if text else 0
