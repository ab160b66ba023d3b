# SPDX-License-Identifier: Apache-2.0
"""The code's own address and the check page behind it. GS1 Digital Link; DESIGN §7."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from flask import Blueprint, Response, redirect, request
from werkzeug.urls import iri_to_uri

from verifier.protocol.errors import Malformed
from verifier.protocol.product_code import parse_product_code
from verifier.verdict import Status, Verdict
from verifier.web.counts import CheckDesk
from verifier.web.negotiate import prefers_json
from verifier.web.pages import render
from verifier.web.present import present_check
from verifier.web.returned import ReturnCounter, find_code
from verifier.web.skeleton import current_language, remember_language
from verifier.web.targets import raw_target, with_language, without_language

if TYPE_CHECKING:
    from werkzeug.wrappers import Response as AnyResponse

    from verifier.web.negotiate import Language
    from verifier.web.ports import CheckCounter, Checker, Confirmations
    from verifier.web.settings import WebSettings

_PREFIX = "/check"


def typed_code(text: str) -> str:
    """What a person typed or pasted, as a code: spaces around it go, a missing https:// is added."""
    text = text.strip()
    return text if not text or text.startswith("/") or "://" in text else f"https://{text}"


class _CheckPages:
    """Makes the page of a code, with what stands on it beside the verdict."""

    def __init__(self, checker: Checker, settings: WebSettings, desk: CheckDesk, returns: ReturnCounter) -> None:
        self._checker, self._settings = checker, settings
        self._desk, self._returns = desk, returns

    def answer(self, code: str) -> Response:
        verdict = self._checker.check(code)
        if prefers_json(request.headers.get("Accept", "")):
            return verdict_json(self._desk.count_scan(verdict))
        language = current_language()
        product = None if verdict.code is None else self._checker.find_product(verdict.code.gtin)
        view = present_check(verdict, product, language)
        counts, returned = self._desk.count_page(verdict, request, language), self._returns.show(verdict, language)
        response = render(
            "check.html",
            language,
            switch_to=switch_address(language),
            page=view,
            counts=counts,
            returned=returned,
            code=code,
        )
        response.status_code = _http_status(verdict)
        if returned:
            # With "no-referrer" browsers that lack Sec-Fetch-Site hide the origin of the card's form as well.
            response.headers["Referrer-Policy"] = "same-origin"
        return remember_language(response, self._settings)


def make_check_blueprint(
    checker: Checker,
    settings: WebSettings,
    counter: CheckCounter | None = None,
    confirmations: Confirmations | None = None,
) -> Blueprint:
    """GET /01/<gtin>/21/<serial>, /check/01/<gtin>/21/<serial>, /check?code=…; POST for the page's own forms."""
    pages = Blueprint("check", __name__)
    desk, returns = CheckDesk(counter, settings), ReturnCounter(confirmations)
    answer = _CheckPages(checker, settings, desk, returns).answer

    @pages.get("/01/<gtin>/21/<tail:serial>")
    def code_link(gtin: str, serial: str) -> AnyResponse:
        """A scanned code: on to the check page, byte for byte; a program gets the verdict at once."""
        target = raw_target(request.environ)
        if prefers_json(request.headers.get("Accept", "")):
            return verdict_json(desk.count_scan(checker.check(target)))
        if "#" in target or iri_to_uri(target) != target:
            # The redirect would spell it in another way, and another spelling can have another verdict.
            return answer(target)
        response = redirect(_PREFIX + target, 307)
        response.headers["Vary"] = "Accept"
        return response

    @pages.get("/check/<tail:code>")
    def check_page(code: str) -> AnyResponse:
        code = without_language(raw_target(request.environ)).removeprefix(_PREFIX)
        told = find_code(code) if returns.is_there else None
        if told is None:
            return answer(code)
        return returns.tell(checker.check(told), request.args.get("said", ""), current_language())

    @pages.post("/check/<tail:code>")
    def tell(code: str) -> AnyResponse:
        """What a person says on the check page, by a plain form; then the page again."""
        target = raw_target(request.environ)
        code = without_language(target).removeprefix(_PREFIX)
        told = find_code(code) if returns.is_there else None
        if told is not None:
            return returns.take(checker.check(told), request, current_language())
        desk.take_form(checker.check(code), request)
        return answer(code) if iri_to_uri(target) != target else redirect(target, 303)

    @pages.get("/check")
    def ask() -> AnyResponse:
        """The form: a code goes to its own page, anything else gets the page that says what is wrong."""
        text = typed_code(request.args.get("code", ""))
        if not text:
            language = current_language()
            page = render("ask.html", language, switch_to=switch_address(language))
            return remember_language(page, settings)
        try:
            return redirect(_PREFIX + parse_product_code(text).to_path(), 303)
        except Malformed:
            return answer(text)

    return pages


def switch_address(language: Language) -> str:
    """This page in the language that it is not in; the code's own bytes stay as they came."""
    return with_language(raw_target(request.environ), "en" if language == "zh" else "zh")


def _http_status(verdict: Verdict) -> int:
    return 400 if verdict.status is Status.MALFORMED else 200


def verdict_json(verdict: Verdict) -> Response:
    body = json.dumps(verdict.to_json(), ensure_ascii=False, separators=(",", ":"))
    response = Response(body, status=_http_status(verdict), mimetype="application/json")
    response.headers["Vary"] = "Accept"
    response.headers["Access-Control-Allow-Origin"] = "*"
    return response
