# SPDX-License-Identifier: Apache-2.0
"""Request ids and the log: one line for each request, which can be found again and tells nothing about the person."""

from __future__ import annotations

import json
import logging
import sys

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.support.fake_registry import GOOD, FakeRegistry
from tests.support.registry_process import RegistryProcess
from verifier.web.api.request_log import JsonFormatter, TextFormatter

API = "/api/v1/registry"


def test_a_well_formed_request_id_comes_back_and_any_other_is_replaced(client: FlaskClient) -> None:
    assert client.get(API, headers={"X-Request-Id": "order-7.retry_2"}).headers["X-Request-Id"] == "order-7.retry_2"
    for bad in ("short", "x" * 65, "with space in it", 'quote"quote"', "ünicode-id"):
        found = client.get(API, headers={"X-Request-Id": bad}).headers.getlist("X-Request-Id")
        assert len(found) == 1
        assert len(found[0]) == 32 and int(found[0], 16) >= 0
    assert client.get(API).headers["X-Request-Id"] != client.get(API).headers["X-Request-Id"]


@pytest.mark.parametrize(
    "path", [API, "/", "/ledger/checkpoint", "/nothing", "/static/nothing", "/api/v1/issuers/A%20B"]
)
def test_every_answer_has_an_id_and_a_problem_repeats_it(client: FlaskClient, path: str) -> None:
    answer = client.get(path, environ_overrides={"REQUEST_URI": path}, headers={"X-Request-Id": "my-own-id"})
    assert answer.headers["X-Request-Id"] == "my-own-id"
    if answer.mimetype == "application/problem+json":
        assert answer.get_json()["request_id"] == "my-own-id"


def lines(caplog: pytest.LogCaptureFixture) -> list[dict[str, object]]:
    return [json.loads(JsonFormatter().format(record)) for record in caplog.records if hasattr(record, "members")]


def test_a_request_is_one_line_with_the_template_of_its_route(
    client: FlaskClient, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    headers = {"X-Request-Id": "my-own-id", "User-Agent": "Somebody's browser"}
    client.get(f"/check{GOOD.to_path()}", headers=headers, buffered=True)
    (line,) = lines(caplog)
    assert line["route"] == "/check/<tail:code>"
    assert (line["method"], line["status"], line["request_id"]) == ("GET", 200, "my-own-id")
    assert isinstance(line["bytes"], int) and line["bytes"] > 1000
    assert isinstance(line["duration_ms"], float) and line["duration_ms"] > 0
    assert set(line) == {
        "at",
        "level",
        "logger",
        "message",
        "method",
        "route",
        "status",
        "duration_ms",
        "bytes",
        "request_id",
    }


def test_no_code_address_browser_or_query_gets_into_the_log(
    client: FlaskClient, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    headers = {"User-Agent": "Somebody's browser", "Referer": "https://shop.example/secret"}
    place = {"REMOTE_ADDR": "203.0.113.99"}
    for target in (GOOD.to_path(), f"/check{GOOD.to_path()}", f"/api/v1/proof{GOOD.to_path()}", "/check?code=secret"):
        client.get(target, headers=headers, environ_overrides=place, buffered=True)
    body = {"codes": [GOOD.to_path()]}
    client.post("/api/v1/verify", json=body, headers=headers, environ_overrides=place, buffered=True)
    for formatter in (JsonFormatter(), TextFormatter()):
        text = "\n".join(formatter.format(record) for record in caplog.records)
        assert text.count("route") == 5
        for secret in (GOOD.serial, GOOD.seal.to_text()[:20], "Somebody", "203.0.113.99", "secret", "shop.example"):
            assert secret not in text


def test_a_failure_is_logged_with_its_request(
    app: Flask, registry: FakeRegistry, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    registry.is_down = True
    app.test_client().get("/healthz", buffered=True)
    assert [(line["status"], line["route"]) for line in lines(caplog)] == [(503, "/healthz")]


def test_a_traceback_stays_on_the_one_line_of_its_json() -> None:
    try:
        raise RuntimeError("two\nlines")
    except RuntimeError:
        record = logging.getLogger("x").makeRecord("x", 40, "f", 1, "failed %s", ("here",), sys.exc_info())
    text = JsonFormatter().format(record)
    assert "\n" not in text
    value = json.loads(text)
    assert value["message"] == "failed here" and "RuntimeError" in value["exception"]


def test_the_server_writes_json_lines_when_it_is_told_to(tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("json_log")
    with RegistryProcess(folder, serve_options=("--log-format", "json")) as process:
        assert process.run("issuer", "--help").returncode == 0
    text = (folder / "server.log").read_text()
    found = [json.loads(line) for line in text.splitlines() if line.startswith("{")]
    assert any(line.get("route") == "/ledger/checkpoint" and line["status"] == 200 for line in found), text
