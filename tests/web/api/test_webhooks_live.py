# SPDX-License-Identifier: Apache-2.0
"""The calls about webhooks by the typed client, against a real registry; secrets are shown once."""

from __future__ import annotations

import time

import pytest

from tests.support.live_registry import Live
from tests.support.live_shop import shop_client
from verifier.client import ApiClient, ApiError, ApiNotFound
from verifier.webhook_signature import parse_secret
from verifier.webhook_types import WebhookInput

pytestmark = pytest.mark.xdist_group("live_api")
VALUE = WebhookInput("https://hooks.shop.invalid/client", ("recall.closed", "recall.published"), "Night shift")


def refusal(error: pytest.ExceptionInfo[ApiError]) -> tuple[int, str]:
    return error.value.status, error.value.code


def test_a_webhook_from_its_secret_to_its_end(live: Live) -> None:
    client = shop_client(live)
    made = client.create_webhook(VALUE, key="client-webhook-1")
    assert made.secret is not None and len(parse_secret(made.secret)) == 32
    again = client.create_webhook(VALUE, key="client-webhook-1")
    assert again.secret is None and again.webhook == made.webhook, "the repeated answer is without the secret"
    webhook = made.webhook.id
    assert (made.webhook.state, made.webhook.types, made.webhook.label) == ("active", VALUE.types, "Night shift")
    with pytest.raises(ApiError) as error:
        client.create_webhook(VALUE, key="client-webhook-2")
    assert refusal(error) == (409, "webhook_url_taken")
    rotated = client.rotate_webhook(webhook, key="client-webhook-rotate")
    assert rotated.secret not in (None, made.secret) and rotated.webhook.old_secret_until is not None
    delivery = client.test_webhook(webhook, key="client-webhook-test")
    assert (delivery.type, delivery.state, delivery.webhook) == ("webhook.test", "pending", webhook)
    deadline = time.monotonic() + 30
    while not client.find_delivery(delivery.id).attempts:
        assert time.monotonic() < deadline, "the worker was not woken"
        time.sleep(0.1)
    detail = client.find_delivery(delivery.id)
    assert detail.attempts[0].status is None and detail.attempts[0].error in ("name_unknown", "timed_out")
    assert detail.body["data"] == {"webhook": webhook}
    assert [one.id for one in client.each_delivery(webhook)] == [delivery.id]
    with pytest.raises(ApiError) as error:
        client.replay_delivery(delivery.id, key="client-webhook-replay")
    assert refusal(error) == (409, "delivery_pending")
    off = client.update_webhook(webhook, WebhookInput(VALUE.url, is_enabled=False), key="client-webhook-off")
    assert (off.state, off.pending, off.types) == ("disabled", 0, ())
    with pytest.raises(ApiError) as error:
        client.replay_delivery(delivery.id, key="client-webhook-replay-2")
    assert refusal(error) == (409, "webhook_disabled")
    client.update_webhook(webhook, VALUE, key="client-webhook-on")
    replayed = client.replay_delivery(delivery.id, key="client-webhook-replay-3")
    assert replayed.is_replay and replayed.message == delivery.message
    assert client.find_webhook(webhook).pending == 1
    assert webhook in [one.id for one in client.list_webhooks().webhooks]
    client.delete_webhook(webhook)
    with pytest.raises(ApiNotFound) as error:
        client.find_webhook(webhook)
    assert refusal(error) == (404, "unknown_webhook")


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("https://127.0.0.1/", "webhook_address_refused"),
        ("https://[::ffff:10.0.0.1]/", "webhook_address_refused"),
        ("https://[64:ff9b::a9fe:a9fe]/", "webhook_address_refused"),
        ("https://0x7f.1/", "bad_webhook_url"),
        ("https://localhost/", "bad_webhook_url"),
        ("https://hooks.shop.invalid:8443/", "webhook_port_refused"),
    ],
)
def test_addresses_are_refused_when_they_are_entered(live: Live, url: str, code: str) -> None:
    with pytest.raises(ApiError) as error:
        shop_client(live).create_webhook(WebhookInput(url), key=f"client-refused-{code}-{len(url)}")
    assert refusal(error) == (400, code)


def test_without_a_token_nothing_is_told(live: Live) -> None:
    with pytest.raises(ApiError) as error:
        ApiClient(live.url).list_webhooks()
    assert refusal(error) == (401, "invalid_token")
