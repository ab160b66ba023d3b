# SPDX-License-Identifier: Apache-2.0
"""The badge of a listing: a frame bound to one page by a token that the platform signs, live, and grey when in doubt.

…/<token> is the frame, …/events and …/status keep it live, …/about is the page behind it. docs/badge.md, ADR 0025.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from flask import Blueprint, Response, request

from verifier.lots import LotEntries
from verifier.protocol.errors import DoesNotHold, Malformed, VerifierError
from verifier.web.api.badge_operations import LISTING_BADGE_STATUS
from verifier.web.api.operations import declare
from verifier.web.badge_judge import BadgeJudge, BadgeState, SignedBadge
from verifier.web.embedding import PageFinding
from verifier.web.headers import BADGE_POLICY, framed_by
from verifier.web.pages import render
from verifier.web.present_listing_badge import (
    MAX_ENTRIES,
    badge_update,
    json_ld,
    look_of,
    proof_entries,
    script_json,
    short_name,
    show_clock,
)
from verifier.web.problems import NotHere, Problem, problem_response
from verifier.web.skeleton import current_language, remember_language
from verifier.web.static_files import accepted_coding, encode_static, read_static
from verifier.web.streams import EventStream, StreamGate
from verifier.web.targets import with_language

if TYPE_CHECKING:
    from verifier.web.badge_ports import BadgeChecker, ListingBadges
    from verifier.web.badge_secrets import MinuteCode
    from verifier.web.negotiate import Language
    from verifier.web.settings import WebSettings

COMPONENT = "product-passport-badge.mjs"
COMPONENT_SECONDS = 300
_TOO_MANY = Problem(503, "too_many_streams", "All live connections are taken. Ask /status every few seconds instead.")
_LOOPBACK_HOSTS = ("127.0.0.1", "localhost")


@dataclass(frozen=True, slots=True)
class BadgeServer:
    """What the views share."""

    checker: BadgeChecker
    badges: ListingBadges
    settings: WebSettings
    gate: StreamGate
    judge: BadgeJudge

    def look(self, token: str, finding: PageFinding) -> BadgeState:
        return self.judge.judge(token, finding, allows_loopback=self.is_loopback())

    def look_at(self, badge: SignedBadge, finding: PageFinding, *, needs_time: bool = True) -> BadgeState:
        return self.judge.judge_signed(badge, finding, allows_loopback=self.is_loopback(), needs_time=needs_time)

    def is_loopback(self) -> bool:
        """Whether this server is asked as http on this machine; by its name, which a signature is bound to no less."""
        return not self.settings.is_https and request.host.partition(":")[0] in _LOOPBACK_HOSTS

    def base_url(self) -> str:
        return f"{'https' if self.settings.is_https else request.scheme}://{request.host}"

    def minute_code(self, state: BadgeState) -> MinuteCode | None:
        """Shown where seller and product are, and nowhere else."""
        if state.signed is None or not state.shows_claims:
            return None
        claims = state.signed.claims
        return self.badges.secrets.minute_code(claims.platform, claims.listing, state.at)

    def update(self, token: str, finding: PageFinding, language: Language, base_url: str, is_local: bool) -> str:
        """One event. It is made in a stream's thread, where there is no request to look at."""
        state = self.judge.judge(token, finding, allows_loopback=is_local)
        value = badge_update(state, self.minute_code(state), base_url, language)
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"))

    def seconds_to_next(self) -> float:
        """Until the code of the minute changes. A token's end, too, is looked at no later than that."""
        now = self.badges.clock().timestamp()
        return 60 - now % 60 + 0.05


def make_listing_badge_blueprint(
    checker: BadgeChecker, badges: ListingBadges, settings: WebSettings, gate: StreamGate
) -> Blueprint:
    """GET /badge/listing/<token>, …/events, …/status, …/about, and the component /badge.js."""
    blueprint = Blueprint("listing_badge", __name__)
    server = BadgeServer(checker, badges, settings, gate, BadgeJudge(checker, badges))
    _add_frame(blueprint, server)
    _add_live(blueprint, server)
    _add_about(blueprint, server)
    blueprint.add_url_rule("/badge.js", "component", component)
    return blueprint


def _find_page(server: BadgeServer, token: str) -> tuple[SignedBadge | None, PageFinding]:
    """Which page this frame stands in. Without a good signature nothing is known of any."""
    try:
        badge = server.judge.read(token)
    except VerifierError:
        return None, PageFinding.NO_PAGE
    grant = server.badges.secrets.read_grant(token, request.args.get("grant", ""))
    if grant is not None and request.headers.get("Sec-Fetch-Site") == "same-origin":
        return badge, grant  # the page asks for itself again, as it does without scripts
    is_frame = request.headers.get("Sec-Fetch-Dest", "iframe") in ("iframe", "frame", "embed", "object")
    embedding = server.judge.find_embedding(badge, request.headers.get("Referer", ""), is_frame)
    return badge, embedding.finding


def _add_frame(blueprint: Blueprint, server: BadgeServer) -> None:
    @blueprint.get("/badge/listing/<token>", endpoint="frame")
    def frame(token: str) -> Response:
        language = current_language()
        badge, finding = _find_page(server, token)
        state = server.look(token, finding) if badge is None else server.look_at(badge, finding)
        path = f"/badge/listing/{token}"
        grant = server.badges.secrets.make_grant(token, finding)
        kept = {name: f"{path}/{name}?grant={grant}&lang={language}" for name in ("events", "status")}
        response = render(
            "listing_badge.html",
            language,
            switch_to="",
            state=state,
            look=look_of(state, language),
            code=server.minute_code(state),
            name=short_name(state.product, language),
            clock=show_clock(state.at, language),
            addresses=kept | {"again": f"{path}?grant={grant}&lang={language}"},
            about=with_language(f"{path}/about", language) if badge is not None else "",
            poll_seconds=server.settings.poll_seconds,
            silence_seconds=server.settings.silence_seconds,
        )
        # Without a good signature no origin is known: then anybody may frame a page that says nothing of any product.
        response.headers["Content-Security-Policy"] = BADGE_POLICY if badge is None else framed_by(badge.claims.origin)
        return response


def _add_live(blueprint: Blueprint, server: BadgeServer) -> None:
    @blueprint.get("/badge/listing/<token>/events", endpoint="live")
    def events(token: str) -> Response:
        if request.method == "HEAD":
            return Response(mimetype="text/event-stream")
        grant = server.badges.secrets.read_grant(token, request.args.get("grant", ""))
        language, base, is_local = current_language(), server.base_url(), server.is_loopback()
        finding = grant or PageFinding.NO_PAGE
        if not server.gate.enter():
            return problem_response(_TOO_MANY)
        stream = EventStream(
            server.gate,
            server.checker,
            server.settings,
            lambda: server.update(token, finding, language, base, is_local),
            server.seconds_to_next,
        )
        return Response(stream, mimetype="text/event-stream", headers={"X-Accel-Buffering": "no"})

    @blueprint.get("/badge/listing/<token>/status")
    @declare(LISTING_BADGE_STATUS)
    def status(token: str) -> Response:
        """No CORS: scripts of other sites cannot read it. Platforms' servers can, and our own frame."""
        text = request.args.get("grant")
        finding = PageFinding.NOT_CHECKED
        if text is not None:
            finding = server.badges.secrets.read_grant(token, text) or PageFinding.NO_PAGE
        update = server.update(token, finding, current_language(), server.base_url(), server.is_loopback())
        return Response(update, mimetype="application/json")


def _add_about(blueprint: Blueprint, server: BadgeServer) -> None:
    @blueprint.get("/badge/listing/<token>/about", endpoint="about")
    def about(token: str) -> Response:
        """Raises NotHere for a token without a good signature: a page about nobody's listing would say something."""
        language = current_language()
        try:
            badge = server.judge.read(token)
        except (Malformed, DoesNotHold) as error:
            raise NotHere("unknown_badge", f"There is no such badge here: {error}") from None
        state = server.look_at(badge, PageFinding.NOT_CHECKED, needs_time=False)
        entries = LotEntries(0)
        if state.shows_claims:
            entries = server.checker.find_lot_entries(badge.claims.gtin, badge.claims.lot)
        proofs = proof_entries(state, entries)
        base = server.base_url()
        response = render(
            "listing_badge_about.html",
            language,
            switch_to=with_language(f"/badge/listing/{token}/about", "en" if language == "zh" else "zh"),
            badge=badge,
            binding=badge.binding,
            state=state,
            look=look_of(state, language),
            code=server.minute_code(state),
            clock=show_clock(state.at, language),
            name=short_name(state.product, language),
            entries=entries,
            proofs=proofs[:MAX_ENTRIES],
            has_more=len(proofs) > MAX_ENTRIES,
            json_ld=script_json(json_ld(state, base, language)) if state.shows_claims else "",
            oembed=f"{base}/oembed?format=json&url={base}/badge/listing/{token}/about",
            poll_seconds=server.settings.poll_seconds,
            silence_seconds=server.settings.silence_seconds,
        )
        return remember_language(response, server.settings)


def component() -> Response:
    """GET /badge.js: one address for every shop's script tag, so it is kept for minutes and not for ever."""
    file, coding = read_static()[COMPONENT], accepted_coding()
    response = Response(encode_static(COMPONENT, coding), mimetype=file.media_type)
    if coding:
        response.headers["Content-Encoding"] = coding
    response.headers["Vary"] = "Accept-Encoding"
    response.headers["Cache-Control"] = f"public, max-age={COMPONENT_SECONDS}"
    response.headers["Access-Control-Allow-Origin"] = "*"
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    response.set_etag(f"{file.version}-{coding}" if coding else file.version)
    response.make_conditional(request)
    return response
