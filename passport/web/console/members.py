# SPDX-License-Identifier: Apache-2.0
"""Members of the reader's own organisation: the list, an invitation, one member's page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import request

from passport.domain.accounts import Role
from passport.domain.accounts_errors import AccountError
from passport.domain.accounts_input import parse_roles
from verifier.protocol.errors import Malformed

if TYPE_CHECKING:
    from flask import Blueprint
    from werkzeug.wrappers import Response as AnyResponse

    from passport.web.console.frame import ConsoleFrame

MEMBERS = "/console/members"


def add_member_pages(console: Blueprint, frame: ConsoleFrame) -> None:
    """The services decide who may; a page only leaves out what its reader could not do."""
    members = frame.accounts.members

    def shown() -> dict[str, Any]:
        listed = members.list(frame.principal)
        return {"listed": listed, "roles": list(Role), "may_change": Role.OWNER in frame.principal.roles}

    def one(member_id: str) -> dict[str, Any]:
        member = members.get(frame.principal, member_id)
        return {"member": member, "roles": list(Role), "may_change": Role.OWNER in frame.principal.roles}

    @console.route("/members", methods=["GET", "POST"], endpoint="members")
    def list_members() -> AnyResponse:
        if request.method != "POST":
            return frame.page("members.html", **shown(), typed_name="", typed_roles=[])
        name, roles = request.form.get("display_name", ""), request.form.getlist("roles")
        try:
            _, code = members.invite(frame.principal, name, parse_roles(roles))
        except (Malformed, AccountError) as error:
            if getattr(error, "code", "") == "role_missing":
                raise
            return frame.refuse("members.html", error, **shown(), typed_name=name[:80], typed_roles=roles)
        return frame.page("link.html", link=_link(code))

    @console.get("/members/<member_id>")
    def member(member_id: str) -> AnyResponse:
        return frame.page("member.html", **one(member_id))

    @console.post("/members/<member_id>/roles")
    def set_roles(member_id: str) -> AnyResponse:
        try:
            members.set_roles(frame.principal, member_id, parse_roles(request.form.getlist("roles")))
        except Malformed as error:
            return frame.refuse("member.html", error, **one(member_id))
        return frame.done(f"{MEMBERS}/{member_id}", "roles_changed")

    @console.post("/members/<member_id>/link")
    def make_link(member_id: str) -> AnyResponse:
        return frame.page("link.html", link=_link(members.make_link(frame.principal, member_id)))

    @console.post("/members/<member_id>/disable")
    def disable(member_id: str) -> AnyResponse:
        members.disable(frame.principal, member_id)
        return frame.done(f"{MEMBERS}/{member_id}", "member_disabled")

    @console.post("/members/<member_id>/enable")
    def enable(member_id: str) -> AnyResponse:
        members.enable(frame.principal, member_id)
        return frame.done(f"{MEMBERS}/{member_id}", "member_enabled")


def _link(code: str) -> str:
    return f"{request.host_url}console/invitation/{code}"
