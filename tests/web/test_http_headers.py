# SPDX-License-Identifier: Apache-2.0
"""What holds for every answer: headers, hosts, errors in their table, contrast of the colours."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient

from passport.web.app import PROBLEMS, create_app
from tests.support.fake_registry import GOOD, FakeChecker, FakeRegistry
from verifier.protocol.errors import VerifierError
from verifier.web.assets import find_static
from verifier.web.settings import WebSettings
from verifier.web.static_files import asset_address

ADDRESSES = ["/", "/check", f"/check{GOOD.to_path()}", "/nothing", "/api/v1/nothing", "/ledger/checkpoint", "/healthz"]


@pytest.mark.parametrize("address", ADDRESSES)
def test_every_answer_carries_the_security_headers(client: FlaskClient, address: str) -> None:
    headers = client.get(address).headers
    policy = headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; style-src 'self' 'sha256-")
    assert "; img-src 'self' data:; script-src 'self'" in policy
    assert "unsafe" not in policy
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert "Server" not in headers or "Python" not in headers["Server"]


def test_an_unknown_host_is_refused() -> None:
    app = create_app(FakeRegistry(), FakeChecker(), WebSettings(trusted_hosts=("id.example.cn",)))
    client = app.test_client()
    assert client.get("/", base_url="https://id.example.cn").status_code == 200
    for address in ("/", "/api/v1/registry", "/ledger/checkpoint"):
        assert client.get(address, base_url="https://evil.example").status_code == 400


def test_the_language_cookie_is_secure_behind_https() -> None:
    client = create_app(FakeRegistry(), FakeChecker(), WebSettings(is_https=True)).test_client()
    assert "Secure" in client.get("/?lang=en").headers["Set-Cookie"]
    assert "Set-Cookie" not in client.get("/?lang=fr").headers


def test_every_error_of_the_verifier_has_a_status() -> None:
    def descendants(cls: type[Exception]) -> list[type[Exception]]:
        return [found for child in cls.__subclasses__() for found in (child, *descendants(child))]

    for cls in descendants(VerifierError):
        error = cls.__new__(cls, "some_code", "some words")
        VerifierError.__init__(error, "some_code", "some words")
        problem = PROBLEMS.describe(error)
        assert 400 <= problem.status < 600
        assert problem.status != 500, f"{cls.__name__} has no row"
        assert (problem.code, problem.detail) == ("some_code", "some words")


def test_an_unexpected_error_tells_nothing_about_itself(app: Flask, checker: FakeChecker) -> None:
    def explode(code: str) -> None:
        raise RuntimeError("secret detail")

    checker.check = explode  # type: ignore[method-assign, assignment]
    for accept in ("text/html", "application/json"):
        answer = app.test_client().get(f"/check{GOOD.to_path()}", headers={"Accept": accept})
        assert answer.status_code == 500
        assert "secret" not in answer.text
        assert "Traceback" not in answer.text


def test_a_wrong_method_is_a_problem(client: FlaskClient) -> None:
    answer = client.delete("/api/v1/verify")
    assert (answer.status_code, answer.get_json()["code"]) == (405, "method_not_allowed")


def test_a_person_gets_an_error_page_in_their_language(client: FlaskClient) -> None:
    answer = client.get("/nothing", headers={"Accept-Language": "en"})
    assert (answer.status_code, answer.mimetype) == (404, "text/html")
    assert "There is no such page here" in answer.text


@pytest.mark.parametrize("name", ["passport.css", "badge.mjs", "icon.svg"])
def test_static_files_have_their_type_and_may_be_kept_with_their_version(client: FlaskClient, name: str) -> None:
    kinds = {"passport.css": "text/css", "badge.mjs": "text/javascript", "icon.svg": "image/svg+xml"}
    answer = client.get(asset_address(name))
    assert answer.mimetype == kinds[name]
    assert "immutable" in answer.headers["Cache-Control"]
    assert client.get(f"/static/{name}").headers["Cache-Control"] == "no-cache"


@pytest.mark.parametrize("name", ["nothing.css", "../web/check.py", "..%2fweb%2fcheck.py", "passport.py", "a"])
def test_nothing_but_static_files_is_served(client: FlaskClient, name: str) -> None:
    assert client.get(f"/static/{name}").status_code == 404


def luminance(colour: str) -> float:
    channels = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4 for value in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(left: str, right: str) -> float:
    high, low = sorted((luminance(left), luminance(right)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def test_text_has_a_contrast_of_at_least_4_5_in_light_and_dark() -> None:
    style = (find_static() / "passport.css").read_text()
    blocks = re.findall(r":root \{(.*?)\}", style, re.DOTALL)
    light = dict(re.findall(r"--([a-z-]+): (#[0-9a-f]+);", blocks[0]))
    dark = light | dict(re.findall(r"--([a-z-]+): (#[0-9a-f]+);", blocks[1]))
    for scheme in (light, dark):
        colours = {
            name: value if len(value) == 7 else "#" + "".join(2 * c for c in value[1:])
            for name, value in scheme.items()
        }
        pairs = [(ink, ground) for ground in ("ground", "paper") for ink in ("ink", "quiet", "link")]
        pairs += [("good", "paper"), ("bad", "paper"), ("bad", "alert"), ("ink", "alert"), ("quiet", "alert")]
        pairs += [("link", "alert"), ("ink", "warm"), ("amber-ink", "amber"), ("paper", "ink")]
        for ink, ground in pairs:
            assert contrast(colours[ink], colours[ground]) >= 4.5, f"{ink} on {ground}"
        for band in ("green", "red", "grey"):
            assert contrast("#ffffff", colours[band]) >= 4.5, band
