# SPDX-License-Identifier: Apache-2.0
"""A recall file: the notice as it will stand in the ledger, and the publisher's own number for it. JSON or TOML.

DESIGN §4.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from verifier.protocol.encoding import JsonValue, parse_decimal
from verifier.protocol.errors import Malformed
from verifier.protocol.fields import Fields
from verifier.protocol.gs1 import gtin14_from
from verifier.protocol.statements.recall import RecallNotice, parse_recall_id, read_notice


@dataclass(frozen=True, slots=True)
class RecallDraft:
    """A notice that nobody has signed yet; `number` is unique among the publisher's recalls."""

    number: str
    notice: RecallNotice

    def recall_id(self, issuer: str) -> str:
        """`<issuer>/<number>`. Raises Malformed."""
        return parse_recall_id(f"{issuer}/{self.number}")


def parse_recall_draft(value: JsonValue) -> RecallDraft:
    """The draft that a file's value describes. GTINs may be shorter than 14 digits. Raises Malformed."""
    if not isinstance(value, dict):
        raise Malformed("not_an_object", "a recall file holds one object")
    members = dict(value)
    number = members.pop("number", None)
    if not isinstance(number, str):
        raise Malformed("missing_member", "recall: member 'number' is missing; choose one, such as \"2026-001\"")
    members["scope"] = [_with_long_gtin(entry) for entry in _list(members.get("scope"))]
    draft = RecallDraft(number, read_notice(Fields(members, "recall")))
    draft.recall_id("x")
    return draft


def merge_options(file: JsonValue, options: Mapping[str, JsonValue]) -> JsonValue:
    """The file's value with what the command line says laid over it; texts are laid over by language."""
    if not isinstance(file, dict):
        raise Malformed("not_an_object", "a recall file holds one object")
    merged = dict(file)
    for name, value in options.items():
        old = merged.get(name)
        merged[name] = old | value if isinstance(old, dict) and isinstance(value, dict) else value
    return merged


def parse_seqs(text: str) -> list[JsonValue]:
    """`FIRST-LAST` or one position, both included, from 0, as [first, last]. Raises Malformed."""
    first, separator, last = text.partition("-")
    try:
        low = parse_decimal(first, maximum=2**32 - 1)
        high = parse_decimal(last, maximum=2**32 - 1) if separator else low
    except Malformed:
        raise Malformed("bad_seq_range", f"positions are written FIRST-LAST, not {text[:40]!r}") from None
    if high < low:
        raise Malformed("bad_seq_range", f"the range {text[:40]} ends before it begins")
    return [low, high]


def _list(value: JsonValue | None) -> list[JsonValue]:
    if not isinstance(value, list):
        raise Malformed("missing_member", "recall: member 'scope' must be an array of scope entries")
    return value


def _with_long_gtin(entry: JsonValue) -> JsonValue:
    if isinstance(entry, dict) and isinstance(entry.get("gtin"), str):
        return entry | {"gtin": gtin14_from(str(entry["gtin"]))}
    return entry
