# SPDX-License-Identifier: Apache-2.0
"""Attacks with old statements: whoever keeps a ledger logs a maker's or a platform's own words again, out of turn."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from tests.support.assessments import DOSSIER, make_dossier
from tests.support.folds import picture, signed
from tests.support.ledger_server import LedgerServer
from tests.support.ledger_simulator import LedgerSimulator
from tests.support.makers import Maker
from tests.support.mirrors import MirrorScene
from tests.support.monitors import ACME, Scene
from verifier.audit import audit
from verifier.fold import LedgerState, fold_entries
from verifier.ledger_client import LedgerClient
from verifier.protocol.statements import REGISTRY, Header
from verifier.protocol.statements.products import ProductPublished
from verifier.protocol.statements.registry import KeyAdded
from verifier.registration import Refused

FIRST, SECOND = "0" * 64, f"{1:064x}"


@dataclass
class Town:
    """A ledger with a maker and a platform."""

    ledger: LedgerSimulator = field(default_factory=LedgerSimulator)

    def __post_init__(self) -> None:
        self.acme = self.ledger.admit("acme", prefix=ACME)
        self.mall = self.ledger.admit("mall", roles=("platform",))

    def passport(self, revision: int, author: Maker | None = None) -> ProductPublished:
        """Revision n of acme's product; its digest is n."""
        header = Header(self.ledger.origin, (author or self.acme).id, self.ledger.now)
        return ProductPublished(header, self.acme.gtin(), f"{revision:064x}", "application/vc+jwt", revision)

    def publish(self, revision: int) -> bytes:
        """The maker's own bytes."""
        return signed(self.passport(revision), self.acme.key)

    def approve(self, revision: int) -> bytes:
        """The platform's own bytes; the digest is the revision."""
        header = Header(self.ledger.origin, "mall", self.ledger.now)
        return signed(make_dossier(header, self.acme.gtin(), revision=revision), self.mall.key)


Say = Callable[[Town, int], bytes]
BOTH = pytest.mark.parametrize("say", [Town.publish, Town.approve], ids=["passport", "dossier"])


@pytest.fixture
def town() -> Town:
    return Town()


def standing(town: Town, state: LedgerState) -> set[str]:
    """The digests that count."""
    found = {record.digest for record in state.products.values()}
    return found | {record.statement.digest for record in state.dossiers.values()}


def refusal(state: LedgerState, entry: bytes) -> str:
    before = picture(state)
    with pytest.raises(Refused) as caught:
        state.admit(state.size, entry)
    assert picture(state) == before, "a refusal changes nothing"
    return caught.value.code


@BOTH
def test_an_old_statement_byte_for_byte_is_refused_at_registration(town: Town, say: Say) -> None:
    old = say(town, 0)
    for entry in (old, say(town, 1)):
        town.ledger.append(entry)
    state = town.ledger.state()
    assert not state.disregarded and standing(town, state) == {SECOND}
    assert refusal(state, old) == "wrong_revision"
    assert refusal(state, say(town, 1)) == "wrong_revision", "the very last one neither"
    assert standing(town, state) == {SECOND}


@BOTH
def test_an_operator_who_logs_it_all_the_same_changes_nothing_and_every_auditor_names_it(town: Town, say: Say) -> None:
    old = say(town, 0)
    for entry in (old, say(town, 1)):
        town.ledger.append(entry)
    index = town.ledger.append(old)
    state = fold_entries(town.ledger.entries, town.ledger.origin)
    assert standing(town, state) == {SECOND}
    assert [(item.index, item.rule, item.in_hindsight) for item in state.disregarded] == [
        (index, "wrong_revision", False)
    ]
    with LedgerServer(town.ledger.files()) as server:
        report = audit(LedgerClient(server.url + "/ledger", town.ledger.policy), now=town.ledger.now)
    (finding,) = report.findings
    assert (finding.code, finding.index, report.is_clean) == ("entry_not_permitted", index, False)
    assert "wrong_revision" in finding.message


@BOTH
def test_what_the_operator_held_back_is_not_logged_out_of_turn(town: Town, say: Say) -> None:
    state = town.ledger.state()
    held_back, later = say(town, 0), say(town, 1)
    assert refusal(state, later) == "wrong_revision", "the first is missing: its author sees that at once"
    state.admit(state.size, held_back)
    state.admit(state.size, later)
    assert refusal(state, held_back) == "wrong_revision"


@BOTH
def test_a_thief_cannot_use_the_numbers_up_with_one_statement(town: Town, say: Say) -> None:
    state = town.ledger.state()
    for revision in (1, 10_000, 2**53 - 1):
        assert refusal(state, say(town, revision)) == "wrong_revision"


def test_a_monitor_tells_the_maker_and_names_revisions(town: Town, tmp_path: Path) -> None:
    with LedgerServer({}) as server:
        scene = Scene(tmp_path / "state", server, town.ledger)
        for entry in (town.publish(0), town.publish(1), town.approve(0)):
            town.ledger.append(entry)
        assert scene.follow() == ["issuer_admitted", "passport_published", "passport_published", "dossier_approved"]
        assert (scene.told[-2].detail["revision"], scene.last()["dossier_id"], scene.last()["lot"]) == (
            1,
            DOSSIER,
            "L1",
        )
        town.ledger.append(town.publish(0))
        town.ledger.append(town.approve(0))
        assert scene.follow() == ["entry_disregarded"] * 2
        assert {event.detail["rule"] for event in scene.told[-2:]} == {"wrong_revision"}
        scene.end()


def test_a_platforms_node_goes_on_with_the_newest_passport(town: Town, tmp_path: Path) -> None:
    with LedgerServer({}) as server:
        scene = MirrorScene(tmp_path / "state", server, town.ledger)
        for entry in (town.publish(0), town.publish(1), town.publish(0), town.approve(0)):
            town.ledger.append(entry)
        for _ in range(2):  # and after a restart
            scene.follow()
            assert scene.mirror is not None and scene.mirror._state is not None
            assert standing(town, scene.mirror._state) == {SECOND, FIRST}
            assert len(scene.mirror._state.disregarded) == 1
            scene.end()


# Hindsight


def test_the_passport_before_a_thiefs_counts_again_and_the_thiefs_number_stays_used(town: Town) -> None:
    ledger = town.ledger
    ledger.append(town.publish(0))
    stolen = len(ledger.entries)
    thiefs = ledger.append(town.publish(1))
    spare = ledger.add_key(town.acme)
    assert standing(town, ledger.state()) == {SECOND}
    ledger.revoke(town.acme, town.acme.key, from_index=stolen)
    state = ledger.state()
    assert standing(town, state) == {FIRST} and state.next_product_revision("acme", town.acme.gtin()) == 2
    assert refusal(state, ledger.entries[thiefs]) == "key_revoked"
    assert refusal(state, signed(town.passport(1), spare)) == "unknown_key", "the thief's second key"


def test_an_honest_passport_after_a_thiefs_stands(town: Town) -> None:
    ledger = town.ledger
    spare = ledger.add_key(town.acme)
    ledger.append(town.publish(0))
    stolen = len(ledger.entries)
    ledger.append(town.publish(1))
    index = ledger.say(town.passport(2), spare)
    ledger.revoke(town.acme, town.acme.key, from_index=stolen)
    state = ledger.state()
    assert state.products[town.acme.gtin()].index == index
    assert refusal(state, signed(town.passport(1), spare)) == "wrong_revision", "an undone number is not free"
    state.admit(state.size, signed(town.passport(3), spare))


def test_old_words_of_a_key_that_was_undone_and_registered_again_stay_old(town: Town) -> None:
    """The maker added a good key with a stolen one: it fell too, and the operator's help brought it back."""
    ledger = town.ledger
    stolen = len(ledger.entries)
    spare = ledger.add_key(town.acme)
    old = [signed(town.passport(revision), spare) for revision in (0, 1)]
    for entry in old:
        ledger.append(entry)
    ledger.revoke(town.acme, town.acme.key, from_index=stolen)
    header = Header(ledger.origin, REGISTRY, ledger.now)
    ledger.say(KeyAdded(header, "acme", spare.prove(origin=ledger.origin, issuer="acme")), ledger.operator_key)
    state = ledger.state()
    assert standing(town, state) == set()
    assert [refusal(state, entry) for entry in old] == ["wrong_revision"] * 2
    state.admit(state.size, signed(town.passport(2), spare))
    assert state.products[town.acme.gtin()].revision == 2


def test_a_rollback_gives_the_numbers_back_that_were_not_stored(town: Town) -> None:
    state = town.ledger.state()
    size = state.size
    for revision in range(3):
        state.admit(state.size, town.publish(revision))
        state.admit(state.size, town.approve(revision))
    state.rollback(size + 2)
    assert (state.next_product_revision("acme", town.acme.gtin()), state.next_dossier_revision("mall", DOSSIER)) == (
        1,
        1,
    )
    state.admit(state.size, town.publish(1))


# A prefix that changes hands


def test_each_owner_of_a_prefix_counts_for_itself_and_nobodys_old_words_come_back(town: Town) -> None:
    """No statement moves a prefix today. Should one come, this holds: a number belongs to its author and GTIN."""
    bolt = town.ledger.admit("bolt", prefix="69055550")
    for entry in (town.publish(0), town.publish(1)):
        town.ledger.append(entry)
    state = town.ledger.state()
    acme_now, bolt_now = state.issuers["acme"], state.issuers["bolt"]
    state.issuers["acme"] = replace(acme_now, prefixes=())
    state.issuers["bolt"] = replace(bolt_now, prefixes=(*acme_now.prefixes, *bolt_now.prefixes))
    assert refusal(state, town.publish(2)) == "prefix_not_yours"
    state.admit(state.size, signed(town.passport(0, bolt), bolt.key))
    assert (state.products[town.acme.gtin()].issuer, state.products[town.acme.gtin()].revision) == ("bolt", 0)

    state.issuers["acme"], state.issuers["bolt"] = acme_now, bolt_now
    assert refusal(state, town.publish(1)) == "wrong_revision", "back with acme, and its old passport stays old"
    state.admit(state.size, town.publish(2))
    assert state.products[town.acme.gtin()].issuer == "acme"
