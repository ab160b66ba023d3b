# SPDX-License-Identifier: Apache-2.0
"""Carries what the ledger says of recalls into platforms' listings and cases, in one thread, a bounded piece at a time.

Each piece is a transaction that also holds how far it got. Killed before the commit, nothing of it happened; after it,
the next worker goes on behind it. Several processes on one database take turns: there is one writer. ADR 0024.
"""

from __future__ import annotations

import logging
import threading
from collections import defaultdict
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from passport.domain.accounts_audit import Act, Action, ActorKind
from passport.domain.errors import PassportError
from passport.domain.listings import Listing, ListingState
from passport.domain.recall_cases import DEADLINE, CaseListing, ClosedBy, RecallCase, RecallMark, RecallState, Stage
from passport.domain.webhooks import Event, EventType
from passport.services.recalls.kit import RecallKit
from passport.services.recalls.ports import Books, LedgerRecalls
from verifier.protocol.errors import VerifierError
from verifier.protocol.fields import format_instant

LOG = logging.getLogger(__name__)
CHUNK = 500  # listings in one transaction
_CASES = 20  # platforms that are told in one transaction
_WAITING = 200  # cases asked about at a time
_POLL_SECONDS = 1.0
_LOOKS = 10


class RecallWorker:
    """`start` and `stop` frame it; without a thread, `work` does one piece and says whether there was one."""

    def __init__(self, kit: RecallKit) -> None:
        self._kit = kit
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None
        self._asked_after = ""
        self._failed: set[str] = set()  # recalls that could not be carried: the others go first

    def start(self) -> None:
        """What an earlier process left undone is taken up at once."""
        self._thread = threading.Thread(target=self._run, name="recalls", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Ends after the transaction that is going on."""
        self._stopping.set()
        if self._thread is not None:
            self._thread.join()

    def work(self) -> bool:
        """One piece. False: there is nothing to do. Raises Unavailable, StoreFailed."""
        return self._take() or self._carry() or self._note_received()

    def _run(self) -> None:
        while not self._stopping.is_set():
            # One that fails leaves the others their turn: they do not wait for somebody who repairs it.
            if self._try(self._take) or self._try(self._carry) or self._try(self._note_received):
                continue
            size = self._kit.ledger.size()
            if not size:
                self._stopping.wait(_POLL_SECONDS)
            for _ in range(_LOOKS):  # a stop does not wait for the whole while
                if self._stopping.is_set() or self._kit.ledger.size() > size:
                    break
                self._kit.ledger.wait(size, _POLL_SECONDS / _LOOKS)
            self._stopping.wait(0.05)

    def _try(self, step: Callable[[], bool]) -> bool:
        """What cannot be done now is in the log, and is tried again."""
        try:
            return step()
        except (PassportError, VerifierError):
            LOG.exception("a recall could not be carried into the listings; it will be tried again")
        except Exception:
            LOG.exception("a recall failed; it will be tried again")
        return False

    # From the ledger to the marks

    def _take(self) -> bool:
        """Notes what has changed, together with the size up to which the ledger was looked at."""
        with self._kit.business.read() as books:
            handled = books.recall_marks.handled_size()
            if self._kit.ledger.size() <= handled:
                return False
            known = {name: mark.state.latest_index for name, mark in books.recall_marks.all_marks().items()}
        found = self._kit.ledger.read(handled, known)
        with self._kit.business.write() as books:
            if books.recall_marks.handled_size() != handled:
                return True  # another process was quicker
            self._note_changes(books, found)
            books.recall_marks.put_handled(found.size, self._kit.now())
            # Killed before the commit: the same entries are looked at again. After it: the marks say what is to do.
        return True

    def _note_changes(self, books: Books, found: LedgerRecalls) -> None:
        now, marks = self._kit.now(), books.recall_marks.all_marks()
        for state in found.states:
            old = marks.pop(state.recall_id, None)
            if old is None:
                # One that is over before we heard of it stops nothing.
                stage = Stage.ADDING if state.is_active else Stage.SETTLED
                books.recall_marks.put_mark(RecallMark(state, stage, "", now, now))
            elif not state.says_the_same(old.state):
                stage = Stage.ADDING if state.is_active else Stage.RELEASING
                books.recall_marks.put_mark(RecallMark(state, stage, "", old.seen_at, now))
        for gone in marks.values():
            if gone.state.is_active:
                # Hindsight has undone it (ADR 0007): the ledger no longer says that anything is recalled.
                state = replace(gone.state, is_active=False)
                books.recall_marks.put_mark(RecallMark(state, Stage.RELEASING, "", gone.seen_at, now))

    # From the marks to listings and cases

    def _carry(self) -> bool:
        with self._kit.business.read() as books:
            next_one = books.recall_marks.next_unsettled(self._failed) or books.recall_marks.next_unsettled()
        if next_one is None:
            return False
        recall_id = next_one.state.recall_id
        if recall_id in self._failed:
            self._failed.clear()  # all others are done: another round
        try:
            self._carry_piece(recall_id)
        except Exception:
            self._failed.add(recall_id)
            raise
        return True

    def _carry_piece(self, recall_id: str) -> None:
        with self._kit.business.write() as books:
            mark = books.recall_marks.find_mark(recall_id)
            if mark is None or mark.stage is Stage.SETTLED:
                return  # another process was quicker
            steps = {Stage.ADDING: self._add, Stage.RELEASING: self._release, Stage.TELLING: self._tell}
            cursor = steps[mark.stage](books, mark)
            order = list(Stage)
            after = mark.stage if cursor else order[order.index(mark.stage) + 1]
            books.recall_marks.put_mark(replace(mark, stage=after, cursor=cursor))
            # Listings, cases and the place that was reached are one commit: no listing is stopped twice or left out.

    def _add(self, books: Books, mark: RecallMark) -> str:
        """Stops the sale of up to 500 listings that the recall touches. Returns where to go on, "" at the end."""
        gtins = sorted(mark.state.coverage.by_gtin)
        number, _, after = (mark.cursor or "0:").partition(":")
        gtin = gtins[int(number)]
        found = books.listings.of_gtin(gtin, after, CHUNK)
        touched = [
            one
            for one in found
            if one.state is not ListingState.DELISTED and mark.state.coverage.touches_listing(one.fields)
        ]
        self._stop(books, mark, touched)
        if len(found) == CHUNK:
            return f"{number}:{found[-1].id}"
        return f"{int(number) + 1}:" if int(number) + 1 < len(gtins) else ""

    def _stop(self, books: Books, mark: RecallMark, touched: list[Listing]) -> None:
        now, by_platform = self._kit.now(), defaultdict(list)
        for listing in touched:
            by_platform[listing.organisation].append(listing)
        for organisation, theirs in by_platform.items():
            case = books.recall_cases.find_of(organisation, mark.state.recall_id)
            held = {} if case is None else books.case_listings.find_in(case.id, [one.id for one in theirs])
            rows = [row for one in theirs if (row := _row_for(one, held.get(one.id), now)) is not None]
            if not rows:
                continue
            if case is None:
                case = RecallCase(self._kit.ids(), organisation, mark.state.recall_id, now, mark.state.revision)
                books.recall_cases.add(case)
            else:
                books.recall_cases.put(replace(case, is_changed=True, closed_at=None, closed_by=""))
            books.case_listings.put_all([replace(row, case=case.id) for row in rows])
            books.case_listings.stop_sales([row.listing for row in rows], now)

    def _release(self, books: Books, mark: RecallMark) -> str:
        """Lets go of up to 500 listings that the recall does not touch any more: drafts, to be bound again."""
        state, (case, _, listing) = mark.state, mark.cursor.partition(":")
        found = books.case_listings.held_of_recall(state.recall_id, (case, listing), CHUNK)
        # By what the listing said when it was stopped: naming other lots since then sets nothing free.
        free = [one for one in found if not (state.is_active and state.coverage.touches(one.gtin, one.lots))]
        by_case = defaultdict(list)
        for one in free:
            by_case[one.case].append(one.listing)
        now = self._kit.now()
        for case_id, listings in by_case.items():
            books.case_listings.release(case_id, listings, now)
            old = books.recall_cases.find(None, case_id)
            if old is not None:
                books.recall_cases.put(replace(old, is_changed=True))
        ids = [one.listing for one in free]
        still = books.case_listings.held_elsewhere(state.recall_id, ids)
        books.case_listings.back_to_draft([one for one in ids if one not in still], now)
        return f"{found[-1].case}:{found[-1].listing}" if len(found) == CHUNK else ""

    def _tell(self, books: Books, mark: RecallMark) -> str:
        """One event for each platform whose case has changed, and its clock begins with it."""
        found = books.recall_cases.of_recall(mark.state.recall_id, mark.cursor, _CASES)
        for case in found:
            is_told = mark.state.is_active != (case.closed_by == ClosedBy.RECALL)
            if case.is_changed or case.revision != mark.state.revision or not is_told:
                self._push(books, mark.state, case)
        return found[-1].id if len(found) == _CASES else ""

    def _push(self, books: Books, state: RecallState, case: RecallCase) -> None:
        now = self._kit.now()
        kind = EventType.RECALL_REVISED if case.pushed_at is not None else EventType.RECALL_PUBLISHED
        new = replace(case, revision=state.revision, is_changed=False)
        if not state.is_active:
            kind = EventType.RECALL_CLOSED
            new = replace(new, closed_at=new.closed_at or now, closed_by=ClosedBy.RECALL.value)
        elif new.closed_by == ClosedBy.RECALL:
            new = replace(new, closed_at=None, closed_by="")  # what closed the recall was undone
        count = books.case_listings.push(case.id, now) if state.is_active else 0
        if case.pushed_at is None and not books.case_listings.page(case.id, "", 1):
            books.recall_cases.put(new)  # attempts alone: no listing of it was touched, so there is nothing to tell
            return
        event = self._kit.outbox.put(books, case.organisation, self._event(state, case, kind, now, count))
        if case.pushed_at is None:
            # Read before anything was pushed, as a case with attempts alone, is not yet received.
            new = replace(new, pushed_at=now, event=event, received_at=None, received_by="")
        books.recall_cases.put(new)
        outcome = kind.value.replace(".", "_")
        act = Act(ActorKind.OPERATOR, "registry", str(Action.RECALL_PUSHED), "recall_case", case.id, outcome=outcome)
        books.audit.append(case.organisation, now, act)

    def _event(self, state: RecallState, case: RecallCase, kind: EventType, now: datetime, count: int) -> Event:
        """What is told: ids and numbers; the listings are fetched by the API, page by page."""
        gtin = min(state.coverage.by_gtin)
        pushed_at = now if count or case.pushed_at is None else case.pushed_at
        return Event(
            kind,
            now,
            {
                "case": case.id,
                "deadline_at": format_instant(pushed_at + DEADLINE),
                "ledger_index": state.latest_index,
                "listings": count,
                "notice_url": f"{self._kit.base_url}/ledger/snapshot/gtin/{gtin}",
                "recall_id": state.recall_id,
                "severity": state.severity,
                "title": state.title.to_json(),
            },
        )

    # From the messages to the cases

    def _note_received(self) -> bool:
        """Keeps when a push was first delivered, of up to 200 cases at a time, round and round."""
        with self._kit.business.read() as books:
            asked = books.recall_cases.waiting(self._asked_after, _WAITING)
            came = [
                (one.id, at)
                for one in asked
                if (at := self._kit.outbox.first_delivered_at(books, one.event)) is not None
            ]
        self._asked_after = asked[-1].id if len(asked) == _WAITING else ""
        if came:
            with self._kit.business.write() as books:
                for case_id, at in came:
                    case = books.recall_cases.find(None, case_id)
                    if case is not None and case.received_at is None:
                        books.recall_cases.put(replace(case, received_at=at, received_by="webhook"))
        return bool(came) or bool(self._asked_after)


def _row_for(listing: Listing, held: CaseListing | None, now: datetime) -> CaseListing | None:
    """The row with which a case holds a listing from now on. None: it is held, and its sale is stopped already."""
    anew = _held(listing, now)
    if held is None or held.released_at is not None:
        return anew
    if listing.state is ListingState.STOP_SALE:
        return None
    # Let in with other lots since it was held, and those are recalled by now as well.
    anew = replace(anew, rebound_at=held.rebound_at)
    if held.delisted_at is not None:
        return anew  # taken down once, on sale again: there is another report to come
    return replace(anew, pushed_at=held.pushed_at, notice_at=held.notice_at, notice_url=held.notice_url)


def _held(listing: Listing, now: datetime) -> CaseListing:
    """Without the case's id, which the caller knows."""
    fields = listing.fields
    return CaseListing(
        case="",
        listing=listing.id,
        url=fields.url,
        seller_id=fields.seller_id,
        seller_name=fields.seller_name,
        gtin=fields.gtin,
        lots=fields.lots,
        state_before=listing.state.value,
        stopped_at=now,
    )
