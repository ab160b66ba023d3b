# SPDX-License-Identifier: Apache-2.0
"""The console's words for recalls' cases and the board; ADR 0012."""

from __future__ import annotations

from passport.domain.accounts_audit import Action
from passport.domain.recall_cases import MeasureKind
from verifier.protocol.fields import Text

RECALL_WORDS: dict[str, Text] = {
    "nav_recalls": Text(zh="召回处置", en="Recall cases"),
    "nav_recall_board": Text(zh="召回看板", en="Recall board"),
    "recalls_lead": Text(
        zh="召回发布后，涉及的商品立即停售，从推送起 24 小时内须报告下架。",
        en="When a recall is published, listings that it touches stop selling at once. "
        "Report them as taken down within 24 hours of the push.",
    ),
    "recalls_lead_authority": Text(
        zh="所有平台的召回处置单。监管机构可以查看，不能代报。",
        en="The cases of all platforms. An authority looks, and reports for nobody.",
    ),
    "recall_search_hint": Text(zh="召回标题、编号或平台", en="The recall's title, its id, or a platform"),
    "no_case_matches": Text(zh="没有符合条件的召回。", en="No recall matches."),
    "no_cases": Text(
        zh="没有召回处置单。召回涉及已登记的商品时，会自动出现在这里。",
        en="There are no cases. One appears here by itself when a recall touches listings that are entered.",
    ),
    "cases_open": Text(zh="未结", en="Open"),
    "cases_closed": Text(zh="已结", en="Closed"),
    "cases_all": Text(zh="全部", en="All"),
    "recall": Text(zh="召回", en="Recall"),
    "platform": Text(zh="平台", en="Platform"),
    "pushed_at": Text(zh="推送", en="Pushed"),
    "received": Text(zh="收到", en="Received"),
    "not_received": Text(zh="尚未收到", en="Not received yet"),
    "not_pushed": Text(zh="未推送：当时没有涉及的商品", en="Not pushed: no listing was affected"),
    "deadline": Text(zh="期限", en="Deadline"),
    "time_left": Text(zh="剩余 {hours} 小时 {minutes} 分", en="{hours} h {minutes} min left"),
    "over_by": Text(zh="逾期 {hours} 小时 {minutes} 分", en="{hours} h {minutes} min late"),
    "over_24h": Text(zh="超过 24 小时", en="Over 24 hours"),
    "all_reported": Text(zh="全部已报告", en="All reported"),
    "affected": Text(zh="涉及商品", en="Affected listings"),
    "still_to_report": Text(zh="待报告", en="To be reported"),
    "stopped": Text(zh="已报告下架", en="Reported as taken down"),
    "notice_shown": Text(zh="已展示公告", en="Notice shown"),
    "relist_attempts": Text(zh="再次上架尝试", en="Attempts to relist"),
    "measures": Text(zh="对卖家的措施", en="Measures against sellers"),
    "hours": Text(zh="小时", en="Hours"),
    "hours_median": Text(zh="中位小时", en="Median hours"),
    "hours_worst": Text(zh="最长小时", en="Longest hours"),
    "return_rate": Text(zh="召回完成率", en="Return rate"),
    "not_known": Text(zh="未知", en="Not known"),
    "released": Text(zh="已解除：须重新绑定", en="Released: must be bound again"),
    "rebound": Text(zh="以别的批次再次绑定", en="Bound again, naming other lots"),
    "acknowledge": Text(zh="确认收到", en="Acknowledge"),
    "case_report": Text(zh="上报", en="Report"),
    "report_lead": Text(
        zh="先预览，再上报。最早的一次算数。", en="First a preview, then the report. The first report of each counts."
    ),
    "report_delisted": Text(zh="已下架", en="Taken down"),
    "report_notice": Text(zh="页面已展示召回公告", en="Pages show the recall notice"),
    "notice_url": Text(zh="公告链接", en="Address of the notice"),
    "chosen_only": Text(zh="只报选中的商品", en="The chosen listings"),
    "whole_case": Text(zh="处置单中的全部商品", en="All listings of the case"),
    "see_preview": Text(zh="预览", en="Preview"),
    "report_preview": Text(zh="上报预览", en="Preview of the report"),
    "report_about": Text(zh="将上报的商品", en="Listings that will be reported"),
    "first_shown": Text(zh="只列出前 200 个。", en="The first 200 are shown."),
    "send_report": Text(zh="上报", en="Send the report"),
    "sellers_trying": Text(zh="再次上架的卖家", en="Sellers who tried again"),
    "blocked": Text(zh="已拦截", en="Refused"),
    "other_lots": Text(zh="改写批次后通过", en="Let in, naming other lots"),
    "at_time": Text(zh="时间", en="Time"),
    "add_measure": Text(zh="记录措施", en="Enter a measure"),
    "measure_text": Text(zh="说明（可留空）", en="What was done (may be empty)"),
    "no_attempts": Text(zh="没有人再次尝试上架。", en="Nobody tried to sell again."),
    "close_case": Text(zh="结束处置单", en="Close the case"),
    "close_case_hint": Text(
        zh="只有首席质量官可以结束，且全部商品须已报告下架。召回未关闭前，商品仍停售。",
        en="The chief quality officer alone, when all is reported. Sales stay stopped while the recall is open.",
    ),
    "case_is_closed": Text(zh="已结", en="Closed"),
    "back_to_cases": Text(zh="返回处置单", en="Back to the cases"),
    "ledger_proof": Text(zh="账本条目", en="Ledger entries"),
    "more_listings": Text(zh="更多商品", en="More listings"),
    "board_lead": Text(
        zh="数字截至本页时间。没有可统计的内容时不显示百分比。公布时间以账本为准，其余时间由登记处记录。",
        en="Figures are as of this page. Where there is nothing to count there is no percentage. "
        "Publication is proven by the ledger; all other times are the registry's record.",
    ),
    "indicators": Text(zh="五项指标", en="Five indicators"),
    "indicator_shared": Text(
        zh="缺陷信息实时共享：1 小时内收到的推送", en="Defect information in real time: pushes received within 1 hour"
    ),
    "indicator_stopped": Text(zh="24 小时内停售的商品", en="Sale stopped within 24 hours of the push"),
    "indicator_notice": Text(zh="店铺页面展示召回公告", en="Recall notice on the shop's page"),
    "indicator_blocked": Text(zh="再次上架被拦截", en="Relisting blocked"),
    "indicator_sellers": Text(zh="对再次上架的卖家采取措施", en="Action against sellers who tried to sell again"),
    "median_receipt": Text(zh="中位收到时间 {seconds} 秒", en="median {seconds} seconds"),
    "no_figure": Text(zh="无数据", en="No figure"),
    "of_count": Text(zh="{part} / {whole}", en="{part} of {whole}"),
    "export_evidence": Text(zh="导出证据包", en="Export evidence bundle"),
    "no_board": Text(zh="还没有涉及您的召回。", en="No recall has touched you yet."),
    "handled_to": Text(zh="已处理账本条目", en="Entries of the ledger dealt with"),
    "touches_nobody": Text(zh="不涉及任何平台的商品", en="Touches no platform's listings"),
}

MEASURE_WORDS: dict[MeasureKind, Text] = {
    MeasureKind.WARNED: Text(zh="警告", en="Warned"),
    MeasureKind.LISTINGS_SUSPENDED: Text(zh="暂停商品", en="Listings suspended"),
    MeasureKind.SHOP_CLOSED: Text(zh="关闭店铺", en="Shop closed"),
    MeasureKind.REPORTED_TO_AUTHORITY: Text(zh="报告监管机构", en="Reported to the authority"),
    MeasureKind.OTHER: Text(zh="其他", en="Other"),
}

SEVERITY_WORDS: dict[str, Text] = {
    "serious": Text(zh="严重", en="Serious"),
    "high": Text(zh="高", en="High"),
    "medium": Text(zh="中", en="Medium"),
    "low": Text(zh="低", en="Low"),
}

RECALL_REFUSALS: dict[str, Text] = {
    "no_recall_board": Text(
        zh="召回处置只供平台和监管机构使用。", en="Cases of recalls are for platforms and authorities."
    ),
    "reports_are_platforms": Text(zh="只有平台自己能上报。", en="Only the platform itself reports on its case."),
    "unknown_case": Text(zh="本组织没有这张处置单。", en="There is no such case in your organisation."),
    "unknown_case_listing": Text(zh="处置单里没有这个商品。", en="The case has no such listing."),
    "unknown_seller": Text(zh="处置单里没有这个卖家。", en="The case has no such seller."),
    "unknown_recall": Text(zh="没有这个召回，或不涉及您。", en="There is no such recall, or it does not touch you."),
    "bad_listings": Text(zh="请选择 1 至 200 个商品，或选择全部。", en="Choose 1 to 200 listings, or all of them."),
    "bad_notice_url": Text(zh="公告链接须以 https:// 开头。", en="The notice's address begins with https://."),
    "bad_measure": Text(zh="请选择一种措施。", en="Choose a measure."),
    "bad_measure_text": Text(zh="最多 2,000 个可见字符。", en="At most 2,000 visible characters."),
    "case_not_done": Text(zh="还有商品没有报告下架。", en="Listings are not reported as taken down yet."),
    "export_too_large": Text(
        zh="文件会超过 16 MiB。请每次导出一个召回。", en="The file would be over 16 MiB. Export one recall at a time."
    ),
}

RECALL_FIELDS: dict[str, str] = {
    "bad_notice_url": "url",
    "bad_measure": "kind",
    "bad_measure_text": "text",
    "unknown_seller": "seller_id",
}

RECALL_DONE: dict[str, Text] = {
    "recall_acknowledged": Text(zh="已确认收到。", en="Acknowledged."),
    "recall_reported": Text(zh="已上报。", en="Reported."),
    "measure_added": Text(zh="措施已记录。", en="The measure is kept."),
    "case_closed": Text(zh="处置单已结束。", en="The case is closed."),
}

RECALL_ACTIONS: dict[str, Text] = {
    Action.RECALL_PUSHED: Text(zh="召回推送", en="Recall pushed"),
    Action.RECALL_ACKNOWLEDGED: Text(zh="确认收到召回", en="Recall acknowledged"),
    Action.RECALL_NOTICE_SHOWN: Text(zh="报告展示公告", en="Notice reported as shown"),
    Action.RECALL_DELISTED: Text(zh="报告下架", en="Listings reported as taken down"),
    Action.RECALL_MEASURE: Text(zh="记录措施", en="Measure entered"),
    Action.RECALL_CASE_CLOSED: Text(zh="结束召回处置单", en="Recall case closed"),
    Action.RECALL_EXPORTED: Text(zh="导出召回看板", en="Recall board exported"),
}
