# SPDX-License-Identifier: Apache-2.0
"""Webhooks for platforms' programs, with a token. docs/webhooks.md."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, cast

from flask import Blueprint, Response, request

from passport.domain.accounts_errors import InvalidToken
from passport.domain.webhooks import (
    Attempt,
    Delivery,
    DeliveryState,
    Endpoint,
    EndpointFields,
    parse_endpoint,
)
from passport.web.api import webhook_operations as operations
from passport.web.api.idempotency import keep_instead
from passport.web.api.pagination import link_next, read_page_request
from passport.web.listing_values import answer, before
from passport.web.principals import get_principal
from verifier import webhook_types as types
from verifier.web.api.operations import declare
from verifier.web.bodies import read_value

if TYPE_CHECKING:
    from typing import Literal

    from passport.domain.accounts import Principal
    from passport.services.webhooks import WebhookDesk, Webhooks
    from passport.services.webhooks.desk import NewSecret


def make_webhooks_blueprint(webhooks: Webhooks | None) -> Blueprint:
    """Without `webhooks` there are no accounts either, so no token is good and every call is 401."""
    api = Blueprint("webhooks_api", __name__, url_prefix="/api/v1")
    asker = Asker(webhooks)
    _add_webhooks(api, asker)
    _add_actions(api, asker)
    _add_deliveries(api, asker)
    return api


class Asker:
    """Who asks, and the use cases."""

    def __init__(self, webhooks: Webhooks | None) -> None:
        self._webhooks = webhooks

    def begin(self) -> tuple[Principal, WebhookDesk]:
        """Raises InvalidToken."""
        principal = get_principal(request)
        if self._webhooks is None:
            raise InvalidToken
        return principal, self._webhooks.desk


def _read_webhook(desk: WebhookDesk) -> tuple[EndpointFields, bool]:
    sent = read_value(request, types.WebhookInput)
    fields = parse_endpoint(sent.url, sent.types or (), sent.label or "", desk.rule)
    return fields, sent.is_enabled is not False


def _add_webhooks(api: Blueprint, asker: Asker) -> None:
    @api.post("/webhooks")
    @declare(operations.CREATE_WEBHOOK)
    def create() -> Response:
        principal, desk = asker.begin()
        fields, is_enabled = _read_webhook(desk)
        made = desk.create(principal, fields)
        if not is_enabled:
            made = replace(made, endpoint=desk.set_enabled(principal, made.endpoint.id, is_enabled=False))
        response = _show_secret(made, 201)
        response.headers["Location"] = f"/api/v1/webhooks/{made.endpoint.id}"
        return response

    @api.get("/webhooks")
    @declare(operations.LIST_WEBHOOKS)
    def index() -> Response:
        principal, desk = asker.begin()
        pending = desk.count_pending(principal)
        found = desk.list_all(principal)
        return answer(types.WebhookList(tuple(webhook_value(one, pending.get(one.id, 0)) for one in found)))

    @api.get("/webhooks/<webhook>")
    @declare(operations.FIND_WEBHOOK)
    def find(webhook: str) -> Response:
        principal, desk = asker.begin()
        found = desk.get(principal, webhook)
        return answer(webhook_value(found, desk.count_pending(principal).get(found.id, 0)))

    @api.put("/webhooks/<webhook>")
    @declare(operations.UPDATE_WEBHOOK)
    def update(webhook: str) -> Response:
        principal, desk = asker.begin()
        fields, is_enabled = _read_webhook(desk)
        found = desk.update(principal, webhook, fields, is_enabled=is_enabled)
        pending = desk.count_pending(principal) if "webhooks:read" in principal.scopes else {}
        return answer(webhook_value(found, pending.get(found.id, 0)))

    @api.delete("/webhooks/<webhook>")
    @declare(operations.DELETE_WEBHOOK)
    def delete(webhook: str) -> Response:
        principal, desk = asker.begin()
        desk.delete(principal, webhook)
        return Response(status=204)


def _add_actions(api: Blueprint, asker: Asker) -> None:
    @api.post("/webhooks/<webhook>/rotate")
    @declare(operations.ROTATE_WEBHOOK)
    def rotate(webhook: str) -> Response:
        principal, desk = asker.begin()
        return _show_secret(desk.rotate(principal, webhook), 200)

    @api.post("/webhooks/<webhook>/test")
    @declare(operations.TEST_WEBHOOK)
    def test(webhook: str) -> Response:
        principal, desk = asker.begin()
        return answer(delivery_value(desk.test(principal, webhook)), 202)


def _add_deliveries(api: Blueprint, asker: Asker) -> None:
    @api.get("/webhooks/<webhook>/deliveries")
    @declare(operations.LIST_DELIVERIES)
    def deliveries(webhook: str) -> Response:
        principal, desk = asker.begin()
        asked = read_page_request("webhook-deliveries")
        found = desk.page(principal, webhook, before(asked), asked.limit + 1)
        page = asked.cut(found, lambda one: (one.id,))
        shown = types.DeliveryPage(tuple(map(delivery_value, page.items)), page.next_cursor)
        return link_next(answer(shown), asked, page.next_cursor)

    @api.get("/webhook-deliveries/<delivery>")
    @declare(operations.FIND_DELIVERY)
    def find_delivery(delivery: str) -> Response:
        principal, desk = asker.begin()
        found = desk.get_delivery(principal, delivery)
        attempts = tuple(map(_attempt_value, found.attempts))
        return answer(types.DeliveryDetail(delivery_value(found.delivery), attempts, json.loads(found.body)))

    @api.post("/webhook-deliveries/<delivery>/replay")
    @declare(operations.REPLAY_DELIVERY)
    def replay(delivery: str) -> Response:
        principal, desk = asker.begin()
        return answer(delivery_value(desk.replay(principal, delivery)), 202)


def _show_secret(made: NewSecret, status: int) -> Response:
    """The secret is in this answer, and not in the one that is kept for a repeated request."""
    webhook = webhook_value(made.endpoint, 0)
    keep_instead(answer(types.WebhookSecret(webhook)).get_data())
    return answer(types.WebhookSecret(webhook, made.secret), status)


def webhook_value(found: Endpoint, pending: int) -> types.WebhookInfo:
    fields = found.fields
    return types.WebhookInfo(
        id=found.id,
        url=fields.url,
        types=cast("tuple[types.EventName, ...]", tuple(kind.value for kind in fields.types)),
        label=fields.label,
        state=cast("Literal['active', 'failing', 'disabled']", found.state.value),
        pending=pending,
        created_at=found.created_at,
        changed_at=found.changed_at,
        failing_since=found.failing_since,
        last_delivered_at=found.last_delivered_at,
        old_secret_until=found.old_secret_until,
    )


def delivery_value(found: Delivery) -> types.DeliveryInfo:
    return types.DeliveryInfo(
        id=found.id,
        webhook=found.endpoint,
        message=found.event,
        type=found.type.value,
        state=found.state.value,
        is_replay=found.is_replay,
        attempts=found.attempts,
        created_at=found.created_at,
        next_at=found.next_at if found.state is DeliveryState.PENDING else None,
        ended_at=found.ended_at,
        status=found.status or None,
        error=found.error or None,
    )


def _attempt_value(found: Attempt) -> types.AttemptInfo:
    return types.AttemptInfo(found.at, found.duration_ms, found.answer, found.status or None, found.error or None)
