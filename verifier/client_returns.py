# SPDX-License-Identifier: Apache-2.0
"""The client's calls about the return of a recall. A recall's id is `<issuer>/<number>`."""

from __future__ import annotations

import json
from typing import TypeVar
from urllib.parse import quote, urlencode

from verifier.fetch import Reply
from verifier.return_types import (
    AffectedInfo,
    AffectedInput,
    RecoveryInfo,
    RecoveryInput,
    RecoveryPage,
    ReturnFiguresInfo,
)
from verifier.wire import write_wire

T = TypeVar("T")
_JSON = "application/json"


class ReturnCalls:
    """A part of verifier.client.ApiClient."""

    def _read(self, kind: type[T], reply: Reply) -> T:
        raise NotImplementedError

    def _send(self, method: str, path: str, body: bytes | None = None, media_type: str = "", key: str = "") -> Reply:
        raise NotImplementedError

    def find_returns(self, recall_id: str) -> ReturnFiguresInfo:
        """The figures, which anybody may read."""
        return self._read(ReturnFiguresInfo, self._send("GET", f"{_of(recall_id)}/returns"))

    def list_recovered(self, recall_id: str, *, limit: int = 50, cursor: str | None = None) -> RecoveryPage:
        """Your own organisation's reports."""
        query = urlencode({"limit": str(limit)} | ({} if cursor is None else {"cursor": cursor}))
        return self._read(RecoveryPage, self._send("GET", f"{_of(recall_id)}/recovered?{query}"))

    def report_recovered(self, recall_id: str, report: RecoveryInput, *, key: str) -> RecoveryInfo:
        """Goods taken back from the channel; a count below 0 corrects earlier reports."""
        body = json.dumps(write_wire(report), ensure_ascii=False).encode()
        return self._read(RecoveryInfo, self._send("POST", f"{_of(recall_id)}/recovered", body, _JSON, key))

    def declare_affected(self, recall_id: str, declared: AffectedInput, *, key: str) -> AffectedInfo:
        """Another number of affected items than the ledger's: for the maker of the products, and authorities."""
        body = json.dumps(write_wire(declared), ensure_ascii=False).encode()
        return self._read(AffectedInfo, self._send("POST", f"{_of(recall_id)}/affected", body, _JSON, key))


def _of(recall_id: str) -> str:
    return f"/api/v1/recalls/{quote(recall_id, safe='/')}"
