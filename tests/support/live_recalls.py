# SPDX-License-Identifier: Apache-2.0
"""Recalls on the live registry: of lots that no code is of, so that the verdicts of other tests stay what they are."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING

from tests.support.live_shop import shop_client
from verifier.listing_types import ListingInput, Seller

if TYPE_CHECKING:
    from tests.support.live_registry import Live
    from verifier.client import ApiClient

NOTICE = Path(__file__).resolve().parents[2] / "examples" / "recall-power-bank.toml"
ISSUER = "powerbank"


def publish_recall(live: Live, number: str, lot: str) -> None:
    """By the maker's own command."""
    maker = {"PASSPORT_ISSUER": ISSUER, "PASSPORT_KEY": str(live.process.directory / f"{ISSUER}.key")}
    scope = ("--gtin", live.gtin, "--lot", lot)
    live.process.must("recall", "publish", str(NOTICE), "--number", number, *scope, "--yes", **maker)


def enter_listing(live: Live, number: str, lot: str) -> str:
    """A draft of one lot; its id."""
    url = f"https://shop.example.cn/recalled/{number}"
    value = ListingInput(url, Seller("s-1", "某某旗舰店"), live.gtin, (lot,))
    return shop_client(live).create_listing(value, key=f"live-recalled-{number}").id


def wait_for_state(client: ApiClient, listing: str, state: str, seconds: float) -> float:
    """How long it took."""
    began = time.monotonic()
    while client.find_listing(listing).state != state:
        assert time.monotonic() - began < seconds, client.find_listing(listing)
        time.sleep(0.05)
    return time.monotonic() - began


def fill_recalls(live: Live) -> None:
    """One recall with a case of the shop."""
    client = shop_client(live)
    listing = enter_listing(live, "1", "L9")
    publish_recall(live, "live-1", "L9")
    wait_for_state(client, listing, "stop_sale", 10)
    deadline = time.monotonic() + 10
    while not (cases := [one for one in client.list_recall_cases().cases if one.pushed_at is not None]):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    live.shop["CASE"] = cases[0].id
    live.shop |= {"RECALL": f"{ISSUER}/live-1", "RECALL_NUMBER": "live-1"}
