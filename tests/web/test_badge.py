# SPDX-License-Identifier: Apache-2.0
"""The badge: what it shows without a script, its live stream, and that it is never green when it cannot know."""

from __future__ import annotations

import http.client
import json
import time
from collections.abc import Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.support.fake_registry import GTIN, NOTICE, FakeChecker
from tests.support.web_server import WebServer
from verifier.verdict import Status
from verifier.web.icons import ICON_NAMES, make_sprite
from verifier.web.present_badge import present_badge, seconds_left
from verifier.web.settings import WebSettings
from verifier.web.streams import EventStream, StreamGate
from verifier.web.words import LOT_WORDS

BADGE = f"/badge/01/{GTIN}/10/L20260318A"
LOT_STATUSES = (Status.GENUINE, Status.RECALLED, Status.NOT_LOGGED, Status.CANNOT_TELL)


@pytest.mark.parametrize("status", LOT_STATUSES)
def test_a_badge_says_its_status_without_a_script(client: FlaskClient, checker: FakeChecker, status: Status) -> None:
    checker.lot_status = status
    page = client.get(BADGE).text
    assert LOT_WORDS[status][0].zh in page
    assert ("is-green" in page) == (status is Status.GENUINE)
    assert '<noscript><meta http-equiv="refresh" content="30"></noscript>' in page


def test_a_badge_may_be_framed_and_other_pages_may_not(client: FlaskClient) -> None:
    assert client.get(BADGE).headers["Content-Security-Policy"].endswith("frame-ancestors *")
    assert client.get("/").headers["Content-Security-Policy"].endswith("frame-ancestors 'none'")


def test_a_recalled_lot_names_the_notice_and_its_telephone(client: FlaskClient, checker: FakeChecker) -> None:
    checker.lot_status = Status.RECALLED
    assert f"{NOTICE.title.zh} · {NOTICE.contact.phone}" in client.get(BADGE).text


def test_status_gives_the_verdict_the_words_and_the_time_left(client: FlaskClient, checker: FakeChecker) -> None:
    checker.lot_seconds = 90.7
    answer = client.get(f"{BADGE}/status?lang=en")
    value = answer.get_json()
    assert value["seconds_left"] == 90
    assert value["verdict"]["status"] == value["display"]["status"] == "genuine"
    assert value["display"]["title"] == "Lot registered, no recall"
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Access-Control-Allow-Origin"] == "*"


def test_time_left_is_never_negative_and_unknown_is_none_at_all(checker: FakeChecker) -> None:
    checker.lot_seconds = -5
    assert seconds_left(checker.check_lot(GTIN, "L")) == 0
    checker.lot_seconds = 10**9
    assert seconds_left(checker.check_lot(GTIN, "L")) == 24 * 3600
    assert seconds_left(checker.check_lot("1", "L")) == 0


@pytest.mark.parametrize("status", list(Status))
def test_only_a_genuine_lot_is_green(checker: FakeChecker, status: Status) -> None:
    checker.lot_status = status
    view = present_badge(checker.check_lot(GTIN, "L"), "en")
    assert (view.colour == "green") == (status is Status.GENUINE)
    assert view.icon in ICON_NAMES
    if status in LOT_WORDS:
        assert f'id="icon-{view.icon}"' in make_sprite(("check", "recall", "missing", "question", "broken"))


@pytest.mark.parametrize("lot", ["A%2Fevents", "A%2F%2Fstatus", "%2Fevents", "%25"])
def test_a_lot_may_hold_slashes_and_the_words_of_our_addresses(app: Flask, lot: str) -> None:
    with WebServer(app) as server:
        status, headers, body = server.get(f"/badge/01/{GTIN}/10/{lot}")
        assert (status, headers["content-type"]) == (200, "text/html; charset=utf-8")
        assert f'data-events="/badge/01/{GTIN}/10/{lot}/events?lang=zh"' in body.decode()
        assert json.loads(server.get(f"/badge/01/{GTIN}/10/{lot}/status")[2])["verdict"]["status"] == "genuine"


@pytest.mark.parametrize("place", ["01/06901234567892/10/L%2f", "01/1/10/L", "01/abc/10/L", f"01/{GTIN}/10/%E4%BD%A0"])
def test_a_badge_address_that_is_not_well_formed_is_a_400_and_not_green(client: FlaskClient, place: str) -> None:
    answer = client.get(f"/badge/{place}")
    assert answer.status_code == 400
    assert 'class="verdict is-green' not in answer.text


class Reader:
    """Reads a stream of events over HTTP."""

    def __init__(self, server: WebServer, target: str) -> None:
        self.connection = http.client.HTTPConnection(server.host, timeout=5)
        self.connection.request("GET", target)
        self.answer = self.connection.getresponse()

    def events(self) -> Iterator[dict[str, dict[str, str]]]:
        while line := self.answer.readline():
            if line.startswith(b"data: "):
                yield json.loads(line[6:])

    def close(self) -> None:
        self.answer.close()
        self.connection.close()


def test_a_change_reaches_an_open_stream_at_once(app: Flask, checker: FakeChecker) -> None:
    with WebServer(app) as server:
        reader = Reader(server, f"{BADGE}/events")
        assert reader.answer.headers["Content-Type"].startswith("text/event-stream")
        events = reader.events()
        assert next(events)["verdict"]["status"] == "genuine"
        started = time.monotonic()
        checker.set_lot(Status.RECALLED)
        assert next(event for event in events if event["verdict"]["status"] == "recalled")
        assert time.monotonic() - started < 2
        reader.close()


def test_a_stream_beats_while_nothing_happens(app: Flask) -> None:
    with WebServer(app) as server:
        reader = Reader(server, f"{BADGE}/events")
        started = time.monotonic()
        for _, event in zip(range(3), reader.events(), strict=False):
            assert event["verdict"]["status"] == "genuine"
        assert 0.5 < time.monotonic() - started < 5, "two beats of 0.4 s"
        reader.close()


def test_too_many_streams_are_told_to_poll_and_places_come_back(app: Flask, gate: StreamGate) -> None:
    with WebServer(app) as server:
        readers = [Reader(server, f"{BADGE}/events") for _ in range(2)]
        status, headers, body = server.get(f"{BADGE}/events")
        assert (status, json.loads(body)["code"]) == (503, "too_many_streams")
        assert "retry-after" in headers
        assert server.get(f"{BADGE}/events", method="HEAD")[0] == 200, "HEAD takes no place"
        for reader in readers:
            reader.close()
        deadline = time.monotonic() + 10
        while gate.open_count and time.monotonic() < deadline:
            time.sleep(0.05)
        assert gate.open_count == 0


def test_stopping_the_gate_ends_open_streams_and_lets_nobody_in(app: Flask, gate: StreamGate) -> None:
    with WebServer(app) as server:
        reader = Reader(server, f"{BADGE}/events")
        gate.stop()
        started = time.monotonic()
        list(reader.events())
        assert time.monotonic() - started < 3
        assert server.get(f"{BADGE}/events")[0] == 503
        reader.close()


def test_a_stream_that_was_never_read_gives_its_place_back(checker: FakeChecker) -> None:
    gate = StreamGate(1)
    assert gate.enter()
    stream = EventStream(gate, checker, WebSettings(), lambda: "{}")
    stream.close()
    stream.close()
    assert gate.open_count == 0


def test_a_stream_ends_by_itself(checker: FakeChecker) -> None:
    gate = StreamGate(1)
    gate.enter()
    settings = WebSettings(beat_seconds=0.05, stream_seconds=0.2)
    started = time.monotonic()
    assert 2 <= len(list(EventStream(gate, checker, settings, lambda: "{}"))) <= 6
    assert time.monotonic() - started < 2
