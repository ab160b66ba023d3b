# SPDX-License-Identifier: Apache-2.0
"""POST /api/v1/verify in lines (NDJSON): order, errors in their place, bounds, hostile bodies, answers as it goes."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from typing import Any

import pytest
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from werkzeug.exceptions import ClientDisconnected

from tests.support.fake_registry import GOOD, FakeChecker
from verifier.verdict import Status
from verifier.web.code_lines import MAX_LINE_SIZE, LineError, read_code_lines
from verifier.web.verdict_json import VerdictWriter
from verifier.web.verify_api import _answer_lines

URL = "/api/v1/verify"
LINES = "application/x-ndjson"


def post(client: FlaskClient, body: bytes) -> list[dict[str, Any]]:
    answer = client.post(URL, data=body, content_type=LINES)
    assert (answer.status_code, answer.mimetype) == (200, LINES)
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    return [json.loads(line) for line in answer.get_data().split(b"\n")[:-1]]


def word(value: dict[str, Any]) -> str:
    return str(value["error"]["code"] if "error" in value else value["status"])


def test_each_line_is_answered_in_its_place_and_a_bad_line_by_an_error_of_its_own(client: FlaskClient) -> None:
    good = json.dumps(GOOD.to_path()).encode()
    lines = [
        good,
        b'{"code":' + good + b"}",
        b"nonsense",
        b"",
        b"7",
        b'["x"]',
        b'{"code":1}',
        b'{"code":"x","code":"y"}',
    ]
    lines += [
        b'{"code":"x","more":1}',
        b"null",
        b'"\xff"',
        b'"x"',
        b'"' + b"x" * MAX_LINE_SIZE + b'"',
        b"[" * 4000,
        good,
    ]
    found = [word(value) for value in post(client, b"\n".join(lines))]
    bad = ["bad_line"] * 9
    assert found == ["genuine", "genuine", *bad, "malformed", "line_too_long", "bad_line", "genuine"]


def test_a_verdict_on_a_line_is_the_object_that_the_array_holds(client: FlaskClient, checker: FakeChecker) -> None:
    checker.status = Status.RECALLED
    (line,) = post(client, json.dumps(GOOD.to_path()).encode() + b"\n")
    assert line == client.post(URL, json={"codes": [GOOD.to_path()]}).get_json()["verdicts"][0]


def test_an_array_is_answered_in_lines_for_whoever_prefers_them(client: FlaskClient) -> None:
    answer = client.post(URL, json={"codes": [GOOD.to_path(), "x"]}, headers={"Accept": LINES})
    assert answer.mimetype == LINES
    assert [json.loads(line)["status"] for line in answer.get_data().splitlines()] == ["genuine", "malformed"]


def test_windows_line_ends_and_a_missing_last_one_make_no_difference(client: FlaskClient) -> None:
    assert [word(value) for value in post(client, b'"x"\r\n"y"\r\n"z"')] == ["malformed"] * 3


def test_ten_thousand_lines_are_answered_and_the_next_one_ends_the_answer(client: FlaskClient) -> None:
    found = post(client, b'"x"\n' * 10_000)
    assert {word(value) for value in found} == {"malformed"} and len(found) == 10_000
    found = post(client, b'"x"\n' * 10_007)
    assert len(found) == 10_001
    assert word(found[-1]) == "too_many_codes"


def test_nothing_is_answered_with_nothing(client: FlaskClient) -> None:
    assert post(client, b"") == []


def test_a_body_that_is_too_large_is_refused_before_anything_is_answered(client: FlaskClient) -> None:
    answer = client.post(URL, data=b"x" * (17 << 20), content_type=LINES)
    assert (answer.status_code, answer.get_json()["code"]) == (413, "request_entity_too_large")


@pytest.mark.parametrize("size", [1, 3, 4095, 4096, 4097, 8191, 8192, 8193, 20_000])
def test_where_a_body_is_cut_on_its_way_changes_nothing(size: int) -> None:
    body = b'"a"\n' + b'"' + b"b" * size + b'"\n' + b"c" * size + b"\n" + b'"d"'
    whole = [item for piece in read_code_lines(io.BytesIO(body), maximum=10) for item in piece]

    class Drip(io.BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            return super().read(1)

    dripped = [item for piece in read_code_lines(Drip(body), maximum=10) for item in piece]
    assert dripped == whole
    assert len(whole) == 4 and whole[0] == "a" and whole[3] == "d"


def test_a_request_that_is_cut_short_says_so_at_its_end() -> None:
    class Cut:
        def __init__(self) -> None:
            self.pieces = iter([b'"a"\n"b'])

        def read(self, size: int, /) -> bytes:
            try:
                return next(self.pieces)
            except StopIteration:
                raise ClientDisconnected from None

    (first,), (last,) = read_code_lines(Cut(), maximum=10)
    assert first == "a"
    assert isinstance(last, LineError) and last.code == "request_cut_short"


def test_answers_go_out_while_the_request_arrives_if_the_client_takes_them_and_else_afterwards() -> None:
    checker = FakeChecker()
    asked_when_arrived: list[int] = []

    def arriving() -> Iterator[list[str | LineError]]:
        for _ in range(5):
            yield [GOOD.to_path()] * 10
            asked_when_arrived.append(len(checker.asked))

    eager = list(_answer_lines(arriving(), checker, VerdictWriter(), lambda: True))
    assert asked_when_arrived == [10, 20, 30, 40, 50]
    checker.asked.clear()
    asked_when_arrived.clear()
    late = list(_answer_lines(arriving(), checker, VerdictWriter(), lambda: False))
    assert asked_when_arrived == [0] * 5
    assert "".join(eager) == "".join(late)


def test_an_answer_is_made_as_it_is_read_and_never_held_as_a_whole() -> None:
    checker = FakeChecker()
    answers = _answer_lines(iter([[GOOD.to_path()] * 10_000]), checker, VerdictWriter(), lambda: False)
    next(answers)
    assert len(checker.asked) < 200


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.binary(max_size=300))
def test_any_bytes_get_one_answer_for_each_line(client: FlaskClient, data: bytes) -> None:
    lines = data.split(b"\n")
    assert len(post(client, data)) == len(lines) - (not lines[-1])
