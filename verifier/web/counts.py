# SPDX-License-Identifier: Apache-2.0
"""The card "Was this code checked before?", and the two channels of counting: people's pages and platforms' calls."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from werkzeug.exceptions import BadRequest, Forbidden

from verifier.provinces import PROVINCES, find_province, get_province
from verifier.web.moments import Moment, show_date
from verifier.web.visits import is_from_own_page, is_person, read_visit
from verifier.web.words import say

if TYPE_CHECKING:
    from flask import Request

    from verifier.lots import LotVerdict
    from verifier.product_view import ProductView
    from verifier.verdict import Verdict
    from verifier.web.negotiate import Language
    from verifier.web.ports import CheckCount, CheckCounter, Checker
    from verifier.web.settings import WebSettings


@dataclass(frozen=True, slots=True)
class CountsView:
    """What the card prints. `choices`: code and name of the provinces that can be chosen; empty if there is no need."""

    is_first: bool
    first_day: Moment | None
    sessions: int
    provinces: str
    chosen: str
    before_shipping: int
    after_opening: int
    can_open: bool
    is_opened: bool
    choices: tuple[tuple[int, str], ...]


def show_counts(count: CheckCount, language: Language) -> CountsView:
    """The facts in one language."""
    facts = count.facts
    choices = tuple((province.code, say(province.name, language)) for province in PROVINCES)
    return CountsView(
        is_first=count.is_counted and facts.sessions == 1,
        first_day=None if facts.first_day is None else show_date(facts.first_day, language),
        sessions=facts.sessions,
        provinces=_names(facts.provinces, language),
        chosen=_names(facts.chosen_provinces, language),
        before_shipping=facts.before_shipping,
        after_opening=facts.after_opening,
        can_open=count.is_counted and not count.is_opened,
        is_opened=count.is_opened,
        choices=choices if count.is_place_open else (),
    )


def _names(codes: tuple[int, ...], language: Language) -> str:
    separator = "、" if language == "zh" else ", "
    return separator.join(say(get_province(code).name, language) for code in codes)


class CheckDesk:
    """Between the check page and the counter; without a counter it does nothing."""

    def __init__(self, counter: CheckCounter | None, settings: WebSettings) -> None:
        self._counter = counter
        self._settings = settings

    def count_page(self, verdict: Verdict, request: Request, language: Language) -> CountsView | None:
        """Counts a page that is about to be shown, and gives what the card says."""
        if self._counter is None:
            return None
        visit = read_visit(request, self._settings)
        if is_person(request):
            self._counter.record(verdict, visit)
        count = self._counter.find_count(verdict, visit)
        return None if count is None else show_counts(count, language)

    def count_scan(self, verdict: Verdict) -> Verdict:
        """Counts a program's question, and gives the verdict back."""
        if self._counter is not None:
            self._counter.record_scan(verdict)
        return verdict

    def take_form(self, verdict: Verdict, request: Request) -> None:
        """What a person said with one of the card's forms. Raises Forbidden, BadRequest."""
        if not is_from_own_page(request):
            raise Forbidden("This form counts only when it is sent from the check page itself. Open the page again.")
        province = find_province(request.form.get("province", "")) if "province" in request.form else None
        is_opening = request.form.get("opened") == "yes"
        if province is None and not is_opening:
            raise BadRequest("Send province=<two digits of GB/T 2260> or opened=yes.")
        if self._counter is None or not is_person(request):
            return
        visit = read_visit(request, self._settings)
        if province is not None:
            self._counter.record_place(verdict, visit, province)
        if is_opening:
            self._counter.record_opening(verdict, visit)


class PlatformChecker:
    """A checker whose every check is counted as a platform's scan: for the verify API."""

    def __init__(self, checker: Checker, counter: CheckCounter) -> None:
        self._checker = checker
        self._counter = counter

    def check(self, code: str) -> Verdict:
        verdict = self._checker.check(code)
        self._counter.record_scan(verdict)
        return verdict

    def check_lot(self, gtin: str, lot: str) -> LotVerdict:
        return self._checker.check_lot(gtin, lot)

    def find_product(self, gtin: str) -> ProductView | None:
        return self._checker.find_product(gtin)

    def change_count(self) -> int:
        return self._checker.change_count()

    def wait_for_change(self, since: int, timeout_seconds: float) -> int:
        return self._checker.wait_for_change(since, timeout_seconds)
