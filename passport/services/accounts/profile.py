# SPDX-License-Identifier: Apache-2.0
"""What members change about their own sign-in: password, second factor, recovery codes. Each asks for the password."""

from __future__ import annotations

from dataclasses import replace

from passport.domain.accounts import Credentials, Principal
from passport.domain.accounts_audit import Action
from passport.domain.accounts_errors import SignInRefused
from passport.domain.accounts_input import normalise_password, parse_new_password
from passport.services.accounts.attempts import PER_NAME, Counter, reserve
from passport.services.accounts.kit import Kit, note
from passport.services.accounts.ports import Books
from passport.services.accounts.second_factor import find_step, new_recovery_codes, new_totp_secret, recovery_digest
from passport.services.accounts.sign_in import SignIn


class Profile:
    """About the person who asks, never about another; a token is refused."""

    def __init__(self, kit: Kit, sign_in: SignIn) -> None:
        self._kit, self._sign_in = kit, sign_in

    def count_recovery_codes(self, principal: Principal) -> int:
        """How many are left."""
        principal.require_person()
        with self._kit.business.read() as books:
            return books.credentials.count_recovery_codes(principal.member)

    def change_password(self, principal: Principal, old: str, new: str) -> str:
        """Ends every other session; returns the secret of the new one. Raises SignInRefused, Malformed, TooBusy."""
        checked = self._check(principal, old)
        with self._kit.business.read() as books:
            member = books.members.find_in(principal.organisation, principal.member)
        new_hash = self._kit.hasher.hash(parse_new_password(new, login_name=member.login_name if member else ""))
        with self._kit.business.write() as books:
            current = self._unchanged(books, principal, checked)
            books.credentials.put(principal.member, replace(current, password_hash=new_hash))
            # Known browsers stay known: their cookie opens nothing, it only keeps strangers' failures apart.
            note(books, principal, Action.PASSWORD_CHANGED, ("member", principal.member), self._kit.now())
            return self._sign_in.renew(books, principal)

    def begin_second_factor(self, principal: Principal, password: str) -> None:
        """Makes a new TOTP secret that counts once its first code is typed; until then the old one does."""
        checked = self._check(principal, password)
        with self._kit.business.write() as books:
            current = self._unchanged(books, principal, checked)
            books.credentials.put(principal.member, replace(current, next_totp_secret=new_totp_secret()))

    def find_next_totp_secret(self, principal: Principal) -> str:
        """The secret that waits for its first code; "" if none does."""
        principal.require_person()
        with self._kit.business.read() as books:
            credentials = books.credentials.find(principal.member)
        return credentials.next_totp_secret if credentials else ""

    def finish_second_factor(self, principal: Principal, code: str) -> tuple[str, list[str]]:
        """Returns the secret of a new session, and new recovery codes. Raises SignInRefused("code_refused")."""
        principal.require_person()
        now, codes = self._kit.now(), new_recovery_codes()
        with self._kit.business.write() as books:
            credentials = books.credentials.find(principal.member)
            waiting = credentials.next_totp_secret if credentials else ""
            step = find_step(waiting, code, now, after=0) if waiting else None
            if credentials is None or step is None:
                raise SignInRefused("code_refused", "The code is wrong. Wait for the next one and type that.")
            books.credentials.put(principal.member, Credentials(credentials.password_hash, waiting, step))
            books.credentials.replace_recovery_codes(principal.member, map(recovery_digest, codes))
            note(books, principal, Action.SECOND_FACTOR_CHANGED, ("member", principal.member), now)
            return self._sign_in.renew(books, principal), codes

    def new_recovery_codes(self, principal: Principal, password: str) -> list[str]:
        """Ten new codes in place of the old ones, shown this once. Raises SignInRefused."""
        checked, codes = self._check(principal, password), new_recovery_codes()
        with self._kit.business.write() as books:
            self._unchanged(books, principal, checked)
            books.credentials.replace_recovery_codes(principal.member, map(recovery_digest, codes))
            note(books, principal, Action.RECOVERY_CODES_MADE, ("member", principal.member), self._kit.now())
        return codes

    def _check(self, principal: Principal, password: str) -> Credentials:
        """The password once more: somebody may have found an unlocked screen. Counted by session and member."""
        principal.require_person()
        key = self._kit.digest("profile", principal.member)
        with self._kit.business.write() as books:
            reserve(books, [Counter(key, PER_NAME)], self._kit.now())
            credentials = books.credentials.find(principal.member)
        stored = credentials.password_hash if credentials else None
        is_right = self._kit.hasher.verify(stored, normalise_password(password))
        if credentials is None or not is_right:
            raise SignInRefused("password_refused", "That is not your password.")
        with self._kit.business.write() as books:
            books.attempts.forget(key)
        return credentials

    def _unchanged(self, books: Books, principal: Principal, checked: Credentials) -> Credentials:
        current = books.credentials.find(principal.member)
        if current is None or current.password_hash != checked.password_hash:
            raise SignInRefused("sign_in_again", "Your password was changed elsewhere. Sign in again.")
        return current
