# SPDX-License-Identifier: Apache-2.0
"""Registry, node, command line and browser answer a thousand codes alike."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.static.node import run_node
from tests.support.browser import open_browser
from tests.support.module_files import ModuleFiles, serve_modules
from tests.support.node_stage import NodeStage, node_stage, post_lines, random_codes
from tests.support.registries import make_template
from verifier.protocol.encoding import encode_canonical_json
from verifier.protocol.errors import Malformed
from verifier.protocol.fields import format_instant
from verifier.protocol.product_code import parse_product_code

COUNT = 1000
JUDGE_ALL = """async ({ codes, ...shared }) => {
    const { giveVerdict } = await import("/tests/static/vector_ops.mjs");
    const verdicts = [];
    for (const one of codes) verdicts.push((await giveVerdict({ ...shared, ...one })).toJson());
    return verdicts;
}"""
_CHECKED_AT = re.compile(rb'"checked_at":"[^"]*"')


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[NodeStage]:
    directory = tmp_path_factory.mktemp("same")
    with node_stage(make_template(directory / "template"), directory) as stage:
        yield stage


def undated(line: bytes) -> bytes:
    return _CHECKED_AT.sub(b'"checked_at":""', line)


def by_command(stage: NodeStage, codes: list[str], directory: Path) -> list[bytes]:
    """`verifier check --file -`, over the network, from the registry."""
    (directory / "policy.txt").write_bytes(stage.node.policy_text())
    command = [sys.executable, "-m", "verifier", "check", "--file", "-", "--json", "--no-state", "--timeout", "60"]
    command += ["--registry", stage.registry.url, "--policy", str(directory / "policy.txt")]
    lines = "".join(code + "\n" for code in codes).encode()
    done = subprocess.run(command, input=lines, capture_output=True, timeout=300, check=False)
    assert done.returncode == 1, done.stderr.decode()
    return done.stdout[:-1].split(b"\n")


def fetch(url: str) -> bytes | None:
    try:
        with urllib.request.urlopen(url, timeout=30) as answer:
            data: bytes = answer.read()
            return data
    except urllib.error.HTTPError as error:
        if error.code == 404:
            return None
        raise


def proof_of(url: str, code: str) -> str | None:
    try:
        found = fetch(f"{url}/api/v1/proof{parse_product_code(code).to_path()}")
    except Malformed:
        return None
    return None if found is None else found.decode()


def what_a_browser_is_given(stage: NodeStage, codes: list[str]) -> dict[str, Any]:
    """The bytes that the node serves, for the check page's modules."""
    snapshot = fetch(f"{stage.server.url}/ledger/snapshot")
    view = stage.workshop.registry.views.current
    assert snapshot is not None and view is not None and view.status_vkey is not None
    return {
        "codes": [{"code": code, "proof": proof_of(stage.server.url, code)} for code in codes],
        "now": format_instant(datetime.now(UTC)),
        "policy": stage.node.policy_text().decode(),
        "snapshot": snapshot.decode(),
        "status_vkey": view.status_vkey.to_text(),
    }


def by_chromium(given: dict[str, Any]) -> list[Any]:
    files = type("TheseFiles", (ModuleFiles,), {"asked": []})
    with serve_modules(files) as url, open_browser() as browser:
        page = browser.new_page(base_url=url)
        page.goto("/")
        verdicts: list[Any] = page.evaluate(JUDGE_ALL, given)
    return verdicts


def by_node_js(given: dict[str, Any], directory: Path) -> list[Any]:
    path = directory / "codes.json"
    path.write_text(json.dumps(given))
    verdicts: list[Any] = run_node("print_many_verdicts.mjs", path)
    return verdicts


def test_registry_node_command_and_browser_say_the_same_of_a_thousand_codes_but_for_the_instant_of_the_check(
    stage: NodeStage, tmp_path: Path
) -> None:
    codes = random_codes(stage.shop, COUNT, seed=20261121)
    stage.wait_until_mirrored(but=1)
    registry = [undated(line) for line in post_lines(stage.registry.url, codes)]
    node = [undated(line) for line in post_lines(stage.server.url, codes)]
    command = [undated(line) for line in by_command(stage, codes, tmp_path)]
    assert len(registry) == len(codes)
    assert node == registry
    assert command == registry
    given = what_a_browser_is_given(stage, codes)
    # JavaScript keeps another order of members: all as canonical JSON.
    expected = [encode_canonical_json(json.loads(line)) for line in registry]
    assert [undated(encode_canonical_json(value)) for value in by_chromium(given)] == expected
    assert [undated(encode_canonical_json(value)) for value in by_node_js(given, tmp_path)] == expected
    counts = Counter(json.loads(line)["status"] for line in registry)
    assert set(counts) >= {"genuine", "recalled", "void", "counterfeit", "not_logged", "malformed"}
    assert min(counts.values()) >= 10, counts


def test_what_a_phone_asks_for_is_byte_for_byte_the_registrys(stage: NodeStage) -> None:
    stage.wait_until_mirrored(but=1)
    code = stage.shop.codes["genuine"]
    size = stage.node.describe()["size"]
    targets = ["/ledger/checkpoint", "/ledger/snapshot", f"/ledger/tile/0/000.p/{size}", "/ledger/policy"]
    targets += [f"/ledger/tile/entries/000.p/{size}", f"/api/v1/proof{code.to_path()}", "/ledger/tile/0/000.p/3"]
    targets += [f"/api/v1/batches/{stage.shop.maker.id}/{code.seal.batch}/items"]
    for target in targets:
        found = fetch(stage.server.url + target)
        assert found is not None and found == fetch(stage.registry.url + target), target


def test_a_shard_is_the_registrys_own_soon_after_it_was_asked_for_and_until_then_the_whole_list_serves(
    stage: NodeStage,
) -> None:
    target = f"/ledger/snapshot/gtin/{stage.shop.codes['genuine'].gtin}"
    deadline = time.monotonic() + 30
    while (found := fetch(stage.server.url + target)) is None:
        assert time.monotonic() < deadline, "the shard does not come"
        time.sleep(0.05)
    assert found == fetch(stage.registry.url + target)
    assert fetch(f"{stage.server.url}/ledger/snapshot/nobody") is None


def test_the_evidence_file_of_a_node_has_the_registrys_own_parts(stage: NodeStage) -> None:
    code = stage.shop.codes["recalled"].to_path()
    target = f"/ledger/snapshot/gtin/{stage.shop.codes['recalled'].gtin}"
    deadline = time.monotonic() + 30
    while fetch(stage.server.url + target) is None:
        assert time.monotonic() < deadline, "the shard does not come"
        time.sleep(0.05)
    assert stage.node.evidence_parts(code) == stage.workshop.registry.service.evidence_parts(code)
