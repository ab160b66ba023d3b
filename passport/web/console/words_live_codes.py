# SPDX-License-Identifier: Apache-2.0
"""What was refused or done with dossiers, sanctions and sellers, by code; ADR 0012."""

from __future__ import annotations

from passport.domain.accounts_audit import Action
from verifier.protocol.fields import Text

LIVE_REFUSALS: dict[str, Text] = {
    "not_a_lister": Text(
        zh="黑名单只供平台和监管部门。", en="Sanctions are for platforms and authorities. Your organisation is neither."
    ),
    "unknown_dossier": Text(zh="没有这份档案。", en="There is no such dossier."),
    "no_document": Text(zh="档案批准后才有文件。", en="A dossier has a document once it is approved."),
    "dossier_changed": Text(zh="档案刚被修改，请重新查看。", en="The dossier was changed meanwhile. Look at it again."),
    "dossier_decided": Text(
        zh="档案已有结论：请修改，或新建一份。", en="The dossier is decided: change it, or make a new one."
    ),
    "dossier_not_submitted": Text(zh="档案没有在等待批准。", en="The dossier is not waiting for a decision."),
    "dossier_too_large": Text(zh="档案太长。", en="The dossier is too long."),
    "bad_room": Text(
        zh="直播间编号和名称各为 1 至 80 个可见字符。",
        en="Id and name of the room are 1 to 80 visible characters each.",
    ),
    "bad_session_at": Text(zh="请填写场次的日期和时间。", en="Give date and time of the session."),
    "bad_title": Text(zh="标题为 1 至 200 个可见字符。", en="The item's title is 1 to 200 visible characters."),
    "bad_report": Text(
        zh="报告须有种类、编号、出具机构和起止日期；证书还须有类别。",
        en="A report has kind, number, issuer and both dates; a certificate has a scheme as well.",
    ),
    "too_many_reports": Text(zh="最多 20 份报告。", en="There are at most 20 reports."),
    "bad_scan": Text(
        zh="样品码应为一行、最多 512 个字符。", en="A sample's code is one line of at most 512 characters."
    ),
    "bad_note": Text(zh="请写 1 至 2,000 个可见字符。", en="Say it in 1 to 2,000 visible characters."),
    "unknown_sanction": Text(zh="名单中没有这一条。", en="There is no such sanction."),
    "unknown_sanction_appeal": Text(zh="没有这个申诉。", en="There is no such appeal."),
    "sanction_not_active": Text(zh="它不在名单上。", en="It is not on the list."),
    "sanction_not_proposed": Text(zh="它不是提议。", en="It is not a proposal."),
    "not_yours_to_close": Text(
        zh="由列入名单的一方结束申诉。", en="Who put the sanction on the list closes the appeal."
    ),
    "bad_subject_kind": Text(zh="没有这种对象。", en="There is no such kind of subject."),
    "wrong_subject_kind": Text(
        zh="平台列卖家，监管部门列企业。", en="A platform lists its sellers, an authority lists companies."
    ),
    "bad_uscc": Text(
        zh="统一社会信用代码为 18 位，且校验位正确。",
        en="A unified social credit code has 18 characters, and two of them check the others.",
    ),
    "bad_reason": Text(
        zh="理由为 1 至 500 个可见字符，中英文都要。",
        en="The reason is 1 to 500 visible characters, in both languages.",
    ),
    "bad_evidence": Text(
        zh="至少一条证据，每条须有标题和 https 链接。",
        en="Give at least one piece of evidence, with title and https link.",
    ),
    "bad_rule_version": Text(
        zh="规则写作 1 至 40 个不含空格的字符。", en="The rule is 1 to 40 characters without spaces."
    ),
    "bad_term": Text(zh="请填写起始日期；终止日期不得早于它。", en="Give the first day; the last is not before it."),
}

LIVE_FIELDS: dict[str, str] = {
    "bad_room": "room_id",
    "bad_session_at": "session_at",
    "bad_title": "item_title",
    "bad_report": "reports",
    "too_many_reports": "reports",
    "bad_scan": "sample_code",
    "bad_uscc": "uscc",
    "bad_reason": "reason_zh",
    "bad_evidence": "evidence",
    "bad_rule_version": "rule_version",
    "bad_term": "from_on",
}

LIVE_DONE: dict[str, Text] = {
    "dossier_created": Text(zh="档案已登记。", en="The dossier is entered."),
    "dossier_updated": Text(zh="档案已修改。", en="The dossier is changed."),
    "dossier_submitted": Text(zh="档案已提交。", en="The dossier is submitted."),
    "dossier_approved": Text(zh="档案已批准。", en="The dossier is approved."),
    "dossier_rejected": Text(zh="档案未获批准。", en="The dossier is rejected."),
    "sanction_created": Text(zh="已保存。", en="It is kept."),
    "sanction_activated": Text(zh="已列入名单。", en="It is on the list."),
    "sanction_declined": Text(zh="未列入名单。", en="It is declined."),
    "sanction_lifted": Text(zh="已解除。", en="It is lifted."),
    "seller_kept": Text(zh="卖家已登记。", en="The seller is entered."),
}

LIVE_ACTIONS: dict[str, Text] = {
    Action.DOSSIER_CREATED: Text(zh="登记选品档案", en="Dossier entered"),
    Action.DOSSIER_UPDATED: Text(zh="修改选品档案", en="Dossier changed"),
    Action.DOSSIER_SUBMITTED: Text(zh="提交选品档案", en="Dossier submitted"),
    Action.DOSSIER_APPROVED: Text(zh="批准选品档案", en="Dossier approved"),
    Action.DOSSIER_REFUSED: Text(zh="规则不允许批准", en="Dossier refused by the rules"),
    Action.DOSSIER_REJECTED: Text(zh="不批准选品档案", en="Dossier rejected"),
    Action.SANCTION_PROPOSED: Text(zh="提议列入黑名单", en="Sanction proposed"),
    Action.SANCTION_ACTIVATED: Text(zh="列入黑名单", en="Sanction put on the list"),
    Action.SANCTION_DECLINED: Text(zh="不列入黑名单", en="Sanction declined"),
    Action.SANCTION_LIFTED: Text(zh="解除黑名单", en="Sanction lifted"),
    Action.SELLER_CHANGED: Text(zh="登记卖家", en="Seller entered"),
}
