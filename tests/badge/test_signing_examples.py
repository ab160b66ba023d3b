# SPDX-License-Identifier: Apache-2.0
"""The signing examples of docs/badge.md, run as they stand: what they make is a good token. And our own command's."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from passport.cli import main
from passport.signing import load_key_file
from tests.static.node import find_node
from tests.support.makers import make_gtin
from verifier.protocol.badge_token import parse_badge_token, verify_badge_signature
from verifier.protocol.keys import PublicKey, parse_public_key

DOCUMENT = (Path(__file__).parents[2] / "docs" / "badge.md").read_text(encoding="utf-8")
GIVEN = {
    "LISTING": "0193aaaa-0000-7000-8000-000000000001",
    "GTIN": make_gtin("69012345"),
    "LOT": "L1",
    "SELLER_ID": "s-1",
    "SELLER_NAME": "某某旗舰店",
}


def example(first_word: str) -> str:
    """The literal block that begins with this word."""
    found = re.search(rf"^    {first_word} .*\n(?:    .*\n)+", DOCUMENT, re.MULTILINE)
    assert found is not None
    text = "".join(line[4:] + "\n" for line in found[0].splitlines())
    assert len(text.splitlines()) <= 10
    return text


@pytest.fixture
def key(tmp_path: Path) -> PublicKey:
    private = Ed25519PrivateKey.generate()
    pem = private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    (tmp_path / "shop.pem").write_bytes(pem)
    return parse_public_key(private.public_key().public_bytes_raw())


def check(text: str, key: PublicKey) -> None:
    token = parse_badge_token(text)
    verify_badge_signature(token, key)
    claims = token.claims
    assert (claims.listing, claims.gtin, claims.lot) == (GIVEN["LISTING"], GIVEN["GTIN"], "L1")
    assert (claims.seller_id, claims.seller_name) == ("s-1", "某某旗舰店")


def test_the_python_example_makes_a_good_token(tmp_path: Path, key: PublicKey, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    names: dict[str, Any] = dict(GIVEN)
    exec(compile(example("import base64,"), "badge.md", "exec"), names)
    check(names["token"], key)


def test_the_node_example_makes_a_good_token(tmp_path: Path, key: PublicKey) -> None:
    node = find_node()
    given = "".join(f"const {name} = {json.dumps(value)};\n" for name, value in GIVEN.items())
    head = 'import { readFileSync } from "node:fs";\nconst pem = readFileSync("shop.pem");\n'
    (tmp_path / "sign.mjs").write_text(f"{head}{given}{example('import {')}console.log(token);\n", encoding="utf-8")
    done = subprocess.run([node, "sign.mjs"], cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    check(done.stdout.strip(), key)


def test_the_command_makes_a_good_token_and_refuses_a_bad_origin(tmp_path: Path) -> None:
    passphrase = tmp_path / "passphrase"
    passphrase.write_text("a passphrase for tests\n")
    path, common = tmp_path / "shop.key", ["--passphrase-file", str(passphrase)]
    assert CliRunner().invoke(main, ["key", "new", str(path), *common]).exit_code == 0
    about = ["--key", str(path), "--issuer", "shop-b", "--ledger", "registry.example.cn/ledger"]
    about += [
        "--listing",
        GIVEN["LISTING"],
        "--gtin",
        GIVEN["GTIN"],
        "--seller-id",
        "s-1",
        "--seller-name",
        "某某旗舰店",
    ]
    lot = ["--lot", "L1"]
    done = CliRunner().invoke(main, ["badge", "token", *about, *lot, "--origin", "https://shop.example.cn", *common])
    assert done.exit_code == 0, done.output
    check(done.output.strip(), load_key_file(path, "a passphrase for tests", "issuer").public_key)
    any_lot = CliRunner().invoke(main, ["badge", "token", *about, "--origin", "https://shop.example.cn", *common])
    assert parse_badge_token(any_lot.output.strip()).claims.lot == ""
    wrong = CliRunner().invoke(main, ["badge", "token", *about, "--origin", "https://shop.example.cn/", *common])
    assert wrong.exit_code == 2
