# SPDX-License-Identifier: Apache-2.0
"""What every page of the console stands on: cookies, the principal, forms that only our own pages may send. ADR 0019.

Cross-site requests meet three walls: SameSite=Lax, the Origin header, and a token in every form (Flask-WTF).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from flask import Blueprint, Response, flash, g, get_flashed_messages, redirect, request
from flask_wtf.csrf import CSRFError, CSRFProtect, generate_csrf

from passport.domain.accounts import Principal
from passport.domain.accounts_errors import AccountError, SignInRefused, TooManyAttempts
from passport.domain.listing_file import MAX_FILE_SIZE
from passport.services.accounts import Accounts
from passport.services.accounts.kit import DEVICE_LIFETIME, Visitor
from passport.web.console.render import render_console
from passport.web.console.words_all import DONE, FIELDS, REFUSALS
from passport.web.principals import ACCOUNT_PROBLEMS, caller_of
from verifier.fetch import is_loopback
from verifier.protocol.errors import Malformed
from verifier.web.api.request_ids import request_id_of
from verifier.web.api.request_log import ENVIRON_PRINCIPAL
from verifier.web.skeleton import current_language, remember_language
from verifier.web.visits import client_address
from verifier.web.words import say

if TYPE_CHECKING:
    from flask import Flask
    from werkzeug.wrappers import Response as AnyResponse

    from verifier.web.settings import WebSettings

SIGN_IN = "/console/sign-in"
PUBLIC = frozenset({"sign_in", "second_factor", "invitation", "invitation_code"})
"""Endpoints that are answered without a session."""
UPLOADS = {"imports": MAX_FILE_SIZE + 64 * 1024}
"""How much a form with a file may be, for members who are signed in; other forms have the application's bound."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a form was not done: a sentence, the field that it is about ("" for none), the status of the answer."""

    code: str
    text: str
    field: str
    status: int
    retry_after_seconds: int = 0


class ConsoleFrame:
    """Given to every group of views: the use cases, and what HTTP makes of them."""

    def __init__(self, accounts: Accounts, settings: WebSettings) -> None:
        self.accounts = accounts
        self._settings = settings
        prefix = "__Host-" if settings.is_https else ""
        self._session_cookie, self._device_cookie = f"{prefix}console", f"{prefix}device"
        self._csrf = CSRFProtect()

    def install(self, app: Flask, console: Blueprint) -> None:
        """Sets the application's own cookie, which holds the form token and messages, and hooks onto the blueprint."""
        app.secret_key = self.accounts.form_key
        app.config.update(
            WTF_CSRF_CHECK_DEFAULT=False,  # forms of the console alone; the API is not for browsers' cookies
            WTF_CSRF_SSL_STRICT=False,  # it wants a Referer; the Origin is looked at below instead
            WTF_CSRF_TIME_LIMIT=12 * 3600,
            SESSION_COOKIE_NAME="__Host-forms" if self._settings.is_https else "forms",
            SESSION_COOKIE_SECURE=self._settings.is_https,
            SESSION_COOKIE_PATH="/",
        )
        self._csrf.init_app(app)
        console.before_request(self._admit)
        console.after_request(self._finish)
        console.register_error_handler(AccountError, self._explain)
        console.register_error_handler(Malformed, self._explain)
        console.register_error_handler(CSRFError, self._explain_form)

    @property
    def principal(self) -> Principal:
        """Who is signed in. Only for endpoints that are not PUBLIC."""
        principal: Principal = g.console_principal
        return principal

    def visitor(self) -> Visitor:
        """Who knocks. A loopback address is a proxy that was not declared, or this machine: not counted by."""
        address = client_address(request, self._settings.proxies)
        return Visitor(
            "" if is_loopback(address) else address,
            request.cookies.get(self._device_cookie, "")[:100],
            request_id_of(request.environ) or "",
        )

    def session_cookie(self) -> str:
        return request.cookies.get(self._session_cookie, "")[:100]

    def set_session(self, response: AnyResponse, secret: str, device: str = "") -> AnyResponse:
        """The session ends with the browser or after its own limits; the browser stays known for half a year."""
        flags = {"secure": self._settings.is_https, "httponly": True, "samesite": "Lax", "path": "/"}
        response.set_cookie(self._session_cookie, secret, **flags)  # type: ignore[arg-type]
        if device:
            seconds = int(DEVICE_LIFETIME.total_seconds())
            response.set_cookie(self._device_cookie, device, max_age=seconds, **flags)  # type: ignore[arg-type]
        return response

    def clear_session(self, response: AnyResponse) -> AnyResponse:
        response.delete_cookie(self._session_cookie, path="/", secure=self._settings.is_https, httponly=True)
        return response

    def page(self, template: str, *, status: int = 200, **context: object) -> Response:
        """A page with what all of them show: who is signed in, what was just done, what was refused."""
        language = current_language()
        done = [say(DONE[code], language) for code in get_flashed_messages() if code in DONE]
        context.setdefault("refusal", None)
        return render_console(
            template,
            status=status,
            csrf_token=generate_csrf,
            principal=getattr(g, "console_principal", None),
            done=done,
            here=request.path,
            **context,
        )

    def refuse(self, template: str, error: AccountError | Malformed, **context: object) -> Response:
        """The form again, with what was wrong with it."""
        refusal = self.describe(error)
        response = self.page(template, status=refusal.status, refusal=refusal, **context)
        return _with_retry(response, refusal)

    def done(self, address: str, code: str) -> AnyResponse:
        """After a form: see the list again, with a sentence about what was done."""
        flash(code)
        return redirect(address, 303)

    def describe(self, error: AccountError | Malformed) -> Refusal:
        """An error in the reader's language; one without words says what it says to programs."""
        status = next((ACCOUNT_PROBLEMS[cls] for cls in type(error).__mro__ if cls in ACCOUNT_PROBLEMS), 400)
        seconds = error.retry_after_seconds if isinstance(error, TooManyAttempts) else 0
        text = say(REFUSALS[error.code], current_language()) if error.code in REFUSALS else str(error)
        return Refusal(error.code, text.replace("{seconds}", str(seconds)), FIELDS.get(error.code, ""), status, seconds)

    def _admit(self) -> AnyResponse | None:
        g.console_principal = self.accounts.sign_in.find_principal(
            self.session_cookie(), request_id_of(request.environ) or ""
        )
        endpoint = (request.endpoint or "").partition(".")[2]
        if g.console_principal is not None and endpoint in UPLOADS:
            request.max_content_length = UPLOADS[endpoint]
        if request.method == "POST":
            if not _is_own_origin():
                raise CSRFError("foreign_form")
            self._csrf.protect()
        if g.console_principal is not None:
            request.environ[ENVIRON_PRINCIPAL] = caller_of(g.console_principal)
        elif endpoint not in PUBLIC:
            return redirect(SIGN_IN, 303)
        return None

    def _finish(self, response: Response) -> Response:
        # With "no-referrer" browsers send `Origin: null` with forms, and the second wall would fall.
        response.headers["Referrer-Policy"] = "same-origin"
        response.headers["Cache-Control"] = "no-store"
        response.vary.update(("Accept-Language", "Cookie"))
        return remember_language(response, self._settings)

    def _explain(self, error: AccountError | Malformed) -> AnyResponse:
        if isinstance(error, SignInRefused) and error.code == "sign_in_again":
            return redirect(SIGN_IN, 303)
        refusal = self.describe(error)
        return _with_retry(self.page("problem.html", status=refusal.status, refusal=refusal), refusal)

    def _explain_form(self, error: CSRFError) -> Response:
        code = "foreign_form" if error.description == "foreign_form" else "form_expired"
        refusal = Refusal(code, say(REFUSALS[code], current_language()), "", 400)
        return self.page("problem.html", status=400, refusal=refusal)


def _with_retry(response: Response, refusal: Refusal) -> Response:
    if refusal.retry_after_seconds:
        response.headers["Retry-After"] = str(refusal.retry_after_seconds)
    return response


def _is_own_origin() -> bool:
    """Whether a page of this host sent the form, by the browser's word; without one the token alone decides."""
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None and site not in ("same-origin", "none"):
        return False
    origin = request.headers.get("Origin")
    if origin is None:
        return True
    try:
        return urlsplit(origin).netloc == request.host
    except ValueError:
        return False
