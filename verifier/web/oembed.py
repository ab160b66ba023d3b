# SPDX-License-Identifier: Apache-2.0
"""GET /oembed: how a site embeds a badge when it has the address of the page behind it. oEmbed 1.0, JSON and XML."""

from __future__ import annotations

import json
from collections.abc import Mapping
from html import escape
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from flask import Blueprint, Response, request

from verifier.protocol.encoding import parse_decimal
from verifier.protocol.errors import DidNotArrive, DoesNotHold, Malformed
from verifier.web.api.badge_operations import OEMBED
from verifier.web.api.operations import declare
from verifier.web.badge_judge import BadgeJudge
from verifier.web.headers import allow_any_origin
from verifier.web.problems import NotHere
from verifier.web.skeleton import current_language
from verifier.web.words import WORDS, say

if TYPE_CHECKING:
    from verifier.web.badge_ports import BadgeChecker, ListingBadges
    from verifier.web.settings import WebSettings

WIDTH, HEIGHT = 416, 232
_SMALLEST = 120
_PREFIX = "/badge/listing/"


def make_oembed_blueprint(checker: BadgeChecker, badges: ListingBadges, settings: WebSettings) -> Blueprint:
    """Anybody may ask, and anybody's script may read it: it holds what the asker had already."""
    blueprint = Blueprint("oembed", __name__)
    blueprint.after_request(allow_any_origin)
    judge = BadgeJudge(checker, badges)

    @blueprint.get("/oembed")
    @declare(OEMBED)
    def oembed() -> Response:
        form = request.args.get("format", "json")
        if form not in ("json", "xml"):
            raise Malformed("bad_format", "format is json or xml.")
        width = min(WIDTH, _size("maxwidth", WIDTH))
        height = min(HEIGHT, _size("maxheight", HEIGHT))
        token = _token_of(request.args.get("url", ""))
        try:
            claims = judge.read(token).claims
        except (Malformed, DoesNotHold, DidNotArrive) as error:
            raise NotHere("unknown_badge", f"There is no such badge here: {error}") from None
        language = current_language()
        base = f"{'https' if settings.is_https else request.scheme}://{request.host}"
        left = int((claims.expires_at - badges.clock()).total_seconds())
        title = say(WORDS["badge_region"], language)
        frame = (
            f'<iframe src="{escape(base + _PREFIX + token)}" width="{width}" height="{height}" title="{escape(title)}" '
            'referrerpolicy="no-referrer-when-downgrade" style="border:0"></iframe>'
        )
        value = {
            "version": "1.0",
            "type": "rich",
            "title": title,
            "provider_name": say(WORDS["site_name"], language),
            "provider_url": f"{base}/",
            "cache_age": max(0, left),
            "html": frame,
            "width": width,
            "height": height,
        }
        if form == "xml":
            return Response(_to_xml(value), mimetype="text/xml")
        return Response(json.dumps(value, ensure_ascii=False), mimetype="application/json")

    return blueprint


def _to_xml(value: Mapping[str, object]) -> str:
    """The XML form of oEmbed 1.0: one element for each member, in text that is escaped."""
    members = "".join(f"<{name}>{escape(str(member), quote=False)}</{name}>" for name, member in value.items())
    return f'<?xml version="1.0" encoding="utf-8" standalone="yes"?>\n<oembed>{members}</oembed>\n'


def _size(name: str, default: int) -> int:
    text = request.args.get(name)
    try:
        value = default if text is None else parse_decimal(text, maximum=100_000)
    except Malformed:
        value = 0
    if value < _SMALLEST:
        raise Malformed("bad_size", f"{name} is a number of pixels, {_SMALLEST} or more.")
    return value


def _token_of(url: str) -> str:
    """The token in the address of a badge here, or of the page behind it. Raises NotHere("unknown_badge")."""
    try:
        parts = urlsplit(url)
        is_ours = parts.scheme in ("http", "https") and parts.netloc == request.host
    except ValueError:
        is_ours = False
    if not is_ours or not parts.path.startswith(_PREFIX):
        raise NotHere("unknown_badge", "The address is not that of a badge here.")
    return parts.path.removeprefix(_PREFIX).removesuffix("/about")
