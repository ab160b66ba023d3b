# SPDX-License-Identifier: Apache-2.0
"""The scan page: a camera in the browser, nothing of which reaches this server. docs/scan.md."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from flask import Blueprint, Response

from verifier.verdict import APPEARANCE
from verifier.web.check import switch_address
from verifier.web.headers import PAGE_POLICY
from verifier.web.pages import render
from verifier.web.phone_words import SCRIPT_WORDS
from verifier.web.reasons import REASONS
from verifier.web.scan_words import SCAN_SCRIPT_WORDS
from verifier.web.skeleton import current_language, remember_language
from verifier.web.static_files import read_static, scripts_version
from verifier.web.words import say

if TYPE_CHECKING:
    from verifier.web.negotiate import Language
    from verifier.web.settings import WebSettings

# The decoder is WebAssembly: this page alone may compile it. It still comes from this server alone.
SCAN_POLICY = PAGE_POLICY.replace("script-src 'self'", "script-src 'self' 'wasm-unsafe-eval'")
_SHARED_WORDS = ("as_of", "instant", "alarm.fork", "alarm.key", "alarm.back")


@dataclass(frozen=True, slots=True)
class ScanPart:
    """What the page holds for its script: words by key, icons, and the modules to be fetched side by side."""

    words: tuple[tuple[str, str], ...]
    icons: tuple[str, ...]
    entry: str
    preload: tuple[str, ...]


@cache
def present_scan(language: Language) -> ScanPart:
    """Nothing in it depends on who asks."""
    words = {key: say(text, language) for key, text in SCAN_SCRIPT_WORDS.items()}
    words |= {key: say(SCRIPT_WORDS[key], language) for key in _SHARED_WORDS}
    words |= {f"reason.{reason}": say(text, language) for reason, text in REASONS.items()}
    root = f"/static/{scripts_version()}/"
    return ScanPart(
        words=tuple(words.items()),
        icons=tuple(sorted({look.icon for look in APPEARANCE.values()} | {"fork"})),
        entry=f"{root}scan.mjs",
        preload=tuple(root + name for name in read_static() if name.startswith("scan/")),
    )


def make_scan_blueprint(settings: WebSettings) -> Blueprint:
    """GET /scan."""
    pages = Blueprint("scan", __name__)

    @pages.get("/scan")
    def scan() -> Response:
        language = current_language()
        response = render("scan.html", language, switch_to=switch_address(language), scan=present_scan(language))
        response.headers["Content-Security-Policy"] = SCAN_POLICY
        response.headers["Permissions-Policy"] = "camera=(self)"
        return remember_language(response, settings)

    return pages
