# SPDX-License-Identifier: Apache-2.0
"""A real registry with codes of every kind, and a node that mirrors it, both over HTTP on loopback."""

from __future__ import annotations

import json
import random
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from passport.settings import Settings
from passport.web.app import create_app
from tests.support.makers import Maker, SigningKey, both, make_gtin, sign_code
from tests.support.phone_shop import Shop, stock
from tests.support.registries import Workshop, running_registry
from tests.support.web_server import WebServer
from verifier.fetch import Fetcher
from verifier.ledger_client import LedgerClient
from verifier.mirror import Mirror
from verifier.mirror_fill import Filler
from verifier.mirror_store import MirrorStore
from verifier.node import Node
from verifier.protocol.statements.products import CodesVoided, SeqRange
from verifier.web.node_app import create_node_app

PATIENCE_SECONDS = 30.0


@dataclass
class NodeStage:
    shop: Shop
    registry: WebServer
    server: WebServer
    node: Node
    store: MirrorStore

    @property
    def workshop(self) -> Workshop:
        return self.shop.workshop

    def wait_until_mirrored(self, *, but: int = 0) -> None:
        """Until the node has all that the registry has published, and item hashes of all batches `but` a few."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while True:
            said = self.node.describe()
            view = self.workshop.registry.views.current
            assert view is not None
            if said.get("snapshot_size") == view.head.size and said["missing_batches_count"] == but:
                return
            assert time.monotonic() < deadline, said
            time.sleep(0.05)


@contextmanager
def node_stage(template: Settings, directory: Path, poll_seconds: float = 0.2) -> Iterator[NodeStage]:
    """A shop of every status, its registry over HTTP, and a node in front of it that follows in its own threads."""
    registry_directory = directory / "registry"
    with running_registry(template, registry_directory, snapshot_refresh_seconds=3600) as workshop:
        shop = stock(workshop)
        app = create_app(workshop.registry.service, workshop.registry.checker)
        with WebServer(app) as registry, MirrorStore(directory / "node") as store:
            policy = workshop.registry.service._info.policy
            client = LedgerClient(f"{registry.url}/ledger", policy)
            mirror = Mirror(client, store)
            node = Node(mirror, Filler(client, Fetcher(), store, mirror), store, policy, lambda: datetime.now(UTC))
            node.start(poll_seconds)
            try:
                with WebServer(create_node_app(node)) as server:
                    stage = NodeStage(shop, registry, server, node, store)
                    stage.wait_until_mirrored(but=1)  # of one batch the maker never sent the item hashes
                    yield stage
            finally:
                node.stop()


def post_lines(url: str, codes: list[str]) -> list[bytes]:
    """POST /api/v1/verify in lines; the answer's lines, byte for byte."""
    body = "".join(json.dumps(code) + "\n" for code in codes).encode()
    request = urllib.request.Request(f"{url}/api/v1/verify", body, {"Content-Type": "application/x-ndjson"})
    with urllib.request.urlopen(request, timeout=60) as answer:
        data: bytes = answer.read()
    assert data.endswith(b"\n")
    return data[:-1].split(b"\n")


def random_codes(shop: Shop, count: int, seed: int) -> list[str]:
    """Codes of every kind in no order: good, recalled, void, bad seals, strange keys and prefixes, no codes at all."""
    rng = random.Random(seed)
    workshop, maker = shop.workshop, shop.maker
    good = workshop.issue(maker, 20, 300, lot="L20")
    recalled = workshop.issue(maker, 21, 40, lot="L1")  # logged after the recall of its lot
    spoilt = workshop.issue(maker, 22, 40, lot="L22")
    workshop.say(CodesVoided(workshop.header(maker.id), 22, (SeqRange(5, 20),), both("misprint")), maker.key)
    stranger = SigningKey("a stranger's key")

    def one() -> str:
        code = rng.choice(good.codes)
        match rng.randrange(12):
            case 0 | 1:
                return code.to_url("id.example.cn")
            case 2:
                return rng.choice(recalled.codes).to_path()
            case 3:
                return rng.choice(spoilt.codes).to_url("shop.example")
            case 4:  # a bad seal: another code's
                return replace(
                    code, seal=replace(code.seal, signature=rng.choice(recalled.codes).seal.signature)
                ).to_path()
            case 5:  # a wrong key
                return sign_code(stranger, gtin=maker.gtin(), batch=20, seq=rng.randrange(300)).to_path()
            case 6:  # nobody's prefix
                return sign_code(stranger, gtin=make_gtin("6988888"), batch=0, seq=rng.randrange(9)).to_path()
            case 7:  # out of range, or never logged
                return sign_code(
                    maker.key, gtin=maker.gtin(), batch=rng.choice((20, 99)), seq=300 + rng.randrange(9)
                ).to_path()
            case 8:  # a second spelling
                return rng.choice((str.lower, lambda text: text.replace("/21/", "/21/%30"), lambda text: text + "="))(
                    code.to_path()
                )
            case 9:  # garbage
                return "".join(rng.choice("01/?S=%éA中\u2028 ") for _ in range(rng.randrange(40)))
            case 10:  # another scheme, or more parameters
                return (
                    rng.choice(("http://x", "HTTPS://ID.EXAMPLE.CN", "ftp://x"))
                    + code.to_path()
                    + rng.choice(("", "&utm=1"))
                )
            case _:  # every other status of the shop
                names = [name for name in shop.codes if name != "cannot_tell"]
                return shop.codes[rng.choice(names)].to_path()

    return [one() for _ in range(count)]


__all__ = ["Maker", "NodeStage", "node_stage", "post_lines", "random_codes"]
