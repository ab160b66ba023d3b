# SPDX-License-Identifier: Apache-2.0
"""Declarations of the calls about the return of a recall. docs/returns.md."""

from __future__ import annotations

from passport.domain.accounts import Scope
from passport.web.api import codes
from passport.web.api.listing_codes import FIELDS, INVALID_TOKEN, SCOPE_MISSING
from passport.web.api.pagination import CURSOR, LIMIT
from verifier.api_types import IssuerId
from verifier.protocol.fields import Text
from verifier.return_types import (
    AffectedInfo,
    AffectedInput,
    RecallNumber,
    RecoveryInfo,
    RecoveryInput,
    RecoveryPage,
    ReturnFiguresInfo,
)
from verifier.web.api.codes import DOWN, JSON_BODY, ProblemCode
from verifier.web.api.operations import JSON, Answer, Content, Operation, Parameter, Repeat

RETURNS = Text(zh="召回完成率", en="Return of a recall")
_CALL = 'curl --fail-with-body --silent --show-error --header "Authorization: Bearer $PASSPORT_TOKEN" \\\n'
_SENT = "  --header 'Content-Type: application/json' \\\n"
_RECALL = (
    Parameter("issuer", "path", IssuerId, Text(zh="召回发布者。", en="Who published the recall.")),
    Parameter("number", "path", RecallNumber, Text(zh="召回编号。", en="The publisher's number of the recall.")),
)


def _code(code: str, status: int, zh: str, en: str) -> ProblemCode:
    return ProblemCode(code, status, Text(zh=zh, en=en))


UNKNOWN_RECALL = _code("no_such_recall", 404, "账本中没有这次召回。", "The published ledger has no such recall.")
NOT_YOUR_RECALL = _code(
    "not_your_recall", 403, "只有产品的制造商、监管部门或平台可以上报。", "The recall is not yours to report about."
)
BAD_COUNT = _code("bad_count", 400, "数量写法不对。", "The count is not one that can be reported.")
BAD_NOTE = _code("bad_return_note", 400, "说明太长或有不可见字符。", "The note is too long, or invisible.")
BAD_REASON = _code(
    "bad_return_reason", 400, "理由为空、太长或有不可见字符。", "The reason is empty, too long or invisible."
)
DAY_TO_COME = _code("day_to_come", 400, "日期还没有到。", "The day is yet to come.")
LOT_NOT_RECALLED = _code("lot_not_recalled", 409, "召回不包括这个批次。", "The recall does not cover this lot.")
BELOW_ZERO = _code("below_zero", 409, "更正后总数小于零。", "The correction takes back more than you have reported.")
TOO_MANY = _code("too_many_returns", 409, "上报次数太多。", "There are as many reports as there can be.")
_BAD_LOT = next(problem for problem in FIELDS if problem.code == "bad_lot")
BAD_DATE = _code("bad_date", 400, "日期应写作 YYYY-MM-DD。", "A date is not written YYYY-MM-DD.")
_REPORTING = (INVALID_TOKEN, SCOPE_MISSING, NOT_YOUR_RECALL, UNKNOWN_RECALL, *JSON_BODY, *codes.KEY_PROBLEMS, *DOWN)

FIND_RETURNS = Operation(
    name="find_returns",
    group=RETURNS,
    summary=Text(
        zh="一次召回的完成率，任何人可查。",
        en="How much of a recall came back; anybody may ask.",
    ),
    parameters=_RECALL,
    answers=(Answer(200, Text(zh="数字。", en="The figures."), (Content(JSON, ReturnFiguresInfo),)),),
    problems=(UNKNOWN_RECALL, *DOWN),
    example="""\
# A recall's id is <issuer>/<number>.
curl --fail-with-body --silent --show-error \\
  "$REGISTRY/api/v1/recalls/$RECALL/returns"
""",
)

LIST_RECOVERED = Operation(
    name="list_recovered",
    group=RETURNS,
    summary=Text(zh="本组织上报的渠道回收。", en="What your organisation has reported of a recall, the newest first."),
    parameters=(*_RECALL, LIMIT, CURSOR),
    answers=(Answer(200, Text(zh="一页。", en="One page."), (Content(JSON, RecoveryPage),)),),
    problems=(INVALID_TOKEN, SCOPE_MISSING, UNKNOWN_RECALL, *codes.PAGING, *DOWN),
    scopes=(Scope.RECALLS_READ.value,),
    example=f"""\
{_CALL}  "$REGISTRY/api/v1/recalls/$RECALL/recovered?limit=50"
""",
)

REPORT_RECOVERED = Operation(
    name="report_recovered",
    group=RETURNS,
    summary=Text(
        zh="上报从渠道回收的数量；负数更正以前的上报。",
        en="Report goods taken back from the channel; a count below 0 corrects earlier reports.",
    ),
    parameters=_RECALL,
    bodies=(Content(JSON, RecoveryInput),),
    answers=(Answer(201, Text(zh="已记下。", en="It is noted."), (Content(JSON, RecoveryInfo),)),),
    problems=(
        *_REPORTING,
        BAD_COUNT,
        BAD_NOTE,
        BAD_DATE,
        DAY_TO_COME,
        _BAD_LOT,
        LOT_NOT_RECALLED,
        BELOW_ZERO,
        TOO_MANY,
    ),
    scopes=(Scope.RECALLS_REPORT.value,),
    repeat=Repeat.KEY,
    example=f"""\
# Goods that no consumer had: on shelves, in stores, on the way.
{_CALL}  --header 'Idempotency-Key: "report-recovered-0001"' \\
{_SENT}  --data '{{"count":12,"on":"2026-03-20","note":"warehouse 3"}}' \\
  "$REGISTRY/api/v1/recalls/$RECALL/recovered"
""",
)

DECLARE_AFFECTED = Operation(
    name="declare_affected",
    group=RETURNS,
    summary=Text(
        zh="说明受影响数量与账本不同，并给出理由；只供制造商和监管部门。",
        en="Declare another number of affected items than the ledger's, with the reason: for makers and authorities.",
    ),
    parameters=_RECALL,
    bodies=(Content(JSON, AffectedInput),),
    answers=(Answer(201, Text(zh="已记下。", en="It is noted."), (Content(JSON, AffectedInfo),)),),
    problems=(*_REPORTING, BAD_COUNT, BAD_REASON, TOO_MANY),
    scopes=(Scope.RECALLS_REPORT.value,),
    repeat=Repeat.KEY,
    example=f"""\
# With a token of the maker whose products are recalled, or of an authority.
curl --fail-with-body --silent --show-error --header "Authorization: Bearer $MAKER_TOKEN" \\
  --header 'Idempotency-Key: "declare-affected-0001"' \\
{_SENT}  --data '{{"count":9000,"reason":"1,000 never left the factory"}}' \\
  "$REGISTRY/api/v1/recalls/$RECALL/affected"
""",
)
