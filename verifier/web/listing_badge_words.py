# SPDX-License-Identifier: Apache-2.0
"""What the badge of a listing says, in Chinese and in English. ADR 0012."""

from __future__ import annotations

from verifier.protocol.fields import Text
from verifier.web.badge_judge import BadgeSays

SAYS_WORDS: dict[BadgeSays, tuple[Text, Text]] = {
    BadgeSays.GOOD: (
        Text(zh="批次已登记，无召回", en="Lot registered, no recall"),
        Text(zh="收到货后请扫描包装上的码。", en="Scan the code on the package when it arrives."),
    ),
    BadgeSays.RECALLED: (
        Text(zh="正在召回，请勿购买", en="Recalled: do not buy"),
        Text(zh="已购买的请停止使用，并联系生产者。", en="If you have it, stop using it and call the maker."),
    ),
    BadgeSays.STOP_SALE: (
        Text(zh="已停止销售", en="Sale stopped"),
        Text(zh="平台已因召回停止销售此商品。", en="The platform has stopped this sale because of a recall."),
    ),
    BadgeSays.NOT_LOGGED: (
        Text(zh="该批次未登记", en="This lot is not registered"),
        Text(zh="公开账本中没有这个批次。", en="The public ledger does not hold this lot."),
    ),
    BadgeSays.UNKNOWN: (
        Text(zh="状态未知", en="Status unknown"),
        Text(zh="现在无法说明这件商品的状态。", en="Nothing can be said about this product right now."),
    ),
}

REASON_WORDS: dict[str, Text] = {
    "expired": Text(zh="徽章已过期，请刷新商品页面。", en="This badge has expired. Reload the shop's page."),
    "not_yet_valid": Text(zh="徽章还未生效。", en="This badge does not count yet."),
    "foreign_origin": Text(zh="此徽章属于另一个网站。", en="This badge belongs to another site."),
    "another_page": Text(zh="此徽章属于另一个页面。", en="This badge belongs to another page."),
    "no_page": Text(
        zh="所在页面没有说明自己是哪一页，无法核对。",
        en="The page around this badge does not say which one it is.",
    ),
    "unknown_listing": Text(zh="平台没有这个商品。", en="The platform has no such listing."),
    "origin_not_allowed": Text(zh="此网站未获准展示该徽章。", en="This site may not show this badge."),
    "listing_differs": Text(zh="徽章与平台登记的商品不一致。", en="The badge and the platform's listing differ."),
    "badges_off": Text(zh="平台目前不展示徽章。", en="The platform shows no badges at present."),
    "not_bound": Text(zh="此商品没有通过准入。", en="This listing has not passed the gate."),
    "seller_sanctioned": Text(zh="此卖家目前不能展示徽章。", en="This seller may show no badge at present."),
    "snapshot_stale": Text(zh="召回信息已过期，请稍后再看。", en="The recall list is out of date. Look again later."),
}
"""The sentence of an UNKNOWN badge, by reason; any other reason is about the token and gets the general one."""
