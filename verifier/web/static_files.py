# SPDX-License-Identifier: Apache-2.0
"""Style sheet, scripts and icon: in memory, compressed once, with addresses that may be kept for ever. RFC 9111, 7932.

Scripts import each other by relative paths, which carry no query. So their version is a folder: below
/static/<version>/ they are immutable, and whatever a script imports has the same version as itself.
"""

from __future__ import annotations

import base64
import gzip
import hashlib
import posixpath
import re
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Literal

import brotli
from flask import Response, request
from werkzeug.exceptions import NotFound

from verifier.web.assets import find_static

if TYPE_CHECKING:
    from pathlib import Path

    from werkzeug.wrappers import Response as AnyResponse

ENTRY = "check.mjs"
INSTALL = "install.mjs"
TAKE_ALONG = "phone/take_along.mjs"
BADGE = "badge.mjs"
LISTING_BADGE = "listing_badge.mjs"
BADGE_STREAM = "badge_stream.mjs"
STYLE = "passport.css"
# The check page's own check, and what these import by `import … from`, is fetched side by side with the page. What a
# module asks for later, by `import("…")`, is not: `tile.mjs`, for one, only where a tree must be read.
ROOTS = (ENTRY, "phone/examine.mjs", "phone/show.mjs")
BEST_QUALITY_UP_TO = 256 * 1024  # bytes; a megabyte takes brotli's best level seconds, the next best a tenth of one
FOR_EVER = "public, max-age=31536000, immutable"

_TYPES = {
    ".css": "text/css",
    ".html": "text/html",  # the evidence sheet's template
    ".js": "text/javascript",
    ".mjs": "text/javascript",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".wasm": "application/wasm",
}
_SCRIPTS = (".mjs", ".js", ".wasm", ".html")  # what stands in the folder of their version
_VERSIONED = re.compile(r"([0-9a-f]{12})/(.+)")
_IMPORTED = re.compile(r"""^(?:import|export|\})[^'"(;]*?\bfrom\s*["'](\.{1,2}/[^"']+)["']""", re.MULTILINE)

Coding = Literal["br", "gzip", ""]


@dataclass(frozen=True, slots=True)
class StaticFile:
    """What stands in the repository, byte for byte. `version` is the beginning of its SHA-256."""

    data: bytes
    media_type: str
    version: str


@dataclass(frozen=True, slots=True)
class Scripts:
    """Addresses of the check page's script, and of everything that it imports, to be fetched side by side."""

    entry: str
    preload: tuple[str, ...]
    install: str  # of pages that check nothing: puts the service worker in place
    take_along: str  # of the scan page's panel
    badge: str  # of a product's or lot's badge
    listing_badge: str
    badge_stream: str  # what both badges import


def _read(path: Path) -> StaticFile:
    data = path.read_bytes()
    version = hashlib.sha256(data).hexdigest()[:12]
    return StaticFile(data, _TYPES[path.suffix], version)


@cache
def read_static() -> dict[str, StaticFile]:
    """Every file that is served, by its path below the folder."""
    root = find_static()
    paths = [path for path in sorted(root.rglob("*")) if path.suffix in _TYPES and path.is_file()]
    return {path.relative_to(root).as_posix(): _read(path) for path in paths}


@cache
def encode_static(name: str, coding: Coding) -> bytes:
    """The file's bytes in a content coding, made when they are first asked for and then kept."""
    data = read_static()[name].data
    if coding == "br":
        return bytes(brotli.compress(data, quality=11 if len(data) <= BEST_QUALITY_UP_TO else 9))
    return gzip.compress(data, 9, mtime=0) if coding == "gzip" else data


def accepted_coding() -> Coding:
    """The smallest coding that this request's client takes. RFC 9110 §12.5.3."""
    brotli_quality, gzip_quality = (request.accept_encodings.quality(name) for name in ("br", "gzip"))
    if brotli_quality > 0 and brotli_quality >= gzip_quality:
        return "br"
    return "gzip" if gzip_quality > 0 else ""


@cache
def asset_address(name: str) -> str:
    """The address of a file that imports nothing. Raises KeyError if there is no such file."""
    return f"/static/{name}?v={read_static()[name].version}"


@cache
def style_text() -> str:
    """The style sheet as it stands in a page: a request less before anything can be painted (ADR 0015)."""
    return read_static()[STYLE].data.decode()


@cache
def style_hash() -> str:
    """What the Content-Security-Policy names it by. CSP Level 3 §2.3.1."""
    return f"sha256-{base64.b64encode(hashlib.sha256(style_text().encode()).digest()).decode()}"


@cache
def scripts_version() -> str:
    """One version for all modules: it changes when any of them does."""
    lines = [f"{name} {file.version}\n" for name, file in read_static().items() if name.endswith(_SCRIPTS)]
    return hashlib.sha256("".join(lines).encode()).hexdigest()[:12]


@cache
def find_path() -> tuple[str, ...]:
    """The modules of one check, in the order in which they are found: ROOTS and all that they import."""
    found: dict[str, None] = {}
    waiting = list(ROOTS)
    while waiting:
        name = waiting.pop(0)
        if name not in found:
            found[name] = None
            for relative in _IMPORTED.findall(read_static()[name].data.decode()):
                waiting.append(posixpath.normpath(posixpath.join(posixpath.dirname(name), relative)))
    return tuple(found)


@cache
def find_scripts() -> Scripts:
    """What the check page names. The vendored Ed25519 is for browsers that lack their own, and asked for by them."""
    root = f"/static/{scripts_version()}/"
    preload = tuple(root + name for name in find_path() if name != ENTRY)
    return Scripts(
        entry=root + ENTRY,
        preload=preload,
        install=root + INSTALL,
        take_along=root + TAKE_ALONG,
        badge=root + BADGE,
        listing_badge=root + LISTING_BADGE,
        badge_stream=root + BADGE_STREAM,
    )


def static_file(name: str) -> AnyResponse:
    """GET /static/…; with its version in the address it may be kept for ever, else it is asked for again."""
    match = _VERSIONED.fullmatch(name)
    if match is not None:
        name = match[2]
    file = read_static().get(name)
    if file is None:
        raise NotFound
    # Another version's address must not keep this one: two servers are there at a time while a new one is put in place.
    is_kept = request.args.get("v") == file.version if match is None else match[1] == scripts_version()
    coding = accepted_coding()
    response = Response(encode_static(name, coding), mimetype=file.media_type)
    if coding:
        response.headers["Content-Encoding"] = coding
    response.headers["Vary"] = "Accept-Encoding"
    response.headers["Cache-Control"] = FOR_EVER if is_kept else "no-cache"
    response.set_etag(f"{file.version}-{coding}" if coding else file.version)  # one representation, one tag
    return response.make_conditional(request)
