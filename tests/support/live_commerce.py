# SPDX-License-Identifier: Apache-2.0
"""Live commerce for tests: real tables, a ledger that says what a test has it say, and the people who decide."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime

from passport.domain.accounts import OrganisationKind, Role
from passport.domain.dossier_values import DossierFields
from passport.domain.dossiers import DossierFacts
from passport.domain.gate import CodeFact, GateFacts
from passport.domain.sanctions import Evidence, SanctionFields, SubjectKind
from passport.services.live import Live, LiveKit, make_live
from passport.services.registry import Unavailable
from tests.support.accounts import OWNER, AccountsSite, Cast, Person, make_cast
from tests.support.listings import GOOD, GTIN
from tests.support.makers import BatchPlan, SigningKey, make_uscc, sign_batch
from verifier.dossier_document import ReportInDossier
from verifier.protocol.fields import Text
from verifier.verdict import Status


def make_sample(gtin: str) -> str:
    """A code of a product as a scanner types it; the told ledger says what its check says."""
    plan = BatchPlan(gtin, 0, 1, "L1")
    key = SigningKey("live sample")
    issued_at = datetime(2026, 11, 1, tzinfo=UTC)
    return sign_batch(plan, origin="id.example.cn/ledger", issuer="qingshan", key=key, issued_at=issued_at).url(0)


SAMPLE = make_sample(GTIN)
CQO = frozenset({Role.CHIEF_QUALITY_OFFICER})
OPERATOR = frozenset({Role.OPERATOR})
COMPANY = make_uscc(7301)
OTHER_COMPANY = make_uscc(7302)
FACTS = replace(GOOD, codes=(), certificates=())


GENUINE = CodeFact(SAMPLE, Status.GENUINE, "genuine", "L1", 7)


def report(number: str = "T-2026-01", **changes: object) -> ReportInDossier:
    members: dict[str, object] = {
        "kind": "test_report",
        "number": number,
        "issued_by": "某检测中心",
        "valid_from": date(2026, 1, 1),
        "valid_until": date(2027, 12, 31),
    }
    return ReportInDossier(**(members | changes))  # type: ignore[arg-type]


def certificate(number: str = "2026010914000001", **changes: object) -> ReportInDossier:
    return report(number, **({"kind": "certificate", "scheme": "CCC"} | changes))


def dossier_fields(**changes: object) -> DossierFields:
    members: dict[str, object] = {
        "room_id": "room-7",
        "room_name": "某某直播间",
        "session_at": datetime(2026, 11, 25, 12, 0, tzinfo=UTC),
        "item_title": "移动电源",
        "gtin": GTIN,
        "lot": "L1",
        "seller_id": "s-1",
        "seller_name": "某某旗舰店",
        "reports": (report(),),
        "sample_code": SAMPLE,
    }
    return DossierFields(**(members | changes))  # type: ignore[arg-type]


def sanction_fields(subject: str = "s-1", **changes: object) -> SanctionFields:
    is_company = len(subject) == 18
    members: dict[str, object] = {
        "subject_kind": SubjectKind.COMPANY if is_company else SubjectKind.SELLER,
        "subject": subject,
        "name": "某某旗舰店",
        "reason": Text(zh="明知召回仍销售", en="Sold on after a recall"),
        "evidence": (Evidence("公告", "https://shop.example.cn/notice/1"),),
        "rule_version": "platform-rules/3",
        "from_on": date(2026, 11, 1),
    }
    return SanctionFields(**(members | changes))  # type: ignore[arg-type]


def _nothing_happens() -> None:
    pass


@dataclass
class ToldDossierLedger:
    """Implements DossierLedger: says what it was told. `meanwhile` runs after the facts were read."""

    facts: GateFacts = FACTS
    sample: CodeFact = GENUINE
    is_down: bool = False
    logged: dict[tuple[str, str, str], int] = field(default_factory=dict)
    meanwhile: Callable[[], object] = _nothing_happens

    def check_sample(self, code: str) -> CodeFact:
        return replace(self.sample, code=code)

    def gather(self, fields: DossierFields, now: datetime) -> DossierFacts:
        if self.is_down:
            raise Unavailable("not_published_yet", "nothing is published yet")
        codes = (replace(self.sample, code=fields.sample_code),) if fields.sample_code else ()
        facts = DossierFacts(replace(self.facts, codes=codes))
        self.meanwhile()
        return facts

    def find_logged(self, organisation: str, dossier_id: str, digest: str) -> int | None:
        return self.logged.get((organisation, dossier_id, digest))


@dataclass
class Studio:
    """The cast of the accounts, a chief quality officer of the shop, a rival platform and an authority."""

    cast: Cast
    officer: Person
    worker: Person
    rival: Person
    office: Person
    live: Live
    ledger: ToldDossierLedger

    @property
    def site(self) -> AccountsSite:
        return self.cast.site

    def person(self, name: str) -> Person:
        found = getattr(self, name, None) or self.cast.person(name)
        assert isinstance(found, Person)
        return found

    def submitted(self, **changes: object) -> tuple[str, int]:
        """Id and revision of a dossier that waits."""
        made = self.live.dossiers.create(self.worker.principal, dossier_fields(**changes)).dossier
        shown = self.live.dossiers.submit(self.worker.principal, made.id)
        return made.id, shown.dossier.revision


def make_studio(site: AccountsSite, cast: Cast | None = None) -> Studio:
    cast, ledger = cast or make_cast(site), ToldDossierLedger()
    site.add("shop-d", OrganisationKind.PLATFORM)
    site.add("office-e", OrganisationKind.AUTHORITY)
    live = make_live(LiveKit(site.business, ledger, site.clock))
    officer, worker = site.join("shop-b", "quinn", CQO), site.join("shop-b", "wang", OPERATOR)
    return Studio(
        cast, officer, worker, site.join("shop-d", "dora.d", OWNER), site.join("office-e", "eve.e"), live, ledger
    )
