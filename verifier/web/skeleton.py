# SPDX-License-Identifier: Apache-2.0
"""A Flask application with our defaults: routing of raw serials, trusted hosts, headers, errors, static files."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Flask, Response, current_app, request
from werkzeug.exceptions import MethodNotAllowed
from werkzeug.routing import BaseConverter

from verifier.web.api.operations import find_operation
from verifier.web.headers import secure
from verifier.web.negotiate import COOKIE, DEFAULT_LANGUAGE, Language, choose_language, prefers_json
from verifier.web.pages import render
from verifier.web.problem_words import PROBLEM_WORDS
from verifier.web.problems import Problem, ProblemTable, problem_response
from verifier.web.static_files import static_file

if TYPE_CHECKING:
    from verifier.web.settings import WebSettings

MAX_BODY_SIZE = 1024 * 1024
_YEAR_SECONDS = 31_536_000
_PLAIN_TEXT_BELOW = ("/ledger/", "/healthz")
_JSON_BELOW = ("/api/", "/documents/")


class TailConverter(BaseConverter):
    """The rest of a path with its slashes, also a leading one: a decoded serial may hold and begin with "/"."""

    part_isolating = False
    regex = "(?s:.+?)"  # a line break, percent-encoded, is a malformed serial and not another address


def make_app(name: str, settings: WebSettings, problems: ProblemTable) -> Flask:
    """An application without any page yet. Sessions are not used, so there is no secret key."""
    app = Flask(name, static_folder=None, template_folder=None)
    app.config.update(
        MAX_CONTENT_LENGTH=MAX_BODY_SIZE,
        MAX_FORM_MEMORY_SIZE=MAX_BODY_SIZE,
        TRUSTED_HOSTS=list(settings.trusted_hosts) or None,
        SESSION_COOKIE_SECURE=True,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
    )
    app.url_map.merge_slashes = False  # "%2F%2F" in a serial is two slashes by now, and means it
    app.url_map.converters["tail"] = TailConverter
    app.add_url_rule("/static/<path:name>", "static", static_file)
    app.after_request(secure)

    def answer(error: Exception) -> Response:
        problem = problems.describe(error)
        if problem.status == 500:
            app.logger.error("unexpected error", exc_info=getattr(error, "original_exception", None) or error)
        response = error_response(problem)
        if isinstance(error, MethodNotAllowed) and error.valid_methods:
            response.headers["Allow"] = ", ".join(sorted(error.valid_methods))
        return response

    for kind in problems.rows:
        app.register_error_handler(kind, answer)
    for code in (400, 403, 404, 405, 413, 414, 415, 429, 500, 503):
        app.register_error_handler(code, answer)
    return app


def current_language() -> Language:
    """The language of this request."""
    return choose_language(
        query=request.args.get("lang"),
        cookie=request.cookies.get(COOKIE),
        header=request.headers.get("Accept-Language", ""),
    )


def remember_language(response: Response, settings: WebSettings) -> Response:
    """Sets the cookie of the switch if this request came from it. It is the only cookie, and it says nothing else."""
    if request.args.get("lang") in ("zh", "en"):
        response.set_cookie(
            COOKIE,
            request.args["lang"],
            max_age=_YEAR_SECONDS,
            secure=settings.is_https,
            httponly=True,
            samesite="Lax",
        )
    return response


def error_response(problem: Problem) -> Response:
    """A problem in the form that fits whoever asked: a program, a reader of the ledger, a person."""
    if request.path.startswith(_PLAIN_TEXT_BELOW):
        return Response(f"{problem.detail}\n", status=problem.status, mimetype="text/plain")
    is_call = find_operation(current_app, request.endpoint) is not None
    if is_call or request.path.startswith(_JSON_BELOW) or prefers_json(request.headers.get("Accept", "")):
        return problem_response(problem)
    try:
        language = current_language()
    except Exception:  # the request itself is what is broken
        language = DEFAULT_LANGUAGE
    words = PROBLEM_WORDS.get(problem.code) if language == "zh" else None
    response = render("problem.html", language, switch_to="", problem=problem, words=words)
    response.status_code = problem.status
    return response
