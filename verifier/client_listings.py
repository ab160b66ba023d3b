# SPDX-License-Identifier: Apache-2.0
"""The client's calls about listings. Each write takes `key`, 8 to 64 characters that no other request of yours has."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import TypeVar
from urllib.parse import quote, urlencode

from verifier.fetch import Reply
from verifier.listing_types import (
    AppealAnswer,
    AppealClosing,
    AppealInfo,
    AppealInput,
    DecisionInfo,
    DecisionPage,
    ImportInfo,
    ListingInfo,
    ListingInput,
    ListingPage,
)
from verifier.wire import write_wire

T = TypeVar("T")
_JSON = "application/json"
_LISTINGS = "/api/v1/listings"
_IMPORTS = "/api/v1/listing-imports"


class ListingCalls:
    """A part of verifier.client.ApiClient."""

    def _read(self, kind: type[T], reply: Reply) -> T:
        raise NotImplementedError

    def _send(self, method: str, path: str, body: bytes | None = None, media_type: str = "", key: str = "") -> Reply:
        raise NotImplementedError

    def create_listing(self, listing: ListingInput, *, key: str) -> ListingInfo:
        return self._read(ListingInfo, self._send("POST", _LISTINGS, _body(listing), _JSON, key))

    def list_listings(
        self, *, state: str = "", gtin: str = "", search: str = "", limit: int = 50, cursor: str | None = None
    ) -> ListingPage:
        """One page; `next` of it is the cursor of the page after."""
        wanted = {"state": state, "gtin": gtin, "q": search, "cursor": cursor or "", "limit": str(limit)}
        query = urlencode({name: value for name, value in wanted.items() if value})
        return self._read(ListingPage, self._send("GET", f"{_LISTINGS}?{query}"))

    def each_listing(self, *, state: str = "", gtin: str = "", search: str = "") -> Iterator[ListingInfo]:
        """All of them, page by page."""
        cursor: str | None = None
        while True:
            page = self.list_listings(state=state, gtin=gtin, search=search, limit=200, cursor=cursor)
            yield from page.listings
            cursor = page.next
            if cursor is None:
                return

    def find_listing(self, listing: str) -> ListingInfo:
        return self._read(ListingInfo, self._send("GET", f"{_LISTINGS}/{_part(listing)}"))

    def update_listing(self, listing: str, value: ListingInput, *, key: str) -> ListingInfo:
        path = f"{_LISTINGS}/{_part(listing)}"
        return self._read(ListingInfo, self._send("PUT", path, _body(value), _JSON, key))

    def bind_listing(self, listing: str, *, key: str) -> DecisionInfo:
        """What the gate says: `outcome` is bound or refused, with every reason."""
        return self._read(DecisionInfo, self._send("POST", f"{_LISTINGS}/{_part(listing)}/bind", b"", "", key))

    def delist_listing(self, listing: str, *, key: str) -> ListingInfo:
        return self._read(ListingInfo, self._send("POST", f"{_LISTINGS}/{_part(listing)}/delist", b"", "", key))

    def list_decisions(self, listing: str, *, limit: int = 50, cursor: str | None = None) -> DecisionPage:
        query = urlencode({"limit": str(limit)} | ({} if cursor is None else {"cursor": cursor}))
        return self._read(DecisionPage, self._send("GET", f"{_LISTINGS}/{_part(listing)}/decisions?{query}"))

    def find_decision(self, decision: str) -> DecisionInfo:
        return self._read(DecisionInfo, self._send("GET", f"/api/v1/decisions/{_part(decision)}"))

    def open_appeal(self, decision: str, appeal: AppealInput, *, key: str) -> AppealInfo:
        path = f"/api/v1/decisions/{_part(decision)}/appeals"
        return self._read(AppealInfo, self._send("POST", path, _body(appeal), _JSON, key))

    def find_appeal(self, appeal: str) -> AppealInfo:
        return self._read(AppealInfo, self._send("GET", f"/api/v1/appeals/{_part(appeal)}"))

    def answer_appeal(self, appeal: str, text: str, *, key: str) -> AppealInfo:
        path = f"/api/v1/appeals/{_part(appeal)}/answers"
        return self._read(AppealInfo, self._send("POST", path, _body(AppealAnswer(text)), _JSON, key))

    def close_appeal(self, appeal: str, closing: AppealClosing, *, key: str) -> AppealInfo:
        """Refused with person_needed when the appeal asked for a person: a client speaks with a token."""
        path = f"/api/v1/appeals/{_part(appeal)}/close"
        return self._read(AppealInfo, self._send("POST", path, _body(closing), _JSON, key))

    def upload_import(self, data: bytes, *, file_name: str = "listings.csv") -> ImportInfo:
        """Has a CSV file checked; the same bytes are the same import. Ask `find_import` until it is ready."""
        path = f"{_IMPORTS}?{urlencode({'name': file_name})}"
        return self._read(ImportInfo, self._send("POST", path, data, "text/csv"))

    def find_import(self, import_id: str) -> ImportInfo:
        return self._read(ImportInfo, self._send("GET", f"{_IMPORTS}/{_part(import_id)}"))

    def run_import(self, import_id: str, *, key: str) -> ImportInfo:
        """Adds the good rows. Ask `find_import` until it is done."""
        return self._read(ImportInfo, self._send("POST", f"{_IMPORTS}/{_part(import_id)}/run", b"", "", key))


def _part(text: str) -> str:
    return quote(text, safe="")


def _body(value: object) -> bytes:
    return json.dumps(write_wire(value), ensure_ascii=False).encode()
