# SPDX-License-Identifier: Apache-2.0
"""Twenty recalls over 5,000 listings of four platforms, one of which cannot be reached for six hours. A played clock.

Real tables, the real outbox and its worker; only the network and the hour are told. The figures are held against a
model of a few lines that knows nothing of the services.
"""

from __future__ import annotations

import time
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from statistics import median

import pytest

from passport.domain.accounts import OrganisationKind, Principal
from passport.domain.listings import Listing, ListingFields, ListingState
from passport.domain.recall_cases import Chosen
from passport.domain.recall_indicators import Share
from passport.domain.webhooks import Attempt, EndpointFields
from passport.services.recalls.board import Board, BoardCase
from passport.services.webhooks import make_webhooks
from tests.support.listings import CODE, GTIN
from tests.support.recalls import Recalling, lots_of, state_of
from tests.support.webhooks import ToldSender, make_kit

RECALLS, LISTINGS = 20, 5_000
STEP, EVERY = timedelta(minutes=5), timedelta(minutes=15)
DOWN_FROM, DOWN_UNTIL = timedelta(hours=1), timedelta(hours=7)
PLATFORMS = ("shop-b", "shop-d", "shop-f", "shop-g")
DARK = "shop-f"  # its receiver is down
HALVES = "shop-g"  # reports one half in time, the other half too late
# How long after the push, or after the receipt where there was none, each platform reports.
REPORTS = {"shop-b": timedelta(hours=2), "shop-d": timedelta(hours=20), DARK: timedelta(hours=3)}
FIRST_HALF, SECOND_HALF = timedelta(hours=10), timedelta(hours=26)


def url_of(platform: str) -> str:
    return f"https://hooks.{platform}.example/in"


@dataclass
class LoggingSender(ToldSender):
    """Also notes when."""

    log: list[tuple[datetime, str, str, int]] = field(default_factory=list)

    def send(self, url: str, body: bytes, headers: dict[str, str], at: datetime) -> Attempt:
        attempt = ToldSender.send(self, url, body, headers, at)
        self.log.append((at, url, headers["webhook-id"], attempt.status))
        return attempt


@dataclass
class Model:
    """What should come of it: plain sets and times."""

    lots: dict[str, frozenset[int]]
    owner: dict[str, str]
    pushed: dict[int, datetime] = field(default_factory=dict)
    affected: dict[tuple[str, int], list[str]] = field(default_factory=lambda: defaultdict(list))
    delisted: dict[str, datetime] = field(default_factory=dict)

    def publish(self, recall: int, now: datetime) -> None:
        self.pushed[recall] = now
        for listing in sorted(self.lots):
            if recall in self.lots[listing] and listing not in self.delisted:
                self.affected[self.owner[listing], recall].append(listing)

    def report(self, listings: list[str], now: datetime) -> None:
        for listing in listings:
            self.delisted.setdefault(listing, now)

    def seconds(self, platform: str, recall: int) -> list[int]:
        begun = self.pushed[recall]
        return [int((self.delisted[one] - begun).total_seconds()) for one in self.affected[platform, recall]]


@dataclass
class Play:
    """The stage: `run` goes through 32 hours, five minutes at a time."""

    recalling: Recalling
    sender: LoggingSender
    people: dict[str, Principal]
    model: Model
    start: datetime

    @property
    def now(self) -> datetime:
        return self.recalling.site.clock.now

    def run(self) -> None:
        published = 0
        reports: dict[datetime, list[tuple[str, int, str]]] = defaultdict(list)
        waiting: set[int] = set()
        while self.now - self.start < timedelta(hours=34):
            passed = self.now - self.start
            self.sender.statuses[url_of(DARK)] = 503 if DOWN_FROM <= passed < DOWN_UNTIL else 204
            if published < RECALLS and passed >= EVERY * published:
                self.recalling.ledger.publish(state_of(published, lots_of(f"L{published:02}"), index=40 + published))
                self.model.publish(published, self.now)
                self.recalling.carry()
                for platform in ("shop-b", "shop-d"):
                    reports[self.now + REPORTS[platform]].append((platform, published, "all"))
                reports[self.now + FIRST_HALF].append((HALVES, published, "even"))
                reports[self.now + SECOND_HALF].append((HALVES, published, "all"))
                waiting.add(published)
                published += 1
            self.recalling.webhooks.worker.work()
            self.recalling.carry()
            for recall in sorted(waiting):
                if self.recalling.case(DARK, state_of(recall).recall_id).received_at is not None:
                    waiting.remove(recall)
                    reports[self.now + REPORTS[DARK]].append((DARK, recall, "all"))
            for platform, recall, which in reports.pop(self.now, []):
                self.report(platform, recall, which)
            self.recalling.site.clock.now += STEP
        assert not waiting and not reports

    def report(self, platform: str, recall: int, which: str) -> None:
        case = self.recalling.case(platform, state_of(recall).recall_id)
        ids = self.model.affected[platform, recall]
        if which == "all":
            self.recalling.recalls.desk.report_delisted(self.people[platform], case.id, Chosen(are_all=True))
            self.model.report(ids, self.now)
            return
        half = ids[::2]
        for at in range(0, len(half), 200):
            chosen = Chosen(tuple(half[at : at + 200]))
            self.recalling.recalls.desk.report_delisted(self.people[platform], case.id, chosen)
        self.model.report(half, self.now)


@pytest.fixture
def play(one_recalling: Recalling) -> Play:
    site, start = one_recalling.site, one_recalling.site.clock.now
    for name in PLATFORMS[2:]:
        site.add(name, OrganisationKind.PLATFORM)
    people = {"shop-b": one_recalling.market.cast.shop.principal, "shop-d": one_recalling.market.rival.principal}
    people |= {name: site.join(name, f"{name}.x").principal for name in PLATFORMS[2:]}
    sender = LoggingSender()
    webhooks = make_webhooks(make_kit(site, sender))
    one_recalling.webhooks = webhooks
    for name in PLATFORMS:
        webhooks.desk.create(people[name], EndpointFields(url_of(name), ()))
    made, lots, owner = [], {}, {}
    for number in range(LISTINGS):
        platform, own = PLATFORMS[number % 4], {number // 4 % RECALLS}
        if number % 10 == 0:
            own.add((number // 4 + 5) % RECALLS)  # two recalls reach it
        named = tuple(f"L{lot:02}" for lot in sorted(own))
        url, seller = f"https://{platform}.example.cn/item/{number}", f"s-{number % 50}"
        fields = ListingFields(url, seller, "某某旗舰店", GTIN, named, (CODE,))
        listing = Listing(one_recalling.kit.ids(), platform, fields, ListingState.BOUND, 1, start, start)
        made.append((listing, number))
        lots[listing.id], owner[listing.id] = frozenset(own), platform
    with site.business.write() as books:
        books.listings.add_imported(made, "")
    return Play(one_recalling, sender, people, Model(lots, owner), start)


def test_twenty_recalls_over_five_thousand_listings_with_a_platform_that_is_down_for_six_hours(play: Play) -> None:
    began = time.monotonic()
    play.run()
    assert time.monotonic() - began < 60
    play.recalling.watcher.sign_in()
    board = play.recalling.recalls.board.show(play.recalling.watcher.principal)
    found = {(one.facts.case.organisation, row.mark.state.recall_id): one for row in board.rows for one in row.cases}
    assert len(found) == RECALLS * len(PLATFORMS) and board.handled_size == 40 + RECALLS
    check_receipts(play, found)
    check_figures(play, found)
    check_messages(play)
    check_listings(play)
    check_indicators(play, board, found)


def check_receipts(play: Play, found: dict[tuple[str, str], BoardCase]) -> None:
    """Who received what when: the sender's own log against the cases."""
    first: dict[str, datetime] = {}
    for at, _, event, status in play.sender.log:
        if status == 204:
            first.setdefault(event, at)
    for (platform, recall_id), one in found.items():
        case = one.facts.case
        assert case.pushed_at is not None and case.received_at is not None
        assert case.pushed_at == play.model.pushed[int(recall_id[-2:])]
        assert (case.received_at, case.received_by) == (first[case.event], "webhook")
        if platform != DARK or case.pushed_at - play.start < DOWN_FROM:
            assert case.received_at == case.pushed_at
        else:
            assert timedelta(0) <= case.received_at - play.start - DOWN_UNTIL <= timedelta(hours=1)


def check_figures(play: Play, found: dict[tuple[str, str], BoardCase]) -> None:
    """Which listings, how long each took, which were too late."""
    for (platform, recall_id), one in found.items():
        recall, figures = int(recall_id[-2:]), one.figures
        seconds = play.model.seconds(platform, recall)
        assert {held.listing for held in one.facts.listings} == set(play.model.affected[platform, recall])
        assert (figures.affected, figures.stopped, figures.pending) == (len(seconds), len(seconds), 0)
        assert figures.late == sum(value > 24 * 3600 for value in seconds)
        assert (figures.median_seconds, figures.worst_seconds) == (int(median(seconds)), max(seconds))


def check_messages(play: Play) -> None:
    """Nothing is sent twice under another id, and nothing again that was taken."""
    by_url = defaultdict(set)
    for url, headers, body in play.sender.sent:
        by_url[url].add((headers["webhook-id"], body))
    for platform in PLATFORMS:
        sent = by_url[url_of(platform)]
        assert len(sent) == len({name for name, _ in sent}) == len({body for _, body in sent}) == RECALLS
    taken = Counter(event for _, _, event, status in play.sender.log if status == 204)
    assert set(taken.values()) == {1} and len(taken) == RECALLS * len(PLATFORMS)


def check_listings(play: Play) -> None:
    """Each was stopped once, and taken down once."""
    with play.recalling.site.business.read() as books:
        listings = books.listings.of_gtin(GTIN, "", LISTINGS + 1)
    assert {(one.state, one.revision) for one in listings} == {(ListingState.DELISTED, 3)}
    assert len(listings) == LISTINGS


def check_indicators(play: Play, board: Board, found: dict[tuple[str, str], BoardCase]) -> None:
    """Against the model, and as numbers that can be worked out by hand."""
    indicators, seconds = board.indicators, []
    for platform, recall_id in found:
        seconds.extend(play.model.seconds(platform, int(recall_id[-2:])))
    late = sum(value > 24 * 3600 for value in seconds)
    assert indicators.stopped_in_time == Share(len(seconds) - late, len(seconds))
    assert indicators.notices_shown == Share(0, len(seconds))
    # Three platforms at once, and the four recalls before the fourth one's receiver went down.
    assert indicators.shared_in_real_time == Share(3 * RECALLS + 4, 4 * RECALLS)
    assert indicators.median_share_seconds == 0
    # 31 of each recall's 62 or 63 listings are the second half; 376 of the 500 with two lots were still up.
    assert (len(seconds), late) == (5_376, 31 * RECALLS)
    assert indicators.relisting_blocked.permille is None and indicators.sellers_acted_on.permille is None
