# SPDX-License-Identifier: Apache-2.0
"""Webhooks: whoever has something to tell puts an Event into the Outbox; a worker sends it. docs/webhooks.md."""

from __future__ import annotations

from dataclasses import dataclass

from passport.services.webhooks.desk import WebhookDesk
from passport.services.webhooks.kit import WebhookKit
from passport.services.webhooks.outbox import Outbox
from passport.services.webhooks.worker import DeliveryWorker

__all__ = ["Outbox", "WebhookDesk", "WebhookKit", "Webhooks", "make_webhooks"]


@dataclass(frozen=True, slots=True)
class Webhooks:
    """All of it, over one database. `worker` has to be started and stopped."""

    outbox: Outbox
    desk: WebhookDesk
    worker: DeliveryWorker


def make_webhooks(kit: WebhookKit) -> Webhooks:
    """Puts the use cases together."""
    worker = DeliveryWorker(kit)
    outbox = Outbox(kit, worker.wake)
    return Webhooks(outbox, WebhookDesk(kit, outbox), worker)
