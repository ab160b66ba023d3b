# SPDX-License-Identifier: Apache-2.0
"""A badge on the live registry: the platform's key in the ledger, and a token for the shop's listing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.support.live_shop import shop_client
from tests.support.platforms import admit_platform, load_signer, sign_badge

if TYPE_CHECKING:
    from tests.support.live_registry import Live


def fill_badges(live: Live) -> None:
    signer = load_signer(live.process, admit_platform(live.process))
    listing = shop_client(live).find_listing(live.shop["LISTING"])
    live.shop["BADGE_TOKEN"] = sign_badge(signer, live.process.origin, listing)
