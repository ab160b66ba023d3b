# SPDX-License-Identifier: Apache-2.0
"""Where events are put, in the same transaction as what they are about."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from passport.domain.webhooks import (
    GIVE_UP_AFTER,
    Delivery,
    DeliveryState,
    Endpoint,
    Event,
    StoredEvent,
)
from passport.services.webhooks.kit import WebhookKit
from passport.services.webhooks.ports import Books


class Outbox:
    """Call it inside your own `business.write()` block: the event goes out if, and only if, the block commits."""

    def __init__(self, kit: WebhookKit, wake: Callable[[], None]) -> None:
        self._kit = kit
        self.wake = wake

    def put(self, books: Books, organisation_id: str, event: Event) -> str:
        """Stores the event, and a pending delivery for each endpoint that wants it. Returns its id, "evt_<uuid7>".

        Without endpoints the event is stored all the same. Raises Malformed for data that is not JSON.
        """
        wanting = [
            endpoint
            for endpoint in books.webhook_endpoints.list_all(organisation_id)
            if endpoint.is_sent_to and endpoint.fields.wants(event.type)
        ]
        return self.put_for(books, organisation_id, event, wanting)[0]

    def put_for(
        self, books: Books, organisation_id: str, event: Event, endpoints: list[Endpoint]
    ) -> tuple[str, list[Delivery]]:
        """For these endpoints alone."""
        event_id = f"evt_{self._kit.ids()}"
        stored = StoredEvent(event_id, organisation_id, event.type, event.at, event.to_bytes())
        books.webhook_events.add(stored)
        deliveries = [self.make_delivery(stored, endpoint.id) for endpoint in endpoints]
        books.webhook_deliveries.add(deliveries)
        # The worker's own transaction waits for this one to end, so it does not look too early.
        self.wake()
        return event_id, deliveries

    def make_delivery(self, event: StoredEvent, endpoint_id: str, *, is_replay: bool = False) -> Delivery:
        """A delivery that is due at once."""
        now = self._kit.now()
        return Delivery(
            id=self._kit.ids(),
            organisation=event.organisation,
            endpoint=endpoint_id,
            event=event.id,
            type=event.type,
            state=DeliveryState.PENDING,
            created_at=now,
            next_at=now,
            give_up_at=now + GIVE_UP_AFTER,
            is_replay=is_replay,
        )

    def first_delivered_at(self, books: Books, event_id: str) -> datetime | None:
        """When an endpoint first took the event (2xx); None if none has, or the event is older than 90 days."""
        event = books.webhook_events.find(event_id)
        return None if event is None else event.first_delivered_at
