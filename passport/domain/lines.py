# SPDX-License-Identifier: Apache-2.0
"""Typed text in one spelling: a line, or a few lines, of visible characters. Unicode Standard Annex 15 (NFC)."""

from __future__ import annotations

import unicodedata

from verifier.protocol.errors import Malformed

MAX_LINE = 80
MAX_NOTE = 2000
INVISIBLE = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
_NOT_IN_NOTES = INVISIBLE - {"Zl", "Zp"}


def parse_line(text: str, code: str, *, maximum: int = MAX_LINE) -> str:
    """One line of visible characters, at least one. Raises Malformed(code)."""
    line = " ".join(unicodedata.normalize("NFC", text[: 4 * maximum]).split())
    if not 1 <= len(line) <= maximum or any(unicodedata.category(c) in INVISIBLE for c in line):
        raise Malformed(code, f"Give 1 to {maximum} visible characters on one line.")
    return line


def parse_note(text: str) -> str:
    """Why somebody decided so: up to 2,000 characters, lines kept. Raises Malformed("bad_note")."""
    lines = unicodedata.normalize("NFC", text[: 2 * MAX_NOTE]).replace("\r\n", "\n").strip()
    if not 1 <= len(lines) <= MAX_NOTE or any(unicodedata.category(c) in _NOT_IN_NOTES for c in lines if c != "\n"):
        raise Malformed("bad_note", f"Say why in 1 to {MAX_NOTE:,} visible characters.")
    return lines
