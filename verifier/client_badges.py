# SPDX-License-Identifier: Apache-2.0
"""The client's calls about badges of listings. `token` is the badge's own: docs/spec/badge-token.md."""

from __future__ import annotations

from typing import TypeVar
from urllib.parse import quote, urlencode

from verifier.badge_types import BadgeAlertPage, ListingBadgeStatus, OEmbed
from verifier.fetch import Reply

T = TypeVar("T")


class BadgeCalls:
    """Mixed into ApiClient."""

    def listing_badge_status(self, token: str, *, language: str = "zh") -> ListingBadgeStatus:
        """What the badge says just now; show green for `seconds_left` at most."""
        path = f"/badge/listing/{quote(token, safe='')}/status?{urlencode({'lang': language})}"
        return self._read(ListingBadgeStatus, self._send("GET", path))

    def oembed(self, url: str, *, maxwidth: int | None = None, maxheight: int | None = None) -> OEmbed:
        """How to embed the badge whose address, or whose page's address, this is."""
        sizes = {"maxwidth": maxwidth, "maxheight": maxheight}
        query = {"url": url, "format": "json"} | {name: str(size) for name, size in sizes.items() if size is not None}
        return self._read(OEmbed, self._send("GET", f"/oembed?{urlencode(query)}"))

    def list_badge_alerts(
        self, *, listing: str | None = None, limit: int = 50, cursor: str | None = None
    ) -> BadgeAlertPage:
        """One page; `next` of it is the cursor of the page after."""
        query = {"limit": str(limit)}
        query |= {name: value for name, value in (("listing", listing), ("cursor", cursor)) if value is not None}
        return self._read(BadgeAlertPage, self._send("GET", f"/api/v1/badge-alerts?{urlencode(query)}"))

    def _read(self, kind: type[T], reply: Reply) -> T:
        raise NotImplementedError

    def _send(self, method: str, path: str, body: bytes | None = None, media_type: str = "", key: str = "") -> Reply:
        raise NotImplementedError
