# SPDX-License-Identifier: Apache-2.0
"""The typed client against a real registry: each call once with an answer, and what it raises."""

from __future__ import annotations

import socket
from hashlib import sha256

import pytest

from tests.support.live_registry import COUNT, ISSUER, LOT, Live
from verifier.api_types import EntryResult
from verifier.client import AllRefused, ApiClient, ApiError, ApiNotFound
from verifier.protocol.errors import DidNotArrive, Malformed
from verifier.verdict import Status

pytestmark = pytest.mark.xdist_group("live_api")


@pytest.fixture
def client(live: Live) -> ApiClient:
    return ApiClient(live.url)


def test_codes_get_their_verdicts_in_order(live: Live, client: ApiClient) -> None:
    first, bad, second = client.verify_codes([live.codes[0], "no code", live.codes[1]])
    assert (first.status, bad.status, second.status) == (Status.GENUINE, Status.MALFORMED, Status.GENUINE)
    assert first.gtin == live.gtin
    assert first.batch is not None and first.batch.lot == LOT
    assert first.issuer is not None and first.issuer.id == ISSUER
    assert len(first.steps) == 11
    assert client.verify_codes([]) == []


def test_a_lots_badge_and_a_codes_proof(live: Live, client: ApiClient) -> None:
    badge = client.badge_status(live.gtin, LOT, "en")
    assert (badge.verdict.status, badge.display.colour) == (Status.GENUINE, "green")
    assert badge.seconds_left > 0
    proof = client.fetch_proof(live.codes[3])
    assert (proof.type, proof.issuer) == ("product-passport/proof/v1", ISSUER)
    with pytest.raises(ApiNotFound) as error:
        client.fetch_proof(live.codes[3].replace(live.codes[3][-4:], "AAAA"))
    assert (error.value.code, error.value.status) == ("not_logged", 404)
    assert len(error.value.request_id) == 32


def test_the_registry_describes_itself_its_issuers_and_their_batches(live: Live, client: ApiClient) -> None:
    about = client.describe_registry()
    assert about.base_url == live.url and about.size >= len(live.entries)
    assert ISSUER in [issuer.id for issuer in client.each_issuer(limit=1)]
    issuer = client.find_issuer(ISSUER)
    assert issuer is not None and issuer.next_batch == 1
    assert client.find_issuer("nobody") is None
    product = client.find_product(ISSUER, live.gtin)
    assert product is not None and product.published is not None
    assert (product.next_revision, product.published.revision, product.published.digest) == (1, 0, live.digest)
    assert client.find_product("nobody", live.gtin) is None
    batch = client.find_batch(ISSUER, 0)
    assert batch is not None and (batch.count, batch.is_complete) == (COUNT, True)
    assert len(client.read_items(ISSUER, 0)) == 32 * COUNT
    assert client.openapi_document().openapi.startswith("3.1")
    assert client.health()


def test_what_a_maker_sends_may_be_sent_again(live: Live, client: ApiClient) -> None:
    assert client.submit_statements([live.entries[1]]) == (EntryResult(index=1, is_new=False),)
    client.put_item_tile(ISSUER, 0, 0, (live.folder / "tile.bin").read_bytes())
    document = (live.folder / "passport.jwt").read_bytes()
    assert client.put_document(sha256(document).hexdigest(), document) is False
    assert client.read_document(live.digest) == document
    first = client.submit_shipment((live.folder / "shipment.json").read_bytes())
    again = client.submit_shipment((live.folder / "shipment.json").read_bytes())
    assert (first.count, again.is_new, again.accepted_at) == (COUNT, False, first.accepted_at)


def test_refused_statements_tell_the_rule(client: ApiClient) -> None:
    answer = client.submit_statements([b"{}"])
    assert isinstance(answer, AllRefused)
    assert answer.results[0].error is not None


def test_the_ledgers_files_are_read_as_bytes(live: Live, client: ApiClient) -> None:
    origin = live.process.origin.encode()
    assert client.checkpoint().startswith(origin)
    assert client.snapshot() and client.issuer_snapshot(ISSUER) == client.gtin_snapshot(live.gtin)
    assert client.policy().startswith(b"log ")
    with pytest.raises(ApiNotFound) as error:
        client.tile("0/999")
    assert error.value.code == "http_404"  # plain text under /ledger: there is no code


def test_errors_carry_code_status_and_request_id(client: ApiClient) -> None:
    with pytest.raises(ApiError) as error:
        client.find_issuer("No Body")
    assert (error.value.code, error.value.status) == ("bad_issuer_id", 400)
    with pytest.raises(Malformed, match="use https"):
        ApiClient("http://registry.example.org")


def test_nobody_there_is_an_error_of_its_own() -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with pytest.raises(DidNotArrive):
        ApiClient(f"http://127.0.0.1:{port}", timeout_seconds=2).describe_registry()
