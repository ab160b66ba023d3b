# SPDX-License-Identifier: Apache-2.0
"""From a verdict to what the check page shows: pure, one language in, plain values out. DESIGN §5 and §7."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from verifier.verdict import Outcome, Status, Step, StepName, Verdict
from verifier.web.icons import ICONS
from verifier.web.moments import Moment, show_date, show_instant
from verifier.web.reasons import HEADLINES, REASONS
from verifier.web.words import ACTION_WORDS, ACTIONS, NOBODYS_GTIN_ACTIONS, OUTCOME_WORDS, SEVERITY_WORDS, WORDS, say

if TYPE_CHECKING:
    from markupsafe import Markup

    from verifier.protocol.fields import Contact, Text
    from verifier.recalls import RecallRecord
    from verifier.trust import Issuer
    from verifier.web.negotiate import Language
    from verifier.web.ports import ProductView

# The brand exists, but nothing shows that the thing in the hand is theirs.
_ONLY_CLAIMED = frozenset({Status.COUNTERFEIT, Status.VOID, Status.NOT_LOGGED})
_NOT_DIALLED = re.compile(r"[^0-9+]")
_HAN = re.compile("[\u4e00-\u9fff]")


@dataclass(frozen=True, slots=True)
class Row:
    """A label and its value; `moment` instead of `value` when it is a time, `is_code` for machine text.

    `label_lang` and `lang` are set where the words are in another language than the page.
    """

    label: str
    value: str = ""
    moment: Moment | None = None
    is_code: bool = False
    label_lang: str = ""
    lang: str = ""


@dataclass(frozen=True, slots=True)
class ContactView:
    """How to reach somebody; an empty string is a way that does not exist."""

    phone: str
    phone_href: str
    url: str
    url_text: str


@dataclass(frozen=True, slots=True)
class MakerView:
    name: str
    uscc: str
    contact: ContactView


@dataclass(frozen=True, slots=True)
class NoticeView:
    """One recall notice. `closed_reason` is empty while it is open."""

    number: str
    title: str
    severity: str
    action: str
    hazard: str
    remedy: str
    publisher: str
    starts_on: Moment
    contact: ContactView
    closed_reason: str


@dataclass(frozen=True, slots=True)
class CertificateView:
    name: str
    text: str
    href: str
    lang: str


@dataclass(frozen=True, slots=True)
class ProductPart:
    """`…_lang` as in Row; `is_untranslated`: some of it is in another language than the page."""

    name: str
    name_lang: str
    description: str
    description_lang: str
    is_untranslated: bool
    facts: tuple[Row, ...]
    certificates: tuple[CertificateView, ...]
    document_url: str


@dataclass(frozen=True, slots=True)
class StepView:
    number: int
    label: str
    outcome: str  # passed | failed | unknown | skipped
    word: str
    icon: Markup


@dataclass(frozen=True, slots=True)
class CheckPage:
    """Everything the template prints, in the order of the page."""

    status: str
    colour: str
    icon: Markup
    title: str
    sentence: str
    why: str
    actions: tuple[str, ...]
    checked_at: Moment
    snapshot_as_of: Moment | None  # dates whatever is said of recalls
    is_only_claimed: bool
    has_code: bool
    product: ProductPart | None
    maker: MakerView | None
    identity: tuple[Row, ...]
    open_notices: tuple[NoticeView, ...]
    closed_notices: tuple[NoticeView, ...]
    no_recall_as_of: Moment | None  # None: it cannot be said
    is_recall_unknown: bool
    evidence: tuple[Row, ...]
    steps: tuple[StepView, ...]


def show_contact(contact: Contact) -> ContactView:
    """Telephone and web address as shown and as linked."""
    return ContactView(
        phone=contact.phone,
        phone_href=f"tel:{_NOT_DIALLED.sub('', contact.phone)}" if contact.phone else "",
        url=contact.url,
        url_text=contact.url.removeprefix("https://").rstrip("/"),
    )


@lru_cache(maxsize=1024)
def show_maker(issuer: Issuer, language: Language) -> MakerView:
    return MakerView(say(issuer.name, language), issuer.uscc, show_contact(issuer.contact))


def show_notice(recall: RecallRecord, issuer: Issuer | None, language: Language) -> NoticeView:
    """A recall in one language. The publisher is named if it is the maker, else by its id."""
    notice = recall.notice
    is_by_maker = issuer is not None and issuer.id == recall.publisher
    return NoticeView(
        number=recall.recall_id,
        title=say(notice.title, language),
        severity=say(SEVERITY_WORDS[notice.severity], language),
        action=say(ACTION_WORDS[notice.action], language),
        hazard=say(notice.hazard, language),
        remedy=say(notice.remedy, language),
        publisher=say(issuer.name, language) if issuer is not None and is_by_maker else recall.publisher,
        starts_on=show_date(notice.starts_on, language),
        contact=show_contact(notice.contact),
        closed_reason="" if recall.closed_reason is None else say(recall.closed_reason, language),
    )


@lru_cache(maxsize=1024)
def show_product(product: ProductView, language: Language) -> ProductPart:
    """The maker's own words, with only https addresses turned into links."""
    facts = [_show_fact(say(label, language), _say(value, language), language) for label, value in product.facts]
    if product.model:
        facts.insert(0, Row(_word("model", language), product.model))
    certificates = tuple(_show_certificate(_say(name, language), text, language) for name, text in product.certificates)
    name = _say(product.local_name or product.name, language)
    description = _say(product.local_description or product.description or "", language)
    languages = [_language_of(name, language), _language_of(description, language)]
    marked = [*languages, *(part for row in facts for part in (row.label_lang, row.lang))]
    marked += [item.lang for item in certificates]
    return ProductPart(
        name, languages[0], description, languages[1], any(marked), tuple(facts), certificates, product.document_url
    )


def _show_fact(label: str, value: str, language: Language) -> Row:
    return Row(label, value, label_lang=_language_of(label, language), lang=_language_of(value, language))


def _show_certificate(name: str, text: str, language: Language) -> CertificateView:
    href = text if text.startswith("https://") else ""
    return CertificateView(name, text.removeprefix("https://"), href, _language_of(name, language))


def _say(value: str | Text, language: Language) -> str:
    return value if isinstance(value, str) else say(value, language)


def _language_of(text: str, language: Language) -> str:
    """`zh-CN` for Chinese on the English page, so that a screen reader pronounces it and a reader is told. WCAG 3.1.2.

    The other way round nothing is marked: "Li-ion" or "GB 31241" in a Chinese line is no English.
    """
    return "zh-CN" if language == "en" and _HAN.search(text) else ""


@lru_cache(maxsize=64)
def show_steps(steps: tuple[Step, ...], language: Language) -> tuple[StepView, ...]:
    """The numbered list with outcomes in words; there are few different ones, so they are kept."""
    return tuple(_show_step(step, language) for step in steps)


def _show_step(step: Step, language: Language) -> StepView:
    return StepView(
        number=step.name.number,
        label=say(step.name.label, language),
        outcome=step.outcome.value,
        word=say(OUTCOME_WORDS[step.outcome], language),
        icon=ICONS[step.outcome.value],
    )


def _word(key: str, language: Language) -> str:
    return say(WORDS[key], language)


def _identity(verdict: Verdict, language: Language) -> tuple[Row, ...]:
    """What distinguishes this item: lot and dates only if the ledger holds them."""
    rows: list[Row] = []
    if verdict.batch is not None:
        rows.append(Row(_word("lot", language), verdict.batch.lot))
        made_on = show_date(verdict.batch.production_date, language)
        rows.append(Row(_word("production_date", language), moment=made_on))
    if verdict.code is not None:
        rows.append(Row(_word("serial", language), verdict.code.serial, is_code=True))
        rows.append(Row(_word("gtin", language), verdict.code.gtin, is_code=True))
    return tuple(rows)


def _evidence(verdict: Verdict, language: Language) -> tuple[Row, ...]:
    """The machine's side of the story, for whoever opens it."""
    rows = [Row(_word("result_code", language), f"{verdict.status.value} / {verdict.reason}", is_code=True)]
    if verdict.code is not None and verdict.issuer is not None:
        key = verdict.issuer.find_key_by_hint(verdict.code.seal.key_hint)
        if key is not None:
            rows.append(Row(_word("signing_key", language), f"Ed25519 {key.public_key.key_id}", is_code=True))
    if verdict.code is not None and verdict.batch is not None:
        rows.append(Row(_word("batch_number", language), str(verdict.batch.batch), is_code=True))
        position = f"{verdict.code.seal.seq + 1} / {verdict.batch.count}"
        rows.append(Row(_word("position", language), position, is_code=True))
    if verdict.batch_index is not None:
        rows.append(Row(_word("ledger_index", language), str(verdict.batch_index), is_code=True))
    if verdict.snapshot_as_of is not None:
        rows.append(Row(_word("snapshot_as_of", language), moment=show_instant(verdict.snapshot_as_of, language)))
    if verdict.next_update_at is not None:
        rows.append(Row(_word("next_update", language), moment=show_instant(verdict.next_update_at, language)))
    rows.append(Row(_word("checked_at", language), moment=show_instant(verdict.checked_at, language)))
    return tuple(rows)


def _recall_outcome(verdict: Verdict) -> Outcome:
    return next((step.outcome for step in verdict.steps if step.name is StepName.RECALL), Outcome.SKIPPED)


def _no_recall_as_of(verdict: Verdict, language: Language) -> Moment | None:
    """A date only if step 9 passed: "no recall" without a date, or without having looked, is never said."""
    if _recall_outcome(verdict) is not Outcome.PASSED or verdict.snapshot_as_of is None:
        return None
    return show_instant(verdict.snapshot_as_of, language)


def _why(verdict: Verdict, language: Language) -> str:
    if verdict.status is Status.SUSPECT and verdict.suspicion is not None:
        return say(verdict.suspicion.facts, language)
    reason = REASONS.get(verdict.reason)
    return "" if reason is None or verdict.reason in HEADLINES else say(reason, language)


def find_actions(verdict: Verdict) -> tuple[Text, ...]:
    """What to do. Nobody can be sent to a maker who is not known."""
    if verdict.status is Status.COUNTERFEIT and verdict.issuer is None:
        return NOBODYS_GTIN_ACTIONS
    return ACTIONS[verdict.status]


def present_check(verdict: Verdict, product: ProductView | None, language: Language) -> CheckPage:
    """The check page's content for a verdict; `product` is the published passport of the code's GTIN, if any."""
    look = verdict.appearance
    title, sentence = HEADLINES.get(verdict.reason, (look.title, look.sentence))
    looked = _recall_outcome(verdict)
    as_of = None if looked is Outcome.SKIPPED else verdict.snapshot_as_of
    notices = [(recall.is_active, show_notice(recall, verdict.issuer, language)) for recall in verdict.recalls]
    return CheckPage(
        status=verdict.status.value,
        colour=look.colour,
        icon=ICONS[look.icon],
        title=say(title, language),
        sentence=say(sentence, language),
        why=_why(verdict, language),
        actions=tuple(say(action, language) for action in find_actions(verdict)),
        checked_at=show_instant(verdict.checked_at, language),
        snapshot_as_of=None if as_of is None else show_instant(as_of, language),
        is_only_claimed=verdict.status in _ONLY_CLAIMED,
        has_code=verdict.code is not None,
        product=None if product is None else show_product(product, language),
        maker=None if verdict.issuer is None else show_maker(verdict.issuer, language),
        identity=_identity(verdict, language),
        open_notices=tuple(view for is_open, view in notices if is_open),
        closed_notices=tuple(view for is_open, view in notices if not is_open),
        no_recall_as_of=_no_recall_as_of(verdict, language),
        is_recall_unknown=looked in (Outcome.UNKNOWN, Outcome.SKIPPED) and not any(is_open for is_open, _ in notices),
        evidence=_evidence(verdict, language),
        steps=show_steps(verdict.steps, language),
    )
