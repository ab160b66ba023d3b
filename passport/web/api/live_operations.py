# SPDX-License-Identifier: Apache-2.0
"""Declarations of the calls about dossiers, sanctions and sellers. docs/live-commerce.md."""

from __future__ import annotations

from passport.domain.accounts import Scope
from passport.web.api import codes
from passport.web.api import listing_codes as shared
from passport.web.api import live_codes as wrong
from passport.web.api.pagination import CURSOR, LIMIT
from verifier.listing_types import AppealAnswer, AppealClosing, AppealInput, Uuid
from verifier.live_types import (
    DossierInfo,
    DossierInput,
    DossierPage,
    SanctionAppealInfo,
    SanctionInfo,
    SanctionInput,
    SanctionPage,
    SanctionStateName,
    SellerInfo,
    SellerInput,
    SellerPage,
    StoredStateName,
)
from verifier.protocol.fields import Text
from verifier.web.api.codes import JSON_BODY
from verifier.web.api.operations import JSON, Answer, Content, Operation, Parameter, Repeat
from verifier.wire import JsonObject

LIVE = Text(zh="直播选品与黑名单", en="Live commerce and sanctions")
DOCUMENT = JSON  # canonical: these bytes are what is signed for
_READ, _WRITE = (Scope.DOSSIERS_READ.value,), (Scope.DOSSIERS_WRITE.value,)
_LOOK, _LIST = (Scope.SANCTIONS_READ.value,), (Scope.SANCTIONS_WRITE.value,)
_CALL = 'curl --fail-with-body --silent --show-error --header "Authorization: Bearer $PASSPORT_TOKEN" \\\n'
_SENT = "  --header 'Content-Type: application/json' \\\n"

DOSSIER = Parameter("dossier", "path", Uuid, Text(zh="档案的编号。", en="The dossier's id."))
SANCTION = Parameter("sanction", "path", Uuid, Text(zh="名单条目的编号。", en="The sanction's id."))
APPEAL = Parameter("sanction_appeal", "path", Uuid, Text(zh="申诉的编号。", en="The appeal's id."))


def _key(name: str) -> str:
    return f"  --header 'Idempotency-Key: \"{name}-0001\"' \\\n"


def _answer(status: int, zh: str, en: str, kind: type) -> tuple[Answer, ...]:
    return (Answer(status, Text(zh=zh, en=en), (Content(JSON, kind),)),)


def _search(kind: object, zh: str, en: str) -> tuple[Parameter, ...]:
    state = Text(zh="只要这种状态。", en="Those in this state.")
    return (
        Parameter("state", "query", kind, state, is_required=False),
        Parameter("q", "query", str, Text(zh=zh, en=en), is_required=False),
        LIMIT,
        CURSOR,
    )


CREATE_DOSSIER = Operation(
    name="create_dossier",
    group=LIVE,
    summary=Text(zh="登记一份选品档案。", en="Enter a selection dossier; it is a draft."),
    bodies=(Content(JSON, DossierInput),),
    answers=_answer(201, "已登记。", "It is entered.", DossierInfo),
    problems=(*wrong.ASKING, *JSON_BODY, *wrong.DOSSIER_FIELDS, *codes.KEY_PROBLEMS),
    scopes=_WRITE,
    repeat=Repeat.KEY,
    example=f"""\
{_CALL}{_key("create-dossier")}{_SENT}  --data-binary @dossier.json \\
  "$REGISTRY/api/v1/dossiers"
""",
)

LIST_DOSSIERS = Operation(
    name="list_dossiers",
    group=LIVE,
    summary=Text(zh="本平台的选品档案，新的在前，分页。", en="Your dossiers, the newest first, page by page."),
    parameters=_search(
        StoredStateName, "标题、直播间、卖家中的文字，或条码。", "A text in title, room or seller, or a GTIN."
    ),
    answers=_answer(200, "一页。", "One page.", DossierPage),
    problems=(*wrong.ASKING, *codes.PAGING, shared.BAD_STATE, shared.BAD_SEARCH),
    scopes=_READ,
    example=f"""\
{_CALL}  "$REGISTRY/api/v1/dossiers?state=submitted&limit=50"
""",
)

FIND_DOSSIER = Operation(
    name="find_dossier",
    group=LIVE,
    summary=Text(zh="一份档案和最近的结论。", en="One dossier with the latest decision about it."),
    parameters=(DOSSIER,),
    answers=_answer(200, "档案。", "The dossier.", DossierInfo),
    problems=(*wrong.ASKING, wrong.UNKNOWN_DOSSIER),
    scopes=_READ,
    example=f"""\
{_CALL}  "$REGISTRY/api/v1/dossiers/$DOSSIER"
""",
)

UPDATE_DOSSIER = Operation(
    name="update_dossier",
    group=LIVE,
    summary=Text(zh="修改档案；之后是草稿。", en="Change a dossier; it is a draft then."),
    parameters=(DOSSIER,),
    bodies=(Content(JSON, DossierInput),),
    answers=_answer(200, "档案。", "The dossier.", DossierInfo),
    problems=(
        *wrong.ASKING,
        *JSON_BODY,
        *wrong.DOSSIER_FIELDS,
        wrong.UNKNOWN_DOSSIER,
        wrong.DOSSIER_DECIDED,
        *codes.KEY_PROBLEMS,
    ),
    scopes=_WRITE,
    repeat=Repeat.KEY,
    example=f"""\
{_CALL}{_key("update-dossier")}{_SENT}  --request PUT --data-binary @dossier.json \\
  "$REGISTRY/api/v1/dossiers/$DOSSIER"
""",
)

SUBMIT_DOSSIER = Operation(
    name="submit_dossier",
    group=LIVE,
    summary=Text(
        zh="提交给首席质量官；批准由人在控制台进行。",
        en="Hand it to the chief quality officer, who approves in the console.",
    ),
    parameters=(DOSSIER,),
    answers=_answer(200, "档案。", "The dossier.", DossierInfo),
    problems=(*wrong.ASKING, wrong.UNKNOWN_DOSSIER, wrong.DOSSIER_DECIDED, *codes.KEY_PROBLEMS),
    scopes=_WRITE,
    repeat=Repeat.KEY,
    example=f"""\
{_CALL}{_key("submit-dossier")}  --request POST \\
  "$REGISTRY/api/v1/dossiers/$DOSSIER/submit"
""",
)

FETCH_DOSSIER_DOCUMENT = Operation(
    name="fetch_dossier_document",
    group=LIVE,
    summary=Text(
        zh="批准的档案文件，逐字节；账本登记的是它的 SHA-256。",
        en="The approved document, byte for byte; its SHA-256 goes into the ledger.",
    ),
    parameters=(DOSSIER,),
    answers=(Answer(200, Text(zh="规范 JSON。", en="Canonical JSON (RFC 8785)."), (Content(DOCUMENT, JsonObject),)),),
    problems=(*wrong.ASKING, wrong.UNKNOWN_DOSSIER, wrong.NO_DOCUMENT),
    scopes=_READ,
    example=f"""\
{_CALL}  --output dossier-document.json \\
  "$REGISTRY/api/v1/dossiers/$APPROVED_DOSSIER/document"
""",
)

PROPOSE_SANCTION = Operation(
    name="propose_sanction",
    group=LIVE,
    summary=Text(zh="提议列入黑名单；由人决定。", en="Propose a sanction; a person decides in the console."),
    bodies=(Content(JSON, SanctionInput),),
    answers=_answer(201, "已提议。", "It is proposed.", SanctionInfo),
    problems=(*wrong.LISTING, *JSON_BODY, *wrong.SANCTION_FIELDS, *codes.KEY_PROBLEMS),
    scopes=_LIST,
    repeat=Repeat.KEY,
    example=f"""\
{_CALL}{_key("propose-sanction")}{_SENT}  --data-binary @sanction.json \\
  "$REGISTRY/api/v1/sanctions"
""",
)

LIST_SANCTIONS = Operation(
    name="list_sanctions",
    group=LIVE,
    summary=Text(zh="黑名单：本组织的；平台另见监管部门的。", en="Your sanctions; platforms see authorities' as well."),
    parameters=_search(SanctionStateName, "名称或编号中的文字。", "A text in name or id."),
    answers=_answer(200, "一页。", "One page.", SanctionPage),
    problems=(*wrong.LISTING, *codes.PAGING, shared.BAD_STATE, shared.BAD_SEARCH),
    scopes=_LOOK,
    example=f"""\
{_CALL}  "$REGISTRY/api/v1/sanctions?state=active"
""",
)

FIND_SANCTION = Operation(
    name="find_sanction",
    group=LIVE,
    summary=Text(zh="一条记录、经过和申诉。", en="One sanction with its history and appeals."),
    parameters=(SANCTION,),
    answers=_answer(200, "记录。", "The sanction.", SanctionInfo),
    problems=(*wrong.LISTING, wrong.UNKNOWN_SANCTION),
    scopes=_LOOK,
    example=f"""\
{_CALL}  "$REGISTRY/api/v1/sanctions/$SANCTION"
""",
)

OPEN_SANCTION_APPEAL = Operation(
    name="open_sanction_appeal",
    group=LIVE,
    summary=Text(zh="对列入黑名单提出申诉。", en="Appeal against a sanction."),
    parameters=(SANCTION,),
    bodies=(Content(JSON, AppealInput),),
    answers=_answer(201, "已受理。", "It is open.", SanctionAppealInfo),
    problems=(
        *wrong.LISTING,
        *JSON_BODY,
        shared.BAD_APPEAL_TEXT,
        wrong.UNKNOWN_SANCTION,
        shared.NOTHING_TO_APPEAL,
        shared.APPEAL_OPEN,
        *codes.KEY_PROBLEMS,
    ),
    scopes=_LIST,
    repeat=Repeat.KEY,
    example=f"""\
# wants_person: true, and only a person who signs in can answer and close it.
{_CALL}{_key("open-sanction-appeal")}{_SENT}  --data '{{"text":"It was settled.","wants_person":false}}' \\
  "$REGISTRY/api/v1/sanctions/$OTHER_SANCTION/appeals"
""",
)

FIND_SANCTION_APPEAL = Operation(
    name="find_sanction_appeal",
    group=LIVE,
    summary=Text(zh="一个申诉。", en="One appeal."),
    parameters=(APPEAL,),
    answers=_answer(200, "申诉。", "The appeal.", SanctionAppealInfo),
    problems=(*wrong.LISTING, wrong.UNKNOWN_APPEAL),
    scopes=_LOOK,
    example=f"""\
{_CALL}  "$REGISTRY/api/v1/sanction-appeals/$SANCTION_APPEAL"
""",
)

_ON_APPEALS = (
    *wrong.LISTING,
    *JSON_BODY,
    shared.BAD_APPEAL_TEXT,
    shared.PERSON_NEEDED,
    wrong.UNKNOWN_APPEAL,
    shared.APPEAL_CLOSED,
    shared.APPEAL_TOO_LONG,
    *codes.KEY_PROBLEMS,
)

ANSWER_SANCTION_APPEAL = Operation(
    name="answer_sanction_appeal",
    group=LIVE,
    summary=Text(zh="答复申诉。", en="Answer an appeal."),
    parameters=(APPEAL,),
    bodies=(Content(JSON, AppealAnswer),),
    answers=_answer(200, "申诉。", "The appeal.", SanctionAppealInfo),
    problems=_ON_APPEALS,
    scopes=_LIST,
    repeat=Repeat.KEY,
    example=f"""\
{_CALL}{_key("answer-sanction-appeal")}{_SENT}  --data '{{"text":"We look into it."}}' \\
  "$REGISTRY/api/v1/sanction-appeals/$SANCTION_APPEAL/answers"
""",
)

CLOSE_SANCTION_APPEAL = Operation(
    name="close_sanction_appeal",
    group=LIVE,
    summary=Text(zh="结束申诉；要求由人处理的不能用令牌结束。", en="Close an appeal; not one that asks for a person."),
    parameters=(APPEAL,),
    bodies=(Content(JSON, AppealClosing),),
    answers=_answer(200, "申诉。", "The appeal.", SanctionAppealInfo),
    problems=(*_ON_APPEALS, wrong.NOT_YOURS),
    scopes=_LIST,
    repeat=Repeat.KEY,
    example=f"""\
{_CALL}{_key("close-sanction-appeal")}{_SENT}  --data '{{"outcome":"upheld","text":"Nothing has changed."}}' \\
  "$REGISTRY/api/v1/sanction-appeals/$SANCTION_APPEAL_TO_CLOSE/close"
""",
)

PUT_SELLER = Operation(
    name="put_seller",
    group=LIVE,
    summary=Text(
        zh="登记卖家的统一社会信用代码。", en="Say which company a seller is, so that authorities' sanctions reach it."
    ),
    bodies=(Content(JSON, SellerInput),),
    answers=_answer(200, "卖家。", "The seller.", SellerInfo),
    problems=(
        *wrong.ASKING,
        *JSON_BODY,
        *wrong.SELLER_FIELDS,
        shared.PERSON_NEEDED,
        *codes.KEY_PROBLEMS,
    ),
    scopes=_LIST,
    repeat=Repeat.KEY,
    example=f"""\
{_CALL}{_key("put-seller")}{_SENT}  --request PUT --data-binary @seller.json \\
  "$REGISTRY/api/v1/sellers"
""",
)

LIST_SELLERS = Operation(
    name="list_sellers",
    group=LIVE,
    summary=Text(zh="登记过的卖家，按编号排列，分页。", en="The sellers entered so far, by id, page by page."),
    parameters=(LIMIT, CURSOR),
    answers=_answer(200, "一页。", "One page.", SellerPage),
    problems=(*wrong.ASKING, *codes.PAGING),
    scopes=_LOOK,
    example=f"""\
{_CALL}  "$REGISTRY/api/v1/sellers"
""",
)
