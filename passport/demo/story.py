# SPDX-License-Identifier: Apache-2.0
"""The story: makers issue codes, a platform verifies and lists them behind a gate, a recall stops a sale.

A step that is done leaves a marker, so an interrupted run goes on where it stopped, and a finished demonstration starts
at once.
"""

from __future__ import annotations

import json
import secrets
import shutil
import signal
import sys
import time
import urllib.request
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import qrcode

from passport.demo.cast import AUTHORITY_ID, LABORATORY_ID, MAKERS, RECALL_FILE, find_examples
from passport.demo.mall import console_lines, open_mall, sell, wait_for_stop
from passport.demo.server import DemoFailed, ServerProcess, serve_registry
from passport.demo.shop import Shop
from passport.demo.stage import Stage, Teller, open_stage
from passport.demo.witnesses import prepare_witnesses, serve_witnesses
from passport.domain.files import create_file, make_directory

_CODES_PER_CALL = 1000
_RECALL_SECONDS = 30.0


def tell(directory: Path, *, once: bool, pause_seconds: float) -> None:
    """Runs the whole demonstration; without `once` it goes on serving until Ctrl-C."""
    find_examples()
    # A plain `kill`, and a shell that starts us in the background with Ctrl-C ignored, end it in order too.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.default_int_handler)
    teller = Teller(open_stage(directory))
    stage = teller.stage
    prepare(teller)
    prepare_witnesses(teller)
    open_mall(teller)
    servers: list[ServerProcess] = []
    shop = Shop(stage.registry_url, tuple(maker.listing for maker in MAKERS), stage.shop_port)
    try:
        shop.start()
        servers += serve_witnesses(stage)
        servers.append(serve_registry(stage.registry, stage.registry_url, stage.passphrase, directory / "server.log"))
        for server in servers:
            server.wait_ready()
        admit_everybody(teller)
        publish_and_issue(teller)
        teller.once("verified", partial(verify_as_platform, teller))
        teller.once("listed", partial(sell, teller))
        teller.once("recalled", partial(narrate_recall, teller, shop, 0 if once else pause_seconds))
        teller.once("audited", partial(audit, teller))
        show_addresses(teller, shop)
        if not once:
            teller.say("\n  Ctrl-C ends it; the same command starts it again at once.")
            signal.pause()
    except KeyboardInterrupt:
        teller.say("\n  Ending in order …")
    finally:
        # A second Ctrl-C must not leave servers behind.
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, signal.SIG_IGN)
        shop.stop()
        for server in reversed(servers):  # the registry publishes a last time, for which it needs its witnesses
            server.stop()


def prepare(teller: Teller) -> None:
    """The registry's directory, with its keys and entry 0."""
    stage = teller.stage
    if (stage.registry / "registry.toml").exists():
        return
    # registry.toml is written last. Without it the directory is what an interrupted run left; nothing relies on it.
    for leftover in ("registry", "witnesses", "makers", "batches", "state", "done"):
        shutil.rmtree(stage.directory / leftover, ignore_errors=True)
    if not stage.passphrase.exists():
        create_file(stage.passphrase, secrets.token_urlsafe(24).encode() + b"\n", mode=0o600)
    teller.chapter("A registry is set up: ledger key, status key, operator key, and entry 0 of its ledger.")
    teller.run(
        *("registry", "init", str(stage.registry), "--base-url", stage.registry_url),
        *("--name-zh", "演示登记处", "--name-en", "Demonstration registry"),
        *("--listen", f"127.0.0.1:{stage.registry_port}"),
    )


def admit_everybody(teller: Teller) -> None:
    """Makers, an authority and a laboratory make their keys, prove that they hold them, and are admitted."""
    teller.chapter(
        "Four makers, an authority and a laboratory are admitted. Each made its key on its own machine and proves it."
    )
    others = [(AUTHORITY_ID, "authority"), (LABORATORY_ID, "laboratory")]
    for issuer, files in [*((maker.id, maker.files) for maker in MAKERS), *others]:
        teller.once(f"admit-{issuer}", partial(_admit, teller, issuer, files))


def _admit(teller: Teller, issuer: str, files: str) -> None:
    stage, key = teller.stage, teller.stage.key(issuer)
    make_directory(key.parent)
    request = key.with_suffix(".request.json")
    if not key.exists():
        teller.run("key", "new", str(key))
    organisation = find_examples() / "makers" / f"{files}.toml"
    teller.run(
        *("key", "prove", str(key), "--origin", stage.origin, "--issuer", issuer),
        *("--organisation", str(organisation), "--out", str(request)),
        accept=["file_exists"],
    )
    operator = str(stage.registry / "keys" / "operator.key")
    teller.run("issuer", "admit", str(request), "--operator-key", operator, "--yes", accept=["issuer_exists"])


def publish_and_issue(teller: Teller) -> None:
    """Every maker publishes its product's passport and issues its lots, with a print-ready sheet of labels."""
    teller.chapter("Each maker publishes a signed passport and issues codes: 10,000 in all, with sheets of labels.")
    for maker in MAKERS:
        identity = ("--issuer", maker.id, "--key", str(teller.stage.key(maker.id)))
        product = str(find_examples() / "products" / f"{maker.files}.json")
        teller.once(f"product-{maker.id}", partial(teller.run, "product", "publish", product, *identity))
        for lot in maker.lots:
            arguments = (
                *("issue", "--gtin", maker.gtin, "--lot", lot.lot, "--count", str(lot.count)),
                *("--production-date", lot.production_date, "--labels", "pdf", "--yes", "--quiet"),
                *("--out", str(teller.stage.batch(maker, lot)), *identity),
            )
            teller.once(f"issue-{maker.id}-{lot.lot}", partial(teller.run, *arguments))


def verify_all(stage: Stage, codes: Sequence[str]) -> Iterator[dict[str, Any]]:
    """What a platform does: `POST /api/v1/verify`, a thousand codes at a time."""
    for at in range(0, len(codes), _CODES_PER_CALL):
        body = json.dumps({"codes": codes[at : at + _CODES_PER_CALL]}).encode()
        headers = {"Content-Type": "application/json"}
        request = urllib.request.Request(f"{stage.registry_url}/api/v1/verify", body, headers)
        with urllib.request.urlopen(request, timeout=60) as answer:
            yield from json.load(answer)["verdicts"]


def verify_as_platform(teller: Teller) -> None:
    """Checks all 10,000 codes and three forgeries, and says what came out."""
    stage = teller.stage
    codes = [code for maker in MAKERS for lot in maker.lots for code in stage.read_codes(maker, lot)]
    head, _, seal = codes[0].rpartition("S=")
    other_seal = f"{head}S={seal[:20]}{'B' if seal[20] == 'A' else 'A'}{seal[21:]}"
    teller.chapter(f"A platform verifies them: {len(codes):,} codes in calls of 1,000, and three that it made up.")
    started = time.monotonic()
    made_up = [other_seal, codes[0].replace("S=", "s="), "hello"]
    counts = Counter(verdict["status"] for verdict in verify_all(stage, [*codes, *made_up]))
    teller.say(f"  {_counted(counts)} in {time.monotonic() - started:.1f} s over HTTP")


def _counted(counts: Counter[str]) -> str:
    return ", ".join(f"{number:,} {status}" for status, number in counts.most_common())


def narrate_recall(teller: Teller, shop: Shop, pause_seconds: float) -> None:
    """One lot is recalled, and we measure when the API and the badge say so."""
    stage, maker = teller.stage, MAKERS[0]
    lot = maker.lots[0]
    teller.chapter(f"A recall. {maker.id} found faulty cells in lot {lot.lot}, but for its first hundred pieces.")
    if pause_seconds:
        teller.say(f"  Open {shop.url}/ now and watch the badge: in {pause_seconds:.0f} seconds it turns.")
        time.sleep(pause_seconds)
    path = _path(stage, stage.read_codes(maker, lot)[-1])
    identity = ("--issuer", maker.id, "--key", str(stage.key(maker.id)))
    started = time.monotonic()
    teller.run("recall", "publish", str(find_examples() / RECALL_FILE), "--yes", *identity, accept=["recall_exists"])
    for name, address in (("the API", path), ("the badge", f"/badge/01/{maker.gtin}/10/{lot.lot}/status")):
        while _status(stage.registry_url + address) != "recalled":
            if time.monotonic() - started > _RECALL_SECONDS:
                raise DemoFailed("recall_not_seen", f"{name} does not show the recall after {_RECALL_SECONDS:.0f} s.")
            time.sleep(0.05)
        teller.say(f"  {name} says so {time.monotonic() - started:.1f} s after the maker pressed Enter")
    teller.say(f"  {wait_for_stop(stage, maker)}")
    codes = [code for other in maker.lots for code in stage.read_codes(maker, other)]
    counts = Counter(verdict["status"] for verdict in verify_all(stage, codes))
    teller.say(f"  of the {len(codes):,} codes of this product: {_counted(counts)}")


def _path(stage: Stage, code: str) -> str:
    return code.split(f":{stage.registry_port}", 1)[1]


def _status(url: str) -> str:
    request = urllib.request.Request(url, headers={"Accept": "application/json"})
    with urllib.request.urlopen(request, timeout=10) as answer:
        value = json.load(answer)
    return str(value.get("verdict", value)["status"])  # the badge sends words for its page beside the verdict


def audit(teller: Teller) -> None:
    """A stranger replays the whole ledger with nothing but its public key."""
    url, policy = teller.stage.registry_url, str(teller.stage.policy)
    teller.chapter(
        "A sceptic audits the ledger: every entry, every hash, the snapshot recomputed; trusting its key alone."
    )
    teller.say(f"  $ verifier audit {url} --policy {policy}", colour="cyan")
    result = teller.call("verifier", "audit", url, "--policy", policy, "--lang", "en", "--no-state")
    for line in result.stdout.strip().splitlines():
        teller.say(f"  {line}")
    if result.returncode != 0:
        raise DemoFailed("audit_failed", f"The audit ended with {result.returncode}:\n{result.stderr.strip()}")


def show_addresses(teller: Teller, shop: Shop) -> None:
    """Where to look, and one code as a QR code in the terminal."""
    stage, power, rice = teller.stage, MAKERS[0], MAKERS[3]
    lot = stage.read_codes(power, power.lots[0])
    genuine = stage.registry_url + _path(stage, stage.read_codes(rice, rice.lots[0])[7])
    teller.chapter("Open these:")
    for label, address in (
        ("a genuine code", genuine),
        ("a recalled one", stage.registry_url + _path(stage, lot[-1])),
        ("outside the recall", stage.registry_url + _path(stage, lot[0])),
        ("the shop", f"{shop.url}/"),
        ("the registry", f"{stage.registry_url}/"),
        ("scan with a camera", f"{stage.registry_url}/scan"),
        *console_lines(stage),
        ("checkpoint", f"{stage.registry_url}/ledger/checkpoint"),
        ("labels to print", str(stage.batch(rice, rice.lots[0]))),
    ):
        teller.say(f"  {label:<20} {address}")
    symbol = qrcode.QRCode(border=2, error_correction=qrcode.constants.ERROR_CORRECT_L)
    symbol.add_data(genuine)
    teller.say()
    symbol.print_ascii(out=sys.stdout, invert=sys.stdout.isatty())
    if stage.mall_link.exists():
        teller.say(
            "  The mall's console is a link for one person, once; it asks for a password and an authenticator app."
        )
    teller.say("  (for a camera on this machine: the demonstration listens on 127.0.0.1 alone)")
    teller.say("  Labels and code files carry https links, as in production; here put http in front to open one.")
