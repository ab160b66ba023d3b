# SPDX-License-Identifier: Apache-2.0
"""Declarations of the calls about listings, the gate's decisions, appeals and imports. docs/listings.md."""

from __future__ import annotations

from passport.domain.accounts import Scope
from passport.web.api import codes
from passport.web.api import listing_codes as wrong
from passport.web.api.pagination import CURSOR, LIMIT
from verifier.listing_types import (
    AnyGtin,
    AppealAnswer,
    AppealClosing,
    AppealInfo,
    AppealInput,
    DecisionInfo,
    DecisionPage,
    ImportInfo,
    ListingInfo,
    ListingInput,
    ListingPage,
    State,
    Uuid,
)
from verifier.protocol.fields import Text
from verifier.web.api.codes import BAD_GTIN, JSON_BODY
from verifier.web.api.operations import JSON, Answer, Content, Operation, Parameter, Repeat

PLATFORMS = Text(zh="商品与准入", en="Listings and the gate")
CSV = "text/csv"
_READ, _WRITE = (Scope.LISTINGS_READ.value,), (Scope.LISTINGS_WRITE.value,)
_CALL = 'curl --fail-with-body --silent --show-error --header "Authorization: Bearer $PASSPORT_TOKEN" \\\n'
_SENT = "  --header 'Content-Type: application/json' \\\n"

LISTING = Parameter("listing", "path", Uuid, Text(zh="商品的编号。", en="The listing's id."))
DECISION = Parameter("decision", "path", Uuid, Text(zh="决定的编号。", en="The decision's id."))
APPEAL = Parameter("appeal", "path", Uuid, Text(zh="申诉的编号。", en="The appeal's id."))
IMPORT = Parameter("import_id", "path", Uuid, Text(zh="导入的编号。", en="The import's id."))


def _key(name: str) -> str:
    return f"  --header 'Idempotency-Key: \"{name}-0001\"' \\\n"


def _answer(status: int, zh: str, en: str, kind: type) -> tuple[Answer, ...]:
    return (Answer(status, Text(zh=zh, en=en), (Content(JSON, kind),)),)


CREATE_LISTING = Operation(
    name="create_listing",
    group=PLATFORMS,
    summary=Text(zh="登记一个商品。", en="Enter a listing; it is a draft until it is bound."),
    bodies=(Content(JSON, ListingInput),),
    answers=_answer(201, "已登记。", "It is entered.", ListingInfo),
    problems=(*wrong.ASKING, *JSON_BODY, *wrong.FIELDS, wrong.URL_TAKEN, *codes.KEY_PROBLEMS),
    scopes=_WRITE,
    repeat=Repeat.KEY,
    example=f"""\
# listing.json: {{"url":"https://…","seller":{{"id":"…","name":"…"}},"gtin":"…","lots":["…"],"codes":["…"]}}
{_CALL}{_key("create-listing")}{_SENT}  --data-binary @listing.json \\
  "$REGISTRY/api/v1/listings"
""",
)

LIST_LISTINGS = Operation(
    name="list_listings",
    group=PLATFORMS,
    summary=Text(zh="本平台的商品，新的在前，分页。", en="Your listings, the newest first, page by page."),
    parameters=(
        Parameter("state", "query", State, Text(zh="只要这种状态。", en="Those in this state."), is_required=False),
        Parameter("gtin", "query", AnyGtin, Text(zh="只要这个条码。", en="Those of this GTIN."), is_required=False),
        Parameter(
            "q",
            "query",
            str,
            Text(zh="链接、卖家编号或名称中的文字。", en="Those with this text in address or seller."),
            is_required=False,
        ),
        LIMIT,
        CURSOR,
    ),
    answers=_answer(200, "一页。", "One page.", ListingPage),
    problems=(*wrong.ASKING, *codes.PAGING, wrong.BAD_STATE, wrong.BAD_SEARCH, BAD_GTIN),
    scopes=_READ,
    example=f"""\
{_CALL}  "$REGISTRY/api/v1/listings?state=refused&limit=50"
""",
)

FIND_LISTING = Operation(
    name="find_listing",
    group=PLATFORMS,
    summary=Text(zh="一个商品。", en="One listing."),
    parameters=(LISTING,),
    answers=_answer(200, "商品。", "The listing.", ListingInfo),
    problems=(*wrong.ASKING, wrong.UNKNOWN_LISTING),
    scopes=_READ,
    example=f"""\
{_CALL}  "$REGISTRY/api/v1/listings/$LISTING"
""",
)

UPDATE_LISTING = Operation(
    name="update_listing",
    group=PLATFORMS,
    summary=Text(zh="修改商品；之后须重新绑定。", en="Change a listing; it must be bound again then."),
    parameters=(LISTING,),
    bodies=(Content(JSON, ListingInput),),
    answers=_answer(200, "商品。", "The listing.", ListingInfo),
    problems=(
        *wrong.ASKING,
        *JSON_BODY,
        *wrong.FIELDS,
        wrong.UNKNOWN_LISTING,
        wrong.URL_TAKEN,
        *codes.KEY_PROBLEMS,
    ),
    scopes=_WRITE,
    repeat=Repeat.KEY,
    example=f"""\
{_CALL}{_key("update-listing")}{_SENT}  --request PUT --data-binary @changed.json \\
  "$REGISTRY/api/v1/listings/$LISTING"
""",
)

BIND_LISTING = Operation(
    name="bind_listing",
    group=PLATFORMS,
    summary=Text(zh="请求绑定：绑定，或列出全部理由拒绝。", en="Ask the gate: bound, or refused with every reason."),
    parameters=(LISTING,),
    answers=_answer(200, "决定。", "The decision.", DecisionInfo),
    problems=(
        *wrong.ASKING,
        wrong.UNKNOWN_LISTING,
        wrong.LISTING_CHANGED,
        *codes.KEY_PROBLEMS,
        *wrong.GATE_DOWN,
    ),
    scopes=_WRITE,
    repeat=Repeat.KEY,
    example=f"""\
{_CALL}{_key("bind-listing")}  --request POST \\
  "$REGISTRY/api/v1/listings/$LISTING/bind"
""",
)

DELIST_LISTING = Operation(
    name="delist_listing",
    group=PLATFORMS,
    summary=Text(zh="报告商品已下架。", en="Say that a listing was taken down."),
    parameters=(LISTING,),
    answers=_answer(200, "商品。", "The listing.", ListingInfo),
    problems=(*wrong.ASKING, wrong.UNKNOWN_LISTING, *codes.KEY_PROBLEMS),
    scopes=_WRITE,
    repeat=Repeat.KEY,
    example=f"""\
{_CALL}{_key("delist-listing")}  --request POST \\
  "$REGISTRY/api/v1/listings/$LISTING/delist"
""",
)

LIST_DECISIONS = Operation(
    name="list_decisions",
    group=PLATFORMS,
    summary=Text(zh="对一个商品的全部决定，新的在前。", en="What was decided about a listing, the newest first."),
    parameters=(LISTING, LIMIT, CURSOR),
    answers=_answer(200, "一页。", "One page.", DecisionPage),
    problems=(*wrong.ASKING, *codes.PAGING, wrong.UNKNOWN_LISTING),
    scopes=_READ,
    example=f"""\
{_CALL}  "$REGISTRY/api/v1/listings/$LISTING/decisions"
""",
)

FIND_DECISION = Operation(
    name="find_decision",
    group=PLATFORMS,
    summary=Text(zh="一个决定：理由、事实、规则版本。", en="One decision: reasons, facts, version of the rules."),
    parameters=(DECISION,),
    answers=_answer(200, "决定。", "The decision.", DecisionInfo),
    problems=(*wrong.ASKING, wrong.UNKNOWN_DECISION),
    scopes=_READ,
    example=f"""\
{_CALL}  "$REGISTRY/api/v1/decisions/$DECISION"
""",
)

OPEN_APPEAL = Operation(
    name="open_appeal",
    group=PLATFORMS,
    summary=Text(zh="对拒绝提出申诉。", en="Appeal against a refusal."),
    parameters=(DECISION,),
    bodies=(Content(JSON, AppealInput),),
    answers=_answer(201, "已受理。", "It is open.", AppealInfo),
    problems=(
        *wrong.ASKING,
        *JSON_BODY,
        wrong.BAD_APPEAL_TEXT,
        wrong.UNKNOWN_DECISION,
        wrong.NOTHING_TO_APPEAL,
        wrong.APPEAL_OPEN,
        *codes.KEY_PROBLEMS,
    ),
    scopes=_WRITE,
    repeat=Repeat.KEY,
    example=f"""\
# wants_person: true, and only a person who signs in can answer and close it.
{_CALL}{_key("open-appeal")}{_SENT}  --data '{{"text":"The certificate was renewed.","wants_person":false}}' \\
  "$REGISTRY/api/v1/decisions/$OTHER_DECISION/appeals"
""",
)

FIND_APPEAL = Operation(
    name="find_appeal",
    group=PLATFORMS,
    summary=Text(zh="一个申诉。", en="One appeal."),
    parameters=(APPEAL,),
    answers=_answer(200, "申诉。", "The appeal.", AppealInfo),
    problems=(*wrong.ASKING, wrong.UNKNOWN_APPEAL),
    scopes=_READ,
    example=f"""\
{_CALL}  "$REGISTRY/api/v1/appeals/$APPEAL"
""",
)

_ON_APPEALS = (
    *wrong.ASKING,
    *JSON_BODY,
    wrong.BAD_APPEAL_TEXT,
    wrong.PERSON_NEEDED,
    wrong.UNKNOWN_APPEAL,
    wrong.APPEAL_CLOSED,
    wrong.APPEAL_TOO_LONG,
    *codes.KEY_PROBLEMS,
)

ANSWER_APPEAL = Operation(
    name="answer_appeal",
    group=PLATFORMS,
    summary=Text(zh="答复申诉。", en="Answer an appeal."),
    parameters=(APPEAL,),
    bodies=(Content(JSON, AppealAnswer),),
    answers=_answer(200, "申诉。", "The appeal.", AppealInfo),
    problems=_ON_APPEALS,
    scopes=_WRITE,
    repeat=Repeat.KEY,
    example=f"""\
{_CALL}{_key("answer-appeal")}{_SENT}  --data '{{"text":"We look into it."}}' \\
  "$REGISTRY/api/v1/appeals/$APPEAL/answers"
""",
)

CLOSE_APPEAL = Operation(
    name="close_appeal",
    group=PLATFORMS,
    summary=Text(zh="结束申诉；要求由人处理的不能用令牌结束。", en="Close an appeal; not one that asks for a person."),
    parameters=(APPEAL,),
    bodies=(Content(JSON, AppealClosing),),
    answers=_answer(200, "申诉。", "The appeal.", AppealInfo),
    problems=_ON_APPEALS,
    scopes=_WRITE,
    repeat=Repeat.KEY,
    example=f"""\
{_CALL}{_key("close-appeal")}{_SENT}  --data '{{"outcome":"upheld","text":"The recall is open."}}' \\
  "$REGISTRY/api/v1/appeals/$APPEAL_TO_CLOSE/close"
""",
)

UPLOAD_IMPORT = Operation(
    name="upload_import",
    group=PLATFORMS,
    summary=Text(zh="上传一个 CSV 商品文件，先检查。", en="Send a CSV file of listings, to be checked first."),
    parameters=(
        Parameter(
            "name", "query", str, Text(zh="文件名，供人看。", en="The file's name, for people."), is_required=False
        ),
    ),
    bodies=(Content(CSV, bytes),),
    answers=_answer(202, "正在检查。", "It is being checked.", ImportInfo),
    problems=(*wrong.ASKING, wrong.FILE_EMPTY, wrong.BAD_ENCODING, wrong.IMPORT_IN_PROGRESS),
    scopes=_WRITE,
    repeat=Repeat.BY_CONTENT,
    example=f"""\
# First line: url,seller_id,seller_name,gtin,lots,codes
{_CALL}  --header 'Content-Type: text/csv' --data-binary @listings.csv \\
  "$REGISTRY/api/v1/listing-imports?name=listings.csv"
""",
)

FIND_IMPORT = Operation(
    name="find_import",
    group=PLATFORMS,
    summary=Text(zh="导入的进度和逐行错误。", en="How far an import is, and what is wrong in which line."),
    parameters=(IMPORT,),
    answers=_answer(200, "导入。", "The import.", ImportInfo),
    problems=(*wrong.ASKING, wrong.UNKNOWN_IMPORT),
    scopes=_READ,
    example=f"""\
{_CALL}  "$REGISTRY/api/v1/listing-imports/$IMPORT"
""",
)

RUN_IMPORT = Operation(
    name="run_import",
    group=PLATFORMS,
    summary=Text(zh="登记检查过的文件中的好行。", en="Enter the good rows of a file that was checked."),
    parameters=(IMPORT,),
    answers=_answer(202, "正在登记。", "They are being entered.", ImportInfo),
    problems=(
        *wrong.ASKING,
        wrong.UNKNOWN_IMPORT,
        wrong.IMPORT_NOT_READY,
        wrong.IMPORT_IN_PROGRESS,
        *codes.KEY_PROBLEMS,
    ),
    scopes=_WRITE,
    repeat=Repeat.KEY,
    example=f"""\
{_CALL}{_key("run-import")}  --request POST \\
  "$REGISTRY/api/v1/listing-imports/$IMPORT/run"
""",
)
