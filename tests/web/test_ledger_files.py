# SPDX-License-Identifier: Apache-2.0
"""The ledger as static bytes: exact, cached as long as it may be, readable by any site. C2SP tlog-tiles."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.support.fake_registry import GTIN, MAKER, FakeRegistry
from tests.support.web_server import WebServer

TEXTS = ["checkpoint", "snapshot", f"snapshot/{MAKER.id}", f"snapshot/gtin/{GTIN}", "policy"]


@pytest.mark.parametrize("path", ["tile/0/000.p/5", "tile/entries/000.p/5"])
def test_tiles_are_exact_bytes_that_may_be_kept_for_ever(
    client: FlaskClient, registry: FakeRegistry, path: str
) -> None:
    answer = client.get(f"/ledger/{path}")
    assert answer.data == registry.tiles[path]
    assert answer.headers["Content-Type"] == "application/octet-stream"
    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert "Content-Encoding" not in answer.headers
    assert client.head(f"/ledger/{path}").headers["Content-Length"] == str(len(registry.tiles[path]))


@pytest.mark.parametrize(
    "path",
    ["tile/0/000", "tile/0/000.p/6", "tile/0/%3000.p/5", "tile/0/000.p%2F5", "tile//0/000.p/5", "tile/0/000.p/5/"],
)
def test_a_missing_tile_and_a_second_spelling_are_404_in_plain_text(app: Flask, path: str) -> None:
    with WebServer(app) as server:
        status, headers, body = server.get(f"/ledger/{path}")
    assert (status, headers["content-type"]) == (404, "text/plain; charset=utf-8")
    assert headers["cache-control"] == "no-store"
    assert headers["access-control-allow-origin"] == "*"
    assert body


@pytest.mark.parametrize("path", TEXTS)
def test_signed_texts_are_kept_for_moments_only(client: FlaskClient, path: str) -> None:
    answer = client.get(f"/ledger/{path}")
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"
    age = re.search(r"max-age=(\d+)", answer.headers["Cache-Control"])
    assert age is not None
    assert int(age[1]) <= 5
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    again = client.get(f"/ledger/{path}", headers={"If-None-Match": answer.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")


def test_the_checkpoint_is_the_published_bytes(client: FlaskClient, registry: FakeRegistry) -> None:
    assert client.get("/ledger/checkpoint").data == registry.text


@pytest.mark.parametrize(
    ("path", "status"),
    [("snapshot/nobody", 404), ("snapshot/gtin/06901234567892", 404), ("snapshot/gtin/1", 400), ("nothing", 404)],
)
def test_what_is_not_there_is_said_in_plain_text(client: FlaskClient, path: str, status: int) -> None:
    answer = client.get(f"/ledger/{path}")
    assert (answer.status_code, answer.mimetype) == (status, "text/plain")
    assert answer.headers["Cache-Control"] == "no-store"


def test_a_stopped_ledger_serves_no_checkpoint_and_is_not_healthy(client: FlaskClient, registry: FakeRegistry) -> None:
    assert client.get("/healthz").data == b"ok\n"
    registry.is_down = True
    for address in ("/ledger/checkpoint", "/healthz"):
        answer = client.get(address)
        assert (answer.status_code, answer.mimetype) == (503, "text/plain")
