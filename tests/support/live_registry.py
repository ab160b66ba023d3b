# SPDX-License-Identifier: Apache-2.0
"""A real registry in a process of its own with one maker and one batch, and the files that calls of the API send."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from urllib.parse import urlsplit

from passport.signing import load_key_file
from tests.support.live_badges import fill_badges
from tests.support.live_dossiers import fill_dossiers
from tests.support.live_recalls import fill_recalls
from tests.support.live_shop import fill_shop, make_shop_tokens
from tests.support.live_webhooks import fill_webhooks
from tests.support.registry_process import RegistryProcess
from verifier.client import ApiClient
from verifier.evidence import ItemTile
from verifier.protocol.merkle import inclusion_proof, root_from_leaf_hashes
from verifier.protocol.shipment import ShipmentNotice, SignedShipment, shipment_signed_bytes
from verifier.protocol.statements import parse_entry
from verifier.protocol.statements.products import ProductPublished
from verifier.protocol.tile import parse_entry_bundle

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
ISSUER, LOT, COUNT = "powerbank", "L1", 300
_HASH, _TILE = 32, 256


@dataclass
class Live:
    """`folder` holds statements.json, tile.bin, passport.jwt and shipment.json of the one batch, number 0."""

    process: RegistryProcess
    folder: Path
    gtin: str
    codes: list[str]
    digest: str
    entries: list[bytes]
    shop: dict[str, str]

    @property
    def url(self) -> str:
        return self.process.url

    @property
    def variables(self) -> dict[str, str]:
        """What the examples of the API's page call."""
        return {
            "REGISTRY": self.url,
            "CODE": self.codes[7],
            "GTIN": self.gtin,
            "LOT": LOT,
            "ISSUER": ISSUER,
            "BATCH": "0",
            "DIGEST": self.digest,
            **self.shop,
        }


@contextmanager
def live_registry(folder: Path) -> Iterator[Live]:
    """Made and served by the `passport` command, filled by a maker's commands."""
    product = json.loads((EXAMPLES / "products" / "power-bank.json").read_text())
    with RegistryProcess(folder) as process:
        key = process.admit(ISSUER, EXAMPLES / "makers" / "power-bank.toml")
        maker = {"PASSPORT_ISSUER": ISSUER, "PASSPORT_KEY": str(key)}
        process.must("product", "publish", str(EXAMPLES / "products" / "power-bank.json"), **maker)
        about = ("--gtin", product["gtin"], "--lot", LOT, "--count", str(COUNT), "--production-date", "2026-03-18")
        run = ("--workers", "1", "--quiet", "--yes", "--out", str(folder / LOT))
        process.must("issue", *about, *run, **maker)
        client = ApiClient(process.url)
        entries = _read_entries(client)
        published = next(item for item in map(_statement, entries) if isinstance(item, ProductPublished))
        live = Live(
            process=process,
            folder=folder / "files",
            gtin=product["gtin"].zfill(14),
            codes=read_codes(folder / LOT),
            digest=published.digest,
            entries=entries,
            shop=make_shop_tokens(process),
        )
        _write_files(live, client, key)
        fill_shop(live)
        fill_badges(live)
        fill_recalls(live)
        fill_dossiers(live)
        fill_webhooks(live)
        yield live


def _statement(entry: bytes) -> object:
    return parse_entry(entry).statement


def _read_entries(client: ApiClient) -> list[bytes]:
    size = int(client.checkpoint().splitlines()[1])
    return list(parse_entry_bundle(client.tile(f"entries/000.p/{size}"), width=size))


def read_codes(folder: Path) -> list[str]:
    with (folder / "codes.csv").open(newline="", encoding="utf-8-sig") as file:
        rows = list(csv.DictReader(file))
    parts = [urlsplit(next(value for value in row.values() if value and "://" in value)) for row in rows]
    return [f"{part.path}?{part.query}" for part in parts]


def _write_files(live: Live, client: ApiClient, key: Path) -> None:
    live.folder.mkdir()
    text = json.dumps({"entries": [live.entries[-1].decode()]}, ensure_ascii=False)
    (live.folder / "statements.json").write_text(text, encoding="utf-8")
    (live.folder / "tile.bin").write_bytes(first_tile(client.read_items(ISSUER, 0)))
    document = client.read_document(live.digest)
    assert sha256(document).hexdigest() == live.digest
    (live.folder / "passport.jwt").write_bytes(document)
    passphrase = (live.process.directory / "passphrase").read_text().strip()
    signer = load_key_file(key, passphrase, "issuer")
    notice = ShipmentNotice(live.process.origin, ISSUER, 0, 0, COUNT - 1, datetime.now(UTC).replace(microsecond=0))
    signed = SignedShipment(notice, signer.public_key.key_id, signer.sign(shipment_signed_bytes(notice)))
    (live.folder / "shipment.json").write_bytes(signed.to_bytes())


def first_tile(items: bytes) -> bytes:
    """Tile 0 of a batch as its maker uploads it, worked out from all its item hashes."""
    hashes = [items[at : at + _HASH] for at in range(0, len(items), _HASH)]
    roots = [root_from_leaf_hashes(hashes[at : at + _TILE]) for at in range(0, len(hashes), _TILE)]
    path = inclusion_proof(0, len(roots), lambda low, high: root_from_leaf_hashes(roots[low:high]))
    return ItemTile(0, b"".join(hashes[:_TILE]), path).to_bytes()
