# SPDX-License-Identifier: Apache-2.0
"""POST /api/v1/verify: order, independence of the codes, bounds, hostile bodies."""

from __future__ import annotations

import json

import pytest
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.support.fake_registry import GOOD, GTIN, FakeChecker
from verifier.verdict import Status

URL = "/api/v1/verify"


def test_each_code_gets_its_verdict_in_the_same_order(client: FlaskClient) -> None:
    codes = [GOOD.to_path(), "nonsense", GOOD.to_url("a.example.cn"), "x" * 600, "", "\ud800"]
    answer = client.post(URL, json={"codes": codes})
    assert answer.status_code == 200
    found = [verdict["status"] for verdict in answer.get_json()["verdicts"]]
    assert found == ["genuine", "malformed", "genuine", "malformed", "malformed", "malformed"]


def test_a_verdict_is_what_the_checker_says(client: FlaskClient, checker: FakeChecker) -> None:
    checker.status = Status.RECALLED
    (verdict,) = client.post(URL, json={"codes": [GOOD.to_path()]}).get_json()["verdicts"]
    assert verdict == checker.check(GOOD.to_path()).to_json()
    assert verdict["gtin"] == GTIN


def test_ten_thousand_codes_are_taken_and_one_more_is_not(client: FlaskClient) -> None:
    assert len(client.post(URL, json={"codes": ["x"] * 10_000}).get_json()["verdicts"]) == 10_000
    answer = client.post(URL, json={"codes": ["x"] * 10_001})
    assert (answer.status_code, answer.get_json()["code"]) == (400, "bad_body")


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"", "bad_json"),
        (b"{", "bad_json"),
        (b"\xff\xfe", "bad_json"),
        ('{"codes":["x"]}'.encode("utf-16"), "bad_json"),
        ('\ufeff{"codes":["x"]}'.encode(), "bad_json"),
        (b"[" * 100_000, "bad_json"),
        (b"null", "bad_body"),
        (b"[]", "bad_body"),
        (b'{"codes":[]}', "bad_body"),
        (b'{"codes":"x"}', "bad_body"),
        (b'{"codes":[1]}', "bad_body"),
        (b'{"codes":[null]}', "bad_body"),
        (b'{"codes":["x"],"more":1}', "bad_body"),
        (b'{"codes":["x"],"codes":["y"]}', "repeated_member"),
        (b'{"codes":["x"],"n":' + b"9" * 5000 + b"}", "bad_json"),
    ],
)
def test_a_body_of_another_shape_is_refused(client: FlaskClient, body: bytes, code: str) -> None:
    answer = client.post(URL, data=body, content_type="application/json")
    assert answer.status_code == 400
    assert answer.mimetype == "application/problem+json"
    assert answer.get_json()["code"] == code


def test_another_media_type_is_refused(client: FlaskClient) -> None:
    answer = client.post(URL, data='{"codes":["x"]}', content_type="text/plain")
    assert (answer.status_code, answer.get_json()["code"]) == (415, "unsupported_media_type")


def test_a_body_that_is_too_large_is_refused(client: FlaskClient) -> None:
    answer = client.post(URL, data=b'{"codes":["' + b"x" * (8 << 20) + b'"]}', content_type="application/json")
    assert (answer.status_code, answer.get_json()["code"]) == (413, "request_entity_too_large")


def test_any_site_may_ask(client: FlaskClient) -> None:
    preflight = client.options(URL, headers={"Origin": "https://shop.example", "Access-Control-Request-Method": "POST"})
    assert preflight.headers["Access-Control-Allow-Origin"] == "*"
    assert "POST" in preflight.headers["Access-Control-Allow-Methods"]
    assert preflight.headers["Access-Control-Allow-Headers"] == "Content-Type"
    assert client.post(URL, json={"codes": ["x"]}).headers["Access-Control-Allow-Origin"] == "*"


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    value=st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    )
)
def test_no_json_makes_the_server_fail(client: FlaskClient, value: object) -> None:
    for body in (value, {"codes": value}):
        answer = client.post(URL, data=json.dumps(body), content_type="application/json")
        assert answer.status_code in (200, 400)


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.binary(max_size=200))
def test_no_bytes_make_the_server_fail(client: FlaskClient, data: bytes) -> None:
    assert client.post(URL, data=data, content_type="application/json").status_code in (200, 400)
