# SPDX-License-Identifier: Apache-2.0
"""How fast are codes checked? `verify()` beside raw Ed25519, the API beside the library, the page beside a bare one.

Run: python bench/checking.py. Each figure and its limit are measured in turns, in one run, on loopback; about 40 s.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path

from passport.bootstrap import Registry, create_registry, start_registry
from passport.settings import Settings
from passport.signing import KeySigner, load_key_file, make_memory_signer
from verifier.evidence import ItemTile
from verifier.protocol import ed25519
from verifier.protocol.fields import Contact, Text
from verifier.protocol.merkle import inclusion_proof, leaf_hash, root_from_leaf_hashes
from verifier.protocol.product_code import ProductCode, Seal, make_serial, signing_text
from verifier.protocol.statements import Header, Statement, make_entry, signed_bytes
from verifier.protocol.statements.products import BatchIssued
from verifier.protocol.statements.registry import IssuerAdmitted, ProvenKey, possession_text

COUNT = 2000
GTIN = "06901234567892"
ROUNDS = 5
CONNECTIONS = 4
PASSPHRASE = "bench"

BARE_SERVER = """
import sys
from flask import Flask, render_template
from jinja2 import DictLoader
from verifier.web.server import Opened, Server

def open_application(on_fatal):
    app = Flask("bare")
    app.jinja_loader = DictLoader({"page.html": "<!doctype html><title>bare</title><p>" + "x" * 12000})

    @app.get("/")
    def show():
        return render_template("page.html")

    return Opened(app, release=lambda: None, close=lambda: None)

sys.exit(Server(open_application, name="bare", listen=sys.argv[1], threads=8).serve())
"""


@dataclass(frozen=True, slots=True)
class Bench:
    """A registry with one batch: its settings, the maker's key and the codes."""

    settings: Settings
    signer: KeySigner
    codes: tuple[ProductCode, ...]

    @property
    def urls(self) -> list[str]:
        return [code.to_url("id.example.cn") for code in self.codes]


def make_bench(directory: Path, port: int) -> Bench:
    """Sets the registry up and issues the batch."""
    settings = Settings(
        directory, f"127.0.0.1:{port}/ledger", f"http://127.0.0.1:{port}", "登记处", "Registry", threads=8
    )
    create_registry(settings, PASSPHRASE)
    maker = make_memory_signer(bytes(range(32)))
    codes = tuple(_sign_code(maker, seq) for seq in range(COUNT))
    hashes = [leaf_hash(code.item_leaf) for code in codes]
    roots = [root_from_leaf_hashes(hashes[at : at + 256]) for at in range(0, COUNT, 256)]
    registry = start_registry(settings, PASSPHRASE)
    try:
        _log(registry, load_key_file(settings.keys / "operator.key", PASSPHRASE), _admission(settings.origin, maker))
        header = Header(settings.origin, "bench", datetime.now(UTC))
        root = root_from_leaf_hashes(roots)
        batch = BatchIssued(header, GTIN, "L1", date(2026, 3, 1), 0, COUNT, 1, maker.public_key.key_id, root)
        _log(registry, maker, batch)
        for index in range(len(roots)):
            path = inclusion_proof(index, len(roots), lambda lo, hi: root_from_leaf_hashes(roots[lo:hi]))
            tile = ItemTile(index, b"".join(hashes[256 * index : 256 * (index + 1)]), path)
            registry.service.put_item_tile("bench", 0, index, tile.to_bytes())
    finally:
        registry.stop()
    return Bench(settings, maker, codes)


def _sign_code(maker: KeySigner, seq: int) -> ProductCode:
    serial, key = make_serial(0, seq), maker.public_key
    text = signing_text(version=1, gtin=GTIN, serial=serial, key_id=key.key_id, batch=0, seq=seq)
    return ProductCode(GTIN, serial, Seal(1, key.hint, 0, seq, maker.sign(text)))


def _admission(origin: str, maker: KeySigner) -> IssuerAdmitted:
    key = maker.public_key
    proof = maker.sign(possession_text(origin=origin, issuer="bench", key_id=key.key_id))
    return IssuerAdmitted(
        header=Header(origin, "registry", datetime.now(UTC)),
        subject="bench",
        name=Text("基准", "Bench"),
        uscc="91440300MA5EXAM142",
        roles=("manufacturer",),
        prefixes=("6901234",),
        contact=Contact("400-000-0000", ""),
        key=ProvenKey(key, proof),
    )


def _log(registry: Registry, signer: KeySigner, statement: Statement) -> None:
    entry = make_entry(statement, key_id=signer.public_key.key_id, signature=signer.sign(signed_bytes(statement)))
    (result,) = registry.service.submit([entry])
    if result.error is not None:
        raise result.error


def rate(work: Callable[[], int]) -> float:
    """Things done per second by one call."""
    began = time.perf_counter()
    done = work()
    return done / (time.perf_counter() - began)


def in_turns(*works: Callable[[], int]) -> list[float]:
    """The median rate of each, measured in turns so that a slow moment of the machine hits them all."""
    rates: list[list[float]] = [[] for _ in works]
    for _ in range(ROUNDS):
        for found, work in zip(rates, works, strict=True):
            found.append(rate(work))
    return [statistics.median(found) for found in rates]


def bench_library(bench: Bench) -> Iterator[tuple[str, float, float, float]]:
    """`verify()` with trust and snapshot in memory, beside the raw check of the same signatures, per back end."""
    key = bench.signer.public_key
    raw = [(code.signed_text(key.key_id), code.seal.signature) for code in bench.codes]
    urls = bench.urls
    registry = start_registry(bench.settings, PASSPHRASE)
    try:
        registry.views.wait_for_size(3, 10)
        for name in ed25519.available_backends():
            ed25519.use_backend(name)
            check = registry.checker.check
            if any(check(url).status != "genuine" for url in urls):
                raise SystemExit("a code of the bench is not genuine")
            limit, ours = in_turns(partial(_raw_verify, name, key.raw, raw), partial(_check_all, check, urls))
            yield f"verify() per core, {name}", ours, limit, 0.70
        ed25519.use_backend(ed25519.available_backends()[0])
    finally:
        registry.stop()


def _raw_verify(name: str, key: bytes, raw: list[tuple[bytes, bytes]]) -> int:
    if name == "pynacl":
        from nacl.bindings import crypto_sign_open

        for message, signature in raw:
            crypto_sign_open(signature + message, key)
    else:
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

        public_key = Ed25519PublicKey.from_public_bytes(key)
        for message, signature in raw:
            public_key.verify(signature, message)
    return len(raw)


def _check_all(check: Callable[[str], object], urls: list[str]) -> int:
    for url in urls:
        check(url)
    return len(urls)


@contextmanager
def serving(command: list[str], port: int, log: Path) -> Iterator[None]:
    """A server process on loopback, ended in order."""
    with log.open("wb") as output:
        process = subprocess.Popen(command, stdout=output, stderr=output, start_new_session=True)
    try:
        deadline = time.monotonic() + 30
        while socket.socket().connect_ex(("127.0.0.1", port)) != 0:
            if time.monotonic() > deadline or process.poll() is not None:
                raise SystemExit(f"a server did not start:\n{log.read_text(errors='replace')[-2000:]}")
            time.sleep(0.1)
        yield
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(30)


def request_many(port: int, request: bytes, total: int) -> int:
    """Sends one request over and over on a few kept connections; a bounded number, and every answer must be 200."""
    share = total // CONNECTIONS

    def run() -> None:
        with socket.create_connection(("127.0.0.1", port), timeout=30) as connection:
            stream = connection.makefile("rb")
            for _ in range(share):
                connection.sendall(request)
                _read_answer(stream.readline, stream.read)

    with ThreadPoolExecutor(CONNECTIONS) as pool:
        for done in [pool.submit(run) for _ in range(CONNECTIONS)]:
            done.result()  # an answer that was not 200 ends the benchmark
    return share * CONNECTIONS


def _read_answer(readline: Callable[[], bytes], read: Callable[[int], bytes]) -> None:
    if b" 200 " not in readline():
        raise SystemExit("an answer was not 200")
    length: int | None = None
    while (line := readline()) not in (b"\r\n", b""):
        if line.lower().startswith(b"content-length:"):
            length = int(line[15:])
    if length is not None:
        read(length)
        return
    while size := int(readline(), 16):  # chunked, RFC 9112 section 7.1
        read(size + 2)
    readline()


def bench_http(bench: Bench, directory: Path) -> Iterator[tuple[str, float, float, float]]:
    """The API and the page on the production server, beside the library and beside a bare Flask view on that server."""
    port, bare_port = int(bench.settings.base_url.rpartition(":")[2]), _free_port()
    passphrase = directory / "passphrase"
    passphrase.write_text(PASSPHRASE)
    passphrase.chmod(0o600)
    (directory / "bare.py").write_text(BARE_SERVER)
    serve = [
        sys.executable,
        "-m",
        "passport",
        "serve",
        str(bench.settings.directory),
        "--passphrase-file",
        str(passphrase),
    ]
    serve += ["--listen", f"127.0.0.1:{port}"]
    bare = [sys.executable, str(directory / "bare.py"), f"127.0.0.1:{bare_port}"]
    body = json.dumps({"codes": bench.urls[:100]}).encode()
    post = b"POST /api/v1/verify HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%b"
    page = f"GET /check{bench.codes[7].to_path()} HTTP/1.1\r\nHost: x\r\nAccept-Language: zh\r\n\r\n".encode()
    root = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"
    # The library works on a copy of the registry, because the server holds the lock of its own directory.
    copy = replace(bench.settings, directory=directory / "copy")
    shutil.copytree(bench.settings.directory, copy.directory)
    with serving(bare, bare_port, directory / "bare.log"), serving(serve, port, directory / "serve.log"):
        time.sleep(1)
        ours, limit = in_turns(lambda: request_many(port, page, 800), lambda: request_many(bare_port, root, 800))
        yield "check page, requests", ours, limit, 0.40
        registry = start_registry(copy, PASSPHRASE)
        try:
            registry.views.wait_for_size(3, 10)
            codes, library = in_turns(
                lambda: 100 * request_many(port, post % (len(body), body), 80),
                lambda: _check_all(registry.checker.check, bench.urls),
            )
        finally:
            registry.stop()
        yield "POST /api/v1/verify, 100 codes a call, codes", codes, library, 0.70


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        directory = Path(name)
        bench = make_bench(directory / "registry", _free_port())
        (directory / "registry" / "registry.toml").write_text(bench.settings.to_toml())
        print(f"{os.cpu_count()} processors; median of {ROUNDS} rounds\n")
        print(f"{'per second':<48}{'ours':>10}{'limit':>10}{'ratio':>8}{'aim':>7}")
        for label, ours, limit, aim in (*bench_library(bench), *bench_http(bench, directory)):
            print(f"{label:<48}{ours:>10,.0f}{limit:>10,.0f}{ours / limit:>8.0%}{aim:>7.0%}")


if __name__ == "__main__":
    main()
