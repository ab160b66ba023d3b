# SPDX-License-Identifier: Apache-2.0
"""A ledger read over HTTP, for fsck and rebuild: implements passport.ledger.ports.LedgerSource."""

from __future__ import annotations

from verifier.fetch import Fetcher, NotFound
from verifier.protocol.note import MAX_NOTE_SIZE
from verifier.protocol.tile import MAX_ENTRY_SIZE, TILE_WIDTH, EntryBundle, Tile

_MAX_BUNDLE_SIZE = TILE_WIDTH * (2 + MAX_ENTRY_SIZE)


class UrlSource:
    """The ledger below a URL such as https://id.example.cn/ledger. Raises DidNotArrive when the network fails."""

    def __init__(self, url: str, *, allow_http: bool = False) -> None:
        self._url = url.rstrip("/")
        self._fetcher = Fetcher(allow_http=allow_http)

    def read_checkpoint(self) -> bytes | None:
        return self._read("checkpoint", MAX_NOTE_SIZE)

    def read_tile(self, tile: Tile) -> bytes | None:
        return self._read(tile.path, tile.size)

    def read_bundle(self, bundle: EntryBundle) -> bytes | None:
        return self._read(bundle.path, _MAX_BUNDLE_SIZE)

    def list_partials(self) -> tuple[Tile | EntryBundle, ...]:
        """A URL cannot be listed."""
        return ()

    def _read(self, path: str, max_size: int) -> bytes | None:
        try:
            return self._fetcher.fetch(f"{self._url}/{path}", max_size=max_size)
        except NotFound:
            return None
