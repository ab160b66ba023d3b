# SPDX-License-Identifier: Apache-2.0
"""A platform's webhooks: add, change, new secret, test, switch off, remove; the log, and sending again."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from passport.domain.accounts import Principal, Scope
from passport.domain.accounts_audit import Action
from passport.domain.public_addresses import AddressRule
from passport.domain.webhooks import (
    MAX_ENDPOINTS,
    OLD_SECRET_LIFETIME,
    Attempt,
    Delivery,
    Endpoint,
    EndpointFields,
    EndpointState,
    Event,
    EventType,
    HourCount,
    SealedSecrets,
    UnknownWebhook,
    WebhookConflict,
)
from passport.services.listings.kit import clean_id
from passport.services.webhooks.kit import WebhookKit, get_endpoint, note, require
from passport.services.webhooks.outbox import Outbox
from passport.services.webhooks.ports import Books

CHART_HOURS = 48


@dataclass(frozen=True, slots=True)
class NewSecret:
    """An endpoint with a secret that is shown this once."""

    endpoint: Endpoint
    secret: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class DeliveryLog:
    """One delivery with all its attempts, and the body that is sent."""

    delivery: Delivery
    attempts: list[Attempt]
    body: bytes


class WebhookDesk:
    """Everything by the principal's organisation."""

    def __init__(self, kit: WebhookKit, outbox: Outbox) -> None:
        self._kit = kit
        self._outbox = outbox

    @property
    def rule(self) -> AddressRule:
        """Where webhooks may go."""
        return self._kit.rule

    def create(self, principal: Principal, fields: EndpointFields) -> NewSecret:
        """A new endpoint. Raises NotAllowed, WebhookConflict: too_many_webhooks, webhook_url_taken."""
        require(principal, Scope.WEBHOOKS_WRITE)
        now = self._kit.now()
        endpoint_id = self._kit.ids()
        text, sealed = self._kit.make_secret(endpoint_id)
        with self._kit.business.write() as books:
            others = books.webhook_endpoints.list_all(principal.organisation)
            if len(others) >= MAX_ENDPOINTS:
                raise WebhookConflict("too_many_webhooks", f"An organisation has at most {MAX_ENDPOINTS} webhooks.")
            _check_url(others, fields.url)
            endpoint = Endpoint(
                endpoint_id, principal.organisation, fields, EndpointState.ACTIVE, now, now, secret_made_at=now
            )
            books.webhook_endpoints.add(endpoint, SealedSecrets(sealed))
            note(books, principal, Action.WEBHOOK_CREATED, ("webhook", endpoint_id), now)
        return NewSecret(endpoint, text)

    def update(self, principal: Principal, endpoint_id: str, fields: EndpointFields, *, is_enabled: bool) -> Endpoint:
        """What the owner wants now. Switching off ends what is pending; it can be replayed later.

        Raises NotAllowed, UnknownWebhook, WebhookConflict("webhook_url_taken").
        """
        require(principal, Scope.WEBHOOKS_WRITE)
        now = self._kit.now()
        with self._kit.business.write() as books:
            old = get_endpoint(books, principal, endpoint_id)
            if old.fields == fields and old.is_sent_to == is_enabled:
                return old
            if fields.url != old.fields.url:
                _check_url(books.webhook_endpoints.list_all(principal.organisation), fields.url)
            new = replace(old, fields=fields, changed_at=now)
            if not is_enabled:
                new = replace(new, state=EndpointState.DISABLED)
                books.webhook_deliveries.give_up_all(old.id, "webhook_disabled", now)
            elif not old.is_sent_to or fields.url != old.fields.url:
                new = replace(new, state=EndpointState.ACTIVE, failing_since=None)  # judged afresh
            books.webhook_endpoints.put(new)
            action = Action.WEBHOOK_UPDATED
            if old.is_sent_to != is_enabled:
                action = Action.WEBHOOK_ENABLED if is_enabled else Action.WEBHOOK_DISABLED
            note(books, principal, action, ("webhook", new.id), now)
        return new

    def set_enabled(self, principal: Principal, endpoint_id: str, *, is_enabled: bool) -> Endpoint:
        """Raises NotAllowed, UnknownWebhook."""
        require(principal, Scope.WEBHOOKS_WRITE)
        with self._kit.business.read() as books:
            fields = get_endpoint(books, principal, endpoint_id).fields
        return self.update(principal, endpoint_id, fields, is_enabled=is_enabled)

    def rotate(self, principal: Principal, endpoint_id: str) -> NewSecret:
        """A new secret; messages bear a signature by the old one as well for 24 hours.

        Raises NotAllowed, UnknownWebhook.
        """
        require(principal, Scope.WEBHOOKS_WRITE)
        now = self._kit.now()
        with self._kit.business.write() as books:
            endpoint = get_endpoint(books, principal, endpoint_id)
            text, sealed = self._kit.make_secret(endpoint.id)
            until = now + OLD_SECRET_LIFETIME
            old = books.webhook_endpoints.secrets_of(endpoint.id)
            books.webhook_endpoints.put_secrets(endpoint.id, SealedSecrets(sealed, old.new, until), now)
            note(books, principal, Action.WEBHOOK_ROTATED, ("webhook", endpoint.id), now)
        return NewSecret(replace(endpoint, secret_made_at=now, old_secret_until=until), text)

    def delete(self, principal: Principal, endpoint_id: str) -> None:
        """Nothing is sent to it any more, and its secrets are gone. Raises NotAllowed, UnknownWebhook."""
        require(principal, Scope.WEBHOOKS_WRITE)
        now = self._kit.now()
        with self._kit.business.write() as books:
            endpoint = get_endpoint(books, principal, endpoint_id)
            books.webhook_deliveries.give_up_all(endpoint.id, "webhook_deleted", now)
            books.webhook_endpoints.put(replace(endpoint, state=EndpointState.DELETED, changed_at=now))
            books.webhook_endpoints.put_secrets(endpoint.id, SealedSecrets(b""), now)
            note(books, principal, Action.WEBHOOK_DELETED, ("webhook", endpoint.id), now)

    def test(self, principal: Principal, endpoint_id: str) -> Delivery:
        """Sends webhook.test to one endpoint. Raises NotAllowed, UnknownWebhook, WebhookConflict."""
        require(principal, Scope.WEBHOOKS_WRITE)
        now = self._kit.now()
        with self._kit.business.write() as books:
            endpoint = _get_enabled(books, principal, endpoint_id)
            event = Event(EventType.WEBHOOK_TEST, now, {"webhook": endpoint.id})
            _, deliveries = self._outbox.put_for(books, principal.organisation, event, [endpoint])
            note(books, principal, Action.WEBHOOK_TESTED, ("webhook", endpoint.id), now)
        return deliveries[0]

    def replay(self, principal: Principal, delivery_id: str) -> Delivery:
        """Sends the same message again, under the same id, as a delivery of its own with 24 hours of its own.

        Raises NotAllowed, UnknownWebhook, WebhookConflict: delivery_pending, webhook_disabled.
        """
        require(principal, Scope.WEBHOOKS_WRITE)
        with self._kit.business.write() as books:
            old = _get_delivery(books, principal, delivery_id)
            endpoint = _get_enabled(books, principal, old.endpoint)
            if books.webhook_deliveries.has_pending(endpoint.id, old.event):
                raise WebhookConflict("delivery_pending", "This message is on its way to the webhook already.")
            event = books.webhook_events.find(old.event)
            assert event is not None, "a delivery goes before its event does"
            new = self._outbox.make_delivery(event, endpoint.id, is_replay=True)
            books.webhook_deliveries.add([new])
            note(books, principal, Action.WEBHOOK_REPLAYED, ("delivery", old.id), self._kit.now())
            self._outbox.wake()
        return new

    def list_all(self, principal: Principal) -> list[Endpoint]:
        """The oldest first. Raises NotAllowed."""
        require(principal, Scope.WEBHOOKS_READ)
        with self._kit.business.read() as books:
            return books.webhook_endpoints.list_all(principal.organisation)

    def count_pending(self, principal: Principal) -> dict[str, int]:
        """How many messages wait, by endpoint. Raises NotAllowed."""
        require(principal, Scope.WEBHOOKS_READ)
        with self._kit.business.read() as books:
            ids = [endpoint.id for endpoint in books.webhook_endpoints.list_all(principal.organisation)]
            return books.webhook_deliveries.count_pending(ids)

    def get(self, principal: Principal, endpoint_id: str) -> Endpoint:
        """Raises NotAllowed, UnknownWebhook."""
        require(principal, Scope.WEBHOOKS_READ)
        with self._kit.business.read() as books:
            return get_endpoint(books, principal, endpoint_id)

    def page(self, principal: Principal, endpoint_id: str, before: str, limit: int) -> list[Delivery]:
        """Deliveries to one endpoint, the newest first, below the id `before`. Raises NotAllowed, UnknownWebhook."""
        require(principal, Scope.WEBHOOKS_READ)
        with self._kit.business.read() as books:
            endpoint = get_endpoint(books, principal, endpoint_id)
            return books.webhook_deliveries.page(endpoint.id, clean_id(before), limit)

    def get_delivery(self, principal: Principal, delivery_id: str) -> DeliveryLog:
        """Raises NotAllowed, UnknownWebhook("unknown_delivery")."""
        require(principal, Scope.WEBHOOKS_READ)
        with self._kit.business.read() as books:
            delivery = _get_delivery(books, principal, delivery_id)
            event = books.webhook_events.find(delivery.event)
            attempts = books.webhook_deliveries.attempts_of(delivery.id)
            return DeliveryLog(delivery, attempts, b"" if event is None else event.body)

    def count_by_hour(self, principal: Principal, endpoint_id: str) -> list[HourCount]:
        """Attempts of the last 48 hours, a count for each, the oldest first. Raises NotAllowed, UnknownWebhook."""
        require(principal, Scope.WEBHOOKS_READ)
        last = self._kit.now().replace(minute=0, second=0)
        hours = [last - timedelta(hours=back) for back in range(CHART_HOURS - 1, -1, -1)]
        with self._kit.business.read() as books:
            endpoint = get_endpoint(books, principal, endpoint_id)
            found = {count.at: count for count in books.webhook_deliveries.count_by_hour(endpoint.id, hours[0])}
        return [found.get(hour, HourCount(hour, 0, 0)) for hour in hours]

    def now(self) -> datetime:
        return self._kit.now()


def _check_url(others: list[Endpoint], url: str) -> None:
    if any(other.fields.url == url for other in others):
        raise WebhookConflict("webhook_url_taken", "Another webhook of your organisation has this address.")


def _get_enabled(books: Books, principal: Principal, endpoint_id: str) -> Endpoint:
    endpoint = get_endpoint(books, principal, endpoint_id)
    if not endpoint.is_sent_to:
        raise WebhookConflict("webhook_disabled", "The webhook is switched off. Switch it on first.")
    return endpoint


def _get_delivery(books: Books, principal: Principal, delivery_id: str) -> Delivery:
    found = books.webhook_deliveries.find_in(principal.organisation, clean_id(delivery_id))
    if found is None:
        raise UnknownWebhook("unknown_delivery", "There is no such delivery in your organisation.")
    return found
