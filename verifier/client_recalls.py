# SPDX-License-Identifier: Apache-2.0
"""The client's calls about recalls' cases. Each write takes `key`, 8 to 64 characters that no other request has."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import TypeVar
from urllib.parse import quote, urlencode

from verifier.fetch import Reply
from verifier.recall_types import (
    CaseListingInfo,
    CaseListingPage,
    DelistedInput,
    MeasureInfo,
    MeasureInput,
    NoticeInput,
    RecallBoardInfo,
    RecallCaseInfo,
    RecallCasePage,
    ReportResult,
)
from verifier.wire import write_wire

T = TypeVar("T")
_JSON = "application/json"
_CASES = "/api/v1/recall-cases"
_BOARD = "/api/v1/recall-board"


class RecallCalls:
    """A part of verifier.client.ApiClient."""

    def _read(self, kind: type[T], reply: Reply) -> T:
        raise NotImplementedError

    def _send(self, method: str, path: str, body: bytes | None = None, media_type: str = "", key: str = "") -> Reply:
        raise NotImplementedError

    def list_recall_cases(self, *, state: str = "", limit: int = 50, cursor: str | None = None) -> RecallCasePage:
        """One page; `next` of it is the cursor of the page after."""
        query = _query(state=state, limit=str(limit), cursor=cursor or "")
        return self._read(RecallCasePage, self._send("GET", f"{_CASES}{query}"))

    def find_recall_case(self, case: str) -> RecallCaseInfo:
        return self._read(RecallCaseInfo, self._send("GET", f"{_CASES}/{_part(case)}"))

    def list_case_listings(self, case: str, *, limit: int = 50, cursor: str | None = None) -> CaseListingPage:
        query = _query(limit=str(limit), cursor=cursor or "")
        return self._read(CaseListingPage, self._send("GET", f"{_CASES}/{_part(case)}/listings{query}"))

    def each_case_listing(self, case: str) -> Iterator[CaseListingInfo]:
        """All of them, page by page."""
        cursor: str | None = None
        while True:
            page = self.list_case_listings(case, limit=200, cursor=cursor)
            yield from page.listings
            cursor = page.next
            if cursor is None:
                return

    def acknowledge_recall(self, case: str, *, key: str) -> RecallCaseInfo:
        return self._read(RecallCaseInfo, self._send("POST", f"{_CASES}/{_part(case)}/acknowledge", b"", "", key))

    def report_notice(self, case: str, value: NoticeInput, *, key: str) -> ReportResult:
        """The shop's pages show the notice."""
        path = f"{_CASES}/{_part(case)}/notice"
        return self._read(ReportResult, self._send("POST", path, _body(value), _JSON, key))

    def report_delisted(self, case: str, value: DelistedInput, *, key: str) -> ReportResult:
        """The listings are taken down."""
        path = f"{_CASES}/{_part(case)}/delisted"
        return self._read(ReportResult, self._send("POST", path, _body(value), _JSON, key))

    def report_measure(self, case: str, value: MeasureInput, *, key: str) -> MeasureInfo:
        """What was done about a seller."""
        path = f"{_CASES}/{_part(case)}/measures"
        return self._read(MeasureInfo, self._send("POST", path, _body(value), _JSON, key))

    def show_recall_board(self, *, recall: str = "") -> RecallBoardInfo:
        return self._read(RecallBoardInfo, self._send("GET", f"{_BOARD}{_query(recall=recall)}"))

    def export_recall_csv(self, *, recall: str = "") -> bytes:
        """One row for each listing of each case."""
        return self._send("GET", f"{_BOARD}/csv{_query(recall=recall)}").body

    def export_recall_evidence(self, *, recall: str = "") -> bytes:
        """The ZIP file that `verifier recall-board check` checks."""
        return self._send("GET", f"{_BOARD}/evidence{_query(recall=recall)}").body


def _query(**wanted: str) -> str:
    found = {name: value for name, value in wanted.items() if value}
    return f"?{urlencode(found)}" if found else ""


def _part(text: str) -> str:
    return quote(text, safe="")


def _body(value: object) -> bytes:
    return json.dumps(write_wire(value), ensure_ascii=False).encode()
