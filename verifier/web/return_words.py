# SPDX-License-Identifier: Apache-2.0
"""Words of the card "Has yours been remedied?" and of the page behind it, Chinese and English; part of words.WORDS."""

from __future__ import annotations

from verifier.protocol.fields import Text

RETURN_WORDS: dict[str, Text] = {
    "returned_block": Text(zh="您的产品处理了吗？", en="Has yours been dealt with?"),
    "returned_lead": Text(
        zh="处理完后请点一下。人们由此能看到这次召回完成了多少。",
        en="Tell us once it is done: then everybody sees how far this recall has come.",
    ),
    "returned_remedied": Text(zh="已修好或已换新", en="It was repaired or replaced"),
    "returned_returned": Text(zh="已退回或已上交", en="I gave it back"),
    "returned_privacy": Text(
        zh="不需要登录。每个码只计一次，不能撤回；不保存您的网络地址、设备或任何个人信息。",
        en="No sign-in. Each code counts once and cannot be taken back; your address, device or anything about you is "
        "not kept.",
    ),
    "returned_told": Text(zh="这个码已经计入召回完成情况。", en="This code is counted as dealt with."),
    "returned_thanks": Text(zh="谢谢，已计入。", en="Thank you. It is counted."),
    "returned_thanks_more": Text(
        zh="您的产品已计入这次召回的完成率。",
        en="Your product now counts towards the return rate of this recall.",
    ),
    "returned_before": Text(zh="谢谢，这个码之前已经计入。", en="Thank you. This code was counted before."),
    "returned_before_more": Text(
        zh="每个码只计一次，所以这次没有再加。", en="Each code counts once, so nothing was added this time."
    ),
    "returned_refused": Text(zh="这个码不能计入", en="This code cannot be counted"),
    "returned_refused_more": Text(
        zh="只有账本能证明、并且正在召回的码才能计入这次召回。这个码不在其中，或现在无法判断。",
        en="Only a code that the ledger proves, and that this recall covers, counts for it. This one is not among "
        "them, or it cannot be told just now.",
    ),
    "returned_back": Text(zh="回到查验结果", en="Back to the result"),
}
