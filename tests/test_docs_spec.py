# SPDX-License-Identifier: Apache-2.0
"""The examples in docs/spec, made again from the code, and the tables of codes, held against the code.

Each example makes its bytes and demands that they stand in the page as they are.
"""

from __future__ import annotations

import ast
import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from passport.signing import sign_note
from tests.support.spec_example import (
    AS_OF,
    BATCH,
    GTIN,
    ISSUER,
    NOW,
    ORIGIN,
    SEEDS,
    SEQ,
    Source,
    checkpoint,
    codes,
    entries,
    evidence,
    header,
    item_hashes,
    policy,
    signer,
    snapshot,
    snapshot_note,
    status_vkey,
    subtree,
    trust,
)
from verifier.evidence import ItemTile, make_proof_document, parse_item_tile
from verifier.fold import fold_entries
from verifier.lots import check_lot
from verifier.protocol.fields import format_instant
from verifier.protocol.merkle import leaf_hash
from verifier.protocol.statements import REGISTRY, make_entry, parse_entry, signed_bytes
from verifier.protocol.statements.products import BatchIssued, SeqRange
from verifier.protocol.statements.registry import KeyRevoked
from verifier.recalls import covered_ranges
from verifier.snapshot import make_shard, make_snapshot, parse_snapshot, snapshot_text
from verifier.verdict import APPEARANCE, Status
from verifier.verify import verify

ROOT = Path(__file__).resolve().parents[1]
SPEC = ROOT / "docs" / "spec"

# The pages


def page(name: str) -> str:
    return (SPEC / name).read_text(encoding="utf-8")


def block(text: str) -> str:
    """A literal block as it stands in a page: four spaces before each line that is not empty."""
    return "".join(f"    {line}".rstrip() + "\n" for line in text.rstrip("\n").split("\n"))


def first_key(snapshot_json: Any) -> Any:
    return snapshot_json["issuers"][0]["keys"][0]


def revoked_key_json() -> str:
    """The issuer's key as the snapshot shows it once it is revoked from index 5 on."""
    whole = snapshot()
    (issuer,) = whole.issuers
    (key,) = issuer.keys
    revoked = replace(key, revoked_from=5, good_batches=(SeqRange(BATCH, BATCH),))
    value = replace(whole, issuers=(replace(issuer, keys=(revoked,)),)).to_json()
    return json.dumps(first_key(value), separators=(",", ":"), sort_keys=True)


def key_rows() -> str:
    rows = []
    for purpose, octet in SEEDS.items():
        key = signer(purpose).public_key
        rows.append(f"| {purpose} | 32 times `{octet}` | `{key.raw.hex()}` | `{key.key_id}` |\n")
    return "".join(rows)


def leaf_lines() -> str:
    hashes = [f"{index}     {leaf_hash(entries()[index]).hex()}" for index in (0, 1, 3, 4)]
    return "\n".join([*hashes, f"root  {subtree(0, 5).hex()}"])


def verdict_json() -> str:
    verdict = verify(codes()[SEQ].to_url("id.example.cn"), trust=trust(), ledger=Source(), now=NOW)
    return json.dumps(verdict.to_json(), ensure_ascii=False, separators=(",", ":"), sort_keys=True)


def shard_signature() -> str:
    shard = make_shard(snapshot(), ISSUER)
    note = sign_note(snapshot_text(shard), f"{ORIGIN}/status", signer("status"))
    assert parse_snapshot(note, status_vkey()) == shard
    return note.decode().splitlines()[-1]


def examples() -> dict[str, tuple[str, str]]:
    """By name: the page, and what must stand in it."""
    texts = [entry.decode() for entry in entries()]
    signed = signed_bytes(parse_entry(entries()[2]).statement).decode()
    return {
        "KEYS": ("statements.md", key_rows()),
        "SIGNED2": ("statements.md", block(signed)),
        "SIGNATURE2": ("statements.md", block(parse_entry(entries()[2]).signature.hex())),
        "SIZE2": ("statements.md", f"The entry, {len(entries()[2])} bytes on one line:"),
        "LEAF2": ("statements.md", block(leaf_hash(entries()[2]).hex())),
        **{f"ENTRY{index}": ("statements.md", block(text)) for index, text in enumerate(texts)},
        "LEAVES": ("statements.md", block(leaf_lines())),
        "CHECKPOINT": ("statements.md", block(checkpoint().decode())),
        "POLICY": ("statements.md", block(policy().to_bytes().decode())),
        "STATUS_VKEY": ("snapshot.md", block(status_vkey().to_text())),
        "SNAPSHOT": ("snapshot.md", block(snapshot_note().decode())),
        "SHARD_SIGNATURE": ("snapshot.md", block(shard_signature())),
        "REVOKED_KEY": ("snapshot.md", block(revoked_key_json())),
        "PROOF": ("verdict.md", block(make_proof_document(ISSUER, evidence()).decode())),
        "PROOF_SIZE": ("verdict.md", f"The proof document, {len(make_proof_document(ISSUER, evidence()))} bytes:"),
        "VERDICT": ("verdict.md", block(verdict_json())),
    }


@pytest.mark.parametrize("name", examples())
def test_each_example_in_the_specification_is_what_the_code_makes(name: str) -> None:
    where, text = examples()[name]
    assert text in page(where)


def test_the_example_ledger_is_one_that_the_registration_policy_allows() -> None:
    state = fold_entries(entries(), ORIGIN)
    assert state.disregarded == []
    assert state.size == 5
    assert codes()[SEQ].to_url("id.example.cn") in page("product-code.md")


def test_the_example_snapshot_parses_and_says_what_the_page_says() -> None:
    parsed = parse_snapshot(snapshot_note(), status_vkey())
    (recall,) = parsed.recalls
    assert [item.to_json() for item in recall.covers[0].ranges] == [[80, 84], [86, 89]]
    assert format_instant(parsed.as_of_at) == "2026-01-20T08:00:00Z"


def test_a_revocation_leaves_the_example_batch_good_because_it_was_logged_in_time() -> None:
    key_id = signer("issuer").public_key.key_id
    revoked = KeyRevoked(header(REGISTRY, 20), ISSUER, key_id, 5, "stolen")
    operator = signer("operator")
    entry = make_entry(revoked, key_id=operator.public_key.key_id, signature=operator.sign(signed_bytes(revoked)))
    state = fold_entries([*entries(), entry], ORIGIN)
    made = make_snapshot(state, root_hash=bytes(32), as_of_at=AS_OF, next_update_at=AS_OF)
    assert json.dumps(first_key(made.to_json()), separators=(",", ":"), sort_keys=True) == revoked_key_json()


@pytest.mark.parametrize(
    ("seq", "status", "reason"),
    [(77, "genuine", "genuine"), (80, "recalled", "recall"), (85, "genuine", "genuine"), (98, "void", "void")],
)
def test_the_example_codes_have_the_statuses_that_the_page_says(seq: int, status: str, reason: str) -> None:
    verdict = verify(codes()[seq].to_url("id.example.cn"), trust=trust(), ledger=Source(), now=NOW)
    assert (verdict.status.value, verdict.reason) == (status, reason)


def test_the_example_lot_is_recalled_as_a_whole() -> None:
    batch = parse_entry(entries()[2]).statement
    assert isinstance(batch, BatchIssued)
    verdict = check_lot(GTIN, batch.lot, snapshot=snapshot(), batches=[batch], now=NOW)
    assert (verdict.status, verdict.reason) == (Status.RECALLED, "recall")
    assert (
        sum(item.last - item.first + 1 for item in covered_ranges(snapshot().recalls[0].record.notice.scope, batch))
        == 9
    )


def test_an_item_tile_has_the_bytes_that_the_page_describes() -> None:
    tile = ItemTile(0, b"".join(item_hashes()), ())
    assert tile.to_bytes() == b"\x00" + b"".join(item_hashes())
    assert parse_item_tile(0, tile.to_bytes()).hashes == tile.hashes


# The table of reasons


def literal_reasons(source: str) -> set[str]:
    """Reason words in a module: what `find`, `_stop` and the errors are given, and what `reason` is set to."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call):
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            if name in ("find", "_stop", "LotVerdict"):
                found |= words_in(*node.args)
            elif name in ("DoesNotHold", "Malformed", "DidNotArrive"):
                found |= words_in(*node.args[:1])
        elif isinstance(node, ast.Assign | ast.AnnAssign) and node.value is not None:
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            if any(is_reason(item) for target in targets for item in ast.walk(target)):
                found |= words_in(node.value)
    return found


def is_reason(node: ast.AST) -> bool:
    return getattr(node, "id", getattr(node, "attr", None)) == "reason"


def words_in(*nodes: ast.expr) -> set[str]:
    constants = (item for node in nodes for item in ast.walk(node) if isinstance(item, ast.Constant))
    return {item.value for item in constants if isinstance(item.value, str) and re.fullmatch("[a-z0-9_]+", item.value)}


def error_codes(*paths: str) -> set[str]:
    """The first argument of each error that these modules raise."""
    found: set[str] = set()
    for path in paths:
        for node in ast.walk(ast.parse((ROOT / path).read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") in (
                "DoesNotHold",
                "Malformed",
                "DidNotArrive",
            ):
                found |= words_in(*node.args[:1])
    return found


def reasons_in_the_table() -> dict[str, set[str]]:
    """By reason: the statuses that its rows name."""
    rows: dict[str, set[str]] = {}
    table = page("verdict.md").partition("### Reasons")[2].partition("\n## ")[0]
    for line in table.splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if len(cells) == 5:
            for reason in re.findall(r"`([a-z0-9_]+)`", cells[0]):
                rows.setdefault(reason, set()).update(cells[1].replace(", or", "").split())
    return rows


@pytest.mark.parametrize("module", ["verifier/verify.py", "verifier/lots.py"])
def test_each_reason_of_the_verdict_stands_in_the_table(module: str) -> None:
    words = literal_reasons((ROOT / module).read_text(encoding="utf-8"))
    expected = {"no_snapshot", "snapshot_stale"} | ({"another_code", "void"} if "verify" in module else {"lot_logged"})
    assert words >= expected, "the search itself has gone blind"
    assert words - {"reason"} <= set(reasons_in_the_table())


def test_each_code_of_a_malformed_product_code_stands_in_the_table() -> None:
    raised = error_codes("verifier/protocol/product_code.py", "verifier/protocol/gs1.py")
    written_only = {"bad_host", "bad_digits", "bad_company_prefix"}  # by writers, or by parsers of other things
    assert raised - written_only <= set(reasons_in_the_table())


def test_each_code_that_evidence_can_fail_with_stands_in_the_table() -> None:
    raised = error_codes(
        "verifier/evidence.py",
        "verifier/fetch.py",
        "verifier/ledger_client.py",
        "verifier/protocol/checkpoint.py",
        "verifier/protocol/merkle.py",
        "verifier/protocol/note.py",
        "verifier/protocol/policy.py",
        "verifier/protocol/proof.py",
        "verifier/protocol/keys.py",
    )
    of_the_callers_own = {"bad_url", "insecure_url", "malformed_policy", "malformed_vkey", "no_registry"}
    assert raised - of_the_callers_own <= set(reasons_in_the_table())


def test_each_code_of_a_malformed_entry_stands_in_the_page_on_statements() -> None:
    paths = [str(path.relative_to(ROOT)) for path in (ROOT / "verifier/protocol/statements").glob("*.py")]
    raised = error_codes(
        *paths, "verifier/protocol/fields.py", "verifier/protocol/uscc.py", "verifier/protocol/ed25519.py"
    )
    raised = raised - {"unknown_"} | {"unknown_severity", "unknown_action"}  # made from the member's name
    text = page("statements.md").partition("## 8.")[2]
    assert {code for code in raised if f"`{code}`" not in text} == set()


def test_each_status_stands_in_the_table_of_statuses_with_its_colour() -> None:
    table = page("verdict.md").partition("## 2. Statuses")[2].partition("### Reasons")[0]
    listed = re.findall(r"^\| `([a-z_]+)` \| ([a-z]+) \|", table, re.MULTILINE)
    assert listed == [(status.value, APPEARANCE[status].colour) for status in Status]


def test_each_reason_names_statuses_that_exist() -> None:
    known = {status.value for status in Status}
    assert set().union(*reasons_in_the_table().values()) <= known


def test_the_table_of_reasons_agrees_with_the_vectors() -> None:
    vectors = json.loads((ROOT / "tests" / "vectors" / "verdict.json").read_text(encoding="utf-8"))
    found = {(case["expect"]["reason"], case["expect"]["status"]) for case in vectors["cases"]}
    assert len(found) >= 40
    table = {(reason, status) for reason, statuses in reasons_in_the_table().items() for status in statuses}
    of_entries = page("statements.md").partition("## 8.")[2].partition("## 9.")[0]
    table |= {(reason, "cannot_tell") for reason in re.findall(r"`([a-z0-9_]+)`", of_entries)}
    assert {(reason, status) for reason, status in found if status != "suspect"} <= table
