# SPDX-License-Identifier: Apache-2.0
"""Frozen dataclasses as JSON and back, for the API: one declaration is the schema, the reader and the writer. RFC 8259.

A member that is None is absent. What a type may be: str, int, bool, StrEnum, Literal, date, datetime (UTC to the
second), another dataclass, tuple[T, …] of one of these, T | None, and JsonObject for what is described elsewhere.
Annotated with a Bound, it is limited.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, fields, is_dataclass
from datetime import date, datetime
from enum import StrEnum
from functools import cache
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, TypeAlias, TypeVar, Union, get_args, get_origin, get_type_hints

from verifier.protocol.encoding import JsonValue
from verifier.protocol.errors import Malformed
from verifier.protocol.fields import format_instant, parse_date, parse_instant

T = TypeVar("T")
JsonObject: TypeAlias = dict[str, Any]
BAD_BODY = "bad_body"


@dataclass(frozen=True, slots=True)
class Bound:
    """What a value must keep to: a whole-text pattern, and limits of a number, a text's length or a list's length."""

    pattern: str = ""
    minimum: int | None = None
    maximum: int | None = None


@dataclass(frozen=True, slots=True)
class Form:
    """A type taken apart: what it is without None and Annotated, and what was said about it."""

    kind: Any
    is_optional: bool
    bound: Bound | None


@cache
def members(cls: type) -> dict[str, Form]:
    """The members of a dataclass in order, by the name that they have in JSON."""
    hints = get_type_hints(cls, include_extras=True)
    return {field.name: take_apart(hints[field.name]) for field in fields(cls)}


def take_apart(kind: Any) -> Form:
    """The form of one type."""
    is_optional, bound = False, None
    if get_origin(kind) in (Union, UnionType):
        kept = [item for item in get_args(kind) if item is not NoneType]
        if len(kept) != 1:
            raise TypeError(f"{kind} is a choice of types; only T | None can be told apart")
        kind, is_optional = kept[0], True
    if get_origin(kind) is Annotated:
        kind, *said = get_args(kind)
        bound = next((item for item in said if isinstance(item, Bound)), None)
        inner = take_apart(kind)
        kind, is_optional = inner.kind, is_optional or inner.is_optional
    return Form(kind, is_optional, bound)


def read_wire(cls: type[T], value: object, *, is_strict: bool = True) -> T:
    """The value of a dataclass. Raises Malformed("bad_body") that names the member.

    `is_strict` refuses members that are not known, as a server must; a client leaves them to a newer server.
    """
    read = _read_object(cls, value, "", is_strict)
    assert isinstance(read, cls)
    return read


def write_wire(value: object) -> JsonValue:
    """The JSON value; a dataclass becomes an object without its empty members."""
    if is_dataclass(value) and not isinstance(value, type):
        pairs = ((field.name, getattr(value, field.name)) for field in fields(value))
        return {name: write_wire(item) for name, item in pairs if item is not None}
    if isinstance(value, tuple | list):
        return [write_wire(item) for item in value]
    if isinstance(value, datetime):
        return format_instant(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, StrEnum):
        return value.value
    if isinstance(value, str | int | dict):  # bool is an int; a JsonObject stays as it is
        return value
    raise TypeError(f"{type(value).__name__} has no form in JSON")


def _wrong(place: str, expected: str) -> Malformed:
    return Malformed(BAD_BODY, f"{place or 'the body'} must be {expected}.")


def _read_object(cls: type, value: object, place: str, is_strict: bool) -> object:
    if not isinstance(value, dict):
        raise _wrong(place, "an object")
    forms = members(cls)
    unknown = [str(name)[:40] for name in value if name not in forms]
    if unknown and is_strict:
        raise Malformed(BAD_BODY, f"{place or 'the body'} has a member {unknown[0]!r}, which is not known here.")
    read: dict[str, object] = {}
    for name, form in forms.items():
        where = f"{place}.{name}" if place else name
        if name in value:
            read[name] = _read(form, value[name], where, is_strict)
        elif form.is_optional:
            read[name] = None
        else:
            raise Malformed(BAD_BODY, f"{where} is missing.")
    return cls(**read)


def _read(form: Form, value: object, place: str, is_strict: bool) -> object:
    kind = form.kind
    if get_origin(kind) is tuple:
        if not isinstance(value, list):
            raise _wrong(place, "an array")
        _check(form.bound, len(value), place, "members")
        inner = take_apart(get_args(kind)[0])
        return tuple(_read(inner, item, f"{place}[{at}]", is_strict) for at, item in enumerate(value))
    if isinstance(kind, type) and is_dataclass(kind):
        return _read_object(kind, value, place, is_strict)
    if get_origin(kind) is dict:
        if not isinstance(value, dict):
            raise _wrong(place, "an object")
        return value
    if kind in (int, bool):
        if type(value) is not kind:
            raise _wrong(place, "a whole number" if kind is int else "true or false")
        if type(value) is int:
            _check(form.bound, value, place, "")
        return value
    return _read_text(form, value, place)


def _read_text(form: Form, value: object, place: str) -> object:
    kind = form.kind
    if type(value) is not str:
        raise _wrong(place, "a text")
    allowed = _words_of(kind)
    if allowed is not None:
        if value not in allowed:
            raise _wrong(place, " or ".join(allowed))
        return value if get_origin(kind) is Literal else kind(value)
    if kind is datetime:
        return parse_instant(value)
    if kind is date:
        return parse_date(value)
    if kind is not str:
        raise TypeError(f"{kind} cannot be read")
    _check(form.bound, len(value), place, "characters")
    if form.bound is not None and form.bound.pattern and re.fullmatch(form.bound.pattern, value, re.ASCII) is None:
        raise _wrong(place, f"of the form {form.bound.pattern}")
    return value


def _words_of(kind: Any) -> tuple[str, ...] | None:
    if get_origin(kind) is Literal:
        return get_args(kind)
    if isinstance(kind, type) and issubclass(kind, StrEnum):
        return tuple(item.value for item in kind)
    return None


def _check(bound: Bound | None, found: int, place: str, unit: str) -> None:
    if bound is None:
        return
    low, high = bound.minimum, bound.maximum
    if (low is not None and found < low) or (high is not None and found > high):
        wanted = f"{'' if low is None else low} to {'' if high is None else high} {unit}".strip()
        raise _wrong(place, wanted)


def schema_of(kind: Any, definitions: dict[str, JsonValue], *, is_strict: bool = False) -> dict[str, JsonValue]:
    """The JSON Schema (2020-12) of a type; dataclasses go into `definitions` and are referred to.

    `is_strict`: objects of requests, in which a member that is not known is refused.
    """
    form = take_apart(kind)
    bound = form.bound or Bound()
    if get_origin(form.kind) is tuple:
        items = schema_of(get_args(form.kind)[0], definitions, is_strict=is_strict)
        return {"type": "array", "items": items, **_limits("minItems", "maxItems", bound)}
    if isinstance(form.kind, type) and is_dataclass(form.kind):
        return {"$ref": f"#/components/schemas/{_define(form.kind, definitions, is_strict)}"}
    if get_origin(form.kind) is dict:
        return {"type": "object"}
    if form.kind is bool:
        return {"type": "boolean"}
    if form.kind is int:
        return {"type": "integer", **_limits("minimum", "maximum", bound)}
    return _text_schema(form.kind, bound)


def _text_schema(kind: Any, bound: Bound) -> dict[str, JsonValue]:
    words = _words_of(kind)
    if words is not None:
        return {"type": "string", "enum": list(words)}
    if kind in (date, datetime):
        return {"type": "string", "format": "date" if kind is date else "date-time"}
    if kind is not str:
        raise TypeError(f"{kind} has no schema")
    schema: dict[str, JsonValue] = {"type": "string", **_limits("minLength", "maxLength", bound)}
    if bound.pattern:
        schema["pattern"] = f"^(?:{bound.pattern})$"
    return schema


def _limits(low: str, high: str, bound: Bound) -> dict[str, JsonValue]:
    pairs = ((low, bound.minimum), (high, bound.maximum))
    return {name: limit for name, limit in pairs if limit is not None}


def _define(cls: type, definitions: dict[str, JsonValue], is_strict: bool) -> str:
    name = cls.__name__
    if name not in definitions:
        definitions[name] = {}  # holds the place, so that a type may hold itself
        forms = members(cls)
        hints = get_type_hints(cls, include_extras=True)
        schema: dict[str, JsonValue] = {
            "type": "object",
            "properties": {member: schema_of(hints[member], definitions, is_strict=is_strict) for member in forms},
            "required": [member for member, form in forms.items() if not form.is_optional],
        }
        if is_strict:
            schema["additionalProperties"] = False
        definitions[name] = schema
    return name
