# SPDX-License-Identifier: Apache-2.0
"""A shop on the live registry: an owner's token, a refused listing with appeals, and the files that examples send."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING

import pyotp

from passport.bootstrap_accounts import open_accounts_alone
from passport.domain.accounts import OrganisationKind, Principal, Role, Scope
from passport.services.accounts import Accounts
from passport.services.accounts.kit import Visitor
from passport.settings import load_settings
from tests.support.console_client import join_officer
from verifier.client import ApiClient
from verifier.listing_types import AppealInput, ListingInput, Seller
from verifier.wire import write_wire

if TYPE_CHECKING:
    from tests.support.live_registry import Live
    from tests.support.registry_process import RegistryProcess

PASSWORD = "three calm otters swim"


def make_shop_tokens(process: RegistryProcess) -> dict[str, str]:
    """The shop's token for all calls, one that ends itself, its member's id; and the token of the maker of the codes.

    Made at the registry's machine while nobody serves the directory.
    """
    process.stop()
    opened = open_accounts_alone(load_settings(process.directory / "registry"))
    try:
        shop = _join(opened.accounts, "shop-b", OrganisationKind.PLATFORM, "li.wei")
        maker = _join(opened.accounts, "powerbank", OrganisationKind.MAKER, "wang.fang")
        made = (
            ("PASSPORT_TOKEN", shop, "examples"),
            ("OLD_TOKEN", shop, "to be revoked"),
            ("MAKER_TOKEN", maker, "examples"),
        )
        tokens = opened.accounts.tokens
        texts = {variable: tokens.create(who, name, frozenset(Scope), 30).text for variable, who, name in made}
        return texts | {"MEMBER": shop.member, "SESSION": join_officer(opened.accounts, "shop-b", "zhao.min")}
    finally:
        opened.close()
        process.serve()


def _join(accounts: Accounts, organisation: str, kind: OrganisationKind, login_name: str) -> Principal:
    """A new organisation's owner, signed in."""
    accounts.organisations.add(organisation, kind, "某某公司", f"{organisation} Ltd.")
    _, code = accounts.organisations.invite(organisation, login_name, frozenset({Role.OWNER}))
    accounts.accepting.take_name_and_password(code, login_name, login_name, PASSWORD)
    totp = pyotp.TOTP(accounts.accepting.get_draft(code).totp_secret)
    joined = accounts.accepting.take_code(code, totp.now(), Visitor("192.0.2.7", "", "live-shop-0001"))
    principal = accounts.sign_in.find_principal(joined.signed_in.session)
    assert principal is not None
    return principal


def shop_client(live: Live) -> ApiClient:
    return ApiClient(live.url, token=live.shop["PASSPORT_TOKEN"])


def fill_shop(live: Live) -> None:
    """Its passport names a certificate of which nobody speaks in the ledger: the gate refuses the listing."""
    client = shop_client(live)
    seller, code = Seller("s-1", "某某旗舰店"), live.codes[9]
    first = ListingInput("https://shop.example.cn/item/1", seller, live.gtin, ("L1",), (code,))
    listing = client.create_listing(first, key="live-listing-1").id
    decisions = [client.bind_listing(listing, key=f"live-binding-{number}").id for number in range(3)]
    appeals = [
        client.open_appeal(decision, AppealInput("Look again.", False), key=f"live-appeal-{decision}").id
        for decision in decisions[:2]
    ]
    for name, url in (("listing.json", "https://shop.example.cn/item/2"), ("changed.json", first.url)):
        value = ListingInput(url, seller, live.gtin, ("L1", "L2"), (code,))
        (live.folder / name).write_text(json.dumps(write_wire(value), ensure_ascii=False), encoding="utf-8")
    rows = "".join(f"https://shop.example.cn/csv/{number},s,n,{live.gtin},L1\n" for number in range(5))
    data = f"url,seller_id,seller_name,gtin,lots\n{rows}".encode()
    (live.folder / "listings.csv").write_bytes(data)
    live.shop |= {
        "LISTING": listing,
        "DECISION": decisions[0],
        "OTHER_DECISION": decisions[2],
        "APPEAL": appeals[0],
        "APPEAL_TO_CLOSE": appeals[1],
        "IMPORT": wait_for_import(client, client.upload_import(data).id, "ready"),
    }


def wait_for_import(client: ApiClient, import_id: str, state: str) -> str:
    deadline = time.monotonic() + 20
    while client.find_import(import_id).state != state:
        assert time.monotonic() < deadline, client.find_import(import_id)
        time.sleep(0.05)
    return import_id
