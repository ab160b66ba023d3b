# SPDX-License-Identifier: Apache-2.0
"""Sends what is due: several endpoints at once, one message at a time to each, recalls and then the oldest first.

An attempt is claimed, made, and recorded; who is killed in between leaves a lease that runs out, and the message is
sent again under the same id: at least once. ADR 0023.
"""

from __future__ import annotations

import logging
import secrets
import threading
import time
from dataclasses import replace
from datetime import datetime, timedelta

from passport.domain.errors import PassportError
from passport.domain.webhooks import (
    FAILING_AFTER,
    KEEP_EVENTS,
    Attempt,
    Delivery,
    DeliveryState,
    Endpoint,
    EndpointState,
    Job,
    next_attempt_at,
)
from passport.services.webhooks.kit import WebhookKit
from passport.services.webhooks.ports import Books
from verifier.webhook_signature import make_headers

LOG = logging.getLogger(__name__)
LEASE = timedelta(seconds=30)  # three times as long as an attempt may take
AT_ONCE = 16  # endpoints
_POLL_SECONDS = 1.0
_STOP_SECONDS = 2.0
_SWEEP_EVERY = timedelta(hours=1)
_SWEPT_AT_ONCE = 200
_STREAK = timedelta(seconds=60)  # a receiver that was silent for so long gets all that waits when it is back


class DeliveryWorker:
    """`start` and `stop` frame it; without threads, `work` sends what is due now and returns."""

    def __init__(self, kit: WebhookKit) -> None:
        self._kit = kit
        self._awake = threading.Event()
        self._stopping = threading.Event()
        self._slots = threading.BoundedSemaphore(AT_ONCE)
        self._recording = threading.Lock()
        self._is_closed = False
        self._senders: set[threading.Thread] = set()
        self._thread: threading.Thread | None = None
        self._swept_at: datetime | None = None

    def start(self) -> None:
        """What another process left behind is taken up as soon as its lease is over."""
        self._thread = threading.Thread(target=self._run, name="webhooks", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Breaks off what is being sent: it is sent again after the next start. Takes two seconds at most."""
        self._stopping.set()
        self._awake.set()
        self._kit.sender.stop()
        if self._thread is not None:
            self._thread.join()
        deadline = time.monotonic() + _STOP_SECONDS
        for sender in list(self._senders):
            sender.join(max(0.0, deadline - time.monotonic()))
        with self._recording:  # whoever is later than this finds the door shut, and the database untouched
            self._is_closed = True

    def wake(self) -> None:
        self._awake.set()

    def work(self) -> int:
        """Sends everything that is due, one after another; how many attempts it was. Raises StoreFailed."""
        count = 0
        self._sweep()
        while (job := self._claim()) is not None:
            self._record(job, self._attempt(job))
            count += 1
        return count

    def _run(self) -> None:
        while not self._stopping.is_set():
            self._awake.clear()
            try:
                self._sweep()
                while not self._stopping.is_set() and self._send_one():
                    pass
            except PassportError:
                LOG.exception("webhooks could not be sent; they will be tried again")
            except Exception:  # one event that we cannot read must not end the thread for everybody's
                LOG.exception("a webhook failed; it will be tried again")
            while not self._awake.wait(_POLL_SECONDS) and not self._is_due():
                pass

    def _is_due(self) -> bool:
        """A look that takes no turn from writers."""
        if self._is_sweep_due(self._kit.now()):
            return True
        try:
            with self._kit.business.read() as books:
                return books.webhook_deliveries.is_due(self._kit.now())
        except PassportError:
            return False

    def _send_one(self) -> bool:
        """Starts an attempt beside the others. False: nothing is due, or everybody is busy."""
        if not self._slots.acquire(timeout=_POLL_SECONDS):
            return False
        job = None
        try:
            job = self._claim()
        finally:
            if job is None:
                self._slots.release()
        if job is None:
            return False
        thread = threading.Thread(target=self._finish, args=(job,), name="webhook", daemon=True)
        self._senders.add(thread)
        try:
            thread.start()
        except RuntimeError:  # the machine has no thread left; the lease runs out, and the slot must not be lost
            self._senders.discard(thread)
            self._slots.release()
            raise
        return True

    def _finish(self, job: Job) -> None:
        try:
            attempt = self._attempt(job)
            with self._recording:
                if not self._is_closed:
                    self._record(job, attempt)
        except Exception:
            LOG.exception("a webhook's attempt could not be recorded; it will be sent again")
        finally:
            self._senders.discard(threading.current_thread())
            self._slots.release()
            self._awake.set()  # the endpoint is free for its next message

    def _claim(self) -> Job | None:
        now = self._kit.now()
        with self._kit.business.write() as books:
            return books.webhook_deliveries.claim(secrets.token_hex(16), now, now + LEASE)
        # Killed after the commit: the lease runs out, and the next worker takes it.

    def _attempt(self, job: Job) -> Attempt:
        now = self._kit.now()
        try:
            keys = self._kit.open_secrets(job.endpoint.id, job.secrets, now)
        except PassportError as error:
            return Attempt(now, 0, error.code, 0)
        headers = make_headers(keys, job.delivery.event, int(now.timestamp()), job.body)
        return self._kit.sender.send(job.endpoint.fields.url, job.body, headers, now)
        # Killed here: the receiver may have it and we do not know. It is sent again, with the same webhook-id.

    def _record(self, job: Job, attempt: Attempt) -> None:
        broken_off = self._stopping.is_set() and not attempt.is_good
        now = self._kit.now()
        with self._kit.business.write() as books:
            books.webhook_endpoints.release(job.endpoint.id, job.lease)
            if broken_off:  # it was our doing: no attempt, and the next start sends it at once
                return
            delivery = books.webhook_deliveries.get(job.delivery.id)
            endpoint = books.webhook_endpoints.get(job.endpoint.id)
            books.webhook_deliveries.add_attempt(delivery, attempt)
            books.webhook_deliveries.put(self._moved(delivery, attempt, now))
            if attempt.is_good:
                books.webhook_events.note_delivered(delivery.event, now)
            self._judge(books, endpoint, attempt, now)

    def _moved(self, delivery: Delivery, attempt: Attempt, now: datetime) -> Delivery:
        """The delivery after an attempt. One that its owner ended meanwhile stays ended, unless it arrived."""
        tried = replace(delivery, attempts=delivery.attempts + 1)
        if attempt.is_good:
            return replace(tried, state=DeliveryState.DELIVERED, ended_at=now, status=attempt.status, error="")
        if delivery.state is not DeliveryState.PENDING:
            return tried
        tried = replace(tried, status=attempt.status, error=attempt.error)
        next_at = next_attempt_at(tried, now, self._kit.luck())
        if next_at is None:
            return replace(tried, state=DeliveryState.GIVEN_UP, ended_at=now)
        return replace(tried, next_at=next_at)

    def _judge(self, books: Books, endpoint: Endpoint, attempt: Attempt, now: datetime) -> None:
        """What the attempt says of the endpoint. Its owner's word, disabled or deleted, stands."""
        since = endpoint.failing_since
        if attempt.is_good:
            if since is not None and now - since >= _STREAK:
                books.webhook_deliveries.hurry(endpoint.id, now)
            back = replace(endpoint, failing_since=None, last_delivered_at=now)
            if endpoint.state is EndpointState.FAILING:
                back = replace(back, state=EndpointState.ACTIVE)
            books.webhook_endpoints.put(back)
            return
        failed = replace(endpoint, failing_since=since or now)
        if endpoint.state is EndpointState.ACTIVE and since is not None and now - since >= FAILING_AFTER:
            failed = replace(failed, state=EndpointState.FAILING)
        books.webhook_endpoints.put(failed)

    def _sweep(self) -> None:
        """Once an hour: removes what is older than 90 days, a few at a time."""
        now = self._kit.now()
        if not self._is_sweep_due(now):
            return
        self._swept_at = now
        while not self._stopping.is_set():
            with self._kit.business.write() as books:
                if books.webhook_events.remove_before(now - KEEP_EVENTS, _SWEPT_AT_ONCE) == _SWEPT_AT_ONCE:
                    continue
                books.webhook_endpoints.remove_unused()
                return

    def _is_sweep_due(self, now: datetime) -> bool:
        return self._swept_at is None or now - self._swept_at >= _SWEEP_EVERY
