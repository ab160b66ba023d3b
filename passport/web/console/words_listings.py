# SPDX-License-Identifier: Apache-2.0
"""The console's words for listings, the gate, appeals and imports; ADR 0012."""

from __future__ import annotations

from passport.domain.appeals import AppealOutcome, AppealState
from passport.domain.listing_imports import ImportState
from passport.domain.listings import ListingState
from verifier.protocol.fields import Text

LISTING_WORDS: dict[str, Text] = {
    "nav_listings": Text(zh="商品", en="Listings"),
    "nav_imports": Text(zh="导入", en="Imports"),
    "nav_appeals": Text(zh="申诉", en="Appeals"),
    "listings_lead": Text(
        zh="商品通过准入后才能展示徽章：生产者已准入，护照已发布，没有未关闭的召回和不合格的检验，证书有效，样品码可验证。",
        en="A listing may show a badge once the gate lets it in: admitted maker, published passport, no open recall, "
        "no failed inspection, certificates in force, samples that verify.",
    ),
    "new_listing": Text(zh="新增商品", en="New listing"),
    "edit_listing": Text(zh="修改商品", en="Change the listing"),
    "edit_hint": Text(
        zh="修改后须重新绑定。已停售的商品仍是停售。",
        en="It must be bound again after a change. A stopped sale stays stopped.",
    ),
    "import_file": Text(zh="导入 CSV", en="Import CSV"),
    "export_csv": Text(zh="导出 CSV", en="Export CSV"),
    "search": Text(zh="查找", en="Search"),
    "search_hint": Text(zh="链接、卖家或商品条码", en="Address, seller or GTIN"),
    "all_states": Text(zh="全部状态", en="All states"),
    "listing": Text(zh="商品", en="Listing"),
    "url": Text(zh="链接", en="Address"),
    "url_hint": Text(zh="https:// 开头的商品页地址", en="Of the shop's page, beginning with https://"),
    "seller": Text(zh="卖家", en="Seller"),
    "seller_id": Text(zh="卖家编号", en="Seller's id"),
    "seller_name": Text(zh="卖家名称", en="Seller's name"),
    "gtin": Text(zh="商品条码", en="GTIN"),
    "gtin_hint": Text(zh="8、12、13 或 14 位数字", en="8, 12, 13 or 14 digits"),
    "lots": Text(zh="批次", en="Lots"),
    "lots_hint": Text(zh="用空格或换行分开；留空表示任何批次", en="With spaces or lines between; empty: any lot"),
    "sample_codes": Text(zh="样品码", en="Sample codes"),
    "codes_hint": Text(
        zh="每行一个，最多 20 个；绑定至少需要一个", en="One to a line, 20 at most; binding needs one at least"
    ),
    "any_lot": Text(zh="任何批次", en="Any lot"),
    "changed": Text(zh="更新时间", en="Changed"),
    "choose": Text(zh="选择", en="Choose"),
    "check_shown": Text(zh="检查本页全部商品", en="Check all on this page"),
    "none_good": Text(
        zh="没有可以绑定的商品。请先解决下列原因，再检查一次。",
        en="None can be bound. Deal with the reasons below, then check again.",
    ),
    "check_chosen": Text(zh="检查选中的商品", en="Check those chosen"),
    "no_listings": Text(
        zh="还没有商品。请新增一个，或导入 CSV 文件。", en="There are no listings yet. Enter one, or import a CSV file."
    ),
    "sale_stopped": Text(
        zh="因召回已停售。召回未关闭前不能再次绑定。",
        en="Sale was stopped by a recall. It cannot be bound again while the recall is open.",
    ),
    "none_match": Text(zh="没有符合条件的商品。", en="No listing matches."),
    "show_all": Text(zh="查看全部", en="Show all"),
    "older": Text(zh="更早的", en="Older"),
    "newest": Text(zh="最新的", en="Newest"),
    "back_to_listings": Text(zh="返回商品列表", en="Back to the listings"),
    "bind": Text(zh="请求绑定", en="Ask the gate"),
    "bind_hint": Text(
        zh="按账本当前内容判定。决定连同事实一起保存，不会更改。",
        en="Decided on what the ledger says now. The decision is kept with its facts, and never changed.",
    ),
    "delist": Text(zh="标记为已下架", en="Mark as taken down"),
    "preview": Text(zh="绑定预览", en="Preview of binding"),
    "preview_lead": Text(
        zh="这是现在的判定结果，尚未保存。", en="This is what the gate says now. Nothing of it is kept yet."
    ),
    "would_bind": Text(zh="可以绑定", en="Would be bound"),
    "would_refuse": Text(zh="将被拒绝", en="Would be refused"),
    "bind_good": Text(zh="绑定可以绑定的商品", en="Bind those that pass"),
    "bind_done": Text(zh="绑定结果", en="What became of them"),
    "decision": Text(zh="决定", en="Decision"),
    "decisions": Text(zh="以前的决定", en="Earlier decisions"),
    "reasons": Text(zh="理由", en="Reasons"),
    "facts": Text(zh="所依据的事实", en="The facts that it stands on"),
    "rule_version": Text(zh="规则版本", en="Version of the rules"),
    "decided_at": Text(zh="判定时间", en="Decided"),
    "ledger_size": Text(zh="账本长度", en="Ledger's size"),
    "proof": Text(zh="账本条目", en="Ledger entry"),
    "proof_absent": Text(zh="账本中没有这样的条目", en="No such entry is in the ledger"),
    "not_asked": Text(zh="尚未请求绑定。", en="The gate was not asked yet."),
    "outcome_bound": Text(zh="通过：没有任何反对理由。", en="Let in: there is no reason against it."),
    "appeal": Text(zh="申诉", en="Appeal"),
    "appeals_lead": Text(zh="对拒绝的申诉。", en="Appeals against refusals."),
    "make_appeal": Text(zh="提出申诉", en="Appeal"),
    "appeal_hint": Text(
        zh="申诉不改变决定。事实变化后，请重新请求绑定。",
        en="An appeal changes no decision. Where the facts have changed, ask the gate again.",
    ),
    "appeal_text": Text(zh="为什么这个决定不对", en="Why the decision is wrong"),
    "wants_person": Text(zh="要求由人处理", en="A person is to handle it"),
    "wants_person_hint": Text(zh="程序不能答复，也不能结束", en="No program can answer or close it"),
    "answer": Text(zh="答复", en="Answer"),
    "close_appeal": Text(zh="结束申诉", en="Close the appeal"),
    "close_text": Text(zh="理由", en="Why"),
    "no_appeals_open": Text(zh="没有未结的申诉。", en="No appeal is open."),
    "no_appeals_closed": Text(zh="没有已结的申诉。", en="No appeal is closed."),
    "by_token": Text(zh="程序（令牌）", en="A program (token)"),
    "by_member": Text(zh="成员", en="Member"),
    "about_listing": Text(zh="关于商品", en="About the listing"),
    "entry": Text(zh="账本条目", en="Ledger entry"),
    "entry_lead": Text(
        zh="公开账本中的原文，任何人都可以核对。", en="As it stands in the public ledger, for anybody to check."
    ),
    "entry_type": Text(zh="类型", en="Type"),
    "entry_issuer": Text(zh="发布者", en="Issuer"),
    "entry_issued_at": Text(zh="签发时间", en="Issued"),
    "entry_leaf": Text(zh="叶哈希", en="Leaf hash"),
    "imports_lead": Text(
        zh="先检查，再登记。一次处理一个文件。", en="Checked first, entered after. One file at a time."
    ),
    "file": Text(zh="CSV 文件", en="CSV file"),
    "file_hint": Text(zh="UTF-8 或 GB18030。第一行为列名：", en="UTF-8 or GB18030. The first line names the columns:"),
    "file_limits": Text(zh="最多 {rows} 行、{mib} MiB。", en="At most {rows} rows and {mib} MiB."),
    "upload": Text(zh="上传并检查", en="Upload and check"),
    "no_imports": Text(zh="还没有导入过文件。", en="No file was imported yet."),
    "rows_read": Text(zh="已读行数", en="Rows read"),
    "rows_good": Text(zh="可登记", en="Can be entered"),
    "rows_in": Text(zh="已登记", en="Entered"),
    "rows_bad": Text(zh="有错误", en="With errors"),
    "line": Text(zh="行", en="Line"),
    "last_line": Text(zh="处理到第几行", en="Done up to line"),
    "error": Text(zh="错误", en="Error"),
    "first_errors": Text(zh="错误（前 50 条）", en="Errors (the first 50)"),
    "no_errors": Text(zh="没有错误。", en="There are no errors."),
    "run_import": Text(zh="登记这些商品", en="Enter these listings"),
    "run_hint": Text(
        zh="只登记没有错误的行；其余的行请改正后另行导入。",
        en="Rows with errors are left out. Correct them and import them again.",
    ),
    "discard": Text(zh="放弃", en="Give up"),
    "same_as_line": Text(zh="与第 {line} 行的链接相同", en="Same address as line {line}"),
    "refreshing": Text(zh="本页每 2 秒自动更新。", en="This page renews itself every 2 seconds."),
    "progress": Text(zh="进度", en="Progress"),
}

LISTING_STATE_WORDS: dict[ListingState, Text] = {
    ListingState.DRAFT: Text(zh="草稿", en="Draft"),
    ListingState.BOUND: Text(zh="已绑定", en="Bound"),
    ListingState.REFUSED: Text(zh="已拒绝", en="Refused"),
    ListingState.STOP_SALE: Text(zh="停售", en="Stop sale"),
    ListingState.DELISTED: Text(zh="已下架", en="Delisted"),
}

IMPORT_STATE_WORDS: dict[ImportState, Text] = {
    ImportState.CHECKING: Text(zh="检查中", en="Being checked"),
    ImportState.READY: Text(zh="待登记", en="Checked"),
    ImportState.RUNNING: Text(zh="登记中", en="Being entered"),
    ImportState.DONE: Text(zh="完成", en="Done"),
    ImportState.FAILED: Text(zh="失败", en="Failed"),
    ImportState.DISCARDED: Text(zh="已放弃", en="Given up"),
}

APPEAL_WORDS: dict[str, Text] = {
    AppealState.OPEN: Text(zh="未结", en="Open"),
    AppealState.CLOSED: Text(zh="已结", en="Closed"),
    AppealOutcome.UPHELD: Text(zh="维持决定", en="The decision stands"),
    AppealOutcome.FACTS_CHANGED: Text(zh="事实已变，请重新请求绑定", en="Facts have changed: ask the gate again"),
}
