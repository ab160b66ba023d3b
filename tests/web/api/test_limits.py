# SPDX-License-Identifier: Apache-2.0
"""Rate limits: who is counted together, what is told, and who is never limited."""

from __future__ import annotations

import re

from flask.testing import FlaskClient

from passport.web.api.frame import ApiFrame
from passport.web.api.limits import RateLimits
from passport.web.app import create_app
from tests.support.fake_registry import FakeChecker, FakeRegistry
from verifier.web.settings import WebSettings

API = "/api/v1/registry"
FAR = "203.0.113.7"


def make_client(proxies: int = 0, exempts_loopback: bool = False) -> FlaskClient:
    limits = RateLimits(
        api_per_minute=3,
        uploads_per_minute=5,
        pages_per_minute=4,
        exempts_loopback=exempts_loopback,
        proxies=proxies,
    )
    app = create_app(FakeRegistry(), FakeChecker(), WebSettings(proxies=proxies), frame=ApiFrame(limits=limits))
    return app.test_client()


def statuses(client: FlaskClient, count: int, path: str = API, address: str = FAR, **headers: str) -> list[int]:
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    place = {"REMOTE_ADDR": address}
    return [client.get(path, environ_overrides=place, headers=sent).status_code for _ in range(count)]


def test_one_call_too_many_is_refused_as_a_problem_that_says_when_to_come_back() -> None:
    client = make_client()
    assert statuses(client, 3) == [200, 200, 200]
    answer = client.get(API, environ_overrides={"REMOTE_ADDR": FAR})
    assert (answer.status_code, answer.mimetype) == (429, "application/problem+json")
    assert answer.get_json()["code"] == "rate_limited"
    assert 1 <= int(answer.headers["Retry-After"]) <= 60
    assert answer.headers["RateLimit"].startswith('"api";r=0;t=')


def test_each_answer_tells_the_quota_and_what_is_left() -> None:
    client = make_client()
    for left in (2, 1, 0):
        answer = client.get(API, environ_overrides={"REMOTE_ADDR": FAR})
        assert answer.headers["RateLimit-Policy"] == '"api";q=3;w=60'
        found = re.fullmatch(r'"api";r=(\d+);t=(\d+)', answer.headers["RateLimit"])
        assert found is not None and int(found[1]) == left and 1 <= int(found[2]) <= 60
        assert "Retry-After" not in answer.headers


def test_another_address_has_a_quota_of_its_own_and_an_ipv6_network_has_one() -> None:
    client = make_client()
    assert statuses(client, 4)[-1] == 429
    assert statuses(client, 1, address="203.0.113.8") == [200]
    assert statuses(client, 3, address="2001:db8::1") == [200] * 3
    assert statuses(client, 1, address="2001:db8::ffff:1") == [429]
    assert statuses(client, 1, address="2001:db8:0:1::1") == [200]
    assert statuses(client, 1, address=f"::ffff:{FAR}") == [429]


def test_uploads_and_pages_are_counted_apart_and_an_unknown_address_counts_too() -> None:
    client = make_client()
    assert statuses(client, 4)[-1] == 429
    place = {"REMOTE_ADDR": FAR}
    body = {"entries": ["a"]}
    found = [client.post("/api/v1/statements", json=body, environ_overrides=place).status_code for _ in range(6)]
    assert found == [200] * 5 + [429]
    assert statuses(client, 5, "/ledger/checkpoint") == [200] * 4 + [429]
    assert statuses(make_client(), 4, "/api/v1/no-such-thing") == [404] * 3 + [429]


def test_errors_fit_whoever_asked() -> None:
    client = make_client()
    statuses(client, 4, "/ledger/checkpoint")
    answer = client.get("/ledger/checkpoint", environ_overrides={"REMOTE_ADDR": FAR})
    assert (answer.status_code, answer.mimetype) == (429, "text/plain")


def test_the_health_check_and_this_machines_own_programs_are_not_limited() -> None:
    assert statuses(make_client(), 9, "/healthz") == [200] * 9
    assert statuses(make_client(exempts_loopback=True), 9, address="127.0.0.1") == [200] * 9
    assert statuses(make_client(exempts_loopback=True), 4)[-1] == 429


def test_behind_a_proxy_the_address_is_the_one_that_the_proxy_saw() -> None:
    client = make_client(proxies=1, exempts_loopback=True)
    first = {"X_Forwarded_For": "198.51.100.1, 203.0.113.50"}
    assert statuses(client, 4, address="127.0.0.1", **first) == [200, 200, 200, 429]
    assert statuses(client, 1, address="127.0.0.1", X_Forwarded_For="198.51.100.2, 203.0.113.50") == [429]
    assert statuses(client, 1, address="127.0.0.1", X_Forwarded_For="203.0.113.51") == [200]


def test_a_token_that_nobody_gave_does_not_help() -> None:
    client = make_client()
    found = [statuses(client, 1, Authorization=f"Bearer pp_{number:08}_{'x' * 43}")[0] for number in range(4)]
    assert found[-1] == 429
