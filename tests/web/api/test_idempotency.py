# SPDX-License-Identifier: Apache-2.0
"""Idempotency keys over HTTP and in both databases: once done, however often it is sent."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import pytest
from flask import Blueprint, Flask, Response, request
from flask.testing import FlaskClient
from sqlalchemy import Connection, func, select

from passport.domain.idempotency import Claim, KeyUse, StoredAnswer
from passport.storage.business.idempotency import LEASE, RETENTION, SqlIdempotencyStore
from passport.storage.business.schema import METADATA, idempotency_keys
from passport.storage.engine import Database, Tables, open_database
from passport.storage.lock import DirectoryLock
from passport.web.api import codes
from passport.web.api.frame import ApiFrame, install_frame
from passport.web.app import PROBLEMS
from tests.support.api_contract import watch
from tests.support.postgres import new_postgres_url
from verifier.api_types import ContactInfo
from verifier.protocol.fields import Text
from verifier.web.api.codes import JSON_BODY
from verifier.web.api.operations import JSON, Answer, Content, Operation, Repeat, declare
from verifier.web.settings import WebSettings
from verifier.web.skeleton import make_app

NOW = datetime(2026, 11, 21, tzinfo=UTC)
USE = KeyUse("token:a", "key-number-1", b"f" * 32)
ANSWER = StoredAnswer(201, "application/json", "/api/v1/things/1", b'{"phone":"1","url":""}')
KEY = '"a-key-of-ours"'
MAKE = Operation(
    name="make_thing",
    group=Text(zh="测试", en="Tests"),
    summary=Text(zh="做一个。", en="Makes a thing."),
    bodies=(Content(JSON, ContactInfo),),
    answers=(Answer(201, Text(zh="做好了。", en="It is made."), (Content(JSON, ContactInfo),)),),
    problems=(*JSON_BODY, *codes.KEY_PROBLEMS),
    repeat=Repeat.KEY,
    example='curl --fail-with-body "$REGISTRY/api/v1/things"',
)


def make_tables(connection: Connection) -> None:
    METADATA.create_all(connection, tables=[idempotency_keys])


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    tables = Tables(make_tables, 7)
    if request.param == "postgresql":
        database = open_database(new_postgres_url(), None, tables)
        yield database
        database.close()
        return
    folder = tmp_path_factory.mktemp("keys")
    with DirectoryLock(folder) as lock:
        database = open_database(f"sqlite:///{folder / 'business.sqlite3'}", lock, tables)
        yield database
        database.close()


@pytest.fixture
def store(database: Database) -> SqlIdempotencyStore:
    return SqlIdempotencyStore(database)


def test_a_key_is_claimed_once_and_then_gives_the_stored_answer(store: SqlIdempotencyStore) -> None:
    assert store.claim(USE, NOW) is Claim.NEW
    assert store.claim(USE, NOW) is Claim.IN_FLIGHT
    store.finish(USE, ANSWER)
    assert store.claim(USE, NOW + RETENTION) == ANSWER
    assert store.claim(KeyUse(USE.caller, USE.key, b"g" * 32), NOW) is Claim.REUSED
    assert store.claim(KeyUse("token:b", USE.key, b"g" * 32), NOW) is Claim.NEW


def test_a_released_key_is_free_and_a_finished_one_is_not_released(store: SqlIdempotencyStore) -> None:
    store.claim(USE, NOW)
    store.release(USE)
    assert store.claim(USE, NOW) is Claim.NEW
    store.finish(USE, ANSWER)
    store.release(USE)
    assert store.claim(USE, NOW) == ANSWER


def test_the_claim_of_a_process_that_died_is_free_after_the_lease(store: SqlIdempotencyStore) -> None:
    store.claim(USE, NOW)
    assert store.claim(USE, NOW + LEASE) is Claim.IN_FLIGHT
    assert store.claim(USE, NOW + LEASE + timedelta(seconds=1)) is Claim.NEW
    assert store.claim(USE, NOW + LEASE + timedelta(seconds=2)) is Claim.IN_FLIGHT


def test_keys_are_deleted_after_a_day(store: SqlIdempotencyStore, database: Database) -> None:
    store.claim(USE, NOW)
    store.finish(USE, ANSWER)
    later = NOW + RETENTION + timedelta(seconds=1)
    assert store.claim(KeyUse("token:z", "another-key", b"z" * 32), later) is Claim.NEW
    with database.read() as connection:
        assert connection.execute(select(func.count()).select_from(idempotency_keys)).scalar_one() == 1


def test_of_many_at_the_same_time_one_claims(store: SqlIdempotencyStore) -> None:
    found: list[object] = []
    threads = [threading.Thread(target=lambda: found.append(store.claim(USE, NOW))) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found.count(Claim.NEW) == 1
    assert found.count(Claim.IN_FLIGHT) == 11


class Things:
    """Counts what it made; `fails` makes it fail."""

    def __init__(self) -> None:
        self.made = 0
        self.fails = False
        self.meanwhile: Callable[[], None] = lambda: None

    def blueprint(self) -> Blueprint:
        api = Blueprint("things", __name__)

        @api.post("/api/v1/things")
        @declare(MAKE)
        def make() -> Response:
            self.meanwhile()
            if self.fails:
                raise RuntimeError("a failure of ours")
            self.made += 1
            body = request.get_data()
            return Response(body, status=201, mimetype=JSON, headers={"Location": f"/api/v1/things/{self.made}"})

        return api


@pytest.fixture
def things() -> Things:
    return Things()


@pytest.fixture
def client(things: Things, store: SqlIdempotencyStore) -> Iterator[FlaskClient]:
    app = make_app("things", WebSettings(), PROBLEMS)
    app.register_blueprint(things.blueprint())
    install_frame(app, ApiFrame(keys=store))
    undeclared = watch(app)
    yield app.test_client()
    assert not undeclared


def post(client: FlaskClient, key: str | None = KEY, phone: str = "1") -> tuple[int, str, str]:
    headers = {} if key is None else {"Idempotency-Key": key}
    answer = client.post("/api/v1/things", json={"phone": phone, "url": ""}, headers=headers)
    code = answer.get_json().get("code", "")
    return answer.status_code, code or answer.headers["Location"], answer.headers.get("Idempotency-Replayed", "")


def test_the_same_request_again_gets_the_same_answer_and_is_done_once(client: FlaskClient, things: Things) -> None:
    assert post(client) == (201, "/api/v1/things/1", "")
    assert post(client) == (201, "/api/v1/things/1", "true")
    assert things.made == 1
    assert post(client, '"another-key"') == (201, "/api/v1/things/2", "")


def test_a_key_used_for_another_body_is_refused(client: FlaskClient, things: Things) -> None:
    post(client)
    assert post(client, phone="2") == (422, "idempotency_key_reused", "")
    assert things.made == 1


@pytest.mark.parametrize(
    ("key", "code"),
    [
        (None, "idempotency_key_missing"),
        ("", "bad_idempotency_key"),
        ("without-quotes", "bad_idempotency_key"),
        ('"short"', "bad_idempotency_key"),
        (f'"{"k" * 65}"', "bad_idempotency_key"),
        ('"with\\"quote-"', "bad_idempotency_key"),
        ('"two-keys-1", "two-keys-2"', "bad_idempotency_key"),
    ],
)
def test_a_missing_or_malformed_key_is_refused_before_anything_is_done(
    client: FlaskClient, things: Things, key: str | None, code: str
) -> None:
    assert post(client, key) == (400, code, "")
    assert things.made == 0


def test_a_failure_of_ours_frees_the_key(client: FlaskClient, things: Things) -> None:
    things.fails = True
    assert post(client)[:2] == (500, "internal_server_error")
    things.fails = False
    assert post(client) == (201, "/api/v1/things/1", "")


def test_a_second_request_while_the_first_is_worked_on_is_a_conflict(client: FlaskClient, things: Things) -> None:
    found: list[tuple[int, str, str]] = []

    def ask_again() -> None:
        things.meanwhile = lambda: None
        found.append(post(client.application.test_client()))

    things.meanwhile = ask_again
    assert post(client) == (201, "/api/v1/things/1", "")
    assert found == [(409, "idempotency_key_in_flight", "")]


def test_an_application_whose_calls_need_keys_does_not_start_without_a_place_for_them(things: Things) -> None:
    app: Flask = make_app("things", WebSettings(), PROBLEMS)
    app.register_blueprint(things.blueprint())
    with pytest.raises(ValueError, match="Idempotency-Key"):
        install_frame(app, ApiFrame())
