# SPDX-License-Identifier: Apache-2.0
"""What a monitor has to tell: events about watched company prefixes, from verified entries in order. DESIGN §1.

Pure: entries in, events out. The same entries and the same prefixes give the same events with the same ids, however
often they are read, so a receiver drops what it has by the id alone. `verifier.monitor_loop` does the reading.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256

from verifier.fold import LedgerState
from verifier.protocol.encoding import JsonValue, encode_canonical_json
from verifier.protocol.errors import Malformed, VerifierError
from verifier.protocol.fields import Fields, format_instant, parse_instant
from verifier.protocol.gs1 import do_prefixes_overlap, is_gtin_under_prefix
from verifier.protocol.statements import Statement
from verifier.protocol.statements.certificates import CertificateStatus
from verifier.protocol.statements.dossiers import DossierApproved
from verifier.protocol.statements.inspections import InspectionPublished
from verifier.protocol.statements.products import BatchIssued, CodesVoided, ProductPublished
from verifier.protocol.statements.recall import RecallClosed, RecallNotice, RecallPublished, RecallRevised
from verifier.protocol.statements.registry import IssuerAdmitted, KeyAdded, KeyRevoked, ProvenKey, RegistryCreated

TYPE = "product-passport/monitor-event/v1"
MAX_EVENT_SIZE = 16 * 1024  # bytes of one event's JSON; every list and text below is cut to keep it
_LISTED = 50  # members of one list in an event; its true length stands beside it
_WORDS = 500  # characters of one text

KINDS = (
    "batch_issued",
    "certificate_status",
    "codes_voided",
    "dossier_approved",
    "entry_disregarded",
    "inspection_published",
    "issuer_admitted",
    "key_added",
    "key_first_used",
    "key_revoked",
    "ledger_failed",
    "ledger_forked",
    "ledger_went_back",
    "lot_issued_twice",
    "no_growth",
    "passport_published",
    "recall_closed",
    "recall_published",
    "recall_revised",
    "registry_created",
    "snapshot_stale",
)

Detail = dict[str, JsonValue]


@dataclass(frozen=True, slots=True)
class Event:
    """One thing to tell. `id` says which, for ever: kind and ledger index, or kind and what the condition is about.

    `index` is the ledger index of the entry; None for what no entry says. `seen_at` is the monitor's own clock.
    """

    kind: str
    id: str
    origin: str
    index: int | None
    seen_at: datetime
    detail: Detail = field(default_factory=dict)

    def to_json(self) -> Detail:
        """The object that is printed and posted; `index` only where there is one."""
        value: Detail = {
            "detail": self.detail,
            "id": self.id,
            "kind": self.kind,
            "origin": self.origin,
            "seen_at": format_instant(self.seen_at),
            "type": TYPE,
        }
        return value if self.index is None else value | {"index": self.index}

    def to_bytes(self) -> bytes:
        """Canonical JSON (RFC 8785), at most MAX_EVENT_SIZE bytes."""
        return encode_canonical_json(self.to_json())


def read_event(value: JsonValue) -> Event:
    """The event that `to_json` gave. Raises Malformed."""
    fields = Fields(value, "event")
    if fields.string("type") != TYPE:
        raise Malformed("unknown_type", f"an event is of type {TYPE}")
    detail = fields.take("detail")
    kind = fields.string("kind")
    if not isinstance(detail, dict) or kind not in KINDS:
        raise Malformed("unknown_event", "this is no event that a monitor makes")
    event = Event(
        kind=kind,
        id=fields.string("id"),
        origin=fields.string("origin"),
        index=fields.integer("index") if fields.has("index") else None,
        seen_at=fields.parsed("seen_at", parse_instant),
        detail=detail,
    )
    fields.done()
    return event


def entry_event(kind: str, origin: str, index: int, seen_at: datetime, detail: Detail) -> Event:
    """An event that the entry at `index` is the reason of."""
    return Event(kind, f"{_short(origin.encode())}-{index}-{kind}", origin, index, seen_at, detail)


def condition_event(kind: str, origin: str, about: str, seen_at: datetime, detail: Detail) -> Event:
    """An event that no entry is the reason of. The same `about` gives the same id."""
    return Event(kind, f"{_short(origin.encode())}-{kind}-{_short(about.encode())}", origin, None, seen_at, detail)


def _short(data: bytes) -> str:
    return sha256(data).hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class Watch:
    """The GS1 company prefixes that somebody watches; none means everything."""

    prefixes: tuple[str, ...] = ()

    def has_gtin(self, gtin: str) -> bool:
        """Whether the GTIN lies under a watched prefix."""
        return not self.prefixes or any(is_gtin_under_prefix(gtin, prefix) for prefix in self.prefixes)

    def has_issuer(self, prefixes: Iterable[str]) -> bool:
        """Whether an issuer with these prefixes may speak for a watched GTIN."""
        if not self.prefixes:
            return True
        return any(do_prefixes_overlap(mine, theirs) for theirs in prefixes for mine in self.prefixes)


class EntryReader:
    """Folds entries, in order from index 0, and says what each of them means for the watched prefixes."""

    def __init__(self, origin: str, watch: Watch) -> None:
        self.state = LedgerState(origin)
        self._watch = watch
        self._lots: dict[tuple[str, str], int] = {}  # gtin and lot → index of its latest batch
        self._used_keys: set[str] = set()
        self._undone: set[int] = set()  # indices of entries that a later revocation has undone
        self._recalled: dict[str, set[str]] = {}  # recall id → the watched GTINs that it has ever named
        self._certified: set[tuple[str, str]] = set()  # certificates that have ever named a watched GTIN

    @property
    def size(self) -> int:
        """How many entries were read."""
        return self.state.size

    def read(self, entry: bytes, *, seen_at: datetime) -> tuple[Event, ...]:
        """The next entry. An entry that the policy forbids is told to everybody: it is the operator's fault, and
        whom it was meant to hurt is often not to be seen."""
        state = self.state
        index = state.size
        told: list[tuple[str, Detail]]
        try:
            statement = state.admit(index, entry).statement
        except VerifierError:
            state.read(index, entry)  # the same answer, and it is recorded
            fault = state.disregarded[-1]
            told = [("entry_disregarded", {"message": fault.message[:_WORDS], "rule": fault.rule})]
        else:
            told = self._tell(index, statement)
        return tuple(entry_event(kind, state.origin, index, seen_at, detail) for kind, detail in told)

    def watched_issuers(self) -> tuple[str, ...]:
        """The ids of the admitted issuers that may speak for a watched GTIN."""
        return tuple(sorted(i.id for i in self.state.issuers.values() if self._watch.has_issuer(i.prefixes)))

    def _tell(self, index: int, statement: Statement) -> list[tuple[str, Detail]]:
        match statement:
            case RegistryCreated():
                return [] if self._watch.prefixes else [("registry_created", {"name": statement.name.to_json()})]
            case IssuerAdmitted():
                return self._tell_admission(statement)
            case KeyAdded():
                return self._tell_key("key_added", statement.subject, _key_json(statement.key))
            case KeyRevoked():
                return self._tell_key("key_revoked", statement.subject, self._revocation_json(statement))
            case ProductPublished():
                return self._tell_numbered("passport_published", statement, {})
            case BatchIssued():
                return self._tell_batch(index, statement) if self._watch.has_gtin(statement.gtin) else []
            case CodesVoided():
                return self._tell_void(statement)
            case RecallPublished() | RecallRevised():
                revision = 1 if isinstance(statement, RecallPublished) else statement.revision
                kind = "recall_published" if isinstance(statement, RecallPublished) else "recall_revised"
                detail = _said_by(statement) | _notice_json(statement.notice) | {"revision": revision}
                return self._tell_recall(kind, statement.recall_id, statement.notice, detail)
            case RecallClosed():
                notice = self.state.recalls[statement.recall_id].notice
                detail = _said_by(statement) | _notice_json(notice)
                return self._tell_recall("recall_closed", statement.recall_id, notice, detail)
            case CertificateStatus():
                return self._tell_certificate(statement)
            case InspectionPublished():
                return self._tell_inspection(statement)
            case DossierApproved(dossier_id=dossier_id, lot=lot):
                return self._tell_numbered("dossier_approved", statement, {"dossier_id": dossier_id, "lot": lot})

    def _tell_admission(self, statement: IssuerAdmitted) -> list[tuple[str, Detail]]:
        if not self._watch.has_issuer(statement.prefixes):
            return []
        detail: Detail = {
            "name": statement.name.to_json(),
            "prefixes": list(statement.prefixes[:_LISTED]),
            "roles": list(statement.roles),
            "subject": statement.subject,
            "uscc": statement.uscc,
        }
        return [("issuer_admitted", detail | _key_json(statement.key))]

    def _tell_key(self, kind: str, subject: str, detail: Detail) -> list[tuple[str, Detail]]:
        if not self._watch.has_issuer(self.state.issuers[subject].prefixes):
            return []
        return [(kind, detail | {"subject": subject})]

    def _revocation_json(self, statement: KeyRevoked) -> Detail:
        """With the indices of the entries that it undoes: nothing that they said counts any more."""
        undone = {item.index for item in self.state.disregarded if item.in_hindsight}
        newly = sorted(undone - self._undone)
        self._undone = undone
        return {
            "from_index": statement.from_index,
            "key_id": statement.key_id,
            "reason": statement.reason[:_WORDS],
            "undone": list(newly[:_LISTED]),
            "undone_count": len(newly),
        }

    def _tell_batch(self, index: int, batch: BatchIssued) -> list[tuple[str, Detail]]:
        detail = _said_by(batch) | _batch_json(batch)
        told = [("batch_issued", detail)]
        if batch.key_id not in self._used_keys:
            self._used_keys.add(batch.key_id)
            told.append(("key_first_used", dict(detail)))
        earlier = self._lots.get((batch.gtin, batch.lot))
        if earlier is not None:
            told.append(("lot_issued_twice", detail | {"earlier_index": earlier}))
        self._lots[batch.gtin, batch.lot] = index
        return told

    def _tell_void(self, voided: CodesVoided) -> list[tuple[str, Detail]]:
        batch = self.state.batches[voided.header.issuer, voided.batch].statement
        if not self._watch.has_gtin(batch.gtin):
            return []
        detail: Detail = {
            "batch": voided.batch,
            "gtin": batch.gtin,
            "ranges": [item.to_json() for item in voided.ranges[:_LISTED]],
            "ranges_count": len(voided.ranges),
        }
        return [("codes_voided", _said_by(voided) | detail)]

    def _tell_recall(self, kind: str, recall_id: str, notice: RecallNotice, detail: Detail) -> list[tuple[str, Detail]]:
        """A revision that lets go of a watched GTIN is told as well: it is no longer under recall."""
        named = {entry.gtin for entry in notice.scope if self._watch.has_gtin(entry.gtin)}
        known = self._recalled.setdefault(recall_id, set())
        known |= named
        if not known:
            return []
        gtins: Detail = {"gtins": list(sorted(named)[:_LISTED]), "gtins_count": len(named)}
        return [(kind, detail | gtins | {"recall_id": recall_id})]

    def _tell_certificate(self, said: CertificateStatus) -> list[tuple[str, Detail]]:
        """One that lists a watched GTIN, or did before. One without products is told to who watches everything."""
        named = [gtin for gtin in said.gtins if self._watch.has_gtin(gtin)]
        name = (said.scheme, said.number)
        if named or not self._watch.prefixes:
            self._certified.add(name)
        if name not in self._certified:
            return []
        detail: Detail = {
            "gtins": list(named[:_LISTED]),
            "gtins_count": len(named),
            "number": said.number,
            "revision": said.revision,
            "scheme": said.scheme,
            "status": said.status,
            "valid_from": said.valid_from.isoformat(),
            "valid_until": said.valid_until.isoformat(),
        }
        return [("certificate_status", _said_by(said) | detail)]

    def _tell_inspection(self, said: InspectionPublished) -> list[tuple[str, Detail]]:
        if not self._watch.has_gtin(said.gtin):
            return []
        detail: Detail = {
            "gtin": said.gtin,
            "inspection_id": said.inspection_id,
            "lots": list(said.lots[:_LISTED]),
            "lots_count": len(said.lots),
            "result": said.result,
            "revision": said.revision,
            "standard": said.standard,
        }
        return [("inspection_published", _said_by(said) | detail)]

    def _tell_numbered(
        self, kind: str, said: ProductPublished | DossierApproved, detail: Detail
    ) -> list[tuple[str, Detail]]:
        if not self._watch.has_gtin(said.gtin):
            return []
        known: Detail = {"digest": said.digest, "gtin": said.gtin, "revision": said.revision}
        return [(kind, _said_by(said) | known | detail)]


def _said_by(statement: Statement) -> Detail:
    return {"issued_at": format_instant(statement.header.issued_at), "issuer": statement.header.issuer}


def _key_json(key: ProvenKey) -> Detail:
    return {"key_id": key.public_key.key_id}


def _batch_json(batch: BatchIssued) -> Detail:
    return {
        "batch": batch.batch,
        "count": batch.count,
        "gtin": batch.gtin,
        "key_id": batch.key_id,
        "lot": batch.lot,
        "production_date": batch.production_date.isoformat(),
    }


def _notice_json(notice: RecallNotice) -> Detail:
    return {"action": notice.action, "severity": notice.severity, "title": notice.title.to_json()}


def merge_told(told: Mapping[str, str], condition: str, event: Event | None) -> tuple[dict[str, str], bool]:
    """What is told at present of each condition, and whether this event is news.

    A condition that lasts is told once; one that ended (`event` None) is forgotten, and told again when it comes back.
    """
    left = {name: known for name, known in told.items() if name != condition}
    if event is None:
        return left, False
    return left | {condition: event.id}, told.get(condition) != event.id
