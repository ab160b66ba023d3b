# SPDX-License-Identifier: Apache-2.0
"""Tokens that end, invitations that work once, an audit trail that shows what was taken from it, owners that remain."""

from __future__ import annotations

import threading
from datetime import timedelta
from pathlib import Path

import pyotp
import pytest
from sqlalchemy import delete, update

from passport.domain.accounts import MemberState, Principal, Scope
from passport.domain.accounts_audit import AuditFilter
from passport.domain.accounts_errors import AccountError, Conflict, InvalidToken, SignInRefused, UnknownObject
from passport.services.accounts import tokens as token_module
from passport.storage.business.schema import audit_events, organisations
from tests.support.accounts import ANYWHERE, OWNER, PASSWORD, READER, AccountsSite, Cast, make_cast, open_site
from verifier.protocol.errors import Malformed

VERIFY = frozenset({Scope.VERIFY})


def test_a_token_speaks_for_its_organisation_until_it_expires(cast: Cast) -> None:
    tokens = cast.site.accounts.tokens
    new = tokens.create(cast.shop.principal, "shop", VERIFY, 30)
    assert tokens.get_principal(new.text).organisation == "shop-b"
    cast.site.clock.turn(days=30, seconds=-1)
    assert tokens.get_principal(new.text, "r").request_id == "r"
    cast.site.clock.turn(seconds=1)
    with pytest.raises(InvalidToken):
        tokens.get_principal(new.text)


def test_a_revoked_token_is_refused_at_once_and_stays_in_the_list(cast: Cast) -> None:
    tokens, principal = cast.site.accounts.tokens, cast.shop.principal
    new = tokens.create(principal, "shop", VERIFY, 30)
    tokens.revoke(principal, new.token.id)
    with pytest.raises(InvalidToken):
        tokens.get_principal(new.text)
    assert [token.revoked_at for token in tokens.list(principal)] == [cast.site.clock.now]
    assert tokens.create(principal, "shop", VERIFY, 30), "its name is free again"


@pytest.mark.parametrize("name", ["a\0b", "\ud800", "甲"])
def test_an_id_that_no_database_takes_is_one_that_is_not_there(cast: Cast, name: str) -> None:
    accounts, principal = cast.site.accounts, cast.shop.principal
    with pytest.raises(UnknownObject):
        accounts.tokens.revoke(principal, name)
    with pytest.raises(UnknownObject):
        accounts.members.get(principal, name)


def test_the_last_use_is_kept_to_the_minute(cast: Cast) -> None:
    tokens, principal = cast.site.accounts.tokens, cast.shop.principal
    new = tokens.create(principal, "shop", VERIFY, 30)
    assert tokens.list(principal)[0].last_used_at is None
    cast.site.clock.turn(seconds=45)
    tokens.get_principal(new.text)
    first = tokens.list(principal)[0].last_used_at
    assert first == cast.site.clock.now.replace(second=0)
    cast.site.clock.turn(seconds=14)
    tokens.get_principal(new.text)
    assert tokens.list(principal)[0].last_used_at == first
    cast.site.clock.turn(minutes=2)
    tokens.get_principal(new.text)
    assert tokens.list(principal)[0].last_used_at == first + timedelta(minutes=2)


def test_every_bad_token_is_refused_in_the_same_words_after_a_whole_comparison(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    tokens = cast.site.accounts.tokens
    good = tokens.create(cast.shop.principal, "shop", VERIFY, 30).text
    compared: list[int] = []
    same = token_module.is_same
    monkeypatch.setattr(token_module, "is_same", lambda a, b: compared.append(len(a) + len(b)) or same(a, b))
    flipped = good[:-1] + ("A" if good[-1] != "A" else "B")
    unknown = "pp_aaaaaaaa" + good[11:]
    said = set()
    for text in (flipped, unknown):
        with pytest.raises(InvalidToken) as refused:
            tokens.get_principal(text)
        said.add(str(refused.value))
    assert len(said) == 1 and compared == [64, 64]
    for text in ("", good[3:], good + "x", good.upper(), f" {good}", good.replace("pp_", "pp-"), "pp_" + "é" * 52):
        with pytest.raises(InvalidToken):
            tokens.get_principal(text)


def test_no_secret_is_anywhere_on_the_disk(tmp_path: Path) -> None:
    with open_site(tmp_path) as site:
        cast = make_cast(site)
        token = site.accounts.tokens.create(cast.shop.principal, "shop", VERIFY, 30).text
        site.accounts.tokens.get_principal(token)
        member, code = site.accounts.organisations.invite("shop-b", "Eve", READER)
        waiting = site.accounts.sign_in.begin("anna", PASSWORD, ANYWHERE)
        secrets = [token[-43:], code.split(".")[1], waiting, PASSWORD, cast.maker.session, cast.maker.device]
        secrets += cast.maker.recovery_codes + [found.replace("-", "") for found in cast.maker.recovery_codes]
        assert member.state is MemberState.INVITED
    data = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    assert b"anna" in data and cast.maker.totp_secret.encode() in data, "the search itself can find things"
    assert [secret for secret in secrets if secret.encode() in data] == []
    assert all(path.stat().st_mode & 0o077 == 0 for path in tmp_path.glob("business*"))


def test_a_form_that_is_sent_twice_makes_one_token(cast: Cast) -> None:
    cast.site.accounts.tokens.create(cast.shop.principal, "shop", VERIFY, 30)
    with pytest.raises(Conflict, match="in use"):
        cast.site.accounts.tokens.create(cast.shop.principal, "shop", VERIFY, 30)
    assert cast.site.accounts.tokens.create(cast.maker.principal, "shop", VERIFY, 30), "names are each organisation's"


def join_half(site: AccountsSite) -> tuple[str, str]:
    """An invitation whose first step is done. Returns the code and the TOTP secret."""
    _, code = site.accounts.organisations.invite("maker-a", "Eve", OWNER)
    site.accounts.accepting.take_name_and_password(code, "eve", "Eve", PASSWORD)
    return code, site.accounts.accepting.get_draft(code).totp_secret


def test_until_the_first_code_is_right_there_is_no_account(cast: Cast) -> None:
    site = cast.site
    code, secret = join_half(site)
    with pytest.raises(SignInRefused):
        site.accounts.sign_in.begin("eve", PASSWORD, ANYWHERE)
    with pytest.raises(SignInRefused, match="code is wrong"):
        site.accounts.accepting.take_code(code, "000000", ANYWHERE)
    assert site.accounts.accepting.take_code(code, pyotp.TOTP(secret).at(site.clock.now), ANYWHERE)


def test_an_invitation_works_once_within_72_hours_and_a_newer_one_ends_it(cast: Cast) -> None:
    site = cast.site
    code, secret = join_half(site)
    site.accounts.accepting.take_code(code, pyotp.TOTP(secret).at(site.clock.now), ANYWHERE)
    with pytest.raises(UnknownObject, match="was used"):
        site.accounts.accepting.welcome(code)
    member, first = site.accounts.organisations.invite("maker-a", "Fay", OWNER)
    second = site.accounts.members.make_link(cast.maker.principal, member.id)
    for bad in (first, second[:-1], second.split(".")[0], "", ".", "é.x", "\0.x"):
        with pytest.raises(UnknownObject):
            site.accounts.accepting.welcome(bad)
    assert site.accounts.accepting.welcome(second).display_name == "Fay"
    site.clock.turn(hours=72)
    with pytest.raises(UnknownObject):
        site.accounts.accepting.welcome(second)


def test_a_disabled_members_invitation_is_dead(cast: Cast) -> None:
    member, code = cast.site.accounts.members.invite(cast.maker.principal, "Fay", OWNER)
    cast.site.accounts.members.disable(cast.maker.principal, member.id)
    with pytest.raises(UnknownObject):
        cast.site.accounts.accepting.welcome(code)


def test_two_people_cannot_take_one_login_name(cast: Cast) -> None:
    accepting = cast.site.accounts.accepting
    codes = [cast.site.accounts.organisations.invite("maker-a", "Eve", OWNER)[1] for _ in range(2)]
    for code in codes:
        accepting.take_name_and_password(code, "Eve", "Eve", PASSWORD)
    secrets = [accepting.get_draft(code).totp_secret for code in codes]
    accepting.take_code(codes[0], pyotp.TOTP(secrets[0]).at(cast.site.clock.now), ANYWHERE)
    with pytest.raises(Conflict, match="Somebody has that login name"):
        accepting.take_code(codes[1], pyotp.TOTP(secrets[1]).at(cast.site.clock.now), ANYWHERE)


BAD_PASSWORDS = (
    *("short", "x" * 1025, "密" * 342, "aaaaaaaaaaaa"),
    *("Password-1234", "eve-2026-1999", "passwordpassword", "\ud800" * 20),
)


@pytest.mark.parametrize("password", BAD_PASSWORDS, ids=range(len(BAD_PASSWORDS)))
def test_a_bad_password_is_refused_before_it_is_stored(cast: Cast, password: str) -> None:
    _, code = cast.site.accounts.organisations.invite("maker-a", "Eve", OWNER)
    with pytest.raises(Malformed) as refused:
        cast.site.accounts.accepting.take_name_and_password(code, "eve", "Eve", password)
    assert password not in str(refused.value)


def test_changing_the_password_ends_every_other_session(cast: Cast) -> None:
    other = cast.maker.session
    cast.maker.sign_in()
    profile = cast.site.accounts.profile
    with pytest.raises(SignInRefused, match="not your password"):
        profile.change_password(cast.maker.principal, "wrong", "a quite different one")
    new = profile.change_password(cast.maker.principal, PASSWORD, "a quite different one")
    find = cast.site.accounts.sign_in.find_principal
    assert (find(other), find(cast.maker.session)) == (None, None)
    assert find(new) is not None
    with pytest.raises(SignInRefused):
        cast.site.accounts.sign_in.begin("anna", PASSWORD, ANYWHERE)


def test_a_new_app_counts_from_its_first_code_on(cast: Cast) -> None:
    profile, clock = cast.site.accounts.profile, cast.site.clock
    profile.begin_second_factor(cast.maker.principal, PASSWORD)
    secret = profile.find_next_totp_secret(cast.maker.principal)
    assert cast.maker.sign_in(), "until then the old app is right"
    cast.maker.session, codes = profile.finish_second_factor(cast.maker.principal, pyotp.TOTP(secret).at(clock.now))
    assert set(codes).isdisjoint(cast.maker.recovery_codes)
    with pytest.raises(SignInRefused):
        cast.maker.sign_in()
    cast.maker.totp_secret = secret
    assert cast.maker.sign_in()


def test_the_trail_says_who_did_what_and_names_no_person(cast: Cast) -> None:
    new = cast.site.accounts.tokens.create(cast.maker.principal, "line 1", VERIFY, 30)
    page = cast.site.accounts.audit_trail.page(cast.maker.principal, AuditFilter())
    newest = page.events[0].act
    assert (newest.actor, newest.action, newest.object_id) == (cast.maker.member, "token.created", new.token.id)
    assert newest.request_id == "request-0002"
    assert "anna" not in repr(page)


def test_the_trail_is_read_page_by_page_while_it_grows(cast: Cast) -> None:
    trail, principal = cast.site.accounts.audit_trail, cast.maker.principal
    for number in range(7):
        cast.site.accounts.members.invite(principal, f"P{number}", READER)
    seen, before = [], 0
    while True:
        page = trail.page(principal, AuditFilter(before=before), limit=3)
        seen += [event.seq for event in page.events]
        cast.site.accounts.members.invite(principal, "later", READER)
        if not page.next_cursor:
            break
        before = page.next_cursor
    assert seen == list(range(seen[0], 0, -1))
    only = trail.page(principal, AuditFilter(action="member.joined"))
    assert [event.act.action for event in only.events] == ["member.joined"]


DAMAGE = {
    "a row in the middle is gone": delete(audit_events).where(audit_events.c.seq == 2),
    "the last row is gone": delete(audit_events).where(audit_events.c.seq == 4),
    "the first row is gone": delete(audit_events).where(audit_events.c.seq == 1),
    "a row says something else": update(audit_events).where(audit_events.c.seq == 3).values(outcome="undone"),
    "the count was set back too": update(organisations).values(audit_count=3),
}


@pytest.mark.parametrize("damage", sorted(DAMAGE))
def test_a_row_that_was_removed_or_changed_shows(cast: Cast, damage: str) -> None:
    trail, principal = cast.site.accounts.audit_trail, cast.maker.principal
    assert trail.verify(principal).is_whole
    assert trail.verify(principal).count == 4
    with cast.site.business._database.write() as connection:
        connection.execute(DAMAGE[damage])
    report = trail.verify(principal)
    assert not report.is_whole
    assert report.broken_at in {2, 3, 4} or damage.startswith("the first")


def test_two_owners_who_demote_each_other_at_once_leave_one(cast: Cast) -> None:
    site = cast.site
    for round_ in range(6):
        left, right = site.join("shop-b", f"left{round_}"), site.join("shop-b", f"right{round_}")
        site.accounts.members.disable(left.principal, cast.shop.member)
        start, errors = threading.Barrier(2), []

        def demote(me: Principal, other: str, start: threading.Barrier = start, errors: list[str] = errors) -> None:
            start.wait()
            try:
                site.accounts.members.set_roles(me, other, READER)
            except AccountError as error:
                errors.append(error.code)

        pairs = [(left.principal, right.member), (right.principal, left.member)]
        threads = [threading.Thread(target=demote, args=pair) for pair in pairs]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        with site.business.read() as books:
            owners = [member for member in books.members.list_in("shop-b") if member.is_active_owner]
        assert len(owners) == 1
        assert errors in (["not_owner_any_more"], ["last_owner"])
        with site.business.write() as books:
            books.members.set_state(owners[0].id, MemberState.DISABLED)
            books.members.set_state(cast.shop.member, MemberState.ACTIVE)
