# SPDX-License-Identifier: Apache-2.0
"""Webhooks for tests: real tables, a clock that tests turn, and either a real receiver or a sender that is told."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from passport.domain.accounts import OrganisationKind, Principal
from passport.domain.public_addresses import AddressRule
from passport.domain.webhooks import Attempt, Endpoint, EndpointFields, Event, EventType
from passport.sealing import SecretBox
from passport.services.webhooks import Webhooks, make_webhooks
from passport.services.webhooks.kit import WebhookKit
from passport.services.webhooks.ports import Sender
from passport.webhook_sender import WebhookSender
from tests.support.accounts import SECRET, AccountsSite, Cast, Person, make_cast
from tests.support.https_receiver import HttpsReceiver, ToldResolver, make_tls

URL = "https://hooks.shop-b.example/in"


@dataclass
class ToldSender:
    """Implements Sender: each URL answers the status that it was told, 0 for nobody there. No network."""

    statuses: dict[str, int] = field(default_factory=dict)
    sent: list[tuple[str, dict[str, str], bytes]] = field(default_factory=list)
    before: Callable[[], None] = lambda: None
    is_stopped: bool = False

    def send(self, url: str, body: bytes, headers: dict[str, str], at: datetime) -> Attempt:
        self.before()
        status = self.statuses.get(url, 204)
        self.sent.append((url, headers, body))
        return Attempt(at, status, "" if status else "unreachable", 7, "")

    def stop(self) -> None:
        self.is_stopped = True

    def ids(self, url: str = URL) -> list[str]:
        """The webhook-id of each attempt at a URL."""
        return [headers["webhook-id"] for to, headers, _ in self.sent if to == url]


@dataclass
class Post:
    """The cast with a rival platform, and webhooks over the same database. The worker is not started."""

    cast: Cast
    rival: Person
    webhooks: Webhooks
    kit: WebhookKit
    sender: ToldSender
    shop: Principal  # as signed in at the beginning: the clock may go on for months

    @property
    def site(self) -> AccountsSite:
        return self.cast.site

    def add(self, url: str = URL, *types: EventType) -> Endpoint:
        return self.webhooks.desk.create(self.shop, EndpointFields(url, types)).endpoint

    def put(self, number: int = 1, kind: EventType = EventType.RECALL_PUBLISHED) -> str:
        """An event for the shop, committed; its id."""
        with self.site.business.write() as books:
            return self.webhooks.outbox.put(books, "shop-b", Event(kind, self.site.clock(), {"number": number}))


def make_kit(site: AccountsSite, sender: Sender, rule: AddressRule | None = None) -> WebhookKit:
    """Retries without luck: the delays are those of the table."""
    box = SecretBox(SECRET, "webhook-secrets")
    return WebhookKit(site.business, site.clock, box, sender, rule or AddressRule(), lambda: 0.0)


def make_post(site: AccountsSite) -> Post:
    cast, sender = make_cast(site), ToldSender()
    site.add("shop-d", OrganisationKind.PLATFORM)
    rival = site.join("shop-d", "dora.d")
    kit = make_kit(site, sender)
    return Post(cast, rival, make_webhooks(kit), kit, sender, cast.shop.principal)


@contextmanager
def open_line(folder: Path) -> Iterator[tuple[HttpsReceiver, WebhookSender, ToldResolver]]:
    """A receiver over TLS, and a sender that may reach it and nothing else of this machine."""
    server, client = make_tls(folder)
    with HttpsReceiver(server) as receiver:
        resolver = ToldResolver()
        yield receiver, WebhookSender(receiver.rule, resolver=resolver, tls=client, timeout_seconds=5.0), resolver
