# SPDX-License-Identifier: Apache-2.0
"""The card on the page of a recalled code, and its form: "it was remedied", "I gave it back". docs/returns.md.

A plain form, so that it works in any browser inside another app. There is no cookie that another site could use, but a
page of another site must not speak for whoever looks at it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from werkzeug.exceptions import BadRequest, Forbidden
from werkzeug.utils import redirect

from verifier.web.pages import render
from verifier.web.ports import Telling
from verifier.web.targets import with_language
from verifier.web.visits import is_from_own_page
from verifier.web.words import WORDS, say

if TYPE_CHECKING:
    from flask import Request, Response
    from werkzeug.wrappers import Response as AnyResponse

    from verifier.protocol.fields import Text
    from verifier.protocol.product_code import ProductCode
    from verifier.verdict import Verdict
    from verifier.web.negotiate import Language
    from verifier.web.ports import Confirmations

SUFFIX = "/returned"
REMEDIES = ("remedied", "returned")
_MAX_RECALL_ID = 80


def _word(key: str) -> Text:
    return WORDS[key]


_SAYINGS = {
    Telling.COUNTED: (200, _word("returned_thanks"), _word("returned_thanks_more")),
    Telling.COUNTED_BEFORE: (200, _word("returned_before"), _word("returned_before_more")),
    Telling.NOT_COVERED: (409, _word("returned_refused"), _word("returned_refused_more")),
}


@dataclass(frozen=True, slots=True)
class ReturnedView:
    """One open recall of the page: where its form goes, or that the code is counted already."""

    recall_id: str
    action: str
    is_counted: bool


@dataclass(frozen=True, slots=True)
class Answered:
    """What the page says after the form."""

    title: str
    text: str
    back: str


def find_code(target: str) -> str | None:
    """The code of an address …/returned?S=…, which cannot be a code itself: a serial has capitals alone."""
    path, mark, query = target.partition("?")
    return path.removesuffix(SUFFIX) + mark + query if path.endswith(SUFFIX) else None


class ReturnCounter:
    """Between the check page and whoever counts; without one it shows nothing and takes nothing."""

    def __init__(self, confirmations: Confirmations | None) -> None:
        self._confirmations = confirmations

    @property
    def is_there(self) -> bool:
        return self._confirmations is not None

    def show(self, verdict: Verdict, language: Language) -> tuple[ReturnedView, ...]:
        """The cards of a page: one for each open recall that the code can confirm."""
        if self._confirmations is None or verdict.code is None:
            return ()
        action = with_language(_address(verdict.code), language)
        found = self._confirmations.find(verdict)
        return tuple(ReturnedView(one.recall_id, action, one.is_counted) for one in found)

    def take(self, verdict: Verdict, request: Request, language: Language) -> AnyResponse:
        """Takes the form; then the page that says what became of it. Raises Forbidden, BadRequest."""
        if not is_from_own_page(request):
            raise Forbidden("This form counts only when it is sent from the check page itself. Open the page again.")
        remedy, recall_id = request.form.get("kind", ""), request.form.get("recall", "")
        if remedy not in REMEDIES or not 1 <= len(recall_id) <= _MAX_RECALL_ID:
            raise BadRequest("Send kind=remedied or kind=returned, and recall=<the recall's number>.")
        telling = Telling.NOT_COVERED
        if self._confirmations is not None:
            telling = self._confirmations.confirm(verdict, recall_id, remedy)
        if telling is Telling.NOT_COVERED or verdict.code is None:
            return _page(verdict, Telling.NOT_COVERED, language)
        # A page of its own address, so that a browser's "back" and "again" send no form a second time.
        return redirect(with_language(f"{_address(verdict.code)}&said={telling.value}", language), 303)

    def tell(self, verdict: Verdict, said: str, language: Language) -> AnyResponse:
        """The page behind the form; for a code that was not counted, whatever the address says, the check page."""
        if self._confirmations is None or not any(one.is_counted for one in self._confirmations.find(verdict)):
            return redirect(with_language(_back(verdict), language), 303)
        telling = Telling.COUNTED if said == Telling.COUNTED.value else Telling.COUNTED_BEFORE
        return _page(verdict, telling, language)


def _address(code: ProductCode) -> str:
    path, _, query = code.to_path().partition("?")
    return f"/check{path}{SUFFIX}?{query}"


def _back(verdict: Verdict) -> str:
    return "/check" if verdict.code is None else f"/check{verdict.code.to_path()}"


def _page(verdict: Verdict, telling: Telling, language: Language) -> Response:
    status, title, text = _SAYINGS[telling]
    view = Answered(say(title, language), say(text, language), with_language(_back(verdict), language))
    response = render("returned.html", language, switch_to="", view=view)
    response.status_code = status
    return response
