# SPDX-License-Identifier: Apache-2.0
"""Verdict cases about the ledger: checkpoint, history, batch statement and item (steps 4 to 8)."""

# ruff: noqa: E501 - one case per line reads best

from __future__ import annotations

from hashlib import sha256
from typing import Any

from ledger_kit import Case, note
from statement_kit import (
    ACME,
    ACME_2,
    ACME_GTIN,
    BOLT,
    LEDGER,
    NOW_SECONDS,
    ORIGIN,
    WITNESS,
    Batch,
    Code,
    World,
    document,
    gtin,
    inclusion,
    make_batch,
    root,
)
from verdict_kit import case

NOT_SHOWN = "ppppusssspp"  # step 4
REWRITTEN = "pppppussspp"  # step 5
NO_BATCH, BAD_BATCH = "ppppppfsspp", "ppppppusspp"  # step 6
BAD_ITEM = "pppppppuspp"  # step 7
OTHER_ITEM = "ppppppppfpp"  # step 8
OTHER = sha256(b"something else").digest()


def arrival_cases() -> list[Case]:
    world = World()
    url = world.batch.codes[0].url()
    parts = world.proof(world.batch, 0)
    text = document(parts)
    return [
        case("evidence-missing", "The registry knows no such batch or item.", world, url, "not_logged no_such_batch_or_item", NO_BATCH, proof=None),
        case("evidence-that-did-not-arrive", "Unknown is never absent.", world, url, "cannot_tell timed_out", NOT_SHOWN, fault="timed_out"),
        case("evidence-that-is-no-json", "An error page, perhaps.", world, url, "cannot_tell bad_json", NOT_SHOWN, proof="<html>"),
        case("evidence-with-a-space-too-many", "Canonical JSON has one spelling.", world, url, "cannot_tell not_canonical_json", NOT_SHOWN, proof=text.replace('","issuer"', '", "issuer"')),
        case("evidence-with-a-member-too-many", "Nothing is carried that nobody reads.", world, url, "cannot_tell unknown_member", NOT_SHOWN, proof=document(parts, zeal="x")),
        case("evidence-with-a-hash-of-31-bytes", "A hash has 32 bytes.", world, url, "cannot_tell wrong_length", NOT_SHOWN, proof=document(parts, item_hash="AAAA")),
        case("evidence-missing-under-a-stale-snapshot", "Not logged stays the worse finding.", world, url, "not_logged no_such_batch_or_item", "ppppppfssup", proof=None, now="2026-03-02T08:00:01Z"),
    ]  # fmt: skip


def checkpoint_cases() -> list[Case]:
    world = World()
    url = world.batch.codes[0].url()
    parts = world.proof(world.batch, 0)
    text = world.checkpoint()
    stranger = BOLT.line(text)
    foreign = World("elsewhere.example/ledger")
    late_key = LEDGER.line(text + "x")

    def shown(name: str, does: str, checkpoint: str, reason: str, **given: Any) -> Case:
        return case(name, does, world, url, f"cannot_tell {reason}", NOT_SHOWN, proof=parts | {"checkpoint": checkpoint}, **given)  # fmt: skip

    extended = world.checkpoint(extensions="see our website\n")
    return [
        shown("checkpoint-signed-by-another-key", "Only a stranger has signed.", note(text, stranger), "no_trusted_signature"),
        shown("checkpoint-with-the-ledgers-name-on-a-strangers-signature", "Name and key id are the ledger's, the signature is over another text.", note(text, late_key), "bad_signature"),
        shown("checkpoint-with-a-good-and-a-bad-signature-of-the-ledger", "A known key's bad signature spoils the note.", note(text, LEDGER.line(text), late_key), "bad_signature"),
        shown("checkpoint-of-another-ledger", "The policy knows no such log.", foreign.signed(foreign.checkpoint()), "unknown_log"),
        shown("checkpoint-with-an-extension-line", "Nobody could audit it.", world.signed(extended), "extension_lines"),
        shown("checkpoint-with-size-plus-five", "Sizes are plain decimal digits.", world.signed(text.replace("\n5\n", "\n+5\n")), "malformed_tlog_proof"),
        case("checkpoint-with-a-strangers-signature-beside-the-ledgers", "Unknown keys are ignored.", world, url, "genuine genuine", proof=parts | {"checkpoint": note(text, stranger, LEDGER.line(text))}),
    ]  # fmt: skip


def witness_cases() -> list[Case]:
    world = World()
    url = world.batch.codes[0].url()
    parts = world.proof(world.batch, 0)
    text = world.checkpoint()
    policy = f"log {LEDGER.vkey}\nwitness w1 {WITNESS.vkey}\nquorum w1\n"

    def at(timestamp: int | None) -> dict[str, Any]:
        lines = [LEDGER.line(text)] + ([] if timestamp is None else [WITNESS.line(text, timestamp)])
        return {"proof": parts | {"checkpoint": note(text, *lines)}, "policy": policy}

    day = 86_400
    return [
        case("witnessed-a-minute-ago", "The policy's one witness has cosigned.", world, url, "genuine genuine", **at(NOW_SECONDS - 60)),
        case("witness-missing", "The ledger's own signature is not enough for this policy.", world, url, "cannot_tell quorum_missing", NOT_SHOWN, **at(None)),
        case("witnessed-exactly-a-day-ago", "The oldest that is taken.", world, url, "genuine genuine", **at(NOW_SECONDS - day)),
        case("witnessed-a-day-and-a-second-ago", "A ledger that withholds its newest entries looks like this.", world, url, "cannot_tell checkpoint_stale", NOT_SHOWN, **at(NOW_SECONDS - day - 1)),
        case("witnessed-five-minutes-ahead", "Clocks differ a little.", world, url, "genuine genuine", **at(NOW_SECONDS + 300)),
        case("witnessed-in-the-future", "No honest witness signs a time to come.", world, url, "cannot_tell checkpoint_from_the_future", NOT_SHOWN, **at(NOW_SECONDS + 301)),
    ]  # fmt: skip


def history_cases() -> list[Case]:
    world = World()
    url = world.batch.codes[0].url()
    parts = world.proof(world.batch, 0)
    forked = world.signed(world.checkpoint(root_hash=OTHER))
    older = world.signed_snapshot(size=4)
    foreign = World("elsewhere.example/ledger")
    foreign_snapshot: dict[str, Any] = {"snapshot": foreign.signed_snapshot(), "status_vkey": foreign.status_key.vkey}
    linked = world.proof(world.batch, 0, linked=4)
    wrong = [*linked["snapshot_link"][:-1], OTHER]
    behind = world.proof(world.batch, 0, size=4, linked=5)
    seen = {"origin": ORIGIN, "size": 5, "root_hash": OTHER.hex()}
    went_back = {"origin": ORIGIN, "size": 6, "root_hash": OTHER.hex()}
    same = {"origin": ORIGIN, "size": 5, "root_hash": _root(world)}
    elsewhere = {"origin": "elsewhere.example/ledger", "size": 5, "root_hash": _root(world)}

    def rewritten(name: str, does: str, reason: str, **given: Any) -> Case:
        return case(name, does, world, url, f"cannot_tell {reason}", REWRITTEN, **given)

    return [
        rewritten("forked-checkpoint", "The ledger's key signs another root for the snapshot's size.", "ledger_forked", proof=parts | {"checkpoint": forked}),
        rewritten("snapshot-for-another-ledger", "Same issuers and keys, another origin.", "snapshot_of_another_ledger", **foreign_snapshot),
        case("snapshot-older-than-the-checkpoint", "With a consistency proof between the two.", world, url, "genuine genuine", snapshot=older, proof=linked),
        rewritten("snapshot-older-than-the-checkpoint-without-a-link", "Nobody shows that they are one history.", "bad_consistency_proof", snapshot=older),
        rewritten("snapshot-link-with-a-wrong-hash", "The link does not lead there.", "bad_consistency_proof", snapshot=older, proof=linked | {"snapshot_link": wrong}),
        rewritten("snapshot-link-with-one-hash-too-many", "Size and size fix its length.", "bad_consistency_proof", snapshot=older, proof=linked | {"snapshot_link": [*linked["snapshot_link"], OTHER]}),
        case("snapshot-newer-than-the-checkpoint", "The other way round.", world, url, "genuine genuine", proof=behind),
        rewritten("snapshot-newer-than-the-checkpoint-without-a-link", "A checkpoint from before, or from elsewhere.", "bad_consistency_proof", proof=behind | {"snapshot_link": []}),
        rewritten("another-history-than-last-time", "The caller saw another root of this size.", "ledger_forked", seen=seen),
        rewritten("smaller-than-last-time", "The caller saw a larger tree.", "ledger_went_back", seen=went_back),
        rewritten("snapshot-from-before-last-time", "Beside a newer checkpoint it would hide the recalls in between.", "snapshot_went_back", snapshot=older, proof=linked, seen=same),
        case("snapshot-newer-than-last-time", "The neighbour: seen at size 4, shown at size 5.", world, url, "genuine genuine", seen={"origin": ORIGIN, "size": 4, "root_hash": OTHER.hex()}),
        rewritten("seen-another-ledger-last-time", "What was seen is of another origin.", "snapshot_of_another_ledger", seen=elsewhere),
        case("same-tree-as-last-time", "The neighbour of the three above.", world, url, "genuine genuine", seen=same),
    ]  # fmt: skip


def _root(world: World) -> str:
    return root(world.hashes()).hex()


def proof_cases() -> list[Case]:
    world = World()
    url = world.batch.codes[0].url()
    parts = world.proof(world.batch, 0)
    other_entry = parts["entry"].replace('"lot":"L1"', '"lot":"L2"')
    return [
        case("truncated-batch-proof", "One hash too few.", world, url, "cannot_tell bad_inclusion_proof", BAD_BATCH, proof=parts | {"hashes": parts["hashes"][:-1]}),
        case("batch-proof-with-one-hash-too-many", "Index and size fix its length.", world, url, "cannot_tell bad_inclusion_proof", BAD_BATCH, proof=parts | {"hashes": [*parts["hashes"], OTHER]}),
        case("batch-proof-with-another-index", "The entry does not stand there.", world, url, "cannot_tell bad_inclusion_proof", BAD_BATCH, proof=parts | {"index": 2}),
        case("batch-entry-with-another-lot", "The entry's bytes were changed.", world, url, "cannot_tell bad_inclusion_proof", BAD_BATCH, proof=parts | {"entry": other_entry}),
        case("truncated-item-path", "One hash too few.", world, url, "cannot_tell bad_inclusion_proof", BAD_ITEM, proof=parts | {"item_path": parts["item_path"][:-1]}),
        case("item-path-with-one-hash-too-many", "Seq and count fix its length.", world, url, "cannot_tell bad_inclusion_proof", BAD_ITEM, proof=parts | {"item_path": [*parts["item_path"], OTHER]}),
        case("item-path-of-another-item", "Evidence for item 1 beside item 0's code.", world, url, "cannot_tell bad_inclusion_proof", BAD_ITEM, proof=world.proof(world.batch, 1)),
        case("item-path-in-another-order", "The same hashes, two of them swapped.", world, url, "cannot_tell bad_inclusion_proof", BAD_ITEM, proof=parts | {"item_path": parts["item_path"][::-1]}),
        case("own-item-hash-on-another-items-path", "The right hash, and a path that is not its own.", world, url, "cannot_tell bad_inclusion_proof", BAD_ITEM, proof=world.proof(world.batch, 1) | {"item_hash": parts["item_hash"]}),
    ]  # fmt: skip


def statement_cases() -> list[Case]:
    """The operator logs what the policy forbids; the verifier does not take its word."""
    cases = []

    def add(name: str, does: str, verdict: str, steps: str, batch: Batch, author: Any = ACME, **changes: Any) -> None:
        world = World()
        world.add_key("acme", ACME_2, ACME)
        # The proof is of a batch that bears another number or issuer; the document says what a cheat would say.
        world.log(batch, author, **changes)
        parts = world.proof(batch, 0) | {"issuer": "acme"}
        code = batch.codes[0] if batch.statement["gtin"] == ACME_GTIN else Code(ACME, ACME_GTIN, 1, 0)
        cases.append(case(name, does, world, code.url(), verdict, steps, proof=parts))

    add("batch-said-by-a-key-that-is-not-the-issuers", "bolt's key signs a statement in acme's name.", "cannot_tell batch_of_another_author", BAD_BATCH, make_batch(ACME, 1), BOLT)  # fmt: skip
    add("batch-of-another-issuer", "acme's key signs a statement in bolt's name.", "not_logged batch_of_another_issuer", NO_BATCH, make_batch(ACME, 1, issuer="bolt"))  # fmt: skip
    add("batch-of-another-gtin", "The statement names another product.", "not_logged batch_of_another_gtin", NO_BATCH, make_batch(ACME, 1, gtin=gtin("6901234", 2)))  # fmt: skip
    other_key = make_batch(ACME, 1)
    other_key.statement["key_id"] = make_batch(ACME_2, 1, 1).statement["key_id"]
    add("batch-of-another-key", "The statement says that another key seals the codes.", "not_logged batch_of_another_key", NO_BATCH, other_key)  # fmt: skip
    other_number = make_batch(ACME, 1)
    other_number.statement["batch"] = 2
    add(
        "batch-of-another-number", "The statement is about batch 2.", "not_logged another_batch", NO_BATCH, other_number
    )
    other_version = make_batch(ACME, 1)
    other_version.statement["code_version"] = 2
    add("batch-of-another-code-version", "The statement is about version 2 codes.", "not_logged another_batch", NO_BATCH, other_version)  # fmt: skip
    add("batch-signed-for-another-ledger", "A statement of acme's from its test ledger, copied into this one.", "cannot_tell batch_of_another_ledger", BAD_BATCH, make_batch(ACME, 1, origin="test.example/ledger"))  # fmt: skip
    add("batch-with-a-bad-signature", "Logged, but nobody signed it.", "cannot_tell bad_signature", BAD_BATCH, make_batch(ACME, 1), signature=bytes(64))  # fmt: skip
    add("batch-said-by-the-issuers-other-key", "The neighbour: one key signs the codes, another the statement.", "genuine genuine", "p" * 11, make_batch(ACME, 1), ACME_2)  # fmt: skip
    cases.extend(_place_cases())
    return cases


def _place_cases() -> list[Case]:
    world = World()
    parts = world.proof(world.batch, 4)
    beyond = Code(ACME, ACME_GTIN, 0, 5)
    no_batch = parts | {"entry": world.entries[1], "index": 1, "hashes": _proof_of(world, 1)}
    own = World()
    own.batch = own.log(make_batch(ACME, 1, 2, own=["SN-001", "SN-002"]), ACME)
    extra = Code(ACME, ACME_GTIN, 1, 0, "SN-777")
    early = World()
    early.batch = early.log(make_batch(ACME_2, 1), ACME_2)  # before the key is added
    early.add_key("acme", ACME_2, ACME)
    return [
        case("last-item-of-the-batch", "seq is count - 1.", world, world.batch.codes[4].url(), "genuine genuine", proof=parts),
        case("seq-equal-to-count", "A code too many, sealed by the maker's key: an over-run.", world, beyond.url(), "not_logged seq_outside_batch", NO_BATCH, proof=parts),
        case("entry-that-is-no-batch-statement", "It is in the ledger, and says something else.", world, world.batch.codes[0].url(), "cannot_tell not_a_batch", BAD_BATCH, proof=no_batch),
        case("genuine-version-2", "The maker's own serials.", own, own.batch.codes[0].url(), "genuine genuine"),
        case("item-hash-of-another-item", "A second serial, sealed by the maker's key for a place that is taken.", own, extra.url(), "not_logged another_code", OTHER_ITEM),
        case("batch-said-by-a-key-before-it-was-added", "The author's key was not the issuer's at that index.", early, early.batch.codes[0].url(), "cannot_tell batch_of_another_author", BAD_BATCH),
    ]  # fmt: skip


def _proof_of(world: World, index: int) -> list[bytes]:
    return inclusion(index, world.hashes())


def ledger_cases() -> list[Case]:
    groups = (arrival_cases, checkpoint_cases, witness_cases, history_cases, proof_cases, statement_cases)
    return [item for group in groups for item in group()]
