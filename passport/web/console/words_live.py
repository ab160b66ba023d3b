# SPDX-License-Identifier: Apache-2.0
"""The console's words for dossiers, sanctions and sellers; ADR 0012."""

from __future__ import annotations

from passport.domain.dossier_values import DossierState, ReportKind
from passport.domain.sanctions import SanctionState, SubjectKind
from verifier.protocol.fields import Text

LIVE_WORDS: dict[str, Text] = {
    "nav_dossiers": Text(zh="选品档案", en="Dossiers"),
    "nav_sanctions": Text(zh="黑名单", en="Sanctions"),
    "nav_sellers": Text(zh="卖家", en="Sellers"),
    "dossiers_lead": Text(
        zh="直播间的每件商品一份档案：看过哪些报告、扫过哪件样品、谁批准。批准后，档案的摘要进入账本。",
        en="One dossier for each item of a live room: reports checked, sample scanned, who approved. Once approved, "
        "its digest goes into the ledger.",
    ),
    "new_dossier": Text(zh="新建档案", en="New dossier"),
    "edit_dossier": Text(zh="修改档案", en="Change the dossier"),
    "edit_dossier_hint": Text(
        zh="修改后是草稿，须重新提交。", en="It is a draft after a change, and must be submitted again."
    ),
    "back_to_dossiers": Text(zh="返回档案列表", en="Back to the dossiers"),
    "dossier_search_hint": Text(zh="标题、直播间、卖家或条码", en="Title, room, seller or GTIN"),
    "no_dossiers": Text(
        zh="还没有选品档案。直播前请为每件商品新建一份。",
        en="There are no dossiers yet. Make one for each item before it is shown live.",
    ),
    "no_dossier_matches": Text(zh="没有符合条件的档案。", en="No dossier matches."),
    "item_title": Text(zh="商品标题", en="Item"),
    "room": Text(zh="直播间", en="Live room"),
    "room_id": Text(zh="直播间编号", en="Room's id"),
    "room_name": Text(zh="直播间名称", en="Room's name"),
    "session_at": Text(zh="场次时间", en="Session"),
    "session_hint": Text(zh="北京时间", en="China's time"),
    "lot": Text(zh="批次", en="Lot"),
    "reports": Text(zh="查验的报告", en="Reports checked"),
    "report": Text(zh="报告", en="Report"),
    "report_kind": Text(zh="种类", en="Kind"),
    "report_number": Text(zh="编号", en="Number"),
    "report_scheme": Text(zh="证书类别", en="Scheme"),
    "report_scheme_hint": Text(zh="只用于证书，例如 CCC", en="For certificates alone, such as CCC"),
    "issued_by": Text(zh="出具机构", en="Issued by"),
    "valid_from": Text(zh="有效期自", en="Valid from"),
    "valid_until": Text(zh="有效期至", en="Valid until"),
    "file_digest": Text(zh="文件的 SHA-256", en="SHA-256 of the file"),
    "file_digest_hint": Text(zh="可不填，64 个十六进制字符", en="Optional: 64 hexadecimal digits"),
    "report_url": Text(zh="链接", en="Link"),
    "optional_hint": Text(zh="可不填", en="Optional"),
    "more_reports": Text(zh="再加几份报告", en="More reports"),
    "empty_reports_hint": Text(zh="空着的行不保存。", en="Rows that are left empty are not kept."),
    "sample_code": Text(zh="样品码", en="Sample's code"),
    "sample_code_hint": Text(
        zh="用扫码枪在此扫描样品包装上的二维码，或粘贴扫到的文字。",
        en="Scan the code on the sample's package here with a scanner, or paste what was scanned.",
    ),
    "scan_with_camera": Text(zh="用摄像头扫描", en="Scan with a camera"),
    "sample_verdict": Text(zh="登记时的查验结果", en="What its check said when it was entered"),
    "no_sample": Text(zh="没有扫描样品。", en="No sample was scanned."),
    "checked_at": Text(zh="查验时间", en="Checked"),
    "submit_dossier": Text(zh="提交给首席质量官", en="Submit to the chief quality officer"),
    "submit_hint": Text(zh="只有首席质量官可以批准。", en="Nobody but the chief quality officer approves."),
    "rules_now": Text(zh="按规则现在的判定", en="What the rules say now"),
    "rules_now_hint": Text(
        zh="批准时会重新查验样品并重新读取账本。", en="At the approval the sample and the ledger are asked again."
    ),
    "rules_down": Text(zh="账本现在读不到，暂时不能批准。", en="The ledger cannot be read just now: no approval yet."),
    "may_be_approved": Text(zh="没有反对的理由，可以批准。", en="There is no reason against it: it may be approved."),
    "approve": Text(zh="批准", en="Approve"),
    "reject": Text(zh="不予批准", en="Reject"),
    "decision_note": Text(zh="说明", en="Note"),
    "why": Text(zh="理由", en="Why"),
    "cqo_only": Text(
        zh="您没有首席质量官的角色，不能批准。所有者可以在“成员”中授予。",
        en="You do not have the role of chief quality officer. An owner gives it under Members.",
    ),
    "decisions_made": Text(zh="已作的决定", en="Decisions"),
    "document": Text(zh="批准的文件", en="Approved document"),
    "document_digest": Text(zh="摘要（SHA-256）", en="Digest (SHA-256)"),
    "download_document": Text(zh="下载文件", en="Download the document"),
    "not_logged_yet": Text(
        zh="尚未进入账本。请在保管密钥的电脑上运行：", en="Not in the ledger yet. On the machine that has the key, run:"
    ),
    "logged_at": Text(zh="账本条目", en="Ledger entry"),
    "sanctions_lead": Text(
        zh="列入名单的经营者不能绑定徽章，已绑定的商品不再显示徽章。平台列卖家；监管部门列企业，所有平台可见。",
        en="An operator on the list cannot bind a badge, and its bound listings show none. Platforms list sellers; "
        "authorities list companies, for all platforms.",
    ),
    "new_sanction": Text(zh="列入名单", en="Put on the list"),
    "propose_sanction": Text(zh="提议列入", en="Propose"),
    "propose_hint": Text(zh="您提议，由首席质量官决定。", en="You propose; the chief quality officer decides."),
    "sanction": Text(zh="名单条目", en="Sanction"),
    "back_to_sanctions": Text(zh="返回黑名单", en="Back to the sanctions"),
    "no_sanctions": Text(
        zh="名单是空的。列入后，该经营者不能再绑定徽章。",
        en="The list is empty. An operator that is listed cannot bind a badge.",
    ),
    "no_sanction_matches": Text(zh="没有符合条件的条目。", en="No sanction matches."),
    "sanction_search_hint": Text(zh="名称、卖家编号或信用代码", en="Name, seller's id or credit code"),
    "operator": Text(zh="经营者", en="Operator"),
    "operator_name": Text(zh="名称", en="Name"),
    "credit_code": Text(zh="统一社会信用代码", en="Unified social credit code"),
    "credit_code_hint": Text(zh="18 位", en="18 characters"),
    "listed_by": Text(zh="列入方", en="Listed by"),
    "authority": Text(zh="监管部门", en="Authority"),
    "reason_zh": Text(zh="理由（中文）", en="Reason, in Chinese"),
    "reason_en": Text(zh="理由（英文）", en="Reason, in English"),
    "evidence": Text(zh="证据", en="Evidence"),
    "evidence_title": Text(zh="标题", en="Title"),
    "ledger_index": Text(zh="账本序号", en="Ledger index"),
    "sanction_rule": Text(zh="所依据的规则", en="Rule that it stands on"),
    "sanction_rule_hint": Text(zh="含版本，例如 platform-rules/3", en="With its version, such as platform-rules/3"),
    "from_on": Text(zh="自", en="From"),
    "until_on": Text(zh="至", en="Until"),
    "until_hint": Text(zh="留空表示直到解除", en="Empty: until it is lifted"),
    "until_lifted": Text(zh="直到解除", en="Until it is lifted"),
    "activate": Text(zh="同意列入", en="Put it on the list"),
    "decline": Text(zh="不列入", en="Decline"),
    "lift": Text(zh="解除", en="Lift"),
    "lift_hint": Text(zh="解除后，被阻止的徽章可以恢复。", en="Badges that it blocked may be shown again."),
    "history": Text(zh="经过", en="History"),
    "appeal_sanction": Text(zh="提出申诉", en="Appeal"),
    "appeal_sanction_hint": Text(
        zh="申诉不解除名单；事实变化后由有权的人解除。",
        en="An appeal lifts nothing. Where the facts have changed, whoever decides lifts the sanction.",
    ),
    "appeal_sanction_text": Text(zh="为什么不应列入", en="Why it should not be on the list"),
    "sellers_lead": Text(
        zh="登记卖家是哪家企业，监管部门的名单才能对应到卖家。",
        en="Which company a seller is: authorities' lists reach it by that.",
    ),
    "put_seller": Text(zh="登记卖家", en="Enter a seller"),
    "no_sellers": Text(zh="还没有登记卖家。", en="No seller is entered yet."),
}

DOSSIER_STATE_WORDS: dict[DossierState, Text] = {
    DossierState.DRAFT: Text(zh="草稿", en="Draft"),
    DossierState.SUBMITTED: Text(zh="待批准", en="Submitted"),
    DossierState.APPROVED: Text(zh="已批准", en="Approved"),
    DossierState.REJECTED: Text(zh="未批准", en="Rejected"),
    DossierState.LOGGED: Text(zh="已入账本", en="Logged"),
}

DOSSIER_OUTCOME_WORDS: dict[str, Text] = {
    "approved": Text(zh="已批准", en="Approved"),
    "refused": Text(zh="规则不允许批准", en="Refused by the rules"),
    "rejected": Text(zh="不予批准", en="Rejected"),
}

REPORT_KIND_WORDS: dict[ReportKind, Text] = {
    ReportKind.TEST_REPORT: Text(zh="检测报告", en="Test report"),
    ReportKind.CERTIFICATE: Text(zh="证书", en="Certificate"),
    ReportKind.INSPECTION: Text(zh="检验报告", en="Inspection"),
    ReportKind.LICENCE: Text(zh="许可证", en="Licence"),
    ReportKind.OTHER: Text(zh="其他", en="Other"),
}

SANCTION_STATE_WORDS: dict[SanctionState, Text] = {
    SanctionState.PROPOSED: Text(zh="待决定", en="Proposed"),
    SanctionState.DECLINED: Text(zh="未列入", en="Declined"),
    SanctionState.SCHEDULED: Text(zh="尚未开始", en="Not begun"),
    SanctionState.ACTIVE: Text(zh="生效中", en="In force"),
    SanctionState.EXPIRED: Text(zh="已到期", en="Ended"),
    SanctionState.LIFTED: Text(zh="已解除", en="Lifted"),
}

SANCTION_ACTION_WORDS: dict[str, Text] = {
    "proposed": Text(zh="提议", en="Proposed"),
    "activated": Text(zh="列入", en="Put on the list"),
    "declined": Text(zh="不列入", en="Declined"),
    "lifted": Text(zh="解除", en="Lifted"),
}

SANCTION_APPEAL_WORDS: dict[str, Text] = {
    "open": Text(zh="未结", en="Open"),
    "closed": Text(zh="已结", en="Closed"),
    "upheld": Text(zh="维持", en="The sanction stands"),
    "facts_changed": Text(zh="事实已变，应当解除", en="Facts have changed: it is to be lifted"),
}

SUBJECT_WORDS: dict[SubjectKind, Text] = {
    SubjectKind.SELLER: Text(zh="卖家编号", en="Seller's id"),
    SubjectKind.COMPANY: Text(zh="统一社会信用代码", en="Unified social credit code"),
}
