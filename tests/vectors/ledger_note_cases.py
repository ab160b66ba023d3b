# SPDX-License-Identifier: Apache-2.0
"""Vectors of notes, checkpoints and cosignatures."""
# ruff: noqa: E501  (one case, one line)

from __future__ import annotations

from hashlib import sha256

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
    key_id,
    line,
    mth,
    note,
    vkey,
)

TEXT = "A note of two lines.\nThis is the second.\n"
OWN = LEDGER.line(TEXT)


def note_cases() -> list[Case]:
    return [*_vkey_cases(), *_note_form_cases(), *_note_trust_cases()]


def _vkey_cases() -> list[Case]:
    op, error = "parse_vkey", "malformed_vkey"
    witness = WITNESSES[0]

    def parts(key: Key) -> dict[str, str]:
        return {
            "name": key.name,
            "key_id": key.key_id.hex(),
            "algorithm": str(key.algorithm),
            "public_key": key.public.hex(),
        }

    def forged(public: bytes, algorithm: int = 1, name: str = "a.example") -> dict[str, str]:
        return {"vkey": vkey(name, key_id(name, algorithm, public), algorithm, public)}

    plus_in_base64 = next(
        k for k in (Key("plus.example", 1, f"plus {n}") for n in range(99)) if "+" in b64(b"\1" + k.public)
    )
    one = bytes([1]) + bytes(31)
    hostile = [
        ("small-order-key", forged(one), "the neutral element as a public key, under which anything verifies"),
        ("small-order-zero-key", forged(bytes(32)), "a public key of order 4"),
        ("non-canonical-key", forged(bytes.fromhex("ee" + "ff" * 30 + "7f")), "a coordinate not reduced modulo p"),
        ("key-off-curve", forged(bytes([2]) + bytes(31)), "32 bytes that are no point"),
        ("key-of-31-bytes", forged(LEDGER.public[:-1]), "a key that lost a byte"),
        ("key-of-33-bytes", forged(LEDGER.public + b"\0"), "a key with a byte too many"),
        ("wrong-key-id", {"vkey": vkey(LEDGER.name, STRANGER.key_id, 1, LEDGER.public)}, "another key's id"),
        ("wrong-algorithm", {"vkey": vkey(LEDGER.name, LEDGER.key_id, 4, LEDGER.public)}, "algorithm 4 under the key id of algorithm 1"),
        ("unknown-algorithm", forged(LEDGER.public, 2), "an ECDSA key, which needs another implementation"),
        ("key-id-upper-case", {"vkey": LEDGER.vkey.replace(LEDGER.key_id.hex(), LEDGER.key_id.hex().upper())}, "hex in capitals"),
        ("key-id-short", {"vkey": vkey(LEDGER.name, LEDGER.key_id[:3], 1, LEDGER.public)}, "a key id of three bytes"),
        ("vkey-added-padding", {"vkey": LEDGER.vkey + "===="}, "base64 with padding that it does not need"),
        ("vkey-newline-inside", {"vkey": LEDGER.vkey[:-8] + "\n" + LEDGER.vkey[-8:]}, "base64 in two lines"),
        ("vkey-url-base64", {"vkey": plus_in_base64.vkey[:22] + plus_in_base64.vkey[22:].replace("+", "-")}, "the URL alphabet of base64"),
        ("vkey-no-name", forged(LEDGER.public, 1, ""), "an empty name"),
        ("vkey-space-in-name", forged(LEDGER.public, 1, "a b"), "a space in the name"),
        ("vkey-wide-space-in-name", forged(LEDGER.public, 1, "a\u3000b"), "an ideographic space in the name"),
        ("vkey-trailing-newline", {"vkey": LEDGER.vkey + "\n"}, "a newline at the end"),
        ("vkey-two-parts", {"vkey": f"{LEDGER.name}+{LEDGER.key_id.hex()}"}, "no key at all"),
        ("vkey-empty", {"vkey": ""}, "nothing"),
    ]  # fmt: skip
    return [
        good("ledger-vkey", "a ledger's key", op, {"vkey": LEDGER.vkey}, parts(LEDGER)),
        good("witness-vkey", "a witness's key", op, {"vkey": witness.vkey}, parts(witness)),
        good(
            "plus-in-base64",
            "the base64 part may contain a plus",
            op,
            {"vkey": plus_in_base64.vkey},
            parts(plus_in_base64),
        ),
        good(
            "chinese-name",
            "a name outside of ASCII",
            op,
            {"vkey": Key("登记.example", 1, "cn").vkey},
            parts(Key("登记.example", 1, "cn")),
        ),
        *(bad(name, does, op, given, error) for name, given, does in hostile),
    ]


def _note_form_cases() -> list[Case]:
    op, error = "parse_note", "malformed_note"

    def parsed(text: str, *keys: Key) -> dict[str, object]:
        lines = [{"name": k.name, "key_id": k.key_id.hex(), "signature": k.sign(text).hex()} for k in keys]
        return {"text": text, "signatures": lines}

    gaps = "First.\n\n\nAfter two empty lines.\n"
    looks_signed = TEXT + "\n" + OWN
    many = [Key(f"signer{n}.example", 1, f"signer {n}") for n in range(101)]
    second_base64 = OWN[:-2].removesuffix("=")
    hostile = [
        ("no-blank-line", TEXT + OWN, "the signatures follow the text at once"),
        ("no-signatures", TEXT + "\n", "a text and a blank line"),
        ("no-final-newline", note(TEXT, OWN)[:-1], "the last line is not ended"),
        ("crlf-lines", note(TEXT, OWN).replace("\n", "\r\n"), "lines end as on another system"),
        ("tab-in-text", note("A\tB\n", LEDGER.line("A\tB\n")), "a control character in the text"),
        ("nul-in-text", note("A\0B\n", LEDGER.line("A\0B\n")), "a NUL in the text"),
        ("hyphen-for-dash", note(TEXT, OWN.replace("—", "-")), "a hyphen where an em dash belongs"),
        ("no-break-space", note(TEXT, OWN.replace("— ", "—\u00a0")), "a no-break space after the dash"),
        ("plus-in-name", note(TEXT, line("a+b", b"\0\0\0\1", bytes(64))), "a plus in a key name"),
        ("space-in-name", note(TEXT, line("a b", b"\0\0\0\1", bytes(64))), "a space in a key name"),
        ("thin-space-in-name", note(TEXT, line("a\u2009b", b"\0\0\0\1", bytes(64))), "a Unicode space in a key name"),
        ("empty-name", note(TEXT, line("", b"\0\0\0\1", bytes(64))), "no key name"),
        ("two-spaces", note(TEXT, OWN.replace(f"{ORIGIN} ", f"{ORIGIN}  ")), "two spaces after the name"),
        ("trailing-space", note(TEXT, OWN[:-1] + " \n"), "a space at the end of the line"),
        ("signature-without-padding", note(TEXT, second_base64 + "\n"), "base64 without its padding"),
        ("signature-spare-bits", note(TEXT, line("a.example", b"\0\0\0\1", b"\0").replace("AAAAAQA=", "AAAAAQB=")), "base64 with spare bits set"),
        ("signature-key-id-alone", note(TEXT, line("a.example", b"\0\0\0\1", b"")), "a key id and no signature"),
        ("signature-too-short", note(TEXT, line("a.example", b"\0\0\1", b"")), "three bytes, no whole key id"),
        ("junk-after-signatures", note(TEXT, OWN, "more\n"), "a line that is no signature"),
        ("empty-note", "", "no bytes"),
        ("hundred-and-one-signatures", note(TEXT, *(key.line(TEXT) for key in many)), "more signatures than we read"),
    ]  # fmt: skip
    return [
        good("plain-note", "a text and one signature", op, {"note": note(TEXT, OWN)}, parsed(TEXT, LEDGER)),
        good("gaps-in-text", "the text has empty lines of its own", op, {"note": note(gaps, LEDGER.line(gaps))}, parsed(gaps, LEDGER)),
        good("text-looks-signed", "a whole note as the text of another", op, {"note": note(looks_signed, LEDGER.line(looks_signed))}, parsed(looks_signed, LEDGER)),
        good("empty-line-as-text", "the shortest text is one newline", op, {"note": note("\n", LEDGER.line("\n"))}, parsed("\n", LEDGER)),
        good("seventeen-signatures", "more than the sixteen that everybody must accept", op, {"note": note(TEXT, *(key.line(TEXT) for key in many[:17]))}, parsed(TEXT, *many[:17])),
        good("chinese-text", "text in another script", op, {"note": note("产品数字护照\n", LEDGER.line("产品数字护照\n"))}, parsed("产品数字护照\n", LEDGER)),
        *(bad(name, does, op, {"note": text}, error) for name, text, does in hostile),
        bad("invalid-utf8", "a byte that is no UTF-8", op, {"note_hex": (b"\xff\n\n" + OWN.encode()).hex()}, error),
        bad("overlong-utf8", "a newline in two bytes", op, {"note_hex": (b"a\xc0\x8a\n\n" + OWN.encode()).hex()}, error),
        bad("surrogate-utf8", "half of a surrogate pair", op, {"note_hex": (b"\xed\xa0\x80\n\n" + OWN.encode()).hex()}, error),
    ]  # fmt: skip


def _note_trust_cases() -> list[Case]:
    op = "verify_note"
    same_name = Key(LEDGER.name, 1, "same name")
    broken = line(LEDGER.name, LEDGER.key_id, flipped(LEDGER.sign(TEXT)))
    foreign = STRANGER.line(TEXT)
    stolen_id = line("stranger.example", LEDGER.key_id, STRANGER.sign(TEXT))
    s_plus_order = _add_order_to_s(LEDGER.sign(TEXT))

    def given(text: str, *keys: Key) -> dict[str, object]:
        return {"note": text, "vkeys": [key.vkey for key in keys]}

    return [
        good("known-key", "one known key has signed", op, given(note(TEXT, OWN), LEDGER), {"signers": [LEDGER.vkey]}),
        good("stranger-beside", "an unknown key's line is ignored", op, given(note(TEXT, foreign, OWN), LEDGER), {"signers": [LEDGER.vkey]}),
        good("same-name-other-id", "an unknown key under a known name is ignored", op, given(note(TEXT, same_name.line(TEXT), OWN), LEDGER), {"signers": [LEDGER.vkey]}),
        good("same-id-other-name", "an unknown name with a known key id is ignored", op, given(note(TEXT, stolen_id, OWN), LEDGER), {"signers": [LEDGER.vkey]}),
        good("both-keys", "two known keys have signed, during a change of keys", op, given(note(TEXT, LEDGER_NEXT.line(TEXT), OWN), LEDGER, LEDGER_NEXT), {"signers": [LEDGER.vkey, LEDGER_NEXT.vkey]}),
        good("one-of-two-keys", "one of two known keys has signed", op, given(note(TEXT, OWN), LEDGER_NEXT, LEDGER), {"signers": [LEDGER.vkey]}),
        good("witness-line-beside", "a cosignature is another key's line", op, given(note(TEXT, OWN, WITNESSES[0].line(TEXT, SEEN_AT)), LEDGER), {"signers": [LEDGER.vkey]}),
        bad("bad-beside-good", "a known key's bad signature beside another known key's good one", op, given(note(TEXT, LEDGER_NEXT.line(TEXT), broken), LEDGER, LEDGER_NEXT), "bad_signature"),
        bad("bad-after-good", "the same key's bad signature after its good one", op, given(note(TEXT, OWN, broken), LEDGER), "bad_signature"),
        bad("changed-text", "one character of the text is another", op, given(note(TEXT.replace("two", "ten"), OWN), LEDGER), "bad_signature"),
        bad("signature-of-63-bytes", "a known key's signature lost a byte", op, given(note(TEXT, line(LEDGER.name, LEDGER.key_id, LEDGER.sign(TEXT)[:-1])), LEDGER), "bad_signature"),
        bad("signature-of-65-bytes", "a known key's signature gained a byte", op, given(note(TEXT, line(LEDGER.name, LEDGER.key_id, LEDGER.sign(TEXT) + b"\0")), LEDGER), "bad_signature"),
        bad("s-above-order", "the group order added to S: a second spelling of a signature", op, given(note(TEXT, line(LEDGER.name, LEDGER.key_id, s_plus_order)), LEDGER), "bad_signature"),
        bad("strangers-alone", "nobody known has signed", op, given(note(TEXT, foreign), LEDGER), "no_trusted_signature"),
        bad("name-without-id", "a known name under another key's id only", op, given(note(TEXT, same_name.line(TEXT)), LEDGER), "no_trusted_signature"),
        bad("nobody-known", "no key is known", op, given(note(TEXT, OWN)), "no_trusted_signature"),
    ]  # fmt: skip


def _add_order_to_s(signature: bytes) -> bytes:
    order = 2**252 + 27742317777372353535851937790883648493
    s = int.from_bytes(signature[32:], "little") + order
    return signature[:32] + s.to_bytes(32, "little")


def checkpoint_cases() -> list[Case]:
    op, error = "parse_checkpoint", "malformed_checkpoint"
    root = b64(mth(0, 5))

    def parsed(origin: str, size: str, root_hash: bytes, *extensions: str) -> dict[str, object]:
        return {"origin": origin, "size": size, "root_hash": root_hash.hex(), "extensions": list(extensions)}

    def sized(size: str) -> str:
        return f"{ORIGIN}\n{size}\n{root}\n"

    second_base64 = root[:-2] + chr(ord(root[-2]) + 1) + "="
    sizes = [
        ("size-plus", "+5", "a sign"), ("size-minus", "-3", "a negative size"), ("size-underscore", "5_0", "an underscore between digits"),
        ("size-leading-zero", "05", "a leading zero"), ("size-double-zero", "00", "zero in two digits"), ("size-arabic-digits", "٥", "an Arabic digit"),
        ("size-full-width", "５", "a full-width digit"), ("size-superscript", "5²", "a superscript"), ("size-hex", "0x5", "hexadecimal"),
        ("size-float", "5.0", "a decimal point"), ("size-exponent", "5e0", "an exponent"), ("size-space-before", " 5", "a space before"),
        ("size-space-after", "5 ", "a space after"), ("size-two-to-63", str(2**63), "2^63"), ("size-huge", "9" * 400, "four hundred digits"),
    ]  # fmt: skip
    forms = [
        ("root-31-bytes", f"{ORIGIN}\n5\n{b64(bytes(31))}\n", "a root hash that lost a byte"),
        ("root-33-bytes", f"{ORIGIN}\n5\n{b64(bytes(33))}\n", "a root hash with a byte too many"),
        ("root-spare-bits", f"{ORIGIN}\n5\n{second_base64}\n", "a second spelling of the root hash"),
        ("root-without-padding", f"{ORIGIN}\n5\n{root[:-1]}\n", "a root hash without its padding"),
        ("root-in-hex", f"{ORIGIN}\n5\n{mth(0, 5).hex()}\n", "a root hash in hex"),
        ("false-empty-root", f"{ORIGIN}\n0\n{root}\n", "size 0 with a root that is not that of the empty tree"),
        ("no-origin", f"\n5\n{root}\n", "an empty origin"),
        ("two-lines", f"{ORIGIN}\n5\n", "no root hash"),
        ("no-final-newline", f"{ORIGIN}\n5\n{root}", "the last line is not ended"),
        ("empty-extension", f"{ORIGIN}\n5\n{root}\n\n", "an empty extension line"),
        ("crlf-lines", f"{ORIGIN}\r\n5\r\n{root}\r\n", "lines end as on another system"),
        ("control-in-origin", f"a\x1bb\n5\n{root}\n", "an escape character in the origin"),
        ("lines-swapped", f"{ORIGIN}\n{root}\n5\n", "root hash before size"),
        ("nothing", "", "no text"),
    ]  # fmt: skip
    return [
        good("small-checkpoint", "five leaves", op, {"text": checkpoint(ORIGIN, 5)}, parsed(ORIGIN, "5", mth(0, 5))),
        good(
            "empty-ledger",
            "size 0 with the root of the empty tree",
            op,
            {"text": checkpoint(ORIGIN, 0)},
            parsed(ORIGIN, "0", sha256(b"").digest()),
        ),
        good(
            "largest-size",
            "2^63 - 1 leaves",
            op,
            {"text": sized(str(2**63 - 1))},
            parsed(ORIGIN, str(2**63 - 1), mth(0, 5)),
        ),
        good(
            "extension-lines",
            "two extension lines, kept as they are",
            op,
            {"text": checkpoint(ORIGIN, 5, "one\ntwo words\n")},
            parsed(ORIGIN, "5", mth(0, 5), "one", "two words"),
        ),
        good(
            "origin-with-spaces",
            "an origin is any line",
            op,
            {"text": checkpoint("产品 护照 +1", 5)},
            parsed("产品 护照 +1", "5", mth(0, 5)),
        ),
        *(bad(name, f"spells the size with {does}", op, {"text": sized(size)}, error) for name, size, does in sizes),
        *(bad(name, does, op, {"text": text}, error) for name, text, does in forms),
    ]


def cosignature_cases() -> list[Case]:
    witness, other = WITNESSES[:2]
    text = checkpoint(ORIGIN, 5)
    raw = witness.sign(text, SEEN_AT)
    late = (2**63).to_bytes(8, "big") + witness.private.sign(f"cosignature/v1\ntime {2**63}\n{text}".encode())
    form = "malformed_cosignature"

    def given(*lines: str, body: str = text) -> dict[str, str]:
        return {"note": note(body, LEDGER.line(body), *lines), "vkey": witness.vkey}

    def forged(signature: bytes) -> str:
        return line(witness.name, witness.key_id, signature)

    def parsed(data: bytes, timestamp: int) -> dict[str, str]:
        return {"timestamp": str(timestamp), "signature": data[8:].hex()}

    elsewhere = witness.sign(checkpoint("elsewhere.example/ledger", 5), SEEN_AT)
    plain = witness.private.sign(text.encode())
    extended = checkpoint(ORIGIN, 5, "extension\n")
    op, check, error = "parse_cosignature", "verify_cosignature", "bad_signature"
    return [
        good("cosigned-text", "what a witness signs", "cosigned_text", {"text": text, "timestamp": str(SEEN_AT)}, {"message": f"cosignature/v1\ntime {SEEN_AT}\n{text}".encode().hex()}),
        good("parse-cosignature", "timestamp and signature", op, {"signature": raw.hex()}, parsed(raw, SEEN_AT)),
        good("largest-timestamp", "2^63 - 1 seconds", op, {"signature": (2**63 - 1).to_bytes(8, "big").hex() + raw[8:].hex()}, parsed(raw, 2**63 - 1)),
        bad("timestamp-two-to-63", "one second more than allowed", op, {"signature": late.hex()}, form),
        bad("timestamp-all-ones", "a negative number to those who read it signed", op, {"signature": "ff" * 8 + raw[8:].hex()}, form),
        bad("cosignature-truncated", "a signature that lost a byte", op, {"signature": raw[:-1].hex()}, form),
        bad("cosignature-without-time", "a plain Ed25519 signature", op, {"signature": plain.hex()}, form),
        bad("cosignature-trailing-byte", "a byte too many", op, {"signature": raw.hex() + "00"}, form),
        good("witnessed-checkpoint", "a good cosignature", check, given(witness.line(text, SEEN_AT)), {"timestamp": str(SEEN_AT)}),
        good("witnessed-twice", "two good cosignatures: the later one counts", check, given(witness.line(text, SEEN_AT + 9), witness.line(text, SEEN_AT)), {"timestamp": str(SEEN_AT + 9)}),
        good("witnessed-extension", "extension lines are part of what is signed", check, given(witness.line(extended, SEEN_AT), body=extended), {"timestamp": str(SEEN_AT)}),
        bad("not-witnessed", "another witness's line alone", check, given(other.line(text, SEEN_AT)), "no_trusted_signature"),
        bad("other-origin", "a cosignature for a ledger of another name, same size and root", check, given(forged(elsewhere)), error),
        bad("other-size", "a cosignature for another checkpoint of this ledger", check, given(forged(witness.sign(checkpoint(ORIGIN, 4), SEEN_AT))), error),
        bad("time-moved", "the timestamp moved on by an hour", check, given(forged((SEEN_AT + 3600).to_bytes(8, "big") + raw[8:])), error),
        bad("time-beyond-range", "correctly signed, at 2^63 seconds", check, given(forged(late)), error),
        bad("cosignature-cut-short", "a known witness's line that lost a byte", check, given(forged(raw[:-1])), error),
        bad("note-signature-as-cosignature", "the witness's key over the bare text", check, given(forged(bytes(8) + plain)), error),
        bad("other-witness-inside", "another witness's signature under this one's name and id", check, given(forged(other.sign(text, SEEN_AT))), error),
        bad("bad-beside-good-cosignature", "one good and one bad line of the same witness", check, given(witness.line(text, SEEN_AT), forged(flipped(raw))), error),
        bad("ledger-key-as-witness", "the ledger cosigns under its own name", check, given(OTHER_LEDGER.line(text)), "no_trusted_signature"),
    ]  # fmt: skip
