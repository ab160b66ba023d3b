# SPDX-License-Identifier: Apache-2.0
"""The labels of a listing's badge and of the page behind it. What a badge says: listing_badge_words.py. ADR 0012."""

from __future__ import annotations

from verifier.protocol.fields import Text

BADGE_PAGE_WORDS: dict[str, Text] = {
    "badge_seller": Text(zh="卖家", en="Seller"),
    "badge_gtin_end": Text(zh="条码末四位", en="GTIN ends in"),
    "badge_checked": Text(zh="查验于", en="Checked at"),
    "badge_code": Text(zh="本分钟验证码", en="Code of this minute"),
    "badge_about": Text(zh="查看证明", en="See the proof"),
    "badge_new_window": Text(zh="在新窗口打开", en="opens in a new window"),
    "badge_region": Text(zh="产品护照徽章", en="Product passport badge"),
    "about_title": Text(zh="商品徽章的证明", en="What stands behind the badge"),
    "about_lead": Text(
        zh="请核对：下面的网址应是您刚才浏览的页面，验证码应与徽章上的相同。",
        en="Compare: the address below is the page that you came from, and the code is the same as on the badge.",
    ),
    "about_differs": Text(
        zh="若不相同，您看到的徽章是仿冒的。", en="If one of them differs, the badge that you saw is a copy."
    ),
    "about_code_before": Text(zh="上一分钟", en="The minute before"),
    "about_listing": Text(zh="商品", en="The listing"),
    "about_address": Text(zh="商品页面", en="Its page"),
    "about_address_unknown": Text(zh="此节点不掌握网址，只知道网站", en="This node knows the site, and not the page"),
    "about_platform": Text(zh="平台", en="Platform"),
    "about_product": Text(zh="产品", en="Product"),
    "about_proof": Text(zh="公开账本中的证明", en="Proof in the public ledger"),
    "about_proof_lead": Text(
        zh="以下是账本中的条目，任何人都可以下载并核对。",
        en="These are entries of the ledger; anybody can download and check them.",
    ),
    "about_entry": Text(zh="条目", en="Entry"),
    "about_batch": Text(zh="批次登记", en="Batch"),
    "about_passport": Text(zh="护照发布", en="Passport published"),
    "about_recall": Text(zh="召回公告", en="Recall notice"),
    "about_document": Text(zh="签名的护照原文", en="The signed passport itself"),
    "about_size": Text(zh="账本条目数", en="Entries in the ledger"),
    "about_any_lot": Text(zh="任何批次", en="Any lot"),
    "about_nothing": Text(zh="账本中没有这个批次的条目。", en="The ledger has no entry about this lot."),
    "about_more": Text(zh="还有更多条目未列出。", en="There are more entries than are listed here."),
}
