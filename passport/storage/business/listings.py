# SPDX-License-Identifier: Apache-2.0
"""Rows of listings. Port: passport/services/listings/ports.py."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from sqlalchemy import Row, func, insert, or_, select, update

from passport.domain.listings import Listing, ListingFields, ListingFilter, ListingState, Place
from passport.storage.business.columns import instant, seconds
from passport.storage.business.schema_listings import listings

if TYPE_CHECKING:
    from typing import Any

    from sqlalchemy import Connection

_ASKED_AT_ONCE = 500  # values in one IN (…)


class ListingRows:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, listing: Listing) -> None:
        self._connection.execute(insert(listings), _row(listing))

    def add_imported(self, rows: Sequence[tuple[Listing, int]], import_id: str) -> None:
        if rows:
            values = [_row(listing) | {"import_id": import_id, "import_line": line} for listing, line in rows]
            self._connection.execute(insert(listings), values)

    def find_in(self, organisation_id: str, listing_id: str) -> Listing | None:
        where = (listings.c.organisation == organisation_id) & (listings.c.id == listing_id)
        row = self._connection.execute(select(listings).where(where)).first()
        return None if row is None else _listing(row)

    def put(self, listing: Listing) -> None:
        row = _row(listing)
        for fixed in ("id", "organisation", "created_at", "import_id", "import_line"):
            del row[fixed]
        self._connection.execute(update(listings).where(listings.c.id == listing.id).values(**row))

    def page(self, organisation_id: str, which: ListingFilter, before: str, limit: int) -> list[Listing]:
        query = select(listings).where(listings.c.organisation == organisation_id)
        if before:
            query = query.where(listings.c.id < before)
        if which.state:
            query = query.where(listings.c.state == which.state)
        if which.gtin:
            query = query.where(listings.c.gtin == which.gtin)
        if which.search:
            text = which.search.lower()
            found = [
                func.lower(column).contains(text, autoescape=True)
                for column in (listings.c.url, listings.c.seller_name, listings.c.seller_id)
            ]
            query = query.where(or_(*found, listings.c.gtin == which.search.rjust(14, "0")))
        return [_listing(row) for row in self._connection.execute(query.order_by(listings.c.id.desc()).limit(limit))]

    def count_by_state(self, organisation_id: str) -> dict[str, int]:
        query = select(listings.c.state, func.count().label("number")).where(listings.c.organisation == organisation_id)
        return {row.state: row.number for row in self._connection.execute(query.group_by(listings.c.state))}

    def find_places(self, organisation_id: str, digests: Iterable[bytes]) -> dict[bytes, Place]:
        wanted, found = list(digests), {}
        columns = (listings.c.url_digest, listings.c.id, listings.c.import_id, listings.c.import_line)
        for at in range(0, len(wanted), _ASKED_AT_ONCE):
            asked = listings.c.url_digest.in_(wanted[at : at + _ASKED_AT_ONCE])
            query = select(*columns).where((listings.c.organisation == organisation_id) & asked)
            for digest, listing, import_id, line in self._connection.execute(query):
                found[bytes(digest)] = Place(listing, import_id, line)
        return found

    def of_gtin(self, gtin: str, after: str, limit: int) -> list[Listing]:
        query = select(listings).where((listings.c.gtin == gtin) & (listings.c.id > after))
        return [_listing(row) for row in self._connection.execute(query.order_by(listings.c.id).limit(limit))]


def _row(listing: Listing) -> dict[str, Any]:
    fields = listing.fields
    return {
        "id": listing.id,
        "organisation": listing.organisation,
        "url": fields.url,
        "url_digest": fields.url_digest,
        "seller_id": fields.seller_id,
        "seller_name": fields.seller_name,
        "gtin": fields.gtin,
        "lots": json.dumps(fields.lots),
        "codes": json.dumps(fields.codes),
        "state": listing.state.value,
        "revision": listing.revision,
        "created_at": seconds(listing.created_at),
        "changed_at": seconds(listing.changed_at),
        "decision": listing.decision,
        "import_id": "",
        "import_line": 0,
    }


def _listing(row: Row[Any]) -> Listing:
    fields = ListingFields(
        row.url, row.seller_id, row.seller_name, row.gtin, tuple(json.loads(row.lots)), tuple(json.loads(row.codes))
    )
    return Listing(
        id=row.id,
        organisation=row.organisation,
        fields=fields,
        state=ListingState(row.state),
        revision=row.revision,
        created_at=instant(row.created_at),
        changed_at=instant(row.changed_at),
        decision=row.decision,
    )
