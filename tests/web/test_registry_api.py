# SPDX-License-Identifier: Apache-2.0
"""What makers' machines send: statements, item hashes, documents; and what anybody asks: issuers, batches, proofs."""

from __future__ import annotations

from hashlib import sha256

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.support.fake_registry import DOCUMENT, GOOD, GTIN, KEY, MAKER, PROOF, FakeRegistry
from tests.support.makers import make_gtin, sign_code
from tests.support.web_server import WebServer

API = "/api/v1"
DIGEST = sha256(DOCUMENT).hexdigest()


def test_statements_keep_their_order_and_one_refusal_spoils_nothing(
    client: FlaskClient, registry: FakeRegistry
) -> None:
    answer = client.post(f"{API}/statements", json={"entries": ["a", "refuse", "a", "\ud800", "你"]})
    assert answer.status_code == 200
    first, refused, again, broken, last = answer.get_json()["results"]
    assert (first, again) == ({"index": 0, "is_new": True}, {"index": 0, "is_new": False})
    assert refused["error"]["code"] == "gtin_outside_prefix"
    assert broken["error"]["code"] == "bad_json"
    assert last == {"index": 1, "is_new": True}
    assert registry.entries == [b"a", "你".encode()]


def test_when_all_are_refused_the_answer_is_a_problem_with_the_same_results(client: FlaskClient) -> None:
    answer = client.post(f"{API}/statements", json={"entries": ["refuse"]})
    assert (answer.status_code, answer.mimetype) == (422, "application/problem+json")
    value = answer.get_json()
    assert value["code"] == "all_refused"
    assert value["results"][0]["error"]["code"] == "gtin_outside_prefix"


def test_256_entries_of_full_size_fit_and_257_do_not(client: FlaskClient) -> None:
    entries = [f"{number}".ljust(65_535, '"') for number in range(256)]
    assert (
        client.post(f"{API}/statements", json={"entries": [entry.replace('"', ".") for entry in entries]}).status_code
        == 200
    )
    assert client.post(f"{API}/statements", json={"entries": ["a"] * 257}).status_code == 400


def test_a_stopped_ledger_is_a_503_that_says_when_to_try_again(client: FlaskClient, registry: FakeRegistry) -> None:
    registry.is_down = True
    answer = client.post(f"{API}/statements", json={"entries": ["a"]})
    assert (answer.status_code, answer.get_json()["code"]) == (503, "ledger_stopped")
    assert answer.headers["Retry-After"] == "2"


def test_the_registry_and_its_issuers_describe_themselves(client: FlaskClient) -> None:
    assert client.get(f"{API}/registry").get_json()["origin"] == "registry.example.cn/ledger"
    assert client.get(f"{API}/issuers/{MAKER.id}").get_json()["next_batch"] == 4
    for address, status, code in (
        (f"{API}/issuers/nobody", 404, "unknown_issuer"),
        (f"{API}/issuers/No%20Body", 400, "bad_issuer_id"),
        (f"{API}/issuers/nobody/products/{GTIN}", 404, "unknown_issuer"),
        (f"{API}/issuers/No%20Body/products/{GTIN}", 400, "bad_issuer_id"),
        (f"{API}/issuers/{MAKER.id}/products/{GTIN[:-1]}x", 400, "bad_gtin"),
        (f"{API}/issuers/{MAKER.id}/products/{GTIN[1:]}", 400, "bad_gtin"),
        (f"{API}/batches/{MAKER.id}/9", 404, "unknown_batch"),
        (f"{API}/batches/{MAKER.id}/+3", 400, "bad_decimal"),
        (f"{API}/batches/{MAKER.id}/%D9%A3", 400, "bad_decimal"),
        (f"{API}/nothing", 404, "not_found"),
    ):
        answer = client.get(address)
        assert (answer.status_code, answer.get_json()["code"]) == (status, code), address
        assert answer.mimetype == "application/problem+json"


def test_a_product_is_told_with_the_revision_of_its_next_passport(client: FlaskClient) -> None:
    address = f"{API}/issuers/{MAKER.id}/products"
    found = client.get(f"{address}/{GTIN}").get_json()
    assert found["published"] == {"digest": DIGEST, "index": 7, "revision": 2}
    assert (found["gtin"], found["issuer"], found["next_revision"]) == (GTIN, MAKER.id, 3)
    other = make_gtin("69012345", 2)
    assert client.get(f"{address}/{other}").get_json() == {"gtin": other, "issuer": MAKER.id, "next_revision": 0}


def test_a_batch_names_the_tiles_that_are_missing(client: FlaskClient) -> None:
    assert client.get(f"{API}/batches/{MAKER.id}/3").get_json()["missing_tiles"] == [0, 1]


def test_item_tiles_are_taken_as_bytes(client: FlaskClient, registry: FakeRegistry) -> None:
    address = f"{API}/batches/{MAKER.id}/3/items/1"
    answer = client.put(address, data=b"h" * 64, content_type="application/octet-stream")
    assert (answer.status_code, answer.data) == (204, b"")
    assert registry.items == {(MAKER.id, 3, 1): b"h" * 64}
    assert client.put(address, data=b"h" * 63, content_type="application/octet-stream").status_code == 400
    assert client.put(address, data=b"h" * 64, content_type="text/plain").status_code == 415
    assert (
        client.put(
            address.replace("items/1", "items/01"), data=b"", content_type="application/octet-stream"
        ).status_code
        == 400
    )


def test_a_document_is_created_once_and_served_as_it_came(client: FlaskClient) -> None:
    data = b"another.signed.passport"
    digest = sha256(data).hexdigest()
    first = client.put(f"{API}/documents/{digest}", data=data, content_type="application/vc+jwt")
    assert (first.status_code, first.location) == (201, f"/documents/{digest}")
    assert client.put(f"{API}/documents/{digest}", data=data, content_type="application/vc+jwt").status_code == 204
    wrong = client.put(f"{API}/documents/{DIGEST}", data=data, content_type="application/vc+jwt")
    assert (wrong.status_code, wrong.get_json()["code"]) == (400, "digest_differs")
    answer = client.get(f"/documents/{digest}")
    assert (answer.data, answer.headers["Content-Type"]) == (data, "application/vc+jwt")
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert "immutable" in answer.headers["Cache-Control"]


@pytest.mark.parametrize(("digest", "status"), [("0" * 64, 404), ("0" * 63, 400), (DIGEST.upper(), 400)])
def test_documents_have_one_address(client: FlaskClient, digest: str, status: int) -> None:
    answer = client.get(f"/documents/{digest}")
    assert answer.status_code == status
    assert answer.mimetype == "application/problem+json"
    assert "immutable" not in answer.headers["Cache-Control"]


def test_a_proof_is_found_by_the_code_as_it_stands(app: Flask) -> None:
    other = sign_code(KEY, gtin=GOOD.gtin, batch=3, seq=1, serial="//A%")
    with WebServer(app) as server:
        status, headers, body = server.get(f"{API}/proof{GOOD.to_path()}")
        assert (status, headers["access-control-allow-origin"]) == (200, "*")
        assert body == PROOF
        assert server.get(f"{API}/proof{other.to_path()}")[0] == 404
        assert server.get(f"{API}/proof/01/{GOOD.gtin}/21/{GOOD.serial}")[0] == 400
