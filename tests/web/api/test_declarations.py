# SPDX-License-Identifier: Apache-2.0
"""The description and the code do not drift apart: routes, parameters, codes, page and client."""

from __future__ import annotations

import inspect
import re
from pathlib import Path

import pytest
from flask import Blueprint, Flask, Response
from flask.testing import FlaskClient
from markupsafe import escape
from openapi_spec_validator import validate

from passport.web.app import PROBLEMS
from tests.support.api_contract import watch
from tests.support.web_server import WebServer
from verifier.client import ApiClient
from verifier.protocol.fields import Text
from verifier.web.api.operations import JSON, Answer, Operation, Repeat, codes_of, declare, routes_of, to_path
from verifier.web.api.reference_words import REFERENCE_WORDS
from verifier.web.settings import WebSettings
from verifier.web.skeleton import make_app

DOCUMENT = Path(__file__).resolve().parents[3] / "docs" / "http-api.md"

# Pages for people, and what only our own pages' scripts ask for. Everything else is declared.
NOT_API = (
    re.compile(r"/(static|check|console|scan|accounts?)(/.*)?"),
    re.compile(r"/badge/01/\{gtin\}/10/\{lot\}(/events)?"),
    re.compile(r"/badge/listing/\{token\}(/events|/about)?|/badge\.js"),
    re.compile(r"/01/\{gtin\}/21/\{serial\}"),
    re.compile(r"/(api|service-worker\.js|manifest\.webmanifest)?"),
)


def is_page(path: str) -> bool:
    return any(pattern.fullmatch(path) for pattern in NOT_API)


def test_every_route_is_declared_or_known_to_be_a_page(app: Flask) -> None:
    declared = {(route.path, route.method) for route in routes_of(app)}
    assert len(declared) >= 20
    for rule in app.url_map.iter_rules():
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}:
            path = to_path(rule)
            assert ((path, method) in declared) != is_page(path), f"{method} {path}: declare it, or list it as a page"


def test_nothing_below_the_api_the_ledger_or_documents_counts_as_a_page() -> None:
    for path in ("/api/v1/anything", "/ledger/checkpoint", "/documents/{digest}", "/healthz"):
        assert not is_page(path)


def test_the_description_is_openapi_3_1_and_always_the_same(client: FlaskClient) -> None:
    answer = client.get("/api/v1/openapi.json")
    assert (answer.status_code, answer.mimetype) == (200, "application/json")
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    document = answer.get_json()
    assert document["openapi"].startswith("3.1.")
    validate(document)
    assert client.get("/api/v1/openapi.json").data == answer.data


def test_path_parameters_are_declared_as_they_stand_in_the_route(app: Flask) -> None:
    for route in routes_of(app):
        in_path = {item.name for item in route.operation.parameters if item.place == "path"}
        assert in_path == set(re.findall(r"\{(\w+)\}", route.path)), route.path


def test_every_operation_has_a_name_of_its_own_and_a_method_of_the_client(app: Flask) -> None:
    names = [route.operation.name for route in routes_of(app)]
    assert len(set(names)) == len(names)
    for name in names:
        method = getattr(ApiClient, name, None)
        assert callable(method), f"verifier/client.py has no method {name}"
        assert "Any" not in str(inspect.signature(method).return_annotation)


def test_every_write_says_what_happens_when_it_is_repeated(app: Flask) -> None:
    for route in routes_of(app):
        reads = route.method == "GET" or route.operation.name == "verify_codes"
        assert (route.operation.repeat is Repeat.READ) == reads, route.operation.name


def test_each_code_has_one_status_and_one_meaning_and_stands_in_the_table_of_the_documentation(app: Flask) -> None:
    text = DOCUMENT.read_text(encoding="utf-8")
    by_code: dict[str, object] = {}
    for problem in codes_of(app):
        assert by_code.setdefault(problem.code, problem) == problem, f"{problem.code} means two things"
        row = f"| `{problem.code}` | {problem.status} | {problem.about.en} |"
        assert row in text, f"docs/http-api.md lacks the line\n{row}"
    listed = re.findall(r"^\| `([a-z0-9_]+)` \| \d{3} \|", text, re.MULTILINE)
    assert sorted(listed) == sorted(by_code)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_page_shows_each_call_with_its_example_in_both_languages(app: Flask, language: str) -> None:
    with WebServer(app) as server:
        status, headers, body = server.get(f"/api?lang={language}")
    page = body.decode()
    assert (status, headers["content-language"]) == (200, language)
    for route in routes_of(app):
        summary: Text = route.operation.summary
        assert f'id="{route.operation.name}"' in page
        assert str(escape(summary.zh if language == "zh" else summary.en)) in page
        first_line = str(escape(route.operation.example.splitlines()[0]))
        assert first_line in page
    assert "<script" not in page


def test_every_word_of_the_page_is_used() -> None:
    template = (Path(__file__).resolve().parents[3] / "templates" / "api.html").read_text()
    for name, text in REFERENCE_WORDS.items():
        assert f"words.{name} " in template, name
        assert text.zh and text.en


def test_an_answer_that_is_not_declared_is_noticed() -> None:
    operation = Operation(
        name="lie",
        group=Text(zh="测试", en="Tests"),
        summary=Text(zh="说谎。", en="Lies."),
        answers=(Answer(204, Text(zh="空。", en="Nothing.")),),
        example="curl --fail-with-body $REGISTRY/lie",
    )
    lies = Blueprint("lies", __name__)

    @lies.get("/api/v1/lie/<kind>")
    @declare(operation)
    def lie(kind: str) -> Response:
        return Response("{}", status=int(kind), mimetype=JSON)

    app = make_app("lies", WebSettings(), PROBLEMS)
    app.register_blueprint(lies)
    undeclared = watch(app)
    for status in (200, 204, 418):
        app.test_client().get(f"/api/v1/lie/{status}")
    assert [problem.split()[:3] for problem in undeclared] == [
        ["lie", "answers", "200,"],
        ["lie", "204", "has"],
        ["lie", "answers", "418,"],
    ]
