# SPDX-License-Identifier: Apache-2.0
"""The maker's side of a registry's HTTP interface: bounded, retried, and every answer read strictly. RFC 9110, RFC
9457.

Every request may be sent again: statements, item hashes and documents are stored once, however often the same bytes
arrive. So one rule retries them all, with a back-off that grows and is spread at random.
"""

from __future__ import annotations

import json
import random
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar
from urllib.parse import urlsplit

import urllib3

from passport.domain.maker_errors import BadInput, RegistryRefused, RegistryUnavailable
from passport.domain.registry_values import BatchStatus, IssuerInfo, IssuerKey, Logged, ProductStatus, RegistryInfo
from verifier.fetch import parse_fetch_url
from verifier.protocol.checkpoint import parse_checkpoint
from verifier.protocol.encoding import JsonValue, parse_decimal
from verifier.protocol.errors import Malformed
from verifier.protocol.fields import Fields, Text, parse_id
from verifier.protocol.gs1 import parse_gtin14
from verifier.protocol.note import parse_note
from verifier.protocol.tile import TILE_WIDTH, EntryBundle, parse_entry_bundle

T = TypeVar("T")
MAX_ENTRIES = 256
"""Statements in one submission."""

_MAX_ANSWER = 32 << 20  # a full entry bundle is 16 MiB
_RETRIED = frozenset({429, 502, 503, 504})
_MAX_PAUSE_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class Patience:
    """How long a request is tried: each attempt, the number of them, the first pause between them."""

    timeout_seconds: float = 60.0
    attempts: int = 6
    first_pause_seconds: float = 0.25


class RegistryClient:
    """Implements the port `Registry` of passport.services. Safe to use from several threads."""

    def __init__(self, url: str, *, allow_http: bool = False, patience: Patience = Patience()) -> None:
        """`url` is the registry's base address; http only for this machine, unless allowed.

        Raises BadInput("bad_url").
        """
        try:
            parse_fetch_url(url, allow_http=allow_http)
        except Malformed as error:
            raise BadInput("bad_url", f"The registry's address {url[:100]!r} does not do. {error}") from error
        self._base = url.rstrip("/")
        self._patience = patience
        self._pool = urllib3.PoolManager(
            maxsize=8,
            timeout=urllib3.Timeout(patience.timeout_seconds),
            retries=False,
            headers={"User-Agent": "passport"},
        )

    def registry(self) -> RegistryInfo:
        """Origin, the host that stands in codes, and the published size of the ledger."""
        return self._get("/api/v1/registry", _read_registry)

    def find_issuer(self, issuer_id: str) -> IssuerInfo | None:
        """An admitted issuer, or None."""
        return self._find(f"/api/v1/issuers/{parse_id(issuer_id)}", _read_issuer)

    def find_product(self, issuer_id: str, gtin: str) -> ProductStatus | None:
        """What an issuer has published of a GTIN; None if there is no such issuer."""
        return self._find(f"/api/v1/issuers/{parse_id(issuer_id)}/products/{parse_gtin14(gtin)}", _read_product)

    def find_batch(self, issuer_id: str, batch: int) -> BatchStatus | None:
        """What is there of a logged batch; None if no such batch is logged."""
        return self._find(f"/api/v1/batches/{parse_id(issuer_id)}/{batch}", _read_batch)

    def submit(self, entry: bytes) -> Logged:
        """Log one statement. Raises RegistryRefused with the rule as its code."""
        (outcome,) = self.submit_all([entry])
        if isinstance(outcome, RegistryRefused):
            raise outcome
        return outcome

    def submit_all(self, entries: Sequence[bytes]) -> list[Logged | RegistryRefused]:
        """Log up to 256 statements; each has its own outcome, in the same order."""
        if not 1 <= len(entries) <= MAX_ENTRIES:
            raise ValueError(f"1 to {MAX_ENTRIES} entries at a time")
        body = json.dumps({"entries": [entry.decode() for entry in entries]}).encode()
        status, data = self._send("POST", "/api/v1/statements", body, "application/json")
        if status not in (200, 422):
            raise _refusal(status, data)
        answer = _object(data)
        if "results" not in answer:
            raise _refusal(status, data)
        try:
            # A refusal of the whole is a problem document, which has members beside the results.
            results = Fields({"results": answer["results"]}, "answer").items("results", maximum=MAX_ENTRIES)
            outcomes = [_read_outcome(result) for result in results]
        except Malformed as error:
            raise _strange(error) from error
        if len(outcomes) != len(entries):
            raise _strange(f"{len(outcomes)} results for {len(entries)} statements")
        return outcomes

    def put_item_tile(self, issuer_id: str, batch: int, tile_index: int, data: bytes) -> None:
        """Upload one tile of item hashes with its path, as `ItemTile.to_bytes` has it."""
        path = f"/api/v1/batches/{parse_id(issuer_id)}/{batch}/items/{tile_index}"
        self._require(self._send("PUT", path, data, "application/octet-stream"))

    def put_document(self, digest: str, data: bytes) -> None:
        """Store a signed document under the SHA-256 (hex) of its bytes."""
        self._require(self._send("PUT", f"/api/v1/documents/{digest}", data, "application/vc+jwt"))

    def send_shipment(self, data: bytes) -> bool:
        """Send a signed shipment notice; whether it is new there. The same bytes count once."""
        status, answer = self._send("POST", "/api/v1/shipments", data, "application/json")
        self._require((status, answer))
        return _object(answer).get("is_new") is True

    def ledger_entries(self) -> Iterator[bytes]:
        """The public ledger's entries up to its checkpoint. Nothing is proven here: an audit is the verifier's work."""
        status, note = self._send("GET", "/ledger/checkpoint")
        self._require((status, note))
        try:
            size = parse_checkpoint(parse_note(note).text).size
            for index in range(-(-size // TILE_WIDTH)):
                width = min(TILE_WIDTH, size - index * TILE_WIDTH)
                status, data = self._send("GET", f"/ledger/{EntryBundle(index, width).path}")
                self._require((status, data))
                yield from parse_entry_bundle(data, width=width)
        except Malformed as error:
            raise _strange(error) from error

    def _get(self, path: str, read: Callable[[Fields], T]) -> T:
        found = self._find(path, read)
        if found is None:
            raise RegistryUnavailable("no_registry", f"There is no registry at {self._base}: {path} is not found.")
        return found

    def _find(self, path: str, read: Callable[[Fields], T]) -> T | None:
        status, data = self._send("GET", path)
        if status == 404:
            return None
        self._require((status, data))
        try:
            # Members that we do not know are the business of a newer registry, not an error: so no `done()` here.
            return read(Fields(_object(data), "answer"))
        except Malformed as error:
            raise _strange(error) from error

    @staticmethod
    def _require(answer: tuple[int, bytes]) -> None:
        if not 200 <= answer[0] < 300:
            raise _refusal(*answer)

    def _send(self, method: str, path: str, body: bytes | None = None, media_type: str = "") -> tuple[int, bytes]:
        """Status and body of the first answer that is not "later". Raises RegistryUnavailable when there is none."""
        headers = {"Accept": "application/json, application/problem+json, */*;q=0.1"}
        if media_type:
            headers["Content-Type"] = media_type
        pause, reason = self._patience.first_pause_seconds, ""
        for attempt in range(self._patience.attempts):
            if attempt:
                time.sleep(min(pause, _MAX_PAUSE_SECONDS) * random.uniform(0.5, 1.0))
                pause *= 2
            try:
                response = self._pool.request(
                    method, self._base + path, body=body, headers=headers, redirect=False, preload_content=False
                )
                try:
                    data = response.read(_MAX_ANSWER + 1)
                finally:
                    response.drain_conn()
                    response.release_conn()
            except (urllib3.exceptions.HTTPError, OSError) as error:
                reason = f"{type(error).__name__}"
                continue
            if len(data) > _MAX_ANSWER:
                raise _strange("the answer is too long")
            if response.status not in _RETRIED:
                return response.status, data
            reason = f"HTTP {response.status}"
            pause = max(pause, _retry_after(response.headers.get("Retry-After")))
        raise RegistryUnavailable(
            "registry_unreachable",
            f"{self._base} did not answer after {self._patience.attempts} attempts ({reason}). "
            "Nothing is lost: run the same command again.",
        )


def _retry_after(text: str | None) -> float:
    try:
        return float(parse_decimal(text or "0", maximum=3600))
    except Malformed:  # a date; our own pauses will do
        return 0.0


def _object(data: bytes) -> dict[str, JsonValue]:
    try:
        value: Any = json.loads(data)
    except (ValueError, RecursionError):
        value = None
    if not isinstance(value, dict):
        raise _strange("a JSON object was expected")
    return value


def _strange(why: object) -> RegistryUnavailable:
    return RegistryUnavailable("strange_answer", f"The registry's answer makes no sense: {why}. Is the address right?")


def _refusal(status: int, data: bytes) -> RegistryRefused | RegistryUnavailable:
    """The error that a problem document (RFC 9457) tells; without one, only the status is known."""
    try:
        problem = json.loads(data)
        code, detail = problem["code"], problem.get("detail") or problem.get("title")
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return RegistryUnavailable("strange_answer", f"The registry answered HTTP {status} without a reason.")
    if not isinstance(code, str) or status >= 500:
        return RegistryUnavailable("registry_failed", f"The registry failed with HTTP {status}. Try again later.")
    return RegistryRefused(_printable(code)[:60], f"The registry refuses: {_printable(str(detail))[:500]}", status)


def _printable(text: str) -> str:
    return "".join(character if character.isprintable() else " " for character in text)


def _read_outcome(value: JsonValue) -> Logged | RegistryRefused:
    fields = Fields(value, "result")
    if not fields.has("error"):
        is_new = fields.take("is_new")
        return Logged(fields.integer("index"), is_new is True)
    error = fields.inner("error")
    code, message = error.string("code", maximum=100), error.string("message", maximum=2000)
    return RegistryRefused(_printable(code), f"The registry refuses: {_printable(message)}")


def _read_registry(fields: Fields) -> RegistryInfo:
    host = urlsplit(fields.string("base_url")).netloc
    if not host:
        raise Malformed("bad_url", "base_url has no host")
    return RegistryInfo(origin=fields.string("origin"), host=host, size=fields.integer("size"))


def _read_issuer(fields: Fields) -> IssuerInfo:
    name = fields.inner("name")
    return IssuerInfo(
        id=fields.parsed("id", parse_id),
        name=Text(zh=name.string("zh"), en=name.string("en")),
        uscc=fields.string("uscc"),
        roles=_strings(fields, "roles"),
        prefixes=_strings(fields, "prefixes"),
        keys=tuple(_read_key(Fields(key, "key")) for key in fields.items("keys")),
        next_batch=fields.integer("next_batch"),
    )


def _read_key(fields: Fields) -> IssuerKey:
    return IssuerKey(key_id=fields.string("key_id"), is_revoked=fields.take("is_revoked") is not False)


def _strings(fields: Fields, name: str) -> tuple[str, ...]:
    return tuple(str(value) for value in fields.items(name))


def _read_product(fields: Fields) -> ProductStatus:
    published = fields.inner("published") if fields.has("published") else None
    return ProductStatus(
        digest=None if published is None else published.string("digest"),
        next_revision=fields.integer("next_revision"),
    )


def _read_batch(fields: Fields) -> BatchStatus:
    tiles = fields.items("missing_tiles")
    if not all(type(tile) is int and tile >= 0 for tile in tiles):
        raise Malformed("wrong_type", "missing_tiles holds numbers")
    return BatchStatus(
        index=fields.integer("index"),
        count=fields.integer("count"),
        is_complete=fields.take("is_complete") is True,
        missing_tiles=tuple(tile for tile in tiles if isinstance(tile, int)),
    )
