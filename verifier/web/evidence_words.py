# SPDX-License-Identifier: Apache-2.0
"""What the check page says about keeping evidence, in Chinese and in English."""

from __future__ import annotations

from verifier.protocol.fields import Text

EVIDENCE_WORDS: dict[str, Text] = {
    "evidence_title": Text(zh="保存证据", en="Keep the evidence"),
    "evidence_lead": Text(
        zh="一个文件：这个码、查验结果、账本证据，还有一页可打印的举证单。投诉时连同整个文件交给平台或 12315。",
        en="One file: this code, the result, the ledger's evidence, and a sheet to print. Hand the whole file to the "
        "platform, or to 12315, when you complain.",
    ),
    "evidence_button": Text(zh="一键举证", en="Save evidence"),
    "evidence_more": Text(zh="补充商品页面、说明或照片（可选）", en="Add the listing, a note or photos"),
    "evidence_listing": Text(zh="商品页面网址", en="Address of the listing"),
    "evidence_note": Text(zh="说明", en="Note"),
    "evidence_photos": Text(zh="照片（最多 10 张）", en="Photos (10 at most)"),
    "evidence_photos_note": Text(
        zh="文件里只有照片的指纹（SHA-256）。照片请自己保留。手机查验后，指纹在您的手机上计算，照片不会上传；"
        "否则照片会发到服务器，只计算指纹，不保存。",
        en="Only the photos' fingerprints (SHA-256) go into the file; keep the photos yourself. Once your phone has "
        "checked the code, it works them out and no photo leaves it; otherwise photos are sent to the server, which "
        "hashes them and keeps nothing.",
    ),
    "evidence_privacy": Text(
        zh="除了您在这里填写的内容，文件里没有任何个人信息。",
        en="Apart from what you type here, there is nothing personal in the file.",
    ),
    "evidence_saved": Text(
        zh="已保存 {name}。里面有举证单 sheet.html 和机器证据。任何人都可以不联网核对：verifier evidence check。"
        "改动一个字节就会被发现。",
        en="Saved {name}. It holds the sheet (sheet.html) and the machine evidence. Anybody can check it without a "
        "network: verifier evidence check. One changed byte is found.",
    ),
    "evidence_busy": Text(zh="正在整理证据……", en="Collecting the evidence…"),
    "evidence_by_server": Text(
        zh="这里无法由手机生成，已改由服务器生成文件。",
        en="Your phone could not make the file here; the server makes it instead.",
    ),
    "evidence_failed": Text(
        zh="手机无法生成这个文件。联网并去掉照片后，可由服务器生成。",
        en="Your phone could not make the file. With a network and without photos the server can make it.",
    ),
    "evidence_bad_listing_url": Text(
        zh="商品页面网址要以 https:// 开头，不含空格，最多 2048 个字符。",
        en="The listing's address begins with https:// and has at most 2,048 characters, without spaces.",
    ),
    "evidence_note_too_long": Text(zh="说明最多 2000 个字。", en="A note has at most 2,000 characters."),
    "evidence_too_many_photos": Text(zh="最多 10 张照片。", en="10 photos at most."),
    "evidence_photo_too_large": Text(zh="每张照片最多 20 MB。", en="A photo has at most 20 MB."),
}
