# SPDX-License-Identifier: Apache-2.0
"""The HTTP client against a server that fails, lies and stalls. RFC 9110, RFC 9457."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from passport.domain.maker_errors import BadInput, RegistryRefused, RegistryUnavailable
from passport.domain.registry_values import Logged, ProductStatus
from passport.registry_client import Patience, RegistryClient
from tests.issuing.kit import GTIN

FAST = Patience(timeout_seconds=0.5, attempts=3, first_pause_seconds=0.01)
GOOD = {"base_url": "https://id.example.cn", "origin": "id.example.cn/ledger", "size": 7, "new_member": 1}


class Server:
    """Answers requests from a script: (status, body) each, the last one for ever."""

    def __init__(self) -> None:
        self.script: list[tuple[int, bytes]] = [(200, b"{}")]
        self.headers: dict[str, str] = {}
        self.seen: list[tuple[str, str, bytes]] = []
        script, seen, headers = self.script, self.seen, self.headers

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def _answer(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                seen.append((self.command, self.path, body))
                status, data = script.pop(0) if len(script) > 1 else script[0]
                if status == 0:
                    self.close_connection = True
                    return
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            do_GET = do_POST = do_PUT = _answer

            def log_message(self, *_: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        self._thread.start()

    def will(self, *answers: tuple[int, object]) -> None:
        self.script[:] = [
            (status, body if isinstance(body, bytes) else json.dumps(body).encode()) for status, body in answers
        ]

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


@pytest.fixture
def server() -> Iterator[Server]:
    running = Server()
    yield running
    running.stop()


@pytest.fixture
def client(server: Server) -> RegistryClient:
    return RegistryClient(server.url, patience=FAST)


def test_an_answer_is_read_and_unknown_members_are_passed_over(server: Server, client: RegistryClient) -> None:
    server.will((200, GOOD))
    info = client.registry()
    assert (info.origin, info.host, info.size) == ("id.example.cn/ledger", "id.example.cn", 7)


@pytest.mark.parametrize("first", [(503, {}), (502, b""), (429, b""), (0, b"")], ids=["503", "502", "429", "hung up"])
def test_a_passing_failure_is_tried_again(server: Server, client: RegistryClient, first: tuple[int, object]) -> None:
    server.will(first, first, (200, GOOD))
    assert client.registry().size == 7
    assert len(server.seen) == 3


def test_a_lasting_failure_ends_with_the_number_of_attempts(server: Server, client: RegistryClient) -> None:
    server.will((503, {}))
    with pytest.raises(RegistryUnavailable, match=r"after 3 attempts \(HTTP 503\)") as caught:
        client.registry()
    assert caught.value.code == "registry_unreachable"
    assert len(server.seen) == 3


def test_a_registry_that_is_not_there_is_told_apart_from_a_refusal() -> None:
    with pytest.raises(RegistryUnavailable) as caught:
        RegistryClient("http://127.0.0.1:1", patience=FAST).registry()
    assert caught.value.code == "registry_unreachable"


def test_a_redirect_is_not_followed(server: Server, client: RegistryClient) -> None:
    server.headers["Location"] = "http://127.0.0.1:1/"
    server.will((302, b""))
    with pytest.raises(RegistryUnavailable) as caught:
        client.registry()
    assert caught.value.code == "strange_answer"
    assert len(server.seen) == 1


@pytest.mark.parametrize(
    "body",
    [b"", b"no json", b"[]", b"null", b"[" * 50_000, {"origin": 1}, GOOD | {"size": -1}, GOOD | {"base_url": "x"}],
)
def test_an_answer_that_makes_no_sense_is_an_error_of_its_own(
    server: Server, client: RegistryClient, body: object
) -> None:
    server.will((200, body))
    with pytest.raises(RegistryUnavailable) as caught:
        client.registry()
    assert caught.value.code == "strange_answer"


def test_a_problem_document_becomes_a_refusal_with_its_code(server: Server, client: RegistryClient) -> None:
    server.will((422, {"code": "bad_inclusion_proof", "detail": "no\x1b[2J", "status": 422, "title": "t", "type": "x"}))
    with pytest.raises(RegistryRefused, match="refuses: no") as caught:
        client.put_item_tile("maker", 0, 0, b"x")
    assert (caught.value.code, caught.value.status) == ("bad_inclusion_proof", 422)
    assert "\x1b" not in str(caught.value)
    assert server.seen == [("PUT", "/api/v1/batches/maker/0/items/0", b"x")]


def test_what_is_not_there_is_none(server: Server, client: RegistryClient) -> None:
    server.will((404, {"code": "unknown_issuer"}))
    assert client.find_issuer("nobody") is None
    assert client.find_batch("nobody", 3) is None
    assert client.find_product("nobody", GTIN) is None


def test_a_product_is_read_with_its_next_revision(server: Server, client: RegistryClient) -> None:
    published = {"digest": "ab" * 32, "index": 9, "revision": 4}
    server.will((200, {"gtin": GTIN, "issuer": "maker", "next_revision": 5, "published": published}))
    assert client.find_product("maker", GTIN) == ProductStatus("ab" * 32, 5)
    server.will((200, {"gtin": GTIN, "issuer": "maker", "next_revision": 0}))
    assert client.find_product("maker", GTIN) == ProductStatus(None, 0)
    assert server.seen[-1][1] == f"/api/v1/issuers/maker/products/{GTIN}"
    server.will((200, {"gtin": GTIN, "issuer": "maker", "next_revision": "0"}))
    with pytest.raises(RegistryUnavailable) as caught:
        client.find_product("maker", GTIN)
    assert caught.value.code == "strange_answer"


def test_each_statement_has_its_own_outcome(server: Server, client: RegistryClient) -> None:
    results = [{"index": 5, "is_new": False}, {"error": {"code": "prefix_overlap", "message": "no"}}]
    server.will((200, {"results": results}))
    first, second = client.submit_all([b"{}", b"{}"])
    assert first == Logged(5, is_new=False)
    assert isinstance(second, RegistryRefused)
    assert second.code == "prefix_overlap"


def test_a_refused_statement_raises_its_rule(server: Server, client: RegistryClient) -> None:
    refusal = {"results": [{"error": {"code": "batch_exists", "message": "taken"}}], "status": 422, "title": "x"}
    server.will((422, refusal))
    with pytest.raises(RegistryRefused, match="taken") as caught:
        client.submit(b"{}")
    assert caught.value.code == "batch_exists"


@pytest.mark.parametrize(
    "results", [[], [{}], [{"index": "1", "is_new": True}], {}, [{"index": 1, "is_new": True}] * 2]
)
def test_outcomes_that_do_not_fit_are_strange(server: Server, client: RegistryClient, results: object) -> None:
    server.will((200, {"results": results}))
    with pytest.raises(RegistryUnavailable) as caught:
        client.submit(b"{}")
    assert caught.value.code == "strange_answer"


@pytest.mark.parametrize("url", ["ftp://x", "http://id.example.cn", "https://user@id.example.cn", "id.example.cn", ""])
def test_an_address_that_will_not_do_is_refused(url: str) -> None:
    with pytest.raises(BadInput) as caught:
        RegistryClient(url)
    assert caught.value.code == "bad_url"
