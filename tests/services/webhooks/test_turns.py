# SPDX-License-Identifier: Apache-2.0
"""Whose turn it is: recalls before what strangers can cause, who answers before who does not, suspended ones never."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest

from passport.domain.accounts import OrganisationState
from passport.domain.webhooks import EndpointFields, Event, EventType
from passport.services.webhooks.worker import AT_ONCE
from tests.support.webhooks import URL, Post

RIVALS = "https://hooks.shop-d.example/in"


def put_for_rival(post: Post, kind: EventType = EventType.BADGE_MISPLACED) -> str:
    with post.site.business.write() as books:
        return post.webhooks.outbox.put(books, "shop-d", Event(kind, post.site.clock(), {}))


def urls(post: Post) -> list[str]:
    return [url for url, _, _ in post.sender.sent]


def test_a_recall_does_not_wait_behind_alerts_that_strangers_cause(post: Post) -> None:
    post.add()
    alerts = [post.put(number, EventType.BADGE_MISPLACED) for number in range(5)]
    recall = post.put(9)
    post.webhooks.worker.work()
    assert post.sender.ids() == [recall, *alerts]


def test_receivers_with_much_to_take_share_with_those_that_have_little(post: Post) -> None:
    post.add()
    post.webhooks.desk.create(post.rival.principal, EndpointFields(RIVALS))
    for number in range(4):
        post.put(number, EventType.BADGE_MISPLACED)
    put_for_rival(post)

    def a_second_each() -> None:
        post.site.clock.turn(seconds=1)

    post.sender.before = a_second_each
    post.webhooks.worker.work()
    assert urls(post).index(RIVALS) <= 1, "it had one message, and does not wait for four that are older"


def test_who_does_not_answer_comes_after_who_does(post: Post) -> None:
    post.add()
    post.webhooks.desk.create(post.rival.principal, EndpointFields(RIVALS))
    post.sender.statuses[URL] = 0
    for number in range(4):
        post.put(number, EventType.BADGE_MISPLACED)
    put_for_rival(post)
    post.webhooks.worker.work()
    assert urls(post) == [URL, RIVALS, URL, URL, URL]


def test_nothing_is_sent_for_a_suspended_organisation_and_what_waits_follows_when_it_is_back(post: Post) -> None:
    post.add()
    event = post.put()
    post.site.accounts.organisations.set_state("shop-b", OrganisationState.SUSPENDED)
    post.put(2)
    assert post.webhooks.worker.work() == 0 and not post.webhooks.worker._is_due()
    post.site.accounts.organisations.set_state("shop-b", OrganisationState.ACTIVE)
    assert post.webhooks.worker._is_due() and post.webhooks.worker.work() == 2
    assert post.sender.ids()[0] == event


def test_a_machine_without_threads_loses_no_slot(one_post: Post, monkeypatch: pytest.MonkeyPatch) -> None:
    one_post.add()
    one_post.put()
    worker = one_post.webhooks.worker

    def refuse(_thread: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    start: Callable[[threading.Thread], None] = threading.Thread.start
    monkeypatch.setattr(threading.Thread, "start", refuse)
    for _ in range(AT_ONCE + 1):
        with pytest.raises(RuntimeError):
            worker._send_one()
        one_post.site.clock.turn(seconds=31)
    monkeypatch.setattr(threading.Thread, "start", start)
    assert worker._send_one()
    worker.stop()
    assert len(one_post.sender.sent) == 1
