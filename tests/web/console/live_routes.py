# SPDX-License-Identifier: Apache-2.0
"""Rows for tests/web/console/test_routes.py: dossiers and sanctions are the shop's; its owner is no officer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from passport.services.live import Live, LiveKit, make_live
from tests.support.accounts import AccountsSite, Cast
from tests.support.live_commerce import COMPANY, CQO, GTIN, ToldDossierLedger, dossier_fields, sanction_fields

IN = 303
_SHOPS_ALONE = (403, 200, 403, 403, IN)
_SHOPS_FORM = (403, 303, 403, 403, IN)
_OFFICERS_ALONE = (403, 403, 403, 403, IN)

# For maker, shop, stranger, reader of the maker, nobody. Officer, rival, authority: tests/services/live.
LIVE_GETS = dict.fromkeys(
    [
        "/console/dossiers",
        "/console/dossiers/new",
        "/console/dossiers/<dossier_id>",
        "/console/dossiers/<dossier_id>/edit",
        "/console/sanctions",
        "/console/sanctions/new",
        "/console/sanctions/<sanction_id>",
        "/console/sellers",
    ],
    _SHOPS_ALONE,
) | {"/console/dossiers/<dossier_id>/document": (403, 404, 403, 403, IN)}  # it is not approved
LIVE_POSTS = {
    "/console/dossiers/new": _SHOPS_FORM,
    "/console/dossiers/<dossier_id>/edit": _SHOPS_FORM,
    "/console/dossiers/<dossier_id>/submit": _SHOPS_FORM,
    "/console/dossiers/<dossier_id>/approve": _OFFICERS_ALONE,
    "/console/dossiers/<dossier_id>/reject": _OFFICERS_ALONE,
    "/console/sanctions/new": _SHOPS_FORM,
    "/console/sanctions/<sanction_id>/activate": _OFFICERS_ALONE,
    "/console/sanctions/<sanction_id>/decline": _OFFICERS_ALONE,
    "/console/sanctions/<sanction_id>/lift": _OFFICERS_ALONE,
    "/console/sanctions/<sanction_id>/appeal": _SHOPS_FORM,
    "/console/sanction-appeals/<sanction_appeal_id>/answer": _SHOPS_FORM,
    "/console/sanction-appeals/<sanction_appeal_id>/close": _SHOPS_FORM,
    "/console/sellers": _SHOPS_FORM,
}
DOSSIER_FORM: dict[str, Any] = {
    "room_id": "room-7",
    "room_name": "某某直播间",
    "session_at": "2026-12-01T20:00",
    "item_title": "又一件",
    "gtin": GTIN,
    "lot": "L1",
    "seller_id": "s-1",
    "seller_name": "某某旗舰店",
    "sample_code": "",
    "report_kind": ["certificate", "other"],
    "report_scheme": ["CCC", ""],
    "report_number": ["2026010914000001", ""],
    "report_issued_by": ["某中心", ""],
    "report_valid_from": ["2026-01-01", ""],
    "report_valid_until": ["2027-01-01", ""],
    "report_digest": ["", ""],
    "report_url": ["", ""],
}
SANCTION_FORM: dict[str, Any] = {
    "subject": "s-9",
    "name": "某店",
    "reason_zh": "售假",
    "reason_en": "Sold fakes",
    "rule_version": "platform-rules/3",
    "from_on": "2026-11-01",
    "until_on": "",
    "evidence_title": ["公告", ""],
    "evidence_url": ["https://shop.example.cn/notice/1", ""],
    "evidence_digest": ["", ""],
    "evidence_ledger_index": ["5", ""],
}
_DECISION = {"revision": "1", "note": "because"}
LIVE_FORMS: dict[str, dict[str, Any]] = {
    "/console/dossiers/new": DOSSIER_FORM,
    "/console/dossiers/<dossier_id>/edit": DOSSIER_FORM,
    "/console/dossiers/<dossier_id>/approve": _DECISION,
    "/console/dossiers/<dossier_id>/reject": _DECISION,
    "/console/sanctions/new": SANCTION_FORM,
    "/console/sanctions/<sanction_id>/decline": _DECISION,
    "/console/sanctions/<sanction_id>/lift": _DECISION,
    "/console/sanctions/<sanction_id>/appeal": {"text": "It was settled.", "wants_person": "yes"},
    "/console/sanction-appeals/<sanction_appeal_id>/answer": {"text": "We look into it."},
    "/console/sanction-appeals/<sanction_appeal_id>/close": {"text": "Nothing new.", "outcome": "upheld"},
    "/console/sellers": {"seller_id": "s-1", "seller_name": "某某旗舰店", "uscc": COMPANY},
}


@dataclass
class LiveThings:
    """What stands in the addresses."""

    dossier: str
    sanction: str
    appeal: str

    def fill(self, route: str) -> str:
        filled = route.replace("<dossier_id>", self.dossier).replace("<sanction_id>", self.sanction)
        return filled.replace("<sanction_appeal_id>", self.appeal)


def told_live(site: AccountsSite, ledger: ToldDossierLedger | None = None) -> Live:
    return make_live(LiveKit(site.business, ledger or ToldDossierLedger(), site.clock))


def make_live_things(cast: Cast) -> LiveThings:
    """A draft, a sanction in force, and an appeal against another one."""
    live, shop = told_live(cast.site), cast.shop.principal
    officer = cast.site.join("shop-b", "quinn", CQO).principal
    sanctions = [live.sanctions.create(officer, sanction_fields(f"bad-{n}")).sanction.id for n in range(2)]
    appeal = live.appeals.open(shop, sanctions[1], "It was settled.", wants_person=True)
    return LiveThings(live.dossiers.create(shop, dossier_fields()).dossier.id, sanctions[0], appeal.id)
