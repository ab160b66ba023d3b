# SPDX-License-Identifier: Apache-2.0
"""Rows for tests/web/console/test_routes.py: webhooks are the shop's, so its column is the one that is let in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from passport.domain.webhooks import EndpointFields
from passport.services.webhooks import make_webhooks
from tests.support.accounts import Cast
from tests.support.webhooks import ToldSender, make_kit

IN = 303
_SHOPS_ALONE = (403, 200, 403, 403, IN)
_SHOPS_FORM = (403, 303, 403, 403, IN)

# For maker, shop, stranger, reader of the maker, nobody. Another platform: tests/services/webhooks/test_permissions.py.
WEBHOOK_GETS = dict.fromkeys(
    [
        "/console/webhooks",
        "/console/webhooks/new",
        "/console/webhooks/<webhook_id>",
        "/console/webhooks/<webhook_id>/edit",
        "/console/webhooks/deliveries/<delivery_id>",
    ],
    _SHOPS_ALONE,
)
WEBHOOK_POSTS = {
    "/console/webhooks/new": _SHOPS_ALONE,  # answers with the secret
    "/console/webhooks/<webhook_id>/edit": _SHOPS_FORM,
    "/console/webhooks/<webhook_id>/rotate": _SHOPS_ALONE,
    "/console/webhooks/<webhook_id>/test": _SHOPS_FORM,
    "/console/webhooks/<webhook_id>/disable": _SHOPS_FORM,
    "/console/webhooks/<webhook_id>/enable": _SHOPS_FORM,
    "/console/webhooks/<webhook_id>/delete": _SHOPS_FORM,
    "/console/webhooks/deliveries/<delivery_id>/replay": _SHOPS_FORM,
}
WEBHOOK_FORMS: dict[str, dict[str, Any]] = {
    "/console/webhooks/new": {"url": "https://hooks.shop-b.example/new"},
    "/console/webhooks/<webhook_id>/edit": {"url": "https://hooks.shop-b.example/changed", "types": ["recall.closed"]},
}


@dataclass
class WebhookThings:
    """What stands in the addresses."""

    webhook: str
    delivery: str

    def fill(self, route: str) -> str:
        return route.replace("<webhook_id>", self.webhook).replace("<delivery_id>", self.delivery)


def make_webhook_things(cast: Cast) -> WebhookThings:
    """A webhook, and a test that was delivered to it."""
    webhooks, shop = make_webhooks(make_kit(cast.site, ToldSender())), cast.shop.principal
    made = webhooks.desk.create(shop, EndpointFields("https://hooks.shop-b.example/in"))
    delivery = webhooks.desk.test(shop, made.endpoint.id)
    webhooks.worker.work()
    return WebhookThings(made.endpoint.id, delivery.id)
