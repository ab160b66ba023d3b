# SPDX-License-Identifier: Apache-2.0
"""Declarations of the calls about recalls' cases and their board. docs/recalls.md."""

from __future__ import annotations

from passport.domain.accounts import Scope
from passport.web.api import codes
from passport.web.api import recall_codes as wrong
from passport.web.api.pagination import CURSOR, LIMIT
from verifier.listing_types import Uuid
from verifier.protocol.fields import Text
from verifier.recall_types import (
    CaseListingPage,
    CaseState,
    DelistedInput,
    MeasureInfo,
    MeasureInput,
    NoticeInput,
    RecallBoardInfo,
    RecallCaseInfo,
    RecallCasePage,
    RecallId,
    ReportResult,
)
from verifier.web.api.codes import JSON_BODY
from verifier.web.api.operations import JSON, Answer, Content, Operation, Parameter, Repeat

RECALLS = Text(zh="召回共治", en="Recall co-governance")
CSV, ZIP = "text/csv", "application/zip"
_READ, _REPORT = (Scope.RECALLS_READ.value,), (Scope.RECALLS_REPORT.value,)
_CALL = 'curl --fail-with-body --silent --show-error --header "Authorization: Bearer $PASSPORT_TOKEN" \\\n'
_SENT = "  --header 'Content-Type: application/json' \\\n"

CASE = Parameter("case", "path", Uuid, Text(zh="处置单的编号。", en="The case's id."))
RECALL = Parameter("recall", "query", RecallId, Text(zh="只要这个召回。", en="This recall alone."), is_required=False)


def _key(name: str) -> str:
    return f"  --header 'Idempotency-Key: \"{name}-0001\"' \\\n"


def _answer(zh: str, en: str, kind: type, status: int = 200) -> tuple[Answer, ...]:
    return (Answer(status, Text(zh=zh, en=en), (Content(JSON, kind),)),)


LIST_CASES = Operation(
    name="list_recall_cases",
    group=RECALLS,
    summary=Text(zh="召回处置单，新的在前，分页。", en="Cases of recalls, the newest first, page by page."),
    parameters=(
        Parameter(
            "state",
            "query",
            CaseState,
            Text(zh="open、closed 或 all（默认）。", en="open, closed, or all, which is what is meant without it."),
            is_required=False,
        ),
        LIMIT,
        CURSOR,
    ),
    answers=_answer("一页。", "One page.", RecallCasePage),
    problems=(*wrong.READING, *codes.PAGING, wrong.BAD_CASE_STATE),
    scopes=_READ,
    example=f"""\
{_CALL}  "$REGISTRY/api/v1/recall-cases?state=open"
""",
)

FIND_CASE = Operation(
    name="find_recall_case",
    group=RECALLS,
    summary=Text(zh="一张处置单，连同数字。", en="One case with its figures."),
    parameters=(CASE,),
    answers=_answer("处置单。", "The case.", RecallCaseInfo),
    problems=(*wrong.READING, wrong.UNKNOWN_CASE),
    scopes=_READ,
    example=f"""\
{_CALL}  "$REGISTRY/api/v1/recall-cases/$CASE"
""",
)

LIST_CASE_LISTINGS = Operation(
    name="list_case_listings",
    group=RECALLS,
    summary=Text(zh="处置单涉及的商品，分页。", en="The listings of a case, page by page."),
    parameters=(CASE, LIMIT, CURSOR),
    answers=_answer("一页。", "One page.", CaseListingPage),
    problems=(*wrong.READING, *codes.PAGING, wrong.UNKNOWN_CASE),
    scopes=_READ,
    example=f"""\
{_CALL}  "$REGISTRY/api/v1/recall-cases/$CASE/listings?limit=200"
""",
)

ACKNOWLEDGE = Operation(
    name="acknowledge_recall",
    group=RECALLS,
    summary=Text(zh="确认收到；最早的一次算数。", en="Say that it was received; the first receipt counts."),
    parameters=(CASE,),
    answers=_answer("处置单。", "The case.", RecallCaseInfo),
    problems=(*wrong.REPORTING, wrong.UNKNOWN_CASE, *codes.KEY_PROBLEMS),
    scopes=_REPORT,
    repeat=Repeat.KEY,
    example=f"""\
{_CALL}{_key("acknowledge")}  --request POST \\
  "$REGISTRY/api/v1/recall-cases/$CASE/acknowledge"
""",
)

REPORT_NOTICE = Operation(
    name="report_notice",
    group=RECALLS,
    summary=Text(zh="报告店铺页面已展示召回公告。", en="Say that the shop's pages show the recall notice."),
    parameters=(CASE,),
    bodies=(Content(JSON, NoticeInput),),
    answers=_answer("报告了多少。", "How many were reported.", ReportResult),
    problems=(
        *wrong.REPORTING,
        *JSON_BODY,
        wrong.BAD_LISTINGS,
        wrong.BAD_NOTICE_URL,
        wrong.UNKNOWN_CASE,
        wrong.UNKNOWN_CASE_LISTING,
        *codes.KEY_PROBLEMS,
    ),
    scopes=_REPORT,
    repeat=Repeat.KEY,
    example=f"""\
{_CALL}{_key("notice-shown")}{_SENT}  --data '{{"url":"https://shop.example.cn/notice/1","all":true}}' \\
  "$REGISTRY/api/v1/recall-cases/$CASE/notice"
""",
)

REPORT_DELISTED = Operation(
    name="report_delisted",
    group=RECALLS,
    summary=Text(zh="报告商品已下架；时钟到此为止。", en="Say that listings are taken down; it ends their clocks."),
    parameters=(CASE,),
    bodies=(Content(JSON, DelistedInput),),
    answers=_answer("报告了多少。", "How many were reported.", ReportResult),
    problems=(
        *wrong.REPORTING,
        *JSON_BODY,
        wrong.BAD_LISTINGS,
        wrong.UNKNOWN_CASE,
        wrong.UNKNOWN_CASE_LISTING,
        *codes.KEY_PROBLEMS,
    ),
    scopes=_REPORT,
    repeat=Repeat.KEY,
    example=f"""\
{_CALL}{_key("case-delisted")}{_SENT}  --data '{{"all":true}}' \\
  "$REGISTRY/api/v1/recall-cases/$CASE/delisted"
""",
)

REPORT_MEASURE = Operation(
    name="report_measure",
    group=RECALLS,
    summary=Text(zh="报告对卖家采取的措施。", en="Say what was done about a seller."),
    parameters=(CASE,),
    bodies=(Content(JSON, MeasureInput),),
    answers=_answer("已记录。", "It is kept.", MeasureInfo, 201),
    problems=(
        *wrong.REPORTING,
        *JSON_BODY,
        wrong.BAD_MEASURE_TEXT,
        wrong.BAD_SELLER_ID,
        wrong.UNKNOWN_CASE,
        wrong.UNKNOWN_SELLER,
        *codes.KEY_PROBLEMS,
    ),
    scopes=_REPORT,
    repeat=Repeat.KEY,
    example=f"""\
{_CALL}{_key("case-measure")}{_SENT}  --data '{{"seller_id":"s-1","kind":"warned","text":"First warning."}}' \\
  "$REGISTRY/api/v1/recall-cases/$CASE/measures"
""",
)

SHOW_BOARD = Operation(
    name="show_recall_board",
    group=RECALLS,
    summary=Text(zh="召回看板：五项指标和每个召回。", en="The board: five indicators, and each recall."),
    parameters=(RECALL,),
    answers=_answer("看板。", "The board.", RecallBoardInfo),
    problems=(*wrong.READING, wrong.BAD_RECALL, wrong.UNKNOWN_RECALL),
    scopes=_READ,
    example=f"""\
{_CALL}  "$REGISTRY/api/v1/recall-board"
""",
)

EXPORT_CSV = Operation(
    name="export_recall_csv",
    group=RECALLS,
    summary=Text(zh="导出每个商品一行的 CSV。", en="The board as CSV, a row for each listing."),
    parameters=(RECALL,),
    answers=(Answer(200, Text(zh="CSV 文件。", en="The file."), (Content(CSV, str),)),),
    problems=(*wrong.READING, wrong.BAD_RECALL, wrong.UNKNOWN_RECALL),
    scopes=_READ,
    example=f"""\
{_CALL}  --output board.csv "$REGISTRY/api/v1/recall-board/csv"
""",
)

EXPORT_EVIDENCE = Operation(
    name="export_recall_evidence",
    group=RECALLS,
    summary=Text(
        zh="导出证据包；用 verifier recall-board check 离线核对。",
        en="The board as an evidence bundle, which `verifier recall-board check` checks offline.",
    ),
    parameters=(RECALL,),
    answers=(Answer(200, Text(zh="ZIP 文件。", en="The ZIP file."), (Content(ZIP, bytes),)),),
    problems=(*wrong.READING, wrong.BAD_RECALL, wrong.UNKNOWN_RECALL, wrong.TOO_LARGE, *wrong.LEDGER_DOWN),
    scopes=_READ,
    example=f"""\
{_CALL}  --output board.zip "$REGISTRY/api/v1/recall-board/evidence"
""",
)
