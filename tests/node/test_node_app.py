# SPDX-License-Identifier: Apache-2.0
"""The node's HTTP interface: what it says of itself, when it is well, and that its routes are documented."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

from flask.testing import FlaskClient

from tests.support.makers import Maker
from tests.support.mirrors import MirrorScene
from verifier.web.node_app import BEHIND_HEADER, create_node_app

DOCS = Path(__file__).resolve().parents[2] / "docs"


def client_of(scene: MirrorScene) -> FlaskClient:
    return create_node_app(scene.node or scene.start()).test_client()


def test_every_route_of_a_node_is_documented(scene: MirrorScene) -> None:
    text = (DOCS / "http-api.md").read_text() + (DOCS / "node.md").read_text()
    app = create_node_app(scene.start())
    for rule in app.url_map.iter_rules():
        address = re.sub(r"<(?:\w+:)?(\w+)>", r"<\1>", rule.rule)
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}:
            assert f"`{method} {address}`" in text, f"{method} {address} is in neither page"


def test_a_node_that_has_read_nothing_says_so_and_is_not_well(scene: MirrorScene) -> None:
    client = client_of(scene)
    assert client.get("/api/v1/node").get_json() == {"state": "starting"}
    health = client.get("/healthz")
    assert health.status_code == 503
    assert BEHIND_HEADER not in health.headers
    assert client.get("/ledger/checkpoint").status_code == 503
    (verdict,) = client.post("/api/v1/verify", json={"codes": ["/01/06901234000016/21/000000003?S=A"]}).get_json()[
        "verdicts"
    ]
    assert verdict["status"] == "malformed"


def test_a_node_that_follows_says_how_far_behind_it_is(scene: MirrorScene, acme: Maker) -> None:
    scene.follow()
    client = client_of(scene)
    said = client.get("/api/v1/node")
    assert said.headers["Access-Control-Allow-Origin"] == "*"
    value = said.get_json()
    assert value["state"] == "following"
    assert (value["size"], value["snapshot_size"]) == (3, 3)
    assert (value["batches"], value["missing_batches_count"]) == (1, 0)
    assert 0 <= value["behind_seconds"] < 60
    assert re.fullmatch(r"\d+\.\d{3}", said.headers[BEHIND_HEADER])
    assert client.get("/healthz").get_data() == b"ok\n"
    assert client.get("/").headers["Location"] == "/check"


def test_a_stopped_node_is_not_well_and_its_badge_and_pages_are_never_green(scene: MirrorScene, acme: Maker) -> None:
    scene.follow()
    client = client_of(scene)
    badge = f"/badge/01/{acme.gtin()}/10/L1/status"
    assert client.get(badge).get_json()["verdict"]["status"] == "genuine"
    lie = scene.ledger.forked_checkpoint()
    scene.publish(change=lambda files: files.update({"/ledger/checkpoint": lie}))
    scene.step()
    assert client.get("/healthz").status_code == 503
    value = client.get("/api/v1/node").get_json()
    assert (value["state"], value["reason"]["code"]) == ("stopped", "ledger_forked")
    assert client.get(badge).get_json()["verdict"]["status"] == "cannot_tell"
    code = scene.ledger.batches["acme", 0].codes[0].to_path()
    assert client.get(code, headers={"Accept": "application/json"}).get_json()["status"] == "cannot_tell"
    for target in ("/ledger/checkpoint", "/ledger/snapshot", f"/api/v1/proof{code}"):
        assert client.get(target).status_code == 503, target


def test_past_the_snapshots_date_the_node_is_not_well(scene: MirrorScene, acme: Maker) -> None:
    scene.follow()
    scene.later = timedelta(hours=25)
    answer = client_of(scene).get("/healthz")
    assert answer.status_code == 503


def test_item_hashes_are_handed_on_and_unknown_ones_are_404(scene: MirrorScene, acme: Maker) -> None:
    scene.follow()
    client = client_of(scene)
    found = client.get("/api/v1/batches/acme/0/items")
    assert found.get_data() == b"".join(scene.ledger.batches["acme", 0].item_hashes)
    assert found.headers["Access-Control-Allow-Origin"] == "*"
    missing = client.get("/api/v1/batches/acme/7/items")
    assert (missing.status_code, missing.get_json()["code"]) == (404, "unknown_batch")
    assert client.get("/api/v1/batches/acme/x/items").status_code == 400
