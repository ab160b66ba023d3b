# SPDX-License-Identifier: Apache-2.0
"""Rows of the listings of a case, and what a recall does to the listings. Port: passport/services/recalls/ports.py."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, TypeVar

from sqlalchemy import Row, delete, insert, select, tuple_, update

from passport.domain.listings import ListingState
from passport.domain.recall_cases import CaseListing
from passport.storage.business.columns import instant, optional_instant, optional_seconds, seconds
from passport.storage.business.recalls import ASKED_AT_ONCE
from passport.storage.business.schema_listings import listings
from passport.storage.business.schema_recalls import recall_case_listings, recall_cases

if TYPE_CHECKING:
    from datetime import datetime
    from typing import Any

    from sqlalchemy import ColumnElement, Connection

T = TypeVar("T")
_ROWS = recall_case_listings.c


class CaseListingRows:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def put_all(self, rows: Sequence[CaseListing]) -> None:
        if not rows:
            return
        for case in {row.case for row in rows}:
            again = [row.listing for row in rows if row.case == case]
            for some in _parts(again):
                self._connection.execute(
                    delete(recall_case_listings).where((_ROWS.case_id == case) & _ROWS.listing.in_(some))
                )
        self._connection.execute(insert(recall_case_listings), [_row(row) for row in rows])

    def find_in(self, case_id: str, listing_ids: Iterable[str]) -> dict[str, CaseListing]:
        found: dict[str, CaseListing] = {}
        for some in _parts(list(listing_ids)):
            for one in self._select((_ROWS.case_id == case_id) & _ROWS.listing.in_(some)):
                found[one.listing] = one
        return found

    def page(self, case_id: str, after: str, limit: int, *, only_due: bool = False) -> list[CaseListing]:
        where = (_ROWS.case_id == case_id) & (_ROWS.listing > after)
        if only_due:
            where &= _ROWS.delisted_at.is_(None) & _ROWS.released_at.is_(None)
        return self._select(where, limit)

    def of_cases(self, case_ids: Sequence[str]) -> list[CaseListing]:
        return [one for some in _parts(case_ids) for one in self._select(_ROWS.case_id.in_(some))]

    def held_of_recall(self, recall_id: str, after: tuple[str, str], limit: int) -> list[CaseListing]:
        cases = select(recall_cases.c.id).where(recall_cases.c.recall_id == recall_id)
        where = _ROWS.case_id.in_(cases) & _ROWS.released_at.is_(None)
        return self._select(where & (tuple_(_ROWS.case_id, _ROWS.listing) > tuple_(*after)), limit)

    def of_listing(self, listing_id: str) -> list[CaseListing]:
        return self._select((_ROWS.listing == listing_id) & _ROWS.released_at.is_(None))

    def sold_in(self, case_id: str, seller_id: str) -> bool:
        where = (_ROWS.case_id == case_id) & (_ROWS.seller_id == seller_id)
        return self._connection.execute(select(_ROWS.listing).where(where).limit(1)).first() is not None

    def push(self, case_id: str, now: datetime) -> int:
        where = (_ROWS.case_id == case_id) & _ROWS.pushed_at.is_(None) & _ROWS.released_at.is_(None)
        return self._update(where, pushed_at=seconds(now))

    def report_notice(self, case_id: str, listing_ids: Sequence[str], url: str, now: datetime) -> int:
        where = _ROWS.notice_at.is_(None) & _ROWS.released_at.is_(None)
        return sum(
            self._update(
                where & (_ROWS.case_id == case_id) & _ROWS.listing.in_(some), notice_at=seconds(now), notice_url=url
            )
            for some in _parts(listing_ids)
        )

    def report_delisted(self, case_id: str | None, listing_ids: Sequence[str], now: datetime) -> int:
        where = _ROWS.delisted_at.is_(None) & _ROWS.released_at.is_(None)
        if case_id is not None:
            where &= _ROWS.case_id == case_id
        return sum(
            self._update(where & _ROWS.listing.in_(some), delisted_at=seconds(now)) for some in _parts(listing_ids)
        )

    def report_rebound(self, listing_id: str, now: datetime) -> None:
        self._update((_ROWS.listing == listing_id) & _ROWS.released_at.is_(None), rebound_at=seconds(now))

    def release(self, case_id: str, listing_ids: Sequence[str], now: datetime) -> None:
        for some in _parts(listing_ids):
            self._update((_ROWS.case_id == case_id) & _ROWS.listing.in_(some), released_at=seconds(now))

    def held_elsewhere(self, recall_id: str, listing_ids: Sequence[str]) -> set[str]:
        others = select(recall_cases.c.id).where(recall_cases.c.recall_id != recall_id)
        found: set[str] = set()
        for some in _parts(listing_ids):
            where = _ROWS.listing.in_(some) & _ROWS.released_at.is_(None) & _ROWS.case_id.in_(others)
            found.update(self._connection.execute(select(_ROWS.listing).where(where)).scalars())
        return found

    def stop_sales(self, listing_ids: Sequence[str], now: datetime) -> None:
        self._set_state(listing_ids, ListingState.STOP_SALE, now, listings.c.state != ListingState.STOP_SALE.value)

    def back_to_draft(self, listing_ids: Sequence[str], now: datetime) -> None:
        self._set_state(listing_ids, ListingState.DRAFT, now, listings.c.state == ListingState.STOP_SALE.value)

    def take_down(self, listing_ids: Sequence[str], now: datetime) -> None:
        self._set_state(listing_ids, ListingState.DELISTED, now, listings.c.state != ListingState.DELISTED.value)

    def _set_state(
        self, listing_ids: Sequence[str], state: ListingState, now: datetime, only: ColumnElement[bool]
    ) -> None:
        changes = {"state": state.value, "revision": listings.c.revision + 1, "changed_at": seconds(now)}
        for some in _parts(listing_ids):
            self._connection.execute(update(listings).where(listings.c.id.in_(some) & only).values(**changes))

    def _update(self, where: ColumnElement[bool], **values: object) -> int:
        return int(self._connection.execute(update(recall_case_listings).where(where).values(**values)).rowcount)

    def _select(self, where: ColumnElement[bool], limit: int | None = None) -> list[CaseListing]:
        query = select(recall_case_listings).where(where).order_by(_ROWS.case_id, _ROWS.listing)
        return [_listing(row) for row in self._connection.execute(query if limit is None else query.limit(limit))]


def _parts(values: Sequence[T]) -> Iterator[Sequence[T]]:
    for at in range(0, len(values), ASKED_AT_ONCE):
        yield values[at : at + ASKED_AT_ONCE]


def _row(one: CaseListing) -> dict[str, Any]:
    return {
        "case_id": one.case,
        "listing": one.listing,
        "url": one.url,
        "seller_id": one.seller_id,
        "seller_name": one.seller_name,
        "gtin": one.gtin,
        "lots": json.dumps(one.lots),
        "state_before": one.state_before,
        "stopped_at": seconds(one.stopped_at),
        "pushed_at": optional_seconds(one.pushed_at),
        "notice_at": optional_seconds(one.notice_at),
        "notice_url": one.notice_url,
        "delisted_at": optional_seconds(one.delisted_at),
        "released_at": optional_seconds(one.released_at),
        "rebound_at": optional_seconds(one.rebound_at),
    }


def _listing(row: Row[Any]) -> CaseListing:
    return CaseListing(
        case=row.case_id,
        listing=row.listing,
        url=row.url,
        seller_id=row.seller_id,
        seller_name=row.seller_name,
        gtin=row.gtin,
        lots=tuple(json.loads(row.lots)),
        state_before=row.state_before,
        stopped_at=instant(row.stopped_at),
        pushed_at=optional_instant(row.pushed_at),
        notice_at=optional_instant(row.notice_at),
        notice_url=row.notice_url,
        delisted_at=optional_instant(row.delisted_at),
        released_at=optional_instant(row.released_at),
        rebound_at=optional_instant(row.rebound_at),
    )
