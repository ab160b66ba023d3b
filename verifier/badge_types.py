# SPDX-License-Identifier: Apache-2.0
"""What the calls about badges of listings answer, as frozen values: docs/badge.md says what they mean."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Literal, TypeAlias

from verifier.api_types import Count, Cursor, Gtin, LotStatus
from verifier.listing_types import Seller, Uuid
from verifier.wire import Bound, JsonObject

MinuteText: TypeAlias = Annotated[str, Bound("[0-9A-HJKMNP-TV-Z]{4}")]
Says: TypeAlias = Literal["good", "recalled", "stop_sale", "not_logged", "unknown"]
Page: TypeAlias = Literal["right", "foreign_origin", "another_page", "no_page", "not_checked"]
AlertReason: TypeAlias = Literal["foreign_origin", "another_page", "no_page"]


@dataclass(frozen=True, slots=True)
class ListingBadgeDisplay:
    """How a badge shows it, in one language."""

    status: Says
    colour: Literal["red", "amber", "grey", "green"]
    icon: str
    title: str
    sentence: str
    notices: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class BadgeMinuteCode:
    """The code of this minute, and for how many seconds it is."""

    text: MinuteText
    seconds_left: Count


@dataclass(frozen=True, slots=True)
class BadgeListing:
    """What the badge is about. `url` where the server knows it; `product` is the short name."""

    platform: str
    id: str
    seller: Seller
    gtin: Gtin
    lot: str | None = None
    product: str | None = None
    url: str | None = None


@dataclass(frozen=True, slots=True)
class ListingBadgeStatus:
    """Whoever draws a badge shows `display`, and green for `seconds_left` at most. `reason` is a stable code."""

    status: Says
    reason: str
    page: Page
    checked_at: datetime
    checked_text: str
    seconds_left: Count
    display: ListingBadgeDisplay
    listing: BadgeListing | None = None
    code: BadgeMinuteCode | None = None
    verdict: LotStatus | None = None
    json_ld: JsonObject | None = None


@dataclass(frozen=True, slots=True)
class OEmbed:
    """oEmbed 1.0, type rich."""

    version: Literal["1.0"]
    type: Literal["rich"]
    title: str
    provider_name: str
    provider_url: str
    cache_age: Count
    html: str
    width: Count
    height: Count


@dataclass(frozen=True, slots=True)
class BadgeAlert:
    """A badge in a place that is not its own: where, since when, how often, and when the platform marked it as seen."""

    id: Uuid
    listing: Uuid
    reason: AlertReason
    place: str
    first_seen_at: datetime
    last_seen_at: datetime
    count: Count
    marked_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class BadgeAlertPage:
    """The newest place first. `next` is the cursor of the page after this one; absent on the last."""

    alerts: tuple[BadgeAlert, ...]
    next: Cursor | None = None
