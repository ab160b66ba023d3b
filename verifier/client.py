# SPDX-License-Identifier: Apache-2.0
"""A typed client of a registry's HTTP API, or of a node's: one method for each call, by the call's own name.

It believes what it is told: verdicts are the server's word. To check for yourself, take `verifier.ledger_client`.
Everything that is sent may be sent again, so a call is tried once more when a kept connection turns out to be closed.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar
from urllib.parse import quote, urlencode

from verifier.api_types import (
    BadgeStatus,
    BatchDescription,
    CodeVerdict,
    EntryResult,
    IssuerDescription,
    IssuerPage,
    OpenApiDocument,
    ProductDescription,
    ProofDocument,
    RegistryDescription,
    ShipmentReceipt,
    Verdicts,
)
from verifier.client_accounts import AccountCalls
from verifier.client_badges import BadgeCalls
from verifier.client_listings import ListingCalls
from verifier.client_live import LiveCalls
from verifier.client_recalls import RecallCalls
from verifier.client_returns import ReturnCalls
from verifier.client_webhooks import WebhookCalls
from verifier.fetch import DEFAULT_TIMEOUT_SECONDS, Fetcher, Outgoing, Reply, parse_fetch_url, printable
from verifier.protocol.encoding import parse_decimal
from verifier.protocol.errors import DoesNotHold, Malformed
from verifier.wire import read_wire

T = TypeVar("T")
MAX_CODES = 10_000
_JSON = "application/json"
_OCTETS = "application/octet-stream"
_PASSPORT = "application/vc+jwt"
_MAX_ANSWER = 128 << 20  # 10,000 verdicts with long recall notices; the item hashes of four million codes


class ApiError(DoesNotHold):
    """The server refuses. `code` is stable; `status` is HTTP's; `retry_after_seconds` is what it asks for, or None."""

    def __init__(self, code: str, message: str, reply: Reply) -> None:
        super().__init__(code, message)
        self.status = reply.status
        self.request_id = reply.headers.get("x-request-id", "")
        self.retry_after_seconds = _seconds(reply.headers.get("retry-after"))


class ApiNotFound(ApiError):
    """404: it is not here."""


class ApiUnavailable(ApiError):
    """429 or 503: not now. Wait `retry_after_seconds`, then send the same again."""


@dataclass(frozen=True, slots=True)
class AllRefused:
    """Every entry of a submission was refused; nothing was logged."""

    results: tuple[EntryResult, ...]


class ApiClient(WebhookCalls, AccountCalls, ReturnCalls, ListingCalls, BadgeCalls, RecallCalls, LiveCalls):
    """Raises ApiError and its kinds, DidNotArrive when there is no answer, Malformed when it makes no sense."""

    def __init__(
        self,
        url: str,
        *,
        token: str = "",
        timeout_seconds: float = DEFAULT_TIMEOUT_SECONDS,
        allow_http: bool = False,
    ) -> None:
        """`url` is the base address; http only for this machine, unless allowed. Raises Malformed."""
        parse_fetch_url(url, allow_http=allow_http)
        self._base = url.rstrip("/")
        self._token = token
        self._fetcher = Fetcher(timeout_seconds=timeout_seconds, allow_http=allow_http)

    def close(self) -> None:
        """Close what is kept open; the client stays usable."""
        self._fetcher.close()

    # Verifying

    def verify_codes(self, codes: Iterable[str]) -> list[CodeVerdict]:
        """A verdict for each code, in order; any number of codes, sent 10,000 at a time."""
        found: list[CodeVerdict] = []
        waiting = list(codes)
        for start in range(0, len(waiting), MAX_CODES):
            asked = waiting[start : start + MAX_CODES]
            body = json.dumps({"codes": asked}).encode()
            verdicts = self._read(Verdicts, self._send("POST", "/api/v1/verify", body, _JSON)).verdicts
            if len(verdicts) != len(asked):
                raise Malformed("bad_answer", f"{len(verdicts)} verdicts for {len(asked)} codes")
            found.extend(verdicts)
        return found

    def badge_status(self, gtin: str, lot: str, language: str = "zh") -> BadgeStatus:
        """The status of a lot just now."""
        path = f"/badge/01/{_part(gtin)}/10/{_part(lot)}/status?{urlencode({'lang': language})}"
        return self._read(BadgeStatus, self._send("GET", path))

    def fetch_proof(self, code: str) -> ProofDocument:
        """The evidence for a code, `code` being path and query of its link. `verifier.evidence` verifies it."""
        if not code.startswith("/"):
            raise Malformed("bad_link", "give path and query of the code's link, /01/…/21/…?S=…")
        return self._read(ProofDocument, self._send("GET", f"/api/v1/proof{code}"))

    # Reading

    def describe_registry(self) -> RegistryDescription:
        return self._read(RegistryDescription, self._send("GET", "/api/v1/registry"))

    def list_issuers(self, *, limit: int = 50, cursor: str | None = None) -> IssuerPage:
        """One page; `next` of it is the cursor of the page after."""
        query = {"limit": str(limit)} | ({} if cursor is None else {"cursor": cursor})
        return self._read(IssuerPage, self._send("GET", f"/api/v1/issuers?{urlencode(query)}"))

    def each_issuer(self, *, limit: int = 200) -> Iterator[IssuerDescription]:
        """All admitted issuers, page by page."""
        page = self.list_issuers(limit=limit)
        yield from page.issuers
        while page.next is not None:
            page = self.list_issuers(limit=limit, cursor=page.next)
            yield from page.issuers

    def find_issuer(self, issuer: str) -> IssuerDescription | None:
        return self._find(IssuerDescription, f"/api/v1/issuers/{_part(issuer)}")

    def find_product(self, issuer: str, gtin: str) -> ProductDescription | None:
        return self._find(ProductDescription, f"/api/v1/issuers/{_part(issuer)}/products/{_part(gtin)}")

    def find_batch(self, issuer: str, batch: int) -> BatchDescription | None:
        return self._find(BatchDescription, f"/api/v1/batches/{_part(issuer)}/{batch}")

    def read_items(self, issuer: str, batch: int) -> bytes:
        """All item hashes of a batch, 32 bytes each."""
        return self._send("GET", f"/api/v1/batches/{_part(issuer)}/{batch}/items").body

    def read_document(self, digest: str) -> bytes:
        """A signed passport by its SHA-256."""
        return self._send("GET", f"/documents/{_part(digest)}").body

    def openapi_document(self) -> OpenApiDocument:
        return self._read(OpenApiDocument, self._send("GET", "/api/v1/openapi.json"))

    # Makers

    def submit_statements(self, entries: Sequence[bytes]) -> tuple[EntryResult, ...] | AllRefused:
        """Log signed entries; the outcome of each in order."""
        body = json.dumps({"entries": [entry.decode() for entry in entries]}).encode()
        reply = self._exchange("POST", "/api/v1/statements", body, {"Content-Type": _JSON})
        value = _object(reply)
        if reply.status == 422 and value.get("code") == "all_refused":
            return AllRefused(_results(value))
        if reply.status != 200:
            raise _refusal(reply)
        return _results(value)

    def put_item_tile(self, issuer: str, batch: int, tile: int, data: bytes) -> None:
        self._send("PUT", f"/api/v1/batches/{_part(issuer)}/{batch}/items/{tile}", data, _OCTETS)

    def put_document(self, digest: str, data: bytes) -> bool:
        """Whether it is new."""
        return self._send("PUT", f"/api/v1/documents/{_part(digest)}", data, _PASSPORT).status == 201

    def submit_shipment(self, notice: bytes) -> ShipmentReceipt:
        """`notice` is the canonical JSON of a signed notice: docs/counting.md."""
        return self._read(ShipmentReceipt, self._send("POST", "/api/v1/shipments", notice, _JSON))

    # The ledger

    def checkpoint(self) -> bytes:
        return self._send("GET", "/ledger/checkpoint").body

    def tile(self, place: str) -> bytes:
        """`place` such as "0/000.p/5" or "entries/000"."""
        return self._send("GET", f"/ledger/tile/{quote(place, safe='/')}").body

    def snapshot(self) -> bytes:
        return self._send("GET", "/ledger/snapshot").body

    def issuer_snapshot(self, issuer: str) -> bytes:
        return self._send("GET", f"/ledger/snapshot/{_part(issuer)}").body

    def gtin_snapshot(self, gtin: str) -> bytes:
        return self._send("GET", f"/ledger/snapshot/gtin/{_part(gtin)}").body

    def policy(self) -> bytes:
        return self._send("GET", "/ledger/policy").body

    def health(self) -> bool:
        """Whether the ledger is served. Raises DidNotArrive when nobody answers."""
        return self._exchange("GET", "/healthz").status == 200

    # Below

    def _find(self, kind: type[T], path: str) -> T | None:
        try:
            return self._read(kind, self._send("GET", path))
        except ApiNotFound:
            return None

    def _read(self, kind: type[T], reply: Reply) -> T:
        return read_wire(kind, _object(reply), is_strict=False)

    def _send(self, method: str, path: str, body: bytes | None = None, media_type: str = "", key: str = "") -> Reply:
        """A good answer. Raises ApiError for any other."""
        headers = {"Content-Type": media_type} if media_type else {}
        if key:
            headers["Idempotency-Key"] = f'"{key}"'
        reply = self._exchange(method, path, body, headers)
        if not 200 <= reply.status < 300:
            raise _refusal(reply)
        return reply

    def _exchange(
        self, method: str, path: str, body: bytes | None = None, headers: Mapping[str, str] | None = None
    ) -> Reply:
        sent = {"Accept": f"{_JSON}, application/problem+json, */*;q=0.1", **(headers or {})}
        if self._token:
            sent["Authorization"] = f"Bearer {self._token}"
        return self._fetcher.send(Outgoing(method, self._base + path, body, sent), max_size=_MAX_ANSWER)


def _part(text: str) -> str:
    """One segment of a path, whatever is in it."""
    return quote(text, safe="")


def _seconds(text: str | None) -> int | None:
    try:
        return None if text is None else parse_decimal(text, maximum=86_400)
    except Malformed:  # a date
        return None


def _object(reply: Reply) -> dict[str, Any]:
    try:
        value = json.loads(reply.body)
    except (ValueError, RecursionError):
        value = None
    if not isinstance(value, dict):
        if not 200 <= reply.status < 300:
            raise _refusal(reply)
        raise Malformed("bad_answer", "The server's answer is no JSON object. Is the address right?")
    return value


def _results(value: dict[str, Any]) -> tuple[EntryResult, ...]:
    results = value.get("results")
    if not isinstance(results, list):
        raise Malformed("bad_answer", "The answer has no results.")
    return tuple(read_wire(EntryResult, result, is_strict=False) for result in results)


def _refusal(reply: Reply) -> ApiError:
    """The error that a problem document tells (RFC 9457); under /ledger it is plain text, and has no code."""
    try:
        problem = json.loads(reply.body)
        code, detail = problem["code"], str(problem.get("detail") or problem.get("title"))
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        code, detail = f"http_{reply.status}", reply.body[:400].decode("utf-8", "replace")
    kind = {404: ApiNotFound, 429: ApiUnavailable, 503: ApiUnavailable}.get(reply.status, ApiError)
    return kind(printable(str(code), maximum=60), printable(detail, maximum=400), reply)
