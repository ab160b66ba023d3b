# SPDX-License-Identifier: Apache-2.0
"""What an operation of the API promises, declared beside its view; the OpenAPI document is made of nothing else.

A declaration says nothing to the view: parsing and deciding stay where they are. Tests hold the two together: every
route is declared, and every answer in the tests is compared with what was declared for it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Literal, TypeVar

from verifier.protocol.fields import Text
from verifier.web.api.codes import (
    BAD_REQUEST,
    INTERNAL_ERROR,
    NOT_FOUND,
    RATE_LIMITED,
    REQUEST_TOO_LARGE,
    UNSUPPORTED_MEDIA_TYPE,
    ProblemCode,
)

if TYPE_CHECKING:
    from flask import Flask
    from werkzeug.routing import Rule

View = TypeVar("View", bound=Callable[..., Any])
_DECLARED = "declared_operation"
_CONVERTER = re.compile(r"<(?:\w+:)?(\w+)>")
_WITHOUT_BODY = frozenset({"HEAD", "OPTIONS"})

JSON = "application/json"
LINES = "application/x-ndjson"
OCTETS = "application/octet-stream"
PLAIN = "text/plain"


class Repeat(StrEnum):
    """What happens when the same request is sent twice."""

    READ = "read"  # nothing is changed in any case
    BY_CONTENT = "by_content"  # the same bytes are stored once; the second time nothing changes
    KEY = "key"  # a write that the header Idempotency-Key makes safe to repeat


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter. `kind` is a type as in verifier/wire.py."""

    name: str
    place: Literal["path", "query", "header"]
    kind: Any
    about: Text
    is_required: bool = True


@dataclass(frozen=True, slots=True)
class Content:
    """One form of a body. `kind`: a dataclass for JSON, and for each line of NDJSON; bytes; str."""

    media_type: str
    kind: Any


@dataclass(frozen=True, slots=True)
class Answer:
    """A good answer. Without content it has no body."""

    status: int
    about: Text
    contents: tuple[Content, ...] = ()


@dataclass(frozen=True, slots=True)
class Operation:
    """One method of one route.

    `name` is the operationId, and the client's method. `example` is a shell script of at most ten lines that a test
    runs as it stands; $REGISTRY is the base address.
    """

    name: str
    group: Text
    summary: Text
    answers: tuple[Answer, ...]
    example: str
    parameters: tuple[Parameter, ...] = ()
    bodies: tuple[Content, ...] = ()
    problems: tuple[ProblemCode, ...] = ()  # beside those that any call may meet
    scopes: tuple[str, ...] = ()  # of the API token; none: anybody may call
    repeat: Repeat = Repeat.READ
    needs_token: bool = False  # of any scope; an operation with scopes needs one in any case
    has_plain_errors: bool = False  # errors as text/plain: the ledger's files and the health check

    def all_problems(self) -> tuple[ProblemCode, ...]:
        """What the caller may meet, sorted by status and code."""
        found = {BAD_REQUEST, RATE_LIMITED, INTERNAL_ERROR, *self.problems}
        if any(item.place == "path" for item in self.parameters):
            found.add(NOT_FOUND)  # some spellings of a parameter make another address of it
        if self.bodies:
            found |= {REQUEST_TOO_LARGE, UNSUPPORTED_MEDIA_TYPE}
        return tuple(sorted(found, key=lambda problem: (problem.status, problem.code)))


@dataclass(frozen=True, slots=True)
class Route:
    """A declared operation where it is found. `path` is OpenAPI's: /a/{b}."""

    path: str
    method: str
    operation: Operation


def declare(operation: Operation) -> Callable[[View], View]:
    """A decorator for views, below the route's own."""

    def keep(view: View) -> View:
        setattr(view, _DECLARED, operation)
        return view

    return keep


def find_operation(app: Flask, endpoint: str | None) -> Operation | None:
    """What was declared for an endpoint."""
    found = getattr(app.view_functions.get(endpoint or ""), _DECLARED, None)
    return found if isinstance(found, Operation) else None


def to_path(rule: Rule) -> str:
    """/a/<tail:b> as /a/{b}."""
    return _CONVERTER.sub(r"{\1}", rule.rule)


def routes_of(app: Flask) -> Iterator[Route]:
    """Every declared operation of an application, by path and method."""
    rules = sorted(app.url_map.iter_rules(), key=lambda rule: (rule.rule, sorted(rule.methods or ())))
    for rule in rules:
        operation = find_operation(app, rule.endpoint)
        if operation is not None:
            for method in sorted((rule.methods or set()) - _WITHOUT_BODY):
                yield Route(to_path(rule), method, operation)


def codes_of(app: Flask) -> tuple[ProblemCode, ...]:
    """Every code that a declared operation may answer, by status."""
    found = {problem for route in routes_of(app) for problem in route.operation.all_problems()}
    return tuple(sorted(found, key=lambda problem: (problem.status, problem.code)))
