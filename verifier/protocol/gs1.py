# SPDX-License-Identifier: Apache-2.0
"""GS1 numbers: GTIN, serial, lot and company prefix (GS1 General Specifications, 3 and 7.9, 7.11)."""

from __future__ import annotations

import re
from functools import lru_cache

from .errors import Malformed

CSET82 = "!\"%&'()*+,-./0123456789:;<=>?ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz"
CSET39 = "#-/0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"

_DIGITS = re.compile(r"[0-9]+")
_CSET82_20 = re.compile(f"[{re.escape(CSET82)}]{{1,20}}")
_COMPANY_PREFIX = re.compile(r"[0-9]{4,12}")


def gs1_check_digit(text: str) -> str:
    """The check digit over the digits before it (General Specifications 7.9): weights 3, 1, 3 … from the right."""
    if not _DIGITS.fullmatch(text):
        raise Malformed("bad_digits", "Expected ASCII digits.")
    total = sum(int(digit) * (1 if place % 2 else 3) for place, digit in enumerate(reversed(text)))
    return str(-total % 10)


def gtin_check_digit(text: str) -> str:
    """The check digit for the 7, 11, 12 or 13 digits of a GTIN without it; else raises Malformed."""
    if len(text) not in (7, 11, 12, 13):
        raise Malformed("bad_gtin", "A GTIN without its check digit has 7, 11, 12 or 13 digits.")
    return gs1_check_digit(text)


@lru_cache(maxsize=16_384)
def parse_gtin14(text: str) -> str:
    """`text` if it is 14 ASCII digits with a right check digit; else raises Malformed."""
    if len(text) != 14 or not _DIGITS.fullmatch(text):
        raise Malformed("bad_gtin", "A GTIN here has 14 digits; shorter ones are written with leading zeros.")
    if gs1_check_digit(text[:13]) != text[13]:
        raise Malformed("bad_gtin", "The GTIN's check digit is wrong; one of its digits is mistyped.")
    return text


def gtin14_from(text: str) -> str:
    """The 14-digit form of a GTIN-8, -12, -13 or -14; raises Malformed for other lengths or a wrong check digit."""
    if len(text) not in (8, 12, 13, 14):
        raise Malformed("bad_gtin", "A GTIN has 8, 12, 13 or 14 digits.")
    return parse_gtin14(text.rjust(14, "0"))


def parse_serial(text: str) -> str:
    """`text` if it is a serial number, AI 21: 1 to 20 characters of CSET 82; else raises Malformed."""
    if not _CSET82_20.fullmatch(text):
        raise Malformed("bad_serial", "A serial has 1 to 20 characters of GS1 CSET 82.")
    return text


def parse_lot(text: str) -> str:
    """`text` if it is a lot, AI 10: 1 to 20 characters of CSET 82; else raises Malformed."""
    if not _CSET82_20.fullmatch(text):
        raise Malformed("bad_lot", "A lot has 1 to 20 characters of GS1 CSET 82.")
    return text


def parse_company_prefix(text: str) -> str:
    """`text` if it is a GS1 company prefix: 4 to 12 ASCII digits; else raises Malformed."""
    if not _COMPANY_PREFIX.fullmatch(text):
        raise Malformed("bad_company_prefix", "A GS1 company prefix has 4 to 12 digits.")
    return text


def is_gtin_under_prefix(gtin14: str, prefix: str) -> bool:
    """Whether the GTIN belongs to the company prefix. The first digit of a GTIN-14 is the packaging indicator (or a
    filling zero), so the prefix stands from the second digit on."""
    return gtin14.startswith(prefix, 1)


def do_prefixes_overlap(a: str, b: str) -> bool:
    """Whether some GTIN falls under both prefixes: one of them begins with the other."""
    return a.startswith(b) or b.startswith(a)
