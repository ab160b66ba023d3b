# SPDX-License-Identifier: Apache-2.0
"""The console's words for badges: policy, alerts, rows of the audit trail. ADR 0012."""

from __future__ import annotations

from passport.domain.accounts_audit import Action
from verifier.protocol.fields import Text

BADGE_WORDS: dict[str, Text] = {
    "nav_badges": Text(zh="徽章", en="Badges"),
    "badges_lead": Text(
        zh="徽章由平台的令牌绑定到一个商品页面。这里是谁可以展示，以及它出现在了哪些不该出现的地方。",
        en="A badge is bound to the page of one listing by a token of yours. Here is who may show it, and where it was "
        "seen that it does not belong.",
    ),
    "badge_policy": Text(zh="徽章规则", en="Badge policy"),
    "badges_are_on": Text(zh="展示徽章", en="Badges are shown"),
    "badges_are_off": Text(zh="不展示徽章", en="No badges are shown"),
    "badges_switch": Text(zh="展示徽章（关闭后全部显示灰色）", en="Show badges (off: all of them are grey)"),
    "badge_origins": Text(zh="其他允许的网站", en="Further sites"),
    "badge_origins_hint": Text(
        zh="除商品链接自己的网站外，每行一个，如 https://m.shop.example.cn，最多 20 个",
        en="Beside each listing's own; one to a line, such as https://m.shop.example.cn; 20 at most",
    ),
    "badge_origins_none": Text(zh="没有", en="None"),
    "badge_policy_officer": Text(
        zh="只有首席质量官可以修改徽章规则。", en="The chief quality officer alone changes this policy."
    ),
    "badge_policy_save": Text(zh="保存规则", en="Keep this policy"),
    "badge_alerts": Text(zh="警报", en="Alerts"),
    "badge_alerts_lead": Text(
        zh="位置来自浏览器，也可能有人伪造：请打开核实后再处理。",
        en="The place is what a browser said, and anybody can say something else: look before you act.",
    ),
    "badge_no_alerts": Text(zh="没有警报。", en="There are no alerts."),
    "badge_place": Text(zh="位置", en="Place"),
    "badge_place_hidden": Text(zh="页面没有说明", en="The page did not say"),
    "badge_reason": Text(zh="原因", en="Why"),
    "badge_first_seen": Text(zh="首次", en="First seen"),
    "badge_last_seen": Text(zh="最近", en="Last seen"),
    "badge_count": Text(zh="次数", en="Times"),
    "badge_mark": Text(zh="标为已阅", en="Mark as seen"),
    "badge_marked": Text(zh="已阅", en="Seen"),
    "badge_listing": Text(zh="商品", en="Listing"),
}

BADGE_REASONS: dict[str, Text] = {
    "foreign_origin": Text(zh="在另一个网站上", en="On another site"),
    "another_page": Text(zh="在另一个页面上", en="On another page"),
    "no_page": Text(zh="页面隐藏了自己的地址", en="The page hid its address"),
}

BADGE_DONE: dict[str, Text] = {
    "badge_policy_changed": Text(zh="徽章规则已保存。", en="The badge policy is kept."),
    "badge_alert_marked": Text(zh="已标为已阅。", en="It is marked as seen."),
}

BADGE_REFUSALS: dict[str, Text] = {
    "bad_origin": Text(
        zh="网站写作 https://主机 或 https://主机:端口，小写，后面没有其他内容。",
        en="A site is written https://host or https://host:port, in lower case, with nothing behind it.",
    ),
    "too_many_origins": Text(zh="最多 20 个网站。", en="There are at most 20 sites."),
    "unknown_alert": Text(zh="本组织没有这条警报。", en="There is no such alert in your organisation."),
}
BADGE_FIELDS = {"bad_origin": "origins", "too_many_origins": "origins"}

BADGE_ACTIONS: dict[str, Text] = {
    Action.BADGE_POLICY_CHANGED: Text(zh="修改徽章规则", en="Badge policy changed"),
    Action.BADGE_ALERT_MARKED: Text(zh="徽章警报已阅", en="Alert of a badge marked as seen"),
}
