# SPDX-License-Identifier: Apache-2.0
"""Error codes of the calls about recalls' cases."""

from __future__ import annotations

from passport.web.api.codes import LEDGER_UNAVAILABLE
from passport.web.api.listing_codes import BAD_STATE, INVALID_TOKEN, SCOPE_MISSING
from verifier.protocol.fields import Text
from verifier.web.api.codes import DOWN, ProblemCode


def _code(code: str, status: int, zh: str, en: str) -> ProblemCode:
    return ProblemCode(code, status, Text(zh=zh, en=en))


NO_BOARD = _code("no_recall_board", 403, "召回处置只供平台和监管机构使用。", "Cases are for platforms and authorities.")
READING = (INVALID_TOKEN, SCOPE_MISSING, NO_BOARD)
REPORTS_ARE_PLATFORMS = _code(
    "reports_are_platforms", 403, "只有平台自己能上报。", "Only the platform itself reports on its case."
)
REPORTING = (INVALID_TOKEN, SCOPE_MISSING, REPORTS_ARE_PLATFORMS)

UNKNOWN_CASE = _code("unknown_case", 404, "没有这个召回处置单。", "Your organisation has no such case.")
UNKNOWN_CASE_LISTING = _code("unknown_case_listing", 404, "处置单里没有这个商品。", "The case has no such listing.")
UNKNOWN_SELLER = _code("unknown_seller", 404, "处置单里没有这个卖家。", "The case has no such seller.")
UNKNOWN_RECALL = _code("unknown_recall", 404, "没有这个召回，或不涉及您。", "No such recall touches you.")

BAD_CASE_STATE = BAD_STATE
BAD_RECALL = _code("bad_recall", 400, "recall 只能出现一次。", "`recall` may be given once, with a value.")
BAD_LISTINGS = _code(
    "bad_listings", 400, "请列出 1 至 200 个商品，或写明全部。", "Name 1 to 200 listings, or say that it is all."
)
BAD_NOTICE_URL = _code("bad_notice_url", 400, "公告链接写法不对。", "The notice's address is not well formed.")
BAD_MEASURE_TEXT = _code("bad_measure_text", 400, "文字太长或有不可见字符。", "The text is too long or invisible.")
BAD_SELLER_ID = _code("bad_seller_id", 400, "卖家编号写法不对。", "The seller's id is not well formed.")
TOO_LARGE = _code("export_too_large", 409, "文件会超过 16 MiB。", "The file would be larger than 16 MiB.")
LEDGER_DOWN = (LEDGER_UNAVAILABLE, *DOWN)
