# SPDX-License-Identifier: Apache-2.0
"""Who may do what with a webhook: maker, shop, stranger, and a rival platform to whom nothing is there."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pytest

from passport.domain.accounts import Principal, Role, Scope
from passport.domain.accounts_errors import AccountError
from passport.domain.webhooks import EndpointFields
from tests.support.accounts import READER
from tests.support.webhooks import URL, Post

OTHER = EndpointFields("https://hooks.shop-b.example/changed")


@dataclass
class Things:
    post: Post
    webhook: str
    delivery: str


Act = Callable[[Things, Principal], object]
READS: dict[str, Act] = {
    "get": lambda t, who: t.post.webhooks.desk.get(who, t.webhook),
    "page": lambda t, who: t.post.webhooks.desk.page(who, t.webhook, "", 10),
    "count_by_hour": lambda t, who: t.post.webhooks.desk.count_by_hour(who, t.webhook),
    "get_delivery": lambda t, who: t.post.webhooks.desk.get_delivery(who, t.delivery),
}
WRITES: dict[str, Act] = {
    "update": lambda t, who: t.post.webhooks.desk.update(who, t.webhook, OTHER, is_enabled=True),
    "disable": lambda t, who: t.post.webhooks.desk.set_enabled(who, t.webhook, is_enabled=False),
    "rotate": lambda t, who: t.post.webhooks.desk.rotate(who, t.webhook),
    "test": lambda t, who: t.post.webhooks.desk.test(who, t.webhook),
    "replay": lambda t, who: t.post.webhooks.desk.replay(who, t.delivery),
    "delete": lambda t, who: t.post.webhooks.desk.delete(who, t.webhook),
}
LISTS: dict[str, Act] = {
    "list_all": lambda t, who: t.post.webhooks.desk.list_all(who),
    "count_pending": lambda t, who: t.post.webhooks.desk.count_pending(who),
}
CREATE: dict[str, Act] = {"create": lambda t, who: t.post.webhooks.desk.create(who, EndpointFields(URL + "/2"))}


@pytest.fixture
def things(one_post: Post) -> Things:
    endpoint = one_post.add()
    one_post.put()
    one_post.webhooks.worker.work()
    (delivery,) = one_post.webhooks.desk.page(one_post.shop, endpoint.id, "", 10)
    return Things(one_post, endpoint.id, delivery.id)


def refusal(act: Act, things: Things, who: Principal) -> str:
    with pytest.raises(AccountError) as caught:
        act(things, who)
    return caught.value.code


@pytest.mark.parametrize("name", [*READS, *WRITES, *LISTS, *CREATE])
def test_the_shop_may_and_maker_and_stranger_may_not(things: Things, name: str) -> None:
    act = (READS | WRITES | LISTS | CREATE)[name]
    for other in (things.post.cast.maker, things.post.cast.stranger):
        assert refusal(act, things, other.principal) == "not_a_platform"
    act(things, things.post.shop)


@pytest.mark.parametrize("name", [*READS, *WRITES])
def test_for_a_rival_platform_nothing_is_there_in_the_words_for_what_does_not_exist(things: Things, name: str) -> None:
    act, rival = (READS | WRITES)[name], things.post.rival.principal
    code = refusal(act, things, rival)
    assert code in ("unknown_webhook", "unknown_delivery")
    nothing = Things(things.post, "00000000-0000-7000-8000-000000000000", "00000000-0000-7000-8000-000000000000")
    assert refusal(act, nothing, rival) == code
    for odd in ("", "\0", "\ud800", "x" * 5000):
        assert refusal(act, Things(things.post, odd, odd), rival) == code


def test_a_rivals_lists_are_empty(things: Things) -> None:
    assert [act(things, things.post.rival.principal) for act in LISTS.values()] == [[], {}]


@pytest.mark.parametrize("name", [*READS, *WRITES, *LISTS, *CREATE])
def test_roles_and_scopes_of_the_shops_own_people(things: Things, name: str) -> None:
    act = (READS | WRITES | LISTS | CREATE)[name]
    site = things.post.site
    assert refusal(act, things, site.join("shop-b", "rita", READER).principal) == "scope_missing"
    reads_alone = Principal("shop-b", things.post.shop.kind, "m", frozenset({Scope.WEBHOOKS_READ}), token="t")
    if name in WRITES | CREATE:
        assert refusal(act, things, reads_alone) == "scope_missing"
    else:
        act(things, reads_alone)
    act(things, site.join("shop-b", "otto", frozenset({Role.OPERATOR})).principal)


def test_ten_webhooks_are_the_most_each_address_once_and_every_step_is_in_the_trail(one_post: Post) -> None:
    for number in range(10):
        one_post.add(f"{URL}/{number}")
    things = Things(one_post, "", "")
    assert refusal(CREATE["create"], things, one_post.shop) == "too_many_webhooks"
    endpoints = one_post.webhooks.desk.list_all(one_post.shop)
    one_post.webhooks.desk.delete(one_post.shop, endpoints[0].id)
    assert refusal(lambda t, who: t.post.add(f"{URL}/5"), things, one_post.shop) == "webhook_url_taken"
    one_post.add(f"{URL}/0")
    one_post.webhooks.desk.rotate(one_post.shop, endpoints[1].id)
    one_post.webhooks.desk.update(one_post.shop, endpoints[1].id, endpoints[1].fields, is_enabled=False)
    with one_post.site.business.read() as books:
        actions = [event.act.action for event in books.audit.after("shop-b", 0, 100)]
    assert actions.count("webhook.created") == 11
    assert actions[-4:] == ["webhook.deleted", "webhook.created", "webhook.rotated", "webhook.disabled"]
