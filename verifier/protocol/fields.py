# SPDX-License-Identifier: Apache-2.0
"""Reads the members of one JSON object, each exactly once and each with a bound; whatever is left over is refused."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import TypeVar

from verifier.protocol.encoding import JsonValue
from verifier.protocol.errors import Malformed

T = TypeVar("T")

_ID = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,30}[a-z0-9])?", re.ASCII)
_INSTANT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z", re.ASCII)
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)
MAX_INTEGER = 2**53 - 1


@dataclass(frozen=True, slots=True)
class Text:
    """One sentence in Chinese and in English; both are always there."""

    zh: str
    en: str

    def to_json(self) -> dict[str, JsonValue]:
        return {"en": self.en, "zh": self.zh}


@dataclass(frozen=True, slots=True)
class Contact:
    """Whom a shopper can reach: a telephone number and a web address, either may be empty but not both."""

    phone: str
    url: str

    def to_json(self) -> dict[str, JsonValue]:
        return {"phone": self.phone, "url": self.url}


def parse_id(text: str) -> str:
    """An issuer's identifier: 1–32 of a–z, 0–9 and inner hyphens. Raises Malformed."""
    if _ID.fullmatch(text) is None:
        raise Malformed("bad_issuer_id", f"an issuer id is 1–32 of a-z, 0-9 and inner hyphens, not {text[:40]!r}")
    return text


def parse_instant(text: str) -> datetime:
    """RFC 3339 in UTC to the second, with a capital T and Z; the one spelling that is accepted. Raises Malformed."""
    if _INSTANT.fullmatch(text) is not None:
        try:
            return datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
        except ValueError:
            pass
    raise Malformed("bad_instant", f"an instant is written YYYY-MM-DDTHH:MM:SSZ, not {text[:40]!r}")


def format_instant(instant: datetime) -> str:
    """The one spelling of an instant, in UTC to the second."""
    # Not strftime: what %Y makes of a year before 1000 depends on the C library.
    return instant.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="seconds") + "Z"


def parse_date(text: str) -> date:
    """A local calendar date YYYY-MM-DD, without a time. Raises Malformed."""
    if _DATE.fullmatch(text) is not None:
        try:
            return date.fromisoformat(text)
        except ValueError:
            pass
    raise Malformed("bad_date", f"a date is written YYYY-MM-DD, not {text[:40]!r}")


class Fields:
    """A cursor over one JSON object. Call `done()` last: members that nobody asked for are refused."""

    def __init__(self, value: JsonValue, where: str) -> None:
        if not isinstance(value, dict):
            raise Malformed("not_an_object", f"{where} must be an object")
        self._left = dict(value)
        self._where = where

    def has(self, name: str) -> bool:
        return name in self._left

    def take(self, name: str) -> JsonValue:
        if name not in self._left:
            raise Malformed("missing_member", f"{self._where}: member {name!r} is missing")
        return self._left.pop(name)

    def string(self, name: str, *, maximum: int = 200, minimum: int = 1) -> str:
        value = self.take(name)
        if not isinstance(value, str):
            raise Malformed("wrong_type", f"{self._where}.{name} must be a string")
        if not minimum <= len(value) <= maximum:
            raise Malformed("wrong_length", f"{self._where}.{name} must have {minimum} to {maximum} characters")
        return value

    def integer(self, name: str, *, maximum: int = MAX_INTEGER, minimum: int = 0) -> int:
        value = self.take(name)
        if isinstance(value, bool) or not isinstance(value, int):
            raise Malformed("wrong_type", f"{self._where}.{name} must be an integer")
        if not minimum <= value <= maximum:
            raise Malformed("out_of_range", f"{self._where}.{name} must lie between {minimum} and {maximum}")
        return value

    def items(self, name: str, *, maximum: int = 1000, minimum: int = 0) -> list[JsonValue]:
        value = self.take(name)
        if not isinstance(value, list):
            raise Malformed("wrong_type", f"{self._where}.{name} must be an array")
        if not minimum <= len(value) <= maximum:
            raise Malformed("wrong_length", f"{self._where}.{name} must have {minimum} to {maximum} members")
        return value

    def sorted_strings(self, name: str, parse: Callable[[str], str], *, maximum: int = 1000) -> tuple[str, ...]:
        """An array of strings in ascending order without repetition: sets have one spelling."""
        values: list[str] = []
        for value in self.items(name, maximum=maximum):
            if not isinstance(value, str):
                raise Malformed("wrong_type", f"{self._where}.{name} must hold strings")
            values.append(parse(value))
        if values != sorted(set(values)):
            raise Malformed("not_sorted", f"{self._where}.{name} must be sorted and free of repetition")
        return tuple(values)

    def parsed(self, name: str, parse: Callable[[str], T], *, maximum: int = 200) -> T:
        return parse(self.string(name, maximum=maximum))

    def text(self, name: str, *, maximum: int = 2000) -> Text:
        inner = Fields(self.take(name), f"{self._where}.{name}")
        text = Text(zh=inner.string("zh", maximum=maximum), en=inner.string("en", maximum=maximum))
        inner.done()
        return text

    def contact(self, name: str) -> Contact:
        inner = Fields(self.take(name), f"{self._where}.{name}")
        contact = Contact(phone=inner.string("phone", minimum=0, maximum=40), url=inner.string("url", minimum=0))
        inner.done()
        if contact.url and not contact.url.startswith("https://"):
            raise Malformed("bad_contact", f"{self._where}.{name}.url must start with https://")
        if not contact.phone and not contact.url:
            raise Malformed("bad_contact", f"{self._where}.{name} needs a phone number or a web address")
        return contact

    def inner(self, name: str) -> Fields:
        return Fields(self.take(name), f"{self._where}.{name}")

    def done(self) -> None:
        if self._left:
            unknown = ", ".join(sorted(self._left))[:80]
            raise Malformed("unknown_member", f"{self._where}: unknown member {unknown}")
