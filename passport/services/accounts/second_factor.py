# SPDX-License-Identifier: Apache-2.0
"""The second factor: codes of an authenticator app (TOTP, RFC 6238) and recovery codes. Each works once."""

from __future__ import annotations

import base64
import re
import secrets
from datetime import datetime

import pyotp

from passport.services.accounts.kit import is_same, secret_digest

STEP_SECONDS = 30
_WINDOW = 1  # steps to either side: clocks differ, and people type slowly
RECOVERY_CODES = 10
_CODE = re.compile(r"[0-9]{6}", re.ASCII)
_BLANKS = re.compile(r"[\s-]+")


def new_totp_secret() -> str:
    """160 random bits in base32."""
    return pyotp.random_base32()


def find_step(totp_secret: str, code: str, now: datetime, *, after: int) -> int | None:
    """The time step that the typed code is right for and that is later than `after`; None if there is none."""
    typed = _BLANKS.sub("", code)
    if _CODE.fullmatch(typed) is None:
        return None
    app = pyotp.TOTP(totp_secret)
    current = int(now.timestamp()) // STEP_SECONDS
    steps = range(current - _WINDOW, current + _WINDOW + 1)
    right = [step for step in steps if is_same(app.generate_otp(step).encode(), typed.encode())]
    return next((step for step in right if step > after), None)


def provisioning_uri(totp_secret: str, *, login_name: str, issuer: str) -> str:
    """The otpauth: address that an authenticator app reads from a QR symbol."""
    return pyotp.TOTP(totp_secret).provisioning_uri(name=login_name, issuer_name=issuer)


def new_recovery_codes() -> list[str]:
    """Ten codes of 80 random bits, as people copy them: four groups of four."""
    return [_grouped(base64.b32encode(secrets.token_bytes(10)).decode()) for _ in range(RECOVERY_CODES)]


def recovery_digest(typed: str) -> bytes:
    """What is stored of a recovery code, whatever blanks, hyphens and case it is typed with."""
    return secret_digest("recovery\n" + _BLANKS.sub("", typed).upper())


def _grouped(code: str) -> str:
    return "-".join(code[at : at + 4] for at in range(0, len(code), 4))
