# SPDX-License-Identifier: Apache-2.0
"""Signing in: one answer for every wrong pair, waits that grow and end, codes that work once, sessions that end."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from passport.domain.accounts import OrganisationState
from passport.domain.accounts_errors import SignInRefused, TooManyAttempts
from passport.passwords import PasswordHasher
from passport.services.accounts import make_accounts
from passport.services.accounts.attempts import PER_ADDRESS, PER_NAME
from passport.services.accounts.kit import Visitor
from tests.support.accounts import ANYWHERE, PASSWORD, AccountsSite, Cast, Clock, make_cast, open_site


class CountingHasher(PasswordHasher):
    """The real hasher, which also counts how often it was made to work."""

    def __init__(self) -> None:
        super().__init__(time_cost=1, memory_kib=64, lanes=1)
        self.calls: list[str] = []

    def verify(self, password_hash: str | None, password: str) -> bool:
        self.calls.append("verify")
        return super().verify(password_hash, password)

    def hash(self, password: str) -> str:
        self.calls.append("hash")
        return super().hash(password)


def refusal(site: AccountsSite, name: str, password: str, visitor: Visitor = ANYWHERE) -> tuple[str, str]:
    with pytest.raises((SignInRefused, TooManyAttempts)) as refused:
        site.accounts.sign_in.begin(name, password, visitor)
    return refused.value.code, str(refused.value)


def test_password_and_code_open_a_session_of_the_own_organisation(cast: Cast) -> None:
    cast.shop.sign_in()
    principal = cast.shop.principal
    assert (principal.organisation, principal.member) == ("shop-b", cast.shop.member)


@pytest.mark.parametrize("name", ["ANNA", "  anna ", "ａｎｎａ"])
def test_a_name_is_found_however_it_is_typed(cast: Cast, name: str) -> None:
    assert cast.site.accounts.sign_in.begin(name, PASSWORD, ANYWHERE)


def test_wrong_password_unknown_name_disabled_and_suspended_cannot_be_told_apart(cast: Cast) -> None:
    site = cast.site
    helper = site.join("maker-a", "dora")
    site.accounts.members.disable(cast.maker.principal, helper.member)
    site.accounts.organisations.set_state("shop-b", OrganisationState.SUSPENDED)
    hasher = CountingHasher()
    site.accounts = make_accounts(replace(site.kit, hasher=hasher))
    pairs = [
        ("anna", "wrong"),
        ("nobody", PASSWORD),
        ("dora", PASSWORD),
        ("bert", PASSWORD),
        ("", ""),
        ("\0\ud800", "x"),
    ]
    answers = set()
    for name, password in pairs:
        hasher.calls.clear()
        answers.add((refusal(site, name, password), tuple(hasher.calls)))
    assert answers == {(("sign_in_refused", "The name or the password is wrong."), ("verify",))}


@pytest.mark.parametrize("name", ["anna", "nobody"])
def test_the_wait_grows_and_ends_for_known_and_unknown_names_alike(cast: Cast, name: str) -> None:
    site, waits = cast.site, []
    for _ in range(PER_NAME.free - 1):
        assert refusal(site, name, "wrong")[0] == "sign_in_refused"
    for number in range(12):
        visitor = replace(ANYWHERE, address=f"198.51.100.{number}")
        assert refusal(site, name, "wrong", visitor)[0] == "sign_in_refused"
        with pytest.raises(TooManyAttempts) as refused:
            site.accounts.sign_in.begin(name, PASSWORD, visitor)
        waits.append(refused.value.retry_after_seconds)
        site.clock.turn(seconds=waits[-1])
    assert waits == [4, 8, 16, 32, 64, 128, 256, 512, 900, 900, 900, 900]
    if name == "anna":
        waiting = site.accounts.sign_in.begin(name, PASSWORD, ANYWHERE)
        assert site.accounts.sign_in.finish(waiting, cast.maker.code(), ANYWHERE)
        assert refusal(site, name, "wrong")[0] == "sign_in_refused"
        assert site.accounts.sign_in.begin(name, PASSWORD, ANYWHERE), "a good sign-in forgives what was before"


def test_attempts_while_waiting_do_not_prolong_the_wait(cast: Cast) -> None:
    for _ in range(PER_NAME.free):
        refusal(cast.site, "anna", "wrong")
    for _ in range(50):
        assert refusal(cast.site, "anna", "wrong")[0] == "too_many_attempts"
    cast.site.clock.turn(seconds=4)
    assert cast.site.accounts.sign_in.begin("anna", PASSWORD, ANYWHERE)


def test_a_stranger_cannot_keep_a_victim_out_of_a_browser_that_knows_them(cast: Cast) -> None:
    for number in range(20):
        cast.site.clock.turn(seconds=900)
        refusal(cast.site, "anna", "wrong", replace(ANYWHERE, address=f"203.0.113.{number}"))
    assert refusal(cast.site, "anna", PASSWORD)[0] == "too_many_attempts"
    known = replace(ANYWHERE, device=cast.maker.device)
    waiting = cast.site.accounts.sign_in.begin("anna", PASSWORD, known)
    assert cast.site.accounts.sign_in.finish(waiting, cast.maker.code(), known)


def test_a_known_browser_is_no_way_round_the_wait(cast: Cast) -> None:
    known = replace(ANYWHERE, device=cast.maker.device)
    for _ in range(PER_NAME.free):
        assert refusal(cast.site, "anna", "wrong", known)[0] == "sign_in_refused"
    assert refusal(cast.site, "anna", PASSWORD, known)[0] == "too_many_attempts"
    assert refusal(cast.site, "bert", "wrong", known)[0] == "sign_in_refused", "it is nothing to another's name"


def test_an_owner_lets_in_somebody_who_is_kept_out(cast: Cast) -> None:
    helper = cast.site.join("maker-a", "dora")
    code = cast.site.accounts.members.make_link(cast.maker.principal, helper.member)
    again = cast.site.accept("maker-a", helper.member, code, "dora")
    assert again.principal.member == helper.member
    assert cast.site.accounts.sign_in.find_principal(helper.session) is None


def test_one_address_that_tries_many_names_has_to_wait_and_others_do_not(cast: Cast) -> None:
    for number in range(PER_ADDRESS.free):
        assert refusal(cast.site, f"name{number}", "wrong")[0] == "sign_in_refused"
    assert refusal(cast.site, "anna", PASSWORD)[0] == "too_many_attempts"
    assert cast.site.accounts.sign_in.begin("anna", PASSWORD, replace(ANYWHERE, address="198.51.100.1"))


def test_all_addresses_of_one_ipv6_customer_count_together(cast: Cast) -> None:
    for number in range(PER_ADDRESS.free):
        refusal(cast.site, f"name{number}", "wrong", replace(ANYWHERE, address=f"2001:db8::{number:x}"))
    elsewhere = replace(ANYWHERE, address="2001:db8::ffff:1")
    assert refusal(cast.site, "anna", PASSWORD, elsewhere)[0] == "too_many_attempts"


def test_the_wait_survives_a_restart(tmp_path: Path) -> None:
    clock = Clock()
    with open_site(tmp_path, clock=clock) as site:
        make_cast(site)
        for _ in range(PER_NAME.free):
            refusal(site, "anna", "wrong")
    with open_site(tmp_path, clock=clock) as site:
        assert refusal(site, "anna", PASSWORD)[0] == "too_many_attempts"


def test_a_code_works_once(cast: Cast) -> None:
    site, maker = cast.site, cast.maker
    site.clock.turn(seconds=60)
    code = maker.code()
    first = site.accounts.sign_in.begin("anna", PASSWORD, ANYWHERE)
    second = site.accounts.sign_in.begin("anna", PASSWORD, ANYWHERE)
    assert site.accounts.sign_in.finish(first, code, ANYWHERE)
    with pytest.raises(SignInRefused, match="used before"):
        site.accounts.sign_in.finish(second, code, ANYWHERE)


def test_the_code_that_set_the_account_up_is_used_up(cast: Cast) -> None:
    waiting = cast.site.accounts.sign_in.begin("anna", PASSWORD, ANYWHERE)
    with pytest.raises(SignInRefused, match="used before"):
        cast.site.accounts.sign_in.finish(waiting, cast.maker.code(), ANYWHERE)


def test_a_recovery_code_works_once_in_any_spelling(cast: Cast) -> None:
    sign_in, code = cast.site.accounts.sign_in, cast.maker.recovery_codes[3]
    waiting = sign_in.begin("anna", PASSWORD, ANYWHERE)
    assert sign_in.finish(waiting, f" {code.lower().replace('-', ' ')} ", ANYWHERE).used_recovery_code
    waiting = sign_in.begin("anna", PASSWORD, ANYWHERE)
    with pytest.raises(SignInRefused):
        sign_in.finish(waiting, code, ANYWHERE)


def test_another_members_recovery_code_is_worth_nothing(cast: Cast) -> None:
    waiting = cast.site.accounts.sign_in.begin("anna", PASSWORD, ANYWHERE)
    with pytest.raises(SignInRefused):
        cast.site.accounts.sign_in.finish(waiting, cast.shop.recovery_codes[0], ANYWHERE)


def test_five_wrong_codes_end_the_attempt_and_the_next_ones_wait(cast: Cast) -> None:
    sign_in = cast.site.accounts.sign_in
    waiting = sign_in.begin("anna", PASSWORD, ANYWHERE)
    for typed in ("000000", "x", "", "١٢٣٤٥٦", "123456789"):
        with pytest.raises(SignInRefused, match="wrong"):
            sign_in.finish(waiting, typed, ANYWHERE)
    assert not sign_in.is_waiting(waiting)
    with pytest.raises(SignInRefused, match="begin again"):
        sign_in.finish(waiting, cast.maker.code(), ANYWHERE)
    again = sign_in.begin("anna", PASSWORD, replace(ANYWHERE, device=cast.maker.device))
    with pytest.raises(TooManyAttempts):
        sign_in.finish(again, cast.maker.code(), ANYWHERE)


def test_a_session_that_waits_for_its_code_opens_nothing_and_ends_after_ten_minutes(cast: Cast) -> None:
    sign_in = cast.site.accounts.sign_in
    waiting = sign_in.begin("anna", PASSWORD, ANYWHERE)
    assert sign_in.find_principal(waiting) is None
    cast.site.clock.turn(minutes=10)
    with pytest.raises(SignInRefused, match="begin again"):
        sign_in.finish(waiting, cast.maker.code(), ANYWHERE)


def test_the_session_gets_a_new_secret_with_the_code(cast: Cast) -> None:
    cast.site.clock.turn(seconds=60)
    waiting = cast.site.accounts.sign_in.begin("anna", PASSWORD, ANYWHERE)
    done = cast.site.accounts.sign_in.finish(waiting, cast.maker.code(), ANYWHERE)
    assert done.session != waiting
    assert cast.site.accounts.sign_in.find_principal(waiting) is None


def test_a_session_ends_when_it_idles_and_after_seven_days(cast: Cast) -> None:
    find, session = cast.site.accounts.sign_in.find_principal, cast.maker.session
    for _ in range(15):
        cast.site.clock.turn(hours=11)
        assert find(session) is not None
    cast.site.clock.turn(hours=3)
    assert find(session) is None, "168 hours after its beginning"
    cast.maker.sign_in()
    cast.site.clock.turn(hours=12)
    assert find(cast.maker.session) is None


def test_signing_out_everywhere_ends_every_session_of_that_member_alone(cast: Cast) -> None:
    first = cast.maker.session
    second = cast.maker.sign_in()
    cast.site.accounts.sign_in.sign_out_everywhere(cast.maker.principal)
    find = cast.site.accounts.sign_in.find_principal
    assert (find(first), find(second)) == (None, None)
    assert find(cast.shop.session) is not None


def test_a_suspended_organisation_is_out_at_once(cast: Cast) -> None:
    cast.site.accounts.organisations.set_state("maker-a", OrganisationState.SUSPENDED)
    assert cast.site.accounts.sign_in.find_principal(cast.maker.session) is None
    assert cast.site.accounts.sign_in.find_principal(cast.stranger.session) is not None


def test_another_secret_signs_everybody_out_and_breaks_nothing_else(cast: Cast) -> None:
    cast.site.accounts = make_accounts(replace(cast.site.kit, secret=b"n" * 32))
    assert cast.site.accounts.sign_in.find_principal(cast.maker.session) is None
    cast.maker.sign_in()
    assert cast.maker.principal.organisation == "maker-a"


def test_a_hash_with_old_parameters_is_made_anew_at_the_next_sign_in(cast: Cast) -> None:
    with cast.site.business.read() as books:
        before = books.credentials.find(cast.maker.member)
    stronger = PasswordHasher(time_cost=2, memory_kib=128, lanes=1)
    cast.site.accounts = make_accounts(replace(cast.site.kit, hasher=stronger))
    cast.maker.sign_in()
    with cast.site.business.read() as books:
        after = books.credentials.find(cast.maker.member)
    assert before is not None and after is not None
    assert "m=64,t=1,p=1" in before.password_hash
    assert "m=128,t=2,p=1" in after.password_hash
    assert cast.maker.sign_in()


def test_the_default_hash_has_the_low_memory_parameters_of_rfc_9106() -> None:
    assert PasswordHasher().hash("x").startswith("$argon2id$v=19$m=65536,t=3,p=4$")
