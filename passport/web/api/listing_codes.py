# SPDX-License-Identifier: Apache-2.0
"""Error codes of the calls about listings."""

from __future__ import annotations

from passport.web.api.codes import LEDGER_UNAVAILABLE
from verifier.protocol.fields import Text
from verifier.web.api.codes import BAD_GTIN, DOWN, ProblemCode


def _code(code: str, status: int, zh: str, en: str) -> ProblemCode:
    return ProblemCode(code, status, Text(zh=zh, en=en))


INVALID_TOKEN = _code("invalid_token", 401, "令牌无效。", "The token is not good.")
SCOPE_MISSING = _code("scope_missing", 403, "令牌没有这项权限。", "The token lacks the scope.")
NOT_A_PLATFORM = _code("not_a_platform", 403, "商品只属于平台。", "Listings are for platforms.")
PERSON_NEEDED = _code("person_needed", 403, "这要由人处理。", "Only a person who signs in may do this.")
ASKING = (INVALID_TOKEN, SCOPE_MISSING, NOT_A_PLATFORM)

UNKNOWN_LISTING = _code("unknown_listing", 404, "没有这个商品。", "Your organisation has no such listing.")
UNKNOWN_DECISION = _code("unknown_decision", 404, "没有这个决定。", "Your organisation has no such decision.")
UNKNOWN_APPEAL = _code("unknown_appeal", 404, "没有这个申诉。", "Your organisation has no such appeal.")
UNKNOWN_IMPORT = _code("unknown_import", 404, "没有这次导入。", "Your organisation has no such import.")

BAD_STATE = _code("bad_state", 400, "没有这种状态。", "There is no such state.")
BAD_SEARCH = _code("bad_q", 400, "q 只能出现一次。", "`q` may be given once.")
FIELDS = (
    _code("bad_url", 400, "商品链接写法不对。", "The listing's address is not well formed."),
    _code("bad_seller_id", 400, "卖家编号写法不对。", "The seller's id is not well formed."),
    _code("bad_seller_name", 400, "卖家名称写法不对。", "The seller's name is not well formed."),
    BAD_GTIN,
    _code("bad_lot", 400, "批次写法不对。", "A lot is not well formed."),
    _code("too_many_lots", 400, "批次太多。", "There are more than 50 lots."),
    _code("bad_sample_code", 400, "样品码写法不对，或属于别的产品。", "A sample is no code, or of another product."),
    _code("too_many_codes", 400, "样品码太多。", "There are more than 20 sample codes."),
    _code("lots_or_codes_missing", 400, "批次和样品码都没有。", "There are neither lots nor sample codes."),
)
URL_TAKEN = _code("url_taken", 409, "另一个商品用了这个链接。", "Another listing of yours has this address.")
LISTING_CHANGED = _code(
    "listing_changed", 409, "商品刚被修改；请重试。", "The listing was changed just now. Ask again."
)
GATE_DOWN = (LEDGER_UNAVAILABLE, *DOWN)

BAD_APPEAL_TEXT = _code(
    "bad_appeal_text", 400, "文字为空、太长或有不可见字符。", "The text is empty, too long or invisible."
)
NOTHING_TO_APPEAL = _code("nothing_to_appeal", 409, "这个决定不是拒绝。", "The decision is not a refusal.")
APPEAL_OPEN = _code("appeal_open", 409, "已有未结的申诉。", "An appeal against this decision is open.")
APPEAL_CLOSED = _code("appeal_closed", 409, "申诉已结。", "The appeal is closed.")
APPEAL_TOO_LONG = _code("appeal_too_long", 409, "答复太多。", "The appeal has as many answers as there can be.")

FILE_EMPTY = _code("file_empty", 400, "文件是空的。", "The file is empty.")
BAD_ENCODING = _code("bad_encoding", 400, "文件不是 UTF-8 或 GB18030。", "The file is neither UTF-8 nor GB18030.")
IMPORT_IN_PROGRESS = _code("import_in_progress", 409, "另一个文件正在处理。", "Another file is being worked on.")
IMPORT_NOT_READY = _code(
    "import_not_ready", 409, "文件没有检查完，或已放弃。", "The file is not checked, or was given up."
)
