# SPDX-License-Identifier: Apache-2.0
"""Verdict cases about the code itself: parsing, key and signature (steps 0 to 3)."""

# ruff: noqa: E501 - one case per line reads best

from __future__ import annotations

import base64
from typing import Any

from ledger_kit import Case
from statement_kit import (
    ACME,
    ACME_2,
    ACME_GTIN,
    ACME_PREFIX,
    BOLT,
    BOLT_GTIN,
    Code,
    World,
    clashing_keys,
    gtin,
    make_batch,
)
from verdict_kit import case

L = 2**252 + 27742317777372353535851937790883648493
MALFORMED = "fssssssssss"
NO_KEY = "pusssssssss"
WRONG_KEY = "pfsssssssss"
FORGED = "ppfssssssss"
STALE = "2026-03-02T08:00:01Z"
FRESH = "2026-03-01T08:15:00Z"
OFFLINE = "2026-03-01T08:15:01Z"


def malformed(name: str, does: str, world: World, text: str, reason: str) -> Case:
    return case(name, does, world, text, f"malformed {reason}", MALFORMED)


def parsing_cases() -> list[Case]:
    world = World()
    code = world.batch.codes[0]
    url = code.url()
    seal = base64.b32encode(code.seal).decode().rstrip("=")
    second = seal[:-1] + chr(ord(seal[-1]) + 1)
    return [
        case("genuine-version-1", "A code as its maker printed it.", world, url, "genuine genuine"),
        case("upper-case-scheme-and-host", "As it stands in the QR symbol.", world, url.replace("https://id.example.cn", "HTTPS://ID.EXAMPLE.CN"), "genuine genuine"),
        case("code-served-by-another-host", "The seal does not cover the host.", world, url.replace("id.example.cn", "shop.example:8443"), "genuine genuine"),
        case("code-without-scheme-and-host", "The bare path is a code too.", world, url.removeprefix("https://id.example.cn"), "genuine genuine"),
        case("query-parameter-of-a-shared-link", "Parameters that are no GS1 identifiers do not matter.", world, url + "&utm_source=chat", "genuine genuine"),
        malformed("empty-text", "Nothing was scanned.", world, "", "bad_link"),
        malformed("five-hundred-and-thirteen-characters", "Longer than any code.", world, url + "&x=" + "y" * (513 - len(url) - 3), "code_too_long"),
        malformed("full-width-digits-in-the-gtin", "Digits are ASCII digits.", world, url.replace("/01/0", "/01/０"), "bad_link"),
        malformed("link-without-a-seal", "It names a product and proves nothing.", world, url.partition("?")[0], "no_seal"),
        malformed("two-seals", "Readers would disagree about which one counts.", world, f"{url}&S={seal}", "two_seals"),
        malformed("lot-beside-the-seal", "A GS1 identifier that no seal covers.", world, url + "&10=L2", "unsealed_identifier"),
        malformed("second-spelling-of-the-seal", "The spare bits of the last base32 character are set.", world, url.replace(seal, second), "bad_base32"),
        malformed("seal-in-lower-case", "Base32 has one spelling here.", world, url.replace(seal, seal.lower()), "bad_base32"),
        malformed("wrong-check-digit", "Another GTIN, mistyped.", world, url.replace(ACME_GTIN, ACME_GTIN[:-1] + "7"), "bad_gtin"),
        malformed("seal-of-an-unknown-version", "Version 3 does not exist.", world, code.url(seal=b"\x03" + code.seal[1:]), "bad_seal"),
        malformed("serial-with-the-letter-o", "Crockford's alphabet has no O, and none of its lenient aliases.", world, code.url(serial="OOOOOOOOO"), "bad_serial"),
        malformed("encoded-slash-in-the-path", "%2F is not unfolded.", world, url.replace("/21/", "%2F21/"), "bad_link"),
    ]  # fmt: skip


def signature_cases() -> list[Case]:
    world = World()
    code, other = world.batch.codes[0], world.batch.codes[1]
    flipped = code.seal[:20] + bytes([code.seal[20] ^ 1]) + code.seal[21:]
    s = int.from_bytes(code.seal[-32:], "little") + L
    high_s = code.seal[:-32] + s.to_bytes(32, "little")
    small_r = code.seal[:3] + bytes([1]) + bytes(31) + code.seal[-32:]
    return [
        case("seal-moved-to-another-serial", "A good seal beside the serial of another item of the batch.", world, code.url(serial=other.serial), "counterfeit bad_signature", FORGED),
        case("seal-moved-to-another-gtin", "A good seal beside another product of the same maker.", world, code.url(gtin=gtin(ACME_PREFIX, 2)), "counterfeit bad_signature", FORGED),
        case("one-bit-of-the-signature-flipped", "The signature is no longer one.", world, code.url(seal=flipped), "counterfeit bad_signature", FORGED),
        case("signature-with-s-above-the-group-order", "S + L satisfies the equation, and lenient libraries take it.", world, code.url(seal=high_s), "counterfeit bad_signature", FORGED),
        case("signature-with-r-of-small-order", "R is the neutral point.", world, code.url(seal=small_r), "counterfeit bad_signature", FORGED),
        case("bad-signature-under-a-stale-snapshot", "A forgery is a forgery, however old the list is.", world, code.url(seal=flipped), "counterfeit bad_signature", FORGED, now=STALE),
    ]  # fmt: skip


def same_hint_case() -> Case:
    world = World()
    mine, thiefs = clashing_keys()
    world.add_key("acme", mine, ACME)
    world.add_key("bolt", thiefs, BOLT)
    code = Code(thiefs, ACME_GTIN, 0, 0)
    return case("key-of-another-issuer-with-the-same-hint", "bolt has a key whose two-byte hint is that of one of acme's, and seals acme's GTIN.", world, code.url(), "counterfeit bad_signature", FORGED)  # fmt: skip


def key_cases() -> list[Case]:
    world = World()
    code = world.batch.codes[0]
    brand = Code(BOLT, ACME_GTIN, 0, 0)
    new = Code(ACME_2, ACME_GTIN, 1, 0)
    nobody = Code(ACME, gtin("6907777"), 0, 0)
    shard = {name: world.signed_snapshot(shard=name) for name in ("acme", "bolt")}
    none: dict[str, Any] = {"proof": None}
    return [
        case("key-for-another-brands-prefix", "bolt's own key seals a GTIN under acme's prefix.", world, brand.url(), "counterfeit unknown_key", WRONG_KEY, **none),
        case("key-that-was-never-registered", "A key that nobody has heard of.", world, new.url(), "counterfeit unknown_key", WRONG_KEY, **none),
        case("unregistered-key-under-the-makers-own-shard", "A shard names all keys of its issuer.", world, new.url(), "counterfeit unknown_key", WRONG_KEY, snapshot=shard["acme"], **none),
        case("unregistered-key-under-a-list-of-a-quarter-of-an-hour", "Fresh enough to say that the key does not exist.", world, new.url(), "counterfeit unknown_key", WRONG_KEY, now=FRESH, **none),
        case("unregistered-key-under-a-list-of-a-second-more", "The maker may have registered it since.", world, new.url(), "cannot_tell unknown_key", NO_KEY, now=OFFLINE, **none),
        case("unregistered-key-under-a-stale-snapshot", "The maker may have registered it since.", world, new.url(), "cannot_tell unknown_key", NO_KEY, now=STALE, **none),
        case("gtin-under-nobodys-prefix", "The whole snapshot lists every prefix.", world, nobody.url(), "counterfeit unknown_prefix", WRONG_KEY, **none),
        case("gtin-under-nobodys-prefix-and-a-stale-snapshot", "The maker may have been admitted since.", world, nobody.url(), "cannot_tell unknown_prefix", NO_KEY, now=STALE, **none),
        case("shard-of-another-issuer", "bolt's shard says nothing about acme, for or against.", world, code.url(), "cannot_tell unknown_prefix", NO_KEY, snapshot=shard["bolt"]),
        case("shard-of-the-issuer", "The makers' own shard is enough.", world, code.url(), "genuine genuine", snapshot=shard["acme"]),
        case("no-snapshot-at-all", "Without a trust list nothing can be said.", world, code.url(), "cannot_tell no_snapshot", NO_KEY, snapshot=None),
        case("gtin-with-another-indicator-digit", "The prefix stands after the indicator digit: packaging levels belong to the maker.", *_packaging(), "genuine genuine"),
        same_hint_case(),
    ]  # fmt: skip


def _packaging() -> tuple[World, str]:
    world = World()
    carton = "1" + ACME_GTIN[1:13]
    total = sum(int(digit) * (3 if place % 2 == 0 else 1) for place, digit in enumerate(carton))
    carton += str(-total % 10)
    world.batch = world.log(make_batch(ACME, 1, gtin=carton), ACME)
    return world, world.batch.codes[0].url()


def revocation_cases() -> list[Case]:
    """A second key of acme seals batch 1 at index 6; the key is revoked from an index around it."""

    def revoked(from_index: int, good: list[list[int]]) -> World:
        world = World()
        world.add_key("acme", ACME_2, ACME)  # 5
        world.batch = world.log(make_batch(ACME_2, 1), ACME)  # 6
        world.revoke("acme", ACME_2, from_index, good)  # 7
        return world

    in_time, at, after = revoked(7, [[1, 1]]), revoked(6, []), revoked(5, [])
    unlogged = Code(ACME_2, ACME_GTIN, 2, 0)
    url = in_time.batch.codes[0].url()
    key_failed = "pfppppppppp"
    hidden = World()
    hidden.add_key("acme", ACME_2, ACME)
    hidden.batch = hidden.log(make_batch(ACME_2, 1), ACME)
    hidden.revoke("acme", ACME_2, 6, [[1, 1]])
    return [
        case("revoked-key-batch-logged-in-time", "The batch stands before from_index: it stays good for ever.", in_time, url, "genuine genuine"),
        case("revoked-key-batch-at-from-index", "The batch stands at from_index: not trusted.", at, url, "counterfeit key_revoked", key_failed),
        case("revoked-key-batch-after-from-index", "The batch stands after from_index.", after, url, "counterfeit key_revoked", key_failed),
        case("revoked-key-batch-never-logged", "A thief issues offline, with a batch number that nobody logged.", in_time, unlogged.url(), "counterfeit key_revoked", "pfppppfsspp", proof=None),
        case("revoked-key-evidence-did-not-arrive", "The snapshot alone knows that the batch was too late.", at, url, "counterfeit key_revoked", "pfppusssspp", fault="timed_out"),
        case("revoked-key-good-batch-evidence-did-not-arrive", "A good batch, but nobody could show it.", in_time, url, "cannot_tell timed_out", "ppppusssspp", fault="timed_out"),
        case("revoked-key-batch-passed-off-as-good", "The snapshot lists a batch as good that the ledger holds at from_index.", hidden, url, "counterfeit key_revoked", key_failed),
        case("revoked-key-under-a-stale-snapshot", "A revocation does not expire.", at, url, "counterfeit key_revoked", "pfpppppppup", now=STALE),
    ]  # fmt: skip


def foreign_batch_cases() -> list[Case]:
    world = World()
    url = world.batch.codes[0].url()
    bolts = world.proof(world.bolts, 0)
    return [
        case("evidence-about-another-makers-batch", "A proof document of bolt for a code of acme.", world, url, "cannot_tell another_code", "ppppusssspp", proof=bolts),
        case("evidence-of-another-makers-batch-under-a-false-name", "The same with the issuer's name replaced.", world, url, "cannot_tell batch_of_another_author", "ppppppusspp", proof=bolts | {"issuer": "acme"}),
        case("code-of-bolt", "The neighbour: bolt's own code and evidence.", world, world.bolts.codes[0].url(), "genuine genuine", proof=bolts),
        case("other-gtin-under-the-same-prefix-never-logged", "A key of the maker, but no batch of this product.", world, Code(BOLT, BOLT_GTIN, 7, 0).url(), "not_logged no_such_batch_or_item", "ppppppfsspp", proof=None),
    ]  # fmt: skip


def code_cases() -> list[Case]:
    return [*parsing_cases(), *signature_cases(), *key_cases(), *revocation_cases(), *foreign_batch_cases()]
