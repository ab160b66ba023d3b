# SPDX-License-Identifier: Apache-2.0
"""How fast is the badge of a listing? Frame and JSON of a green one, by registry and node, beside a bare page.

Run: python bench/badge.py. Registry, node and the bare page are processes of their own on loopback; each figure and its
limit are measured in turns, in one run; half a minute. The bare page shows what Flask and the server cost.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

if __name__ == "__main__":  # run as a file, so that the module beside it is found
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench.checking import (
    BARE_SERVER,
    GTIN,
    PASSPHRASE,
    ROUNDS,
    Bench,
    _admission,
    _free_port,
    _log,
    in_turns,
    make_bench,
    request_many,
    serving,
)
from passport.bootstrap import start_registry
from passport.domain.accounts import OrganisationKind
from passport.domain.listings import Listing, ListingFields, ListingState
from passport.signing import load_key_file, make_memory_signer
from tests.support.makers import make_uscc
from verifier.protocol.badge_token import BadgeClaims, join_badge_token, signing_input
from verifier.protocol.statements.registry import ProvenKey, possession_text

PLATFORM, LISTING, LOT = "shop-b", "0193aaaa-0000-7000-8000-000000000001", "L1"
SHOP = "https://shop.example.cn"
URL = f"{SHOP}/item?id=1"
REQUESTS = 160  # in one round of each
SIGNER = make_memory_signer(bytes(range(1, 33)))


def admit_platform(bench: Bench) -> None:
    """Into the ledger with a key, and into the accounts with a listing that its table calls bound."""
    origin, key = bench.settings.origin, SIGNER.public_key
    proof = SIGNER.sign(possession_text(origin=origin, issuer=PLATFORM, key_id=key.key_id))
    admission = replace(
        _admission(origin, bench.signer),
        subject=PLATFORM,
        uscc=make_uscc(77),
        roles=("platform",),
        prefixes=(),
        key=ProvenKey(key, proof),
    )
    now = datetime.now(UTC).replace(microsecond=0)
    fields = ListingFields(URL, "s-1", "某某旗舰店", GTIN, (LOT,), ())
    registry = start_registry(bench.settings, PASSPHRASE)
    try:
        _log(registry, load_key_file(bench.settings.keys / "operator.key", PASSPHRASE), admission)
        registry.accounts.accounts.organisations.add(PLATFORM, OrganisationKind.PLATFORM, "基准商城", "Bench Mall")
        with registry.accounts.business.write() as books:
            books.listings.add(Listing(LISTING, PLATFORM, fields, ListingState.BOUND, 1, now, now))
    finally:
        registry.stop()


def sign_token(bench: Bench) -> str:
    """What the platform's server puts into the listing's page."""
    now = datetime.now(UTC).replace(microsecond=0)
    until, origin = now + timedelta(seconds=900), bench.settings.origin
    claims = BadgeClaims(PLATFORM, LISTING, origin, now, until, GTIN, LOT, "s-1", "某某旗舰店", SHOP)
    signed = signing_input(claims, SIGNER.public_key.key_id)
    return join_badge_token(signed, SIGNER.sign(signed))


def frame_request(port: int, path: str) -> bytes:
    """As a browser asks for the frame on the listing's own page."""
    page = f"Referer: {URL}\r\nSec-Fetch-Dest: iframe\r\nSec-Fetch-Site: cross-site\r\n"
    return f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nAccept-Language: zh\r\n{page}\r\n".encode()


def status_request(port: int, path: str) -> bytes:
    return f"GET {path}/status HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n".encode()


def wait_until_green(port: int, path: str) -> None:
    """Until the frame on the listing's own page is green: then every answer of the bench goes the whole way."""
    headers = {"Referer": URL, "Sec-Fetch-Dest": "iframe"}
    asked = urllib.request.Request(f"http://127.0.0.1:{port}{path}", headers=headers)
    deadline = time.monotonic() + 30
    while True:
        with urllib.request.urlopen(asked, timeout=10) as answer:
            if b"is-green" in answer.read():
                return
        if time.monotonic() > deadline:
            raise SystemExit("the badge is not green")
        time.sleep(0.1)


def bench_badges(bench: Bench, ports: dict[str, int], bare_port: int) -> None:
    path = f"/badge/listing/{sign_token(bench)}"
    works: dict[str, Callable[[], int]] = {}
    for name, port in ports.items():
        wait_until_green(port, path)
        works[f"{name}: frame, green"] = partial(request_many, port, frame_request(port, path), REQUESTS)
        works[f"{name}: status as JSON"] = partial(request_many, port, status_request(port, path), REQUESTS)
    bare = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"
    *rates, limit = in_turns(*works.values(), partial(request_many, bare_port, bare, REQUESTS))
    print(f"{'badges of a listing per second, one process':<48}{'ours':>10}{'limit':>10}{'ratio':>8}")
    for label, ours in zip(works, rates, strict=True):
        print(f"{label:<48}{ours:>10,.0f}{limit:>10,.0f}{ours / limit:>8.0%}")


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        directory = Path(name)
        port, node_port, bare_port = _free_port(), _free_port(), _free_port()
        bench = make_bench(directory / "registry", port)
        admit_platform(bench)
        (directory / "registry" / "registry.toml").write_text(bench.settings.to_toml())
        passphrase = directory / "passphrase"
        passphrase.write_text(PASSPHRASE)
        passphrase.chmod(0o600)
        (directory / "bare.py").write_text(BARE_SERVER)
        serve = [sys.executable, "-m", "passport", "serve", str(bench.settings.directory)]
        serve += ["--passphrase-file", str(passphrase), "--listen", f"127.0.0.1:{port}"]
        node = [sys.executable, "-m", "verifier", "serve", "--registry", f"http://127.0.0.1:{port}"]
        node += ["--policy", str(bench.settings.policy), "--state", str(directory / "node")]
        node += ["--listen", f"127.0.0.1:{node_port}"]
        bare = [sys.executable, str(directory / "bare.py"), f"127.0.0.1:{bare_port}"]
        print(f"{os.cpu_count()} processors; medians of {ROUNDS} rounds in turns\n")
        with (
            serving(bare, bare_port, directory / "bare.log"),
            serving(serve, port, directory / "serve.log"),
            serving(node, node_port, directory / "node.log"),
        ):
            bench_badges(bench, {"registry": port, "node": node_port}, bare_port)


if __name__ == "__main__":
    main()
