# SPDX-License-Identifier: Apache-2.0
"""Every word of the pages, in Chinese and in English, in one table. What a verdict says itself: verifier/verdict.py.

Templates and presenters name a word by its key (`w.key`); a test holds that each has both languages and is used.
"""

from __future__ import annotations

from functools import cache
from types import MappingProxyType
from typing import TYPE_CHECKING

from verifier.protocol.fields import Text
from verifier.verdict import Outcome, Status
from verifier.web.badge_page_words import BADGE_PAGE_WORDS
from verifier.web.count_words import COUNT_WORDS
from verifier.web.evidence_words import EVIDENCE_WORDS
from verifier.web.offline_words import OFFLINE_WORDS
from verifier.web.phone_words import PHONE_WORDS
from verifier.web.return_words import RETURN_WORDS
from verifier.web.scan_words import SCAN_WORDS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from verifier.web.negotiate import Language


def say(text: Text, language: Language) -> str:
    """The text in one of the two languages."""
    return text.zh if language == "zh" else text.en


WORDS: dict[str, Text] = {
    "site_name": Text(zh="产品数字护照", en="Product digital passport"),
    "other_language": Text(zh="English", en="中文"),
    "skip_to_content": Text(zh="跳到正文", en="Skip to content"),
    # check page
    "what_to_do": Text(zh="该怎么做", en="What to do"),
    "genuine_block": Text(zh="买得真", en="Is it genuine?"),
    "claimed_block": Text(zh="此码自称的产品", en="What the code claims to be"),
    "claimed_note": Text(
        zh="以下内容属于真正的品牌方，不能说明您手上的产品就是它。",
        en="What follows belongs to the real maker. It does not mean that the thing in your hand is theirs.",
    ),
    "help_block": Text(zh="服务好", en="Who helps?"),
    "protection_block": Text(zh="有保障", en="What protects me?"),
    "maker": Text(zh="生产者", en="Maker"),
    "uscc": Text(zh="统一社会信用代码", en="Unified social credit code"),
    "model": Text(zh="型号", en="Model"),
    "gtin": Text(zh="商品条码 GTIN", en="GTIN"),
    "serial": Text(zh="序列号", en="Serial number"),
    "lot": Text(zh="批号", en="Lot"),
    "production_date": Text(zh="生产日期", en="Production date"),
    "certificates": Text(zh="认证与执行标准", en="Certificates and declared standards"),
    "said_by_maker": Text(
        zh="产品信息由生产者声明并签名。", en="The maker declares and signs the product information."
    ),
    "untranslated": Text(
        zh="生产者的文件没有给出译文的内容，按原文显示。",
        en="Where it is in Chinese, the maker's document gives no translation.",
    ),
    "signed_document": Text(zh="查看签名原件", en="The signed original"),
    "no_passport": Text(
        zh="生产者还没有为该商品发布护照文件。", en="The maker has not published a passport document for this product."
    ),
    "call_maker": Text(zh="联系生产者", en="Call the maker"),
    "website": Text(zh="网站", en="Website"),
    "unknown_maker": Text(
        zh="名单里没有使用这个条码的生产者，所以没有厂家可以联系。需要帮助请拨打 12315。",
        en="No registered maker uses this GTIN, so there is no maker to call. For help, call 12315.",
    ),
    "complaint_line": Text(zh="全国消费者投诉举报热线", en="China's consumer complaints line"),
    "no_recall": Text(zh="没有涉及此产品的召回", en="No recall covers this item"),
    "as_of": Text(zh="截至", en="As of"),
    "recall_unknown": Text(zh="现在无法得知是否有召回。", en="Whether there is a recall cannot be told right now."),
    "recall_costs": Text(
        zh="商品被召回时，您因此支出的必要费用由经营者承担（《消费者权益保护法》第十九条）。",
        en="If a product is recalled, the business bears your necessary costs (PRC Consumer Rights Law, Article 19).",
    ),
    "recalled_above": Text(
        zh="此产品正在召回，召回办法和专线见上方公告。",
        en="This item is recalled: remedy and phone number are in the notice above.",
    ),
    "fraud_rights": Text(
        zh="经营者有欺诈行为的，您可以要求退还价款，并要求价款三倍的赔偿（《消费者权益保护法》第五十五条）。",
        en="If a business deceived you, you can claim the price back and three times the price in damages (PRC "
        "Consumer Rights Law, Article 55).",
    ),
    "recall_notice": Text(zh="召回公告", en="Recall notice"),
    "closed_recalls": Text(zh="已结束的召回", en="Closed recalls"),
    "closed": Text(zh="已结束", en="Closed"),
    "closed_why": Text(zh="结束原因", en="Why it was closed"),
    "hazard": Text(zh="危险", en="The hazard"),
    "remedy": Text(zh="召回办法", en="The remedy"),
    "call_recall": Text(zh="召回专线", en="Recall line"),
    "starts_on": Text(zh="开始日期", en="Starts on"),
    "recall_number": Text(zh="公告编号", en="Number"),
    "published_by": Text(zh="发布者", en="Published by"),
    "how_we_know": Text(zh="我们怎么知道的", en="How we know"),
    "how_we_know_hint": Text(zh="签名、账本与各项检查", en="Signature, ledger and every check"),
    "signing_key": Text(zh="签名密钥", en="Signing key"),
    "batch_number": Text(zh="批次", en="Batch"),
    "position": Text(zh="批次内序号", en="Position in the batch"),
    "ledger_index": Text(zh="账本条目", en="Ledger entry"),
    "snapshot_as_of": Text(zh="召回信息截至", en="Recall information as of"),
    "next_update": Text(zh="召回信息有效至", en="Recall information good until"),
    "checked_at": Text(zh="查验时间", en="Checked at"),
    "result_code": Text(zh="结果代码", en="Result code"),
    "steps": Text(zh="检查步骤", en="The checks"),
    "limits_note": Text(
        zh="数字签名能证明码的真伪，不能证明包装里是什么。",
        en="A signature proves the code, not what is in the package.",
    ),
    # asking for a code
    "ask_title": Text(zh="查验产品码", en="Check a product code"),
    "ask_label": Text(zh="粘贴或输入二维码中的网址", en="Paste or type the address in the QR code"),
    "ask_button": Text(zh="查验", en="Check"),
    "ask_hint": Text(
        zh="最简单的办法：用手机相机扫描包装上的二维码。",
        en="Easiest: point your phone's camera at the code on the package.",
    ),
    # badge
    "lost_title": Text(zh="暂时无法判断", en="We cannot tell right now"),
    "lost_sentence": Text(
        zh="与查验服务失去联系，或状态已过期。正在重试。",
        en="Contact was lost, or the status is out of date. Trying again.",
    ),
    # landing page
    "landing_lead": Text(
        zh="每件产品一个可验证的码：生产源头赋码，平台验码亮码，消费者识码用码。",
        en="One verifiable code for each item: issued at the source, shown by platforms, checked by anyone.",
    ),
    "landing_how": Text(zh="为什么可信", en="Why it can be trusted"),
    "landing_signed": Text(
        zh="码由生产者用自己的私钥签名，私钥从不离开生产者。",
        en="The maker signs each code with a private key that never leaves the maker.",
    ),
    "landing_logged": Text(
        zh="每个批次在出售前登记到公开账本，任何人都能核对，运营者也无法悄悄改写。",
        en="Each batch is in a public ledger before it is sold; anyone can audit it, nobody can quietly rewrite it.",
    ),
    "landing_recalls": Text(
        zh="召回公告几秒内到达每一个查验页面和平台徽章。",
        en="A recall reaches every check page and every badge within seconds.",
    ),
    "for_experts": Text(zh="给开发者与审计者", en="For developers and auditors"),
    "ledger_checkpoint": Text(zh="账本检查点", en="Ledger checkpoint"),
    "ledger_snapshot": Text(zh="召回与信任快照", en="Trust and recall snapshot"),
    "ledger_policy": Text(zh="账本信任策略", en="Ledger trust policy"),
    "registry_json": Text(zh="登记信息（JSON）", en="Registry description (JSON)"),
    "api_page": Text(zh="接口说明", en="The API"),
    # error pages
    "problem_title": Text(zh="无法完成这个请求", en="This request could not be completed"),
    "not_found_title": Text(zh="这里没有这个页面", en="There is no such page here"),
    "unavailable_title": Text(zh="服务暂时不可用", en="The service is not available right now"),
}
WORDS |= PHONE_WORDS | SCAN_WORDS | OFFLINE_WORDS | COUNT_WORDS | EVIDENCE_WORDS | BADGE_PAGE_WORDS | RETURN_WORDS

NOBODYS_GTIN_ACTIONS = (
    Text(zh="不要购买，不要使用。", en="Do not buy it, do not use it."),
    Text(zh="保留包装、小票和卖家信息。", en="Keep the package, the receipt and the seller's details."),
    Text(zh="拨打 12315 举报。", en="Report it: call 12315."),
)

ACTIONS: dict[Status, tuple[Text, ...]] = {
    Status.MALFORMED: (
        Text(zh="擦净标签，在光线充足处重新扫描。", en="Wipe the label and scan it again in good light."),
        Text(zh="也可以在下面粘贴码中的完整网址。", en="Or paste the whole address from the code below."),
    ),
    Status.COUNTERFEIT: (
        Text(zh="不要购买，不要使用。", en="Do not buy it, do not use it."),
        Text(zh="保留包装、小票和卖家信息。", en="Keep the package, the receipt and the seller's details."),
        Text(zh="拨打 12315 举报，或告知品牌方。", en="Report it: call 12315, or tell the maker."),
    ),
    Status.VOID: (
        Text(zh="不要购买；已购买的请暂停使用。", en="Do not buy it; if you have it, stop using it."),
        Text(zh="请卖家说明来源或退换。", en="Ask the seller where it came from, or for a refund."),
    ),
    Status.RECALLED: (
        Text(zh="停止使用。", en="Stop using it."),
        Text(zh="拨打召回专线，按召回办法处理。", en="Call the recall line and follow the remedy."),
        Text(zh="家人或朋友也有同款的，请转告他们。", en="Tell family or friends who own the same product."),
    ),
    Status.NOT_LOGGED: (
        Text(zh="先不要购买或使用。", en="Do not buy or use it for now."),
        Text(zh="联系品牌方，告知下面的序列号。", en="Contact the maker and give the serial number below."),
    ),
    Status.SUSPECT: (
        Text(zh="核对产品与下面的描述是否一致。", en="Compare the product with the description below."),
        Text(zh="新买的产品请询问卖家，或联系品牌方。", en="If it is new, ask the seller or contact the maker."),
    ),
    Status.CANNOT_TELL: (
        Text(zh="几分钟后重新打开本页。", en="Open this page again in a few minutes."),
        Text(zh="急需使用时，请直接联系生产者。", en="If it is urgent, contact the maker directly."),
    ),
    Status.GENUINE: (
        Text(zh="核对产品与下面的描述是否一致。", en="Compare the product with the description below."),
        Text(zh="使用前再扫一次，可以看到最新的召回信息。", en="Scan again later to see new recalls."),
    ),
}

SEVERITY_WORDS: dict[str, Text] = {
    "serious": Text(zh="严重风险", en="Serious risk"),
    "high": Text(zh="高风险", en="High risk"),
    "medium": Text(zh="中等风险", en="Medium risk"),
    "low": Text(zh="低风险", en="Low risk"),
}

ACTION_WORDS: dict[str, Text] = {
    "recall": Text(zh="向消费者召回", en="Recall from consumers"),
    "withdrawal": Text(zh="停止销售", en="Withdrawal from sale"),
}

OUTCOME_WORDS: dict[Outcome, Text] = {
    Outcome.PASSED: Text(zh="通过", en="passed"),
    Outcome.FAILED: Text(zh="不通过", en="failed"),
    Outcome.UNKNOWN: Text(zh="未能完成", en="could not be done"),
    Outcome.SKIPPED: Text(zh="未进行", en="not done"),
}

# A badge speaks of a lot, not of one item: what it says may not sound as if a code had been checked.
LOT_WORDS: dict[Status, tuple[Text, Text]] = {
    Status.GENUINE: (
        Text(zh="批次已登记，无召回", en="Lot registered, no recall"),
        Text(zh="收到货后请扫描包装上的码。", en="Scan the code on the package when it arrives."),
    ),
    Status.RECALLED: (
        Text(zh="该批次正在召回", en="This lot is recalled"),
        Text(zh="请勿购买；已购买的请停止使用。", en="Do not buy it; if you have it, stop using it."),
    ),
    Status.NOT_LOGGED: (
        Text(zh="该批次未登记", en="This lot is not registered"),
        Text(zh="公开账本中没有这个批次。", en="The public ledger does not hold this lot."),
    ),
    Status.CANNOT_TELL: (
        Text(zh="暂时无法判断", en="We cannot tell right now"),
        Text(zh="召回信息不是最新的，请稍后重试。", en="The recall information is not current. Try again later."),
    ),
    Status.MALFORMED: (
        Text(zh="徽章地址有误", en="This badge's address is wrong"),
        Text(zh="条码或批号的写法不对。", en="The GTIN or the lot is not well formed."),
    ),
}


@cache
def words_in(language: Language) -> Mapping[str, str]:
    """The whole table in one language."""
    return MappingProxyType({key: say(text, language) for key, text in WORDS.items()})
