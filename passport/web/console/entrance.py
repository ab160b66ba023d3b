# SPDX-License-Identifier: Apache-2.0
"""The ways in and out: sign-in in two steps, an invitation in two steps, signing out here or everywhere."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import redirect, request, session

from passport.domain.accounts_errors import AccountError, SignInRefused
from passport.services.accounts.second_factor import provisioning_uri
from passport.web.console.frame import SIGN_IN
from passport.web.console.qr import draw_qr
from verifier.protocol.errors import Malformed

if TYPE_CHECKING:
    from flask import Blueprint
    from werkzeug.wrappers import Response as AnyResponse

    from passport.web.console.frame import ConsoleFrame

SECOND_FACTOR = "/console/second-factor"
OVERVIEW = "/console"


def add_entrance_pages(console: Blueprint, frame: ConsoleFrame) -> None:
    """Sign-in, second factor, sign-out; the rest below."""
    sign_in = frame.accounts.sign_in

    @console.route("/sign-in", methods=["GET", "POST"], endpoint="sign_in")
    def begin() -> AnyResponse:
        if request.method != "POST":
            return frame.page("sign_in.html", login_name="")
        name = request.form.get("login_name", "")
        try:
            secret = sign_in.begin(name, request.form.get("password", ""), frame.visitor())
        except AccountError as error:
            return frame.refuse("sign_in.html", error, login_name=name[:64])
        session.clear()  # also the form token: none from before the sign-in is good after it
        return frame.set_session(redirect(SECOND_FACTOR, 303), secret)

    @console.route("/second-factor", methods=["GET", "POST"])
    def second_factor() -> AnyResponse:
        if request.method != "POST":
            waiting = sign_in.is_waiting(frame.session_cookie())
            return frame.page("second_factor.html") if waiting else redirect(SIGN_IN, 303)
        try:
            signed_in = sign_in.finish(frame.session_cookie(), request.form.get("code", ""), frame.visitor())
        except SignInRefused as error:
            if error.code == "sign_in_again":
                return frame.clear_session(redirect(SIGN_IN, 303))
            return frame.refuse("second_factor.html", error)
        except AccountError as error:
            return frame.refuse("second_factor.html", error)
        session.clear()
        target = redirect(OVERVIEW, 303)
        if signed_in.used_recovery_code:
            target = frame.done(OVERVIEW, "recovery_code_used")
        return frame.set_session(target, signed_in.session, signed_in.device)

    @console.post("/sign-out")
    def sign_out() -> AnyResponse:
        sign_in.sign_out(frame.principal)
        session.clear()
        return frame.clear_session(frame.done(SIGN_IN, "signed_out"))

    @console.post("/sign-out-everywhere")
    def sign_out_everywhere() -> AnyResponse:
        sign_in.sign_out_everywhere(frame.principal)
        session.clear()
        return frame.clear_session(frame.done(SIGN_IN, "signed_out_everywhere"))

    _add_invitation_pages(console, frame)


def _add_invitation_pages(console: Blueprint, frame: ConsoleFrame) -> None:
    """Opening the link uses nothing up; the account is there after the second form, and not before."""
    accepting = frame.accounts.accepting

    @console.route("/invitation/<code>", methods=["GET", "POST"])
    def invitation(code: str) -> AnyResponse:
        welcome = accepting.welcome(code)
        if request.method != "POST":
            return frame.page("invitation.html", welcome=welcome, typed=welcome)
        form = request.form
        try:
            if form.get("new_password", "") != form.get("repeat_password", ""):
                raise Malformed("passwords_differ", "The two passwords differ.")
            accepting.take_name_and_password(
                code, form.get("login_name", ""), form.get("display_name", ""), form.get("new_password", "")
            )
        except (Malformed, AccountError) as error:
            typed = {"login_name": form.get("login_name", "")[:64], "display_name": form.get("display_name", "")[:80]}
            return frame.refuse("invitation.html", error, welcome=welcome, typed=typed)
        return redirect(f"/console/invitation/{code}/second-factor", 303)

    @console.route("/invitation/<code>/second-factor", methods=["GET", "POST"])
    def invitation_code(code: str) -> AnyResponse:
        address = f"/console/invitation/{code}"
        try:
            draft = accepting.get_draft(code)
        except SignInRefused:
            return redirect(address, 303)
        uri = provisioning_uri(draft.totp_secret, login_name=draft.login_name[:40], issuer=request.host[:40])
        shown: dict[str, Any] = {"qr": draw_qr(uri), "secret": draft.totp_secret, "action": f"{address}/second-factor"}
        if request.method != "POST":
            return frame.page("set_up_app.html", **shown)
        try:
            joined = accepting.take_code(code, request.form.get("code", ""), frame.visitor())
        except AccountError as error:
            return frame.refuse("set_up_app.html", error, **shown)
        session.clear()
        page = frame.page("recovery_codes.html", codes=joined.recovery_codes)
        return frame.set_session(page, joined.signed_in.session, joined.signed_in.device)
