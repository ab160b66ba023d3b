# SPDX-License-Identifier: Apache-2.0
"""What the vectors of statements, snapshots, proof documents and verdicts are made with: no line of `verifier`.

A `World` is a ledger and what a sceptic is shown of it. Entries, item trees, proofs and notes are put together by hand.
A snapshot's content is stated by the case, not folded; a test compares one with the fold.
"""

from __future__ import annotations

import base64
import copy
import json
from functools import cache
from hashlib import sha256
from typing import Any

from ledger_kit import Key, b64, cut, note

Json = Any

ORIGIN = "registry.example/ledger"
LEDGER = Key(ORIGIN, 1, "ledger")
STATUS = Key(f"{ORIGIN}/status", 1, "status")
OPERATOR = Key("operator", 1, "operator")
ACME, ACME_2 = Key("acme", 1, "acme"), Key("acme", 1, "acme second")
BOLT = Key("bolt", 1, "bolt")
LAB, LAB_NEW, LAB_2 = Key("lab", 1, "lab"), Key("lab", 1, "lab second"), Key("lab-2", 1, "lab-2")
OFFICE = Key("office", 1, "office")
WITNESS = Key("witness.example/w1", 4, "witness 1")

ACME_PREFIX, BOLT_PREFIX = "6901234", "6905555"
USCC = {
    "acme": "91110000000000019B",
    "bolt": "911100000000000276",
    "carol": "911100000000000351",
    "lab": "91110000000000043U",
    "lab-2": "91110000000000051N",
    "office": "91110000000000078E",
    "mall": "91110000000000107R",
    "shop": "91110000000000115L",
}
NOW, AS_OF, NEXT_UPDATE = "2026-03-01T08:00:00Z", "2026-03-01T08:00:00Z", "2026-03-02T08:00:00Z"
NOW_SECONDS = 1_772_352_000
HOST = "id.example.cn"
CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def jcs(value: Json) -> str:
    """RFC 8785 for what occurs here: ASCII names, strings, small integers, booleans."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def both(words: str) -> Json:
    return {"en": words, "zh": f"（中文）{words}"}


def gtin(prefix: str, item: int = 1) -> str:
    body = f"0{prefix}{item:0{12 - len(prefix)}d}"
    total = sum(int(digit) * (3 if place % 2 == 0 else 1) for place, digit in enumerate(body))
    return body + str(-total % 10)


ACME_GTIN, BOLT_GTIN = gtin(ACME_PREFIX), gtin(BOLT_PREFIX)


def key_id(key: Key) -> str:
    return sha256(key.public).hexdigest()


@cache
def clashing_keys() -> tuple[Key, Key]:
    """Two keys with one two-byte hint."""
    seen: dict[str, Key] = {}
    for number in range(10_000):
        key = Key("clash", 1, f"clash {number}")
        hint = key_id(key)[:4]
        if hint in seen:
            return seen[hint], key
        seen[hint] = key
    raise AssertionError


def sign(key: Key, message: bytes) -> bytes:
    return key.private.sign(message)


def entry(statement: Json, key: Key, *, signature: bytes | None = None) -> str:
    """The text of a ledger entry."""
    message = b"product-passport/statement/v1\n" + jcs(statement).encode()
    signature = sign(key, message) if signature is None else signature
    return jcs({"key_id": key_id(key), "signature": b64(signature), "statement": statement})


def header(kind: str, issuer: str, origin: str = ORIGIN) -> Json:
    return {"issued_at": NOW, "issuer": issuer, "origin": origin, "type": kind}


def proven(key: Key, issuer: str, origin: str = ORIGIN) -> Json:
    text = f"product-passport/key-possession/v1\n{origin}\n{issuer}\n{key_id(key)}\n"
    return {"possession": b64(sign(key, text.encode())), "public_key": key.public.hex()}


CONTACT = {"phone": "400-000-0000", "url": "https://maker.example.cn/help"}


def created(origin: str = ORIGIN) -> Json:
    status = Key(f"{origin}/status", 1, "status")
    return header("registry.created", "registry", origin) | {
        "name": both("The registry"),
        "operator_key": OPERATOR.public.hex(),
        "status_vkey": status.vkey,
    }


def admitted(subject: str, key: Key, prefixes: list[str], roles: tuple[str, ...] = ("manufacturer",)) -> Json:
    return header("issuer.admitted", "registry") | {
        "contact": CONTACT,
        "key": proven(key, subject),
        "name": both(f"{subject} Co."),
        "prefixes": prefixes,
        "roles": list(roles),
        "subject": subject,
        "uscc": USCC[subject],
    }


def key_added(subject: str, key: Key, author: str) -> Json:
    return header("key.added", author) | {"key": proven(key, subject), "subject": subject}


def key_revoked(subject: str, key: Key, from_index: int, author: str = "registry") -> Json:
    return header("key.revoked", author) | {
        "from_index": from_index,
        "key_id": key_id(key),
        "reason": "stolen",
        "subject": subject,
    }


def notice(scope: list[Json], action: str = "recall", severity: str = "high") -> Json:
    return {
        "action": action,
        "contact": CONTACT,
        "hazard": both("Fire"),
        "remedy": both("Refund"),
        "scope": scope,
        "severity": severity,
        "starts_on": "2026-03-01",
        "title": both("It may overheat"),
    }


def published(recall_id: str, text: Json, author: str) -> Json:
    return header("recall.published", author) | {"notice": text, "recall_id": recall_id}


def serial(batch: int, seq: int) -> str:
    value = batch << 25 | seq
    return "".join(CROCKFORD[value >> shift & 31] for shift in range(40, -1, -5))


class Code:
    """One product code. `own` is a serial of the maker's (version 2)."""

    def __init__(self, key: Key, gtin: str, batch: int, seq: int, own: str | None = None) -> None:
        self.gtin, self.serial = gtin, serial(batch, seq) if own is None else own
        version = 1 if own is None else 2
        place = b"" if own is None else batch.to_bytes(4, "big") + seq.to_bytes(4, "big")
        text = f"product-code/v{version}\n01{gtin}21{self.serial}\n{key_id(key)}\n{batch}\n{seq}\n"
        hint = bytes.fromhex(key_id(key)[:4])
        self.seal = bytes([version]) + hint + place + sign(key, text.encode())

    @property
    def item_leaf(self) -> bytes:
        return f"item/v1\n01{self.gtin}21{self.serial}".encode() + self.seal

    def url(self, *, seal: bytes | None = None, serial: str | None = None, gtin: str | None = None) -> str:
        text = base64.b32encode(seal or self.seal).decode().rstrip("=")
        return f"https://{HOST}/01/{gtin or self.gtin}/21/{serial or self.serial}?S={text}"


def leaf_hash(data: bytes) -> bytes:
    return sha256(b"\x00" + data).digest()


def root(hashes: list[bytes]) -> bytes:
    """RFC 6962, 2.1."""
    if len(hashes) < 2:
        return hashes[0] if hashes else sha256(b"").digest()
    k = cut(len(hashes))
    return sha256(b"\x01" + root(hashes[:k]) + root(hashes[k:])).digest()


def inclusion(index: int, hashes: list[bytes]) -> list[bytes]:
    """PATH(m, D[n]) of RFC 6962, 2.1.1."""
    if len(hashes) == 1:
        return []
    k = cut(len(hashes))
    if index < k:
        return [*inclusion(index, hashes[:k]), root(hashes[k:])]
    return [*inclusion(index - k, hashes[k:]), root(hashes[:k])]


def extension(old: int, hashes: list[bytes], whole: bool = True) -> list[bytes]:
    """SUBPROOF(m, D[n], b) of RFC 6962, 2.1.2."""
    if old == len(hashes):
        return [] if whole else [root(hashes)]
    k = cut(len(hashes))
    if old <= k:
        return [*extension(old, hashes[:k], whole), root(hashes[k:])]
    return [*extension(old - k, hashes[k:], False), root(hashes[:k])]


class Batch:
    """A batch's statement and codes; `index` once it is logged."""

    def __init__(self, codes: list[Code], statement: Json) -> None:
        self.codes, self.statement, self.index = codes, statement, -1
        self.hashes = [leaf_hash(code.item_leaf) for code in codes]
        self.statement["item_root"] = root(self.hashes).hex()
        self.statement["count"] = len(codes)


def make_batch(key: Key, number: int = 0, count: int = 5, **changes: Json) -> Batch:
    """Codes of `key` and an unsigned statement about them. `changes` to the statement; `own` are serials."""
    own = changes.pop("own", None)
    product = changes.get("gtin", ACME_GTIN)
    codes = [Code(key, product, number, seq, None if own is None else own[seq]) for seq in range(count)]
    statement = header("batch.issued", changes.pop("issuer", "acme"), changes.pop("origin", ORIGIN)) | {
        "batch": number,
        "code_version": 1 if own is None else 2,
        "gtin": product,
        "key_id": key_id(key),
        "lot": "L1",
        "production_date": "2026-01-15",
    }
    return Batch(codes, statement | changes)


class World:
    """A ledger with acme and bolt, one batch each; change it and ask for what a verifier is given."""

    def __init__(self, origin: str = ORIGIN) -> None:
        self.origin = origin
        self.ledger_key = Key(origin, 1, "ledger")
        self.status_key = Key(f"{origin}/status", 1, "status")
        self.entries: list[str] = []
        self.issuers: dict[str, Json] = {}
        self.recalls: list[Json] = []
        self.voids: list[Json] = []
        self.say(created(origin), OPERATOR)
        self.admit("acme", ACME, [ACME_PREFIX])
        self.admit("bolt", BOLT, [BOLT_PREFIX])
        self.batch = self.log(make_batch(ACME), ACME)
        self.bolts = self.log(make_batch(BOLT, count=3, gtin=BOLT_GTIN, issuer="bolt", lot="B1"), BOLT)

    def say(self, statement: Json, key: Key, **changes: Json) -> int:
        self.entries.append(entry(statement, key, **changes))
        return len(self.entries) - 1

    def log(self, batch: Batch, author: Key, **changes: Json) -> Batch:
        batch.index = self.say(batch.statement, author, **changes)
        return batch

    def admit(self, subject: str, key: Key, prefixes: list[str]) -> None:
        statement = admitted(subject, key, prefixes)
        index = self.say(statement, OPERATOR)
        self.issuers[subject] = {
            "contact": CONTACT,
            "id": subject,
            "keys": [{"added_index": index, "public_key": key.public.hex()}],
            "name": statement["name"],
            "prefixes": prefixes,
            "roles": statement["roles"],
            "uscc": statement["uscc"],
        }

    def add_key(self, subject: str, key: Key, author: Key) -> None:
        index = self.say(key_added(subject, key, subject), author)
        self.issuers[subject]["keys"].append({"added_index": index, "public_key": key.public.hex()})

    def revoke(self, subject: str, key: Key, from_index: int, good_batches: list[list[int]]) -> None:
        self.say(key_revoked(subject, key, from_index), OPERATOR)
        for record in self.issuers[subject]["keys"]:
            if record["public_key"] == key.public.hex():
                record |= {"good_batches": good_batches, "revoked_from": from_index}

    def recall(self, number: str, scope: list[Json], covers: list[Json], **changes: str) -> None:
        text = notice(scope, **changes)
        index = self.say(published(f"acme/{number}", text, "acme"), ACME)
        self.recalls.append(
            {
                "covers": [{"batch": batch, "issuer": "acme", "ranges": ranges} for batch, ranges in covers],
                "index": index,
                "notice": text,
                "publisher": "acme",
                "recall_id": f"acme/{number}",
                "revision": 1,
                "status": "active",
            }
        )

    def close(self, number: str) -> None:
        reason = both("all replaced")
        self.say(header("recall.closed", "acme") | {"reason": reason, "recall_id": f"acme/{number}"}, ACME)
        (record,) = (item for item in self.recalls if item["recall_id"] == f"acme/{number}")
        record |= {"closed_reason": reason, "status": "closed"}

    def void(self, batch: int, ranges: list[list[int]]) -> None:
        self.say(
            header("codes.voided", "acme") | {"batch": batch, "ranges": ranges, "reason": both("misprinted")}, ACME
        )
        self.voids.append({"batch": batch, "issuer": "acme", "ranges": ranges})

    # What a verifier is given

    def hashes(self, size: int | None = None) -> list[bytes]:
        return [leaf_hash(text.encode()) for text in self.entries[:size]]

    @property
    def policy(self) -> str:
        return f"log {self.ledger_key.vkey}\nquorum none\n"

    def checkpoint(self, size: int | None = None, root_hash: bytes | None = None, extensions: str = "") -> str:
        """The text of a checkpoint."""
        size = len(self.entries) if size is None else size
        return f"{self.origin}\n{size}\n{b64(root_hash or root(self.hashes(size)))}\n{extensions}"

    def signed(self, text: str) -> str:
        return note(text, self.ledger_key.line(text))

    def snapshot(self, **changes: Json) -> Json:
        """The snapshot's JSON at the present size, or with members changed; `shard` narrows it."""
        value = {
            "as_of": AS_OF,
            "issuers": [self.issuers[name] for name in sorted(self.issuers)],
            "next_update": NEXT_UPDATE,
            "origin": self.origin,
            "recalls": sorted(self.recalls, key=lambda item: item["recall_id"]),
            "root_hash": b64(root(self.hashes(changes.get("size")))),
            "size": len(self.entries),
            "type": "product-passport/snapshot/v1",
            "voids": self.voids,
        }
        if "shard" in changes:
            value["issuers"] = [self.issuers[changes["shard"]]]
            if changes["shard"] != "acme":
                value |= {"recalls": [], "voids": []}
        return copy.deepcopy(value | changes)

    def signed_snapshot(self, **changes: Json) -> str:
        return self.sign_snapshot(self.snapshot(**changes))

    def sign_snapshot(self, value: Json) -> str:
        text = jcs(value) + "\n"
        return note(text, self.status_key.line(text))

    def proof(self, batch: Batch, seq: int, *, size: int | None = None, linked: int | None = None) -> Json:
        """The parts of a proof document, for `document`; `linked` is the snapshot's size when that is another."""
        size = len(self.entries) if size is None else size
        ends = sorted((size, size if linked is None else linked))
        return {
            "checkpoint": self.signed(self.checkpoint(size)),
            "entry": self.entries[batch.index],
            "hashes": inclusion(batch.index, self.hashes(size)),
            "index": batch.index,
            "issuer": batch.statement["issuer"],
            "item_hash": batch.hashes[seq],
            "item_path": inclusion(seq, batch.hashes),
            "snapshot_link": extension(ends[0], self.hashes(ends[1])),
        }


def tlog_proof(parts: Json) -> str:
    return "\n".join(
        ["c2sp.org/tlog-proof@v1", f"index {parts['index']}", *map(b64, parts["hashes"]), "", parts["checkpoint"]]
    )


def document(parts: Json, **changes: Json) -> str:
    """The text of a proof document."""
    value = {
        "entry": parts["entry"],
        "issuer": parts["issuer"],
        "item_hash": b64(parts["item_hash"]),
        "item_path": [b64(item) for item in parts["item_path"]],
        "proof": tlog_proof(parts),
        "snapshot_link": [b64(item) for item in parts["snapshot_link"]],
        "type": "product-passport/proof/v1",
    }
    return jcs(value | changes)
