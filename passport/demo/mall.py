# SPDX-License-Identifier: Apache-2.0
"""The marketplace's side of the story: listings that the gate lets in or refuses, and a recall that stops a sale."""

from __future__ import annotations

import re
import secrets
import time
from collections.abc import Iterator
from functools import partial

import pyotp

from passport.bootstrap_accounts import open_accounts_alone
from passport.demo.cast import CERTIFICATE_FILE, LABORATORY_ID, MAKERS, DemoMaker, find_examples
from passport.demo.server import DemoFailed
from passport.demo.stage import Stage, Teller
from passport.domain.accounts import Role, Scope
from passport.domain.files import create_file
from passport.services.accounts import Accounts
from passport.services.accounts.kit import Visitor
from passport.settings import load_settings
from verifier.client import ApiClient, ApiError
from verifier.listing_types import ListingInfo, ListingInput, Seller

MALL_ID = "example-mall"
_SELLER = Seller("store-1", "演示旗舰店")
_SAMPLES = 3
_STOP_SECONDS = 30.0
_LINK = re.compile(r"http://\S+/console/invitation/\S+")
_PROGRAM_SCOPES = frozenset({Scope.VERIFY, Scope.LISTINGS_READ, Scope.LISTINGS_WRITE, Scope.RECALLS_READ})


def open_mall(teller: Teller) -> None:
    """The marketplace gets accounts: an invitation for a person, and a program with a token.

    Done while nobody serves the registry's directory, as at an operator's machine.
    """
    teller.chapter("A marketplace gets an account: an invitation for its quality manager, a token for its program.")
    teller.once("mall-account", partial(_make_account, teller))


def _make_account(teller: Teller) -> None:
    stage, directory = teller.stage, str(teller.stage.registry)
    about = ("--kind", "platform", "--name-zh", "演示商城", "--name-en", "Demonstration mall")
    teller.run("organisation", "add", directory, MALL_ID, *about, accept=["organisation_exists"])
    roles = ("--role", "owner", "--role", "chief_quality_officer")
    said = teller.run("member", "invite", directory, MALL_ID, "--name", "质量经理", *roles)
    link = _LINK.search(said)
    if link is None:
        raise DemoFailed("no_invitation", f"The invitation has no link:\n{said}")
    opened = open_accounts_alone(load_settings(stage.registry))
    try:
        token = _join_as_program(opened.accounts)
    finally:
        opened.close()
    for path, text in ((stage.mall_token, token), (stage.mall_link, link[0])):
        path.unlink(missing_ok=True)  # of a run that was interrupted: its token is good for nothing that is shown
        create_file(path, text.encode() + b"\n", mode=0o600)


def _join_as_program(accounts: Accounts) -> str:
    """Plays the colleague who keeps the mall's program: joins, makes one token, and forgets the password."""
    _, code = accounts.organisations.invite(MALL_ID, "演示程序", frozenset({Role.OPERATOR}))
    name = f"program-{secrets.token_hex(4)}"
    accounts.accepting.take_name_and_password(code, name, "演示程序", secrets.token_urlsafe(24))
    totp = pyotp.TOTP(accounts.accepting.get_draft(code).totp_secret)
    joined = accounts.accepting.take_code(code, totp.now(), Visitor())
    principal = accounts.sign_in.find_principal(joined.signed_in.session)
    if principal is None:
        raise DemoFailed("no_session", "The mall's program could not sign in.")
    return accounts.tokens.create(principal, "demonstration", _PROGRAM_SCOPES, 366).text


def sell(teller: Teller) -> None:
    """Every product becomes a listing and asks to be let in. One is refused until a laboratory has spoken."""
    stage = teller.stage
    client = open_client(stage)
    teller.chapter(
        "The marketplace lists four products. Its gate asks the ledger about maker, passport, recalls, samples."
    )
    for maker in MAKERS:
        listing = find_or_create(client, stage, maker)
        decision = client.bind_listing(listing.id, key=_key("bind", maker))
        why = "; ".join(reason.text.en for reason in decision.reasons)
        teller.say(f"  {maker.listing.name_en:<32} {decision.outcome}{': ' + why if why else ''}")
        if decision.outcome == "bound":
            continue
        if [reason.code for reason in decision.reasons] != ["certificate_unknown"]:
            raise DemoFailed("refused", f"The gate refuses {maker.id}: {why}")
        certificate = str(find_examples() / CERTIFICATE_FILE)
        identity = ("--issuer", LABORATORY_ID, "--key", str(stage.key(LABORATORY_ID)))
        teller.run("certificate", "publish", certificate, "--yes", *identity)
        outcome = _bind_until_bound(client, listing, maker)
        teller.say(f"  {maker.listing.name_en:<32} {outcome}, now that its certificate is in the ledger")


def _bind_until_bound(client: ApiClient, listing: ListingInfo, maker: DemoMaker) -> str:
    """The gate reads what is published, which is a witness round behind what was logged."""
    deadline = time.monotonic() + _STOP_SECONDS
    for attempt in range(1_000):
        decision = client.bind_listing(listing.id, key=_key(f"bind-again-{attempt}", maker))
        if decision.outcome == "bound":
            return decision.outcome
        if time.monotonic() > deadline:
            break
        time.sleep(0.3)
    raise DemoFailed("refused", f"The gate still refuses {maker.id}.")


def wait_for_stop(stage: Stage, maker: DemoMaker) -> str:
    """What became of the listing of a recalled lot. Raises DemoFailed if its sale goes on."""
    client = open_client(stage)
    deadline = time.monotonic() + _STOP_SECONDS
    while time.monotonic() < deadline:
        listing = next(client.each_listing(gtin=maker.gtin))
        cases = client.list_recall_cases(state="open").cases
        if listing.state == "stop_sale" and cases and cases[0].deadline_at is not None:
            until = f"{cases[0].deadline_at:%Y-%m-%d %H:%M} UTC"
            return f"sale of {listing.url} is stopped; the mall has until {until} to report"
        time.sleep(0.1)
    raise DemoFailed("sale_goes_on", f"The listing of {maker.id} is not stopped after {_STOP_SECONDS:.0f} s.")


def open_client(stage: Stage) -> ApiClient:
    """The mall's program."""
    return ApiClient(stage.registry_url, token=stage.mall_token.read_text().strip())


def find_or_create(client: ApiClient, stage: Stage, maker: DemoMaker) -> ListingInfo:
    """The listing of a maker's product; there already after an interrupted run."""
    lot = maker.lots[0]
    codes = tuple(stage.read_codes(maker, lot)[:_SAMPLES])
    url = f"https://mall.example.cn/item/{maker.listing.slug}"
    try:
        return client.create_listing(ListingInput(url, _SELLER, maker.gtin, (lot.lot,), codes), key=_key("list", maker))
    except ApiError as error:
        if error.code != "url_taken":
            raise
    return next(client.each_listing(gtin=maker.gtin))


def _key(step: str, maker: DemoMaker) -> str:
    return f"demo-{step}-{maker.listing.slug}"


def console_lines(stage: Stage) -> Iterator[tuple[str, str]]:
    """Where the quality manager signs in: the one-time link of the first run, and the console itself."""
    if stage.mall_link.exists():
        yield "the mall's console", stage.mall_link.read_text().strip()
