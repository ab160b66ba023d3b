# SPDX-License-Identifier: Apache-2.0
"""The badge for a listing: an iframe page for a GTIN and a lot, with live status. DESIGN §7."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from flask import Blueprint, Response, request

from verifier.verdict import Status
from verifier.web.api.operations import declare
from verifier.web.api.verify_operations import BADGE_STATUS
from verifier.web.headers import BADGE_POLICY, allow_any_origin
from verifier.web.pages import render
from verifier.web.present_badge import badge_json, present_badge
from verifier.web.problems import Problem, problem_response
from verifier.web.skeleton import current_language
from verifier.web.streams import EventStream, StreamGate
from verifier.web.targets import BadgeTarget, parse_badge_target, raw_target, with_language

if TYPE_CHECKING:
    from verifier.web.negotiate import Language
    from verifier.web.ports import Checker
    from verifier.web.settings import WebSettings

_TOO_MANY = Problem(503, "too_many_streams", "All live connections are taken. Ask /status every few seconds instead.")


def make_badge_blueprint(checker: Checker, settings: WebSettings, gate: StreamGate) -> Blueprint:
    """GET /badge/01/<gtin>/10/<lot>, …/events, …/status. A lot may end in "/events", so the raw path decides."""
    badge = Blueprint("badge", __name__)
    badge.after_request(allow_any_origin)

    def answer(gtin: str, lot: str) -> Response:
        target = parse_badge_target(raw_target(request.environ))
        language = current_language()
        match target.view:
            case "events":
                return events(target, language)
            case "status":
                return Response(update(target, language), mimetype="application/json")
            case _:
                return page(target, language)

    def update(target: BadgeTarget, language: Language) -> str:
        value = badge_json(checker.check_lot(target.gtin, target.lot), language)
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"))

    def events(target: BadgeTarget, language: Language) -> Response:
        if request.method == "HEAD":
            return Response(mimetype="text/event-stream")
        if not gate.enter():
            return problem_response(_TOO_MANY)
        stream = EventStream(gate, checker, settings, lambda: update(target, language))
        return Response(stream, mimetype="text/event-stream", headers={"X-Accel-Buffering": "no"})

    def page(target: BadgeTarget, language: Language) -> Response:
        verdict = checker.check_lot(target.gtin, target.lot)
        product = None if verdict.status is Status.MALFORMED else checker.find_product(target.gtin)
        context = {
            "view": present_badge(verdict, language),
            "verdict": verdict,
            "product": product,
            "poll_seconds": settings.poll_seconds,
            "silence_seconds": settings.silence_seconds,
        }
        addresses = {name: with_language(f"{target.path}/{name}", language) for name in ("events", "status")}
        response = render("badge.html", language, switch_to="", addresses=addresses, **context)
        response.headers["Content-Security-Policy"] = BADGE_POLICY
        response.status_code = 400 if verdict.status is Status.MALFORMED else 200
        return response

    address = "/badge/01/<gtin>/10/<tail:lot>"
    for suffix in ("", "/events"):
        badge.add_url_rule(address + suffix, f"answer{suffix[1:]}", answer)

    @badge.get(address + "/status")
    @declare(BADGE_STATUS)
    def status(gtin: str, lot: str) -> Response:
        return answer(gtin, lot)

    return badge
