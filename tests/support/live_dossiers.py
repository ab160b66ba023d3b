# SPDX-License-Identifier: Apache-2.0
"""Dossiers and sanctions on the live registry: one approved by a person, appeals, and the files that examples send."""

from __future__ import annotations

import json
import re
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

from tests.support.console_client import ConsoleClient
from tests.support.live_shop import shop_client
from tests.support.makers import make_uscc
from verifier.listing_types import AppealInput, Seller
from verifier.live_types import (
    DossierInput,
    EvidenceInput,
    ReportInput,
    Room,
    SanctionInput,
    SanctionSubject,
    SanctionText,
    SellerInput,
)
from verifier.wire import write_wire

if TYPE_CHECKING:
    from tests.support.live_registry import Live


def dossier_input(gtin: str, lot: str, code: str, title: str = "移动电源") -> DossierInput:
    return DossierInput(
        room=Room("room-7", "某某直播间"),
        session_at=datetime(2027, 1, 8, 12, 0, tzinfo=UTC),
        item_title=title,
        gtin=gtin,
        lot=lot,
        seller=Seller("s-1", "某某旗舰店"),
        reports=(ReportInput("test_report", "T-2026-01", "某检测中心", date(2026, 1, 1), date(2036, 12, 31)),),
        sample_code=code,
    )


def sanction_input(seller: str) -> SanctionInput:
    return SanctionInput(
        subject=SanctionSubject("seller", seller, "某店"),
        reason=SanctionText("明知召回仍销售", "Sold on after a recall"),
        evidence=(EvidenceInput("公告", "https://shop.example.cn/notice/1", ledger_index=1),),
        rule_version="platform-rules/3",
        from_on=date(2026, 1, 1),
    )


def approve_dossier(console: ConsoleClient, dossier_id: str) -> str:
    """As the officer does: look at the page, and approve what it shows."""
    page = console.get(f"/console/dossiers/{dossier_id}")
    revision = re.search(r'name="revision" value="(\d+)"', page)
    assert revision is not None, page
    return console.post(f"/console/dossiers/{dossier_id}/approve", revision=revision[1], note="")


def fill_dossiers(live: Live) -> None:
    client = shop_client(live)
    console = ConsoleClient(live.url, live.shop["SESSION"])
    code = f"https://id.example.cn{live.codes[11]}"
    value = dossier_input(live.gtin, "L1", code)
    draft, approved = (client.create_dossier(value, key=f"live-dossier-{n}").id for n in range(2))
    client.submit_dossier(approved, key="live-dossier-submit")
    approve_dossier(console, approved)
    sanctions = [client.propose_sanction(sanction_input(f"bad-{n}"), key=f"live-sanction-{n}").id for n in range(3)]
    for sanction in sanctions:
        console.post(f"/console/sanctions/{sanction}/activate", note="")
    appeals = [
        client.open_sanction_appeal(sanction, AppealInput("Look again.", False), key=f"live-appeal-{sanction[-8:]}").id
        for sanction in sanctions[:2]
    ]
    seller = SellerInput("s-1", "某某旗舰店", make_uscc(88))
    client.put_seller(seller, key="live-seller-1")
    files = {"dossier.json": value, "sanction.json": sanction_input("bad-9"), "seller.json": seller}
    for name, item in files.items():
        (live.folder / name).write_text(json.dumps(write_wire(item), ensure_ascii=False), encoding="utf-8")
    live.shop |= {
        "DOSSIER": draft,
        "APPROVED_DOSSIER": approved,
        "SANCTION": sanctions[0],
        "OTHER_SANCTION": sanctions[2],
        "SANCTION_APPEAL": appeals[0],
        "SANCTION_APPEAL_TO_CLOSE": appeals[1],
    }
