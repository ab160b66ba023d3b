# SPDX-License-Identifier: Apache-2.0
"""RFC 6962, section 2.1, word for word and slow: what the real tree is compared with."""

from __future__ import annotations

from functools import cache
from hashlib import sha256


class NaiveTree:
    """Leaf number i is the hash of some bytes that name i; subtree hashes are remembered."""

    def __init__(self, size: int, label: bytes = b"") -> None:
        self.leaves = [sha256(b"\x00" + label + i.to_bytes(8, "big")).digest() for i in range(size)]
        self.subtree = cache(self._subtree)

    def _subtree(self, lo: int, hi: int) -> bytes:
        """MTH(D[lo:hi])."""
        if hi == lo:
            return sha256(b"").digest()
        if hi - lo == 1:
            return self.leaves[lo]
        k = _cut(hi - lo)
        return sha256(b"\x01" + self.subtree(lo, lo + k) + self.subtree(lo + k, hi)).digest()

    def root(self, size: int) -> bytes:
        return self.subtree(0, size)

    def path(self, index: int, size: int) -> tuple[bytes, ...]:
        return tuple(self._path(index, 0, size))

    def _path(self, m: int, lo: int, hi: int) -> list[bytes]:
        if hi - lo == 1:
            return []
        k = _cut(hi - lo)
        if m < k:
            return [*self._path(m, lo, lo + k), self.subtree(lo + k, hi)]
        return [*self._path(m - k, lo + k, hi), self.subtree(lo, lo + k)]

    def consistency(self, old: int, new: int) -> tuple[bytes, ...]:
        return tuple(self._subproof(old, 0, new, True)) if 0 < old < new else ()

    def _subproof(self, m: int, lo: int, hi: int, whole: bool) -> list[bytes]:
        if m == hi - lo:
            return [] if whole else [self.subtree(lo, hi)]
        k = _cut(hi - lo)
        if m <= k:
            return [*self._subproof(m, lo, lo + k, whole), self.subtree(lo + k, hi)]
        return [*self._subproof(m - k, lo + k, hi, False), self.subtree(lo, lo + k)]


def _cut(size: int) -> int:
    k = 1
    while 2 * k < size:
        k *= 2
    return k
