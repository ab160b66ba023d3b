# SPDX-License-Identifier: Apache-2.0
"""A platform with a key, its listing, and the public pages over fakes that say what a test has them say."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask

from tests.support.fake_registry import GTIN, MAKER, FakeChecker
from tests.support.makers import SigningKey, make_uscc
from verifier.protocol.badge_token import BadgeClaims, join_badge_token, signing_input
from verifier.protocol.fields import Contact, Text
from verifier.trust import Issuer, KeyRecord
from verifier.web.badge_ports import Binding, ListingBadges
from verifier.web.badge_secrets import BadgeSecrets
from verifier.web.embedding import Embedding
from verifier.web.listing_badge import make_listing_badge_blueprint
from verifier.web.oembed import make_oembed_blueprint
from verifier.web.problems import ProblemTable
from verifier.web.settings import WebSettings
from verifier.web.skeleton import make_app
from verifier.web.streams import StreamGate

LEDGER = "registry.example.cn/ledger"
LISTING = "0193aaaa-0000-7000-8000-000000000001"
SHOP = "https://shop.example.cn"
URL = f"{SHOP}/item?id=1"
LOT = "L20260318A"
KEY, OLD_KEY, RIVALS_KEY = (SigningKey(name) for name in ("shop b", "shop b, old", "shop d"))
PLATFORM = Issuer(
    id="shop-b",
    name=Text(zh="某某商城", en="Some Mall"),
    uscc=make_uscc(8),
    roles=("platform",),
    prefixes=(),
    contact=Contact(phone="", url="https://shop.example.cn/help"),
    keys=(KeyRecord(KEY.public_key, 3), KeyRecord(OLD_KEY.public_key, 4, revoked_from=9)),
)
RIVAL = replace(PLATFORM, id="shop-d", keys=(KeyRecord(RIVALS_KEY.public_key, 5),))
BINDING = Binding("bound", URL, GTIN, (LOT,), "s-1", "某某旗舰店", frozenset({SHOP}))


def now() -> datetime:
    return datetime.now(UTC)


def make_claims(**changes: Any) -> BadgeClaims:
    """Good claims, made a minute ago for fifteen minutes."""
    at = (now() - timedelta(seconds=60)).replace(microsecond=0)
    claims = BadgeClaims(
        "shop-b", LISTING, LEDGER, at, at + timedelta(seconds=900), GTIN, LOT, "s-1", "某某旗舰店", SHOP
    )
    return replace(claims, **changes)


def sign(claims: BadgeClaims, key: SigningKey = KEY) -> str:
    signed = signing_input(claims, key.public_key.key_id)
    return join_badge_token(signed, key.sign(signed))


def make_token(**changes: Any) -> str:
    return sign(make_claims(**changes))


@dataclass
class World:
    """What the server knows; a test changes it."""

    checker: FakeChecker
    bindings: dict[tuple[str, str], Binding] = field(default_factory=dict)
    alerts: list[tuple[str, str, str]] = field(default_factory=list)
    moved: timedelta = timedelta()

    def clock(self) -> datetime:
        return now() + self.moved

    def find(self, organisation: str, listing_id: str) -> Binding | None:
        return self.bindings.get((organisation, listing_id))

    def note(self, claims: BadgeClaims, embedding: Embedding, at: datetime) -> None:
        self.alerts.append((claims.listing, embedding.finding.value, embedding.place))

    def bind(self, **changes: Any) -> None:
        self.bindings["shop-b", LISTING] = replace(BINDING, **changes)


@pytest.fixture
def world() -> World:
    checker = FakeChecker()
    checker.issuers = {"shop-b": PLATFORM, "shop-d": RIVAL, MAKER.id: MAKER}
    world = World(checker)
    world.bind()
    return world


def make_badge_app(world: World, settings: WebSettings, gate: StreamGate, *, is_node: bool = False) -> Flask:
    """The public pages of badges alone."""
    bindings = None if is_node else world
    badges = ListingBadges(LEDGER, BadgeSecrets(bytes(range(32))), world, world.clock, bindings)
    app = make_app("badges", settings, ProblemTable({}))
    app.register_blueprint(make_listing_badge_blueprint(world.checker, badges, settings, gate))
    app.register_blueprint(make_oembed_blueprint(world.checker, badges, settings))
    return app


SETTINGS = WebSettings(max_streams=4, beat_seconds=0.4, stream_seconds=30.0, poll_seconds=0.5)


@pytest.fixture
def gate() -> Iterator[StreamGate]:
    gate = StreamGate(SETTINGS.max_streams)
    yield gate
    gate.stop()


@pytest.fixture
def app(world: World, gate: StreamGate) -> Flask:
    return make_badge_app(world, SETTINGS, gate)
