# SPDX-License-Identifier: Apache-2.0
"""Words of the phone's own block of the check page, Chinese and English. They come with the page, not the script."""

from __future__ import annotations

from verifier.protocol.fields import Text
from verifier.web.offline_words import OFFLINE_SCRIPT_WORDS

# For the template, by key; part of words.WORDS.
PHONE_WORDS: dict[str, Text] = {
    "server_block": Text(zh="服务器的说法", en="The server's word"),
    "phone_differs_here": Text(
        zh="服务器的说法与您手机的结果不同。", en="The server's word differs from what your phone found."
    ),
    "phone_differs_below": Text(
        zh="以下内容同样来自服务器，请谨慎对待。", en="What follows comes from the server as well: take it with care."
    ),
    "phone_block": Text(zh="您的手机自己核对的结果", en="What your own phone found"),
    "phone_idle": Text(zh="手机还没有核对", en="Not checked by your phone"),
    "phone_idle_note": Text(
        zh="如果几秒钟后仍然这样，说明这个浏览器不能自己核对（例如停用了脚本），本页只有服务器的说法。",
        en="If this stays, your browser cannot check (scripts may be off), and this page has the server's word alone.",
    ),
    "phone_steps": Text(zh="逐项核对", en="Step by step"),
    "phone_notices": Text(zh="手机在签名名单中读到的召回", en="The recall, as your phone read it in the signed list"),
    "ledger_size": Text(zh="账本条目数", en="Entries in the ledger"),
    "witnesses": Text(zh="见证方", en="Witnesses"),
    "phone_memory": Text(zh="信任的起点", en="Where trust began"),
    "phone_limits": Text(
        zh="验算由这部手机完成，所用的密钥是第一次访问时从本服务器取得并记住的，验算程序也来自本服务器。因此它能发现数据被改动、"
        "服务器前后说法不一、账本出现两个版本；但一开始就给出假程序的服务器，它发现不了。要排除这一点，请用独立的核验工具。",
        en="This phone did the work. The keys came from this server at the first visit and are remembered since; the "
        "script comes from this server too. So it finds changed data, a server that contradicts itself and a forked "
        "ledger, but not a server that sends a false script. To rule that out, use an independent verifier.",
    ),
    "phone_forget": Text(zh="忘记这个登记处，从头开始", en="Forget this registry and start anew"),
    "alarm_save": Text(zh="保存两份签名（文本文件）", en="Save both signed notes (text file)"),
    "alarm_show": Text(zh="查看签名原文", en="Read the notes"),
}

# For the script, by key.
SCRIPT_WORDS: dict[str, Text] = {
    "busy": Text(zh="正在核对…", en="Checking…"),
    "busy.note": Text(
        zh="手机正在自己验算签名和账本，不看服务器的结论。",
        en="Your phone is working out signature and ledger by itself, whatever the server says.",
    ),
    "failed": Text(zh="手机没能核对", en="Your phone could not check"),
    "failed.note": Text(
        zh="核对所需的数据没有到齐。本页只有服务器的说法，手机没有证实它。请联网后重新打开本页。",
        en="What the check needs did not arrive. This page has the server's word alone, and your phone has not "
        "confirmed it. Open the page again when you are online.",
    ),
    "failed.browser": Text(
        zh="这个浏览器缺少核对所需的功能（需要 https 和近几年的版本）。本页只有服务器的说法，手机没有证实它。",
        en="This browser lacks what the check needs (https, and a version of recent years). This page has the server's "
        "word alone, and your phone has not confirmed it.",
    ),
    "agrees": Text(zh="与服务器的说法一致。", en="The server says the same."),
    "adds": Text(
        zh="这个码以前在多少地方、被查验过多少次，只有服务器知道，请看服务器的说法。",
        en="Where and how often this code was checked before is known to the server alone: see its word.",
    ),
    "title.adds": Text(zh="码本身没有问题", en="The code itself is in order"),
    "sentence.adds": Text(
        zh="它由品牌方签发，已在公开账本登记，截至下方时间没有召回。它有没有被复制到别的产品上，手机从码本身看不出来。",
        en="The maker issued it, it is in the public ledger, and there was no recall as of the time below. Whether it "
        "was copied onto another product, your phone cannot see from the code.",
    ),
    "differs": Text(
        zh="与服务器的说法不同！请以手机的结果为准；如果服务器的说法更严重，也不要忽视。",
        en="The server says something else! Go by your phone's result; if the server's word is the graver one, do not "
        "ignore it.",
    ),
    "clock": Text(
        zh="手机的时间与服务器相差较大，请先检查手机的日期和时间。",
        en="Your phone's clock and the server's are far apart: check date and time of your phone first.",
    ),
    "as_of": Text(zh="召回信息截至", en="Recall information as of"),
    "instant": Text(zh="{day} {time}（北京时间 UTC+8）", en="{day}, {time} (UTC+8)"),
    "count": Text(zh="{all} 项中 {passed} 项通过", en="{passed} of {all} passed"),
    "witnesses.none": Text(zh="无", en="None"),
    "witnesses.some": Text(zh="{count} 个，最近一次 {when}", en="{count}, the last one on {when}"),
    "memory.first": Text(
        zh="第一次访问：账本的密钥来自本服务器，手机从现在起记住它",
        en="First visit: the ledger's key came from this server, and your phone remembers it from now on",
    ),
    "memory.since": Text(zh="{when} 起记住的密钥和账本版本", en="Key and history remembered since {when}"),
    "memory.none": Text(
        zh="没有记住任何内容：账本的密钥刚刚来自本服务器",
        en="Nothing is remembered: the ledger's key came from this server just now",
    ),
    "alarm.fork": Text(zh="账本出现了两个版本", en="The ledger shows two histories"),
    "alarm.fork.note": Text(
        zh="运营者为同一本账本签署了互相矛盾的两个版本，网络故障不会造成这种情况。请保存两份签名：它们合在一起就是证据，"
        "可以交给品牌方、平台或监管部门。",
        en="The operator signed two versions of one ledger that contradict each other. No network fault does this. "
        "Save both notes: together they are proof, for the maker, the platform or the authority.",
    ),
    "alarm.key": Text(zh="账本的密钥换了", en="The ledger's key has changed"),
    "alarm.key.note": Text(
        zh="它与手机以前记住的不同，而账本的密钥是不更换的。除非您确知这个登记处已重新建立，否则不要相信现在的内容。",
        en="It is not the one that your phone remembers, and a ledger's key never changes. Unless you know that this "
        "registry was set up anew, do not trust what it shows now.",
    ),
    "alarm.back": Text(zh="账本退回到了旧版本", en="The ledger went back"),
    "alarm.back.note": Text(
        zh="服务器给出的内容比手机上次看到的旧，可能漏掉最近的召回。请稍后重新打开；如果一直这样，请保存两份签名。",
        en="The server shows an older state than your phone saw before; recent recalls may be missing. Open the page "
        "again later. If it stays so, save both notes.",
    ),
} | OFFLINE_SCRIPT_WORDS

# What each step asks, in plain words: whatever came of it, the question is the same.
STEP_QUESTIONS: tuple[Text, ...] = (
    Text(zh="网址完整吗？", en="Is the address complete?"),
    Text(zh="签发此码的密钥在该品牌的登记名单里吗？", en="Is the key that made it on this brand's list?"),
    Text(zh="用这把密钥验算，内容一个字都没改过吗？", en="Worked out with that key: was nothing changed?"),
    Text(zh="网址里的序列号和签名里的是同一个吗？", en="Do address and signature name the same serial number?"),
    Text(
        zh="账本由登记过的密钥签名了吗？要求的见证方也签了吗？",
        en="Did the ledger's own key sign, and the witnesses that are asked for?",
    ),
    Text(zh="和手机上次看到的是同一本账吗？", en="Is it the same ledger that your phone saw last time?"),
    Text(zh="生产者把这个批次写进公开账本了吗？", en="Did the maker enter the batch in the public ledger?"),
    Text(zh="这个批次里真有这件产品吗？", en="Is there such an item in that batch?"),
    Text(zh="那件产品登记的就是手上这个码吗？", en="Is the code in your hand the one that was entered for it?"),
    Text(zh="签名的名单里有召回或作废吗？名单还有效吗？", en="Does the signed list, still current, recall or void it?"),
    Text(zh="以上各项合在一起怎么说？", en="What do all of these say together?"),
)
