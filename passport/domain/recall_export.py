# SPDX-License-Identifier: Apache-2.0
"""A board as files: CSV for spreadsheets, and the members of the evidence bundle. The same board is the same bytes."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from passport.domain.listing_file import protect
from passport.domain.recall_cases import RecallState
from passport.domain.recall_indicators import CaseFacts, CaseFigures, Indicators, Share
from verifier.protocol.encoding import JsonValue, encode_base64, encode_canonical_json
from verifier.protocol.fields import format_instant
from verifier.recall_board import CASES, CHECKPOINT, LEDGER, LISTINGS, SNAPSHOT, make_board_text

COLUMNS = (
    "recall_id",
    "platform",
    "case",
    "listing",
    "url",
    "seller_id",
    "seller_name",
    "gtin",
    "lots",
    "state_before",
    "stopped_at",
    "pushed_at",
    "deadline_at",
    "received_at",
    "notice_at",
    "notice_url",
    "delisted_at",
    "hours",
    "released_at",
    "rebound_at",
)


@dataclass(frozen=True, slots=True)
class BoardContent:
    """What is exported, as one reader sees it at one instant. `figures` by case id."""

    at: datetime
    organisation: str
    covers_all: bool
    handled_size: int
    recalls: tuple[RecallState, ...]
    cases: tuple[CaseFacts, ...]
    figures: Mapping[str, CaseFigures]
    indicators: Indicators


@dataclass(frozen=True, slots=True)
class Proof:
    """What the ledger says: entries as (index, bytes, inclusion proof)."""

    origin: str
    checkpoint: bytes
    snapshot: bytes
    entries: Sequence[tuple[int, bytes, tuple[bytes, ...]]]


def write_case_listings(cases: Iterable[CaseFacts]) -> Iterator[bytes]:
    """One row for each listing of each case, UTF-8 with the mark that Excel needs; no field is taken for a formula."""
    yield _encode(("\ufeff" + COLUMNS[0], *COLUMNS[1:]))
    for facts in cases:
        case = facts.case
        for one in facts.listings:
            texts = (one.url, one.seller_id, one.seller_name, one.gtin, " ".join(one.lots), one.state_before)
            hours = "" if one.hours is None else f"{max(one.hours, 0):.2f}"
            times = (one.stopped_at, one.pushed_at, one.deadline_at, case.received_at, one.notice_at)
            yield _encode(
                (
                    *map(protect, (case.recall_id, case.organisation, case.id, one.listing, *texts)),
                    *map(_instant, times),
                    protect(one.notice_url),
                    _instant(one.delisted_at),
                    hours,
                    _instant(one.released_at),
                    _instant(one.rebound_at),
                )
            )


def board_files(content: BoardContent, proof: Proof) -> dict[str, bytes]:
    """The members of the bundle in their order, without the note."""
    entries: list[JsonValue] = [
        {
            "entry": encode_base64(entry),
            "index": index,
            "proof": list[JsonValue](map(encode_base64, path)),
        }
        for index, entry, path in proof.entries
    ]
    return {
        CASES: encode_canonical_json(_cases(content, proof.origin)),
        LISTINGS: b"".join(write_case_listings(content.cases)),
        LEDGER: encode_canonical_json({"entries": entries}),
        CHECKPOINT: proof.checkpoint,
        SNAPSHOT: proof.snapshot,
    }


def board_text(content: BoardContent, origin: str, files: Mapping[str, bytes]) -> str:
    """The text that the status key signs."""
    return make_board_text(origin, content.organisation, format_instant(content.at), files)


def _cases(content: BoardContent, origin: str) -> dict[str, JsonValue]:
    return {
        "at": format_instant(content.at),
        "cases": [_case(facts, content.figures[facts.case.id]) for facts in content.cases],
        "covers": "all platforms" if content.covers_all else content.organisation,
        "handled_size": content.handled_size,
        "indicators": indicators_json(content.indicators),
        "organisation": content.organisation,
        "origin": origin,
        "recalls": [
            {
                "coverage": state.coverage.to_json(),
                "index": state.index,
                "latest_index": state.latest_index,
                "publisher": state.publisher,
                "recall_id": state.recall_id,
                "revision": state.revision,
                "severity": state.severity,
                "status": "active" if state.is_active else "closed",
                "title": state.title.to_json(),
            }
            for state in content.recalls
        ],
    }


def _case(facts: CaseFacts, figures: CaseFigures) -> dict[str, JsonValue]:
    case = facts.case
    value: dict[str, JsonValue | None] = {
        "affected": figures.affected,
        "attempts": [
            {
                "at": format_instant(one.at),
                "blocked": one.was_blocked,
                "had_listing": one.had_listing,
                "listing": one.listing,
                "seller_id": one.seller_id,
                "url": one.url,
            }
            for one in facts.attempts
        ],
        "closed_at": _optional(case.closed_at),
        "closed_by": case.closed_by or None,
        "deadline_at": _optional(case.deadline_at),
        "delisted": sum(one.delisted_at is not None for one in facts.listings),
        "id": case.id,
        "late": figures.late,
        "listings": len(facts.listings),
        "measures": [
            {"at": format_instant(one.at), "kind": one.kind.value, "seller_id": one.seller_id, "text": one.text}
            for one in facts.measures
        ],
        "median_seconds": figures.median_seconds,
        "notices": figures.notices,
        "platform": case.organisation,
        "pushed_at": _optional(case.pushed_at),
        "recall_id": case.recall_id,
        "received_at": _optional(case.received_at),
        "received_by": case.received_by or None,
        "released": figures.released,
        "revision": case.revision,
        "stopped": figures.stopped,
        "stopped_in_time": figures.stopped_in_time,
        "worst_seconds": figures.worst_seconds,
    }
    return {name: item for name, item in value.items() if item is not None}


def indicators_json(found: Indicators) -> dict[str, JsonValue]:
    """The five as numbers; what there is nothing to count for has no permille."""
    shares = {
        "shared_in_real_time": found.shared_in_real_time,
        "stopped_in_time": found.stopped_in_time,
        "notices_shown": found.notices_shown,
        "relisting_blocked": found.relisting_blocked,
        "sellers_acted_on": found.sellers_acted_on,
    }
    value: dict[str, JsonValue] = {name: _share(share) for name, share in shares.items()}
    value |= {"attempts": found.attempts, "cases": found.cases}
    if found.median_share_seconds is not None:
        value["median_share_seconds"] = found.median_share_seconds
    return value


def _share(share: Share) -> dict[str, JsonValue]:
    value: dict[str, JsonValue] = {"part": share.part, "whole": share.whole}
    return value if share.permille is None else value | {"permille": share.permille}


def _instant(at: datetime | None) -> str:
    return "" if at is None else format_instant(at)


def _optional(at: datetime | None) -> str | None:
    return None if at is None else format_instant(at)


def _encode(cells: Sequence[str]) -> bytes:
    buffer = io.StringIO()
    csv.writer(buffer, lineterminator="\r\n").writerow(cells)
    return buffer.getvalue().encode()
