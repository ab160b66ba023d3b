# SPDX-License-Identifier: Apache-2.0
"""Style sheet, scripts and icon: kept in memory, compressed once, with addresses that may be kept for ever. RFC 9111.

Scripts import each other by relative paths, which carry no query. So their version is a folder: below
/static/<version>/ they are immutable, and whatever a script imports has the same version as itself.
"""

from __future__ import annotations

import gzip
import hashlib
import re
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from flask import Response, request
from werkzeug.exceptions import NotFound

from verifier.web.assets import find_static

if TYPE_CHECKING:
    from pathlib import Path

    from werkzeug.wrappers import Response as AnyResponse

ENTRY = "check.mjs"
LAZY = frozenset({"verifier/tile.mjs"})  # loaded when a tree must be read, not at every check
FOR_EVER = "public, max-age=31536000, immutable"

_TYPES = {".css": "text/css", ".js": "text/javascript", ".mjs": "text/javascript", ".svg": "image/svg+xml"}
_VERSIONED = re.compile(r"([0-9a-f]{12})/(.+)")


@dataclass(frozen=True, slots=True)
class StaticFile:
    """`compressed` is gzip; the file itself is what stands in the repository, byte for byte."""

    data: bytes
    compressed: bytes
    media_type: str
    version: str


@dataclass(frozen=True, slots=True)
class Scripts:
    """Addresses of the check page's script, and of everything that it imports, to be fetched side by side."""

    entry: str
    preload: tuple[str, ...]


def _read(path: Path) -> StaticFile:
    data = path.read_bytes()
    version = hashlib.sha256(data).hexdigest()[:12]
    return StaticFile(data, gzip.compress(data, 9, mtime=0), _TYPES[path.suffix], version)


@cache
def read_static() -> dict[str, StaticFile]:
    """Every file that is served, by its path below the folder."""
    root = find_static()
    paths = [path for path in sorted(root.rglob("*")) if path.suffix in _TYPES and path.is_file()]
    return {path.relative_to(root).as_posix(): _read(path) for path in paths}


@cache
def asset_address(name: str) -> str:
    """The address of a file that imports nothing. Raises KeyError if there is no such file."""
    return f"/static/{name}?v={read_static()[name].version}"


@cache
def scripts_version() -> str:
    """One version for all modules: it changes when any of them does."""
    lines = [f"{name} {file.version}\n" for name, file in read_static().items() if name.endswith(".mjs")]
    return hashlib.sha256("".join(lines).encode()).hexdigest()[:12]


@cache
def find_scripts() -> Scripts:
    """What the check page names. The vendored Ed25519 is for browsers that lack their own, and asked for by them."""
    root = f"/static/{scripts_version()}/"
    names = [name for name in read_static() if name.startswith(("phone/", "verifier/")) and name not in LAZY]
    return Scripts(root + ENTRY, tuple(root + name for name in names))


def static_file(name: str) -> AnyResponse:
    """GET /static/…; with its version in the address it may be kept for ever, else it is asked for again."""
    match = _VERSIONED.fullmatch(name)
    is_kept = bool(request.args.get("v"))
    if match is not None:
        name, is_kept = match[2], match[1] == scripts_version()  # another version's address must not keep this one
    file = read_static().get(name)
    if file is None:
        raise NotFound
    is_small = request.accept_encodings.quality("gzip") > 0
    response = Response(file.compressed if is_small else file.data, mimetype=file.media_type)
    if is_small:
        response.headers["Content-Encoding"] = "gzip"
    response.headers["Vary"] = "Accept-Encoding"
    response.headers["Cache-Control"] = FOR_EVER if is_kept else "no-cache"
    response.set_etag(file.version, weak=True)
    return response.make_conditional(request)
