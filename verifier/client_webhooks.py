# SPDX-License-Identifier: Apache-2.0
"""The client's calls about webhooks. Each write takes `key`, 8 to 64 characters that no other request of yours has."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import TypeVar
from urllib.parse import quote, urlencode

from verifier.fetch import Reply
from verifier.webhook_types import (
    DeliveryDetail,
    DeliveryInfo,
    DeliveryPage,
    WebhookInfo,
    WebhookInput,
    WebhookList,
    WebhookSecret,
)
from verifier.wire import write_wire

T = TypeVar("T")
_JSON = "application/json"
_WEBHOOKS = "/api/v1/webhooks"
_DELIVERIES = "/api/v1/webhook-deliveries"


class WebhookCalls:
    """A part of verifier.client.ApiClient. What arrives is checked with verifier.webhook_signature."""

    def _read(self, kind: type[T], reply: Reply) -> T:
        raise NotImplementedError

    def _send(self, method: str, path: str, body: bytes | None = None, media_type: str = "", key: str = "") -> Reply:
        raise NotImplementedError

    def create_webhook(self, webhook: WebhookInput, *, key: str) -> WebhookSecret:
        """Keep the secret of the answer: nobody is shown it again."""
        return self._read(WebhookSecret, self._send("POST", _WEBHOOKS, _body(webhook), _JSON, key))

    def list_webhooks(self) -> WebhookList:
        return self._read(WebhookList, self._send("GET", _WEBHOOKS))

    def find_webhook(self, webhook: str) -> WebhookInfo:
        return self._read(WebhookInfo, self._send("GET", _path(_WEBHOOKS, webhook)))

    def update_webhook(self, webhook: str, value: WebhookInput, *, key: str) -> WebhookInfo:
        """`is_enabled=False` switches it off, and ends what is pending."""
        return self._read(WebhookInfo, self._send("PUT", _path(_WEBHOOKS, webhook), _body(value), _JSON, key))

    def delete_webhook(self, webhook: str) -> None:
        self._send("DELETE", _path(_WEBHOOKS, webhook))

    def rotate_webhook(self, webhook: str, *, key: str) -> WebhookSecret:
        """A new secret. For 24 hours messages bear a signature by the old one as well."""
        return self._read(WebhookSecret, self._send("POST", f"{_path(_WEBHOOKS, webhook)}/rotate", b"", "", key))

    def test_webhook(self, webhook: str, *, key: str) -> DeliveryInfo:
        """Has a message of the type webhook.test sent; `find_delivery` says what came of it."""
        return self._read(DeliveryInfo, self._send("POST", f"{_path(_WEBHOOKS, webhook)}/test", b"", "", key))

    def list_deliveries(self, webhook: str, *, limit: int = 50, cursor: str | None = None) -> DeliveryPage:
        query = urlencode({"limit": str(limit)} | ({} if cursor is None else {"cursor": cursor}))
        return self._read(DeliveryPage, self._send("GET", f"{_path(_WEBHOOKS, webhook)}/deliveries?{query}"))

    def each_delivery(self, webhook: str) -> Iterator[DeliveryInfo]:
        """All of them, page by page, the newest first."""
        cursor: str | None = None
        while True:
            page = self.list_deliveries(webhook, limit=200, cursor=cursor)
            yield from page.deliveries
            cursor = page.next
            if cursor is None:
                return

    def find_delivery(self, delivery: str) -> DeliveryDetail:
        return self._read(DeliveryDetail, self._send("GET", _path(_DELIVERIES, delivery)))

    def replay_delivery(self, delivery: str, *, key: str) -> DeliveryInfo:
        """Sends the same message again, under the same id, as a delivery of its own."""
        return self._read(DeliveryInfo, self._send("POST", f"{_path(_DELIVERIES, delivery)}/replay", b"", "", key))


def _path(below: str, one: str) -> str:
    return f"{below}/{quote(one, safe='')}"


def _body(value: object) -> bytes:
    return json.dumps(write_wire(value), ensure_ascii=False).encode()
