# SPDX-License-Identifier: Apache-2.0
"""The reader's own sign-in: password, authenticator app, recovery codes, signing out everywhere."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import redirect, request, session

from passport.domain.accounts_errors import AccountError
from passport.services.accounts.second_factor import provisioning_uri
from passport.web.console.qr import draw_qr
from verifier.protocol.errors import Malformed

if TYPE_CHECKING:
    from flask import Blueprint
    from werkzeug.wrappers import Response as AnyResponse

    from passport.web.console.frame import ConsoleFrame

ACCOUNT = "/console/account"
CONFIRM = "/console/account/second-factor"


def add_account_pages(console: Blueprint, frame: ConsoleFrame) -> None:
    """Each form asks for the password again: somebody may have found an unlocked screen."""
    profile = frame.accounts.profile

    def shown(form: str = "") -> dict[str, Any]:
        return {
            "me": frame.accounts.members.me(frame.principal),
            "codes_left": profile.count_recovery_codes(frame.principal),
            "form": form,
        }

    @console.get("/account")
    def account() -> AnyResponse:
        return frame.page("account.html", **shown())

    @console.post("/account/password")
    def change_password() -> AnyResponse:
        form = request.form
        try:
            if form.get("new_password", "") != form.get("repeat_password", ""):
                raise Malformed("passwords_differ", "The two passwords differ.")
            secret = profile.change_password(frame.principal, form.get("password", ""), form.get("new_password", ""))
        except (Malformed, AccountError) as error:
            return frame.refuse("account.html", error, **shown("password"))
        session.clear()
        return frame.set_session(frame.done(ACCOUNT, "password_changed"), secret)

    @console.post("/account/recovery-codes")
    def make_recovery_codes() -> AnyResponse:
        try:
            codes = profile.new_recovery_codes(frame.principal, request.form.get("password", ""))
        except AccountError as error:
            return frame.refuse("account.html", error, **shown("recovery"))
        return frame.page("recovery_codes.html", codes=codes)

    @console.post("/account/new-app")
    def begin_second_factor() -> AnyResponse:
        try:
            profile.begin_second_factor(frame.principal, request.form.get("password", ""))
        except AccountError as error:
            return frame.refuse("account.html", error, **shown("app"))
        return redirect(CONFIRM, 303)

    @console.route("/account/second-factor", methods=["GET", "POST"], endpoint="confirm_second_factor")
    def confirm() -> AnyResponse:
        secret = profile.find_next_totp_secret(frame.principal)
        if not secret:
            return redirect(ACCOUNT, 303)
        name = frame.accounts.members.me(frame.principal).login_name
        uri = provisioning_uri(secret, login_name=name[:40], issuer=request.host[:40])
        page: dict[str, Any] = {"qr": draw_qr(uri), "secret": secret, "action": CONFIRM}
        if request.method != "POST":
            return frame.page("set_up_app.html", **page)
        try:
            session_secret, codes = profile.finish_second_factor(frame.principal, request.form.get("code", ""))
        except AccountError as error:
            return frame.refuse("set_up_app.html", error, **page)
        session.clear()
        return frame.set_session(frame.page("recovery_codes.html", codes=codes), session_secret)
