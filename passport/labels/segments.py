# SPDX-License-Identifier: Apache-2.0
"""How a text is cut into QR segments, and which version holds them: ISO/IEC 18004:2015, 7.3 and 7.4, level M."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

ALPHANUMERIC = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"
LEVEL = "M"

# Data codewords of versions 1 to 11 at level M (table 7). A row of version 11 has 61 modules, so it fits one 64-bit
# word, which is what makes the encoder fast; a label with more modules than that is hardly readable in print.
DATA_CODEWORDS = (16, 28, 44, 64, 86, 108, 124, 154, 182, 216, 254)
MAX_VERSION = len(DATA_CODEWORDS)

_ALPHANUMERIC_ONLY = re.compile(r"[0-9A-Z $%*+\-./:]+").fullmatch
_SEAL_PARAMETER = "?S="
_SERIAL_KEY = "/21/"


class Mode(Enum):
    """Segment modes in use, with the four-bit mode indicator of table 2."""

    ALPHANUMERIC = 0b0010
    BYTE = 0b0100


@dataclass(frozen=True, slots=True)
class Segment:
    """A run of `length` characters (ASCII: also bytes) in one mode."""

    mode: Mode
    length: int

    def count_bits(self, version: int) -> int:
        """Width of the character count indicator (table 3)."""
        if self.mode is Mode.ALPHANUMERIC:
            return 9 if version <= 9 else 11
        return 8 if version <= 9 else 16

    def bits(self, version: int) -> int:
        """Length of the whole segment in bits, with its header."""
        is_byte = self.mode is Mode.BYTE
        body = 8 * self.length if is_byte else self.length // 2 * 11 + self.length % 2 * 6
        return 4 + self.count_bits(version) + body


@dataclass(frozen=True, slots=True)
class SymbolLayout:
    """Version and segments of a symbol: what all codes of one `build_matrices` call share."""

    version: int
    segments: tuple[Segment, ...]

    @property
    def size(self) -> int:
        """Modules along one side, without the quiet zone."""
        return 17 + 4 * self.version

    @property
    def length(self) -> int:
        """Characters of the text."""
        return sum(segment.length for segment in self.segments)

    def __str__(self) -> str:
        parts = " + ".join(f"{segment.mode.name.lower()}({segment.length})" for segment in self.segments)
        return f"{self.version}-{LEVEL}: {parts}"


def fit_layout(segments: Iterable[Segment], *, version: int | None = None) -> SymbolLayout:
    """The smallest version that holds the segments, or `version` if given.

    Raises ValueError if the segments do not fit, or one is empty.
    """
    segments = tuple(segments)
    if not segments or any(segment.length < 1 for segment in segments):
        raise ValueError("a symbol needs at least one segment, and no empty one")
    if version is not None and not 1 <= version <= MAX_VERSION:
        raise ValueError(f"version must be 1 to {MAX_VERSION}, not {version}")
    for candidate in range(1, MAX_VERSION + 1) if version is None else (version,):
        if _fits(segments, candidate):
            return SymbolLayout(candidate, segments)
    raise ValueError(f"too long for a QR symbol of version {version or MAX_VERSION} at level {LEVEL}")


def _fits(segments: tuple[Segment, ...], version: int) -> bool:
    if any(segment.length >= 1 << segment.count_bits(version) for segment in segments):
        return False
    return sum(segment.bits(version) for segment in segments) <= 8 * DATA_CODEWORDS[version - 1]


def plan_layout(text: str) -> SymbolLayout:
    """The layout of one text; it depends on the text alone, so a code always gives the same symbol.

    A product code is cut at its seal: what stands before `?S=` is alphanumeric to its end (version 1) or up to the
    serial; the serial, if not in there, and `?S=` are bytes; the seal is alphanumeric. Any other text is one segment.
    Raises ValueError for an empty or non-ASCII text, and for one that does not fit.
    """
    if not text.isascii():
        raise ValueError(f"only ASCII texts can be encoded: {text[:60]!r}")
    try:
        return _fit_cut(*_cut(text))
    except ValueError as error:
        raise ValueError(f"{error}: {text[:60]!r} ({len(text)} characters)") from None


def _cut(text: str) -> tuple[int, int, int]:
    """Lengths of the alphanumeric, the byte and the second alphanumeric segment; 0 where there is none."""
    head, parameter, seal = text.rpartition(_SEAL_PARAMETER)
    if not (parameter and head and _ALPHANUMERIC_ONLY(seal)):
        return (len(text), 0, 0) if _ALPHANUMERIC_ONLY(text) else (0, len(text), 0)
    if _ALPHANUMERIC_ONLY(head):
        return len(head), len(parameter), len(seal)
    cut = head.rfind(_SERIAL_KEY) + len(_SERIAL_KEY)
    if cut < len(_SERIAL_KEY) or not _ALPHANUMERIC_ONLY(head[:cut]):
        cut = 0
    return cut, len(head) - cut + len(parameter), len(seal)


@lru_cache(maxsize=1024)
def _fit_cut(first: int, middle: int, last: int) -> SymbolLayout:
    modes = zip((Mode.ALPHANUMERIC, Mode.BYTE, Mode.ALPHANUMERIC), (first, middle, last), strict=True)
    return fit_layout(Segment(mode, length) for mode, length in modes if length)


def group_by_layout(texts: Iterable[str]) -> dict[SymbolLayout, list[int]]:
    """Positions of the texts by layout, in order of first appearance: one `build_matrices` call for each.

    Raises ValueError as `plan_layout` does.
    """
    groups: dict[SymbolLayout, list[int]] = {}
    for position, text in enumerate(texts):
        groups.setdefault(plan_layout(text), []).append(position)
    return groups
