# SPDX-License-Identifier: Apache-2.0
"""A registry and a checker for tests of the web layer. They answer as told, and police whoever calls them."""

from __future__ import annotations

import threading
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from typing import TYPE_CHECKING

from passport.services.registry import ItemHashes, NotComplete, NotFound, Submitted, Unavailable
from tests.support.makers import BatchPlan, IssuedBatch, SigningKey, make_gtin, make_uscc, sign_batch
from verifier.evidence_bundle import EvidenceParts
from verifier.facts import BatchRecord, ProductRecord
from verifier.lots import LotEntries, LotVerdict
from verifier.product_view import ProductView
from verifier.protocol.errors import DoesNotHold, Malformed
from verifier.protocol.fields import Contact, Text
from verifier.protocol.product_code import parse_product_code
from verifier.protocol.statements.recall import OneLot, RecallNotice, ScopeEntry
from verifier.recalls import RecallRecord
from verifier.trust import Issuer, KeyRecord
from verifier.verdict import Outcome, Status, Suspicion, Verdict, make_steps

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from verifier.protocol.encoding import JsonValue

NOW = datetime(2026, 11, 21, 4, 5, 6, tzinfo=UTC)
GTIN = make_gtin("69012345")
ORIGIN = "registry.example.cn/ledger"
KEY = SigningKey("fake registry maker")
DOCUMENT = b"header.payload.signature"
MAKER = Issuer(
    id="qingshan",
    name=Text(zh="青山电子（示例）有限公司", en="Qingshan Electronics (Example) Ltd"),
    uscc=make_uscc(7),
    roles=("manufacturer",),
    prefixes=("69012345",),
    contact=Contact(phone="400-820-0000", url="https://qingshan.example.cn/service"),
    keys=(KeyRecord(KEY.public_key, 2),),
)
NOTICE = RecallNotice(
    scope=(ScopeEntry(GTIN, OneLot("L20260318A")),),
    severity="serious",
    action="recall",
    title=Text(zh="QS-20K 移动电源召回", en="Recall of QS-20K power banks"),
    hazard=Text(
        zh="部分电芯隔膜有缺陷，极端情况下可能过热、起火。",
        en="Some cells have a defective separator: they may overheat and catch fire.",
    ),
    remedy=Text(
        zh="立即停止使用和充电，拨打专线登记，免费寄回并全额退款。",
        en="Stop using and charging it at once. Call us, send it back free of charge, get a full refund.",
    ),
    contact=Contact(phone="400-820-0001", url="https://qingshan.example.cn/recall"),
    starts_on=date(2026, 6, 1),
)
OPEN_RECALL = RecallRecord("qingshan/2026-01", "qingshan", 2, 31, NOTICE)
CLOSED_RECALL = RecallRecord(
    "qingshan/2025-07",
    "qingshan",
    1,
    12,
    replace(NOTICE, severity="low", title=Text(zh="说明书勘误", en="Correction of the manual")),
    closed_reason=Text(zh="全部更正完毕。", en="All corrected."),
)
PRODUCT = ProductView(
    gtin=GTIN,
    name="青山 QS-20K 移动电源",
    maker="青山电子（示例）有限公司",
    model="QS-20K",
    description="20000 mAh 移动电源，双向快充，铝合金外壳。",
    facts=(
        (Text(zh="额定容量", en="Rated capacity"), "12000 mAh"),
        (Text(zh="额定能量", en="Rated energy"), "74 Wh"),
        (Text(zh="电芯类型", en="Cell chemistry"), "Li-ion NCM"),
        (Text(zh="推荐安全使用年限", en="Recommended safe service life"), "3 a"),
    ),
    certificates=(("CCC", "2026010914000001"), ("Handbook", "https://qingshan.example.cn/handbook")),
    document_url=f"/documents/{sha256(DOCUMENT).hexdigest()}",
)
BATCH: IssuedBatch = sign_batch(
    BatchPlan(gtin=GTIN, batch=3, count=300, lot="L20260318A", produced="2026-03-18"),
    origin=ORIGIN,
    issuer=MAKER.id,
    key=KEY,
    issued_at=NOW,
)
GOOD = BATCH.codes[17]


FACTS = Text(zh="首次查验是 3 月 3 日，在 4 个省查验过 6 次。", en="First checked on 3 March; 6 checks in 4 provinces.")
FAILED_STEP = {
    Status.MALFORMED: 0,
    Status.COUNTERFEIT: 2,
    Status.NOT_LOGGED: 6,
    Status.VOID: 9,
    Status.RECALLED: 9,
    Status.CANNOT_TELL: 9,
}


def make_verdict(status: Status, reason: str) -> Verdict:
    """A verdict as `verify()` would make it for the code GOOD."""
    failed = Outcome.UNKNOWN if status is Status.CANNOT_TELL else Outcome.FAILED
    step = FAILED_STEP.get(status, 10)
    outcomes = () if step == 10 else ((step, failed),)
    reached = 10 if step in (9, 10) else step
    is_logged = step >= 9
    recalls = {Status.RECALLED: (OPEN_RECALL, CLOSED_RECALL), Status.GENUINE: (CLOSED_RECALL,)}.get(status, ())
    return Verdict(
        status=status,
        reason=reason,
        checked_at=NOW,
        code=None if status is Status.MALFORMED else GOOD,
        issuer=None if status is Status.MALFORMED else MAKER,
        batch=BATCH.statement if is_logged else None,
        batch_index=9 if is_logged else None,
        recalls=recalls,
        snapshot_as_of=NOW - timedelta(seconds=30),
        next_update_at=NOW + timedelta(hours=24),
        steps=make_steps(outcomes, reached),
        suspicion=Suspicion("many_provinces", FACTS) if status is Status.SUSPECT else None,
    )


REASONS = {
    Status.MALFORMED: "no_seal",
    Status.COUNTERFEIT: "bad_signature",
    Status.VOID: "void",
    Status.RECALLED: "recall",
    Status.NOT_LOGGED: "no_such_batch_or_item",
    Status.SUSPECT: "many_provinces",
    Status.CANNOT_TELL: "snapshot_stale",
    Status.GENUINE: "genuine",
}


class FakeChecker:
    """Says `status` of every well-formed code; `set_lot` changes the badge and wakes whoever waits."""

    def __init__(self) -> None:
        self.status = Status.GENUINE
        self.product: ProductView | None = PRODUCT
        self.asked: list[str] = []
        self.lot_status = Status.GENUINE
        self.lot_seconds = 3600.0
        self.issuers: dict[str, Issuer] = {MAKER.id: MAKER}
        self._count = 1
        self._changed = threading.Condition()

    def check(self, code: str) -> Verdict:
        assert type(code) is str, "a code is text"
        self.asked.append(code)
        try:
            parse_product_code(code)
        except Malformed as error:
            return make_verdict(Status.MALFORMED, error.code)
        return make_verdict(self.status, REASONS[self.status])

    def check_lot(self, gtin: str, lot: str) -> LotVerdict:
        assert type(gtin) is str and type(lot) is str, "GTIN and lot are text"
        if gtin != GTIN:
            return LotVerdict(Status.MALFORMED, "bad_gtin", gtin, lot, NOW)
        recalls = (OPEN_RECALL,) if self.lot_status is Status.RECALLED else ()
        until = NOW + timedelta(seconds=self.lot_seconds)
        reason = "snapshot_stale" if self.lot_status is Status.CANNOT_TELL else "fake"
        return LotVerdict(self.lot_status, reason, gtin, lot, NOW, MAKER, recalls, NOW, until)

    def check_model(self, gtin: str) -> LotVerdict:
        return replace(self.check_lot(gtin, "any"), lot="")

    def find_issuer(self, issuer_id: str) -> Issuer | None:
        assert type(issuer_id) is str
        return self.issuers.get(issuer_id)

    def find_lot_entries(self, gtin: str, lot: str) -> LotEntries:
        assert len(gtin) == 14
        return LotEntries(40, (BatchRecord(9, BATCH.statement),), ProductRecord(8, MAKER.id, "ab" * 32, 0))

    def set_lot(self, status: Status) -> None:
        with self._changed:
            self.lot_status = status
            self._count += 1
            self._changed.notify_all()

    def find_product(self, gtin: str) -> ProductView | None:
        assert len(gtin) == 14 and gtin.isdigit(), "a GTIN has 14 digits"
        return self.product

    def change_count(self) -> int:
        return self._count

    def wait_for_change(self, since: int, timeout_seconds: float) -> int:
        assert 0 < timeout_seconds <= 60, "nobody waits for ever"
        with self._changed:
            self._changed.wait_for(lambda: self._count > since, timeout_seconds)
            return self._count


PROOF = (
    b'{"entry":"{}","issuer":"qingshan","item_hash":"AAAA","item_path":[],"proof":"","snapshot_link":[],'
    b'"type":"product-passport/proof/v1"}'
)


def describe_issuer(issuer_id: str) -> dict[str, JsonValue]:
    """As the registry describes an issuer."""
    return {
        "id": issuer_id,
        "keys": [{"is_revoked": False, "key_id": KEY.public_key.key_id}],
        "name": MAKER.name.to_json(),
        "next_batch": 4,
        "prefixes": list(MAKER.prefixes),
        "roles": list(MAKER.roles),
        "uscc": MAKER.uscc,
    }


@dataclass
class FakeRegistry:
    """Keeps what it is given in memory. `is_down` makes it answer as a stopped ledger does."""

    is_down: bool = False
    sent: int = 0

    def __post_init__(self) -> None:
        self.entries: list[bytes] = []
        self.documents = {sha256(DOCUMENT).hexdigest(): ("application/vc+jwt", DOCUMENT)}
        self.tiles = {"tile/0/000.p/5": b"\x01" * 160, "tile/entries/000.p/5": b"\x00\x01a" * 5}
        self.items: dict[tuple[str, int, int], bytes] = {}
        self.text = b"registry.example.cn/ledger\n5\nAAAA\n\n\xe2\x80\x94 registry.example.cn/ledger AAAA\n"

    def _check_up(self) -> None:
        if self.is_down:
            raise Unavailable("ledger_stopped", "the ledger has stopped")

    def submit(self, entries: Sequence[bytes]) -> list[Submitted]:
        """Refuses entries that are no UTF-8, and those that contain the word refuse."""
        self._check_up()
        assert 1 <= len(entries) <= 256 and all(type(entry) is bytes for entry in entries)
        return [self._submit(entry) for entry in entries]

    def _submit(self, entry: bytes) -> Submitted:
        try:
            if "refuse" in entry.decode():
                return Submitted(None, False, DoesNotHold("gtin_outside_prefix", "the GTIN is not under a prefix"))
        except UnicodeDecodeError:
            return Submitted(None, False, Malformed("bad_json", "no UTF-8"))
        if entry in self.entries:
            return Submitted(self.entries.index(entry), False, None)
        self.entries.append(entry)
        return Submitted(len(self.entries) - 1, True, None)

    def describe(self) -> dict[str, JsonValue]:
        return {
            "base_url": "https://registry.example.cn",
            "log_vkey": f"{ORIGIN}+00000000+AAAA",
            "origin": ORIGIN,
            "size": len(self.entries),
            "status_vkey": "",
        }

    def find_issuer(self, issuer_id: str) -> dict[str, JsonValue] | None:
        return describe_issuer(issuer_id) if issuer_id == MAKER.id else None

    def list_issuers(self, after: str, limit: int) -> list[dict[str, JsonValue]]:
        """Five issuers beside the maker, so that there is more than one page."""
        assert 1 <= limit <= 201
        ids = sorted([MAKER.id, *(f"maker-{number}" for number in range(5))])
        return [describe_issuer(issuer_id) for issuer_id in ids if issuer_id > after][:limit]

    def find_product(self, issuer_id: str, gtin: str) -> dict[str, JsonValue] | None:
        assert len(gtin) == 14
        if issuer_id != MAKER.id:
            return None
        known: dict[str, JsonValue] = {"gtin": gtin, "issuer": issuer_id, "next_revision": 0}
        published: JsonValue = {"digest": sha256(DOCUMENT).hexdigest(), "index": 7, "revision": 2}
        return known | {"next_revision": 3, "published": published} if gtin == GTIN else known

    def batch_status(self, issuer_id: str, batch: int) -> dict[str, JsonValue] | None:
        assert type(batch) is int
        known = {"count": 300, "index": 9, "is_complete": False, "missing_tiles": [0, 1]}
        return known if (issuer_id, batch) == (MAKER.id, 3) else None

    def put_item_tile(self, issuer_id: str, batch: int, tile_index: int, data: bytes) -> None:
        self._check_up()
        assert type(data) is bytes and type(tile_index) is int and type(batch) is int
        if not data or len(data) % 32:
            raise Malformed("wrong_length", "item tiles are hashes of 32 bytes")
        self.items[issuer_id, batch, tile_index] = data

    def read_items(self, issuer_id: str, batch: int) -> ItemHashes:
        """Batch 3 is here; batch 4 is not complete. `sent` tells how many tiles were asked for."""
        self._check_up()
        assert type(batch) is int
        if issuer_id != MAKER.id or batch not in (3, 4):
            raise NotFound("unknown_batch", "no such batch")
        if batch == 4:
            raise NotComplete("items_incomplete", "a tile is missing")
        return ItemHashes(300, BATCH.statement.item_root, self._read_tiles())

    def _read_tiles(self) -> Iterator[bytes]:
        for at in range(0, 300, 256):
            self.sent += 1
            yield b"".join(BATCH.item_hashes[at : at + 256])

    def put_document(self, digest: str, data: bytes) -> None:
        if sha256(data).hexdigest() != digest:
            raise Malformed("digest_differs", "the bytes have another digest")
        self.documents[digest] = ("application/vc+jwt", data)

    def find_document(self, digest: str) -> tuple[str, bytes] | None:
        assert len(digest) == 64
        return self.documents.get(digest)

    def find_proof_document(self, code: str) -> bytes | None:
        return PROOF if parse_product_code(code) == GOOD else None

    def evidence_parts(self, code: str) -> EvidenceParts:
        return EvidenceParts({}, {})

    def checkpoint(self) -> bytes:
        self._check_up()
        return self.text

    def read_tile_path(self, path: str) -> bytes | None:
        assert path.startswith("tile/"), "a C2SP path begins with tile/"
        return self.tiles.get(path)

    def snapshot(self, shard: str | None) -> bytes | None:
        return self.text if shard in (None, MAKER.id) else None

    def snapshot_for_gtin(self, gtin: str) -> bytes | None:
        assert len(gtin) == 14
        return self.text if gtin == GTIN else None

    def policy_text(self) -> bytes:
        return b"log registry.example.cn/ledger+00000000+AAAA\n"
