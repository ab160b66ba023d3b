# SPDX-License-Identifier: Apache-2.0
"""A platform's cases: look at them, say what was done. An authority looks at all, and reports for nobody."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from passport.domain.accounts import Principal, Role
from passport.domain.accounts_audit import Action
from passport.domain.listings import clean_search, parse_seller_id
from passport.domain.recall_cases import (
    CaseConflict,
    CaseListing,
    Chosen,
    ClosedBy,
    Measure,
    MeasureKind,
    RecallCase,
    RecallMark,
    RelistAttempt,
    UnknownCase,
)
from passport.domain.recall_indicators import CaseFacts, CaseFigures, figures_of
from passport.domain.returns import ReturnRate
from passport.services.listings.kit import actor_of, clean_id, note
from passport.services.recalls.kit import RecallKit, get_case, require_reader, require_reporter
from passport.services.recalls.ports import Books

_CHUNK = 500


@dataclass(frozen=True, slots=True)
class CaseView:
    """A case with its recall, figures as of now, and what is known of the return rate."""

    case: RecallCase
    mark: RecallMark
    figures: CaseFigures
    returns: ReturnRate | None = None


@dataclass(frozen=True, slots=True)
class Reported:
    """What a report changed: `new` listings were not reported so far; `known` ones were, and keep their time."""

    new: int
    known: int


class RecallDesk:
    """Everything by the principal's organisation; an authority's reading is over all platforms."""

    def __init__(self, kit: RecallKit) -> None:
        self._kit = kit

    def page(
        self, principal: Principal, before: str, limit: int, state: str = "all", search: str = ""
    ) -> list[CaseView]:
        """The newest first, below the id `before`. `state`: open, closed or all; `search`: in recall and platform.

        Raises NotAllowed.
        """
        seen = require_reader(principal)
        with self._kit.business.read() as books:
            found = books.recall_cases.page(seen, clean_id(before), limit, state, clean_search(search))
            views = self._views(books, found)
        return self._with_returns(views)

    def get(self, principal: Principal, case_id: str) -> CaseView:
        """Raises NotAllowed, UnknownCase."""
        seen = require_reader(principal)
        with self._kit.business.read() as books:
            views = self._views(books, [get_case(books, seen, case_id)])
        return self._with_returns(views)[0]

    def listings(self, principal: Principal, case_id: str, after: str, limit: int) -> list[CaseListing]:
        """In the order of their ids, above the id `after`. Raises NotAllowed, UnknownCase."""
        seen = require_reader(principal)
        with self._kit.business.read() as books:
            case = get_case(books, seen, case_id)
            return books.case_listings.page(case.id, clean_id(after), limit)

    def attempts(self, principal: Principal, case_id: str) -> tuple[list[RelistAttempt], list[Measure]]:
        """Who tried to sell again, and what was done about sellers. Raises NotAllowed, UnknownCase."""
        seen = require_reader(principal)
        with self._kit.business.read() as books:
            case = get_case(books, seen, case_id)
            return books.recall_cases.attempts_of([case.id]), books.recall_cases.measures_of([case.id])

    def acknowledge(self, principal: Principal, case_id: str) -> CaseView:
        """The platform has read it. The first receipt counts, whichever way it came. Raises NotAllowed, UnknownCase."""
        require_reporter(principal)
        now = self._kit.now()
        with self._kit.business.write() as books:
            case = get_case(books, principal.organisation, case_id)
            delivered = self._kit.outbox.first_delivered_at(books, case.event) if case.event else None
            if case.received_at is None and delivered is not None:
                case = replace(case, received_at=delivered, received_by="webhook")
                books.recall_cases.put(case)
            elif case.received_at is None:
                case = replace(case, received_at=now, received_by=actor_of(principal)[0])
                books.recall_cases.put(case)
                note(books, principal, Action.RECALL_ACKNOWLEDGED, ("recall_case", case.id), now)
            return self._views(books, [case])[0]

    def preview(self, principal: Principal, case_id: str, chosen: Chosen) -> tuple[RecallCase, list[CaseListing], int]:
        """The first 200 listings that a report would be about, and how many there are. Raises as the reports do."""
        require_reporter(principal)
        with self._kit.business.read() as books:
            case = get_case(books, principal.organisation, case_id)
            if not chosen.are_all:
                found = _named(books, case, chosen)
                return case, found, len(found)
            every = [one for one in books.case_listings.of_cases([case.id]) if one.released_at is None]
            return case, every[:200], len(every)

    def report_notice(self, principal: Principal, case_id: str, chosen: Chosen, url: str) -> Reported:
        """The shop's pages show the recall notice, which is at `url`. Raises NotAllowed, UnknownCase."""

        def report(books: Books, case: RecallCase, ids: list[str]) -> int:
            return books.case_listings.report_notice(case.id, ids, url, self._kit.now())

        return self._report(principal, case_id, chosen, Action.RECALL_NOTICE_SHOWN, report)

    def report_delisted(self, principal: Principal, case_id: str, chosen: Chosen) -> Reported:
        """The shop sells them no longer: ends their clocks, for every case that holds them. The first report counts.

        Raises NotAllowed, UnknownCase.
        """

        def report(books: Books, case: RecallCase, ids: list[str]) -> int:
            now = self._kit.now()
            new = books.case_listings.report_delisted(case.id, ids, now)
            books.case_listings.report_delisted(None, ids, now)
            books.case_listings.take_down(ids, now)
            return new

        return self._report(principal, case_id, chosen, Action.RECALL_DELISTED, report)

    def add_measure(self, principal: Principal, case_id: str, seller_id: str, kind: MeasureKind, text: str) -> Measure:
        """What the platform did about a seller of this case. Raises NotAllowed, UnknownCase, Malformed."""
        require_reporter(principal)
        now, seller = self._kit.now(), parse_seller_id(seller_id)
        with self._kit.business.write() as books:
            case = get_case(books, principal.organisation, case_id)
            tried = any(one.seller_id == seller for one in books.recall_cases.attempts_of([case.id]))
            if not tried and not books.case_listings.sold_in(case.id, seller):
                raise UnknownCase("unknown_seller", "This seller has no listing and no attempt in the case.")
            measure = Measure(self._kit.ids(), case.id, seller, kind, text, now, *actor_of(principal))
            books.recall_cases.add_measure(measure)
            note(books, principal, Action.RECALL_MEASURE, ("recall_case", case.id), now, kind.value)
        return measure

    def close(self, principal: Principal, case_id: str) -> CaseView:
        """The platform has done its part. The chief quality officer's alone, and only when all is reported.

        Sales stay stopped as long as the recall is open. Raises NotAllowed, UnknownCase, CaseConflict("case_not_done").
        """
        require_reporter(principal)
        principal.require_role(Role.CHIEF_QUALITY_OFFICER)
        now = self._kit.now()
        with self._kit.business.write() as books:
            case = get_case(books, principal.organisation, case_id)
            if case.closed_at is None:
                if books.case_listings.page(case.id, "", 1, only_due=True):
                    raise CaseConflict("case_not_done", "Listings of this case are not reported as taken down yet.")
                case = replace(case, closed_at=now, closed_by=ClosedBy.PLATFORM.value)
                books.recall_cases.put(case)
                note(books, principal, Action.RECALL_CASE_CLOSED, ("recall_case", case.id), now)
            return self._views(books, [case])[0]

    def _report(
        self,
        principal: Principal,
        case_id: str,
        chosen: Chosen,
        action: Action,
        report: Callable[[Books, RecallCase, list[str]], int],
    ) -> Reported:
        """In pieces of 500 when it is about all of them: a report that broke off in the middle is simply sent again."""
        require_reporter(principal)
        new = seen = 0
        after = ""
        while True:
            with self._kit.business.write() as books:
                case = get_case(books, principal.organisation, case_id)
                if chosen.are_all:
                    found = books.case_listings.page(case.id, after, _CHUNK)
                    after = found[-1].listing if len(found) == _CHUNK else ""
                else:
                    found = _named(books, case, chosen)
                ids = [one.listing for one in found if one.released_at is None]
                changed = report(books, case, ids) if ids else 0
                new, seen = new + changed, seen + len(ids)
                if changed:
                    note(books, principal, action, ("recall_case", case.id), self._kit.now())
            if not after:
                return Reported(new, seen - new)

    def _views(self, books: Books, cases: list[RecallCase]) -> list[CaseView]:
        facts = {one.case.id: one for one in load_facts(books, cases)}
        now, found = self._kit.now(), []
        for case in cases:
            mark = books.recall_marks.find_mark(case.recall_id)
            assert mark is not None, "a foreign key holds it"
            found.append(CaseView(case, mark, figures_of(facts[case.id], now)))
        return found

    def _with_returns(self, views: list[CaseView]) -> list[CaseView]:
        return [replace(view, returns=self._kit.find_returns(view.case.recall_id)) for view in views]


def _named(books: Books, case: RecallCase, chosen: Chosen) -> list[CaseListing]:
    """Raises UnknownCase("unknown_case_listing"): all of them, or none."""
    found = books.case_listings.find_in(case.id, chosen.listings)
    if len(found) != len(chosen.listings):
        raise UnknownCase("unknown_case_listing", "The case has no such listing.")
    return list(found.values())


def load_facts(books: Books, cases: list[RecallCase]) -> list[CaseFacts]:
    """The cases with all that hangs on them."""
    ids = [case.id for case in cases]
    listings: dict[str, list[CaseListing]] = {one: [] for one in ids}
    attempts: dict[str, list[RelistAttempt]] = {one: [] for one in ids}
    measures: dict[str, list[Measure]] = {one: [] for one in ids}
    for listing in books.case_listings.of_cases(ids):
        listings[listing.case].append(listing)
    for attempt in books.recall_cases.attempts_of(ids):
        attempts[attempt.case].append(attempt)
    for measure in books.recall_cases.measures_of(ids):
        measures[measure.case].append(measure)
    return [
        CaseFacts(case, tuple(listings[case.id]), tuple(attempts[case.id]), tuple(measures[case.id])) for case in cases
    ]
