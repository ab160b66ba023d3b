# SPDX-License-Identifier: Apache-2.0
"""Writes verdicts as JSON, many at a time: the same value as `Verdict.to_json()`, without building it member by member.

Most of a verdict is the same for all codes of a batch: its steps, its issuer, its batch. Each is written once and found
again by the identity of the object, which the writer holds on to for as long as it lives.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from verifier.protocol.fields import format_instant

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime

    from verifier.verdict import Verdict

_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
_SHARED = ("batch", "issuer", "next_update", "recalls", "snapshot_as_of", "steps")


class VerdictWriter:
    """For one answer: nothing is remembered from one request to the next."""

    def __init__(self) -> None:
        self._shared: dict[tuple[int, ...], tuple[object, str]] = {}
        self._instants: dict[datetime, str] = {}

    def write(self, verdict: Verdict) -> str:
        """One JSON object."""
        head = f'"checked_at":"{self._instant(verdict.checked_at)}","reason":{_encode(verdict.reason)}'
        parts = [f'{{{head},"status":"{verdict.status.value}"']
        if verdict.code is not None:
            parts.append(f'"gtin":"{verdict.code.gtin}","serial":{_encode(verdict.code.serial)}')
        if verdict.suspicion is not None:
            facts = _encode(verdict.suspicion.facts.to_json())
            parts.append(f'"suspicion":{{"facts":{facts},"reason":{_encode(verdict.suspicion.reason)}}}')
        parts.append(self._write_shared(verdict))
        return ",".join(parts) + "}"

    def pieces(self, verdicts: Iterable[Verdict]) -> Iterator[str]:
        """{"verdicts":[…]} in the order given, verdict by verdict."""
        separator = '{"verdicts":['
        for verdict in verdicts:
            yield separator + self.write(verdict)
            separator = ","
        yield "]}" if separator == "," else separator + "]}"

    def _instant(self, instant: datetime) -> str:
        text = self._instants.get(instant)
        if text is None:
            text = self._instants[instant] = format_instant(instant)
        return text

    def _write_shared(self, verdict: Verdict) -> str:
        """The members that codes of one batch have in common, always at least `steps`."""
        objects = (
            verdict.steps,
            verdict.issuer,
            verdict.batch,
            verdict.recalls,
            verdict.snapshot_as_of,
            verdict.next_update_at,
            verdict.batch_index,
        )
        key = tuple(map(id, objects))  # the entry holds the objects, so their ids cannot be given to others meanwhile
        known = self._shared.get(key)
        if known is None:
            value = verdict.to_json()
            text = ",".join(f'"{name}":{_encode(value[name])}' for name in _SHARED if name in value)
            known = self._shared[key] = (objects, text)
        return known[1]
