# SPDX-License-Identifier: Apache-2.0
"""The worker with its threads, over real TLS: at once, side by side, in order, quickly stopped, and after kill -9."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest

from passport.domain.accounts import OrganisationKind
from passport.domain.webhooks import DeliveryState, EndpointFields, Event, EventType
from passport.services.webhooks import Webhooks, make_webhooks
from passport.services.webhooks.desk import NewSecret
from passport.services.webhooks.worker import AT_ONCE, LEASE
from passport.webhook_sender import WebhookSender
from tests.support.accounts import AccountsSite, make_cast, open_site
from tests.support.https_receiver import HttpsReceiver, ToldResolver, make_tls, wait_until
from tests.support.postgres import new_postgres_url
from tests.support.webhooks import make_kit
from verifier.webhook_signature import verify_webhook

Line = tuple[HttpsReceiver, WebhookSender, ToldResolver]


@dataclass
class Office:
    site: AccountsSite
    webhooks: Webhooks
    made: NewSecret

    def put(self, number: int = 0) -> str:
        with self.site.business.write() as books:
            event = Event(EventType.RECALL_PUBLISHED, self.site.clock(), {"number": number})
            return self.webhooks.outbox.put(books, "shop-b", event)

    def states(self) -> list[str]:
        with self.site.business.read() as books:
            return [one.state.value for one in books.webhook_deliveries.page(self.made.endpoint.id, "", 200)]


@pytest.fixture
def office(line: Line, tmp_path: Path) -> Iterator[Office]:
    receiver, sender, _ = line
    with open_site(tmp_path) as site:
        webhooks = make_webhooks(make_kit(site, sender, receiver.rule))
        made = webhooks.desk.create(make_cast(site).shop.principal, EndpointFields(receiver.url()))
        webhooks.worker.start()
        try:
            yield Office(site, webhooks, made)
        finally:
            webhooks.worker.stop()


def test_what_is_put_is_there_at_once_in_order_and_verifies(office: Office, line: Line) -> None:
    receiver, _, _ = line
    time.sleep(0.3)  # the worker sleeps
    began = time.monotonic()
    put = [office.put(number) for number in range(20)]
    wait_until(lambda: len(receiver.received) == 20)
    assert time.monotonic() - began < 8
    assert [one.id for one in receiver.received] == put, "in the order of events, one at a time"
    for one in receiver.received:
        found = verify_webhook(one.headers, one.body, office.made.secret, now=office.site.clock())
        assert found.id == one.id
    wait_until(lambda: set(office.states()) == {DeliveryState.DELIVERED.value})


def test_an_idle_worker_is_woken_and_does_not_wait_for_its_next_look(office: Office, line: Line) -> None:
    receiver, _, _ = line
    time.sleep(1.2)
    took = []
    for number in range(3):
        began = time.monotonic()
        office.put(number)
        wait_until(lambda count=number + 1: len(receiver.received) == count)
        took.append(time.monotonic() - began)
    assert min(took) < 0.7, took


def test_one_slow_receiver_holds_up_nobody(office: Office, line: Line, tmp_path: Path) -> None:
    receiver, _, _ = line
    shop = office.site
    with shop.business.read() as books:
        assert books.webhook_endpoints.list_all("shop-b")
    receiver.delay_seconds = 3
    office.put()
    wait_until(lambda: len(receiver.received) == 1)
    shop.add("shop-d", OrganisationKind.PLATFORM)
    rival = shop.join("shop-d", "dora.d").principal
    office.webhooks.desk.create(rival, EndpointFields(receiver.url().replace("hook?", "quick?")))
    receiver.delay_seconds = 0
    began = time.monotonic()
    with shop.business.write() as books:
        office.webhooks.outbox.put(books, "shop-d", Event(EventType.RECALL_CLOSED, shop.clock(), {}))
    wait_until(lambda: len(receiver.received) == 2)
    assert time.monotonic() - began < 2.5 and receiver.received[1].path.startswith("/quick")
    assert AT_ONCE >= 8


def test_stopping_is_quick_and_what_was_broken_off_is_sent_after_the_next_start(line: Line, tmp_path: Path) -> None:
    receiver, sender, resolver = line
    receiver.delay_seconds = 4
    with open_site(tmp_path) as site:
        webhooks = make_webhooks(make_kit(site, sender, receiver.rule))
        shop = make_cast(site).shop.principal
        made = webhooks.desk.create(shop, EndpointFields(receiver.url()))
        webhooks.worker.start()
        office = Office(site, webhooks, made)
        put = office.put()
        wait_until(lambda: len(receiver.received) == 1)
        began = time.monotonic()
        webhooks.worker.stop()
        assert time.monotonic() - began < 3
        assert office.states() == ["pending"]
        receiver.delay_seconds = 0
        again = WebhookSender(receiver.rule, resolver=resolver, tls=sender._tls)
        assert make_webhooks(make_kit(site, again, receiver.rule)).worker.work() == 1, "it holds no lease"
        assert [one.id for one in receiver.received] == [put, put] and office.states() == ["delivered"]
        (delivery,) = webhooks.desk.page(shop, made.endpoint.id, "", 10)
        assert delivery.attempts == 1, "what we broke off is no attempt of the receiver's"


CHILD = """
import sys, ssl, time
from datetime import UTC, datetime
from pathlib import Path
from ipaddress import ip_network
from passport.domain.public_addresses import AddressRule
from passport.services.webhooks import make_webhooks
from passport.webhook_sender import WebhookSender
from tests.support.accounts import Clock, open_site
from tests.support.https_receiver import ToldResolver
from tests.support.webhooks import make_kit
folder, port, now = Path(sys.argv[1]), int(sys.argv[2]), datetime.fromisoformat(sys.argv[3])
rule = AddressRule((ip_network("127.0.0.1/32"),), (port,))
tls = ssl.create_default_context(cafile=str(folder / "ca.pem"))
with open_site(folder, clock=Clock(now)) as site:
    webhooks = make_webhooks(make_kit(site, WebhookSender(rule, resolver=ToldResolver(), tls=tls), rule))
    webhooks.worker.start()
    print("started", flush=True)
    time.sleep(60)
"""


@contextmanager
def child(folder: Path, port: int, now: datetime) -> Iterator[subprocess.Popen[str]]:
    program = [sys.executable, "-c", CHILD, str(folder), str(port), now.isoformat()]
    root = Path(__file__).resolve().parents[3]
    with subprocess.Popen(program, stdout=subprocess.PIPE, text=True, cwd=root) as process:
        try:
            assert process.stdout is not None and process.stdout.readline() == "started\n"
            yield process
        finally:
            process.kill()


def test_after_kill_9_every_message_arrives_and_a_repeat_has_the_same_id(tmp_path: Path) -> None:
    server, client = make_tls(tmp_path)
    with HttpsReceiver(server) as receiver:
        sender = WebhookSender(receiver.rule, resolver=ToldResolver(), tls=client)
        with open_site(tmp_path) as site:
            webhooks = make_webhooks(make_kit(site, sender, receiver.rule))
            shop = make_cast(site).shop.principal
            made = webhooks.desk.create(shop, EndpointFields(receiver.url()))
            office = Office(site, webhooks, made)
            put = [office.put(number) for number in range(6)]
            now = site.clock.now
        receiver.delay_seconds = 0.4
        with child(tmp_path, receiver.port, now) as process:
            wait_until(lambda: len(receiver.received) == 3, 30)
            process.send_signal(signal.SIGKILL)  # the third is at the receiver, and nobody has noted its answer
            process.wait()
        receiver.delay_seconds = 0
        with open_site(tmp_path) as site:
            site.clock.now = now
            webhooks = make_webhooks(make_kit(site, sender, receiver.rule))
            office = Office(site, webhooks, made)
            assert webhooks.worker.work() == 0, "the lease of who was killed still holds"
            site.clock.now = now + LEASE * 1.1
            assert webhooks.worker.work() == 4
            assert set(office.states()) == {"delivered"}
        assert [one.id for one in receiver.received] == [*put[:3], *put[2:]]
        assert receiver.received[2].body == receiver.received[3].body


@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
def test_two_workers_over_one_database_send_each_message_once(line: Line, tmp_path: Path, database: str) -> None:
    receiver, sender, _ = line
    with open_site(tmp_path, new_postgres_url() if database == "postgresql" else None) as site:
        first, second = (make_webhooks(make_kit(site, sender, receiver.rule)) for _ in range(2))
        made = first.desk.create(make_cast(site).shop.principal, EndpointFields(receiver.url()))
        office = Office(site, first, made)
        put = [office.put(number) for number in range(30)]
        threads = [threading.Thread(target=one.worker.work) for one in (first, second)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        first.worker.work()
        assert [one.id for one in receiver.received] == put
        assert site.clock().tzinfo is UTC
