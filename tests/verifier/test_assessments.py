# SPDX-License-Identifier: Apache-2.0
"""Certificates and inspections in the fold, and for all who read a ledger: snapshot, audit, monitor, mirror."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest

from tests.support.assessments import FROM, NUMBER, UNTIL, AssessedLedger
from tests.support.folds import picture
from tests.support.ledger_server import LedgerServer
from tests.support.makers import both, make_gtin
from tests.support.mirrors import MirrorScene
from tests.support.monitors import ACME, Scene
from verifier.audit import audit
from verifier.facts import CertificateRecord, InspectionRecord
from verifier.fold import LedgerState
from verifier.ledger_client import LedgerClient
from verifier.protocol.statements.certificates import (
    parse_certificate_number,
    parse_scheme,
    spell_certificate_name,
)
from verifier.snapshot import make_snapshot, snapshot_text

CCC = ("CCC", NUMBER)


@pytest.fixture
def town() -> AssessedLedger:
    return AssessedLedger()


def undone(state: LedgerState) -> list[tuple[int, str]]:
    return [(item.index, item.rule) for item in state.disregarded if item.in_hindsight]


def certificate(town: AssessedLedger) -> CertificateRecord:
    return town.ledger.state().certificates[CCC]


def inspection(town: AssessedLedger, name: str = "lab/1") -> InspectionRecord:
    return town.ledger.state().inspections[name]


# What counts


def test_the_latest_status_of_a_certificate_counts_and_the_earlier_ones_are_counted(town: AssessedLedger) -> None:
    town.certify(town.lab, gtins=(town.acme.gtin(),))
    town.certify(town.lab, "suspended")
    index = town.certify(town.lab, number="ANOTHER")
    last = town.certify(town.lab, "revoked")
    state = town.ledger.state()
    assert not state.disregarded
    assert (certificate(town).index, certificate(town).statement.status, certificate(town).count) == (
        last,
        "revoked",
        3,
    )
    assert (state.certificates["CCC", "ANOTHER"].index, state.certificates["CCC", "ANOTHER"].count) == (index, 1)


@pytest.mark.parametrize(
    ("status", "day", "is_in_force"),
    [
        ("valid", FROM, True),
        ("valid", UNTIL, True),
        ("valid", FROM - timedelta(1), False),
        ("valid", UNTIL + timedelta(1), False),
        ("suspended", FROM, False),
        ("revoked", FROM, False),
    ],
)
def test_a_certificate_is_in_force_if_it_is_valid_and_within_its_term(
    town: AssessedLedger, status: str, day: date, is_in_force: bool
) -> None:
    town.certify(town.lab, status)
    assert certificate(town).is_in_force_on(day) is is_in_force


def test_a_certificate_that_lists_products_is_for_these_alone(town: AssessedLedger) -> None:
    mine, other = town.acme.gtin(), make_gtin("6977777")
    town.certify(town.lab, gtins=(mine,))
    town.certify(town.lab, number="LICENCE")
    assert (certificate(town).lists(mine), certificate(town).lists(other)) == (True, False)
    assert town.ledger.state().certificates["CCC", "LICENCE"].lists(other)


def test_an_authority_overrides_a_laboratory_and_the_laboratory_cannot_answer_back(town: AssessedLedger) -> None:
    town.certify(town.lab)
    town.certify(town.office, "revoked")
    late = town.certify(town.lab)
    state = town.ledger.state()
    assert (certificate(town).issuer, certificate(town).statement.status) == ("office", "revoked")
    assert [(item.index, item.rule, item.in_hindsight) for item in state.disregarded] == [(late, "not_yours", False)]
    town.certify(town.office)
    assert certificate(town).is_in_force_on(FROM)


def test_the_operator_cannot_make_a_certificate_valid_by_logging_the_old_statement_again(town: AssessedLedger) -> None:
    old = town.ledger.entries[town.certify(town.lab)]
    town.certify(town.lab, "revoked")
    again = town.ledger.append(old)
    state = town.ledger.state()
    assert (state.disregarded[-1].index, state.disregarded[-1].rule) == (again, "wrong_revision")
    assert certificate(town).statement.status == "revoked"


def test_a_failed_inspection_stands_until_a_later_revision_says_passed(town: AssessedLedger) -> None:
    gtin = town.acme.gtin()
    town.inspect(town.lab)
    assert [record.issuer for record in town.ledger.state().failed_inspections(gtin)] == ["lab"]
    town.inspect(town.lab, "passed", revision=1)
    assert town.ledger.state().failed_inspections(gtin) == ()
    town.inspect(town.office, revision=5, inspection_id="lab/1")
    assert [record.issuer for record in town.ledger.state().failed_inspections(gtin)] == ["office"]
    town.inspect(town.lab, "passed", revision=6)
    assert town.ledger.state().disregarded[-1].rule == "not_yours"
    assert town.ledger.state().inspections_of_gtin == {gtin: ["lab/1"]}


def test_an_inspection_of_lots_touches_no_other_lot(town: AssessedLedger) -> None:
    town.inspect(town.lab, lots=("L1", "L2"))
    failed = town.ledger.state().failed_inspections
    gtin = town.acme.gtin()
    assert [len(failed(gtin, frozenset(lots))) for lots in ((), ("L2", "L9"), ("L9",))] == [1, 1, 0]
    town.inspect(town.lab_2)
    assert len(failed(gtin, frozenset({"L9"}))) == 0, "the old fold does not change"
    assert len(town.ledger.state().failed_inspections(gtin, frozenset({"L9"}))) == 1


def test_a_product_of_a_maker_who_comes_later_has_its_history(town: AssessedLedger) -> None:
    gtin = make_gtin("6977777")
    town.certify(town.lab, gtins=(gtin,))
    town.inspect(town.lab, gtin=gtin)
    town.ledger.admit("late", prefix="6977777")
    state = town.ledger.state()
    assert not state.disregarded
    assert state.prefixes.find_issuer_id(gtin) == "late"
    assert len(state.failed_inspections(gtin)) == 1


# Hindsight


def test_what_a_stolen_laboratory_key_said_is_undone_and_the_word_before_it_stands(town: AssessedLedger) -> None:
    town.certify(town.lab, "revoked")
    town.inspect(town.lab)
    stolen = town.certify(town.lab)
    town.inspect(town.lab, "passed", revision=1)
    town.certify(town.lab, number="NEW")
    town.ledger.revoke(town.lab, town.lab.key, from_index=stolen)
    state = town.ledger.state()
    assert undone(state) == [(index, "key_revoked") for index in (stolen, stolen + 1, stolen + 2)]
    assert (certificate(town).statement.status, certificate(town).count) == ("revoked", 1)
    assert inspection(town).is_failed
    assert ("CCC", "NEW") not in state.certificates


def test_what_was_said_before_the_theft_stays(town: AssessedLedger) -> None:
    town.certify(town.lab)
    town.inspect(town.lab)
    town.ledger.revoke(town.lab, town.lab.key)
    assert certificate(town).is_in_force_on(FROM) and inspection(town).is_failed
    town.certify(town.lab, "revoked")
    assert town.ledger.state().disregarded[-1].rule == "key_revoked"


def test_a_certificate_that_a_thief_bound_is_free_again(town: AssessedLedger) -> None:
    start = town.certify(town.lab)
    town.ledger.revoke(town.lab, town.lab.key, from_index=start)
    assert CCC not in town.ledger.state().certificates
    town.certify(town.lab_2)
    assert certificate(town).issuer == "lab-2"


def test_an_authoritys_word_that_a_thief_said_gives_the_laboratory_its_own_back(town: AssessedLedger) -> None:
    town.certify(town.lab)
    start = town.certify(town.office, "revoked")
    town.ledger.revoke(town.office, town.office.key, from_index=start)
    assert certificate(town).issuer == "lab" and certificate(town).is_in_force_on(FROM)


def test_a_report_that_a_good_key_has_revised_stands_though_its_publication_is_undone(town: AssessedLedger) -> None:
    """As a recall does: the good key has repeated the whole of it, and a warning does not vanish."""
    good = town.ledger.add_key(town.lab)
    start = town.inspect(town.lab)
    town.inspect(town.lab, revision=1, key=good, summary=both("2 of 10"))
    town.ledger.revoke(town.lab, town.lab.key, from_index=start)
    state = town.ledger.state()
    assert undone(state) == [(start, "key_revoked"), (start + 1, "unknown_inspection")]
    assert (inspection(town).index, inspection(town).is_failed) == (start + 1, True)
    assert state.inspections_of_gtin == {town.acme.gtin(): ["lab/1"]}
    town.inspect(town.lab, "passed", revision=2, key=good)
    assert town.ledger.state().failed_inspections(town.acme.gtin()) == ()


def test_a_rollback_gives_the_word_before_back(town: AssessedLedger) -> None:
    town.certify(town.lab)
    town.inspect(town.lab)
    before = town.ledger.state()
    town.certify(town.lab, "suspended")
    town.inspect(town.lab, "passed", revision=1)
    after = town.ledger.state()
    after.rollback(before.size)
    assert picture(after) == picture(before)


# Everybody else who reads the ledger


def test_the_snapshot_says_nothing_of_them(town: AssessedLedger) -> None:
    town.ledger.issue_batch(town.acme)
    said = {
        town.certify(town.lab, gtins=(town.acme.gtin(),)),
        town.inspect(town.lab),
        town.certify(town.lab, "revoked"),
    }

    def text(state: LedgerState) -> str:
        now = town.ledger.now
        return snapshot_text(make_snapshot(state, root_hash=bytes(32), as_of_at=now, next_update_at=now))

    assert text(town.ledger.state()) == text(town.ledger.state(without=said))


def test_an_audit_counts_them_and_names_those_that_the_operator_should_not_have_logged(town: AssessedLedger) -> None:
    town.ledger.issue_batch(town.acme)
    town.certify(town.lab)
    town.inspect(town.lab)
    town.inspect(town.lab, "passed", revision=1)

    def run() -> tuple[list[tuple[str, int | None]], dict[str, int]]:
        with LedgerServer(town.ledger.files()) as server:
            report = audit(LedgerClient(server.url + "/ledger", town.ledger.policy), now=town.ledger.now)
        return [(finding.code, finding.index) for finding in report.findings], dict(report.statements)

    findings, statements = run()
    assert findings == []
    assert (statements["certificate.status"], statements["inspection.published"]) == (1, 2)
    index = town.certify(town.acme, number="OWN")
    assert run()[0] == [("entry_not_permitted", index)]


def test_a_monitor_tells_of_those_that_name_a_watched_product(tmp_path: Path) -> None:
    with LedgerServer({}) as server:
        scene = Scene(tmp_path / "state", server)
        town = AssessedLedger(scene.ledger)
        other = make_gtin("6977777")
        assert scene.follow() == ["issuer_admitted"]
        assert scene.prefixes == (ACME,)
        town.certify(town.lab, gtins=(town.acme.gtin(),))
        town.certify(town.lab, number="OTHER", gtins=(other,))
        town.certify(town.lab, number="LICENCE")
        town.inspect(town.lab, lots=("L1",))
        town.inspect(town.lab_2, gtin=other)
        assert scene.follow() == ["certificate_status", "inspection_published"]
        told = scene.told[-2].detail
        assert (told["scheme"], told["number"], told["status"], told["gtins"]) == (
            "CCC",
            NUMBER,
            "valid",
            [town.acme.gtin()],
        )
        assert (scene.last()["result"], scene.last()["lots"], scene.last()["issuer"]) == ("failed", ["L1"], "lab")
        town.certify(town.lab, "revoked", gtins=(other,))
        assert scene.follow() == ["certificate_status"], "it named a watched product before"
        assert (scene.last()["status"], scene.last()["gtins_count"]) == ("revoked", 0)
        scene.end()


def test_a_mirror_takes_them_and_keeps_them_across_a_restart(tmp_path: Path) -> None:
    with LedgerServer({}) as server:
        scene = MirrorScene(tmp_path / "state", server)
        town = AssessedLedger(scene.ledger)
        batch = town.ledger.issue_batch(town.acme)
        town.certify(town.lab)
        town.inspect(town.lab)
        node = scene.follow()
        assert node.check(batch.url(0)).status == "genuine"
        town.certify(town.lab, "revoked")
        assert scene.follow().check(batch.url(0)).status == "genuine", "no status of a code hangs on them"
        scene.end()
        assert scene.start().check(batch.url(0)).status == "genuine"
        assert scene.mirror is not None and scene.mirror._state is not None
        assert scene.mirror._state.certificates[CCC].statement.status == "revoked"
        scene.end()


# One spelling


@pytest.mark.parametrize(
    ("written", "spelling"),
    [
        ("ccc", "CCC"),
        (" 2026 0109\t14 ", "2026010914"),
        ("ＣＣＣ－１", "CCC-1"),
        ("国妆特字　G20190001", "国妆特字G20190001"),
        ("SC106（1）", "SC106(1)"),
        ("CN\u20131", "CN-1"),
        ("\uf900", "豈"),
    ],
)
def test_a_name_as_people_write_it_has_one_spelling(written: str, spelling: str) -> None:
    assert spell_certificate_name(written) == spelling
    assert parse_scheme(spelling) == parse_certificate_number(spelling) == spelling
    assert spell_certificate_name(spelling) == spelling
