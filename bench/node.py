# SPDX-License-Identifier: Apache-2.0
"""How fast is a platform's own node? Codes over HTTP beside the library, and seconds from a recall to its answer.

Run: python bench/node.py. Registry and node are processes of their own on loopback; each figure and its limit are
measured in turns, in one run; about two minutes.
"""

from __future__ import annotations

import json
import os
import random
import statistics
import sys
import tempfile
import threading
import time
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

if __name__ == "__main__":  # run as a file, so that the module beside it is found
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench.checking import PASSPHRASE, Bench, _free_port, in_turns, make_bench, serving
from passport.domain.registry_values import Logged
from passport.registry_client import RegistryClient
from verifier.fetch import Fetcher
from verifier.ledger_client import LedgerClient
from verifier.mirror import Mirror
from verifier.mirror_fill import Filler
from verifier.mirror_store import MirrorStore
from verifier.node import Node
from verifier.protocol.fields import Contact, Text
from verifier.protocol.policy import parse_policy
from verifier.protocol.statements import Header, Statement, make_entry, signed_bytes
from verifier.protocol.statements.recall import RecallClosed, RecallNotice, RecallPublished, ScopeEntry, WholeModel

CALL = 10_000  # codes in one request
RECALLS = 12
LOOK_SECONDS = 0.01


@dataclass(frozen=True, slots=True)
class Stage:
    """A bench registry and a node of it, both serving."""

    bench: Bench
    registry: str
    node: str

    def say(self, statement: Statement) -> Logged:
        """Log a statement of the maker's, over HTTP."""
        signer = self.bench.signer
        entry = make_entry(statement, key_id=signer.public_key.key_id, signature=signer.sign(signed_bytes(statement)))
        return RegistryClient(self.registry).submit(entry)

    def header(self) -> Header:
        return Header(self.bench.settings.origin, "bench", datetime.now(UTC).replace(microsecond=0))


def post(url: str, body: bytes, media_type: str) -> bytes:
    """One call of the verify API, read to its end."""
    request = urllib.request.Request(f"{url}/api/v1/verify", body, {"Content-Type": media_type})
    with urllib.request.urlopen(request, timeout=120) as answer:
        data: bytes = answer.read()
    return data


def status_of(url: str, code: str) -> str:
    return str(
        json.loads(post(url, json.dumps({"codes": [code]}).encode(), "application/json"))["verdicts"][0]["status"]
    )


def wait_for(url: str, code: str, status: str) -> None:
    """Until the node or the registry says so."""
    deadline = time.monotonic() + 60
    while status_of(url, code) != status:
        if time.monotonic() > deadline:
            raise SystemExit(f"{url} does not say {status}")
        time.sleep(0.1)


def library(stage: Stage, directory: Path) -> Callable[[list[str]], int]:
    """`verify()` in this process, in one thread, over a mirror of its own: exactly what the node does without HTTP."""
    policy = parse_policy(stage.bench.settings.policy.read_bytes())
    store = MirrorStore(directory / "library").__enter__()
    client = LedgerClient(f"{stage.registry}/ledger", policy)
    mirror = Mirror(client, store)
    filler = Filler(client, Fetcher(), store, mirror)
    node = Node(mirror, filler, store, policy, lambda: datetime.now(UTC))
    node.step()
    filler.step(lambda: False)

    def check(codes: list[str]) -> int:
        return sum(node.check(code).status == "genuine" for code in codes)

    return check


def bench_rates(stage: Stage, directory: Path) -> None:
    check = library(stage, directory)
    codes = (stage.bench.urls * (CALL // len(stage.bench.urls) + 1))[:CALL]
    array = json.dumps({"codes": codes}).encode()
    lines = "".join(json.dumps(code) + "\n" for code in codes).encode()

    def by_array() -> int:
        return post(stage.node, array, "application/json").count(b'"status":"genuine"')

    def by_lines() -> int:
        return post(stage.node, lines, "application/x-ndjson").count(b'"status":"genuine"')

    if not check(codes) == by_array() == by_lines() == CALL:
        raise SystemExit("a code of the bench is not genuine")
    limit, as_array, as_lines = in_turns(lambda: check(codes), by_array, by_lines)
    print(f"{'codes per second, 10,000 a call':<48}{'ours':>10}{'limit':>10}{'ratio':>8}{'aim':>7}")
    for label, ours in (("node over HTTP, JSON array", as_array), ("node over HTTP, NDJSON", as_lines)):
        print(f"{label:<48}{ours:>10,.0f}{limit:>10,.0f}{ours / limit:>8.0%}{0.7:>7.0%}")


def watch(url: str, code: str, status: str, began: float, found: dict[str, float]) -> threading.Thread:
    """Look again and again until the answer changes; note how long that took."""

    def look() -> None:
        while status_of(url, code) != status:
            time.sleep(LOOK_SECONDS)
        found[url] = time.perf_counter() - began

    thread = threading.Thread(target=look)
    thread.start()
    return thread


def bench_recalls(stage: Stage) -> None:
    rng, code = random.Random(1), stage.bench.urls[0]
    both = Text("召回", "Recall")
    scope = (ScopeEntry(stage.bench.codes[0].gtin, WholeModel()),)
    notice = RecallNotice(
        scope, "serious", "recall", both, both, both, Contact("400-000-0000", ""), datetime.now(UTC).date()
    )
    seconds: dict[str, list[float]] = {stage.registry: [], stage.node: []}
    for number in range(RECALLS):
        time.sleep(2 * rng.random())  # somewhere in the node's poll interval
        found: dict[str, float] = {}
        began = time.perf_counter()
        watchers = [watch(url, code, "recalled", began, found) for url in seconds]
        stage.say(RecallPublished(stage.header(), f"bench/{number}", notice))
        for watcher in watchers:
            watcher.join()
        for url, taken in found.items():
            seconds[url].append(taken)
        stage.say(RecallClosed(stage.header(), f"bench/{number}", both))
        for url in seconds:
            wait_for(url, code, "genuine")
    print(f"\n{f'seconds from recall to verdict, {RECALLS} recalls':<48}{'median':>10}{'max':>10}{'aim':>15}")
    for label, url, aim in (
        ("registry", stage.registry, "5"),
        ("node, polls every 2 seconds", stage.node, "2 and registry"),
    ):
        print(f"{label:<48}{statistics.median(seconds[url]):>10.2f}{max(seconds[url]):>10.2f}{aim:>15}")


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        directory = Path(name)
        port, node_port = _free_port(), _free_port()
        bench = make_bench(directory / "registry", port)
        (directory / "registry" / "registry.toml").write_text(bench.settings.to_toml())
        passphrase = directory / "passphrase"
        passphrase.write_text(PASSPHRASE)
        passphrase.chmod(0o600)
        serve = [sys.executable, "-m", "passport", "serve", str(bench.settings.directory)]
        serve += ["--passphrase-file", str(passphrase), "--listen", f"127.0.0.1:{port}"]
        mirror = [sys.executable, "-m", "verifier", "serve", "--registry", f"http://127.0.0.1:{port}"]
        mirror += ["--policy", str(bench.settings.policy), "--state", str(directory / "node")]
        mirror += ["--listen", f"127.0.0.1:{node_port}"]
        print(f"{os.cpu_count()} processors; rates are medians of rounds in turns\n")
        with serving(serve, port, directory / "serve.log"), serving(mirror, node_port, directory / "node.log"):
            stage = Stage(bench, f"http://127.0.0.1:{port}", f"http://127.0.0.1:{node_port}")
            wait_for(stage.node, bench.urls[-1], "genuine")
            bench_rates(stage, directory)
            bench_recalls(stage)


if __name__ == "__main__":
    main()
