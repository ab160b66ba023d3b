# SPDX-License-Identifier: Apache-2.0
"""How fast is a batch issued? Codes signed and hashed per core, and a whole run beside the sum of its stages.

Run: python bench/issuing.py [CODES]. Each limit is measured in the same run, in turns with what it limits.
"""

from __future__ import annotations

import json
import os
import resource
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from passport.commands.label_files import LabelOrder, make_labels
from passport.domain.batch_plan import BatchPlan
from passport.domain.item_tree import TILE_SIZE, ItemTree
from passport.domain.registry_values import BatchStatus, IssuerInfo, IssuerKey, Logged, RegistryInfo
from passport.labels.matrix import build_symbols
from passport.labels.sheet import SheetWriter
from passport.services.issue_segments import SEGMENT_WIDTH, Segment, SegmentMaker, SegmentTask, tasks_of
from passport.services.issuing import IssueRequest, IssueTools, issue
from passport.services.worker_pool import default_workers
from passport.signing import make_memory_signer
from verifier.evidence import parse_item_tile
from verifier.protocol.fields import Text

SEED = bytes(range(32))
GTIN = "06901234567892"
HOST = "id.example.cn"
ROUNDS = 7
NOW = datetime(2026, 3, 1, tzinfo=UTC)


def seconds(act: Callable[[], object]) -> float:
    """How long it takes."""
    began = time.perf_counter()
    act()
    return time.perf_counter() - began


def raw_loops(messages: list[bytes]) -> dict[str, Callable[[], object]]:
    """Bare signing loops over the same messages, by library."""
    openssl = Ed25519PrivateKey.from_private_bytes(SEED).sign
    loops: dict[str, Callable[[], object]] = {"cryptography": lambda: [openssl(message) for message in messages]}
    try:
        from nacl.bindings import crypto_sign
    except ImportError:
        return loops
    secret = SEED + Ed25519PrivateKey.from_private_bytes(SEED).public_key().public_bytes_raw()
    loops["PyNaCl"] = lambda: [crypto_sign(message, secret) for message in messages]
    return loops


def make_plan(count: int) -> BatchPlan:
    key_id = make_memory_signer(SEED).public_key.key_id
    return BatchPlan("0" * 32, f"{HOST}/ledger", "maker", key_id, HOST, GTIN, "L1", date(2026, 3, 1), count, 1)


def bench_one_core() -> None:
    """Codes signed and hashed, with their CSV and NDJSON lines, by one core."""
    count = SEGMENT_WIDTH
    maker = SegmentMaker(make_plan(count), 0, make_memory_signer(SEED), Path(os.devnull))
    text = f"product-code/v1\n01{GTIN}21000000000\n{'0' * 64}\n0\n"
    loops = raw_loops([f"{text}{seq}\n".encode() for seq in range(count)])
    loops["codes"] = lambda: maker.make(SegmentTask(0, 0, count))
    loops["hashing, base32 and lines alone"] = _without_signature(count)
    times: dict[str, list[float]] = {name: [] for name in loops}
    for _ in range(ROUNDS):  # in turns, so that whatever else this machine does hits all of them
        for name, loop in loops.items():
            times[name].append(seconds(loop))
    rates = {name: count / statistics.median(values) for name, values in times.items()}
    limit = max(rates[name] for name in rates if name in ("cryptography", "PyNaCl"))
    print(f"\nOne core, {count} codes, median of {ROUNDS} rounds\n\n| | per second | of the limit |\n|---|---|---|")
    for name, rate in rates.items():
        label = {"codes": "**codes signed and hashed**"}.get(name, name if "alone" in name else f"raw Ed25519, {name}")
        print(f"| {label} | {rate:,.0f} | {rate / limit:.0%} |")
    print(f"\naim ≥ 70 %: {'met' if rates['codes'] >= 0.7 * limit else 'NOT MET'}")


def _without_signature(count: int) -> Callable[[], object]:
    class Null:
        public_key = make_memory_signer(SEED).public_key

        def sign(self, message: bytes) -> bytes:
            return SEED + SEED

    maker = SegmentMaker(make_plan(count), 0, Null(), Path(os.devnull))
    return lambda: maker.make(SegmentTask(0, 0, count))


class DirectoryRegistry:
    """A registry that stores item hashes as files and does nothing else: the store's limit without HTTP."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._count = 0
        self._present: set[int] = set()
        self._lock = threading.Lock()

    def registry(self) -> RegistryInfo:
        return RegistryInfo(f"{HOST}/ledger", HOST, 1)

    def find_issuer(self, issuer_id: str) -> IssuerInfo:
        key = IssuerKey(make_memory_signer(SEED).public_key.key_id, is_revoked=False)
        return IssuerInfo(issuer_id, Text("示例", "Example"), "", ("manufacturer",), ("6901234",), (key,), 0)

    def submit(self, entry: bytes) -> Logged:
        self._count = json.loads(entry)["statement"]["count"]
        return Logged(1, is_new=True)

    def find_batch(self, issuer_id: str, batch: int) -> BatchStatus:
        missing = tuple(index for index in range(-(-self._count // 256)) if index not in self._present)
        return BatchStatus(1, self._count, not missing, missing[:1000])

    def put_item_tile(self, issuer_id: str, batch: int, tile_index: int, data: bytes) -> None:
        (self._directory / str(tile_index)).write_bytes(parse_item_tile(tile_index, data).hashes)
        with self._lock:
            self._present.add(tile_index)

    def put_document(self, digest: str, data: bytes) -> None:
        raise NotImplementedError

    def ledger_entries(self) -> Iterator[bytes]:
        raise NotImplementedError


class Watch:
    """Times the stages of a run."""

    def __init__(self) -> None:
        self.stages: dict[str, float] = {}
        self._stage, self._began = "", 0.0

    def start(self, stage: str, total: int) -> None:
        self.end()
        self._stage, self._began = stage, time.perf_counter()

    def end(self) -> None:
        if self._stage:
            self.stages[self._stage] = time.perf_counter() - self._began
        self._stage = ""

    def advance(self, steps: int) -> None: ...

    def say(self, text: str) -> None: ...


def bench_whole_run(count: int, directory: Path) -> None:
    """A whole run on all cores with CSV, NDJSON, sheet, tree and store, beside the sum of its stages' limits."""
    store = directory / "store"
    store.mkdir()
    watch, workers = Watch(), default_workers()
    tools = IssueTools(
        registry=DirectoryRegistry(store),
        signer=make_memory_signer(SEED),
        reporter=watch,
        state_root=directory / "state",
        now=NOW,
        workers=workers,
        confirm=lambda plan, serials: None,
    )
    request = IssueRequest(directory / "out", "maker", GTIN, "L1", date(2026, 3, 1), count=count)
    began = time.perf_counter()
    issue(request, tools)
    make_labels(request.out, count, LabelOrder("pdf", (25.0, 30.0), (210.0, 297.0)), watch)
    whole = time.perf_counter() - began
    watch.end()
    limits = measure_limits(count, directory, workers)
    names = {
        "sign": "raw Ed25519 on all cores",
        "upload": "item tree, tiles written",
        "write": "CSV and NDJSON written",
    }
    names["labels"] = "matrices and sheet"
    print(f"\n{count:,} codes, {workers} cores\n\n| stage | limit, s | run, s |\n|---|---|---|")
    for stage, label in names.items():
        print(f"| {stage}: {label} | {limits[stage]:.2f} | {watch.stages.get(stage, 0.0):.2f} |")
    total = sum(limits.values())
    print(f"| whole run | {total:.2f} | {whole:.2f} |\n\n{whole / total:.2f} × the limit; aim ≤ 3 ×: ", end="")
    print("met" if whole <= 3 * total else "NOT MET")
    own = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    children = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    print(f"largest memory: parent {own:.0f} MB, a worker {children:.0f} MB; aim < 300 MB")


def measure_limits(count: int, directory: Path, workers: int) -> dict[str, float]:
    """Each stage at its barest: the same bytes, without journal, locks, checks, or reading back."""
    sample = SegmentMaker(make_plan(count), 0, make_memory_signer(SEED), directory).make(
        SegmentTask(0, 0, SEGMENT_WIDTH)
    )
    segments = len(tasks_of(count))
    message = b"x" * 140
    loops = raw_loops([message] * SEGMENT_WIDTH)
    per_code = min(seconds(loop) for loop in loops.values()) / SEGMENT_WIDTH
    return {
        "sign": per_code * count / workers,
        "upload": seconds(lambda: _tree_and_tiles(sample, segments, directory)),
        "write": seconds(lambda: _two_files(sample, segments, directory)),
        "labels": seconds(lambda: _sheet(sample, segments, directory)),
    }


def _tree_and_tiles(sample: Segment, segments: int, directory: Path) -> None:
    tiles = [sample.hashes[at : at + TILE_SIZE] for at in range(0, len(sample.hashes), TILE_SIZE)] * segments
    ItemTree(tiles)
    place = directory / "bare"
    place.mkdir()
    for index, tile in enumerate(tiles):
        (place / str(index)).write_bytes(tile)


def _two_files(sample: Segment, segments: int, directory: Path) -> None:
    for name, data in (("csv", sample.csv), ("ndjson", sample.ndjson)):
        with (directory / name).open("wb") as file:
            for _ in range(segments):
                file.write(data)
            file.flush()
            os.fsync(file.fileno())


def _sheet(sample: Segment, segments: int, directory: Path) -> None:
    values = [json.loads(line) for line in sample.ndjson.splitlines()]
    texts = [value["qr_text"] for value in values]
    captions = [f"(01){value['gtin']}\n(21){value['serial']}" for value in values]
    with SheetWriter(directory / "bare.pdf") as sheet:
        for _ in range(segments):
            for start in range(0, len(texts), 1024):
                part = slice(start, start + 1024)
                sheet.add_symbols(build_symbols(texts[part]), captions[part])


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    print(f"# Issuing\n\nPython {sys.version.split()[0]}, {default_workers()} cores")
    bench_one_core()
    with tempfile.TemporaryDirectory() as directory:
        bench_whole_run(count, Path(directory))


if __name__ == "__main__":
    main()
