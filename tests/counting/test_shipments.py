# SPDX-License-Identifier: Apache-2.0
"""A maker's shipment notice: who may send it, what it changes, and that it counts once."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from werkzeug.test import TestResponse

from passport.domain.check_values import CheckRow, CodeKey, Delta, ShippedRange
from passport.storage.check_schema import CHECK_TABLES
from passport.storage.check_store import CheckStore
from passport.storage.engine import open_database
from passport.storage.lock import DirectoryLock
from tests.counting.conftest import Shop
from tests.support.makers import SigningKey
from tests.support.postgres import new_postgres_url
from verifier.protocol.errors import Malformed
from verifier.protocol.shipment import ShipmentNotice, SignedShipment, parse_shipment, shipment_signed_bytes

_SEQS = itertools.count(10, 10)
NOW = datetime(2026, 3, 3, tzinfo=UTC)


def sign(notice: ShipmentNotice, key: SigningKey) -> bytes:
    return SignedShipment(notice, key.public_key.key_id, key.sign(shipment_signed_bytes(notice))).to_bytes()


def notice_of(shop: Shop, first: int, last: int, *, age: timedelta = timedelta()) -> ShipmentNotice:
    now = datetime.now(UTC).replace(microsecond=0) - age
    return ShipmentNotice(shop.workshop.origin, shop.maker.id, shop.batch.statement.batch, first, last, now)


def send(shop: Shop, data: bytes) -> TestResponse:
    return shop.client.post("/api/v1/shipments", data=data, content_type="application/json")


def code_of(answer: TestResponse) -> tuple[int, str]:
    value = answer.json
    assert value is not None
    return answer.status_code, value.get("code", "")


def before_shipping(shop: Shop, seq: int) -> tuple[int, int]:
    shop.recorder.flush()
    row = CheckStore(shop.workshop.registry.checks).find(shop.key(seq))
    assert row is not None
    return row.before_shipping, row.sessions


def test_sessions_before_the_notice_are_before_shipping_and_later_ones_are_not(shop: Shop) -> None:
    seq = next(_SEQS)
    shop.visit(seq, address="192.0.2.1")
    shop.visit(seq + 5, address="192.0.2.1")
    shop.visit(seq, address="192.0.2.2")  # not written yet when the notice comes
    data = sign(notice_of(shop, seq, seq + 4), shop.maker.key)
    answer = send(shop, data)
    assert answer.status_code == 200
    assert answer.json is not None and answer.json["is_new"] is True and answer.json["count"] == 5
    shop.visit(seq, address="192.0.2.3")
    assert before_shipping(shop, seq) == (2, 3)
    assert before_shipping(shop, seq + 5) == (0, 1)
    assert "Before the maker shipped it</dt><dd>2</dd>" in shop.visit(seq).text


def test_the_same_notice_again_and_another_one_for_the_same_codes_change_nothing(shop: Shop) -> None:
    seq = next(_SEQS)
    data = sign(notice_of(shop, seq, seq), shop.maker.key)
    first = send(shop, data).json
    shop.visit(seq)
    again = send(shop, data).json
    assert first is not None and again == first | {"is_new": False}
    later = sign(notice_of(shop, seq - 1, seq, age=timedelta(seconds=5)), shop.maker.key)
    assert send(shop, later).status_code == 200
    assert before_shipping(shop, seq) == (0, 1)


def test_a_stranger_cannot_send_one_and_each_refusal_says_why(shop: Shop) -> None:
    seq = next(_SEQS)
    good, key = notice_of(shop, seq, seq), shop.maker.key
    stranger = SigningKey("stranger")
    forged = SignedShipment(good, key.public_key.key_id, stranger.sign(shipment_signed_bytes(good))).to_bytes()
    shop.visit(seq)
    assert code_of(send(shop, forged)) == (422, "bad_signature")
    assert code_of(send(shop, sign(good, stranger))) == (422, "unknown_key")
    assert code_of(send(shop, sign(replace(good, batch=77), key))) == (404, "unknown_batch")
    assert code_of(send(shop, sign(replace(good, issuer="nobody"), key))) == (404, "unknown_batch")
    assert code_of(send(shop, sign(replace(good, last_seq=300), key))) == (422, "seq_outside_batch")
    assert code_of(send(shop, sign(replace(good, origin="other.example/ledger"), key))) == (422, "another_origin")
    old = notice_of(shop, seq, seq, age=timedelta(days=8))
    assert code_of(send(shop, sign(old, key))) == (422, "notice_too_old")
    early = notice_of(shop, seq, seq, age=-timedelta(hours=1))
    assert code_of(send(shop, sign(early, key))) == (422, "notice_from_the_future")
    assert before_shipping(shop, seq) == (0, 1)


@pytest.mark.parametrize(
    ("change", "status"),
    [
        (lambda data: data + b" ", 400),
        (lambda data: b"", 400),
        (lambda data: b"\xff\x00", 400),
        (lambda data: b"[]", 400),
        (lambda data: data.replace(b'"first_seq"', b'"last_seq"'), 400),
        (lambda data: data.replace(b'"signature":"', b'"signature":"A'), 400),
        (lambda data: data.replace(b"shipment/v1", b"shipment/v2"), 400),
        (lambda data: data[:-1] + b',"more":1}', 400),
        (lambda data: data * 100, 413),
    ],
)
def test_what_is_no_notice_is_refused(shop: Shop, change: Callable[[bytes], bytes], status: int) -> None:
    data = sign(notice_of(shop, 1, 2), shop.maker.key)
    answer = send(shop, change(data))
    assert answer.status_code == status
    assert shop.client.post("/api/v1/shipments", data=data, content_type="text/plain").status_code == 415


def test_a_notice_has_one_spelling() -> None:
    key = SigningKey("maker")
    data = sign(ShipmentNotice("id.example.cn/ledger", "acme", 1, 2, 3, NOW), key)
    assert parse_shipment(data).to_bytes() == data
    with pytest.raises(Malformed, match="first_seq"):
        parse_shipment(sign(ShipmentNotice("id.example.cn/ledger", "acme", 1, 3, 2, NOW), key))


@pytest.fixture(params=["sqlite", "postgresql"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[CheckStore]:
    if request.param == "postgresql":
        database = open_database(new_postgres_url(), None, CHECK_TABLES)
        yield CheckStore(database)
        database.close()
        return
    with DirectoryLock(tmp_path) as lock:
        database = open_database(f"sqlite:///{tmp_path / 'checks.sqlite3'}", lock, CHECK_TABLES)
        yield CheckStore(database)
        database.close()


def test_a_notice_makes_a_code_suspect_where_two_provinces_knew_it_before(store: CheckStore) -> None:
    keys = [CodeKey("acme", 0, seq) for seq in range(400)]
    delta = Delta(sessions=3, provinces=0b11, travels=2)
    rows = store.apply({key: {739_000: delta} for key in keys}, lambda _: None)
    assert rows[keys[7]] == CheckRow(739_000, 3, 0b11, 0, 2)
    assert store.load_suspects() == {}
    shipped = ShippedRange(b"1" * 32, "acme", 0, 100, 299, NOW)
    changed, accepted = store.accept_shipment(shipped)
    assert accepted is shipped
    assert set(changed) == set(keys[100:300])
    assert store.load_suspects() == changed
    assert store.accept_shipment(shipped)[0] == {}
    again, _ = store.accept_shipment(ShippedRange(b"2" * 32, "acme", 0, 250, 310, NOW))
    assert set(again) == set(keys[300:311]), "what an earlier notice covers stays as it is"
