# SPDX-License-Identifier: Apache-2.0
"""Cases for product codes and their seals, put together in the plainest way."""

# ruff: noqa: E501 - one case per line reads best

from __future__ import annotations

from typing import Any

from identity_key_cases import KEY, OTHER_KEY, SMALL_ORDER, Key
from identity_kit import BASE32, GTIN, HOST, OTHER_GTIN, Case, L, b32, bad, good


def made_serial(batch: int, seq: int) -> str:
    bits = f"{batch:020b}{seq:025b}"
    return "".join("0123456789ABCDEFGHJKMNPQRSTVWXYZ"[int(bits[i : i + 5], 2)] for i in range(0, 45, 5))


def escaped(serial: str) -> str:
    return "".join(c if c.isalnum() or c in "-._" else f"%{ord(c):02X}" for c in serial)


class Code:
    """A signed product code, put together in the plainest way."""

    def __init__(self, version: int, batch: int, seq: int, serial: str = "", gtin: str = GTIN, key: Key = KEY) -> None:
        self.version, self.batch, self.seq, self.gtin, self.key = version, batch, seq, gtin, key
        self.serial = serial or made_serial(batch, seq)
        self.identity = f"01{gtin}21{self.serial}"
        self.text = f"product-code/v{version}\n{self.identity}\n{key.key_id}\n{batch}\n{seq}\n".encode()
        self.signature = key.sign(self.text)
        self.data = bytes([version]) + bytes.fromhex(key.key_id[:4])
        if version == 2:
            self.data += batch.to_bytes(4, "big") + seq.to_bytes(4, "big")
        self.data += self.signature
        self.seal = b32(self.data)
        self.path = f"/01/{gtin}/21/{escaped(self.serial)}?S={self.seal}"

    def expect(self) -> dict[str, Any]:
        return {
            "version": self.version, "gtin": self.gtin, "serial": self.serial, "key_hint": self.key.key_id[:4], "batch": self.batch,
            "seq": self.seq, "signature": self.signature.hex(), "identity": self.identity, "seal": self.seal, "path": self.path,
            "item_leaf": (b"item/v1\n" + self.identity.encode() + self.data).hex(),
        }  # fmt: skip


ONE = Code(1, 5, 77)
OTHER = Code(1, 5, 78)
TWO = Code(2, 70000, 4_000_000_000, "SN:2026/000-1")
URL = f"https://{HOST}{ONE.path}"


def accepted_code_cases() -> list[Case]:
    op = "parse_product_code"
    rows = [
        ("code-url", "version 1 as a URL", URL, ONE),
        ("code-path", "the bare path form", ONE.path, ONE),
        ("code-qr-text", "scheme and host in upper case, as printed", f"HTTPS://ID.EXAMPLE.CN{ONE.path}", ONE),
        ("code-mixed-case-host", "scheme and host in mixed case, as a shopper types them", f"hTtPs://Id.Example.Cn{ONE.path}", ONE),
        ("code-http", "the scheme http", f"http://{HOST}{ONE.path}", ONE),
        ("code-other-host", "another host: the seal does not cover it", f"https://mirror.example{ONE.path}", ONE),
        ("code-port", "a port", f"http://localhost:8080{ONE.path}", ONE),
        ("code-parameter-behind", "a parameter that a sharing application adds", f"{URL}&from=message&isappinstalled=0", ONE),
        ("code-parameter-in-front", "a parameter before the seal", URL.replace("?S=", "?linkType=gs1:pip&S="), ONE),
        ("code-parameter-without-value", "a parameter without value", f"{URL}&debug", ONE),
        ("code-parameter-with-escape", "an escaped value", f"{URL}&q=%e4%BA%A7", ONE),
        ("code-first-of-all", "batch 0, seq 0", Code(1, 0, 0).path, Code(1, 0, 0)),
        ("code-last-of-all", "the largest batch and seq of version 1", Code(1, 2**20 - 1, 2**25 - 1).path, Code(1, 2**20 - 1, 2**25 - 1)),
        ("code-last-seq-of-batch-0", "seq does not spill into batch", Code(1, 0, 2**25 - 1).path, Code(1, 0, 2**25 - 1)),
        ("code-first-seq-of-batch-1", "batch does not spill into seq", Code(1, 1, 0).path, Code(1, 1, 0)),
        ("code-version-2", "a maker's own serial with escapes", f"https://{HOST}{TWO.path}", TWO),
        ("code-version-2-limits", "the largest batch and seq of version 2", Code(2, 2**32 - 1, 2**32 - 1, "a").path, Code(2, 2**32 - 1, 2**32 - 1, "a")),
        ("code-version-2-looks-like-version-1", "a maker's serial with the shape of ours", Code(2, 1, 2, ONE.serial).path, Code(2, 1, 2, ONE.serial)),
        ("code-version-2-lower-case-serial", "lower case is another serial, not another spelling", Code(2, 0, 0, "abc").path, Code(2, 0, 0, "abc")),
        ("code-version-2-all-escapes", "every character that needs an escape", Code(2, 0, 0, "!\"%&'()*+,/:;<=>?").path, Code(2, 0, 0, "!\"%&'()*+,/:;<=>?")),
        ("code-version-2-serial-20", "the longest serial", Code(2, 0, 0, "-._" + "x" * 17).path, Code(2, 0, 0, "-._" + "x" * 17)),
        ("code-512-characters", "the longest text", f"{URL}&x={'a' * (512 - len(URL) - 3)}", ONE),
    ]  # fmt: skip
    return [good(name, does, op, {"text": text}, code.expect()) for name, does, text, code in rows]


def refused_seal_cases() -> list[Case]:
    head = f"https://{HOST}/01/{GTIN}/21/{ONE.serial}"
    last = BASE32.index(ONE.seal[-1])
    rows = [
        ("two-spellings-of-one-seal", "a spare bit of the last character set", ONE.seal[:-1] + BASE32[last + 1], "bad_base32"),
        ("seal-all-spare-bits", "all four spare bits set", ONE.seal[:-1] + BASE32[last + 15], "bad_base32"),
        ("seal-lower-case", "the seal in lower case", ONE.seal.lower(), "bad_base32"),
        ("seal-one-letter-lower-case", "one letter in lower case", ONE.seal[:5] + ONE.seal[5:].replace("Y", "y", 1), "bad_base32"),
        ("seal-padded", "base32 padding", ONE.seal + "====", "bad_base32"),
        ("seal-escaped-padding", "escaped padding", ONE.seal + "%3D", "bad_base32"),
        ("seal-escaped-letter", "an escaped letter", "%41" + ONE.seal[1:], "bad_base32"),
        ("seal-hyphens", "hyphens for reading", ONE.seal[:54] + "-" + ONE.seal[54:], "bad_base32"),
        ("seal-plus-in-front", "a plus sign, which is a space in a form", "+" + ONE.seal, "bad_base32"),
        ("seal-0-for-o", "0 in a seal", "0" + ONE.seal[1:], "bad_base32"),
        ("seal-cut", "the last character lost", ONE.seal[:-1], "bad_base32"),
        ("seal-one-byte-short", "66 bytes", b32(ONE.data[:-1]), "bad_seal"),
        ("seal-one-byte-long", "68 bytes", b32(ONE.data + b"\0"), "bad_seal"),
        ("seal-twice-in-one", "the seal repeated", ONE.seal * 2, "bad_seal"),
        ("seal-empty", "an empty seal", "", "bad_seal"),
        ("seal-version-0", "version 0", b32(b"\0" + ONE.data[1:]), "bad_seal"),
        ("seal-version-3", "a version to come", b32(b"\3" + ONE.data[1:]), "bad_seal"),
        ("seal-version-255", "version 255", b32(b"\xff" + ONE.data[1:]), "bad_seal"),
        ("seal-version-2-with-version-1-length", "version 2 in 67 bytes", b32(b"\2" + ONE.data[1:]), "bad_seal"),
        ("seal-version-1-with-version-2-length", "version 1 in 75 bytes", b32(b"\1" + TWO.data[1:]), "bad_seal"),
    ]  # fmt: skip
    return [
        bad(name, does, "parse_product_code", {"text": f"{head}?S={seal}"}, error) for name, does, seal, error in rows
    ]


def refused_serial_cases() -> list[Case]:
    def with_serial(serial: str, code: Code) -> str:
        return f"https://{HOST}/01/{GTIN}/21/{serial}?S={code.seal}"

    rows = [
        *((f"v1-serial-letter-{c.lower()}", f"{c}, which Crockford's alphabet leaves out", with_serial("0005000" + c + "D", ONE), "bad_serial") for c in "ILOU"),
        ("v1-serial-lower-case", "the serial in lower case", with_serial(ONE.serial.lower(), ONE), "bad_serial"),
        ("v1-serial-8-characters", "a leading zero lost", with_serial(ONE.serial[1:], ONE), "bad_serial"),
        ("v1-serial-10-characters", "a zero in front", with_serial("0" + ONE.serial, ONE), "bad_serial"),
        ("v1-serial-hyphen", "a hyphen for reading", with_serial("0005-0002D", ONE), "bad_serial"),
        ("v1-serial-escaped", "an escaped letter", with_serial("00050002%44", ONE), "bad_percent_encoding"),
        ("v2-serial-lower-case-escape", "%2f for %2F", with_serial("SN%3A2026%2f000-1", TWO), "bad_percent_encoding"),
        ("v2-serial-escaped-letter", "an escaped letter", with_serial("%53N%3A2026%2F000-1", TWO), "bad_percent_encoding"),
        ("v2-serial-escaped-hyphen", "an escaped hyphen", with_serial("SN%3A2026%2F000%2D1", TWO), "bad_percent_encoding"),
        ("v2-serial-raw-colon", "a colon not escaped", with_serial("SN:2026%2F000-1", TWO), "bad_link"),
        ("v2-serial-raw-slash", "a slash not escaped", with_serial("SN%3A2026/000-1", TWO), "bad_link"),
        ("v2-serial-plus", "a raw plus sign", with_serial("A+B", TWO), "bad_link"),
        ("v2-serial-cut-escape", "a cut escape", with_serial("SN%3", TWO), "bad_percent_encoding"),
        ("v2-serial-escape-of-nothing", "an escape with letters that are no hex", with_serial("SN%ZZ", TWO), "bad_percent_encoding"),
        ("v2-serial-nul", "an escaped NUL", with_serial("SN%00", TWO), "bad_serial"),
        ("v2-serial-space", "an escaped space", with_serial("S%20N", TWO), "bad_serial"),
        ("v2-serial-hash", "an escaped #", with_serial("S%23N", TWO), "bad_serial"),
        ("v2-serial-overlong-utf8", "a slash as two bytes", with_serial("S%C0%AFN", TWO), "bad_percent_encoding"),
        ("v2-serial-full-width", "an escaped full-width A", with_serial("%EF%BC%A1", TWO), "bad_percent_encoding"),
        ("v2-serial-21-characters", "a character too many", with_serial("x" * 21, TWO), "bad_serial"),
        ("v2-serial-dot", "a segment that URL libraries remove", with_serial(".", TWO), "bad_serial"),
        ("v2-serial-dot-dot", "a segment that climbs", with_serial("..", TWO), "bad_serial"),
        ("v2-serial-escaped-dots", "the same, escaped", with_serial("%2E%2E", TWO), "bad_percent_encoding"),
        ("serial-empty", "no serial", with_serial("", ONE), "bad_link"),
    ]  # fmt: skip
    return [bad(name, does, "parse_product_code", {"text": text}, error) for name, does, text, error in rows]


def refused_link_cases() -> list[Case]:
    q = f"?S={ONE.seal}"
    rows = [
        ("lot-in-the-path", "a lot beside the serial", f"https://{HOST}/01/{GTIN}/10/L1/21/{ONE.serial}{q}", "bad_link"),
        ("lot-in-the-query", "a lot that no seal covers", f"{URL}&10=L1", "unsealed_identifier"),
        ("gtin-in-the-query", "a second GTIN", f"{URL}&01={OTHER_GTIN}", "unsealed_identifier"),
        ("serial-in-the-query", "a second serial", f"{URL}&21=A", "unsealed_identifier"),
        ("number-as-parameter", "digits that are no identifier", f"{URL}&99999=A", "unsealed_identifier"),
        ("two-seals", "a second seal", f"{URL}&S={OTHER.seal}", "two_seals"),
        ("same-seal-twice", "the same seal again", f"{URL}&S={ONE.seal}", "two_seals"),
        ("second-seal-empty", "an empty second seal", f"{URL}&S=", "two_seals"),
        ("second-seal-without-value", "S without a value", f"{URL}&S", "two_seals"),
        ("small-s", "the seal under a small s", URL.replace("?S=", "?s="), "bad_query"),
        ("small-s-beside", "a small s beside the seal", f"{URL}&s=1", "bad_query"),
        ("escaped-s", "the seal under %53", URL.replace("?S=", "?%53="), "bad_query"),
        ("escaped-s-beside", "%53 beside the seal", f"{URL}&%53={OTHER.seal}", "bad_query"),
        ("escaped-equals", "an escaped = behind S", URL.replace("?S=", "?S%3D"), "bad_query"),
        ("no-seal", "no query", f"https://{HOST}/01/{GTIN}/21/{ONE.serial}", "no_seal"),
        ("empty-query", "an empty query", f"https://{HOST}/01/{GTIN}/21/{ONE.serial}?", "bad_query"),
        ("other-parameter-only", "a query without seal", f"https://{HOST}/01/{GTIN}/21/{ONE.serial}?x=y", "no_seal"),
        ("trailing-ampersand", "an ampersand at the end", f"{URL}&", "bad_query"),
        ("leading-ampersand", "an ampersand in front", URL.replace("?", "?&"), "bad_query"),
        ("second-question-mark", "the seal behind a second question mark", URL.replace("?S", "?x?S"), "no_seal"),
        ("broken-escape-in-query", "a cut escape in another parameter", f"{URL}&x=%4", "bad_query"),
        ("stem", "a path before the code", f"https://{HOST}/p/01/{GTIN}/21/{ONE.serial}{q}", "bad_link"),
        ("two-codes-in-one-path", "a code behind a code", f"https://{HOST}/01/{OTHER_GTIN}/21/A/01/{GTIN}/21/{ONE.serial}{q}", "bad_link"),
        ("path-behind", "a path behind the serial", f"https://{HOST}/01/{GTIN}/21/{ONE.serial}/x{q}", "bad_link"),
        ("trailing-slash", "a slash behind the serial", f"https://{HOST}/01/{GTIN}/21/{ONE.serial}/{q}", "bad_link"),
        ("double-slash", "an empty segment", f"https://{HOST}//01/{GTIN}/21/{ONE.serial}{q}", "bad_link"),
        ("dot-segments", "a path that climbs", f"https://{HOST}/x/../01/{GTIN}/21/{ONE.serial}{q}", "bad_link"),
        ("escaped-key", "an escaped key", f"https://{HOST}/%301/{GTIN}/21/{ONE.serial}{q}", "bad_link"),
        ("alphabetic-keys", "the retired alphabetic keys", f"https://{HOST}/gtin/{GTIN}/ser/{ONE.serial}{q}", "bad_link"),
        ("keys-swapped", "serial before GTIN", f"https://{HOST}/21/{ONE.serial}/01/{GTIN}{q}", "bad_link"),
        ("fragment", "a fragment", f"{URL}#x", "bad_link"),
        ("empty-fragment", "an empty fragment", f"{URL}#", "bad_link"),
        ("fragment-before-query", "the seal in the fragment", URL.replace("?", "#?"), "bad_link"),
        ("userinfo", "the right host as a user name", f"https://{HOST}@evil.example{ONE.path}", "bad_link"),
        ("userinfo-with-password", "a user name and a password", f"https://a:b@{HOST}{ONE.path}", "bad_link"),
        ("no-scheme", "no scheme", f"{HOST}{ONE.path}", "bad_link"),
        ("scheme-relative", "two slashes in front", f"//{HOST}{ONE.path}", "bad_link"),
        ("javascript-scheme", "a script as scheme", f"javascript://{HOST}{ONE.path}", "bad_link"),
        ("no-host", "no host", f"https://{ONE.path}", "bad_link"),
        ("host-with-hyphen-in-front", "no host name", f"https://-a.example{ONE.path}", "bad_link"),
        ("host-with-two-dots", "an empty label", f"https://a..example{ONE.path}", "bad_link"),
        ("host-outside-ascii", "a Chinese host name, not in its xn-- form", f"https://例子.example{ONE.path}", "bad_link"),
        ("host-with-kelvin-sign", "a sign that lower-cases to k", f"https://\u212aelvin.example{ONE.path}", "bad_link"),
        ("host-with-escape", "an escape in the host", f"https://id%2Eexample{ONE.path}", "bad_link"),
        ("ipv6-host", "an IPv6 address", f"https://[::1]{ONE.path}", "bad_link"),
        ("port-0", "port 0", f"https://{HOST}:0{ONE.path}", "bad_link"),
        ("port-65536", "a port that does not exist", f"https://{HOST}:65536{ONE.path}", "bad_link"),
        ("port-leading-zero", "a port with a leading zero", f"https://{HOST}:0443{ONE.path}", "bad_link"),
        ("port-plus-sign", "a port with a sign", f"https://{HOST}:+443{ONE.path}", "bad_link"),
        ("port-arabic-digits", "a port in Arabic digits", f"https://{HOST}:٤٤٣{ONE.path}", "bad_link"),
        ("full-width-gtin", "the GTIN in full-width digits", URL.replace(GTIN, "０６９０１２３４５６７８９２"), "bad_link"),
        ("arabic-gtin", "the GTIN in Arabic digits", URL.replace(GTIN, "٠٦٩٠١٢٣٤٥٦٧٨٩٢"), "bad_link"),
        ("gtin-13", "a GTIN without its filling zero", URL.replace(GTIN, GTIN[1:]), "bad_link"),
        ("gtin-escaped-digit", "an escaped digit", URL.replace(GTIN, "%30" + GTIN[1:]), "bad_link"),
        ("gtin-wrong-check-digit", "a wrong check digit", URL.replace(GTIN, "06901234567893"), "bad_gtin"),
        ("nul-behind", "a NUL behind the code", URL + "\0", "bad_link"),
        ("line-break-behind", "a line break behind the code", URL + "\n", "bad_link"),
        ("space-in-front", "a space in front", " " + URL, "bad_link"),
        ("byte-order-mark", "a byte order mark in front", "\ufeff" + URL, "bad_link"),
        ("backslashes", "backslashes, which browsers turn into slashes", URL.replace("/", "\\"), "bad_link"),
        ("tab-inside", "a tab, which browsers remove", URL.replace("/21/", "/2\t1/"), "bad_link"),
        ("513-characters", "a character too many", f"{URL}&x={'a' * (513 - len(URL) - 3)}", "code_too_long"),
        ("20000-characters", "very long text", "/01/" * 5000, "code_too_long"),
        ("surrogate", "half of a surrogate pair", f"{URL}&x=\ud800", "bad_link"),
        ("empty", "no text", "", "bad_link"),
    ]  # fmt: skip
    return [bad(f"code-{name}", does, "parse_product_code", {"text": text}, error) for name, does, text, error in rows]


def sealed_cases() -> list[Case]:
    def moved(serial: str, gtin: str, data: bytes) -> str:
        return f"https://{HOST}/01/{gtin}/21/{serial}?S={b32(data)}"

    s_plus_l = ONE.data[:35] + (int.from_bytes(ONE.data[35:], "little") + L).to_bytes(32, "little")
    raised = ONE.key.sign_with(bytes.fromhex(SMALL_ORDER["order-1"]), 0, ONE.text)
    other_hint = ONE.data[:1] + bytes.fromhex(OTHER_KEY.key_id[:4]) + ONE.data[3:]
    by_other = Code(1, 5, 77, key=OTHER_KEY)
    rows = [
        ("sealed", "a good code", URL, KEY, True),
        ("sealed-version-2", "a good code of version 2", TWO.path, KEY, True),
        ("sealed-on-another-host", "the host is not covered", f"HTTP://MIRROR.EXAMPLE:81{ONE.path}&a=b", KEY, True),
        ("seal-moved-to-another-serial", "the seal of another item", moved(OTHER.serial, GTIN, ONE.data), KEY, False),
        ("seal-moved-to-another-gtin", "the seal of another product", moved(ONE.serial, OTHER_GTIN, ONE.data), KEY, False),
        ("seal-of-version-2-moved", "the seal of another item, version 2", moved("SN", GTIN, TWO.data), KEY, False),
        ("seal-version-2-escaped-again", "escapes escaped again: well formed, but another serial", moved("SN%253A2026%252F000-1", GTIN, TWO.data), KEY, False),
        ("seal-version-2-other-batch", "another batch in the seal", moved(escaped(TWO.serial), GTIN, TWO.data[:3] + bytes(4) + TWO.data[7:]), KEY, False),
        ("seal-version-2-other-seq", "another seq in the seal", moved(escaped(TWO.serial), GTIN, TWO.data[:7] + bytes(4) + TWO.data[11:]), KEY, False),
        ("seal-raised-to-version-2", "a version 1 signature in a version 2 seal", moved(ONE.serial, GTIN, b"\2" + ONE.data[1:3] + bytes(3) + b"\5" + bytes(3) + b"\x4d" + ONE.signature), KEY, False),
        ("seal-lowered-to-version-1", "a version 2 signature in a version 1 seal", moved(ONE.serial, GTIN, b"\1" + Code(2, 5, 77, ONE.serial).data[1:3] + Code(2, 5, 77, ONE.serial).signature), KEY, False),
        ("seal-s-plus-l", "a second signature from the first: S + L", moved(ONE.serial, GTIN, s_plus_l), KEY, False),
        ("seal-small-order-r", "a signature with R = the neutral point", moved(ONE.serial, GTIN, ONE.data[:3] + raised), KEY, False),
        ("seal-hint-of-another-key", "another key's hint before a good signature", moved(ONE.serial, GTIN, other_hint), KEY, False),
        ("seal-by-another-key", "a good code of another key", by_other.path, KEY, False),
        ("seal-by-another-key-with-this-hint", "another key's signature under this key's hint", moved(ONE.serial, GTIN, ONE.data[:3] + by_other.signature), KEY, False),
        ("seal-zero", "a signature of zeros", moved(ONE.serial, GTIN, ONE.data[:3] + bytes(64)), KEY, False),
    ]  # fmt: skip
    return [
        good(name, does, "is_sealed_by", {"text": text, "public_key": key.raw.hex()}, {"valid": valid})
        for name, does, text, key, valid in rows
    ]


def making_cases() -> list[Case]:
    def text(code: Code, name: str, does: str) -> Case:
        given = {
            "version": code.version,
            "gtin": code.gtin,
            "serial": code.serial,
            "key_id": code.key.key_id,
            "batch": code.batch,
            "seq": code.seq,
        }
        return good(name, does, "signing_text", given, {"text": code.text.decode()})

    twenty = "twenty-chars.example"
    return [
        text(ONE, "signed-text-version-1", "the text that a version 1 seal signs"),
        text(TWO, "signed-text-version-2", "the text that a version 2 seal signs: the serial without escapes"),
        *(good(f"serial-of-{b}-{s}", "batch and seq to serial", "make_serial", {"batch": b, "seq": s}, {"serial": made_serial(b, s)}) for b, s in ((0, 0), (0, 1), (1, 0), (5, 77), (2**20 - 1, 2**25 - 1))),
        good("print-version-1", "the printed text of version 1 and its URL", "to_text", {"text": ONE.path, "host": twenty}, {"url": f"https://{twenty}{ONE.path}", "qr_text": f"HTTPS://{twenty.upper()}{ONE.path}"}),
        good("print-version-2", "version 2: the serial keeps its letter case", "to_text", {"text": Code(2, 1, 1, "ab/c").path, "host": "ID.example.cn"}, {"url": f"https://{HOST}{Code(2, 1, 1, 'ab/c').path}", "qr_text": f"HTTPS://ID.EXAMPLE.CN{Code(2, 1, 1, 'ab/c').path}"}),
        bad("print-host-with-path", "a host that smuggles a path in", "to_text", {"text": ONE.path, "host": "a.example/01"}, "bad_host"),
        bad("print-empty-host", "no host", "to_text", {"text": ONE.path, "host": ""}, "bad_host"),
    ]  # fmt: skip


def code_cases() -> list[Case]:
    refused = [*refused_seal_cases(), *refused_serial_cases(), *refused_link_cases()]
    return [*accepted_code_cases(), *refused, *sealed_cases(), *making_cases()]
