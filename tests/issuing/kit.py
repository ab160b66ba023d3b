# SPDX-License-Identifier: Apache-2.0
"""What the issuing tests share: an admitted maker, a request with tools, and a strict look at what a batch left."""

from __future__ import annotations

import csv
import json
from dataclasses import dataclass, field, replace
from datetime import date
from hashlib import sha256
from pathlib import Path
from typing import Any

from passport.domain.batch_plan import BatchPlan
from passport.services.issue_journal import IssuedBatch
from passport.services.issuing import IssueRequest, IssueTools, issue
from tests.support.makers import HOST, Maker, SigningKey, make_gtin
from tests.support.memory_registry import NOW, MemoryRegistry
from verifier.protocol.merkle import leaf_hash
from verifier.protocol.product_code import ProductCode, parse_product_code

PREFIX = "6901234"
MAKER = Maker("maker", (PREFIX,), SigningKey("maker"))
GTIN = make_gtin(PREFIX)


class SilentReporter:
    """Remembers the stages and adds up their steps."""

    def __init__(self) -> None:
        self.stages: dict[str, list[int]] = {}
        self.said: list[str] = []
        self._stage = ""

    def start(self, stage: str, total: int) -> None:
        self._stage = stage
        self.stages[stage] = [total, 0]

    def advance(self, steps: int) -> None:
        self.stages[self._stage][1] += steps

    def say(self, text: str) -> None:
        self.said.append(text)


@dataclass
class Workshop:
    """A maker's machine: a registry that knows it, a directory, and shortcuts."""

    directory: Path
    registry: MemoryRegistry = field(default_factory=MemoryRegistry)
    reporter: SilentReporter = field(default_factory=SilentReporter)
    shown: list[tuple[BatchPlan, tuple[str, ...]]] = field(default_factory=list)

    def __post_init__(self) -> None:
        if MAKER.id not in self.registry.state.issuers:
            self.registry.admit(MAKER.id, MAKER.key, prefixes=MAKER.prefixes, roles=("manufacturer",))

    def request(self, name: str = "out", **changes: Any) -> IssueRequest:
        base = IssueRequest(self.directory / name, MAKER.id, GTIN, "L1", date(2026, 3, 1), count=10)
        if "serials" in changes:
            base = replace(base, count=None)
        return replace(base, **changes)

    def tools(self, **changes: Any) -> IssueTools:
        base = IssueTools(
            registry=self.registry,
            signer=MAKER.key,
            reporter=self.reporter,
            state_root=self.directory / "state",
            now=NOW,
            workers=1,
            confirm=lambda plan, serials: self.shown.append((plan, serials)),
        )
        return replace(base, **changes)

    def issue(self, name: str = "out", **changes: object) -> IssuedBatch:
        return issue(self.request(name, **changes), self.tools())

    def write_serials(self, text: str, name: str = "serials.csv") -> Path:
        path = self.directory / name
        path.write_bytes(text.encode())
        return path


def read_codes(out: Path) -> list[ProductCode]:
    """The codes of both files, after a check that the files agree, line by line."""
    with (out / "codes.csv").open(newline="", encoding="ascii") as file:
        rows = list(csv.DictReader(file, strict=True))
    values = [json.loads(line) for line in (out / "codes.ndjson").read_bytes().splitlines()]
    assert len(rows) == len(values)
    codes = []
    for seq, (row, value) in enumerate(zip(rows, values, strict=True)):
        code = parse_product_code(value["url"])
        assert (int(row["seq"]), row["url"], row["qr_text"]) == (seq, value["url"], value["qr_text"])
        assert (value["seq"], value["gtin"], value["serial"]) == (seq, code.gtin, code.serial)
        assert parse_product_code(value["qr_text"]) == code
        assert value["qr_text"] == code.to_qr_text(HOST)
        assert code.seal.seq == seq
        codes.append(code)
    return codes


def check_batch(issued: IssuedBatch, registry: MemoryRegistry, key: SigningKey = MAKER.key) -> list[ProductCode]:
    """Hold everything that a finished batch left against the ledger, the naive item root, and the uploaded hashes."""
    codes = read_codes(issued.out)
    statement = issued.statement
    assert registry.entries[issued.index] == issued.entry
    assert statement.count == len(codes) == issued.plan.count
    assert all(code.is_sealed_by(key.public_key) for code in codes)
    assert {code.seal.batch for code in codes} == {issued.batch} == {statement.batch}
    hashes = [leaf_hash(code.item_leaf) for code in codes]
    assert naive_root(hashes) == statement.item_root
    tiles = registry.tiles[statement.header.issuer, issued.batch]
    assert b"".join(tiles[index] for index in sorted(tiles)) == b"".join(hashes)
    return codes


def naive_root(hashes: list[bytes]) -> bytes:
    """RFC 6962, section 2.1, word for word."""
    if len(hashes) == 1:
        return hashes[0]
    split = 1
    while split * 2 < len(hashes):
        split *= 2
    return sha256(b"\x01" + naive_root(hashes[:split]) + naive_root(hashes[split:])).digest()
