# SPDX-License-Identifier: Apache-2.0
"""The registration policy, rule by rule: what is refused, and beside it the neighbour that is accepted."""

# ruff: noqa: E501 - one rule per line reads best

from __future__ import annotations

import ast
import inspect
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache, cached_property

import pytest

from tests.support.assessments import make_certificate, make_dossier, make_inspection
from tests.support.ledger_simulator import LedgerSimulator
from tests.support.makers import CONTACT, Maker, SigningKey, both, make_gtin, make_uscc, sign_batch
from tests.support.makers import BatchPlan as Plan
from verifier import registration
from verifier.fold import LedgerState
from verifier.protocol.encoding import encode_canonical_json
from verifier.protocol.statements import REGISTRY, Header, Statement, make_entry, signed_bytes
from verifier.protocol.statements.certificates import CertificateStatus
from verifier.protocol.statements.dossiers import DossierApproved
from verifier.protocol.statements.inspections import InspectionPublished
from verifier.protocol.statements.products import BatchIssued, CodesVoided, ProductPublished, SeqRange
from verifier.protocol.statements.recall import RecallClosed, RecallPublished, RecallRevised, ScopeEntry, WholeModel
from verifier.protocol.statements.registry import IssuerAdmitted, KeyAdded, KeyRevoked, ProvenKey, RegistryCreated
from verifier.registration import Refused

ACME, BOLT = "69012340", "69055550"


class Town:
    """A ledger with two makers, an authority and a laboratory, and ways to say things in it."""

    def __init__(self) -> None:
        self.ledger = LedgerSimulator()
        self.acme = self.ledger.admit("acme", prefix=ACME)
        self.bolt = self.ledger.admit("bolt", prefix=BOLT)
        self.gov = self.ledger.admit("gov", roles=("authority",))
        self.lab = self.ledger.admit("lab", roles=("laboratory",))
        self.spare = self.ledger.add_key(self.acme)
        self.old = self.ledger.add_key(self.acme, "old")
        self.batch = self.ledger.issue_batch(self.acme, count=5)
        self.ledger.recall(self.acme, "open")
        self.ledger.recall(self.acme, "over")
        self.ledger.close(self.acme, "over")
        self.ledger.recall(self.acme, "twice")
        self.ledger.revise(self.acme, "twice", 2)
        self.lab_2 = self.ledger.admit("lab-2", roles=("laboratory",))
        self.ledger.say(self.certified("lab", 0), self.lab.key)
        self.ledger.say(self.certified("gov", 0, "TAKEN"), self.gov.key)
        self.ledger.say(self.inspected("lab"), self.lab.key)
        self.ledger.say(self.inspected("lab", 3), self.lab.key)
        self.mall = self.ledger.admit("mall", roles=("platform",))
        self.ledger.say(self.product("acme", self.acme.gtin(3)), self.acme.key)
        self.ledger.say(self.approved("mall"), self.mall.key)
        self.ledger.revoke(self.acme, self.old)
        self.operator = self.ledger.operator_key
        self.nobody = SigningKey("nobody")

    @cached_property
    def clash(self) -> tuple[SigningKey, SigningKey]:
        seen: dict[bytes, SigningKey] = {}
        for number in range(10_000):
            key = SigningKey(f"clash {number}")
            hint = key.public_key.hint
            if hint in seen:
                return seen[hint], key
            seen[hint] = key
        raise AssertionError

    @cached_property
    def state(self) -> LedgerState:
        state = self.ledger.state()
        assert not state.disregarded, "the town itself is in order"
        return state

    @property
    def next_index(self) -> int:
        return len(self.ledger.entries)

    def header(self, issuer: str) -> Header:
        return Header(self.ledger.origin, issuer, self.ledger.now)

    def created(self, issuer: str = REGISTRY) -> RegistryCreated:
        status = self.ledger.status_vkey
        return RegistryCreated(self.header(issuer), both("again"), self.operator.public_key, status)

    def admitted(
        self,
        *,
        author: str = REGISTRY,
        subject: str = "new",
        uscc: str = make_uscc(77),
        prefixes: tuple[str, ...] = ("6907777",),
        key: ProvenKey | None = None,
    ) -> IssuerAdmitted:
        return IssuerAdmitted(
            header=self.header(author),
            subject=subject,
            name=both("New Co."),
            uscc=uscc,
            roles=("manufacturer",),
            prefixes=prefixes,
            contact=CONTACT,
            key=key or self.proven("fresh", subject),
        )

    def proven(self, name: str, issuer: str, *, proved_for: str | None = None) -> ProvenKey:
        return SigningKey(name).prove(origin=self.ledger.origin, issuer=proved_for or issuer)

    def added(self, subject: str, author: str, key: ProvenKey | None = None) -> KeyAdded:
        return KeyAdded(self.header(author), subject, key or self.proven("fresh", subject))

    def revoked(self, key: SigningKey, author: str, *, subject: str = "acme", start: int = 0) -> KeyRevoked:
        return KeyRevoked(self.header(author), subject, key.key_id, self.next_index + start, "lost")

    def product(self, author: str, gtin: str, revision: int = 0) -> ProductPublished:
        return ProductPublished(self.header(author), gtin, "ab" * 32, "application/vc+jwt", revision)

    def approved(self, author: str, revision: int = 0) -> DossierApproved:
        return make_dossier(self.header(author), self.acme.gtin(), revision=revision)

    def issued(self, maker: Maker, *, gtin: str = "", number: int = 7, key: SigningKey | None = None) -> BatchIssued:
        plan = Plan(gtin or maker.gtin(), number, 1)
        now = self.ledger.now
        return sign_batch(
            plan, origin=self.ledger.origin, issuer=maker.id, key=key or maker.key, issued_at=now
        ).statement

    def voided(self, author: str, *, batch: int = 0, last: int = 4) -> CodesVoided:
        return CodesVoided(self.header(author), batch, (SeqRange(0, 0), SeqRange(3, last)), both("misprint"))

    def published(self, author: str, number: str = "new", *, gtin: str = "") -> RecallPublished:
        scope = [ScopeEntry(gtin or self.acme.gtin(), WholeModel())]
        notice = self.ledger.notice(self.acme, lot=None, scope=scope, severity="low", action="recall")
        return RecallPublished(self.header(author), number if "/" in number else f"{author}/{number}", notice)

    def revised(self, author: str, number: str = "acme/open", *, revision: int = 2, gtin: str = "") -> RecallRevised:
        return RecallRevised(self.header(author), number, revision, self.published(author, gtin=gtin).notice)

    def closed(self, author: str, number: str = "acme/open") -> RecallClosed:
        return RecallClosed(self.header(author), number, both("done"))

    def certified(self, author: str, revision: int = 1, number: str = "MINE") -> CertificateStatus:
        return make_certificate(self.header(author), revision=revision, number=number, gtins=(self.acme.gtin(),))

    def inspected(self, author: str, revision: int = 0, name: str = "lab/1", *, gtin: str = "") -> InspectionPublished:
        name = f"{author}/1" if author != "lab" and revision == 0 and name == "lab/1" else name
        gtin = gtin or self.acme.gtin()
        return make_inspection(self.header(author), gtin, revision=revision, inspection_id=name)


def elsewhere(statement: Statement) -> Statement:
    return replace(statement, header=replace(statement.header, origin="test.example/ledger"))


Said = tuple[Statement, SigningKey]


@dataclass(frozen=True)
class Rule:
    says: str
    code: str
    refused: Callable[[Town], Said]
    accepted: Callable[[Town], Said]


def fresh(town: Town) -> Said:
    return town.issued(town.acme), town.acme.key


def acme_adds(town: Town) -> Said:
    return town.added("acme", "acme"), town.acme.key


def admission(town: Town) -> Said:
    return town.admitted(), town.operator


def acme_recalls(town: Town) -> Said:
    return town.published("acme"), town.acme.key


def closes(town: Town) -> Said:
    return town.closed("acme"), town.acme.key


def revises(town: Town) -> Said:
    return town.revised("acme"), town.acme.key


# fmt: off
RULES = [
    Rule("a statement for another ledger is not taken", "wrong_ledger", lambda t: (elsewhere(t.issued(t.acme)), t.acme.key), fresh),
    Rule("a registry begins only once", "registry_first", lambda t: (t.created(), t.operator), fresh),
    Rule("a key that nobody registered says nothing", "unknown_key", lambda t: (t.issued(t.acme), t.nobody), fresh),
    Rule("nobody speaks in another's name", "key_of_another_issuer", lambda t: (t.issued(t.acme), t.bolt.key), fresh),
    Rule("the operator does not speak in a maker's name", "key_of_another_issuer", lambda t: (t.issued(t.acme), t.operator), fresh),
    Rule("a maker does not speak in the registry's name", "key_of_another_issuer", lambda t: (t.admitted(), t.acme.key), admission),
    Rule("a revoked key says nothing more", "key_revoked", lambda t: (t.issued(t.acme), t.old), lambda t: (t.issued(t.acme), t.spare)),
    Rule("only the operator admits", "role_missing", lambda t: (t.admitted(author="acme"), t.acme.key), admission),
    Rule("nobody is admitted twice", "issuer_exists", lambda t: (t.admitted(subject="bolt"), t.operator), admission),
    Rule("nobody is admitted as the registry", "issuer_exists", lambda t: (t.admitted(subject=REGISTRY), t.operator), admission),
    Rule("one organisation is admitted once", "uscc_exists", lambda t: (t.admitted(uscc=t.ledger.state().issuers["acme"].uscc), t.operator), admission),
    Rule("a prefix within another's is not given away", "prefix_overlap", lambda t: (t.admitted(prefixes=(ACME + "1",)), t.operator), admission),
    Rule("a prefix around another's is not given away", "prefix_overlap", lambda t: (t.admitted(prefixes=(ACME[:5],)), t.operator), admission),
    Rule("the very same prefix is not given twice", "prefix_overlap", lambda t: (t.admitted(prefixes=(BOLT,)), t.operator), lambda t: (t.admitted(prefixes=("69055551",)), t.operator)),
    Rule("an issuer's own prefixes do not overlap", "prefix_overlap", lambda t: (t.admitted(prefixes=("6907777", "69077771")), t.operator), lambda t: (t.admitted(prefixes=("6907777", "6907778")), t.operator)),
    Rule("an admitted key comes with possession", "no_possession", lambda t: (t.admitted(key=t.proven("fresh", "new", proved_for="bolt")), t.operator), admission),
    Rule("an added key comes with possession", "no_possession", lambda t: (t.added("acme", "acme", t.proven("fresh", "acme", proved_for="bolt")), t.acme.key), acme_adds),
    Rule("one key is registered once", "key_exists", lambda t: (t.added("acme", "acme", t.bolt.key.prove(origin=t.ledger.origin, issuer="acme")), t.acme.key), acme_adds),
    Rule("a revoked key is not registered again", "key_exists", lambda t: (t.added("acme", "acme", t.old.prove(origin=t.ledger.origin, issuer="acme")), t.acme.key), acme_adds),
    Rule("the operator's key is nobody else's", "key_exists", lambda t: (t.admitted(key=t.operator.prove(origin=t.ledger.origin, issuer="new")), t.operator), admission),
    Rule("two keys of one issuer have two hints", "key_hint_clash", lambda t: (t.added("acme", "acme", t.proven(t.clash[1].name, "acme")), t.acme.key), lambda t: (t.added("bolt", "bolt", t.proven(t.clash[1].name, "bolt")), t.bolt.key)),
    Rule("nobody adds a key to another", "not_yours", lambda t: (t.added("acme", "bolt"), t.bolt.key), lambda t: (t.added("acme", REGISTRY), t.operator)),
    Rule("nobody adds a key to a stranger", "unknown_issuer", lambda t: (t.added("carol", REGISTRY), t.operator), lambda t: (t.added("bolt", REGISTRY), t.operator)),
    Rule("the operator gives itself no second key", "unknown_issuer", lambda t: (t.added(REGISTRY, REGISTRY), t.operator), lambda t: (t.added("acme", REGISTRY), t.operator)),
    Rule("nobody revokes another's key", "not_yours", lambda t: (t.revoked(t.spare, "bolt"), t.bolt.key), lambda t: (t.revoked(t.spare, REGISTRY), t.operator)),
    Rule("an authority revokes nobody's key", "not_yours", lambda t: (t.revoked(t.spare, "gov"), t.gov.key), lambda t: (t.revoked(t.spare, "acme"), t.acme.key)),
    Rule("a key is revoked under its owner's name", "unknown_key", lambda t: (t.revoked(t.spare, REGISTRY, subject="bolt"), t.operator), lambda t: (t.revoked(t.bolt.key, REGISTRY, subject="bolt"), t.operator)),
    Rule("no revocation reaches into the future", "from_the_future", lambda t: (t.revoked(t.spare, "acme", start=1), t.acme.key), lambda t: (t.revoked(t.spare, "acme"), t.acme.key)),
    Rule("a revocation is never softened", "key_revoked", lambda t: (t.revoked(t.old, "acme"), t.acme.key), lambda t: (t.revoked(t.old, "acme", start=-2), t.acme.key)),
    Rule("a passport is published by its maker", "prefix_not_yours", lambda t: (t.product("bolt", t.acme.gtin()), t.bolt.key), lambda t: (t.product("bolt", t.bolt.gtin()), t.bolt.key)),
    Rule("an authority publishes no passports", "role_missing", lambda t: (t.product("gov", t.acme.gtin()), t.gov.key), lambda t: (t.product("acme", t.acme.gtin()), t.acme.key)),
    Rule("the operator publishes no passports", "role_missing", lambda t: (t.product(REGISTRY, t.acme.gtin()), t.operator), lambda t: (t.product("acme", t.acme.gtin(2)), t.acme.key)),
    Rule("a first passport has revision 0", "wrong_revision", lambda t: (t.product("bolt", t.bolt.gtin(), 1), t.bolt.key), lambda t: (t.product("bolt", t.bolt.gtin()), t.bolt.key)),
    Rule("an old passport is not logged again", "wrong_revision", lambda t: (t.product("acme", t.acme.gtin(3)), t.acme.key), lambda t: (t.product("acme", t.acme.gtin(3), 1), t.acme.key)),
    Rule("a passport is not published ahead of its turn", "wrong_revision", lambda t: (t.product("acme", t.acme.gtin(3), 2), t.acme.key), lambda t: (t.product("acme", t.acme.gtin(3), 1), t.spare)),
    Rule("a maker approves no dossier", "role_missing", lambda t: (t.approved("acme"), t.acme.key), lambda t: (t.approved("mall", 1), t.mall.key)),
    Rule("the operator approves no dossier", "role_missing", lambda t: (t.approved(REGISTRY), t.operator), lambda t: (t.approved("mall", 1), t.mall.key)),
    Rule("an old approval is not logged again", "wrong_revision", lambda t: (t.approved("mall"), t.mall.key), lambda t: (t.approved("mall", 1), t.mall.key)),
    Rule("a batch is of a GTIN of one's own", "prefix_not_yours", lambda t: (t.issued(t.bolt, gtin=t.acme.gtin()), t.bolt.key), lambda t: (t.issued(t.bolt), t.bolt.key)),
    Rule("a prefix is not looked for at the indicator digit", "prefix_not_yours", lambda t: (t.issued(t.acme, gtin=make_gtin("8" + ACME)), t.acme.key), fresh),
    Rule("a laboratory issues no batches", "role_missing", lambda t: (t.issued(t.lab, gtin=t.acme.gtin()), t.lab.key), fresh),
    Rule("the codes' key is the issuer's", "unknown_key", lambda t: (t.issued(t.acme, key=t.bolt.key), t.acme.key), lambda t: (t.issued(t.acme, key=t.spare), t.acme.key)),
    Rule("the codes' key is not revoked", "key_revoked", lambda t: (t.issued(t.acme, key=t.old), t.acme.key), lambda t: (t.issued(t.acme, key=t.acme.key), t.spare)),
    Rule("a batch number is used once", "batch_exists", lambda t: (t.issued(t.acme, number=0), t.acme.key), lambda t: (t.issued(t.bolt, number=0), t.bolt.key)),
    Rule("only logged batches are voided", "unknown_batch", lambda t: (t.voided("acme", batch=1), t.acme.key), lambda t: (t.voided("acme"), t.acme.key)),
    Rule("nobody voids another's batch", "unknown_batch", lambda t: (t.voided("bolt"), t.bolt.key), lambda t: (t.voided("acme"), t.spare)),
    Rule("a void stays inside its batch", "outside_batch", lambda t: (t.voided("acme", last=5), t.acme.key), lambda t: (t.voided("acme", last=4), t.acme.key)),
    Rule("a recall's number lies in its publisher's name space", "recall_id_not_yours", lambda t: (t.published("acme", "bolt/1"), t.acme.key), acme_recalls),
    Rule("a recall is published once", "recall_exists", lambda t: (t.published("acme", "open"), t.acme.key), acme_recalls),
    Rule("a closed recall is not published again", "recall_exists", lambda t: (t.published("acme", "over"), t.acme.key), acme_recalls),
    Rule("nobody recalls another's product", "prefix_not_yours", lambda t: (t.published("bolt"), t.bolt.key), lambda t: (t.published("gov"), t.gov.key)),
    Rule("a laboratory recalls nothing", "role_missing", lambda t: (t.published("lab"), t.lab.key), acme_recalls),
    Rule("the operator recalls nothing", "role_missing", lambda t: (t.published(REGISTRY), t.operator), acme_recalls),
    Rule("only what was published is revised", "unknown_recall", lambda t: (t.revised("acme", "acme/none"), t.acme.key), revises),
    Rule("nobody revises another's recall", "not_yours", lambda t: (t.revised("bolt"), t.bolt.key), lambda t: (t.revised("gov"), t.gov.key)),
    Rule("a revision bears a number of its own", "wrong_revision", lambda t: (t.revised("acme", "acme/twice"), t.acme.key), lambda t: (t.revised("acme", "acme/twice", revision=3), t.acme.key)),
    Rule("a revision does not reach for another's product", "prefix_not_yours", lambda t: (t.revised("acme", gtin=t.bolt.gtin()), t.acme.key), revises),
    Rule("a closed recall is not revised", "recall_closed", lambda t: (t.revised("acme", "acme/over"), t.acme.key), revises),
    Rule("nobody closes another's recall", "not_yours", lambda t: (t.closed("bolt"), t.bolt.key), closes),
    Rule("the operator closes no recall", "not_yours", lambda t: (t.closed(REGISTRY), t.operator), lambda t: (t.closed("gov"), t.gov.key)),
    Rule("a maker certifies nothing", "role_missing", lambda t: (t.certified("acme", 0, "NEW"), t.acme.key), lambda t: (t.certified("lab", 0, "NEW"), t.lab.key)),
    Rule("the operator certifies nothing", "role_missing", lambda t: (t.certified(REGISTRY, 0, "NEW"), t.operator), lambda t: (t.certified("gov", 7, "NEW"), t.gov.key)),
    Rule("a certificate is its first laboratory's", "not_yours", lambda t: (t.certified("lab-2"), t.lab_2.key), lambda t: (t.certified("lab"), t.lab.key)),
    Rule("no laboratory takes back what an authority said", "not_yours", lambda t: (t.certified("lab", 1, "TAKEN"), t.lab.key), lambda t: (t.certified("gov"), t.gov.key)),
    Rule("an old status of a certificate is not logged again", "wrong_revision", lambda t: (t.certified("lab", 0), t.lab.key), lambda t: (t.certified("lab", 5), t.lab.key)),
    Rule("a maker inspects nothing", "role_missing", lambda t: (t.inspected("acme"), t.acme.key), lambda t: (t.inspected("gov"), t.gov.key)),
    Rule("the operator inspects nothing", "role_missing", lambda t: (t.inspected(REGISTRY), t.operator), lambda t: (t.inspected("lab-2"), t.lab_2.key)),
    Rule("an inspection's number lies in its inspector's name space", "inspection_id_not_yours", lambda t: (t.inspected("gov", name="lab/2"), t.gov.key), lambda t: (t.inspected("lab", name="lab/2"), t.lab.key)),
    Rule("an inspection is published once", "inspection_exists", lambda t: (t.inspected("lab"), t.lab.key), lambda t: (t.inspected("lab", name="lab/2"), t.lab.key)),
    Rule("only what was inspected is revised", "unknown_inspection", lambda t: (t.inspected("lab", 4, "lab/2"), t.lab.key), lambda t: (t.inspected("lab", 4), t.lab.key)),
    Rule("nobody revises another's inspection", "not_yours", lambda t: (t.inspected("lab-2", 4), t.lab_2.key), lambda t: (t.inspected("gov", 4), t.gov.key)),
    Rule("a revised report bears a larger number", "wrong_revision", lambda t: (t.inspected("lab", 3), t.lab.key), lambda t: (t.inspected("lab", 9), t.lab.key)),
    Rule("a failure stays with its product", "another_product", lambda t: (t.inspected("lab", 4, gtin=t.bolt.gtin()), t.lab.key), lambda t: (t.inspected("lab", 4), t.lab.key)),
    Rule("a GTIN that nobody is admitted for is inspected all the same", "role_missing", lambda t: (t.inspected("bolt", gtin=make_gtin("6977777")), t.bolt.key), lambda t: (t.inspected("lab", name="lab/2", gtin=make_gtin("6977777")), t.lab.key)),
    Rule("a recall is closed once", "recall_closed", lambda t: (t.closed("acme", "acme/over"), t.acme.key), closes),
]
# fmt: on


def sign(said: Said) -> bytes:
    statement, key = said
    return make_entry(statement, key_id=key.key_id, signature=key.sign(signed_bytes(statement)))


def refusal(town: Town, entry: bytes) -> Refused:
    try:
        with pytest.raises(Refused) as caught:
            town.state.admit(town.next_index, entry)
        assert town.state.size == town.next_index, "a refusal changes nothing"
    finally:
        town.state.rollback(town.next_index)  # should it have been admitted, other tests go on
    return caught.value


def accept(town: Town, entry: bytes) -> None:
    town.state.admit(town.next_index, entry)
    assert town.state.size == town.next_index + 1
    town.state.rollback(town.next_index)


def line_of(error: Refused) -> int:
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    assert trace is not None
    return trace.tb_lineno


@cache
def make_town(with_clash: bool = False) -> Town:
    """One town for all rules: a refusal changes nothing, and what is accepted is rolled back."""
    town = Town()
    if with_clash:
        key = town.clash[0].prove(origin=town.ledger.origin, issuer="acme")
        town.ledger.say(KeyAdded(town.header("acme"), "acme", key), town.acme.key)
    return town


def town_of(rule: Rule) -> Town:
    return make_town(rule.code == "key_hint_clash")


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.says.replace(" ", "-"))
def test_a_rule_refuses_one_statement_and_accepts_its_neighbour(rule: Rule) -> None:
    town = town_of(rule)
    assert refusal(town, sign(rule.refused(town))).code == rule.code
    accept(town, sign(rule.accepted(town)))


def test_a_forged_signature_is_refused_and_the_authors_own_accepted() -> None:
    town = make_town()
    statement = town.issued(town.acme)
    forged = make_entry(statement, key_id=town.acme.key.key_id, signature=town.bolt.key.sign(signed_bytes(statement)))
    assert refusal(town, forged).code == "bad_signature"
    bare = make_entry(
        statement, key_id=town.acme.key.key_id, signature=town.acme.key.sign(encode_canonical_json(statement.to_json()))
    )
    assert refusal(town, bare).code == "bad_signature", "the domain is part of what is signed"
    accept(town, sign((statement, town.acme.key)))


def test_the_first_entry_is_said_by_its_own_operator_key() -> None:
    town = make_town()
    state = LedgerSimulator().state(size=0)
    for statement, key, code in [
        (town.created(), town.nobody, "key_of_another_issuer"),
        (town.created("acme"), town.operator, "key_of_another_issuer"),
        (town.issued(town.acme), town.acme.key, "registry_first"),
    ]:
        with pytest.raises(Refused) as caught:
            state.admit(0, sign((statement, key)))
        assert caught.value.code == code
    bad = make_entry(town.created(), key_id=town.operator.key_id, signature=bytes(64))
    with pytest.raises(Refused) as caught:
        state.admit(0, bad)
    assert caught.value.code == "bad_signature"
    state.admit(0, sign((town.created(), town.operator)))
    assert state.registry is not None


def test_every_place_that_refuses_is_reached_by_the_table() -> None:
    tree = ast.parse(inspect.getsource(registration))
    places: dict[int, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Raise) and isinstance(node.exc, ast.Call) and ast.unparse(node.exc.func) == "Refused":
            code = node.exc.args[0]
            assert isinstance(code, ast.Constant), "a rule's code is a literal"
            places[node.lineno] = str(code.value)
    reached = {line_of(refusal(town, sign(rule.refused(town)))) for rule in RULES for town in [town_of(rule)]}
    apart = {line: code for line, code in places.items() if line not in reached}
    # Two have tests of their own above: the signature, and the author of the first entry.
    assert sorted(apart.values()) == ["bad_signature", "key_of_another_issuer"], apart
    assert set(places.values()) == {rule.code for rule in RULES} | {"bad_signature"}


def test_what_the_table_calls_accepted_was_said_in_full() -> None:
    """Every type of statement that has a rule is accepted at least once."""
    kinds = set()
    for rule in RULES:
        kinds.add(rule.accepted(town_of(rule))[0].type)
    assert len(kinds) == 12  # all but registry.created
