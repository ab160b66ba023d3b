# SPDX-License-Identifier: Apache-2.0
"""Holds every answer of an application in the tests against what its views declare."""

from __future__ import annotations

import json
from functools import cache
from typing import TYPE_CHECKING, Any

from flask import Flask, current_app, request
from jsonschema import Draft202012Validator
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

from verifier.web.api.openapi import About, make_openapi
from verifier.web.api.operations import find_operation, to_path

if TYPE_CHECKING:
    from flask import Response

_BASE = "urn:openapi"
_NEVER_DECLARED = 405  # not an answer of the operation: of the address


class NotDeclared(AssertionError):
    """An answer that the declaration does not promise."""


def watch(app: Flask) -> list[str]:
    """From now on an answer that was not declared gets into the list: whoever made the application must look at it."""
    found: list[str] = []
    document = make_openapi(app, About("under test", "0"))
    validator = _validators(json.dumps(document))

    # Registered last, so called first: before compression or conditional answers of others could hide anything.
    @app.after_request
    def compare(response: Response) -> Response:
        rule = request.url_rule
        if rule is None or find_operation(current_app, request.endpoint) is None or request.method == "OPTIONS":
            return response
        if "%2f" in request.environ.get("REQUEST_URI", "").lower():
            return response  # the raw path decides: a lot "A%2Fstatus" has a page, not a status
        method = "get" if request.method == "HEAD" else request.method.lower()
        paths: Any = document["paths"]
        try:
            check_answer(paths[to_path(rule)][method], response, validator)
        except NotDeclared as error:
            found.append(str(error))
        return response

    return found


def check_answer(operation: Any, response: Response, validator: Any) -> None:
    """Raises NotDeclared for a status, a media type or a body that is not in the operation."""
    name, status = operation["operationId"], str(response.status_code)
    if response.status_code == _NEVER_DECLARED:
        return
    if status not in operation["responses"]:
        raise NotDeclared(f"{name} answers {status}, which is not declared: {response.get_data()[:300]!r}")
    contents = operation["responses"][status].get("content", {})
    if request.method == "HEAD" or response.is_streamed or response.status_code == 304:
        return
    data = response.get_data()
    if not contents:
        if data:
            raise NotDeclared(f"{name} {status} has a body and is declared without one")
        return
    if response.mimetype not in contents:
        raise NotDeclared(f"{name} {status} is {response.mimetype}, declared are {list(contents)}")
    schema = contents[response.mimetype]["schema"]
    if response.mimetype.endswith("json"):
        problems = [error.message for error in validator(json.dumps(schema)).iter_errors(json.loads(data))]
        if problems:
            raise NotDeclared(f"{name} {status}: {problems[0][:600]}")


@cache
def _validators(document: str) -> Any:
    resource = Resource(contents=json.loads(document), specification=DRAFT202012)
    registry: Any = Registry().with_resource(_BASE, resource)

    @cache
    def make(schema: str) -> Draft202012Validator:
        value = json.loads(schema.replace('"$ref": "#', f'"$ref": "{_BASE}#'))
        return Draft202012Validator(value, registry=registry, format_checker=Draft202012Validator.FORMAT_CHECKER)

    return make
