# SPDX-License-Identifier: Apache-2.0
"""Who asks for a check page: a person whose visit counts, or something else. Fetch Metadata, RFC 9110 §10.1.5.

Only a page that somebody opens counts. Not counted: other methods than GET, prefetches and previews, pages inside
frames or images, links that another site sends its visitors to, programs. Each of these is a way to count without
anybody looking at a package.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from verifier.web.ports import Visit

if TYPE_CHECKING:
    from flask import Request
    from werkzeug.datastructures import Headers

    from verifier.web.settings import WebSettings

_PROGRAMS = re.compile(
    r"bot\b|bot/|crawl|spider|preview|slurp|scrap|archiver|monitor|headless|facebookexternalhit|whatsapp/|telegram|"
    r"curl/|wget/|python|httpx|aiohttp|urllib|libwww|java/|okhttp|go-http-client|node-fetch|axios|postman|ruby|perl|php",
    re.IGNORECASE,
)


def client_address(request: Request, proxies: int) -> str:
    """The address of the client: the peer's, or behind `proxies` trusted proxies the one that the outermost saw.

    The same count from the right as werkzeug's ProxyFix: whatever stands to the left was written by the client.
    """
    seen = [part.strip() for part in request.headers.get("X-Forwarded-For", "").split(",") if part.strip()]
    if 0 < proxies <= len(seen):
        return seen[-proxies]
    return request.remote_addr or ""


def read_visit(request: Request, settings: WebSettings) -> Visit:
    """What the counting is told of a request. It is looked at in memory and kept nowhere."""
    place = request.headers.get(settings.province_header, "") if settings.province_header else ""
    return Visit(client_address(request, settings.proxies), request.headers.get("User-Agent", ""), place)


def _is_page(headers: Headers) -> bool:
    """Whether a page itself is wanted, not something for a frame or an image.

    Our service worker passes a navigation on (and of a page alone): what is left of it then is its mode. No script can
    ask for that mode by itself.
    """
    wanted = headers.get("Sec-Fetch-Dest", "document")
    return wanted == "document" or (wanted == "empty" and headers.get("Sec-Fetch-Mode") == "navigate")


def is_person(request: Request) -> bool:
    """Whether a person seems to have opened this page, by what the browser says of it."""
    headers = request.headers
    agent = headers.get("User-Agent", "")
    return (
        request.method in ("GET", "POST")
        and "prefetch" not in headers.get("Sec-Purpose", "") + headers.get("Purpose", "") + headers.get("X-Moz", "")
        and _is_page(headers)
        and headers.get("Sec-Fetch-Site", "none") != "cross-site"
        and agent != ""
        and _PROGRAMS.search(agent) is None
    )


def is_from_own_page(request: Request) -> bool:
    """Whether a form was sent by a page of ours (CSRF). The browser says so, and a page of another site cannot."""
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        return site == "same-origin"
    try:  # the host alone: behind a proxy that ends TLS we do not see the scheme that the browser sees
        return urlsplit(request.headers.get("Origin", "")).netloc == request.host
    except ValueError:
        return False
