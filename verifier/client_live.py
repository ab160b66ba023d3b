# SPDX-License-Identifier: Apache-2.0
"""The client's calls about live commerce. Each write takes `key`, 8 to 64 characters that no other request has."""

from __future__ import annotations

import json
from typing import TypeVar
from urllib.parse import quote, urlencode

from verifier.fetch import Reply
from verifier.listing_types import AppealAnswer, AppealClosing, AppealInput
from verifier.live_types import (
    DossierInfo,
    DossierInput,
    DossierPage,
    SanctionAppealInfo,
    SanctionInfo,
    SanctionInput,
    SanctionPage,
    SellerInfo,
    SellerInput,
    SellerPage,
)
from verifier.wire import write_wire

T = TypeVar("T")
_JSON = "application/json"
_DOSSIERS = "/api/v1/dossiers"
_SANCTIONS = "/api/v1/sanctions"
_APPEALS = "/api/v1/sanction-appeals"
_SELLERS = "/api/v1/sellers"


class LiveCalls:
    """A part of verifier.client.ApiClient."""

    def _read(self, kind: type[T], reply: Reply) -> T:
        raise NotImplementedError

    def _send(self, method: str, path: str, body: bytes | None = None, media_type: str = "", key: str = "") -> Reply:
        raise NotImplementedError

    def create_dossier(self, dossier: DossierInput, *, key: str) -> DossierInfo:
        return self._read(DossierInfo, self._send("POST", _DOSSIERS, _body(dossier), _JSON, key))

    def list_dossiers(
        self, *, state: str = "", search: str = "", limit: int = 50, cursor: str | None = None
    ) -> DossierPage:
        """One page; `next` of it is the cursor of the page after."""
        query = _query(state=state, q=search, limit=str(limit), cursor=cursor or "")
        return self._read(DossierPage, self._send("GET", f"{_DOSSIERS}?{query}"))

    def find_dossier(self, dossier: str) -> DossierInfo:
        return self._read(DossierInfo, self._send("GET", f"{_DOSSIERS}/{_part(dossier)}"))

    def update_dossier(self, dossier: str, value: DossierInput, *, key: str) -> DossierInfo:
        return self._read(DossierInfo, self._send("PUT", f"{_DOSSIERS}/{_part(dossier)}", _body(value), _JSON, key))

    def submit_dossier(self, dossier: str, *, key: str) -> DossierInfo:
        """Hand it to the chief quality officer, who approves it in the console: no token can."""
        return self._read(DossierInfo, self._send("POST", f"{_DOSSIERS}/{_part(dossier)}/submit", b"", "", key))

    def fetch_dossier_document(self, dossier: str) -> bytes:
        """The approved document, byte for byte: `verifier.dossier_document` reads it."""
        return self._send("GET", f"{_DOSSIERS}/{_part(dossier)}/document").body

    def propose_sanction(self, sanction: SanctionInput, *, key: str) -> SanctionInfo:
        return self._read(SanctionInfo, self._send("POST", _SANCTIONS, _body(sanction), _JSON, key))

    def list_sanctions(
        self, *, state: str = "", search: str = "", limit: int = 50, cursor: str | None = None
    ) -> SanctionPage:
        """One page; `next` of it is the cursor of the page after."""
        query = _query(state=state, q=search, limit=str(limit), cursor=cursor or "")
        return self._read(SanctionPage, self._send("GET", f"{_SANCTIONS}?{query}"))

    def find_sanction(self, sanction: str) -> SanctionInfo:
        """With its history and its appeals."""
        return self._read(SanctionInfo, self._send("GET", f"{_SANCTIONS}/{_part(sanction)}"))

    def open_sanction_appeal(self, sanction: str, appeal: AppealInput, *, key: str) -> SanctionAppealInfo:
        path = f"{_SANCTIONS}/{_part(sanction)}/appeals"
        return self._read(SanctionAppealInfo, self._send("POST", path, _body(appeal), _JSON, key))

    def find_sanction_appeal(self, appeal: str) -> SanctionAppealInfo:
        return self._read(SanctionAppealInfo, self._send("GET", f"{_APPEALS}/{_part(appeal)}"))

    def answer_sanction_appeal(self, appeal: str, text: str, *, key: str) -> SanctionAppealInfo:
        path = f"{_APPEALS}/{_part(appeal)}/answers"
        return self._read(SanctionAppealInfo, self._send("POST", path, _body(AppealAnswer(text)), _JSON, key))

    def close_sanction_appeal(self, appeal: str, closing: AppealClosing, *, key: str) -> SanctionAppealInfo:
        """Refused with person_needed when the appeal asked for a person: a client speaks with a token."""
        path = f"{_APPEALS}/{_part(appeal)}/close"
        return self._read(SanctionAppealInfo, self._send("POST", path, _body(closing), _JSON, key))

    def put_seller(self, seller: SellerInput, *, key: str) -> SellerInfo:
        return self._read(SellerInfo, self._send("PUT", _SELLERS, _body(seller), _JSON, key))

    def list_sellers(self, *, limit: int = 50, cursor: str | None = None) -> SellerPage:
        """One page; `next` of it is the cursor of the page after."""
        return self._read(SellerPage, self._send("GET", f"{_SELLERS}?{_query(limit=str(limit), cursor=cursor or '')}"))


def _query(**wanted: str) -> str:
    return urlencode({name: value for name, value in wanted.items() if value})


def _part(text: str) -> str:
    return quote(text, safe="")


def _body(value: object) -> bytes:
    return json.dumps(write_wire(value), ensure_ascii=False).encode()
