# SPDX-License-Identifier: Apache-2.0
"""Error codes of the calls about live commerce, beside those that it shares with listings."""

from __future__ import annotations

from passport.web.api import listing_codes as shared
from verifier.protocol.fields import Text
from verifier.web.api.codes import BAD_GTIN, CANONICAL_JSON, ProblemCode


def _code(code: str, status: int, zh: str, en: str) -> ProblemCode:
    return ProblemCode(code, status, Text(zh=zh, en=en))


ASKING = shared.ASKING
NOT_A_LISTER = _code("not_a_lister", 403, "黑名单只供平台和监管部门。", "Sanctions are for platforms and authorities.")
LISTING = (shared.INVALID_TOKEN, shared.SCOPE_MISSING, NOT_A_LISTER)

UNKNOWN_DOSSIER = _code("unknown_dossier", 404, "没有这份选品档案。", "Your organisation has no such dossier.")
NO_DOCUMENT = _code("no_document", 404, "档案批准后才有文件。", "A dossier has a document once it is approved.")
UNKNOWN_SANCTION = _code("unknown_sanction", 404, "名单中没有这一条。", "Your lists have no such sanction.")
UNKNOWN_APPEAL = _code("unknown_sanction_appeal", 404, "没有这个申诉。", "There is no such appeal against your lists.")

_BY_NAME = {code.code: code for code in shared.FIELDS}
BAD_DATE = _code("bad_date", 400, "日期应写作 YYYY-MM-DD。", "A date is not written YYYY-MM-DD.")
BAD_INSTANT = next(code for code in CANONICAL_JSON if code.code == "bad_instant")
DOSSIER_FIELDS = (
    BAD_DATE,
    BAD_INSTANT,
    _code("bad_room", 400, "直播间编号或名称写法不对。", "Id or name of the live room is not well formed."),
    _code("bad_session_at", 400, "场次时间写法不对。", "The session's time is not well formed."),
    _code("bad_title", 400, "商品标题写法不对。", "The item's title is not well formed."),
    BAD_GTIN,
    _BY_NAME["bad_lot"],
    _BY_NAME["bad_seller_id"],
    _BY_NAME["bad_seller_name"],
    _code("bad_report", 400, "报告写法不对。", "A report is not well formed."),
    _code("too_many_reports", 400, "报告太多。", "There are more than 20 reports."),
    _code("bad_scan", 400, "扫到的码写法不对。", "What was scanned is not one line of visible characters."),
)
DOSSIER_DECIDED = _code(
    "dossier_decided", 409, "档案已有结论，请新建一份。", "The dossier is decided: change it, or make a new one."
)
SANCTION_FIELDS = (
    BAD_DATE,
    _code("bad_subject_kind", 400, "没有这种对象。", "There is no such kind of subject."),
    _code(
        "wrong_subject_kind",
        400,
        "平台列卖家，监管部门列企业。",
        "A platform lists its sellers, an authority lists companies.",
    ),
    _BY_NAME["bad_seller_id"],
    _BY_NAME["bad_seller_name"],
    _code("bad_uscc", 400, "统一社会信用代码不对。", "The company's credit code is wrong."),
    _code("bad_reason", 400, "理由为空或太长。", "The reason is empty or too long."),
    _code("bad_evidence", 400, "证据写法不对。", "A piece of evidence is not well formed."),
    _code("bad_rule_version", 400, "规则版本写法不对。", "The rule's version is not well formed."),
    _code("bad_term", 400, "起止日期不对。", "The dates are wrong."),
)
USCC = SANCTION_FIELDS[5]
SELLER_FIELDS = (_BY_NAME["bad_seller_id"], _BY_NAME["bad_seller_name"], USCC)
NOT_YOURS = _code(
    "not_yours_to_close", 409, "由列入名单的一方结束申诉。", "Who put the sanction on the list closes the appeal."
)
