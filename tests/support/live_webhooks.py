# SPDX-License-Identifier: Apache-2.0
"""Webhooks of the live shop: one with a message that was given up, and one to remove. Nobody is at their addresses."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.support.live_shop import shop_client
from verifier.webhook_types import WebhookInput

if TYPE_CHECKING:
    from tests.support.live_registry import Live

FIRST = WebhookInput("https://hooks.shop.invalid/first")


def fill_webhooks(live: Live) -> None:
    """The addresses are names that no resolver knows: RFC 6761."""
    client = shop_client(live)
    webhook = client.create_webhook(FIRST, key="live-webhook-1").webhook.id
    old = client.create_webhook(WebhookInput("https://hooks.shop.invalid/old"), key="live-webhook-2").webhook.id
    delivery = client.test_webhook(webhook, key="live-webhook-test").id
    for is_enabled in (False, True):  # what waits is given up, and can be sent again
        value = WebhookInput(FIRST.url, is_enabled=is_enabled)
        client.update_webhook(webhook, value, key=f"live-webhook-{is_enabled}")
    live.shop |= {"WEBHOOK": webhook, "OLD_WEBHOOK": old, "DELIVERY": delivery}
