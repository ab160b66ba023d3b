# SPDX-License-Identifier: Apache-2.0
"""Webhooks of the reader's platform: the list, one with its log and a picture of its hours, forms. docs/webhooks.md."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from flask import request

from passport.domain.accounts import Scope
from passport.domain.accounts_errors import AccountError, NotAllowed
from passport.domain.webhooks import (
    CHOSEN_TYPES,
    EndpointFields,
    EventType,
    HourCount,
    UnknownWebhook,
    parse_endpoint,
)
from passport.services.webhooks.kit import require
from passport.web.console.charts import Column, ColumnChart, Series
from passport.web.console.words_webhooks import WEBHOOK_WORDS
from verifier.protocol.errors import Malformed
from verifier.web.moments import CHINA
from verifier.web.skeleton import current_language
from verifier.web.words import say

if TYPE_CHECKING:
    from flask import Blueprint
    from werkzeug.wrappers import Response as AnyResponse

    from passport.services.webhooks import Webhooks
    from passport.services.webhooks.desk import NewSecret
    from passport.web.console.frame import ConsoleFrame

WEBHOOKS = "/console/webhooks"
_PAGE = 50
_MAX_TYPED = 4096


def add_webhook_pages(console: Blueprint, frame: ConsoleFrame, webhooks: Webhooks) -> None:
    """The list, one webhook, one delivery; the rest below."""
    desk = webhooks.desk

    def may_write() -> bool:
        return Scope.WEBHOOKS_WRITE in frame.principal.scopes

    @console.get("/webhooks", endpoint="webhooks")
    def index() -> AnyResponse:
        found, pending = desk.list_all(frame.principal), desk.count_pending(frame.principal)
        return frame.page("webhooks.html", webhooks=found, pending=pending, may_write=may_write())

    @console.get("/webhooks/<webhook_id>", endpoint="webhook")
    def one(webhook_id: str) -> AnyResponse:
        webhook = desk.get(frame.principal, webhook_id)
        found = desk.page(frame.principal, webhook_id, request.args.get("before", ""), _PAGE + 1)
        shown, hours = found[:_PAGE], desk.count_by_hour(frame.principal, webhook_id)
        old = webhook.old_secret_until
        return frame.page(
            "webhook.html",
            webhook=webhook,
            deliveries=shown,
            older=f"{WEBHOOKS}/{webhook.id}?before={shown[-1].id}" if len(found) > _PAGE else "",
            is_first="before" not in request.args,
            chart=make_chart(hours),
            good=sum(hour.good for hour in hours),
            bad=sum(hour.bad for hour in hours),
            old_secret_until=old if old is not None and old > desk.now() else None,
            may_write=may_write(),
        )

    @console.get("/webhooks/deliveries/<delivery_id>", endpoint="webhook_delivery")
    def delivery(delivery_id: str) -> AnyResponse:
        log = desk.get_delivery(frame.principal, delivery_id)
        body = json.dumps(json.loads(log.body), ensure_ascii=False, indent=2, sort_keys=True)
        return frame.page("webhook_delivery.html", log=log, delivery=log.delivery, body=body, may_write=may_write())

    _add_forms(console, frame, webhooks)
    _add_actions(console, frame, webhooks)


def make_chart(hours: list[HourCount]) -> ColumnChart:
    """Attempts by hour, in the reader's language and China's time."""
    language = current_language()
    title, good, bad = (say(WEBHOOK_WORDS[name], language) for name in ("webhook_chart", "webhook_good", "webhook_bad"))
    columns = [Column(f"{hour.at.astimezone(CHINA):%m-%d %H:00}", (hour.good, hour.bad)) for hour in hours]
    return ColumnChart("hours", title, (Series(good, "good"), Series(bad, "bad")), tuple(columns))


def _add_forms(console: Blueprint, frame: ConsoleFrame, webhooks: Webhooks) -> None:
    """One form, for a new webhook and for a change."""
    desk = webhooks.desk

    def typed() -> dict[str, Any]:
        return {
            "url": request.form.get("url", "").strip()[:_MAX_TYPED],
            "label": request.form.get("label", "")[:_MAX_TYPED],
            "types": request.form.getlist("types")[:20],
        }

    def parsed() -> EndpointFields:
        form = typed()
        return parse_endpoint(form["url"], form["types"], form["label"], desk.rule)

    def form_page(action: str, values: dict[str, Any], back: str = WEBHOOKS) -> dict[str, Any]:
        return {"action": action, "typed": values, "back": back, "types": list(CHOSEN_TYPES)}

    @console.route("/webhooks/new", methods=["GET", "POST"], endpoint="new_webhook")
    def new() -> AnyResponse:
        require(frame.principal, Scope.WEBHOOKS_WRITE)
        if request.method != "POST":
            empty: dict[str, Any] = {"url": "", "label": "", "types": []}
            return frame.page("webhook_form.html", **form_page(f"{WEBHOOKS}/new", empty))
        try:
            made = desk.create(frame.principal, parsed())
        except NotAllowed:
            raise
        except (Malformed, AccountError) as error:
            return frame.refuse("webhook_form.html", error, **form_page(f"{WEBHOOKS}/new", typed()))
        return _show_secret(frame, made, is_rotated=False)

    @console.route("/webhooks/<webhook_id>/edit", methods=["GET", "POST"], endpoint="edit_webhook")
    def edit(webhook_id: str) -> AnyResponse:
        require(frame.principal, Scope.WEBHOOKS_WRITE)
        webhook = desk.get(frame.principal, webhook_id)
        back = f"{WEBHOOKS}/{webhook.id}"
        fields = webhook.fields
        if request.method != "POST":
            values = {"url": fields.url, "label": fields.label, "types": list(fields.types)}
            return frame.page("webhook_form.html", **form_page(f"{back}/edit", values, back))
        try:
            desk.update(frame.principal, webhook_id, parsed(), is_enabled=webhook.is_sent_to)
        except (NotAllowed, UnknownWebhook):
            raise
        except (Malformed, AccountError) as error:
            return frame.refuse("webhook_form.html", error, **form_page(f"{back}/edit", typed(), back))
        return frame.done(back, "webhook_updated")


def _add_actions(console: Blueprint, frame: ConsoleFrame, webhooks: Webhooks) -> None:
    """What is done to one webhook, and to one delivery."""
    desk = webhooks.desk

    @console.post("/webhooks/<webhook_id>/rotate", endpoint="rotate_webhook")
    def rotate(webhook_id: str) -> AnyResponse:
        return _show_secret(frame, desk.rotate(frame.principal, webhook_id), is_rotated=True)

    @console.post("/webhooks/<webhook_id>/test", endpoint="test_webhook")
    def test(webhook_id: str) -> AnyResponse:
        made = desk.test(frame.principal, webhook_id)
        assert made.type is EventType.WEBHOOK_TEST
        return frame.done(f"{WEBHOOKS}/{made.endpoint}", "webhook_tested")

    @console.post("/webhooks/<webhook_id>/disable", endpoint="disable_webhook")
    def disable(webhook_id: str) -> AnyResponse:
        found = desk.set_enabled(frame.principal, webhook_id, is_enabled=False)
        return frame.done(f"{WEBHOOKS}/{found.id}", "webhook_switched_off")

    @console.post("/webhooks/<webhook_id>/enable", endpoint="enable_webhook")
    def enable(webhook_id: str) -> AnyResponse:
        found = desk.set_enabled(frame.principal, webhook_id, is_enabled=True)
        return frame.done(f"{WEBHOOKS}/{found.id}", "webhook_switched_on")

    @console.post("/webhooks/<webhook_id>/delete", endpoint="delete_webhook")
    def delete(webhook_id: str) -> AnyResponse:
        desk.delete(frame.principal, webhook_id)
        return frame.done(WEBHOOKS, "webhook_removed")

    @console.post("/webhooks/deliveries/<delivery_id>/replay", endpoint="replay_delivery")
    def replay(delivery_id: str) -> AnyResponse:
        made = desk.replay(frame.principal, delivery_id)
        return frame.done(f"{WEBHOOKS}/deliveries/{made.id}", "webhook_replayed")


def _show_secret(frame: ConsoleFrame, made: NewSecret, *, is_rotated: bool) -> AnyResponse:
    """In this answer, and nowhere else."""
    return frame.page("webhook_secret.html", webhook=made.endpoint, secret=made.secret, is_rotated=is_rotated)
