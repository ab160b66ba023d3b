# SPDX-License-Identifier: Apache-2.0
"""Dataclasses as JSON and back: strict, bounded, and with the schema that says the same."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Annotated, Any, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from verifier.protocol.errors import Malformed
from verifier.wire import Bound, JsonObject, read_wire, schema_of, write_wire


class Colour(StrEnum):
    RED = "red"
    BLUE = "blue"


@dataclass(frozen=True, slots=True)
class Inner:
    size: Annotated[int, Bound(minimum=1, maximum=9)]


@dataclass(frozen=True, slots=True)
class Outer:
    name: Annotated[str, Bound("[a-z]+", maximum=5)]
    colour: Colour
    kind: Literal["one", "two"]
    inner: Inner
    many: Annotated[tuple[Inner, ...], Bound(minimum=1, maximum=2)]
    at: datetime
    day: date
    is_on: bool
    free: JsonObject
    note: str | None = None
    limit: Annotated[int, Bound(minimum=0)] | None = None


VALUE = Outer(
    name="abc",
    colour=Colour.BLUE,
    kind="two",
    inner=Inner(3),
    many=(Inner(1), Inner(9)),
    at=datetime(2026, 11, 21, 4, 5, 6, tzinfo=UTC),
    day=date(2026, 3, 18),
    is_on=False,
    free={"anything": [1]},
)
JSON: dict[str, Any] = {
    "name": "abc",
    "colour": "blue",
    "kind": "two",
    "inner": {"size": 3},
    "many": [{"size": 1}, {"size": 9}],
    "at": "2026-11-21T04:05:06Z",
    "day": "2026-03-18",
    "is_on": False,
    "free": {"anything": [1]},
}


def make_validator() -> Draft202012Validator:
    schemas: dict[str, Any] = {}
    root = schema_of(Outer, schemas, is_strict=True)
    text = json.dumps(root | {"$defs": schemas}).replace("#/components/schemas/", "#/$defs/")
    return Draft202012Validator(json.loads(text))


def test_a_value_is_written_without_its_empty_members_and_read_back() -> None:
    assert write_wire(VALUE) == JSON
    assert read_wire(Outer, JSON) == VALUE
    assert read_wire(Outer, JSON | {"note": "n", "limit": 0}) == read_wire(Outer, JSON | {"limit": 0, "note": "n"})


WRONG: list[tuple[dict[str, Any], str]] = [
    ({"name": "ABC"}, "name"),
    ({"name": "abcdef"}, "name"),
    ({"name": "abc\n"}, "name"),
    ({"name": 1}, "name"),
    ({"colour": "green"}, "colour"),
    ({"kind": "three"}, "kind"),
    ({"inner": {"size": 0}}, "inner.size"),
    ({"inner": {"size": True}}, "inner.size"),
    ({"inner": {"size": 1.0}}, "inner.size"),
    ({"inner": {}}, "inner.size"),
    ({"inner": []}, "inner"),
    ({"inner": {"size": 1, "more": 1}}, "inner"),
    ({"many": []}, "many"),
    ({"many": [{"size": 1}] * 3}, "many"),
    ({"many": [{"size": 1}, {"size": 10}]}, "many[1].size"),
    ({"is_on": 0}, "is_on"),
    ({"free": []}, "free"),
    ({"note": None}, "note"),
    ({"limit": -1}, "limit"),
]


@pytest.mark.parametrize(("change", "place"), WRONG)
def test_a_wrong_member_is_refused_by_its_name_and_by_the_schema_too(change: dict[str, Any], place: str) -> None:
    with pytest.raises(Malformed) as error:
        read_wire(Outer, JSON | change)
    assert error.value.code == "bad_body"
    assert place in str(error.value)
    if change not in (
        {"inner": {"size": 1.0}},
        {"name": "abc\n"},
    ):  # JSON Schema has no whole numbers apart, and $ is lax
        assert not make_validator().is_valid(JSON | change)


@pytest.mark.parametrize(
    ("change", "code"), [({"at": "2026-11-21T04:05:06+00:00"}, "bad_instant"), ({"day": "1"}, "bad_date")]
)
def test_instants_and_days_have_one_spelling(change: dict[str, Any], code: str) -> None:
    with pytest.raises(Malformed) as error:
        read_wire(Outer, JSON | change)
    assert error.value.code == code


def test_a_client_leaves_members_that_it_does_not_know_to_a_newer_server() -> None:
    newer = JSON | {"new": 1, "inner": {"size": 3, "new": {}}}
    assert read_wire(Outer, newer, is_strict=False) == VALUE
    with pytest.raises(Malformed, match="new"):
        read_wire(Outer, newer)


def test_the_schema_takes_what_is_written() -> None:
    make_validator().validate(JSON)
    Draft202012Validator.check_schema(make_validator().schema)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from([*JSON, "size"]), inner, max_size=4),
    max_leaves=8,
)


@given(json_values, st.sampled_from(list(JSON)))
def test_no_json_makes_the_reader_fail_in_another_way(value: object, member: str) -> None:
    for whole in (value, JSON | {member: value}):
        try:
            read = read_wire(Outer, whole)
        except Malformed:
            continue
        assert write_wire(read) == whole


def test_a_type_that_has_no_form_is_a_mistake_of_the_program() -> None:
    @dataclass(frozen=True)
    class Bad:
        value: float

    with pytest.raises(TypeError):
        schema_of(Bad, {})
    with pytest.raises(TypeError):
        write_wire(1.5)
