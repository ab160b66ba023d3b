# SPDX-License-Identifier: Apache-2.0
"""A dossier's way from draft to the ledger; nothing expired or unverified is approved, and nobody else approves."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from passport.domain.accounts import Principal, Role, Scope
from passport.domain.accounts_audit import AuditFilter
from passport.domain.accounts_errors import Conflict, NotAllowed
from passport.domain.dossier_values import DossierConflict, DossierFilter, DossierState, UnknownDossier
from passport.services.registry import Unavailable
from tests.support.accounts import Person
from tests.support.live_commerce import SAMPLE, Studio, dossier_fields, report, sanction_fields
from verifier.dossier_document import dossier_digest, parse_dossier_document
from verifier.protocol.errors import Malformed
from verifier.verdict import Status


def token_of(person: Person) -> Principal:
    tokens = person.site.accounts.tokens
    text = tokens.create(person.principal, f"program {person.login_name}", person.principal.scopes, 30).text
    return tokens.get_principal(text, "request-0009")


def actions_of(person: Person) -> list[str]:
    return [event.act.action for event in person.site.accounts.audit_trail.page(person.principal, AuditFilter()).events]


def test_a_dossiers_way_from_draft_to_the_ledger(studio: Studio) -> None:
    live, worker, officer = studio.live, studio.worker.principal, studio.officer.principal
    made = live.dossiers.create(worker, dossier_fields())
    sample = made.dossier.sample
    assert made.state is DossierState.DRAFT and sample is not None and sample.status is Status.GENUINE
    with pytest.raises(DossierConflict, match="not waiting"):
        live.approvals.approve(officer, made.dossier.id, 1)
    waiting = live.dossiers.submit(worker, made.dossier.id).dossier
    assert live.dossiers.submit(worker, waiting.id).dossier == waiting, "twice is once"
    with pytest.raises(UnknownDossier, match="once it is approved"):
        live.dossiers.document(officer, waiting.id)

    decision = live.approvals.approve(officer, waiting.id, waiting.revision, "看过样品")
    approved = live.dossiers.get(officer, waiting.id)
    assert (decision.outcome, approved.state, approved.ledger_index) == ("approved", DossierState.APPROVED, None)
    assert approved.dossier.fields == dossier_fields(), "the tables give back what went in"
    data = live.dossiers.document(worker, waiting.id)
    assert dossier_digest(data) == approved.dossier.digest
    document = parse_dossier_document(data)
    assert (document.platform, document.sample_code, document.ledger_size) == ("shop-b", SAMPLE, 40)
    assert studio.officer.member.encode() not in data and b"quinn" not in data

    studio.ledger.logged["shop-b", waiting.id, approved.dossier.digest] = 77
    shown = live.dossiers.get(worker, waiting.id)
    assert (shown.state, shown.ledger_index) == (DossierState.LOGGED, 77)
    with pytest.raises(DossierConflict):
        live.dossiers.update(worker, waiting.id, dossier_fields(item_title="又一件"))
    with pytest.raises(DossierConflict):
        live.approvals.reject(officer, waiting.id, shown.dossier.revision, "no")
    assert [one.actor for one in live.dossiers.decisions(worker, waiting.id)] == [studio.officer.member]
    assert actions_of(studio.cast.shop)[:3] == ["dossier.approved", "dossier.submitted", "dossier.created"]


def test_a_rejected_dossier_says_why_and_may_come_again(studio: Studio) -> None:
    dossier_id, revision = studio.submitted()
    with pytest.raises(Malformed):
        studio.live.approvals.reject(studio.officer.principal, dossier_id, revision, " ")
    studio.live.approvals.reject(studio.officer.principal, dossier_id, revision, "换一份报告")
    shown = studio.live.dossiers.get(studio.worker.principal, dossier_id)
    assert shown.state is DossierState.REJECTED
    with pytest.raises(DossierConflict):
        studio.live.dossiers.submit(studio.worker.principal, dossier_id)
    studio.live.dossiers.update(studio.worker.principal, dossier_id, dossier_fields(reports=(report("T-2"),)))
    assert studio.live.dossiers.submit(studio.worker.principal, dossier_id).state is DossierState.SUBMITTED
    assert studio.live.dossiers.decisions(studio.worker.principal, dossier_id)[0].note == "换一份报告"


@pytest.mark.parametrize("which", ["expired report", "unverified sample", "sample in doubt since", "sanction"])
def test_what_the_rules_refuse_is_not_approved_and_waits_on(studio: Studio, which: str) -> None:
    expired = (report(valid_until=date(2026, 11, 20)),)
    dossier_id, revision = studio.submitted(**({"reports": expired} if which == "expired report" else {}))
    if which == "unverified sample":
        studio.ledger.sample = replace(studio.ledger.sample, status=Status.CANNOT_TELL)
    if which == "sample in doubt since":
        studio.ledger.sample = replace(studio.ledger.sample, status=Status.SUSPECT)
    if which == "sanction":
        studio.live.sanctions.create(studio.officer.principal, sanction_fields("s-1"))
    expected = {
        "expired report": "report_expired",
        "unverified sample": "sample_cannot_tell",
        "sample in doubt since": "sample_suspect",
        "sanction": "operator_sanctioned",
    }[which]
    assert [one.code for one in studio.live.approvals.preview(studio.worker.principal, dossier_id).reasons] == [
        expected
    ]
    decision = studio.live.approvals.approve(studio.officer.principal, dossier_id, revision)
    assert (decision.outcome, [one.code for one in decision.reasons]) == ("refused", [expected])
    shown = studio.live.dossiers.get(studio.worker.principal, dossier_id)
    assert shown.state is DossierState.SUBMITTED and not shown.dossier.document and not shown.dossier.digest
    assert actions_of(studio.cast.shop)[0] == "dossier.refused"


def test_a_report_that_expires_while_the_dossier_waits_is_expired(studio: Studio) -> None:
    dossier_id, revision = studio.submitted(reports=(report(valid_until=date(2026, 11, 21)),))
    assert studio.live.approvals.preview(studio.officer.principal, dossier_id).may_be_approved
    studio.site.clock.turn(hours=9)  # midnight in China has passed
    decision = studio.live.approvals.approve(studio.officer.principal, dossier_id, revision)
    assert [one.code for one in decision.reasons] == ["report_expired"]


@pytest.mark.parametrize("what", ["changed", "sanctioned", "approved twice"])
def test_nothing_slips_in_between_the_facts_and_the_approval(studio: Studio, what: str) -> None:
    dossier_id, revision = studio.submitted()
    live, officer = studio.live, studio.officer.principal
    expired = dossier_fields(reports=(report(valid_until=date(2020, 12, 31), valid_from=date(2020, 1, 1)),))

    def meanwhile() -> None:
        studio.ledger.meanwhile = lambda: None
        if what == "changed":
            live.dossiers.update(studio.worker.principal, dossier_id, expired)
            live.dossiers.submit(studio.worker.principal, dossier_id)
        elif what == "sanctioned":
            live.sanctions.create(officer, sanction_fields("s-1"))
        else:
            live.approvals.approve(officer, dossier_id, revision)

    studio.ledger.meanwhile = meanwhile
    if what == "sanctioned":
        assert live.approvals.approve(officer, dossier_id, revision).outcome == "refused"
    else:
        with pytest.raises(DossierConflict, match="changed meanwhile"):
            live.approvals.approve(officer, dossier_id, revision)
    decisions = live.dossiers.decisions(officer, dossier_id)
    assert [one.outcome for one in decisions] == {"changed": [], "sanctioned": ["refused"]}.get(what, ["approved"])


def test_while_the_ledger_cannot_say_nothing_is_approved(one_studio: Studio) -> None:
    dossier_id, revision = one_studio.submitted()
    one_studio.ledger.is_down = True
    with pytest.raises(Unavailable):
        one_studio.live.approvals.approve(one_studio.officer.principal, dossier_id, revision)
    assert one_studio.live.dossiers.get(one_studio.worker.principal, dossier_id).state is DossierState.SUBMITTED


def test_the_chief_quality_officer_alone_approves_and_an_owner_gives_the_role(studio: Studio) -> None:
    dossier_id, revision = studio.submitted()
    approvals = studio.live.approvals
    refusals = {"shop": "role_missing", "worker": "role_missing", "maker": "not_a_platform", "office": "not_a_platform"}
    for name, code in refusals.items():
        for attempt in (approvals.approve, approvals.reject):
            with pytest.raises(NotAllowed) as refused:
                attempt(studio.person(name).principal, dossier_id, revision, "because")
            assert refused.value.code == code, name
    made_by_owner = token_of(studio.cast.shop)
    of_officer = replace(studio.officer.principal, token="t-1", roles=frozenset())
    for program in (made_by_owner, of_officer, replace(of_officer, roles=frozenset({Role.CHIEF_QUALITY_OFFICER}))):
        with pytest.raises(NotAllowed) as refused:
            approvals.approve(program, dossier_id, revision)
        assert refused.value.code == "person_needed"
    with pytest.raises(NotAllowed):
        approvals.approve(studio.rival.principal, dossier_id, revision)

    owner, worker = studio.cast.shop, studio.worker
    roles = frozenset({Role.OPERATOR, Role.CHIEF_QUALITY_OFFICER})
    studio.site.accounts.members.set_roles(owner.principal, worker.member, roles)
    assert actions_of(owner)[0] == "member.roles_changed"
    worker.sign_in()
    assert approvals.approve(worker.principal, dossier_id, revision).outcome == "approved"


def test_no_other_organisation_sees_a_dossier(studio: Studio) -> None:
    dossier_id, revision = studio.submitted()
    live = studio.live
    rival_officer = studio.site.join("shop-d", "rolf.d", frozenset({Role.CHIEF_QUALITY_OFFICER})).principal
    rival = studio.rival.principal
    for attempt in (
        lambda: live.dossiers.get(rival, dossier_id),
        lambda: live.dossiers.update(rival, dossier_id, dossier_fields()),
        lambda: live.dossiers.submit(rival, dossier_id),
        lambda: live.dossiers.decisions(rival, dossier_id),
        lambda: live.dossiers.document(rival, dossier_id),
        lambda: live.approvals.preview(rival, dossier_id),
        lambda: live.approvals.approve(rival_officer, dossier_id, revision),
        lambda: live.approvals.reject(rival_officer, dossier_id, revision, "no"),
    ):
        with pytest.raises(UnknownDossier) as unknown:
            attempt()
        assert unknown.value.code == "unknown_dossier"
    assert live.dossiers.page(rival, DossierFilter(), "", 9) == [] and live.dossiers.count_by_state(rival) == {}
    for name in ("maker", "stranger", "office"):
        for attempt in (
            lambda who: live.dossiers.create(who, dossier_fields()),
            lambda who: live.dossiers.page(who, DossierFilter(), "", 9),
            lambda who: live.dossiers.get(who, dossier_id),
        ):
            with pytest.raises(NotAllowed) as refused:
                attempt(studio.person(name).principal)
            assert refused.value.code == "not_a_platform"


def test_scopes_are_asked_for(one_studio: Studio) -> None:
    dossier_id, _ = one_studio.submitted()
    reader = replace(one_studio.worker.principal, scopes=frozenset({Scope.DOSSIERS_READ}))
    assert one_studio.live.dossiers.get(reader, dossier_id).dossier.id == dossier_id
    for attempt in (
        lambda: one_studio.live.dossiers.create(reader, dossier_fields()),
        lambda: one_studio.live.dossiers.update(reader, dossier_id, dossier_fields()),
        lambda: one_studio.live.dossiers.submit(reader, dossier_id),
    ):
        with pytest.raises(NotAllowed) as refused:
            attempt()
        assert refused.value.code == "scope_missing"
    blind = replace(reader, scopes=frozenset())
    with pytest.raises(NotAllowed):
        one_studio.live.dossiers.get(blind, dossier_id)


def test_the_list_is_searched_by_text_state_and_gtin_and_paged(studio: Studio) -> None:
    desk, worker = studio.live.dossiers, studio.worker.principal
    ids = [desk.create(worker, dossier_fields(item_title=f"电源 {n}%")).dossier.id for n in range(5)]
    desk.submit(worker, ids[0])

    def found(state: str = "", search: str = "", before: str = "", limit: int = 9) -> list[str]:
        return [one.dossier.id for one in desk.page(worker, DossierFilter(state, search), before, limit)]

    assert found() == ids[::-1] and found(limit=2) == [ids[4], ids[3]] and found(before=ids[1]) == [ids[0]]
    assert found("submitted") == [ids[0]] and found(search="电源 3%") == [ids[3]] and found(search="_") == []
    assert len(found(search=dossier_fields().gtin)) == 5 and found(search="旗舰") == ids[::-1]
    assert desk.count_by_state(worker) == {"draft": 4, "submitted": 1}
    assert issubclass(DossierConflict, Conflict)
