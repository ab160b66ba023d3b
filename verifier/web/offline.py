# SPDX-License-Identifier: Apache-2.0
"""What lets a phone open these pages without a network: service worker, manifest, shell. W3C Service Workers, Manifest.

docs/offline.md tells what is kept and what that may say.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING

from flask import Blueprint, Response, request

from verifier.web.offline_words import SHELL_WORDS
from verifier.web.pages import make_environment, render
from verifier.web.present_phone import PhonePart, present_phone
from verifier.web.skeleton import current_language
from verifier.web.static_files import asset_address, read_static, scripts_version
from verifier.web.words import WORDS, say

if TYPE_CHECKING:
    from werkzeug.wrappers import Response as AnyResponse

    from verifier.web.negotiate import Language

SHELL = "/check/offline"
WORKER = "service_worker.js"
THEME = "#17694a"  # the icon's ground
GROUND = "#ffffff"
ICON_SIZES = (192, 512)
# A badge must not live without its server.
_NEVER_KEPT = (
    "badge.mjs",
    "badge_stream.mjs",
    "listing_badge.mjs",
    "listing_about.mjs",
    "product-passport-badge.mjs",
    WORKER,
)
_SCAN_ONLY = ("scan", "vendor/")  # the decoder is a megabyte: brought by a visit of the scan page
_ED25519 = "vendor/noble-ed25519.mjs"


def make_offline_blueprint() -> Blueprint:
    """GET /service-worker.js, /manifest.webmanifest, /check/offline."""
    pages = Blueprint("offline", __name__)

    @pages.get("/service-worker.js")
    def service_worker() -> AnyResponse:
        """Asked for again at every visit; another deployment is another script, and browsers replace the old one."""
        headers = {"Service-Worker-Allowed": "/", "Cache-Control": "no-cache"}
        response = Response(service_worker_text(), mimetype="text/javascript", headers=headers)
        response.add_etag()
        return response.make_conditional(request)

    @pages.get("/manifest.webmanifest")
    def manifest() -> Response:
        language = current_language()
        body = json.dumps(make_manifest(language), ensure_ascii=False)
        headers = {"Cache-Control": "no-cache", "Vary": "Accept-Language, Cookie", "Content-Language": language}
        return Response(body, mimetype="application/manifest+json", headers=headers)

    @pages.get(SHELL)
    def shell() -> AnyResponse:
        language = current_language()
        response = render("offline.html", language, switch_to="", phone=present_shell(language))
        response.headers["Cache-Control"] = "no-cache"
        response.add_etag()
        return response.make_conditional(request)

    return pages


@cache
def present_shell(language: Language) -> PhonePart:
    """The phone's block of the shell. What it may say there does not speak of the server's word."""
    words = dict(present_phone(language).words) | {key: say(text, language) for key, text in SHELL_WORDS.items()}
    return replace(present_phone(language), words=tuple(words.items()))


@cache
def service_worker_text() -> str:
    """The script with what it has to keep: addresses of this deployment, and a version that changes with any of it."""
    root = f"/static/{scripts_version()}/"
    scripts = [
        name for name in read_static() if name.endswith((".mjs", ".js", ".wasm", ".html")) and name not in _NEVER_KEPT
    ]
    scan = [name for name in scripts if name.startswith(_SCAN_ONLY) and name != _ED25519]
    check = [name for name in scripts if name not in scan]
    styles = [asset_address(name) for name in read_static() if name.startswith("scan") and name.endswith(".css")]
    kept = {
        "check": [root + name for name in check] + [asset_address("icon.svg")],
        "page": SHELL,
        "scan": [root + name for name in scan] + styles,
        "scripts": scripts_version(),
    }
    texts = [_shell_text("zh"), _shell_text("en")]
    version = hashlib.sha256("\n".join([json.dumps(kept), *texts]).encode()).hexdigest()[:12]
    return f"const SHELL = {json.dumps({'version': version} | kept)};\n{read_static()[WORKER].data.decode()}"


def _shell_text(language: Language) -> str:
    template = make_environment(language).get_template("offline.html")
    return template.render(switch_to="", phone=present_shell(language))


@cache
def make_manifest(language: Language) -> dict[str, object]:
    """The installable app: it opens on the scan page. Web App Manifest (W3C)."""
    icons = [
        {
            "src": asset_address(f"icons/{kind}-{size}.png"),
            "sizes": f"{size}x{size}",
            "type": "image/png",
            "purpose": purpose,
        }
        for kind, purpose in (("icon", "any"), ("maskable", "maskable"))
        for size in ICON_SIZES
    ]
    name = say(WORDS["site_name"], language)
    return {
        "id": "/scan",
        "name": name,
        "short_name": name,
        "lang": "zh-CN" if language == "zh" else "en",
        "start_url": "/scan",
        "scope": "/",
        "display": "standalone",
        "theme_color": THEME,
        "background_color": GROUND,
        "icons": icons,
    }
