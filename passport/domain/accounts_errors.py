# SPDX-License-Identifier: Apache-2.0
"""What can go wrong with accounts; passport/web turns each class into a status.

AccountError
├── SignInRefused      422  name or password, or the code, is wrong: never says which name exists
├── TooManyAttempts    429  wait `retry_after_seconds`
├── InvalidToken       401  no such token, revoked, expired: never says which
├── NotAllowed         403  known, and may not
├── UnknownObject      404  not here, or another organisation's: never says which
├── Conflict           409  it would break a rule that holds over several rows
└── TooBusy            503  more people sign in at once than this machine can hash passwords for
"""

from __future__ import annotations

from passport.domain.errors import PassportError


class AccountError(PassportError):
    """Base of the errors of accounts."""

    exit_code = 4


class SignInRefused(AccountError):
    """Codes: sign_in_refused, code_refused, sign_in_again, password_refused."""


class TooManyAttempts(AccountError):
    """Code: too_many_attempts."""

    def __init__(self, retry_after_seconds: int) -> None:
        super().__init__("too_many_attempts", f"Too many attempts. Try again in {retry_after_seconds} seconds.")
        self.retry_after_seconds = retry_after_seconds


class InvalidToken(AccountError):
    """Code: invalid_token."""

    def __init__(self) -> None:
        super().__init__(
            "invalid_token", "The token is not good: unknown, revoked or expired. Make one in the console."
        )


class NotAllowed(AccountError):
    """Codes: scope_missing, role_missing, person_needed."""


class UnknownObject(AccountError):
    """Codes: unknown_person, unknown_token, unknown_organisation, unknown_invitation."""


class Conflict(AccountError):
    """Codes: last_owner, login_name_taken, token_name_taken, organisation_exists, member_not_active, too_many_…"""


class TooBusy(AccountError):
    """Code: too_busy."""
