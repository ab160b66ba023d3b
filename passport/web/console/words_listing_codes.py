# SPDX-License-Identifier: Apache-2.0
"""The console's words for codes about listings: refusals, errors of rows, what was done, rows of the audit trail."""

from __future__ import annotations

from passport.domain.accounts_audit import Action
from verifier.protocol.fields import Text

LISTING_REFUSALS: dict[str, Text] = {
    "not_a_platform": Text(zh="商品页面只供平台使用。", en="Listings are for platforms. Your organisation is none."),
    "person_needed": Text(zh="这要由登录的人来做。", en="A person who signs in has to do this."),
    "unknown_listing": Text(zh="本组织没有这个商品。", en="There is no such listing in your organisation."),
    "unknown_decision": Text(zh="本组织没有这个决定。", en="There is no such decision in your organisation."),
    "unknown_appeal": Text(zh="本组织没有这个申诉。", en="There is no such appeal in your organisation."),
    "unknown_import": Text(zh="本组织没有这次导入。", en="There is no such import in your organisation."),
    "unknown_entry": Text(zh="账本还没有这个条目。", en="The ledger has no such entry yet."),
    "bad_url": Text(
        zh="链接须以 https:// 开头，主机为域名，不含用户名，最多 2,048 个 ASCII 字符。",
        en="An address begins with https:// and a host name, has no user name, and at most 2,048 ASCII characters.",
    ),
    "url_taken": Text(zh="另一个商品已用了这个链接。", en="Another listing has this address."),
    "duplicate_url": Text(zh="文件中前面已有这个链接。", en="An earlier line of the file has this address."),
    "bad_seller_id": Text(
        zh="卖家编号为 1 至 64 个可见的 ASCII 字符。", en="A seller's id is 1 to 64 visible ASCII characters."
    ),
    "bad_seller_name": Text(
        zh="卖家名称为一行 1 至 80 个可见字符。", en="A seller's name is 1 to 80 visible characters on one line."
    ),
    "bad_gtin": Text(
        zh="商品条码为 8、12、13 或 14 位数字，且校验位正确。",
        en="A GTIN has 8, 12, 13 or 14 digits, and its last one checks the others.",
    ),
    "bad_lot": Text(zh="批次为 1 至 20 个 GS1 允许的字符。", en="A lot is 1 to 20 characters that GS1 allows."),
    "too_many_lots": Text(zh="最多 50 个批次。", en="There are at most 50 lots."),
    "bad_sample_code": Text(
        zh="样品码不是有效的产品码，或属于别的产品。", en="A sample is no product code, or of another product."
    ),
    "too_many_codes": Text(zh="最多 20 个样品码。", en="There are at most 20 sample codes."),
    "lots_or_codes_missing": Text(zh="请填写批次或样品码。", en="Give lots, or sample codes, or both."),
    "listing_changed": Text(zh="商品刚被修改。请重试。", en="The listing was changed just now. Ask again."),
    "bad_choice": Text(zh="请选择 1 至 200 个商品。", en="Choose 1 to 200 listings."),
    "bad_state": Text(zh="没有这种状态。", en="There is no such state."),
    "bad_appeal_text": Text(zh="请写 1 至 2,000 个可见字符。", en="Say it in 1 to 2,000 visible characters."),
    "bad_outcome": Text(zh="请选择一种结果。", en="Choose an outcome."),
    "nothing_to_appeal": Text(zh="这个决定不是拒绝。", en="The decision is not a refusal."),
    "appeal_open": Text(zh="已有未结的申诉。", en="An appeal against this decision is open."),
    "appeal_closed": Text(zh="申诉已结。", en="The appeal is closed."),
    "appeal_too_long": Text(zh="答复太多，请结束申诉。", en="There are too many answers. Close the appeal."),
    "file_empty": Text(zh="请选择一个不为空的文件。", en="Choose a file that is not empty."),
    "file_too_large": Text(zh="文件最大 32 MiB，请分成几个。", en="A file has at most 32 MiB. Split it."),
    "bad_encoding": Text(
        zh="编码不是 UTF-8 或 GB18030。请另存为“CSV UTF-8”。",
        en="This is neither UTF-8 nor GB18030. Save it as CSV UTF-8.",
    ),
    "import_in_progress": Text(zh="另一个文件正在处理，请稍候。", en="Another file is being worked on. Wait a little."),
    "import_not_ready": Text(zh="文件没有检查完，或已放弃。", en="The file has not been checked, or was given up."),
    "bad_header": Text(
        zh="第一行应为列名：url、seller_id、seller_name、gtin、lots、codes。",
        en="Line 1 names the columns: url, seller_id, seller_name, gtin, lots, codes.",
    ),
    "no_rows": Text(zh="第一行以下没有内容。", en="There are no rows below the first line."),
    "too_many_rows": Text(
        zh="最多 100,000 行，请分成几个文件。", en="There are more than 100,000 rows. Split the file."
    ),
    "line_too_long": Text(zh="这一行太长。", en="The line is too long."),
    "nul_character": Text(zh="这一行含有空字符（NUL）。", en="The line holds a NUL character."),
    "bad_quoting": Text(
        zh="引号不成对，或字段中有换行。", en="A quotation mark is missing, or a field holds a line break."
    ),
    "wrong_number_of_fields": Text(zh="列数与第一行不同。", en="The number of fields differs from the first line's."),
}
"""Refusals of forms, and what may be wrong with a row of a file."""

LISTING_FIELDS: dict[str, str] = {
    "bad_url": "url",
    "url_taken": "url",
    "bad_seller_id": "seller_id",
    "bad_seller_name": "seller_name",
    "bad_gtin": "gtin",
    "bad_lot": "lots",
    "too_many_lots": "lots",
    "bad_sample_code": "codes",
    "too_many_codes": "codes",
    "lots_or_codes_missing": "lots",
    "bad_appeal_text": "text",
    "file_empty": "file",
    "bad_encoding": "file",
    "file_too_large": "file",
}

LISTING_DONE: dict[str, Text] = {
    "listing_created": Text(zh="商品已登记。", en="The listing is entered."),
    "listing_updated": Text(zh="商品已修改，请重新绑定。", en="The listing is changed. Bind it again."),
    "listing_delisted": Text(zh="商品已标记为下架。", en="The listing is marked as taken down."),
    "listing_bound": Text(zh="商品已绑定。", en="The listing is bound."),
    "appeal_opened": Text(zh="申诉已提出。", en="The appeal is open."),
    "appeal_answered": Text(zh="答复已保存。", en="The answer is kept."),
    "appeal_closed": Text(zh="申诉已结束。", en="The appeal is closed."),
    "import_uploaded": Text(zh="文件已上传。", en="The file is here."),
    "import_started": Text(zh="开始登记。", en="The listings are being entered."),
    "import_discarded": Text(zh="文件已放弃。", en="The file is given up."),
}

LISTING_ACTIONS: dict[str, Text] = {
    Action.LISTING_CREATED: Text(zh="登记商品", en="Listing entered"),
    Action.LISTING_UPDATED: Text(zh="修改商品", en="Listing changed"),
    Action.LISTING_BOUND: Text(zh="绑定商品", en="Listing bound"),
    Action.LISTING_REFUSED: Text(zh="绑定被拒绝", en="Listing refused"),
    Action.LISTING_DELISTED: Text(zh="商品下架", en="Listing taken down"),
    Action.LISTINGS_EXPORTED: Text(zh="导出商品", en="Listings exported"),
    Action.IMPORT_UPLOADED: Text(zh="上传导入文件", en="Import uploaded"),
    Action.IMPORT_STARTED: Text(zh="开始导入", en="Import started"),
    Action.IMPORT_ENDED: Text(zh="导入结束", en="Import ended"),
    Action.IMPORT_DISCARDED: Text(zh="放弃导入", en="Import given up"),
    Action.APPEAL_OPENED: Text(zh="提出申诉", en="Appeal opened"),
    Action.APPEAL_ANSWERED: Text(zh="答复申诉", en="Appeal answered"),
    Action.APPEAL_CLOSED: Text(zh="结束申诉", en="Appeal closed"),
}
