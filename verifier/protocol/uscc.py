# SPDX-License-Identifier: Apache-2.0
"""The Chinese unified social credit code, 统一社会信用代码 (GB 32100-2015; organisation code GB 11714-1997)."""

from __future__ import annotations

import re

from .errors import Malformed

_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"  # no I, O, S, V, Z
_WEIGHTS = (1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28)  # powers of 3 modulo 31
_ORGANISATION_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_ORGANISATION_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)
# Registering authority, category, six digits of the region, nine of the organisation code, check character.
_SHAPE = re.compile(f"[{_ALPHABET}]{{2}}[0-9]{{6}}[{_ALPHABET}]{{10}}")


def uscc_check_character(text: str) -> str:
    """The eighteenth character for the first seventeen, which are in the code's alphabet."""
    total = sum(weight * _ALPHABET.index(character) for weight, character in zip(_WEIGHTS, text, strict=True))
    return _ALPHABET[-total % 31]


def organisation_check_character(text: str) -> str:
    """The ninth character of an organisation code for the first eight; ten is written X."""
    total = sum(
        weight * _ORGANISATION_ALPHABET.index(character)
        for weight, character in zip(_ORGANISATION_WEIGHTS, text, strict=True)
    )
    return "0123456789X"[-total % 11]


def parse_uscc(text: str) -> str:
    """`text` if it is a unified social credit code in upper case with both check characters right; else Malformed."""
    if not _SHAPE.fullmatch(text):
        raise Malformed("bad_uscc", "A unified social credit code has 18 characters: 0-9, A-Z without I, O, S, V, Z.")
    if uscc_check_character(text[:17]) != text[17]:
        raise Malformed("bad_uscc", "The check character of the unified social credit code is wrong.")
    if organisation_check_character(text[8:16]) != text[16]:
        raise Malformed("bad_uscc", "The check character of the organisation code inside is wrong.")
    return text
