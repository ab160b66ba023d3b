# SPDX-License-Identifier: Apache-2.0
"""Decisions of the gate, the ledger entries that prove them, and appeals."""

from __future__ import annotations

import json
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from flask import request

from passport.domain.accounts_errors import AccountError, NotAllowed
from passport.domain.appeals import MAX_TEXT, AppealOutcome, AppealState, parse_outcome
from passport.domain.listings import UnknownListing
from passport.web.console.listings import may_write
from verifier.protocol.encoding import parse_decimal
from verifier.protocol.errors import Malformed

if TYPE_CHECKING:
    from flask import Blueprint
    from werkzeug.wrappers import Response as AnyResponse

    from passport.services.listings import Listings
    from passport.web.console.frame import ConsoleFrame

_PAGE = 50


def add_appeal_pages(console: Blueprint, frame: ConsoleFrame, listings: Listings) -> None:
    """One decision, one entry; appeals below."""

    @console.get("/decisions/<decision_id>", endpoint="decision")
    def decision(decision_id: str) -> AnyResponse:
        found = listings.gatekeeper.get_decision(frame.principal, decision_id)
        return frame.page(
            "decision.html",
            decision=found,
            facts=json.dumps(found.facts, ensure_ascii=False, indent=2),
            listing=listings.desk.get(frame.principal, found.listing),
            appeals=listings.appeals.of_decision(frame.principal, decision_id),
            may_write=may_write(frame),
        )

    @console.get("/ledger/<index>", endpoint="entry")
    def entry(index: str) -> AnyResponse:
        number = parse_decimal(index)
        found = listings.desk.find_entry(frame.principal, number)
        if found is None:
            raise UnknownListing("unknown_entry", "The ledger has no such entry yet.")
        value = json.loads(found)
        return frame.page(
            "entry.html",
            index=number,
            statement=value.get("statement", value),
            text=json.dumps(value, ensure_ascii=False, indent=2),
            leaf=sha256(b"\0" + found).hexdigest(),
        )

    _add_appeals(console, frame, listings)


def _add_appeals(console: Blueprint, frame: ConsoleFrame, listings: Listings) -> None:
    appeals = listings.appeals

    @console.get("/appeals", endpoint="appeals")
    def index() -> AnyResponse:
        state = AppealState.CLOSED.value if request.args.get("state") == "closed" else AppealState.OPEN.value
        found = appeals.page(frame.principal, state, request.args.get("before", ""), _PAGE + 1)
        older = f"/console/appeals?state={state}&before={found[_PAGE - 1].id}" if len(found) > _PAGE else ""
        return frame.page("appeals.html", appeals=found[:_PAGE], state=state, older=older)

    @console.route("/decisions/<decision_id>/appeal", methods=["GET", "POST"], endpoint="new_appeal")
    def new(decision_id: str) -> AnyResponse:
        found = listings.gatekeeper.get_decision(frame.principal, decision_id)
        if request.method != "POST":
            return frame.page("appeal_form.html", decision=found, typed="", wants_person=False)
        text, wants_person = request.form.get("text", ""), request.form.get("wants_person") == "yes"
        try:
            made = appeals.open(frame.principal, decision_id, text, wants_person=wants_person)
        except NotAllowed:
            raise
        except (Malformed, AccountError) as error:
            typed: dict[str, Any] = {"typed": text[:MAX_TEXT], "wants_person": wants_person}
            return frame.refuse("appeal_form.html", error, decision=found, **typed)
        return frame.done(f"/console/appeals/{made.id}", "appeal_opened")

    @console.get("/appeals/<appeal_id>", endpoint="appeal")
    def one(appeal_id: str) -> AnyResponse:
        found = appeals.get(frame.principal, appeal_id)
        decision = listings.gatekeeper.get_decision(frame.principal, found.decision)
        page: dict[str, Any] = {"appeal": found, "decision": decision, "outcomes": list(AppealOutcome)}
        return frame.page("appeal.html", **page, may_write=may_write(frame))

    @console.post("/appeals/<appeal_id>/answer", endpoint="answer_appeal")
    def answer(appeal_id: str) -> AnyResponse:
        appeals.answer(frame.principal, appeal_id, request.form.get("text", ""))
        return frame.done(f"/console/appeals/{appeal_id}", "appeal_answered")

    @console.post("/appeals/<appeal_id>/close", endpoint="close_appeal")
    def close(appeal_id: str) -> AnyResponse:
        outcome = parse_outcome(request.form.get("outcome", ""))
        appeals.close(frame.principal, appeal_id, outcome, request.form.get("text", ""))
        return frame.done(f"/console/appeals/{appeal_id}", "appeal_closed")
