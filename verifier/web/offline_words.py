# SPDX-License-Identifier: Apache-2.0
"""Words for a time without a network, Chinese and English: the shell page, what is kept, batches taken along."""

from __future__ import annotations

from verifier.protocol.fields import Text

# For templates, by key; part of words.WORDS.
OFFLINE_WORDS: dict[str, Text] = {
    "offline_title": Text(zh="没有网络：由您的手机自己核对", en="No connection: your phone checks by itself"),
    "offline_server": Text(zh="没有询问服务器", en="The server was not asked"),
    "offline_server_note": Text(
        zh="现在连接不上网络或服务器，所以这里没有服务器的说法。没有网络时，您的手机只能用以前存下的签名名单和账本证据自己核对，"
        "结果只反映名单上那个时间为止的情况。",
        en="There is no network, or the server does not answer, so it has no word here. Your phone can now check only "
        "by signed lists and evidence that it kept before, and what it finds holds as of the time of that list.",
    ),
    "offline_limits": Text(
        zh="没有网络时，手机不知道这个码被查过多少次，也不知道名单时间之后发布的召回。联网后请再查一次。",
        en="Without a network your phone knows neither how often this code was checked nor recalls that were published "
        "after the time of the list. Check again when you are online.",
    ),
    "offline_retry": Text(zh="联网再查", en="Ask again, with the server"),
    "take_along": Text(zh="没有网络也能查", en="Checking without a network"),
    "take_along_lead": Text(
        zh="把一个批次带在手机上，这个批次的每个码都可以在没有网络时核对，直到召回名单的有效期为止。",
        en="Take a batch along on this phone, and each of its codes can be checked without a network, as long as the "
        "list of recalls is current.",
    ),
    "take_along_remove": Text(zh="删除", en="Remove"),
    "take_along_none": Text(zh="还没有。先在联网时查一个码。", en="None yet. Check a code while you are online."),
}

# For the check page's script, by key; part of phone_words.SCRIPT_WORDS.
OFFLINE_SCRIPT_WORDS: dict[str, Text] = {
    "alone": Text(
        zh="没有网络：没有询问服务器，由您的手机自己核对。",
        en="No connection: the server was not asked; your phone checked by itself.",
    ),
    "as_of.offline": Text(
        zh="召回信息截至 {when}（{age}前），有效至 {until}",
        en="Recall information as of {when} ({age} old), valid until {until}",
    ),
    "as_of.over": Text(
        zh="召回信息截至 {when}（{age}前），{until} 起已失效",
        en="Recall information as of {when} ({age} old), no longer valid since {until}",
    ),
    "age.minutes": Text(zh="{count} 分钟", en="{count} min"),
    "age.hours": Text(zh="{count} 小时", en="{count} h"),
    "age.days": Text(zh="{count} 天", en="{count} days"),
    "known.seal": Text(
        zh="已知：签名是品牌方登记的密钥签的。", en="What is known: the maker's registered key made the seal."
    ),
    "known.no_recall": Text(zh="截至 {when} 没有涉及它的召回。", en="No recall covered it as of {when}."),
    "known.no_ledger": Text(
        zh="没有在账本中核对到这个码，所以不能说它是真的。",
        en="It was not looked up in the ledger, so it cannot be called genuine.",
    ),
    "kept": Text(
        zh="已存在手机上：在 {until} 之前，没有网络也能再查这个码。",
        en="Kept on this phone: this code can be checked again without a network until {until}.",
    ),
    "kept.none": Text(
        zh="这个浏览器不保存内容：没有网络时不能再查。",
        en="This browser keeps nothing: without a network the code cannot be checked again.",
    ),
}

# What stands in the shell page in the place of these words of phone_words.SCRIPT_WORDS.
SHELL_WORDS: dict[str, Text] = {
    "failed.note": Text(
        zh="没有网络，手机上也没有存下核对所需的内容。请联网后重新打开本页。",
        en="There is no network, and this phone has not kept what the check needs. Open the page again when you are "
        "online.",
    ),
    "failed.browser": Text(
        zh="没有网络，这个浏览器也缺少核对所需的功能。请联网后重新打开本页。",
        en="There is no network, and this browser lacks what the check needs. Open the page again when you are online.",
    ),
    "busy.note": Text(
        zh="没有网络，手机正在用存下的内容自己验算。",
        en="There is no network: your phone is working it out from what it has kept.",
    ),
}

# For take_along.mjs, by key.
TAKE_ALONG_WORDS: dict[str, Text] = {
    "about": Text(zh="批次 {lot}：{count} 个码，约 {size}", en="Lot {lot}: {count} codes, about {size}"),
    "until": Text(zh="没有网络时可查至 {until}", en="Can be checked without a network until {until}"),
    "over": Text(zh="已过期（{until}）：请联网更新", en="Out of date ({until}): connect to a network to renew it"),
    "unknown": Text(zh="请联网更新", en="Connect to a network to renew it"),
    "instant": Text(zh="{day} {time}（北京时间 UTC+8）", en="{day}, {time} (UTC+8)"),
}

# What a phone alone can meet; part of reasons.REASONS.
OFFLINE_REASONS: dict[str, Text] = {
    "not_on_this_phone": Text(
        zh="没有网络，这个码的账本证据也不在这部手机上。",
        en="There is no network, and the ledger's evidence for this code is not on this phone.",
    ),
    "stored_list_is_old": Text(
        zh="手机存下的名单比它见过的旧，可能漏掉召回。请联网更新。",
        en="The list on this phone is older than one that it has seen; recalls may be missing. Go online to renew it.",
    ),
    "not_linked": Text(
        zh="手机存下的名单和账本证据还没有连上。请联网更新。",
        en="The list and the evidence on this phone were not linked to each other. Go online to renew them.",
    ),
}
