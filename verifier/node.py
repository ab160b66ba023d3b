# SPDX-License-Identifier: Apache-2.0
"""A platform's own node: the check of codes over a mirror, without asking the registry, and how far behind it is.

Two threads work for it: one follows the tree, poll by poll; one fetches what lies beside it. DESIGN §7.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from verifier.evidence import Evidence, make_proof_document
from verifier.evidence_bundle import EvidenceParts
from verifier.evidence_judge import PARTS
from verifier.facts import BatchRecord
from verifier.lots import LotEntries, LotVerdict, check_lot, check_model, find_lot_entries
from verifier.mirror import Mirror
from verifier.mirror_fill import Filler
from verifier.mirror_store import MirrorStore, StoreError
from verifier.mirror_view import MirrorView
from verifier.node_evidence import make_node_parts
from verifier.product_view import ProductView
from verifier.protocol.encoding import encode_base64
from verifier.protocol.errors import DidNotArrive, Malformed, VerifierError
from verifier.protocol.fields import format_instant
from verifier.protocol.gs1 import parse_gtin14
from verifier.protocol.merkle import HASH_SIZE
from verifier.protocol.policy import TlogPolicy
from verifier.protocol.product_code import ProductCode, parse_product_code
from verifier.protocol.statements.products import PASSPORT_MEDIA_TYPE
from verifier.protocol.tile import TILE_WIDTH, EntryBundle, Tile, encode_entry_bundle, parse_tile_path
from verifier.published_product import read_published_product
from verifier.trust import Issuer
from verifier.verdict import Verdict
from verifier.verify import Trust, verify

LOG = logging.getLogger(__name__)
_CACHED_PRODUCTS = 1024
_MAX_LISTED = 100
_IDLE_SECONDS = 5.0

Clock = Callable[[], datetime]


class NotNow(DidNotArrive):
    """The mirror vouches for nothing just now. The code says why."""


@dataclass(frozen=True, slots=True)
class Round:
    """The last round: whether it was whole, and what was wrong if not."""

    began: float  # monotonic seconds
    began_at: datetime
    fault: VerifierError | None


class Node:
    """Serves checks and the ledger's bytes (verifier.web.ports: Checker, Ledger) from a mirror. For many threads."""

    def __init__(self, mirror: Mirror, filler: Filler, store: MirrorStore, policy: TlogPolicy, clock: Clock) -> None:
        self._mirror, self._filler, self._store = mirror, filler, store
        self._policy, self._clock = policy, clock
        self._nothing = Trust(policy, None)
        self._products: OrderedDict[tuple[str, str], ProductView] = OrderedDict()
        self._lock = threading.Lock()
        self._last: Round | None = None
        self._good: Round | None = None  # the last one without a fault
        self._dead: BaseException | None = None
        self._ended = threading.Event()
        self._threads: list[threading.Thread] = []

    @property
    def origin(self) -> str:
        """The ledger's."""
        return self._policy.logs[0].vkey.name

    # Following

    def start(self, poll_seconds: float) -> None:
        """Follow, in threads of their own, until `stop`."""
        work = (self._follow, (poll_seconds,)), (self._fill, ())
        for target, arguments in work:
            name = f"node{target.__name__}"
            thread = threading.Thread(target=self._guard, args=(target, *arguments), name=name, daemon=True)
            self._threads.append(thread)
            thread.start()

    def stop(self) -> None:
        """Returns when the threads have ended; a fetch that is under way is waited for."""
        self._ended.set()
        for thread in self._threads:
            thread.join()

    def step(self) -> VerifierError | None:
        """One round of following; its fault."""
        began, began_at, fault = time.monotonic(), self._clock(), None
        try:
            self._mirror.step(began_at)
        except StoreError:
            raise  # a disk that cannot be written: nothing more can be promised
        except VerifierError as error:
            fault = error
            if self._last is None or self._last.fault is None or self._last.fault.code != error.code:
                LOG.warning("%s (%s)", error, error.code)
        self._last = Round(began, began_at, fault)
        if fault is None:
            self._good = self._last
        return fault

    def _guard(self, target: Callable[..., None], *arguments: object) -> None:
        try:
            target(*arguments)
        except BaseException as error:
            LOG.exception("the node no longer follows")
            self._dead = error

    def _follow(self, poll_seconds: float) -> None:
        due = time.monotonic()
        while not self._ended.is_set():
            self.step()
            due = max(due + poll_seconds, time.monotonic())
            self._ended.wait(max(due - time.monotonic(), 0.0))

    def _fill(self) -> None:
        while not self._ended.is_set():
            count = self._mirror.change_count()
            wait = self._filler.step(self._ended.is_set)
            until = time.monotonic() + min(wait or _IDLE_SECONDS, _IDLE_SECONDS)
            while not self._ended.is_set() and (left := until - time.monotonic()) > 0:
                if self._mirror.wait_for_change(count, min(left, 0.25)) > count:
                    break

    # Checking

    def check(self, code: str) -> Verdict:
        """The verdict on any text, by the mirror as it is now."""
        view = self._vouched()
        if view is None:
            return verify(code, trust=self._nothing, ledger=_Nothing(), now=self._clock())
        return verify(code, trust=view.trust, ledger=view, now=self._clock())

    def check_lot(self, gtin: str, lot: str) -> LotVerdict:
        """The verdict on a lot, for badges."""
        view = self._vouched()
        if view is None:
            return check_lot(gtin, lot, snapshot=None, batches=(), now=self._clock())
        size = view.checkpoint.size
        batches = [record.statement for record in view.batches_of_gtin.get(gtin, ()) if record.index < size]
        return check_lot(gtin, lot, snapshot=view.trust.snapshot, batches=batches, now=self._clock())

    def check_model(self, gtin: str) -> LotVerdict:
        """The verdict on any lot of a product, for badges of listings that name none."""
        view = self._vouched()
        if view is None:
            return check_model(gtin, snapshot=None, is_logged=False, now=self._clock())
        is_logged = any(record.index < view.checkpoint.size for record in view.batches_of_gtin.get(gtin, ()))
        return check_model(gtin, snapshot=view.trust.snapshot, is_logged=is_logged, now=self._clock())

    def find_issuer(self, issuer_id: str) -> Issuer | None:
        """An admitted organisation with its keys, as of the mirrored tree. Raises DidNotArrive without one to trust."""
        view = self._vouched()
        snapshot = None if view is None else view.trust.snapshot
        if snapshot is None:
            raise DidNotArrive("no_snapshot", "This node has no ledger that it can vouch for just now.")
        return snapshot.find_issuer(issuer_id)

    def find_lot_entries(self, gtin: str, lot: str) -> LotEntries:
        """Where the mirrored tree speaks of a lot, or with "" of a product."""
        view = self._vouched()
        if view is None:
            return LotEntries(0)
        return find_lot_entries(gtin, lot, view.checkpoint.size, view.batches_of_gtin, view.products)

    def find_product(self, gtin: str) -> ProductView | None:
        """The published passport, if it is here and good."""
        view = self._vouched()
        record = None if view is None else view.products.get(gtin)
        if view is None or record is None or view.trust.snapshot is None:
            return None
        known = self._products.get((gtin, record.digest))
        if known is not None:
            return known
        data = self._store.read_document(record.digest)
        issuer = view.trust.snapshot.find_issuer_of_gtin(gtin)
        if data is None or issuer is None:
            return None
        try:
            product = read_published_product(gtin, record.digest, data, issuer)
        except VerifierError as error:
            LOG.warning("the passport of %s cannot be shown: %s", gtin, error)
            return None
        with self._lock:
            self._products[gtin, record.digest] = product
            while len(self._products) > _CACHED_PRODUCTS:
                self._products.popitem(last=False)
        return product

    def change_count(self) -> int:
        return self._mirror.change_count()

    def wait_for_change(self, since: int, timeout_seconds: float) -> int:
        return self._mirror.wait_for_change(since, timeout_seconds)

    def read_items(self, issuer: str, batch: int) -> tuple[BatchRecord, Iterator[bytes]] | None:
        """All item hashes of a batch, tile by tile; None while they are not here."""
        record = self._view().find_batch(issuer, batch)
        if record is None or self._store.read_roots(issuer, batch) is None:
            return None
        tiles = range(-(-record.statement.count // TILE_WIDTH))
        return record, (self._store.read_items(issuer, batch, tile) or b"" for tile in tiles)

    # The ledger's bytes

    def checkpoint(self) -> bytes:
        return self._view().checkpoint.note

    def read_tile_path(self, path: str) -> bytes | None:
        """A tile or a bundle of the mirrored tree, cut to the width that was asked for."""
        try:
            place = parse_tile_path(path)
        except Malformed:
            return None
        level = 0 if isinstance(place, EntryBundle) else place.level
        if place.index * TILE_WIDTH + place.width > self._view().checkpoint.size >> (8 * level):
            return None
        if isinstance(place, Tile):
            return self._store.read_tile(place)[: HASH_SIZE * place.width]
        return encode_entry_bundle(self._store.read_entries(place))

    def snapshot(self, shard: str | None) -> bytes | None:
        """The registry's own signed snapshot. A shard is here for the issuers that are asked for, soon after."""
        view = self._view()
        if shard is None:
            return view.snapshot_note
        if view.snapshot.find_issuer(shard) is None:
            return None
        self._filler.want_shard(shard)
        return self._filler.find_shard(shard, view)

    def snapshot_for_gtin(self, gtin: str) -> bytes | None:
        issuer = self._view().snapshot.find_issuer_of_gtin(parse_gtin14(gtin))
        return None if issuer is None else self.snapshot(issuer.id)

    def policy_text(self) -> bytes:
        """The policy that this node was told to follow."""
        return self._policy.to_bytes()

    def find_document(self, digest: str) -> tuple[str, bytes] | None:
        data = self._store.read_document(digest)
        return None if data is None else (PASSPORT_MEDIA_TYPE, data)

    def find_proof_document(self, code: str) -> bytes | None:
        """As the registry makes it: the code must carry a good seal. Raises DidNotArrive while items are missing."""
        product_code = parse_product_code(code)
        view = self._view()
        issuer = None if view.trust.snapshot is None else view.trust.snapshot.find_issuer_of_gtin(product_code.gtin)
        key = None if issuer is None else issuer.find_key_by_hint(product_code.seal.key_hint)
        if issuer is None or key is None or not product_code.is_sealed_by(key.public_key):
            return None
        evidence = view.find_proof(product_code, issuer.id)
        return None if evidence is None else make_proof_document(issuer.id, evidence)

    def evidence_parts(self, code: str) -> EvidenceParts:
        """What an evidence file about this text holds of the ledger; never raises because of the text."""
        try:
            product_code, view = parse_product_code(code), self._view()
        except Malformed:
            return EvidenceParts({}, dict.fromkeys(PARTS, "not_needed"))
        except NotNow as error:
            return EvidenceParts({}, dict.fromkeys(PARTS, error.code))
        note = self.snapshot_for_gtin(product_code.gtin) or view.snapshot_note
        return make_node_parts(view, product_code, note)

    # How it stands

    def behind_seconds(self) -> float | None:
        """Seconds since the last whole round began: nothing newer than that is known. None before the first."""
        return None if self._good is None else round(time.monotonic() - self._good.began, 3)

    def why_not_well(self) -> NotNow | None:
        """Why nothing can be good just now; None while the node answers in full, be the registry there or not."""
        if self._dead is not None:
            return NotNow("node_stopped", f"The node no longer follows: {self._dead}")
        if self._mirror.halt is not None:
            return NotNow(self._mirror.halt.code, self._mirror.halt.message)
        view = self._mirror.view
        if view is None:
            return NotNow("not_mirrored_yet", "The node has not read the whole ledger yet; try again in a few seconds.")
        if view.snapshot.next_update_at < self._clock():
            return NotNow("snapshot_stale", "The registry's last word is past its date, so nothing can be good.")
        return None

    def describe(self) -> dict[str, object]:
        """For `GET /api/v1/node`: members that are not known are absent."""
        trouble, fault = self.why_not_well(), None if self._last is None else self._last.fault
        state = "following" if fault is None else "failing"
        if trouble is not None:
            state = "starting" if trouble.code == "not_mirrored_yet" else "stopped"
        value: dict[str, object] = {"state": state}
        why = trouble if state == "stopped" else fault
        if why is not None:
            value["reason"] = {"code": why.code, "message": str(why)}
        accepted = self._mirror.accepted
        if accepted is not None:
            value |= {"origin": accepted.origin, "size": accepted.size, "root_hash": encode_base64(accepted.root_hash)}
            if accepted.witnessed_at:
                newest = max(timestamp for _, timestamp in accepted.witnessed_at)
                value["witnessed_at"] = format_instant(datetime.fromtimestamp(newest, UTC))
        if self._good is not None:
            value |= {"behind_seconds": self.behind_seconds(), "polled_at": format_instant(self._good.began_at)}
        view = self._mirror.view
        return value if view is None else value | self._describe_view(view)

    def _describe_view(self, view: MirrorView) -> dict[str, object]:
        missing = self._filler.missing(view)
        listed = []
        for issuer, batch in missing[:_MAX_LISTED]:
            error = self._filler.faults.get((issuer, batch))
            named: dict[str, object] = {"batch": batch, "issuer": issuer}
            listed.append(named if error is None else named | {"reason": error.code})
        return {
            "batches": sum(record.index < view.checkpoint.size for record in list(view.batches.values())),
            "missing_batches": listed,
            "missing_batches_count": len(missing),
            "next_update": format_instant(view.snapshot.next_update_at),
            "snapshot_as_of": format_instant(view.snapshot.as_of_at),
            "snapshot_size": view.snapshot.size,
        }

    def _vouched(self) -> MirrorView | None:
        return None if self._dead is not None else self._mirror.view

    def _view(self) -> MirrorView:
        view = self._vouched()
        if view is None:
            raise self.why_not_well() or NotNow("not_mirrored_yet", "Try again in a few seconds.")
        return view


class _Nothing:
    """The evidence source while nothing is vouched for."""

    def find_evidence(self, code: ProductCode, issuer_id: str) -> Evidence | None:
        raise NotNow("not_mirrored_yet", "nothing is mirrored yet")
