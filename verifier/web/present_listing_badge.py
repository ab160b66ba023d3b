# SPDX-License-Identifier: Apache-2.0
"""From the state of a listing's badge to what page, events and programs are told: pure. docs/badge.md."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from verifier.protocol.encoding import JsonValue
from verifier.protocol.fields import Text, format_instant
from verifier.protocol.tile import TILE_WIDTH, EntryBundle
from verifier.verdict import APPEARANCE, Status
from verifier.web.badge_judge import BadgeSays, BadgeState
from verifier.web.listing_badge_words import REASON_WORDS, SAYS_WORDS
from verifier.web.moments import CHINA
from verifier.web.words import say

if TYPE_CHECKING:
    from verifier.lots import LotEntries
    from verifier.product_view import ProductView
    from verifier.web.badge_secrets import MinuteCode
    from verifier.web.negotiate import Language

MAX_NOTICES = 3
MAX_NAME = 40
MAX_ENTRIES = 20
_LOOKS = {
    BadgeSays.GOOD: ("green", "check"),
    BadgeSays.RECALLED: ("red", "recall"),
    BadgeSays.STOP_SALE: ("red", "recall"),
    BadgeSays.NOT_LOGGED: (APPEARANCE[Status.NOT_LOGGED].colour, APPEARANCE[Status.NOT_LOGGED].icon),
    BadgeSays.UNKNOWN: ("grey", "question"),
}


@dataclass(frozen=True, slots=True)
class BadgeLook:
    """What a badge shows, in one language."""

    says: str
    colour: str
    icon: str
    title: str
    sentence: str
    notices: tuple[str, ...]


def look_of(state: BadgeState, language: Language) -> BadgeLook:
    """Green for GOOD and for nothing else."""
    colour, icon = _LOOKS[state.says]
    title, sentence = SAYS_WORDS[state.says]
    if state.says is BadgeSays.UNKNOWN:
        sentence = REASON_WORDS.get(state.reason, sentence)
    words = say(title, language), say(sentence, language)
    return BadgeLook(state.says.value, colour, icon, *words, _notices(state, language))


def _notices(state: BadgeState, language: Language) -> tuple[str, ...]:
    if state.verdict is None or state.says is not BadgeSays.RECALLED:
        return ()
    notices = [recall.notice for recall in state.verdict.recalls if recall.is_active]
    return tuple(
        f"{say(notice.title, language)} · {notice.contact.phone or notice.contact.url}"
        for notice in notices[:MAX_NOTICES]
    )


def short_name(product: ProductView | None, language: Language) -> str:
    """The product's name, cut to what a small badge holds; "" without a passport."""
    if product is None:
        return ""
    name = product.name if product.local_name is None else say(product.local_name, language)
    return name if len(name) <= MAX_NAME else f"{name[: MAX_NAME - 1]}…"


def show_clock(at: datetime, language: Language) -> str:
    """Time of day to the second in China's time: long enough to see that it is new."""
    local = at.astimezone(CHINA)
    clock = f"{local.hour:02}:{local.minute:02}:{local.second:02}"
    return f"{clock}（北京时间）" if language == "zh" else f"{clock} (UTC+8)"


def badge_update(state: BadgeState, code: MinuteCode | None, base_url: str, language: Language) -> dict[str, JsonValue]:
    """One event, and the answer of …/status (verifier/badge_types.py, ListingBadgeStatus)."""
    look = look_of(state, language)
    value: dict[str, JsonValue] = {
        "checked_at": format_instant(state.at),
        "checked_text": show_clock(state.at, language),
        "display": {
            "colour": look.colour,
            "icon": look.icon,
            "notices": list(look.notices),
            "sentence": look.sentence,
            "status": look.says,
            "title": look.title,
        },
        "page": state.page.value,
        "reason": state.reason,
        "seconds_left": state.seconds_left,
        "status": state.says.value,
    }
    if state.shows_claims and state.signed is not None and state.verdict is not None:
        value["listing"] = _listing(state, language)
        value["verdict"] = state.verdict.to_json()
        value["json_ld"] = json_ld(state, base_url, language)
        if code is not None:
            value["code"] = {"seconds_left": code.seconds_left, "text": code.text}
    return value


def _listing(state: BadgeState, language: Language) -> dict[str, JsonValue]:
    signed = state.signed
    if signed is None:  # the caller asked already
        return {}
    claims, name = signed.claims, short_name(state.product, language)
    value: dict[str, JsonValue] = {
        "gtin": claims.gtin,
        "id": claims.listing,
        "platform": claims.platform,
        "seller": {"id": claims.seller_id, "name": claims.seller_name},
    }
    if claims.lot:
        value["lot"] = claims.lot
    if name:
        value["product"] = name
    if signed.binding is not None and signed.binding.url:
        value["url"] = signed.binding.url
    return value


def digital_link(gtin: str, lot: str) -> str:
    """The canonical GS1 Digital Link URI of a lot, or of the product. GS1 Digital Link 1.4 §4.12."""
    return f"https://id.gs1.org/01/{gtin}" + (f"/10/{_percent(lot)}" if lot else "")


def _percent(lot: str) -> str:
    return "".join(c if c.isalnum() or c in "-._~" else f"%{ord(c):02X}" for c in lot)


def json_ld(state: BadgeState, base_url: str, language: Language) -> dict[str, JsonValue]:
    """The product for search engines and programs, by schema.org. No verdict: it would be old when it is read."""
    signed, product = state.signed, state.product
    if signed is None:
        return {}
    claims = signed.claims
    link = digital_link(claims.gtin, claims.lot)
    offer: dict[str, JsonValue] = {
        "@type": "Offer",
        "seller": {"@type": "Organization", "identifier": claims.seller_id, "name": claims.seller_name},
    }
    if signed.binding is not None and signed.binding.url:
        offer["url"] = signed.binding.url
    value: dict[str, JsonValue] = {
        "@context": "https://schema.org",
        "@id": link,
        "@type": "Product",
        "gtin": claims.gtin,
        "offers": offer,
        "url": link,
    }
    if product is not None:
        value["name"] = product.name if product.local_name is None else say(product.local_name, language)
        value["manufacturer"] = {"@type": "Organization", "name": product.maker}
        value["hasCertification"] = [
            {"@type": "Certification", "certificationIdentification": number, "name": _said(name, language)}
            for name, number in product.certificates[:MAX_ENTRIES]
        ]
        if product.document_url:
            value["subjectOf"] = {
                "@type": "DigitalDocument",
                "encodingFormat": "application/vc+jwt",
                "url": f"{base_url}{product.document_url}",
            }
    return value


def _said(text: str | Text, language: Language) -> str:
    return text if isinstance(text, str) else say(text, language)


def script_json(value: dict[str, JsonValue]) -> str:
    """JSON that stands in a script element: nothing in it can end the element. HTML, 4.12.1.3."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    return text.replace("&", "\\u0026").replace("<", "\\u003c").replace(">", "\\u003e")


@dataclass(frozen=True, slots=True)
class ProofEntry:
    """An entry of the ledger, and where its bundle lies. `kind` is batch, passport or recall; `about` its name."""

    kind: str
    about: str
    index: int
    address: str


def proof_entries(state: BadgeState, entries: LotEntries) -> tuple[ProofEntry, ...]:
    """What the status rests on: the passport, recalls (worst first), batches (the newest first)."""
    found: list[tuple[str, str, int]] = []
    if entries.product is not None:
        found.append(("passport", entries.product.digest[:16], entries.product.index))
    recalls = () if state.verdict is None else state.verdict.recalls
    found.extend(("recall", recall.recall_id, recall.index) for recall in recalls)
    found.extend(
        ("batch", f"{record.statement.lot} · {record.statement.header.issuer}/{record.statement.batch}", record.index)
        for record in reversed(entries.batches)
    )
    return tuple(ProofEntry(kind, about, index, entry_address(index, entries.size)) for kind, about, index in found)


def entry_address(index: int, size: int) -> str:
    """Where the bundle with an entry is served. C2SP tlog-tiles: the last bundle of a tree is a partial one."""
    bundle = index // TILE_WIDTH
    width = min(TILE_WIDTH, size - bundle * TILE_WIDTH)
    place: Any = EntryBundle(bundle) if width == TILE_WIDTH else EntryBundle(bundle, width)
    return f"/ledger/{place.path}"
