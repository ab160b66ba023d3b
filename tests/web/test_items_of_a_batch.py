# SPDX-License-Identifier: Apache-2.0
"""GET /api/v1/batches/<issuer>/<batch>/items: what a shop takes along to check codes without a network."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

from tests.support.fake_registry import BATCH, MAKER, FakeRegistry
from verifier.protocol.merkle import root_from_leaf_hashes

ITEMS = f"/api/v1/batches/{MAKER.id}/3/items"


def test_all_item_hashes_come_in_order_and_give_the_logged_root(client: FlaskClient) -> None:
    answer = client.get(ITEMS)
    assert (answer.status_code, answer.mimetype) == (200, "application/octet-stream")
    assert answer.content_length == len(answer.data) == 300 * 32
    hashes = [answer.data[at : at + 32] for at in range(0, len(answer.data), 32)]
    assert root_from_leaf_hashes(hashes) == BATCH.statement.item_root


def test_they_never_change_so_they_are_kept_for_ever_and_any_site_may_read_them(client: FlaskClient) -> None:
    answer = client.get(ITEMS)
    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    again = client.get(ITEMS, headers={"If-None-Match": answer.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")


def test_they_are_sent_a_tile_at_a_time(client: FlaskClient, registry: FakeRegistry) -> None:
    answer = client.get(ITEMS, buffered=False)
    first = next(iter(answer.iter_encoded()))
    assert (len(first), registry.sent) == (256 * 32, 1)
    answer.close()


@pytest.mark.parametrize(
    ("place", "status", "code"),
    [
        (f"{MAKER.id}/9", 404, "unknown_batch"),
        ("nobody/3", 404, "unknown_batch"),
        (f"{MAKER.id}/4", 409, "items_incomplete"),
        (f"{MAKER.id}/03", 400, "bad_decimal"),
        ("No%20Body/3", 400, "bad_issuer_id"),
    ],
)
def test_what_is_not_there_is_said_with_its_code(client: FlaskClient, place: str, status: int, code: str) -> None:
    answer = client.get(f"/api/v1/batches/{place}/items")
    assert (answer.status_code, answer.get_json()["code"]) == (status, code)
    assert answer.mimetype == "application/problem+json"
    assert answer.headers["Cache-Control"] == "no-store"


def test_a_stopped_ledger_sends_none(client: FlaskClient, registry: FakeRegistry) -> None:
    registry.is_down = True
    assert client.get(ITEMS).status_code == 503
