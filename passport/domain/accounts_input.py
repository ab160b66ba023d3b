# SPDX-License-Identifier: Apache-2.0
"""What people type into forms, parsed: names, passwords, roles, scopes, codes. Each parser raises only Malformed."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from typing import TypeVar

from passport.domain.accounts import OrganisationKind, Role, Scope
from verifier.protocol.errors import Malformed

_LOGIN_NAME = re.compile(r"[a-z0-9][a-z0-9._@+-]{1,62}[a-z0-9]")
_LINE_BREAKERS = frozenset({"Cc", "Cf", "Cs", "Co", "Zl", "Zp"})
MIN_PASSWORD_CHARACTERS = 12
MAX_PASSWORD_BYTES = 1024
MAX_NAME = 80
MAX_DAYS = 366
MAX_TYPED_NAME = 200

# What is long enough and is tried first all the same. Compared without case, spaces and punctuation.
_COMMON = frozenset(
    [
        "123456789012",
        "1234567890123",
        "12345678901234",
        "123456789012345",
        "1234567890123456",
        "123123123123",
        "112233445566",
        "121212121212",
        "098765432109",
        "987654321098",
        "password1234",
        "password12345",
        "password123456",
        "passwordpassword",
        "mypassword123",
        "newpassword123",
        "qwertyuiop123",
        "qwertyuiop12",
        "qwertyuiopas",
        "qwertyuiopasdf",
        "qwertyqwerty",
        "qwerty123456",
        "qwerty1234567",
        "asdfghjkl123",
        "1qaz2wsx3edc",
        "1qaz2wsx3edc4rfv",
        "zaq12wsxcde3",
        "q1w2e3r4t5y6",
        "1q2w3e4r5t6y",
        "qazwsxedcrfv",
        "qazwsx123456",
        "abcdefghijkl",
        "abcdefg12345",
        "abcd12345678",
        "abc123456789",
        "a1b2c3d4e5f6",
        "aaaa11111111",
        "iloveyou1234",
        "iloveyou5201314",
        "woaini5201314",
        "woaini1314520",
        "woaini123456",
        "5201314520131",
        "52013145201314",
        "letmein12345",
        "letmeinletmein",
        "welcome12345",
        "welcome123456",
        "administrator",
        "admin1234567",
        "admin12345678",
        "adminadmin123",
        "administrator1",
        "changeme1234",
        "changemechangeme",
        "trustno1trustno1",
        "superman12345",
        "sunshine1234",
        "princess1234",
        "football1234",
        "baseball1234",
        "dragon123456",
        "monkey123456",
        "master123456",
        "correcthorsebatterystaple",
        "passport1234",
        "productpassport",
        "digitalpassport",
        "zhongguo1234",
        "beijing12345",
        "shanghai1234",
    ]
)

Choice = TypeVar("Choice", Role, Scope)


def fold_login_name(text: str) -> str:
    """How a typed login name is compared: bounded, NFKC, case folded, without blanks at the ends. Never fails."""
    return unicodedata.normalize("NFKC", text[:MAX_TYPED_NAME]).strip().casefold()


def parse_login_name(text: str) -> str:
    """A login name in its one spelling: 3–64 of a–z, 0–9 and . _ @ + - inside. Raises Malformed("bad_login_name")."""
    name = fold_login_name(text)
    if _LOGIN_NAME.fullmatch(name) is None:
        raise Malformed("bad_login_name", "A login name is 3 to 64 of a-z, 0-9 and . _ @ + - inside.")
    return name


def parse_display_name(text: str) -> str:
    """A person's name, or a token's, as it is shown: 1–80 characters on one line. Raises Malformed("bad_name")."""
    name = " ".join(unicodedata.normalize("NFC", text[: 4 * MAX_NAME]).split())
    if not 1 <= len(name) <= MAX_NAME or any(unicodedata.category(c) in _LINE_BREAKERS for c in name):
        raise Malformed("bad_name", f"A name is 1 to {MAX_NAME} printable characters on one line.")
    return name


def normalise_password(text: str) -> str:
    """The characters that are hashed: NFC, so that two keyboards type one password (RFC 8265). Never fails."""
    return unicodedata.normalize("NFC", text[: MAX_PASSWORD_BYTES + 1])


def parse_new_password(text: str, *, login_name: str) -> str:
    """A password that may be set. Raises Malformed: password_too_short, password_too_long, password_too_common."""
    password = normalise_password(text)
    try:
        size = len(password.encode())
    except UnicodeEncodeError:
        raise Malformed("bad_password", "The password holds half a character. Type it again.") from None
    if size > MAX_PASSWORD_BYTES or len(text) > MAX_PASSWORD_BYTES:
        raise Malformed("password_too_long", f"A password has at most {MAX_PASSWORD_BYTES} bytes.")
    if len(password) < MIN_PASSWORD_CHARACTERS:
        raise Malformed("password_too_short", f"A password has at least {MIN_PASSWORD_CHARACTERS} characters.")
    plain = "".join(c for c in password.casefold() if c.isalnum())
    name = "".join(c for c in login_name.casefold() if c.isalnum())
    if len(set(password)) < 5 or plain in _COMMON or plain.strip("0123456789") in ("", name) or plain == name * 2:
        raise Malformed("password_too_common", "That password is one of the first that are tried. Take another.")
    return password


def parse_kind(text: str) -> OrganisationKind:
    """Raises Malformed("bad_kind")."""
    try:
        return OrganisationKind(text)
    except ValueError:
        raise Malformed("bad_kind", f"A kind is one of {', '.join(OrganisationKind)}.") from None


def parse_roles(texts: Iterable[str]) -> frozenset[Role]:
    """One or more roles. Raises Malformed("bad_roles")."""
    return _choices(texts, Role, "bad_roles")


def parse_scopes(texts: Iterable[str]) -> frozenset[Scope]:
    """One or more scopes. Raises Malformed("bad_scopes")."""
    return _choices(texts, Scope, "bad_scopes")


def _choices(texts: Iterable[str], kind: type[Choice], code: str) -> frozenset[Choice]:
    known = {str(choice): choice for choice in kind}
    found = {known.get(text) for text in texts}
    if not found or None in found:
        raise Malformed(code, f"Choose one or more of {', '.join(known)}.")
    return frozenset(choice for choice in found if choice is not None)


def parse_days(text: str) -> int:
    """Whole days from 1 to 366. Raises Malformed("bad_days")."""
    if not (text.isascii() and text.isdigit() and len(text) <= 3 and 1 <= int(text) <= MAX_DAYS):
        raise Malformed("bad_days", f"Days are a whole number from 1 to {MAX_DAYS}.")
    return int(text)
