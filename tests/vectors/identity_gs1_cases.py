# SPDX-License-Identifier: Apache-2.0
"""Cases for GS1 numbers, the social credit code and GS1 Digital Links."""

# ruff: noqa: E501 - one case per line reads best

from __future__ import annotations

from identity_kit import GTIN, HOST, OTHER_GTIN, Case, bad, good


def check_digit(text: str) -> str:
    return str(-sum(int(d) * (3 if i % 2 == 0 else 1) for i, d in enumerate(reversed(text))) % 10)


def gs1_cases() -> list[Case]:
    cases = [
        good("gtin14-right", "a GTIN-14 with filling zero", "parse_gtin14", {"text": GTIN}, {"value": GTIN}),
        good("gtin14-all-zeros", "zeros, whose check digit is zero", "parse_gtin14", {"text": "0" * 14}, {"value": "0" * 14}),
        good("gtin14-from-8", "a GTIN-8", "gtin14_from", {"text": "96385074"}, {"value": "00000096385074"}),
        good("gtin14-from-12", "a GTIN-12", "gtin14_from", {"text": "614141999996"}, {"value": "00614141999996"}),
        good("gtin14-from-13", "a GTIN-13", "gtin14_from", {"text": GTIN[1:]}, {"value": GTIN}),
        good("gtin14-from-14", "a GTIN-14", "gtin14_from", {"text": "16901234567899"}, {"value": "16901234567899"}),
        bad("gtin14-from-9", "a length that no GTIN has", "gtin14_from", {"text": "096385074"}, "bad_gtin"),
        bad("gtin14-from-wrong-digit", "a GTIN-13 with a wrong check digit", "gtin14_from", {"text": "6901234567891"}, "bad_gtin"),
        good("serial-all-of-cset82", "punctuation of CSET 82", "parse_serial", {"text": "!\"%&'()*+,-./:;<=>?_"}, {"value": "!\"%&'()*+,-./:;<=>?_"}),
        good("serial-20", "the longest serial", "parse_serial", {"text": "a" * 20}, {"value": "a" * 20}),
        good("prefix-under", "a prefix stands behind the indicator digit", "is_gtin_under_prefix", {"gtin": GTIN, "prefix": "690123"}, {"value": True}),
        good("prefix-under-any-indicator", "the same prefix under indicator 1", "is_gtin_under_prefix", {"gtin": "16901234567899", "prefix": "690123"}, {"value": True}),
        good("prefix-from-first-digit", "matches a prefix from the indicator digit on, which is wrong", "is_gtin_under_prefix", {"gtin": GTIN, "prefix": "0690123"}, {"value": False}),
        good("prefix-neighbour", "a prefix that differs in its last digit", "is_gtin_under_prefix", {"gtin": GTIN, "prefix": "690124"}, {"value": False}),
        good("prefix-in-the-middle", "digits of the prefix further right", "is_gtin_under_prefix", {"gtin": GTIN, "prefix": "9012"}, {"value": False}),
        good("prefixes-same", "a prefix overlaps itself", "do_prefixes_overlap", {"a": "690123", "b": "690123"}, {"value": True}),
        good("prefixes-nested", "a longer prefix inside a shorter one", "do_prefixes_overlap", {"a": "6901234", "b": "690123"}, {"value": True}),
        good("prefixes-apart", "two neighbours", "do_prefixes_overlap", {"a": "690123", "b": "690124"}, {"value": False}),
    ]  # fmt: skip
    gtins = {
        "wrong-check-digit": "06901234567893", "two-digits-swapped": "06901235467892", "13-digits": "6901234567892",
        "15-digits": "006901234567892", "arabic-digits": "٠٦٩٠١٢٣٤٥٦٧٨٩٢", "full-width-digits": "０６９０１２３４５６７８９２",
        "superscript": "0690123456789²", "leading-space": " 6901234567892", "plus-sign": "+6901234567892", "underscore": "0690_234567892",
        "trailing-line-break": GTIN + "\n", "nul": GTIN[:13] + "\0", "letter": "0690123456789A", "empty": "",
    }  # fmt: skip
    cases += [
        bad(f"gtin14-{n}", f"gives {t!a} as a GTIN", "parse_gtin14", {"text": t}, "bad_gtin") for n, t in gtins.items()
    ]
    texts = {
        "empty": "", "21-characters": "a" * 21, "space": "A B", "hash": "A#B", "non-ascii": "Aé", "chinese": "批次", "full-width": "Ａ",
        "nul": "A\0", "trailing-line-break": "A\n", "tilde": "A~B", "backslash": "A\\B", "dollar": "A$B", "at-sign": "A@B",
    }  # fmt: skip
    for op, error in (("parse_serial", "bad_serial"), ("parse_lot", "bad_lot")):
        cases += [bad(f"{op[6:]}-{n}", f"gives {t[:9]!a}", op, {"text": t}, error) for n, t in texts.items()]
    prefixes = {
        "3-digits": "690",
        "13-digits": "6901234567890",
        "letter": "69012A",
        "arabic-digits": "٦٩٠١",
        "empty": "",
        "line-break": "690123\n",
    }
    cases += [
        bad(f"company-prefix-{n}", f"gives {t!a}", "parse_company_prefix", {"text": t}, "bad_company_prefix")
        for n, t in prefixes.items()
    ]
    cases += [
        good(f"company-prefix-{len(t)}", "the allowed lengths", "parse_company_prefix", {"text": t}, {"value": t})
        for t in ("6901", "690123456789")
    ]
    return cases + uscc_cases()


def uscc_cases() -> list[Case]:
    alphabet, weights = "0123456789ABCDEFGHJKLMNPQRTUWXY", [pow(3, i, 31) for i in range(17)]

    def closed(head: str) -> str:
        return head + alphabet[-sum(w * alphabet.index(c) for w, c in zip(weights, head, strict=True)) % 31]

    right = closed("91350100M000100Y4")
    rows = {
        "wrong-check-character": right[:-1] + "4",
        "wrong-organisation-check": closed("91350100M000100Y5"),
        "digits-swapped": "91530100M000100Y43",
        "lower-case": right.lower(),
        "letter-o-for-zero": right.replace("0", "O", 1),
        "letter-i": "9I350100M000100Y43",
        "letter-s": right[:8] + "S" + right[9:],
        "letters-in-region": "9135A100M000100Y43",
        "17-characters": right[:-1],
        "19-characters": right + "0",
        "hyphen": right[:8] + "-" + right[8:],
        "full-width": "９" + right[1:],
        "trailing-line-break": right + "\n",
        "empty": "",
    }
    return [
        good("uscc-right", "both check characters right", "parse_uscc", {"text": right}, {"value": right}),
        good(
            "uscc-digits-and-letter",
            "a check character that is a letter",
            "parse_uscc",
            {"text": "91110000802100433B"},
            {"value": "91110000802100433B"},
        ),
        *(bad(f"uscc-{n}", f"gives {t!a}", "parse_uscc", {"text": t}, "bad_uscc") for n, t in rows.items()),
    ]


def digital_link_cases() -> list[Case]:
    op = "parse_digital_link"

    def link(name: str, does: str, uri: str, stem: str, keys: list[list[str]], attributes: list[list[str]]) -> Case:
        return good(name, does, op, {"uri": uri}, {"stem": stem, "keys": keys, "attributes": attributes})

    k = f"https://{HOST}/01/{GTIN}"
    refused = [
        ("dl-no-key", "no primary key in the path", f"https://{HOST}/a/b", "no_primary_key"),
        ("dl-key-without-value", "a key at the end of the path", f"https://{HOST}/01", "no_primary_key"),
        ("dl-gtin-13", "a GTIN without its filling zero", f"https://{HOST}/01/{GTIN[1:]}", "bad_element"),
        ("dl-wrong-check-digit", "a wrong check digit", f"https://{HOST}/01/06901234567893", "bad_element"),
        ("dl-qualifiers-out-of-order", "serial before lot", f"{k}/21/A/10/B", "bad_qualifiers"),
        ("dl-qualifiers-exclude-each-other", "third-party serial and lot together", f"{k}/10/A/235/B", "bad_qualifiers"),
        ("dl-qualifier-of-another-key", "a GLN extension behind a GTIN", f"{k}/254/A", "bad_qualifiers"),
        ("dl-qualifier-twice", "two serials in the path", f"{k}/21/A/21/B", "bad_qualifiers"),
        ("dl-lot-in-the-query", "a lot in the query, where it belongs in the path", f"{k}?10=A", "bad_attribute"),
        ("dl-key-again-in-the-query", "a second GTIN in the query", f"{k}?01={OTHER_GTIN}", "duplicate_identifier"),
        ("dl-attribute-twice", "the same attribute twice", f"{k}?17=260101&17=260101", "duplicate_identifier"),
        ("dl-unknown-identifier", "digits that are no application identifier", f"{k}?89=A", "unknown_identifier"),
        ("dl-coupon", "a coupon as attribute", f"{k}?8110=A", "bad_attribute"),
        ("dl-month-13", "a date with a thirteenth month", f"{k}?17=261301", "bad_element"),
        ("dl-empty-value", "an empty serial", f"{k}/21/", "bad_link"),
        ("dl-empty-attribute", "an empty attribute", f"{k}?17=", "bad_element"),
        ("dl-double-slash", "an empty segment before the value", f"https://{HOST}/01//{GTIN}", "bad_link"),
        ("dl-trailing-slash", "a slash at the end", f"{k}/", "bad_link"),
        ("dl-lower-case-escape", "%2f for %2F", f"{k}/21/a%2fb", "bad_percent_encoding"),
        ("dl-escaped-letter", "an escaped letter", f"{k}/21/%41", "bad_percent_encoding"),
        ("dl-raw-colon", "a colon that must be escaped", f"{k}/21/a:b", "bad_percent_encoding"),
        ("dl-cut-escape", "a cut escape", f"{k}/21/a%2", "bad_percent_encoding"),
        ("dl-nul", "an escaped NUL", f"{k}/21/a%00", "bad_element"),
        ("dl-escaped-digit-in-gtin", "an escaped digit in the GTIN", f"https://{HOST}/01/%306901234567892", "bad_percent_encoding"),
        ("dl-overlong-slash", "a slash as two escaped bytes", f"{k}/21/%C0%AF", "bad_percent_encoding"),
        ("dl-dot-segment", "a serial that URL libraries remove", f"{k}/21/..", "bad_link"),
        ("dl-dot-segment-in-stem", "a stem that climbs", f"https://{HOST}/a/%2e%2E/01/{GTIN}", "bad_link"),
        ("dl-userinfo", "a user name before the host", f"https://id.example.cn@evil.example/01/{GTIN}", "bad_link"),
        ("dl-no-host", "no host", f"https:///01/{GTIN}", "bad_link"),
        ("dl-port-65536", "a port that does not exist", f"https://{HOST}:65536/01/{GTIN}", "bad_link"),
        ("dl-empty-port", "a colon without port", f"https://{HOST}:/01/{GTIN}", "bad_link"),
        ("dl-ftp", "another scheme", f"ftp://{HOST}/01/{GTIN}", "bad_link"),
        ("dl-mixed-case-scheme", "a scheme in mixed case, which GS1's own engine refuses", f"HtTp://{HOST}/01/{GTIN}", "bad_link"),
        ("dl-space", "a space at the end", f"{k} ", "bad_link"),
        ("dl-line-break", "a line break at the end", f"{k}\n", "bad_link"),
        ("dl-backslash", "a backslash, which browsers turn into a slash", f"https://{HOST}\\01\\{GTIN}", "bad_link"),
        ("dl-arabic-digits", "a GTIN in Arabic digits", f"https://{HOST}/01/٠٦٩٠١٢٣٤٥٦٧٨٩٢", "bad_link"),
        ("dl-empty-parameter", "two ampersands in a row", f"{k}?a=b&&c=d", "bad_query"),
        ("dl-escaped-parameter-name", "a name in disguise: %31%37 is 17", f"{k}?%31%37=260101", "bad_query"),
        ("dl-too-long", "more than 2,048 characters", f"{k}?x={'a' * 2048}", "bad_link"),
    ]  # fmt: skip
    return [
        link("dl-gtin", "a GTIN alone", k, "", [["01", GTIN]], []),
        link("dl-all-qualifiers", "variant, lot and serial in their order", f"{k}/22/A/10/B/21/C", "", [["01", GTIN], ["22", "A"], ["10", "B"], ["21", "C"]], []),
        link("dl-stem", "a stem that looks like a key", f"https://{HOST}/00/x/01/{GTIN}", "/00/x", [["01", GTIN]], []),
        link("dl-escapes", "escapes in path and query", f"{k}/21/a%2Fb?240=%3F", "", [["01", GTIN], ["21", "a/b"]], [["240", "?"]]),
        link("dl-attributes-among-others", "attributes between other parameters", f"{k}?x&17=260101&y=%2f&11=250100", "", [["01", GTIN]], [["17", "260101"], ["11", "250100"]]),
        link("dl-lot-beside-third-party-serial", "a lot in the query, as it cannot follow 235 in the path", f"{k}/235/X?10=A", "", [["01", GTIN], ["235", "X"]], [["10", "A"]]),
        link("dl-serial-that-looks-like-a-key", "a serial 01", f"{k}/21/01", "", [["01", GTIN], ["21", "01"]], []),
        *(bad(name, does, op, {"uri": uri}, error) for name, does, uri, error in refused),
        good("dl-make", "elements in any order", "make_digital_link", {"stem": "https://x.example", "elements": [["21", "a/b"], ["10", "L"], ["99", "Q"], ["17", "260101"], ["01", GTIN]]}, {"uri": f"https://x.example/01/{GTIN}/10/L/21/a%2Fb?17=260101&99=Q"}),
        bad("dl-make-without-key", "attributes alone", "make_digital_link", {"stem": "https://x.example", "elements": [["99", "Q"]]}, "no_primary_key"),
        bad("dl-make-two-serials", "two serials with different values", "make_digital_link", {"stem": "https://x.example", "elements": [["01", GTIN], ["21", "A"], ["21", "B"]]}, "duplicate_identifier"),
        bad("dl-make-query-in-stem", "a stem with a query", "make_digital_link", {"stem": "https://x.example?", "elements": [["01", GTIN]]}, "bad_link"),
    ]  # fmt: skip
