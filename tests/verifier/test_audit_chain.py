# SPDX-License-Identifier: Apache-2.0
"""An audit trail's chain, recomputed by a reader: every change, gap and rewriting shows."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from passport.domain.accounts_audit import Act, ActorKind, chain_hash
from verifier.account_types import AuditRow
from verifier.audit_chain import EMPTY_CHAIN, ChainEnd, check_audit_chain
from verifier.protocol.errors import DoesNotHold

BEGAN = datetime(2026, 11, 21, 8, tzinfo=UTC)


def make_rows(count: int, outcome: str = "done") -> list[AuditRow]:
    """As a registry writes them."""
    rows, before = [], EMPTY_CHAIN
    for seq in range(1, count + 1):
        at = BEGAN + timedelta(seconds=seq)
        act = Act(ActorKind.TOKEN, "abcdefgh", "listing.bound", "listing", f"某-{seq}", outcome, "request-1")
        before = chain_hash(before, seq, at, act)
        fields = (act.action, act.object_kind, act.object_id, act.outcome, act.request_id)
        rows.append(AuditRow(seq, at, "token", act.actor, *fields, before.hex()))
    return rows


def end_of(rows: list[AuditRow]) -> ChainEnd:
    return ChainEnd(rows[-1].seq, bytes.fromhex(rows[-1].hash))


def test_a_whole_chain_ends_where_the_registry_says_in_whatever_order_it_is_read() -> None:
    rows = make_rows(20)
    assert check_audit_chain(rows) == check_audit_chain(reversed(rows)) == end_of(rows)
    assert check_audit_chain([]) == ChainEnd(0, EMPTY_CHAIN)


@pytest.mark.parametrize(
    "change",
    [
        {"actor": "zzzzzzzz"},
        {"action": "listing.refused"},
        {"object_id": "另一个"},
        {"outcome": "refused"},
        {"request_id": ""},
        {"at": BEGAN},
        {"actor_kind": "member"},
        {"object_kind": "appeal"},
        {"hash": "00" * 32},
    ],
)
def test_a_changed_row_shows(change: dict[str, object]) -> None:
    rows = make_rows(5)
    rows[2] = replace(rows[2], **change)  # type: ignore[arg-type]
    with pytest.raises(DoesNotHold) as error:
        check_audit_chain(rows)
    assert error.value.code == "audit_row_changed"


@pytest.mark.parametrize(("spoil", "code"), [(lambda r: r.pop(2), "missing"), (lambda r: r.append(r[2]), "repeated")])
def test_a_missing_or_repeated_row_shows(spoil: object, code: str) -> None:
    rows = make_rows(5)
    spoil(rows)  # type: ignore[operator]
    with pytest.raises(DoesNotHold) as error:
        check_audit_chain(rows)
    assert error.value.code == f"audit_row_{code}"


def test_a_chain_that_was_rewritten_from_the_beginning_shows_to_whoever_noted_its_end() -> None:
    noted = end_of(make_rows(10))
    assert check_audit_chain(make_rows(14), start=noted).seq == 14
    assert check_audit_chain(make_rows(14)[10:], start=noted).seq == 14
    for rewritten in (make_rows(14, "another"), make_rows(14, "another")[10:]):
        check_audit_chain(make_rows(14, "another"))
        with pytest.raises(DoesNotHold) as error:
            check_audit_chain(rewritten, start=noted)
        assert error.value.code == "audit_chain_rewritten"


def test_a_chain_that_was_cut_short_shows_to_whoever_noted_its_end() -> None:
    noted = end_of(make_rows(10))
    with pytest.raises(DoesNotHold) as error:
        check_audit_chain(make_rows(8), start=noted)
    assert error.value.code == "audit_row_missing"
