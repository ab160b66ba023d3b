# SPDX-License-Identifier: Apache-2.0
"""The OpenAPI description of an application, made from the declarations beside its views. OpenAPI 3.1.1."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from http import HTTPStatus
from itertools import groupby
from typing import TYPE_CHECKING, Any

from verifier.api_types import Problem
from verifier.protocol.encoding import JsonValue
from verifier.protocol.fields import Text
from verifier.web.api.operations import LINES, PLAIN, Answer, Content, Operation, Repeat, Route, routes_of
from verifier.web.api.request_ids import REQUEST_ID
from verifier.wire import schema_of

if TYPE_CHECKING:
    from flask import Flask

    from verifier.web.api.codes import ProblemCode

Json = dict[str, JsonValue]
PROBLEM_JSON = "application/problem+json"
KEY_HEADER = "Idempotency-Key"
KEY_PATTERN = '^"[!#-\\[\\]-~]{8,64}"$'
_HEADERS: Json = {
    "RequestId": {
        "description": "The request's id: the one that was sent, if it was well formed, else a new one.",
        "schema": {"type": "string", "pattern": f"^(?:{REQUEST_ID})$"},
        "required": True,
    },
    "RateLimitPolicy": {"description": 'The quota, such as "api";q=1200;w=60.', "schema": {"type": "string"}},
    "RateLimit": {
        "description": 'What is left of it, and for how many seconds: "api";r=1199;t=60.',
        "schema": {"type": "string"},
    },
    "RetryAfter": {"description": "Seconds.", "schema": {"type": "integer", "minimum": 0}},
}
_LATER = (429, 503)


@dataclass(frozen=True, slots=True)
class About:
    """What the description says of the server. `base_url` may be empty: the address where it was found."""

    title: str
    version: str
    base_url: str = ""


def make_openapi(app: Flask, about: About) -> Json:
    """The whole description; the same bytes for the same code."""
    schemas: Json = {}
    schema_of(Problem, schemas)
    paths: dict[str, JsonValue] = {}
    groups: dict[str, Text] = {}
    for route in routes_of(app):
        groups[route.operation.group.en] = route.operation.group
        methods = paths.setdefault(route.path, {})
        assert isinstance(methods, dict)
        methods[route.method.lower()] = _operation(route, schemas)
    return {
        "openapi": "3.1.1",
        "info": {
            "title": about.title,
            "version": about.version,
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
            "summary": "Codes that prove themselves, on a transparency ledger.",
        },
        "servers": [{"url": about.base_url or "/"}],
        "tags": [{"name": name, "description": group.zh} for name, group in groups.items()],
        "paths": paths,
        "components": {
            "headers": _HEADERS,
            "schemas": {name: schemas[name] for name in sorted(schemas)},
            "securitySchemes": {
                "token": {"type": "http", "scheme": "bearer", "description": "An API token, pp_…, made in the console."}
            },
        },
    }


def _operation(route: Route, schemas: Json) -> Json:
    operation = route.operation
    value: Json = {
        "operationId": operation.name,
        "tags": [operation.group.en],
        "summary": operation.summary.en,
        "description": f"{operation.summary.zh}\n\n{_REPEATS[operation.repeat]}",
        "parameters": _parameters(operation, schemas),
        "responses": _responses(operation, schemas),
        "x-codeSamples": [{"lang": "Shell", "source": operation.example}],
    }
    if operation.bodies:
        value["requestBody"] = {"required": True, "content": _contents(operation.bodies, schemas, is_request=True)}
    if operation.scopes or operation.needs_token:
        value["security"] = [{"token": []}]
    if operation.scopes:
        value["x-scopes"] = list(operation.scopes)
    return value


_REPEATS = {
    Repeat.READ: "Changes nothing.",
    Repeat.BY_CONTENT: "May be repeated: the same bytes are stored once.",
    Repeat.KEY: f"May be repeated with the same {KEY_HEADER} for 24 hours: the first answer is given again.",
}


def _parameters(operation: Operation, schemas: Json) -> list[JsonValue]:
    found: list[JsonValue] = [
        {
            "name": item.name,
            "in": item.place,
            "required": item.is_required,
            "description": item.about.en,
            "schema": schema_of(item.kind, schemas),
        }
        for item in operation.parameters
    ]
    if operation.repeat is Repeat.KEY:
        words = "A structured-field string that no other request of yours has: 8 to 64 characters in double quotes."
        schema: Json = {"type": "string", "pattern": KEY_PATTERN}
        found.append({"name": KEY_HEADER, "in": "header", "required": True, "description": words, "schema": schema})
    return found


def _responses(operation: Operation, schemas: Json) -> Json:
    found = {str(answer.status): _good(answer, schemas) for answer in operation.answers}
    for status, problems in groupby(operation.all_problems(), key=lambda problem: problem.status):
        found.setdefault(str(status), {})
        good = found[str(status)]
        bad = _bad(operation, status, tuple(problems))
        assert isinstance(good, dict)
        found[str(status)] = _merged(good, bad)
    return {status: found[status] for status in sorted(found)}


def _merged(good: Json, bad: Json) -> Json:
    """One status can be a declared answer and a problem: `all_refused` carries its results."""
    contents = [value for part in (bad, good) if isinstance(value := part.get("content"), dict)]
    merged: Json = {}
    for content in contents:
        for media_type, value in content.items():
            if media_type in merged:
                first = merged[media_type]
                assert isinstance(first, dict) and isinstance(value, dict)
                merged[media_type] = {"schema": {"anyOf": [value["schema"], first["schema"]]}}
            else:
                merged[media_type] = value
    return bad | good | ({"content": merged} if merged else {})


def _good(answer: Answer, schemas: Json) -> Json:
    value: Json = {"description": answer.about.en, "headers": _headers(answer.status)}
    if answer.contents:
        value["content"] = _contents(answer.contents, schemas, is_request=False)
    return value


def _bad(operation: Operation, status: int, problems: tuple[ProblemCode, ...]) -> Json:
    codes: list[JsonValue] = [problem.code for problem in problems]
    words = "; ".join(f"`{problem.code}`: {problem.about.en}" for problem in problems)
    schema: Json = {"type": "string"}
    if not operation.has_plain_errors:
        said: Json = {"properties": {"code": {"enum": codes}, "status": {"const": status}}}
        schema = {"allOf": [{"$ref": "#/components/schemas/Problem"}, said]}
    media_type = PLAIN if operation.has_plain_errors else PROBLEM_JSON
    return {
        "description": f"{HTTPStatus(status).phrase}. {words}",
        "headers": _headers(status),
        "content": {media_type: {"schema": schema}},
    }


def _headers(status: int) -> Json:
    names = {"X-Request-Id": "RequestId", "RateLimit-Policy": "RateLimitPolicy", "RateLimit": "RateLimit"}
    if status in _LATER:
        names["Retry-After"] = "RetryAfter"
    return {name: {"$ref": f"#/components/headers/{header}"} for name, header in names.items()}


def _contents(contents: Iterable[Content], schemas: Json, *, is_request: bool) -> Json:
    return {content.media_type: _media(content, schemas, is_request) for content in contents}


def _media(content: Content, schemas: Json, is_request: bool) -> Json:
    schema: Json
    if content.kind is bytes:
        schema = {"type": "string", "format": "binary"}
    elif content.kind is str or content.media_type == LINES:
        schema = {"type": "string"}
        if content.kind is not str:
            schema["description"] = f"One {_name(content.kind)} as JSON in each line."
    else:
        schema = schema_of(content.kind, schemas, is_strict=is_request)
    return {"schema": schema}


def _name(kind: Any) -> str:
    return getattr(kind, "__name__", "value")
