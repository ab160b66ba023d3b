# SPDX-License-Identifier: Apache-2.0
"""Words of the card "Was this code checked before?", Chinese and English; part of words.WORDS."""

from __future__ import annotations

from verifier.protocol.fields import Text

COUNT_WORDS: dict[str, Text] = {
    "counts_block": Text(zh="这个码以前被查验过吗？", en="Was this code checked before?"),
    "counts_first": Text(zh="您是第一个查验它的人。", en="You are the first to check it."),
    "counts_none": Text(zh="还没有记录到任何查验。", en="No check of it was counted yet."),
    "counts_first_day": Text(zh="首次查验", en="First checked on"),
    "counts_sessions": Text(zh="查验次数", en="Number of checks"),
    "counts_provinces": Text(zh="查验地区", en="Where"),
    "counts_chosen": Text(zh="查验者自己填的地区", en="Where, as people said"),
    "counts_before_shipping": Text(zh="早于厂家发货", en="Before the maker shipped it"),
    "counts_after_opening": Text(zh="开封之后的日子", en="On days after it was opened"),
    "counts_note": Text(
        zh="同一个人一天内多次打开只算一次。次数多不等于有问题；如果您买的是新品而这里早有记录，请询问卖家。",
        en="Opening it several times a day counts once. Many checks alone mean nothing; but if yours is new and this "
        "record is old, ask the seller.",
    ),
    "counts_privacy": Text(
        zh="只按码计数：不保存您的网络地址、设备、位置坐标或账号。",
        en="Counted per code: your address, device, coordinates or account are not kept.",
    ),
    "counts_open_button": Text(zh="我刚开封", en="I have just opened it"),
    "counts_open_note": Text(
        zh="新买的产品开封时点一下，以后别人再查同一个码就会显示出来。",
        en="Press it when you open a new product: later checks by others will then be seen as such.",
    ),
    "counts_opened": Text(zh="已有人表示开封。", en="Somebody said that it was opened."),
    "counts_place_label": Text(zh="您在哪个地区？（可不填）", en="Where are you? (optional)"),
    "counts_place_button": Text(zh="填写", en="Tell"),
}
