# SPDX-License-Identifier: Apache-2.0
"""Vectors of tlog-proofs and policies."""
# ruff: noqa: E501  (one case, one line)

from __future__ import annotations

from ledger_kit import (
    LEDGER,
    LEDGER_NEXT,
    ORIGIN,
    OTHER_LEDGER,
    SEEN_AT,
    STRANGER,
    WITNESSES,
    Case,
    Key,
    b64,
    bad,
    checkpoint,
    flipped,
    good,
    hexes,
    leaf,
    line,
    mth,
    note,
    path,
    vkey,
)

W1, W2, W3 = WITNESSES
TEXT = checkpoint(ORIGIN, 7)
SIGNED = note(TEXT, LEDGER.line(TEXT), W1.line(TEXT, SEEN_AT), W2.line(TEXT, SEEN_AT + 60))
KEYS = f"log {LEDGER.vkey}\nwitness w1 {W1.vkey}\nwitness w2 {W2.vkey}\nwitness w3 {W3.vkey}\n"
TWO_OF_THREE = KEYS + "group two 2 w1 w2 w3\nquorum two\n"


def proof_text(index: str = "5", extra: str = "", hashes: list[bytes] | None = None, note_text: str = SIGNED) -> str:
    lines = "".join(f"{b64(value)}\n" for value in (path(5, 0, 7) if hashes is None else hashes))
    return f"c2sp.org/tlog-proof@v1\n{extra}index {index}\n{lines}\n{note_text}"


def proof_cases() -> list[Case]:
    op, error = "parse_tlog_proof", "malformed_tlog_proof"
    right = path(5, 0, 7)

    def parsed(index: str, hashes: list[bytes], extra: str | None = None, note_text: str = SIGNED) -> dict[str, object]:
        return {"index": index, "hashes": hexes(hashes), "extra": extra, "checkpoint": note_text}

    single = note(checkpoint(ORIGIN, 1), LEDGER.line(checkpoint(ORIGIN, 1)))
    tail = b64(right[0])
    spare_bits = tail[:-2] + chr(ord(tail[-2]) + 1) + "="
    hostile = [
        ("other-version", proof_text().replace("@v1", "@v2"), "a version that does not exist yet"),
        ("no-header", proof_text().split("\n", 1)[1], "the first line is the index"),
        ("no-blank-line", proof_text().replace("\n\n", "\n", 1), "the checkpoint follows the hashes at once"),
        ("two-blank-lines", proof_text().replace("\n\n", "\n\n\n", 1), "an empty line too many"),
        ("no-index", proof_text().replace("index 5\n", ""), "the index is left out"),
        ("index-leading-zero", proof_text("05"), "an index with a leading zero"),
        ("index-plus", proof_text("+5"), "an index with a sign"),
        ("index-underscore", proof_text("5_0"), "an index with an underscore"),
        ("index-full-width", proof_text("５"), "a full-width digit"),
        ("index-two-to-63", proof_text(str(2**63)), "an index outside of the range"),
        ("index-two-spaces", proof_text(" 5"), "two spaces before the index"),
        ("index-twice", proof_text(extra="index 4\n"), "two index lines"),
        ("extra-after-index", proof_text().replace("index 5\n", "index 5\nextra AAAA\n"), "the extra line in the wrong place"),
        ("extra-twice", proof_text(extra="extra AAAA\nextra AAAA\n"), "two extra lines"),
        ("extra-empty", proof_text(extra="extra \n"), "an extra line without data: a second spelling of none"),
        ("extra-not-base64", proof_text(extra="extra a-b_\n"), "extra data in the URL alphabet"),
        ("hash-spare-bits", proof_text().replace(tail, spare_bits), "a second spelling of a hash"),
        ("hash-31-bytes", proof_text(hashes=[right[0][:31], *right[1:]]), "a hash that lost a byte"),
        ("hash-in-hex", proof_text().replace(tail, right[0].hex()), "a hash in hex"),
        ("sixty-four-hashes", proof_text(hashes=[bytes(32)] * 64), "more hashes than any tree has levels"),
        ("crlf-lines", proof_text().replace("\n", "\r\n"), "lines end as on another system"),
        ("no-checkpoint", proof_text(note_text=""), "nothing after the empty line"),
        ("checkpoint-unsigned", proof_text(note_text=TEXT), "a checkpoint that is no note"),
        ("note-no-checkpoint", proof_text(note_text=note("Hello.\n", LEDGER.line("Hello.\n"))), "a note that is no checkpoint"),
        ("proof-empty", "", "no bytes"),
    ]  # fmt: skip
    return [
        good("proof-of-leaf-5", "leaf 5 of 7, two witnesses", op, {"proof": proof_text()}, parsed("5", right)),
        good(
            "proof-with-extra",
            "carries extra data",
            op,
            {"proof": proof_text(extra="extra ZXh0cmE=\n")},
            parsed("5", right, b"extra".hex()),
        ),
        good(
            "proof-without-hashes",
            "a ledger of one leaf",
            op,
            {"proof": proof_text("0", "", [], single)},
            parsed("0", [], None, single),
        ),
        *(bad(name, does, op, {"proof": text}, error) for name, text, does in hostile),
        *_whole_proof_cases(),
    ]


def _whole_proof_cases() -> list[Case]:
    op = "verify_tlog_proof"
    right = path(5, 0, 7)

    def given(proof: str, policy: str = TWO_OF_THREE, leaf_hash: bytes | None = None) -> dict[str, str]:
        return {"proof": proof, "leaf_hash": (leaf_hash or leaf(5)).hex(), "policy": policy}

    accepted = {
        "origin": ORIGIN,
        "size": "7",
        "root_hash": mth(0, 7).hex(),
        "witnessed_at": [[W1.name, str(SEEN_AT)], [W2.name, str(SEEN_AT + 60)]],
    }
    forged_text = f"{ORIGIN}\n1\n{b64(leaf(9))}\n"
    forged = note(forged_text, STRANGER.line(forged_text))
    return [
        good("whole-proof", "signed, witnessed by two of three, included", op, given(proof_text()), accepted),
        bad("proof-other-leaf", "a good proof beside another entry", op, given(proof_text(), leaf_hash=leaf(4)), "bad_inclusion_proof"),
        bad("proof-other-index", "the index of the neighbour", op, given(proof_text("4")), "bad_inclusion_proof"),
        bad("proof-index-is-size", "an index just after the last leaf", op, given(proof_text("7")), "bad_inclusion_proof"),
        bad("proof-hash-too-many", "a hash too many", op, given(proof_text(hashes=[*right, leaf(0)])), "bad_inclusion_proof"),
        bad("proof-hash-too-few", "a hash too few", op, given(proof_text(hashes=right[:-1])), "bad_inclusion_proof"),
        bad("proof-wrong-order", "hashes from the root down", op, given(proof_text(hashes=right[::-1])), "bad_inclusion_proof"),
        bad("proof-own-checkpoint", "a tree of one forged leaf, signed by a stranger", op, given(proof_text("0", "", [], forged), leaf_hash=leaf(9)), "no_trusted_signature"),
        bad("proof-too-few-witnesses", "the policy wants all three", op, given(proof_text(), KEYS + "group g all w1 w2 w3\nquorum g\n"), "quorum_missing"),
    ]  # fmt: skip


def policy_cases() -> list[Case]:
    return [*_policy_form_cases(), *_checkpoint_cases()]


def _policy_form_cases() -> list[Case]:
    op, error = "parse_policy", "malformed_policy"
    renamed = Key("renamed.example", 1, LEDGER.seed)
    renamed_witness = Key("renamed.example/w", 4, W1.seed)
    loose = (
        KEYS.replace("log ", "# the ledger\n \tlog\t  ").replace("\n", " \n\n") + "group two  2\tw1 w2 w3\nquorum two\n"
    )
    kelvin = f"log {LEDGER.vkey}\nwitness K {W1.vkey}\nwitness \u212a {W2.vkey}\nquorum \u212a\n"
    wide_space = f"witness a\u3000b {W1.vkey}\nquorum a\u3000b\n"
    small = vkey("a.example", bytes.fromhex("00000000"), 4, bytes(32))
    nested = KEYS + "group pair any w1 w2\ngroup both all pair w3\nquorum both\n"
    hostile = [
        ("no-quorum", KEYS, "no quorum line"),
        ("two-quorums", TWO_OF_THREE + "quorum none\n", "two quorum lines"),
        ("quorum-undefined", KEYS + "quorum w4\n", "a quorum that nobody defined"),
        ("quorum-before-group", KEYS + "quorum g\ngroup g any w1\n", "a quorum defined on a later line"),
        ("quorum-two-names", KEYS + "quorum w1 w2\n", "a quorum of two names"),
        ("duplicate-log", KEYS + f"log {renamed.vkey}\nquorum none\n", "one log key under two names"),
        ("duplicate-witness", KEYS + f"witness w4 {renamed_witness.vkey}\nquorum none\n", "one witness's key under two names"),
        ("name-defined-twice", KEYS + "group w1 any w2\nquorum w1\n", "a group with a witness's name"),
        ("group-itself", KEYS + "group g any w1 g\nquorum g\n", "a group that contains itself"),
        ("group-forward-reference", KEYS + "group g any w1 h\ngroup h any w2\nquorum g\n", "a member defined on a later line"),
        ("threshold-above-members", KEYS + "group g 4 w1 w2 w3\nquorum g\n", "more needed than there are"),
        ("threshold-zero", KEYS + "group g 0 w1 w2\nquorum g\n", "a group that is always satisfied"),
        ("threshold-plus", KEYS + "group g +1 w1 w2\nquorum g\n", "a threshold with a sign"),
        ("threshold-leading-zero", KEYS + "group g 01 w1 w2\nquorum g\n", "a threshold with a leading zero"),
        ("threshold-full-width", KEYS + "group g ２ w1 w2\nquorum g\n", "a full-width digit"),
        ("threshold-word", KEYS + "group g most w1 w2\nquorum g\n", "a word that is no threshold"),
        ("group-without-members", KEYS + "group g any\nquorum g\n", "a group of nobody"),
        ("member-twice", KEYS + "group g 2 w1 w1\nquorum g\n", "one witness counted twice"),
        ("member-of-two-groups", KEYS + "group g any w1\ngroup h all w1 w2\ngroup k all g h\nquorum k\n", "one witness in two groups"),
        ("none-as-member", KEYS + "group g any none\nquorum g\n", "nobody as a member"),
        ("none-as-name", KEYS + "group none any w1\nquorum none\n", "a group called none"),
        ("witness-key-as-log", f"log {W1.vkey}\nquorum none\n", "a cosigner's key for a log"),
        ("log-key-as-witness", f"witness w {LEDGER.vkey}\nquorum w\n", "a note key for a witness"),
        ("small-order-witness", f"witness w {small}\nquorum w\n", "a witness's key under which anything verifies"),
        ("vkey-missing", "log\nquorum none\n", "a log line without a key"),
        ("url-twice", f"log {LEDGER.vkey} https://a.example https://b.example\nquorum none\n", "a word too many"),
        ("unknown-keyword", "mirror a.example\nquorum none\n", "a line of no known kind"),
        ("keyword-capital", "Quorum none\n", "a keyword in capitals"),
        ("carriage-return", "quorum none\r\n", "lines end as on another system"),
        ("form-feed", "quorum\fnone\n", "a form feed for a space"),
        ("delete-character", "# \x7f\nquorum none\n", "an ASCII delete in a comment"),
        ("no-break-space", "quorum\u00a0none\n", "a no-break space is no white space here"),
        ("comment-after-line", "quorum none # nobody\n", "a comment is a line of its own"),
        ("no-final-newline", "quorum none", "the last line is not ended"),
        ("policy-empty", "", "no bytes"),
    ]  # fmt: skip

    def parsed(canonical: str) -> dict[str, str]:
        return {"canonical": canonical}

    canonical_nested = nested.replace("any", "1").replace("all", "2")
    return [
        good("two-of-three", "one log, three witnesses, two needed", op, {"policy": TWO_OF_THREE}, parsed(TWO_OF_THREE)),
        good("loose-spelling", "comments, tabs, empty lines, spaces at both ends", op, {"policy": loose}, parsed(TWO_OF_THREE)),
        good("nested-groups", "a group inside a group; any and all become numbers", op, {"policy": nested}, parsed(canonical_nested)),
        good("nobody-needed", "a log and no witness", op, {"policy": f"log {LEDGER.vkey}\nquorum none\n"}, parsed(f"log {LEDGER.vkey}\nquorum none\n")),
        good("quorum-alone", "the shortest policy", op, {"policy": "quorum none\n"}, parsed("quorum none\n")),
        good("log-url", "a log with its address", op, {"policy": f"log {LEDGER.vkey} https://{ORIGIN}\nquorum none\n"}, parsed(f"log {LEDGER.vkey} https://{ORIGIN}\nquorum none\n")),
        good("kelvin-sign", "K and the Kelvin sign are two names", op, {"policy": kelvin}, parsed(kelvin)),
        good("ideographic-space-in-name", "outside of ASCII no byte is white space", op, {"policy": wide_space}, parsed(wide_space)),
        good("number-as-name", "a witness called 2 is not a threshold", op, {"policy": f"witness 2 {W1.vkey}\ngroup any 1 2\nquorum any\n"}, parsed(f"witness 2 {W1.vkey}\ngroup any 1 2\nquorum any\n")),
        *(bad(name, does, op, {"policy": text}, error) for name, text, does in hostile),
        good("opaque-name", "a name that is no UTF-8", op, {"policy_hex": (b"witness \xff " + W1.vkey.encode() + b"\nquorum \xff\n").hex()}, {"canonical_hex": (b"witness \xff " + W1.vkey.encode() + b"\nquorum \xff\n").hex()}),
        bad("nul-character", "a NUL", op, {"policy_hex": b"quorum none\n\0\n".hex()}, error),
    ]  # fmt: skip


def _checkpoint_cases() -> list[Case]:
    op = "verify_checkpoint"
    own, first, second, third = LEDGER.line(TEXT), W1.line(TEXT, 100), W2.line(TEXT, 200), W3.line(TEXT, 300)
    nested = KEYS + "group pair any w1 w2\ngroup both all pair w3\nquorum both\n"
    rotated = KEYS + f"log {LEDGER_NEXT.vkey}\nquorum none\n"
    elsewhere = checkpoint(OTHER_LEDGER.name, 7)
    borrowed = f"log {OTHER_LEDGER.vkey}\n" + KEYS + "quorum none\n"
    extended = checkpoint(ORIGIN, 7, "extension\n")
    broken = line(W1.name, W1.key_id, flipped(W1.sign(TEXT, 100)))

    def given(signed: str, policy: str = TWO_OF_THREE) -> dict[str, str]:
        return {"note": signed, "policy": policy}

    def accepted(*witnessed: tuple[Key, int]) -> dict[str, object]:
        times = [[key.name, str(timestamp)] for key, timestamp in witnessed]
        return {"origin": ORIGIN, "size": "7", "root_hash": mth(0, 7).hex(), "witnessed_at": times}

    return [
        good("quorum-reached", "two of three have cosigned", op, given(note(TEXT, own, second, first)), accepted((W1, 100), (W2, 200))),
        good("quorum-exceeded", "all three have cosigned", op, given(note(TEXT, own, first, second, third)), accepted((W1, 100), (W2, 200), (W3, 300))),
        good("nested-quorum", "one of a pair, and the third", op, given(note(TEXT, own, second, third), nested), accepted((W2, 200), (W3, 300))),
        good("rotated-log-key", "signed by the next key of the same ledger", op, given(note(TEXT, LEDGER_NEXT.line(TEXT)), rotated), accepted()),
        good("no-witness-needed", "a quorum of none", op, given(note(TEXT, own), KEYS + "quorum none\n"), accepted()),
        bad("quorum-one-short", "one of three has cosigned", op, given(note(TEXT, own, first)), "quorum_missing"),
        bad("quorum-twice-same", "one witness, two lines", op, given(note(TEXT, own, first, W1.line(TEXT, 101))), "quorum_missing"),
        bad("quorum-pair-alone", "both of the pair, without the third", op, given(note(TEXT, own, first, second), nested), "quorum_missing"),
        bad("quorum-by-strangers", "one known witness and one unknown", op, given(note(TEXT, own, first, Key("witness.example/w2", 4, "imposter").line(TEXT, 200))), "quorum_missing"),
        bad("bad-cosignature-beside-quorum", "a known witness's bad line beside a quorum of good ones", op, given(note(TEXT, own, broken, second, third)), "bad_signature"),
        bad("log-not-signed", "witnesses alone", op, given(note(TEXT, first, second)), "no_trusted_signature"),
        bad("origin-unknown", "a ledger that the policy does not name", op, given(note(elsewhere, OTHER_LEDGER.line(elsewhere))), "unknown_log"),
        bad("no-logs", "a policy without logs", op, given(note(TEXT, own), "quorum none\n"), "unknown_log"),
        bad("other-logs-key", "signed by another log that the policy trusts, under this origin", op, given(note(TEXT, OTHER_LEDGER.line(TEXT)), borrowed), "no_trusted_signature"),
        bad("extension-line", "correctly signed, with an extension line", op, given(note(extended, LEDGER.line(extended)), KEYS + "quorum none\n"), "extension_lines"),
        bad("no-checkpoint", "a signed note that is no checkpoint", op, given(note("Hello.\n", LEDGER.line("Hello.\n"))), "malformed_checkpoint"),
    ]  # fmt: skip
