# SPDX-License-Identifier: Apache-2.0
"""From the outbox to the receiver over 24 hours of a turned clock, on SQLite and PostgreSQL."""

from __future__ import annotations

import json
from contextlib import suppress
from datetime import timedelta
from itertools import pairwise

import pytest
from sqlalchemy import text

from passport.domain.webhooks import Delivery, DeliveryState, EndpointFields, EndpointState, Event, EventType
from passport.sealing import SecretBox
from tests.support.webhooks import URL, Post
from verifier.protocol.errors import DoesNotHold, Malformed
from verifier.webhook_signature import verify_webhook

OTHER = "https://hooks.shop-b.example/other"


def log(post: Post, endpoint: str) -> list[Delivery]:
    """The oldest first."""
    return post.webhooks.desk.page(post.shop, endpoint, "", 200)[::-1]


def play(post: Post, hours: float, step_seconds: float = 60) -> None:
    """The clock goes on, and the worker works, step by step."""
    for _ in range(int(hours * 3600 / step_seconds)):
        post.site.clock.turn(seconds=step_seconds)
        if post.webhooks.worker._is_due():
            post.webhooks.worker.work()


def test_an_event_goes_to_each_endpoint_that_wants_its_type_and_is_noted_as_delivered(post: Post) -> None:
    recalls = post.add(URL, EventType.RECALL_PUBLISHED, EventType.RECALL_CLOSED)
    everything = post.add(OTHER)
    first, second = post.put(1), post.put(2, EventType.BADGE_MISPLACED)
    assert post.webhooks.worker.work() == 3
    assert post.sender.ids(URL) == [first]
    assert post.sender.ids(OTHER) == [first, second]
    body = json.loads(post.sender.sent[0][2])
    assert body == {"type": "recall.published", "timestamp": "2026-11-21T08:00:00Z", "data": {"number": 1}}
    assert first.startswith("evt_") and len(first) == 40
    with post.site.business.read() as books:
        assert post.webhooks.outbox.first_delivered_at(books, first) == post.site.clock()
    assert [one.state for one in log(post, recalls.id)] == [DeliveryState.DELIVERED]
    assert post.webhooks.worker.work() == 0, "what was delivered is not sent again"
    assert post.webhooks.desk.get(post.shop, everything.id).last_delivered_at == post.site.clock()


def test_an_event_of_a_block_that_fails_is_never_sent(post: Post) -> None:
    post.add()
    with suppress(RuntimeError), post.site.business.write() as books:
        post.webhooks.outbox.put(books, "shop-b", Event(EventType.RECALL_PUBLISHED, post.site.clock(), {}))
        raise RuntimeError
    assert post.webhooks.worker.work() == 0


def test_an_event_without_endpoints_is_kept_and_nobody_elses_endpoint_gets_it(post: Post) -> None:
    rivals = post.webhooks.desk.create(post.rival.principal, post.add().fields).endpoint
    event = post.put()
    post.webhooks.worker.work()
    assert len(post.sender.sent) == 1
    assert post.webhooks.desk.page(post.rival.principal, rivals.id, "", 10) == []
    with post.site.business.write() as books:
        alone = post.webhooks.outbox.put(books, "maker-a", Event(EventType.RECALL_CLOSED, post.site.clock(), {}))
        assert post.webhooks.outbox.first_delivered_at(books, alone) is None
        assert post.webhooks.outbox.first_delivered_at(books, event) is not None
        assert post.webhooks.outbox.first_delivered_at(books, "evt_unknown") is None


def test_a_message_is_tried_for_24_hours_and_then_given_up(post: Post) -> None:
    endpoint = post.add()
    post.sender.statuses[URL] = 500
    event = post.put()
    began = post.site.clock()
    post.webhooks.worker.work()
    play(post, 25)
    (delivery,) = log(post, endpoint.id)
    assert (delivery.state, delivery.status) == (DeliveryState.GIVEN_UP, 500)
    attempts = post.webhooks.desk.get_delivery(post.shop, delivery.id).attempts
    assert post.sender.ids() == [event] * len(attempts)
    waits = [(after.at - before.at).total_seconds() for before, after in pairwise(attempts)]
    assert waits[:7] == [60, 60, 120, 300, 900, 1800, 3600], "the clock goes by the minute"
    assert attempts[-1].at - began == timedelta(hours=24), "the last try is at the end"
    assert 25 <= len(attempts) <= 32
    assert post.webhooks.worker.work() == 0


def test_an_endpoint_is_failing_after_an_hour_is_still_tried_and_recovers(post: Post) -> None:
    endpoint = post.add()
    post.sender.statuses[URL] = 0
    shop = post.shop
    first = post.put()
    post.webhooks.worker.work()
    play(post, 0.9)
    assert post.webhooks.desk.get(shop, endpoint.id).state is EndpointState.ACTIVE
    play(post, 1)
    assert post.webhooks.desk.get(shop, endpoint.id).state is EndpointState.FAILING
    tried = len(post.sender.sent)
    second = post.put(2)
    assert post.webhooks.worker.work() == 1, "a new event is tried at once"
    assert post.sender.ids()[tried:] == [second]
    post.sender.statuses[URL] = 200
    third = post.put(3)
    post.webhooks.worker.work()
    assert post.sender.ids()[tried + 1 :] == [third, first, second], "what waited follows at once, in order"
    back = post.webhooks.desk.get(shop, endpoint.id)
    assert (back.state, back.failing_since) == (EndpointState.ACTIVE, None)
    assert {one.state for one in log(post, endpoint.id)} == {DeliveryState.DELIVERED}


def test_one_message_that_is_never_taken_does_not_bring_the_others_to_be_sent_again(post: Post) -> None:
    post.add()
    poison = post.put(0)
    post.sender.before = lambda: post.sender.statuses.update({URL: 204})
    for number in range(1, 20):
        post.sender.statuses[URL] = 500
        post.put(number)
    shop = post.shop
    sent: list[str] = []

    def refuse_poison() -> None:
        with post.site.business.read() as books:
            due = [one for one in books.webhook_deliveries.page(endpoint, "", 50) if one.event == poison]
        is_poison = due[0].state is DeliveryState.PENDING and due[0].next_at <= post.site.clock()
        post.sender.statuses[URL] = 500 if is_poison else 204
        sent.append("bad" if is_poison else "good")

    endpoint = post.webhooks.desk.list_all(shop)[0].id
    post.sender.before = refuse_poison
    post.webhooks.worker.work()
    assert sent == ["bad"] + ["good"] * 19


def test_signatures_are_by_both_secrets_while_one_is_replaced_and_by_the_new_one_after_a_day(post: Post) -> None:
    shop = post.shop
    made = post.webhooks.desk.create(shop, EndpointFields(URL, (EventType.RECALL_CLOSED,)))
    rotated = post.webhooks.desk.rotate(shop, made.endpoint.id)
    assert made.secret != rotated.secret and made.secret.startswith("whsec_")
    for hours, old_is_good in ((0, True), (23, True), (25, False)):
        post.site.clock.turn(hours=hours)
        post.put(hours, EventType.RECALL_CLOSED)
        post.webhooks.worker.work()
        _, headers, body = [one for one in post.sender.sent if one[0] == URL][-1]
        now = post.site.clock()
        assert verify_webhook(headers, body, rotated.secret, now=now).sent_at == now
        if old_is_good:
            verify_webhook(headers, body, made.secret, now=now)
        else:
            with pytest.raises(DoesNotHold):
                verify_webhook(headers, body, made.secret, now=now)


def test_secrets_are_not_in_the_database_and_open_with_this_registrys_key_for_this_endpoint_alone(post: Post) -> None:
    made = post.webhooks.desk.create(post.shop, EndpointFields(URL))
    with post.site.business._database.read() as connection:
        rows = connection.execute(text("SELECT id, secret FROM webhook_endpoints WHERE url = :url"), {"url": URL})
        endpoint, sealed = rows.one()
    sealed = bytes(sealed)
    plain = post.kit.sealer.open(sealed, endpoint)
    assert plain not in sealed and len(plain) == 32
    for box, context in (
        (post.kit.sealer, "another endpoint"),
        (SecretBox(bytes(32), "webhook-secrets"), endpoint),
        (SecretBox(bytes(range(32)), "another purpose"), endpoint),
    ):
        with pytest.raises(Exception, match="does not open"):
            box.open(sealed, context)
    assert made.secret not in repr(made)


def test_with_another_secret_file_nothing_is_sent_unsigned_and_the_log_says_why(one_post: Post) -> None:
    endpoint = one_post.add()
    object.__setattr__(one_post.kit, "sealer", SecretBox(bytes(32), "webhook-secrets"))
    one_post.put()
    one_post.webhooks.worker.work()
    assert one_post.sender.sent == []
    (delivery,) = log(one_post, endpoint.id)
    assert delivery.error == "unreadable_secret"


def test_a_replay_is_a_delivery_of_its_own_under_the_same_id(post: Post) -> None:
    endpoint = post.add()
    event = post.put()
    post.webhooks.worker.work()
    (old,) = log(post, endpoint.id)
    post.site.clock.turn(days=30)
    shop = post.shop
    new = post.webhooks.desk.replay(shop, old.id)
    with pytest.raises(Exception, match="on its way"):
        post.webhooks.desk.replay(shop, old.id)
    assert post.webhooks.worker.work() == 1
    assert post.sender.ids() == [event, event] and new.is_replay
    assert post.sender.sent[0][2] == post.sender.sent[1][2]


def test_switching_off_ends_what_waits_and_switching_on_begins_afresh(post: Post) -> None:
    endpoint, shop = post.add(), post.shop
    post.put()
    post.webhooks.desk.set_enabled(shop, endpoint.id, is_enabled=False)
    post.put(2)
    assert post.webhooks.worker.work() == 0
    (ended,) = log(post, endpoint.id)
    assert (ended.state, ended.error) == (DeliveryState.GIVEN_UP, "webhook_disabled")
    for refused in (post.webhooks.desk.test, lambda who, _: post.webhooks.desk.replay(who, ended.id)):
        with pytest.raises(Exception, match="switched off"):
            refused(shop, endpoint.id)
    post.webhooks.desk.set_enabled(shop, endpoint.id, is_enabled=True)
    post.webhooks.desk.replay(shop, ended.id)
    post.webhooks.desk.test(shop, endpoint.id)
    assert post.webhooks.worker.work() == 2


def test_a_deleted_endpoint_is_gone_for_its_owner_and_its_log_until_it_is_old(post: Post) -> None:
    endpoint, shop = post.add(), post.shop
    event = post.put()
    post.webhooks.worker.work()
    waiting = post.put(2)
    post.webhooks.desk.delete(shop, endpoint.id)
    assert post.webhooks.desk.list_all(shop) == []
    assert post.webhooks.worker.work() == 0
    with post.site.business.read() as books:
        assert books.webhook_endpoints.secrets_of(endpoint.id).new == b""
        assert post.webhooks.outbox.first_delivered_at(books, event) is not None
    post.site.clock.turn(days=91)
    post.webhooks.worker.work()
    with post.site.business._database.read() as connection:
        for table in ("events", "deliveries", "attempts", "endpoints"):
            assert connection.execute(text(f"SELECT count(*) FROM webhook_{table}")).scalar_one() == 0, table
    assert waiting


def test_events_are_kept_for_90_days_and_what_is_pending_longer(post: Post) -> None:
    endpoint, shop = post.add(), post.shop
    old = [post.put(1), post.put(2)]
    post.webhooks.worker.work()
    post.site.clock.turn(days=89)
    post.webhooks.worker.work()
    assert len(log(post, endpoint.id)) == 2
    post.site.clock.turn(days=2)
    post.webhooks.desk.replay(shop, log(post, endpoint.id)[0].id)
    post.put(3)
    post.webhooks.worker._sweep()
    assert [one.event for one in log(post, endpoint.id)][:2] == [old[0], old[0]]
    post.webhooks.worker.work()
    post.site.clock.turn(hours=2)
    post.webhooks.worker.work()
    assert len(log(post, endpoint.id)) == 1, "the last one is younger"


def test_hours_are_counted_and_empty_ones_too(post: Post) -> None:
    endpoint = post.add()
    post.put(1)
    post.webhooks.worker.work()
    post.site.clock.turn(hours=3)
    post.sender.statuses[URL] = 503
    post.put(2)
    post.webhooks.worker.work()
    hours = post.webhooks.desk.count_by_hour(post.shop, endpoint.id)
    assert len(hours) == 48
    assert [(one.good, one.bad) for one in hours[-4:]] == [(1, 0), (0, 0), (0, 0), (0, 1)]


def test_data_that_is_no_json_and_events_that_are_too_large_are_refused(one_post: Post) -> None:
    now = one_post.site.clock()
    with pytest.raises(Malformed):
        Event(EventType.RECALL_PUBLISHED, now, {"x": 1.5}).to_bytes()  # type: ignore[dict-item]
    with pytest.raises(ValueError, match="send ids"):
        Event(EventType.RECALL_PUBLISHED, now, {"x": "y" * 300_000}).to_bytes()
