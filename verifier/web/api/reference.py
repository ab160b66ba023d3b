# SPDX-License-Identifier: Apache-2.0
"""The description for programs, GET /api/v1/openapi.json, and the same for people, GET /api. No script of anybody's."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from flask import Blueprint, Response, current_app, request

from verifier.protocol.encoding import JsonValue
from verifier.web.api.openapi import About, make_openapi
from verifier.web.api.operations import Operation, Route, codes_of, declare, routes_of
from verifier.web.api.reference_words import REFERENCE_WORDS, REPEATS
from verifier.web.api.verify_operations import OPENAPI_DOCUMENT
from verifier.web.headers import allow_any_origin
from verifier.web.pages import render
from verifier.web.skeleton import current_language
from verifier.web.targets import raw_target, with_language
from verifier.web.words import say

if TYPE_CHECKING:
    from collections.abc import Iterable

    from werkzeug.wrappers import Response as AnyResponse

    from verifier.web.negotiate import Language

A_WHILE = "public, max-age=300"


@dataclass(frozen=True, slots=True)
class Row:
    """A line of a table: a word for programs, what it looks like, what it means."""

    name: str
    kind: str
    about: str


@dataclass(frozen=True, slots=True)
class Call:
    """One operation as the page shows it."""

    anchor: str
    method: str
    path: str
    summary: str
    repeat: str
    scopes: str
    parameters: tuple[Row, ...]
    bodies: tuple[str, ...]
    answers: tuple[Row, ...]
    problems: tuple[Row, ...]
    example: str


@dataclass(frozen=True, slots=True)
class Group:
    name: str
    calls: tuple[Call, ...]


def make_reference_blueprint(about: About) -> Blueprint:
    """GET /api, GET /api/v1/openapi.json. Made from the application's declarations at the first request."""
    pages = Blueprint("reference", __name__)
    made: dict[str, bytes] = {}

    @pages.get("/api/v1/openapi.json")
    @declare(OPENAPI_DOCUMENT)
    def description() -> Response:
        data = made.get("openapi")
        if data is None:
            text = json.dumps(make_openapi(current_app, about), ensure_ascii=False, separators=(",", ":"))
            data = made["openapi"] = text.encode()
        response = Response(data, mimetype="application/json", headers={"Cache-Control": A_WHILE})
        return allow_any_origin(response)

    @pages.get("/api")
    def reference() -> AnyResponse:
        language = current_language()
        document = make_openapi(current_app, about)
        context = {
            "words": {name: say(text, language) for name, text in REFERENCE_WORDS.items()},
            "groups": present_groups(routes_of(current_app), language),
            "codes": tuple(
                Row(code.code, str(code.status), say(code.about, language)) for code in codes_of(current_app)
            ),
            "types": present_types(document),
            "base_url": about.base_url or "https://id.example.cn",
        }
        target = raw_target(request.environ)
        switch_to = with_language(target, "en" if language == "zh" else "zh")
        return render("api.html", language, switch_to=switch_to, **context)

    return pages


def present_groups(routes: Iterable[Route], language: Language) -> tuple[Group, ...]:
    """The operations by their groups, in the order in which the groups occur first."""
    by_group: dict[str, list[Call]] = {}
    for route in routes:
        by_group.setdefault(say(route.operation.group, language), []).append(_call(route, language))
    return tuple(Group(name, tuple(calls)) for name, calls in by_group.items())


def _call(route: Route, language: Language) -> Call:
    operation = route.operation
    return Call(
        anchor=operation.name,
        method=route.method,
        path=route.path,
        summary=say(operation.summary, language),
        repeat=say(REPEATS[operation.repeat], language),
        scopes=", ".join(operation.scopes),
        parameters=tuple(Row(item.name, item.place, say(item.about, language)) for item in operation.parameters),
        bodies=tuple(f"{item.media_type} · {_kind(item.kind)}" for item in operation.bodies),
        answers=_answers(operation, language),
        problems=tuple(
            Row(problem.code, str(problem.status), say(problem.about, language)) for problem in operation.all_problems()
        ),
        example=operation.example.rstrip("\n"),
    )


def _answers(operation: Operation, language: Language) -> tuple[Row, ...]:
    rows = []
    for answer in operation.answers:
        kinds = ", ".join(f"{item.media_type} · {_kind(item.kind)}" for item in answer.contents)
        rows.append(Row(str(answer.status), kinds, say(answer.about, language)))
    return tuple(rows)


def _kind(kind: object) -> str:
    if kind is str:
        return "text"
    return kind.__name__ if isinstance(kind, type) else ""


def present_types(document: dict[str, JsonValue]) -> tuple[tuple[str, tuple[Row, ...]], ...]:
    """Each type of the description with its members: name, type, whether it may be absent."""
    components = document["components"]
    assert isinstance(components, dict)
    schemas = components["schemas"]
    assert isinstance(schemas, dict)
    found = []
    for name, schema in schemas.items():
        assert isinstance(schema, dict)
        members, required = schema.get("properties", {}), schema.get("required", [])
        assert isinstance(members, dict) and isinstance(required, list)
        rows = tuple(Row(member, _said(value), "" if member in required else "?") for member, value in members.items())
        found.append((name, rows))
    return tuple(found)


def _said(schema: JsonValue) -> str:
    """A schema in a few characters."""
    assert isinstance(schema, dict)
    reference = schema.get("$ref")
    if isinstance(reference, str):
        return reference.rpartition("/")[2]
    if schema.get("type") == "array":
        return f"[{_said(schema['items'])}]"
    words = schema.get("enum")
    if isinstance(words, list):
        return " | ".join(str(word) for word in words)
    limits = [f"{name} {schema[name]}" for name in ("format", "pattern", "minimum", "maximum") if name in schema]
    return " ".join([str(schema.get("type", "any")), *(f"({limit})" for limit in limits)])
