# SPDX-License-Identifier: Apache-2.0
"""Cases of `snapshot.json` and `proof_document.json`: signed snapshots and their fold, documents and item tiles."""

# ruff: noqa: E501 - one case per line reads best

from __future__ import annotations

from hashlib import sha256
from typing import Any

from ledger_kit import Case, b64, bad, good, note
from statement_kit import (
    ACME,
    ACME_2,
    ACME_GTIN,
    AS_OF,
    NEXT_UPDATE,
    ORIGIN,
    STATUS,
    Json,
    World,
    document,
    inclusion,
    jcs,
    make_batch,
    root,
    tlog_proof,
)


def busy_world() -> World:
    """Recalls, voids, a closed recall, a revoked key with good batches."""
    world = World()
    world.recall(
        "2026-1", [{"gtin": ACME_GTIN, "lot": "L1", "except": [{"batch": 0, "seqs": [2, 2]}]}], [(0, [[0, 1], [3, 4]])]
    )
    world.recall("2026-2", [{"gtin": ACME_GTIN, "lot": "L0"}], [], severity="low")
    world.close("2026-2")
    world.void(0, [[4, 4]])
    world.add_key("acme", ACME_2, ACME)  # 9
    for number in (1, 2, 5):
        world.log(make_batch(ACME_2, number, 2, lot="L9"), ACME)  # 10, 11, 12
    world.revoke("acme", ACME_2, 12, [[1, 2]])
    return world  # fmt: skip


def parsed(value: Json) -> Json:
    return {
        "as_of": value["as_of"],
        "issuers": [issuer["id"] for issuer in value["issuers"]],
        "next_update": value["next_update"],
        "origin": value["origin"],
        "recalls": [recall["recall_id"] for recall in value["recalls"]],
        "root_hash": value["root_hash"],
        "shard": value.get("shard"),
        "size": value["size"],
    }


def parse_cases() -> list[Case]:
    world = busy_world()
    value = world.snapshot()
    signed = world.sign_snapshot(value)
    text = jcs(value) + "\n"
    shard = world.snapshot(shard="bolt")

    def spoiled(name: str, does: str, error: str, /, **changes: Any) -> Case:
        changed = {member: content for member, content in (value | changes).items() if content is not None}
        return bad(name, does, "parse_snapshot", {"note": world.sign_snapshot(changed), "status_vkey": STATUS.vkey}, error)  # fmt: skip

    def noted(name: str, does: str, error: str, whole: str) -> Case:
        return bad(name, does, "parse_snapshot", {"note": whole, "status_vkey": STATUS.vkey}, error)

    two_lines = text + "{}\n"
    spaced = text.replace(",", ", ", 1)
    key = value["issuers"][0]["keys"][1]
    no_list = [{**value["issuers"][0], "keys": [{name: key[name] for name in key if name != "good_batches"}]}]
    open_reason = [{**value["recalls"][0], "closed_reason": {"zh": "x", "en": "x"}}]
    touching = [{"batch": 0, "issuer": "acme", "ranges": [[0, 1], [2, 2]]}]
    return [
        good("whole-snapshot", "Recalls, voids, a revoked key.", "parse_snapshot", {"note": signed, "status_vkey": STATUS.vkey}, parsed(value)),
        good("shard-of-one-issuer", "It names the issuer.", "parse_snapshot", {"note": world.sign_snapshot(shard), "status_vkey": STATUS.vkey}, parsed(shard)),
        noted("snapshot-signed-by-the-ledger-key", "One key, one purpose.", "no_trusted_signature", note(text, world.ledger_key.line(text))),
        noted("snapshot-with-one-recall-cut-out", "The signature is over the whole.", "bad_signature", note(jcs(value | {"recalls": []}) + "\n", STATUS.line(text))),
        noted("snapshot-without-a-signature", "It is no note.", "malformed_note", text),
        noted("snapshot-of-two-lines", "One line of JSON.", "bad_snapshot", note(two_lines, STATUS.line(two_lines))),
        noted("snapshot-with-a-space", "Canonical JSON, also under a good signature.", "not_canonical_json", note(spaced, STATUS.line(spaced))),
        spoiled("snapshot-of-another-type", "The type is part of what is signed.", "bad_snapshot", type="product-passport/snapshot/v2"),
        spoiled("snapshot-without-voids", "Absent is not empty.", "missing_member", voids=None),
        spoiled("snapshot-with-an-extra-member", "Nothing is signed that nobody reads.", "unknown_member", advice="relax"),
        spoiled("snapshot-with-a-root-of-31-bytes", "A hash has 32.", "wrong_length", root_hash=b64(bytes(31))),
        spoiled("snapshot-with-an-issuer-twice", "Readers would take different ones.", "not_sorted", issuers=value["issuers"] * 2),
        spoiled("snapshot-with-void-ranges-that-touch", "A set of positions has one spelling.", "not_sorted", voids=touching),
        spoiled("revoked-key-without-its-good-batches", "Absent is not none.", "missing_member", issuers=no_list),
        spoiled("active-recall-with-a-reason-for-closing", "One or the other.", "bad_status", recalls=open_reason),
        spoiled("snapshot-with-a-negative-size", "Sizes count from 0.", "out_of_range", size=-1),
    ]  # fmt: skip


def fold_cases() -> list[Case]:
    world = busy_world()

    def made(name: str, does: str, size: int, shard: str | None, text: str) -> Case:
        given = {"origin": ORIGIN, "entries": world.entries[:size], "as_of": AS_OF, "next_update": NEXT_UPDATE, "shard": shard}  # fmt: skip
        return good(name, does, "make_snapshot", given, {"text": text})

    early = World()
    whole, shard = jcs(world.snapshot()) + "\n", jcs(world.snapshot(shard="bolt")) + "\n"
    return [
        made("auditor-recomputes-the-snapshot", "Every byte follows from the entries and the two instants.", 14, None, whole),
        made("auditor-recomputes-a-shard", "bolt's: none of acme's recalls.", 14, "bolt", shard),
        made("auditor-recomputes-acmes-shard", "With acme's recalls and voids.", 14, "acme", jcs(world.snapshot(shard="acme")) + "\n"),
        made("auditor-recomputes-an-earlier-snapshot", "At size 5 nothing was recalled.", 5, None, jcs(early.snapshot()) + "\n"),
    ]  # fmt: skip


def lookup_cases() -> list[Case]:
    world = busy_world()
    signed = world.signed_snapshot()

    def at(name: str, does: str, batch: int, seq: int, recalls: list[str], is_void: bool, issuer: str = "acme") -> Case:
        given = {"note": signed, "status_vkey": STATUS.vkey, "issuer": issuer, "batch": batch, "seq": seq}
        return good(name, does, "look_up", given, {"recalls": recalls, "is_void": is_void})

    one = ["acme/2026-1"]
    return [
        at("covered-item", "Position 1.", 0, 1, one, False),
        at("excepted-item", "Position 2.", 0, 2, [], False),
        at("covered-and-void-item", "Position 4.", 0, 4, one, True),
        at("item-beyond-the-batch", "Position 5 does not exist.", 0, 5, [], False),
        at("item-of-another-batch", "Another lot.", 1, 0, [], False),
        at("same-batch-number-of-another-issuer", "Batch numbers are an issuer's own.", 0, 1, [], False, "bolt"),
    ]


def proof_document_cases() -> list[Case]:
    world = World()
    parts = world.proof(world.batch, 3, linked=4)
    text = document(parts)
    expect = {
        "issuer": "acme",
        "entry": parts["entry"],
        "index": parts["index"],
        "hashes": [item.hex() for item in parts["hashes"]],
        "checkpoint": parts["checkpoint"],
        "item_hash": parts["item_hash"].hex(),
        "item_path": [item.hex() for item in parts["item_path"]],
        "snapshot_link": [item.hex() for item in parts["snapshot_link"]],
    }

    def spoiled(name: str, does: str, error: str, /, **changes: Any) -> Case:
        return bad(name, does, "parse_proof_document", {"text": document(parts, **changes)}, error)

    with_extra = tlog_proof(parts).replace("@v1\n", "@v1\nextra aGk=\n")
    plus = tlog_proof(parts).replace("index 3", "index +3")
    return [
        good("proof-document", "As a phone fetches it.", "parse_proof_document", {"text": text}, expect),
        bad("proof-document-cut-short", "The connection broke.", "parse_proof_document", {"text": text[:-40]}, "bad_json"),
        bad("proof-document-with-a-final-newline", "One spelling.", "parse_proof_document", {"text": text + "\n"}, "not_canonical_json"),
        spoiled("proof-document-of-another-type", "Version 2 does not exist.", "bad_proof_document", type="product-passport/proof/v2"),
        spoiled("proof-with-an-extra-line", "No signature would cover it.", "bad_proof_document", proof=with_extra),
        spoiled("proof-with-index-plus-three", "Plain decimal digits.", "malformed_tlog_proof", proof=plus),
        spoiled("item-path-of-33-hashes", "A batch has at most 2^32 items.", "wrong_length", item_path=[b64(bytes(32))] * 33),
        spoiled("item-hash-in-base64url", "Standard base64.", "bad_base64", item_hash=b64(bytes([251]) * 32).replace("+", "-")),
        spoiled("item-path-of-numbers", "Hashes are text.", "wrong_length", item_path=[1, 2]),
        spoiled("issuer-with-a-slash", "An issuer id has none.", "bad_issuer_id", issuer="acme/bolt"),
    ]  # fmt: skip


def item_tile_cases() -> list[Case]:
    hashes = [sha256(b"item %d" % number).digest() for number in range(600)]
    tiles = [hashes[at : at + 256] for at in range(0, 600, 256)]
    roots = [root(tile) for tile in tiles]
    top = root(hashes).hex()

    def data(index: int, leaves: list[bytes] | None = None, path: list[bytes] | None = None) -> str:
        path = inclusion(index, roots) if path is None else path
        return (bytes([len(path)]) + b"".join(path) + b"".join(leaves or tiles[index])).hex()

    def given(index: int, text: str, count: int = 600) -> dict[str, Any]:
        return {"index": index, "data": text, "count": count, "item_root": top}

    op = "verify_item_tile"
    swapped = [tiles[0][1], tiles[0][0], *tiles[0][2:]]
    one_tile = {"index": 0, "data": "00" + b"".join(tiles[2]).hex(), "count": 88, "item_root": roots[2].hex()}
    return [
        good("first-item-tile", "256 of 600 hashes.", op, given(0, data(0)), {}),
        good("last-item-tile-shorter", "88 of 600 hashes.", op, given(2, data(2)), {}),
        good("only-item-tile", "Its root is the item root: no path.", op, one_tile, {}),
        bad("item-tile-under-another-index", "Its path does not lead there.", op, given(1, data(0)), "bad_inclusion_proof"),
        bad("item-tile-with-two-hashes-swapped", "Order counts.", op, given(0, data(0, swapped)), "bad_inclusion_proof"),
        bad("item-tile-with-a-hash-missing", "A tile before the last is full.", op, given(0, data(0, tiles[0][:-1])), "wrong_length"),
        bad("item-tile-with-a-path-cut-short", "One hash too few.", op, given(0, data(0, None, inclusion(0, roots)[:-1])), "bad_inclusion_proof"),
        bad("item-tile-beyond-the-batch", "Tile 3 of 600 items.", op, given(3, data(2)), "bad_inclusion_proof"),
        bad("empty-item-tile", "Nothing at all.", op, given(0, ""), "wrong_length"),
        bad("item-tile-of-half-a-hash", "Not a multiple of 32.", op, given(0, data(0)[:-32]), "wrong_length"),
        bad("item-tile-that-claims-a-path-of-255-hashes", "At most 32.", op, given(0, "ff" + "00" * 32 * 256), "wrong_length"),
        bad("item-tile-of-another-count", "The same bytes for a batch of 601.", op, given(2, data(2), 601), "wrong_length"),
    ]  # fmt: skip


def snapshot_cases() -> list[Case]:
    return [*parse_cases(), *fold_cases(), *lookup_cases()]


def document_cases() -> list[Case]:
    return [*proof_document_cases(), *item_tile_cases()]
