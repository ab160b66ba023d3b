# SPDX-License-Identifier: Apache-2.0
"""The console's words for the return of recalls, in Chinese and in English."""

from __future__ import annotations

from passport.domain.accounts_audit import Action
from verifier.protocol.fields import Text

RETURN_PAGE_WORDS: dict[str, Text] = {
    "nav_returns": Text(zh="召回完成率", en="Return of recalls"),
    "returns_lead": Text(
        zh="完成率 =（消费者确认已处理 + 从渠道回收）÷ 受影响数量。",
        en="Return rate = (confirmed by consumers + recovered from the channel) ÷ affected.",
    ),
    "returns_none": Text(zh="账本中没有您可以上报的召回。", en="The ledger has no recall that you may report about."),
    "returns_rate": Text(zh="完成率", en="Return rate"),
    "returns_rate_unknown": Text(
        zh="还不知道：账本中没有受影响的码。", en="Not known yet: the ledger has no code that is affected."
    ),
    "returns_affected": Text(zh="受影响", en="Affected"),
    "returns_in_ledger": Text(zh="账本中受影响的码（已扣除作废）", en="Codes in the ledger, without voided ones"),
    "returns_declared": Text(zh="声明的数量", en="Declared instead"),
    "returns_declared_by": Text(zh="声明者", en="Declared by"),
    "returns_reason": Text(zh="理由", en="Reason"),
    "returns_remedied": Text(zh="消费者确认：已修好或换新", en="Consumers: repaired or replaced"),
    "returns_returned": Text(zh="消费者确认：已退回", en="Consumers: given back"),
    "returns_recovered": Text(zh="从渠道回收", en="Recovered from the channel"),
    "returns_beyond": Text(
        zh="上报的数量超过受影响的数量。完成率按 100% 计，超出部分请核对：",
        en="More is reported than is affected. The rate stays at 100 %; please check what is beyond:",
    ),
    "returns_open": Text(zh="进行中", en="Open"),
    "returns_closed": Text(zh="已结束", en="Closed"),
    "returns_report": Text(zh="上报渠道回收", en="Report goods recovered"),
    "returns_report_hint": Text(
        zh="只报还没有到消费者手里的货：货架、仓库、在途。报多了，用负数再报一次。",
        en="Only goods that no consumer had: on shelves, in stores, on the way. Too many? Report a number below 0.",
    ),
    "returns_count": Text(zh="数量", en="Number"),
    "returns_day": Text(zh="日期", en="Day"),
    "returns_lot": Text(zh="批次（可不填）", en="Lot (optional)"),
    "returns_note": Text(zh="说明（可不填）", en="Note (optional)"),
    "returns_lot_column": Text(zh="批次", en="Lot"),
    "returns_note_column": Text(zh="说明", en="Note"),
    "returns_send": Text(zh="上报", en="Report"),
    "returns_declare": Text(zh="受影响的数量不同", en="Another number is affected"),
    "returns_declare_hint": Text(
        zh="数量和理由对所有人公开，账本中的数量也照样显示。不填数量则恢复账本中的数量。监管部门的声明优先。",
        en="Number and reason are public, and the ledger's number stays beside them. Without a number the ledger's "
        "counts again. An authority's word goes first.",
    ),
    "returns_number": Text(zh="受影响的数量（可不填）", en="Number affected (optional)"),
    "returns_declare_send": Text(zh="声明", en="Declare"),
    "returns_own": Text(zh="本组织的上报", en="Reports of your organisation"),
    "returns_own_none": Text(zh="还没有上报。", en="Nothing is reported yet."),
    "returns_back": Text(zh="全部召回", en="All recalls"),
    "returns_public": Text(zh="公开数据（JSON）", en="Public figures (JSON)"),
}

RETURN_REFUSALS: dict[str, Text] = {
    "no_such_recall": Text(zh="账本中没有这次召回。", en="The ledger has no such recall."),
    "not_your_recall": Text(
        zh="只有产品的制造商、监管部门或平台可以上报。",
        en="Only the maker of the products, an authority or a platform may report.",
    ),
    "bad_count": Text(
        zh="数量是整数，最多十亿；更正用负数。",
        en="A number is whole, up to a thousand million; a correction is below 0.",
    ),
    "bad_date": Text(zh="请选择日期。", en="Choose a day."),
    "day_to_come": Text(zh="日期还没有到。", en="The day is yet to come."),
    "bad_return_note": Text(zh="说明最多 500 个可见字符。", en="A note has up to 500 visible characters."),
    "bad_return_reason": Text(zh="请用 1 至 500 个可见字符说明理由。", en="Say why in 1 to 500 visible characters."),
    "lot_not_recalled": Text(zh="召回不包括这个批次。", en="The recall does not cover this lot."),
    "below_zero": Text(zh="更正超过了您已上报的数量。", en="The correction takes back more than you have reported."),
    "too_many_returns": Text(zh="上报次数太多，请上报合计数。", en="There are too many reports. Report sums."),
}

RETURN_FIELDS: dict[str, str] = {
    "bad_count": "count",
    "below_zero": "count",
    "bad_date": "on",
    "day_to_come": "on",
    "lot_not_recalled": "lot",
    "bad_return_note": "note",
    "bad_return_reason": "reason",
}

RETURN_DONE: dict[str, Text] = {
    "returns_reported": Text(zh="已上报。", en="It is reported."),
    "returns_declared": Text(zh="已声明。", en="It is declared."),
}

RETURN_ACTIONS: dict[str, Text] = {
    Action.RETURNS_RECOVERED: Text(zh="上报渠道回收", en="Reported goods recovered"),
    Action.RETURNS_AFFECTED: Text(zh="声明受影响数量", en="Declared the number affected"),
}
