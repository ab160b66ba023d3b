# SPDX-License-Identifier: Apache-2.0
"""Beyond the vectors: thousands of small changes to them, on which Python and JavaScript must agree, code words too."""

from __future__ import annotations

import copy
import json
import random
import re
from typing import TYPE_CHECKING, Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tests.static.node import run_node
from tests.static.reports import FILES
from tests.support import identity_vectors, statement_vectors
from verifier.protocol.errors import VerifierError
from verifier.protocol.keys import parse_public_key
from verifier.protocol.note import ALG_ED25519, Note, NoteSignature, make_vkey

if TYPE_CHECKING:
    from pathlib import Path

Values = dict[str, Any]

COUNT = 3000
LEFT_OUT = {"fold", "make_snapshot", "parse_digital_link", "make_digital_link", "to_text", "signing_text"}
LEFT_OUT |= {"do_prefixes_overlap", "make_serial"}  # not in the browser, or nothing but numbers
CHARACTERS = [*'019AZaz+-/=.%&?#\n\t \0\x7f\x85é\ufeff\u2028中😀_\\"{}[],:', "\ud800", "%2F", "S=", "0x", "１"]
DATES = ["0000-01-01", "0001-01-01", "2024-02-29", "2023-02-29", "1900-02-29", "9999-12-31", "2024-13-01", "2024-04-31"]
TIMES = ["00:00:00", "23:59:60", "24:00:00", "12:60:00"]
STRINGS = ["", "a-", "x" * 32, "x" * 33, "中" * 201, "😀" * 200, "😀" * 201, "https://", "__proto__", "06901234000016"]
NUMBERS = [True, 0, -1, 2**20, 2**25 + 1, 2**32 - 1, 2**32, 2**53 - 1, 2**53, "1", [], {}, [1, 2]]
NAMES = ["zzz", "__proto__", "constructor", "10", "lot", "batch", "seqs", "produced_from", "except", "closed_reason"]
NAMES += ["shard", "revoked_from", "good_batches", "é"]
FIXED = {"now", "maximum"}  # arguments of the test itself
JSON_CODES = {"bad_json", "not_canonical_json", "json_too_deep"}  # of two faults each language may name another

STATUS = Ed25519PrivateKey.from_private_bytes(bytes(31) + b"\1")
STATUS_VKEY = make_vkey("a/status", ALG_ED25519, parse_public_key(STATUS.public_key().public_bytes_raw()))


def run(op: str, given: Values) -> Values:
    if op in statement_vectors.OPERATIONS:
        return statement_vectors.OPERATIONS[op](given)
    return identity_vectors.OPS[op](**given)


def change_text(text: str, rng: random.Random) -> str:
    at = rng.randrange(len(text) + 1)
    put = rng.choice(CHARACTERS) if rng.random() < 0.6 else text[at : at + 4]
    return text[:at] + put + text[at + rng.choice([0, 1, 1]) :]


def change_hex(text: str, rng: random.Random) -> str:
    data = bytearray.fromhex(text)
    if data and rng.random() < 0.7:
        data[rng.randrange(len(data))] ^= 1 << rng.randrange(8)
    else:
        data.insert(rng.randrange(len(data) + 1), rng.choice(b"\0\n \x7f\xed\xff"))
    return data.hex()


def change_json(value: Any, rng: random.Random) -> Any:
    """One member somewhere inside is removed, added, or gets another value."""
    places = [(parent, name) for parent in containers(value) for name in names_of(parent)]
    if not places:
        return value
    parent, name = rng.choice(places)
    old, kind = parent[name], rng.randrange(8)
    if kind == 0:
        del parent[name]
    elif kind == 1 and isinstance(parent, dict):
        parent[rng.choice(NAMES)] = rng.choice([1, "x", [], {}, True, [0, 1], "2024-01-01"])
    elif kind == 2:
        parent[name] = rng.choice(NUMBERS)
    elif isinstance(old, str):
        dated = {10: rng.choice(DATES), 20: f"{rng.choice(DATES)}T{rng.choice(TIMES)}Z"}
        parent[name] = dated.get(len(old), rng.choice(STRINGS)) if kind < 5 else change_text(old, rng)
    elif isinstance(old, int):
        parent[name] = old + rng.choice([-1, 1, 2**32, 2**53])
    elif isinstance(old, list) and old:
        old.append(copy.deepcopy(rng.choice(old)))
    return value


def containers(value: Any) -> list[Any]:
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    found = [value] if isinstance(value, dict | list) else []
    return found + [deeper for item in inner for deeper in containers(item)]


def names_of(parent: Any) -> list[Any]:
    return list(parent) if isinstance(parent, dict) else list(range(len(parent)))


def canonical(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True)


def signed(text: str) -> str:
    line = NoteSignature(STATUS_VKEY.name, STATUS_VKEY.key_id, STATUS.sign(text.encode()))
    return Note(text, (line,)).to_bytes().decode()


def change(case: Values, rng: random.Random) -> Values:
    """The input with one change; what is canonical JSON stays so, and a snapshot is signed anew."""
    given: Values = copy.deepcopy(case["input"])
    member = rng.choice([name for name, value in given.items() if isinstance(value, str) and name not in FIXED])
    text = given[member]
    if member in ("entry", "proof") or (member == "text" and case["op"] == "parse_proof_document"):
        given[member] = canonical(change_json(json.loads(text), rng))
    elif member in ("note", "snapshot"):
        given[member] = signed(canonical(change_json(json.loads(text.split("\n")[0]), rng)) + "\n")
        given["status_vkey"] = STATUS_VKEY.to_text()
    elif member in ("hex", "public_key", "message", "signature", "data", "item_root"):
        given[member] = change_hex(text, rng)
    else:
        given[member] = change_text(text, rng)
    return given


def changed_cases(rng: random.Random) -> list[Values]:
    pool: dict[str, list[Values]] = {}
    for name in ("encoding", "gs1", "keys", "product_code", "statements", "snapshot", "proof_document", "verdict"):
        for case in FILES[f"{name}.json"]["cases"]:
            if case["op"] not in LEFT_OUT:
                pool.setdefault(case["op"], []).append(case)
    cases: list[Values] = []
    while len(cases) < COUNT:
        case = rng.choice(pool[rng.choice(sorted(pool))])
        try:
            given = change(case, rng)
            json.dumps(given, ensure_ascii=case["op"] in identity_vectors.OPS).encode()
        except ValueError:  # not JSON to begin with, or half a surrogate pair where bytes are expected
            continue
        cases.append({"name": f"{case['name']}, change {len(cases)}", "op": case["op"], "input": given})
    return cases


@pytest.mark.parametrize("seed", [1, 2])
def test_both_languages_give_one_answer_to_changed_vectors(tmp_path: Path, seed: int) -> None:
    cases = changed_cases(random.Random(seed))
    for case in cases:
        try:
            case |= {"expect": run(case["op"], case["input"]), "ok": True}
        except VerifierError as error:
            case |= {"error": error.code, "ok": False}
    assert 0.05 < sum(case["ok"] for case in cases) / COUNT < 0.95, "both answers are there"
    path = tmp_path / "changed.json"
    path.write_text(json.dumps({"cases": cases}), encoding="ascii")
    report = run_node("run_vectors.mjs", path)
    assert report["ran"] == {"webcrypto": COUNT, "noble": COUNT}
    assert [failure for failure in report["failures"] if not is_other_word_for_bad_json(failure)] == []


def is_other_word_for_bad_json(failure: str) -> bool:
    words = re.search(r"was refused with (\w+), not (\w+)$", failure)
    return words is not None and set(words.groups()) <= JSON_CODES
