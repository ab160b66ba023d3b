# SPDX-License-Identifier: Apache-2.0
"""Cases for the encodings: base64, base32, hex, decimal, Crockford's base32, canonical JSON."""

# ruff: noqa: E501 - one case per line reads best

from __future__ import annotations

from identity_kit import Case, b32, bad, good


def base64_cases() -> list[Case]:
    op = "decode_base64"
    rows = [
        ("base64-url-alphabet", "the URL-safe alphabet for the standard one", "_-8="),
        ("base64-without-padding", "leaves the padding out", "AQI"),
        ("base64-too-much-padding", "adds padding that is not needed", "AQID="),
        ("base64-spare-bits", "a second spelling of the two bytes 01 02", "AQJ="),
        ("base64-line-break", "a line break inside", "AQID\nAQID"),
        ("base64-trailing-line-break", "a line break at the end, which many decoders strip", "AQID\n"),
        ("base64-leading-space", "a space in front", " AQID"),
        ("base64-full-width", "full-width letters", "ＡＱＩＤ"),
        ("base64-padding-inside", "padding before the end", "AQ==AQID"),
    ]
    return [
        good("base64-empty", "no bytes", op, {"text": ""}, {"hex": ""}),
        good("base64-two-bytes", "padding and zero spare bits", op, {"text": "AQI="}, {"hex": "0102"}),
        good(
            "base64-plus-and-slash",
            "the two characters that the URL alphabet changes",
            op,
            {"text": "+/8="},
            {"hex": "fbff"},
        ),
        *(bad(name, does, op, {"text": text}, "bad_base64") for name, does, text in rows),
    ]


def base32_cases() -> list[Case]:
    op = "decode_base32"
    data = bytes(range(67))
    rows = [
        ("base32-lower-case", "lower case", "aebagbaf"),
        ("base32-padding", "padding from RFC 4648", "AE======"),
        ("base32-spare-bits", "a second spelling of the byte 01", "AF"),
        (
            "base32-top-spare-bit",
            "the highest spare bit of a seal's length set",
            b32(data)[:-1] + chr(ord(b32(data)[-1]) + 8),
        ),
        ("base32-impossible-length-1", "one character, which is no whole byte", "A"),
        ("base32-impossible-length-3", "three characters, whose last is spare altogether", "AAA"),
        ("base32-impossible-length-6", "six characters, whose last is spare altogether", "AAAAAA"),
        ("base32-digit-zero", "0 for O", "A0"),
        ("base32-digit-one", "1 for I or L", "1A"),
        ("base32-underscore", "an underscore, which number parsers skip", "A_AA"),
        ("base32-plus-sign", "a plus sign, which number parsers take", "+A"),
        ("base32-space", "a space in front, which number parsers strip", " A"),
        ("base32-line-break", "a line break at the end", "A\n"),
        ("base32-full-width", "full-width letters", "ＡＡ"),
        ("base32-nul", "a NUL", "A\0"),
        ("base32-surrogate", "half of a surrogate pair", "A\ud800"),
    ]
    return [
        good("base32-empty", "no bytes", op, {"text": ""}, {"hex": ""}),
        good("base32-one-byte", "three zero spare bits", op, {"text": "AE"}, {"hex": "01"}),
        good("base32-seal-length", "67 bytes, as in a version 1 seal", op, {"text": b32(data)}, {"hex": data.hex()}),
        good("base32-leading-zeros", "zero bytes in front are kept", op, {"text": "AAAAAAAB"}, {"hex": "0000000001"}),
        good(
            "base32-long", "more than one chunk of an encoder", op, {"text": b32(data * 3)}, {"hex": (data * 3).hex()}
        ),
        *(bad(name, does, op, {"text": text}, "bad_base32") for name, does, text in rows),
    ]


def number_cases() -> list[Case]:
    cases = [
        good("decimal-zero", "zero is one digit", "parse_decimal", {"text": "0"}, {"value": "0"}),
        good(
            "decimal-largest",
            "2^63 - 1",
            "parse_decimal",
            {"text": "9223372036854775807"},
            {"value": "9223372036854775807"},
        ),
        good(
            "decimal-at-limit",
            "the caller's own limit",
            "parse_decimal",
            {"text": "600", "maximum": "600"},
            {"value": "600"},
        ),
        bad(
            "decimal-above-limit",
            "one above the caller's limit",
            "parse_decimal",
            {"text": "601", "maximum": "600"},
            "number_too_large",
        ),
        bad(
            "decimal-2-to-63",
            "one above the largest",
            "parse_decimal",
            {"text": "9223372036854775808"},
            "number_too_large",
        ),
        bad(
            "decimal-5000-digits",
            "so many digits that converting them takes time",
            "parse_decimal",
            {"text": "9" * 5000},
            "number_too_large",
        ),
        good("hex-two-bytes", "lower case", "parse_hex", {"text": "00ff", "size": 2}, {"hex": "00ff"}),
        good(
            "crockford-largest-serial",
            "nine times Z is 2^45 - 1",
            "parse_crockford",
            {"text": "Z" * 9},
            {"value": str(2**45 - 1)},
        ),
        good(
            "crockford-leading-zeros",
            "zeros in front count as width",
            "parse_crockford",
            {"text": "00000000A"},
            {"value": "10"},
        ),
    ]
    decimals = {
        "plus-sign": "+5", "minus-sign": "-3", "underscore": "5_0", "leading-space": " 5", "trailing-space": "5 ",
        "leading-zero": "05", "two-zeros": "00", "empty": "", "arabic-digits": "٥", "full-width-digits": "５",
        "superscript-digit": "²", "hex-prefix": "0x5", "exponent": "5e0", "point": "5.0", "trailing-line-break": "5\n", "nul": "5\0",
    }  # fmt: skip
    cases += [
        bad(f"decimal-{name}", f"writes {text!a} for a number", "parse_decimal", {"text": text}, "bad_decimal")
        for name, text in decimals.items()
    ]
    hexes = {
        "upper-case": "00FF", "too-short": "00f", "too-long": "00ff00", "space": "00 f", "space-between-bytes": "0 0f",
        "prefix": "0xff", "empty": "", "full-width": "００ff", "odd-letter": "00fg",
    }  # fmt: skip
    cases += [
        bad(f"hex-{name}", f"spells two bytes as {text!a}", "parse_hex", {"text": text, "size": 2}, "bad_hex")
        for name, text in hexes.items()
    ]
    crockford = {
        "letter-i": "0000I", "letter-l": "0000L", "letter-o": "0000O", "letter-u": "0000U", "lower-case": "0000a",
        "hyphen": "00-00", "empty": "", "underscore": "0_0", "sign": "+00", "arabic-digit": "000٥", "too-long": "0" * 33,
    }  # fmt: skip
    cases += [
        bad(f"crockford-{name}", f"spells a number as {text[:9]!a}", "parse_crockford", {"text": text}, "bad_crockford")
        for name, text in crockford.items()
    ]
    return cases


def json_cases() -> list[Case]:
    op = "parse_canonical_json"
    accepted = {
        "empty-object": b"{}",
        "sorted-names": b'{"a":1,"b":[true,false,"x"],"c":{}}',
        "upper-case-before-lower": b'{"B":1,"a":2}',
        "prefix-name-first": b'{"a":1,"aa":2,"b":3}',
        "largest-integer": b"9007199254740991",
        "smallest-integer": b"-9007199254740991",
        "short-escapes": rb'"\"\\\b\f\n\r\t"',
        "control-character-escape": rb'"\u0000\u001f"',
        "delete-character-raw": b'"\x7f"',
        "line-separator-raw": '"\u2028"'.encode(),
        "chinese-raw": '"产品"'.encode(),
        "emoji-raw": '"😀"'.encode(),
        "solidus-raw": b'"/"',
        "unnormalised-text": '"e\u0301"'.encode(),
        "depth-16": b"[" * 16 + b"]" * 16,
    }
    refused = [
        ("duplicate-names", "the same name twice, where readers take the first or the last", b'{"a":1,"a":1}', "not_canonical_json"),
        ("duplicate-by-escape", "the same name twice, once escaped", rb'{"a":1,"\u0061":1}', "not_canonical_json"),
        ("float", "a fraction", b"1.5", "not_canonical_json"),
        ("whole-float", "an integer written as a float", b"1.0", "not_canonical_json"),
        ("exponent", "an integer with exponent", b"1e2", "not_canonical_json"),
        ("minus-zero", "minus zero", b"-0", "not_canonical_json"),
        ("leading-zero", "a leading zero", b"01", "bad_json"),
        ("plus-sign", "a plus sign", b"+5", "bad_json"),
        ("underscore-number", "an underscore in a number", b"5_0", "bad_json"),
        ("big-integer", "2^53, which some readers round", b"9007199254740992", "not_canonical_json"),
        ("huge-integer", "5,000 digits", b"9" * 5000, "not_canonical_json"),
        ("nan", "NaN", b"NaN", "not_canonical_json"),
        ("infinity", "minus infinity", b"-Infinity", "not_canonical_json"),
        ("null", "null, which these documents never need", b'{"a":null}', "not_canonical_json"),
        ("space", "a space after the colon", b'{"a": 1}', "not_canonical_json"),
        ("trailing-line-break", "a line break at the end", b"{}\n", "not_canonical_json"),
        ("names-out-of-order", "names not sorted", b'{"b":1,"a":2}', "not_canonical_json"),
        ("non-ascii-name", "a name outside ASCII, where sort orders differ", '{"é":1}'.encode(), "not_canonical_json"),
        ("lone-surrogate-escape", "half of a surrogate pair, escaped", rb'"\ud800"', "not_canonical_json"),
        ("surrogate-pair-escape", "an emoji as two escapes", rb'"\ud83d\ude00"', "not_canonical_json"),
        ("surrogate-in-utf8", "half of a surrogate pair as three bytes", b'"\xed\xa0\x80"', "bad_json"),
        ("overlong-utf8", "a slash in two bytes", b'"\xc0\xaf"', "bad_json"),
        ("truncated-utf8", "a cut character", b'"\xe4\xba"', "bad_json"),
        ("byte-order-mark", "a byte order mark", b"\xef\xbb\xbf{}", "bad_json"),
        ("utf-16", "UTF-16", "{}".encode("utf-16-le"), "bad_json"),
        ("escaped-letter", "an escape that is not needed", rb'"\u0061"', "not_canonical_json"),
        ("escaped-solidus", "an escaped slash", rb'"\/"', "not_canonical_json"),
        ("upper-case-escape", "upper-case hex in an escape", rb'"\u001F"', "not_canonical_json"),
        ("long-form-of-short-escape", "u000a for n", rb'"\u000a"', "not_canonical_json"),
        ("raw-control-character", "a raw line break in a string", b'"\n"', "bad_json"),
        ("two-values", "a second value behind the first", b"{}{}", "bad_json"),
        ("trailing-comma", "a comma at the end", b"[1,]", "bad_json"),
        ("comment", "a comment", b"{}//", "bad_json"),
        ("single-quotes", "single quotes", b"{'a':1}", "bad_json"),
        ("empty", "no bytes", b"", "bad_json"),
        ("nul", "a NUL behind the value", b"{}\0", "bad_json"),
        ("depth-17", "one level too deep", b"[" * 17 + b"]" * 17, "json_too_deep"),
        ("depth-5000", "so deep that recursive readers fall", b"[" * 5000 + b"]" * 5000, "json_too_deep"),
    ]  # fmt: skip
    return [
        *(good(f"json-{name}", "is canonical", op, {"hex": data.hex()}, {}) for name, data in accepted.items()),
        *(bad(f"json-{name}", does, op, {"hex": data.hex()}, error) for name, does, data, error in refused),
        good("json-at-max-size", "as long as the caller allows", op, {"hex": b'"abcd"'.hex(), "max_size": 6}, {}),
        bad(
            "json-above-max-size",
            "a byte longer than the caller allows",
            op,
            {"hex": b'"abcde"'.hex(), "max_size": 6},
            "too_long",
        ),
    ]


def encoding_cases() -> list[Case]:
    return [*base64_cases(), *base32_cases(), *number_cases(), *json_cases()]
