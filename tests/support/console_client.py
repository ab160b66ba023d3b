# SPDX-License-Identifier: Apache-2.0
"""A person at a real server's console over HTTP: a session's cookie, and forms with the token of their own page."""

from __future__ import annotations

import re
import urllib.error
import urllib.request
from dataclasses import dataclass, field
from http.cookiejar import Cookie, CookieJar
from urllib.parse import urlencode, urlsplit

import pyotp

from passport.domain.accounts import Role
from passport.services.accounts import Accounts
from passport.services.accounts.kit import Visitor


def join_officer(accounts: Accounts, organisation: str, login_name: str) -> str:
    """A new chief quality officer of an organisation, who is an operator too; the secret of their session."""
    roles = frozenset({Role.OPERATOR, Role.CHIEF_QUALITY_OFFICER})
    _, code = accounts.organisations.invite(organisation, login_name, roles)
    accounts.accepting.take_name_and_password(code, login_name, login_name, "nine quiet herons wade")
    totp = pyotp.TOTP(accounts.accepting.get_draft(code).totp_secret)
    visitor = Visitor("192.0.2.8", "", "live-officer-0001")
    return accounts.accepting.take_code(code, totp.now(), visitor).signed_in.session


@dataclass
class ConsoleClient:
    """`session` is what signing in gave. Redirects are followed, as a browser does."""

    url: str
    session: str
    _jar: CookieJar = field(default_factory=CookieJar)

    def __post_init__(self) -> None:
        host = urlsplit(self.url).hostname or ""
        rest = {"HttpOnly": None}
        place = (host, True, False, "/", True)
        self._jar.set_cookie(
            Cookie(0, "console", self.session, None, False, *place, False, None, True, None, None, rest)
        )
        self._opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(self._jar))

    def get(self, path: str) -> str:
        with self._opener.open(f"{self.url}{path}", timeout=20) as answer:
            return str(answer.read().decode())

    def post(self, path: str, **fields: str | list[str]) -> str:
        """The page that follows. Raises AssertionError with the page for an answer that is no success."""
        token = re.search(r'name="csrf_token" value="([^"]+)"', self.get("/console/account"))
        assert token is not None
        data = urlencode({"csrf_token": token[1], **fields}, doseq=True).encode()
        request = urllib.request.Request(f"{self.url}{path}", data, {"Origin": self.url})
        try:
            with self._opener.open(request, timeout=20) as answer:
                return str(answer.read().decode())
        except urllib.error.HTTPError as error:
            raise AssertionError(f"{error.code} {path}: {error.read().decode()[-3000:]}") from error
