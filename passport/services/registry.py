# SPDX-License-Identifier: Apache-2.0
"""The registry's side of every request that writes or reads the ledger: statements, item hashes, documents, proofs."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import TimeoutError as FutureTimeout
from dataclasses import dataclass
from hashlib import sha256
from itertools import islice

from passport.domain.ledger_values import Appended, LedgerError
from passport.services.evidence import make_evidence_parts
from passport.services.ports import AppendableLedger, DocumentStore, ItemStore, PublishedLedger
from passport.services.views import View, Views
from verifier.evidence import make_proof_document, parse_item_tile, verify_item_tile
from verifier.evidence_bundle import EvidenceParts
from verifier.evidence_judge import PARTS
from verifier.facts import BatchRecord
from verifier.passport_document import find_subject_gtin, parse_passport_document, verify_passport_document
from verifier.protocol.encoding import JsonValue, parse_hex
from verifier.protocol.errors import DidNotArrive, DoesNotHold, Malformed, VerifierError
from verifier.protocol.gs1 import parse_gtin14
from verifier.protocol.policy import TlogPolicy
from verifier.protocol.product_code import parse_product_code
from verifier.protocol.statements.products import PASSPORT_MEDIA_TYPE, ProductPublished
from verifier.protocol.tile import TILE_WIDTH, EntryBundle, encode_entry_bundle, parse_entry_bundle, parse_tile_path
from verifier.trust import Issuer

MAX_ENTRIES = 256  # of one submission
_HASH = 32
_MAX_LISTED = 1000


class Unavailable(DidNotArrive):
    """The registry cannot do it now; the same request may be sent again. HTTP 503."""


class NotFound(DoesNotHold):
    """What the request names does not exist here. HTTP 404."""


class NotComplete(DoesNotHold):
    """It exists, and its maker has not sent all of it yet. HTTP 409."""


@dataclass(frozen=True, slots=True)
class ItemHashes:
    """All item hashes of a batch in seq order, 32 bytes each, a tile at a time; `item_root` is what they must give."""

    count: int
    item_root: bytes
    tiles: Iterator[bytes]


@dataclass(frozen=True, slots=True)
class Submitted:
    """What became of one entry: its place in the ledger, or the rule that refused it."""

    index: int | None
    is_new: bool
    error: VerifierError | None

    def to_json(self) -> dict[str, JsonValue]:
        if self.error is not None:
            return {"error": {"code": self.error.code, "message": str(self.error)}}
        return {"index": self.index if self.index is not None else -1, "is_new": self.is_new}


@dataclass(frozen=True, slots=True)
class RegistryInfo:
    """What a stranger configures: names, keys and addresses. Nothing here is secret."""

    origin: str
    base_url: str
    log_vkey: str
    policy: TlogPolicy


class RegistryService:
    """Implements what passport.web serves. Safe to call from many threads."""

    def __init__(
        self,
        info: RegistryInfo,
        ledger: AppendableLedger,
        store: PublishedLedger,
        views: Views,
        items: ItemStore,
        documents: DocumentStore,
    ) -> None:
        self._info = info
        self._ledger = ledger
        self._store = store
        self._views = views
        self._items = items
        self._documents = documents
        self._uploads = threading.Lock()
        self._stored: dict[tuple[str, int], set[int]] = {}  # tiles of batches that are being uploaded; listed once each

    def submit(self, entries: Sequence[bytes], *, timeout_seconds: float = 30.0) -> list[Submitted]:
        """Appends entries in order, each judged by the registration policy, and waits until the public view shows them.

        Idempotent: the same bytes get the same index. Raises Unavailable when nothing is known to be stored.
        """
        if not 1 <= len(entries) <= MAX_ENTRIES:
            raise Malformed("wrong_length", f"submit 1 to {MAX_ENTRIES} entries at a time")
        try:
            outcomes = self._ledger.append_many(entries).result(timeout_seconds)
        except (LedgerError, FutureTimeout) as error:
            raise Unavailable("ledger_unavailable", f"the ledger did not take the entries: {error}") from error
        results = [_submitted(outcome) for outcome in outcomes]
        size = max((result.index + 1 for result in results if result.index is not None), default=0)
        # So that whoever submits reads its own writes. No promise: without witnesses nothing is public for a while, and
        # then nobody is made to wait for it.
        self._views.wait_for_size(size, 0.1 if self._ledger.is_publishing_late else 5.0)
        return results

    def describe(self) -> dict[str, JsonValue]:
        """The registry's names and keys, and how far it has published."""
        view = self._views.current
        status_vkey = None if view is None else view.status_vkey
        return {
            "base_url": self._info.base_url,
            "log_vkey": self._info.log_vkey,
            "origin": self._info.origin,
            "size": 0 if view is None else view.head.size,
            "status_vkey": "" if status_vkey is None else status_vkey.to_text(),
        }

    def find_issuer(self, issuer_id: str) -> dict[str, JsonValue] | None:
        """An admitted issuer, with the batch number that it may use next."""
        view = self._view()
        issuer = view.snapshot.find_issuer(issuer_id)
        return None if issuer is None else _describe_issuer(issuer, view)

    def list_issuers(self, after: str, limit: int) -> list[dict[str, JsonValue]]:
        """Up to `limit` admitted issuers in the order of their ids, from the first id that is greater than `after`."""
        view = self._view()
        later = sorted((issuer for issuer in view.snapshot.issuers if issuer.id > after), key=lambda issuer: issuer.id)
        return [_describe_issuer(issuer, view) for issuer in later[:limit]]

    def find_product(self, issuer_id: str, gtin: str) -> dict[str, JsonValue] | None:
        """An issuer's passport of a GTIN, if one is published, and the revision that its next one must have. None: no
        such issuer."""
        view = self._view()
        if view.snapshot.find_issuer(issuer_id) is None:
            return None
        value: dict[str, JsonValue] = {
            "gtin": parse_gtin14(gtin),
            "issuer": issuer_id,
            "next_revision": view.next_revisions.get((ProductPublished.type, issuer_id, gtin), 0),
        }
        record = view.products.get(gtin)
        if record is not None and record.issuer == issuer_id:
            value["published"] = {"digest": record.digest, "index": record.index, "revision": record.revision}
        return value

    def batch_status(self, issuer_id: str, batch: int) -> dict[str, JsonValue] | None:
        """Where a batch stands in the ledger and which item tiles are still to be uploaded (at most 1,000 are
        named)."""
        record = self._view().find_batch(issuer_id, batch)
        if record is None:
            return None
        is_complete = self._items.is_complete(issuer_id, batch)
        missing: list[JsonValue] = []
        if not is_complete:
            stored = set(self._items.list_tiles(issuer_id, batch))
            # Never all of them: a batch of 2^32 codes has sixteen million tiles, and anybody may ask.
            missing.extend(islice((n for n in range(_tile_count(record)) if n not in stored), _MAX_LISTED))
        return {
            "count": record.statement.count,
            "index": record.index,
            "is_complete": is_complete,
            "missing_tiles": missing,
        }

    def put_item_tile(self, issuer_id: str, batch: int, tile_index: int, data: bytes) -> None:
        """Takes one tile of item hashes with its path to the logged item_root, in the form of `ItemTile.to_bytes`.

        The path makes the upload prove itself: nobody can put other hashes in their place, so no password is needed.
        The same tile again changes nothing. Raises NotFound, Malformed, DoesNotHold("bad_inclusion_proof").
        """
        record = self._view().find_batch(issuer_id, batch)
        if record is None:
            raise NotFound("unknown_batch", f"{issuer_id} has no batch {batch} in the ledger: log it first")
        tile = parse_item_tile(tile_index, data)
        count, item_root = record.statement.count, record.statement.item_root
        verify_item_tile(tile, count=count, item_root=item_root)
        with self._uploads:
            self._items.write_tile(issuer_id, batch, tile_index, tile.hashes)
            # Crash here: the tile is stored, the batch not complete. The maker's next run sends the last tile again.
            if (issuer_id, batch) not in self._stored:
                self._stored[issuer_id, batch] = set(self._items.list_tiles(issuer_id, batch))
            stored = self._stored[issuer_id, batch]
            stored.add(tile_index)
            if len(stored) == _tile_count(record):
                self._items.mark_complete(issuer_id, batch, count=count, item_root=item_root)
                del self._stored[issuer_id, batch]

    def read_items(self, issuer_id: str, batch: int) -> ItemHashes:
        """The item hashes of a whole batch, for those who check its codes without a network. Raises NotFound,
        NotComplete.

        The seals blind the hashes, so they tell nobody a serial. Whoever takes them works out `item_root` again.
        """
        record = self._view().find_batch(issuer_id, batch)
        if record is None:
            raise NotFound("unknown_batch", f"{issuer_id} has no batch {batch} in the ledger")
        if not self._items.is_complete(issuer_id, batch):
            raise NotComplete("items_incomplete", "the maker has not uploaded all item hashes of this batch yet")
        tiles = self._read_tiles(issuer_id, batch, _tile_count(record))
        return ItemHashes(record.statement.count, record.statement.item_root, tiles)

    def _read_tiles(self, issuer_id: str, batch: int, count: int) -> Iterator[bytes]:
        for tile_index in range(count):
            data = self._items.read_tile(issuer_id, batch, tile_index)
            if data is None:  # the answer has begun: it ends short of its Content-Length, and nobody believes it
                raise Unavailable("items_unreadable", f"item tile {tile_index} of batch {batch} cannot be read")
            yield data

    def put_document(self, digest: str, data: bytes) -> None:
        """Keeps the exact bytes of a signed passport. Raises Malformed, DoesNotHold, NotFound.

        The bytes must be a document of an admitted manufacturer for a GTIN of its own; its digest is logged afterwards.
        """
        if sha256(data).hexdigest() != digest:
            raise Malformed("digest_differs", "the address is the SHA-256 of the bytes; these have another")
        document = parse_passport_document(data)
        gtin = find_subject_gtin(document.subject)
        issuer = self._view().snapshot.find_issuer_of_gtin(gtin)
        key = None if issuer is None else issuer.find_key(document.key_id)
        if key is None or key.revoked_from is not None:
            raise DoesNotHold("unknown_key", f"the document's key is not a good key of the maker of GTIN {gtin}")
        verify_passport_document(document, key.public_key)
        self._documents.put(bytes.fromhex(digest), gtin, PASSPORT_MEDIA_TYPE, data)

    def find_document(self, digest: str) -> tuple[str, bytes] | None:
        """Media type and exact bytes. Raises Malformed unless the digest is 64 lower-case hex digits."""
        return self._documents.get(parse_hex(digest, size=_HASH))

    def find_proof_document(self, code: str) -> bytes | None:
        """The evidence for one code, to be verified elsewhere. None: not in the ledger, or not sealed by its issuer's
        key.

        The code must carry a good seal: the item tree must not answer those who guess serials.
        """
        product_code = parse_product_code(code)
        view = self._view()
        issuer = view.snapshot.find_issuer_of_gtin(product_code.gtin)
        key = None if issuer is None else issuer.find_key_by_hint(product_code.seal.key_hint)
        if issuer is None or key is None or not product_code.is_sealed_by(key.public_key):
            return None
        evidence = view.find_proof(product_code, issuer.id)
        return None if evidence is None else make_proof_document(issuer.id, evidence)

    def evidence_parts(self, code: str) -> EvidenceParts:
        """What an evidence file about this text holds of the ledger, all of one view."""
        try:
            return make_evidence_parts(self._views, self._view(), parse_product_code(code), self._info.policy)
        except Malformed:
            return EvidenceParts({}, dict.fromkeys(PARTS, "not_needed"))
        except Unavailable as error:
            return EvidenceParts({}, dict.fromkeys(PARTS, error.code))

    def checkpoint(self) -> bytes:
        """The published checkpoint with its cosignatures."""
        return self._view().head.checkpoint

    def read_tile_path(self, path: str) -> bytes | None:
        """A tile or an entry bundle by its C2SP path; None when there is no such resource in the published tree."""
        try:
            place = parse_tile_path(path)
        except Malformed:
            return None
        view = self._view()
        level = 0 if isinstance(place, EntryBundle) else place.level
        if place.index * TILE_WIDTH + place.width > view.head.size >> (8 * level):
            return None
        if isinstance(place, EntryBundle):
            bundle = self._store.read_bundle(place.index)
            if bundle is None:
                return None
            if bundle.width == place.width:
                return bundle.data
            return encode_entry_bundle(parse_entry_bundle(bundle.data, width=bundle.width)[: place.width])
        tile = self._store.read_tile(place.level, place.index)
        return None if tile is None else tile.data[: _HASH * place.width]

    def snapshot(self, shard: str | None) -> bytes | None:
        """The signed snapshot, whole (None) or of one issuer."""
        self._view()
        return self._views.snapshot_note(shard)

    def snapshot_for_gtin(self, gtin: str) -> bytes | None:
        """The shard of the issuer who may speak for a GTIN; None when nobody may."""
        issuer = self._view().snapshot.find_issuer_of_gtin(parse_gtin14(gtin))
        return None if issuer is None else self._views.snapshot_note(issuer.id)

    def policy_text(self) -> bytes:
        """The tlog-policy that names this ledger's key. Convenient, and no substitute for getting it from elsewhere."""
        return self._info.policy.to_bytes()

    def _view(self) -> View:
        fatal = self._ledger.fatal_error
        if fatal is not None:
            raise Unavailable("ledger_stopped", "the ledger has stopped; nothing is served until it is repaired")
        view = self._views.current
        if view is None:
            raise Unavailable("not_published_yet", "nothing is published yet; try again in a few seconds")
        return view


def _describe_issuer(issuer: Issuer, view: View) -> dict[str, JsonValue]:
    return {
        "id": issuer.id,
        "keys": [{"is_revoked": key.revoked_from is not None, "key_id": key.public_key.key_id} for key in issuer.keys],
        "name": issuer.name.to_json(),
        "next_batch": view.next_batch(issuer.id),
        "prefixes": list(issuer.prefixes),
        "roles": list(issuer.roles),
        "uscc": issuer.uscc,
    }


def _submitted(outcome: Appended | Exception) -> Submitted:
    match outcome:
        case Appended(index, is_new):
            return Submitted(index, is_new, None)
        case VerifierError():
            return Submitted(None, False, outcome)
        case _:
            raise Unavailable("ledger_unavailable", f"the ledger did not take an entry: {outcome}") from outcome


def _tile_count(record: BatchRecord) -> int:
    return -(-record.statement.count // TILE_WIDTH)
