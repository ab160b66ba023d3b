# SPDX-License-Identifier: Apache-2.0
"""The audit: replay a whole ledger and recompute all that is said about it. SCITT (RFC 9943), auditor; DESIGN §4.

What the operator alone can have done wrong is a finding; the audit goes on after it as far as it can. What the network
did is no finding: DidNotArrive ends the audit, which has then said nothing.

 1 the newest checkpoint, under the policy      2 the same history as the checkpoint that the auditor kept
 3 every entry and every tile, up to its root   4 every entry permitted by the registration policy
 5 every snapshot signed by the ledger's status key, and current
 6 each of them equal, byte for byte, to what the entries up to its size say
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import NoReturn

from verifier.fetch import NotFound
from verifier.fold import Disregarded, LedgerState
from verifier.ledger_client import LedgerClient, LedgerView
from verifier.protocol.encoding import JsonValue, encode_base64
from verifier.protocol.errors import DoesNotHold, Malformed, VerifierError
from verifier.protocol.fields import format_instant
from verifier.protocol.policy import VerifiedCheckpoint
from verifier.protocol.statements import parse_entry
from verifier.snapshot import Snapshot, make_snapshot, parse_snapshot
from verifier.snapshot_check import check_current, check_equal

Progress = Callable[[str, int, int], None]
"""Told (stage, done, total) as the audit moves on. Stages: "entries", "snapshots"."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that the operator did wrong. `code` is a stable word; `index` the ledger index of the entry, if one."""

    code: str
    message: str
    index: int | None = None

    def to_json(self) -> dict[str, JsonValue]:
        """Without `index` where there is none."""
        value: dict[str, JsonValue] = {"code": self.code, "message": self.message}
        return value if self.index is None else value | {"index": self.index}


@dataclass(slots=True)
class AuditReport:
    """What an audit found. `is_complete`: it went through to the end. `is_clean`: it did, without any finding.

    `in_hindsight` lists entries that a later key revocation undid: no fault of the operator. `checkpoint` is to be kept
    for the next audit if `is_one_history`.
    """

    checked_at: datetime
    checkpoint: VerifiedCheckpoint | None = None
    seen: VerifiedCheckpoint | None = None
    findings: list[Finding] = field(default_factory=list)
    in_hindsight: list[Finding] = field(default_factory=list)
    statements: Counter[str] = field(default_factory=Counter)
    codes: int = 0
    snapshots: int = 0
    is_one_history: bool = True
    is_complete: bool = False

    @property
    def is_clean(self) -> bool:
        """Nothing was found, and nothing was left out."""
        return self.is_complete and not self.findings

    def add(self, error: VerifierError, *, where: str = "") -> None:
        """Record what does not hold."""
        self.findings.append(Finding("missing" if isinstance(error, NotFound) else error.code, f"{where}{error}"))

    def to_json(self) -> dict[str, JsonValue]:
        """For programs: one object, the same members each time, `seen_size` only when a checkpoint had been kept."""
        value: dict[str, JsonValue] = {
            "checked_at": format_instant(self.checked_at),
            "codes": self.codes,
            "findings": [finding.to_json() for finding in self.findings],
            "in_hindsight": [finding.to_json() for finding in self.in_hindsight],
            "is_clean": self.is_clean,
            "is_complete": self.is_complete,
            "snapshots": self.snapshots,
            "statements": {name: self.statements[name] for name in sorted(self.statements)},
        }
        if self.checkpoint is not None:
            value |= {
                "origin": self.checkpoint.origin,
                "root_hash": encode_base64(self.checkpoint.root_hash),
                "size": self.checkpoint.size,
            }
        if self.seen is not None:
            value["seen_size"] = self.seen.size
        return value


def audit(
    client: LedgerClient, *, now: datetime, seen: VerifiedCheckpoint | None = None, progress: Progress | None = None
) -> AuditReport:
    """Audit a ledger. `seen` is the checkpoint that the auditor kept last time, if any.

    Raises DidNotArrive when the network fails, except that a file which the server says it does not have, though it
    signed for it, is a finding ("missing"). Raises DoesNotHold("unknown_log") when the policy is for another ledger.
    """
    auditor = _Auditor(client, AuditReport(checked_at=now, seen=seen), progress or (lambda stage, done, total: None))
    auditor.run()
    return auditor.report


@dataclass(frozen=True, slots=True)
class _Document:
    """A snapshot as served: where, whose shard it should be (None: whole), its value and its signed text."""

    where: str
    shard: str | None
    snapshot: Snapshot


class _Stop(Exception):
    """The audit cannot go on; the finding is in the report."""


class _Auditor:
    def __init__(self, client: LedgerClient, report: AuditReport, progress: Progress) -> None:
        self._client = client
        self.report = report
        self._progress = progress
        self._view: LedgerView | None = None
        self._state: LedgerState | None = None
        self._disregarded: list[Disregarded] = []

    def run(self) -> None:
        try:
            state = self._replay()  # 1–4
            documents = list(self._snapshots(state))  # 5
            if any(document.snapshot.size > state.size for document in documents):
                state = self._replay()  # the ledger grew while we read: read what was added, and compare at that size
            self._compare(state, documents)  # 6
        except _Stop:
            return
        finally:
            self._list_disregarded()
        self.report.is_complete = True

    def _replay(self) -> LedgerState:
        """Steps 1 to 4 for what has been appended since the last call; the fold of it all."""
        report = self.report
        try:
            checkpoint = self._client.fetch_checkpoint()  # 1
        except (DoesNotHold, Malformed) as error:  # none at all: more likely the wrong address than a guilty ledger
            if error.code == "unknown_log":
                raise
            self._stop(error, "The checkpoint: ")
        view = self._client.view(checkpoint)
        before = report.seen if self._view is None else self._view.checkpoint
        if before is not None:
            self._check_history(view, before)  # 2
        state = self._state or LedgerState(checkpoint.origin)
        self._view, self._state, report.checkpoint = view, state, checkpoint
        try:
            view.tree.root_hash()
            for entry in view.fetch_entries(min(state.size, checkpoint.size), checkpoint.size):  # 3
                state.read(state.size, entry)  # 4
                self._count(entry)
                if state.size % 256 == 0 or state.size == checkpoint.size:
                    self._progress("entries", state.size, checkpoint.size)
        except (DoesNotHold, Malformed, NotFound) as error:
            self._stop(error, f"After {state.size} entries: ")
        finally:
            self._disregarded = list(state.disregarded)
            report.codes = sum(record.statement.count for record in state.batches.values())
        return state

    def _check_history(self, view: LedgerView, before: VerifiedCheckpoint) -> None:
        try:
            view.check_history(before)
        except (DoesNotHold, Malformed, NotFound) as error:
            self.report.is_one_history = False
            self.report.add(error, where="Compared with the checkpoint kept from before: ")
        else:
            if view.checkpoint.size < before.size:
                # One history, but an old part of it: whatever was logged since is being kept from us.
                words = f"The ledger had {before.size} entries and shows {view.checkpoint.size}."
                self.report.findings.append(Finding("ledger_went_back", words))

    def _count(self, entry: bytes) -> None:
        try:
            statement = parse_entry(entry).statement
        except Malformed:
            self.report.statements["unreadable"] += 1
            return
        self.report.statements[statement.type] += 1

    def _list_disregarded(self) -> None:
        report = self.report
        for item in self._disregarded:
            finding = Finding(item.rule, item.message, item.index)
            if item.in_hindsight:
                report.in_hindsight.append(finding)
            else:
                words = f"Entry {item.index} was logged against the policy: {item.message}"
                report.findings.append(Finding("entry_not_permitted", f"{words} ({item.rule})", item.index))

    def _snapshots(self, state: LedgerState) -> Iterator[_Document]:
        """Step 5: every snapshot that the ledger should serve, if its signature holds and it is current."""
        if state.registry is None:
            self.report.add(DoesNotHold("no_registry", "Entry 0 does not name the registry's keys."))
            raise _Stop
        owners = {gtin: state.prefixes.find_issuer_id(gtin) for gtin in state.batches_of_gtin}
        wanted: list[tuple[str | None, str | None]] = [(None, None)]
        wanted += [(issuer, None) for issuer in sorted(state.issuers)]
        wanted += [(owner, gtin) for gtin, owner in sorted(owners.items())]
        for done, (shard, gtin) in enumerate(wanted, 1):
            where = f"Snapshot {gtin or shard or '(whole)'}: "
            try:
                note = self._client.fetch_snapshot(shard=shard, gtin=gtin)
                snapshot = parse_snapshot(note, state.registry.status_vkey)
                check_current(snapshot, self.report.checked_at)
            except (DoesNotHold, Malformed, NotFound) as error:
                self.report.add(error, where=where)
            else:
                yield _Document(where, shard, snapshot)
            self.report.snapshots += 1
            self._progress("snapshots", done, len(wanted))

    def _compare(self, state: LedgerState, documents: list[_Document]) -> None:
        """Step 6, the newest first: the state can forget its last entries, not regain them."""
        assert self._view is not None  # step 1 made it
        whole: dict[int, Snapshot] = {}
        for document in sorted(documents, key=lambda document: -document.snapshot.size):
            snapshot = document.snapshot
            try:
                if snapshot.size > self._view.checkpoint.size:
                    raise DoesNotHold("snapshot_ahead", "it is of a size that the ledger has not published.")
                if snapshot.size not in whole:
                    if snapshot.size < state.size:
                        state.rollback(snapshot.size)
                    root_hash = self._view.tree.subtree_hash(0, snapshot.size)
                    # The instants are the only part that no fold can give: they are taken from what was signed.
                    whole[snapshot.size] = make_snapshot(
                        state, root_hash=root_hash, as_of_at=snapshot.as_of_at, next_update_at=snapshot.next_update_at
                    )
                check_equal(snapshot, document.shard, whole[snapshot.size])
            except (DoesNotHold, Malformed, NotFound) as error:
                self.report.add(error, where=document.where)

    def _stop(self, error: VerifierError, where: str) -> NoReturn:
        self.report.add(error, where=where)
        raise _Stop
