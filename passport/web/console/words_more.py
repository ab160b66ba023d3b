# SPDX-License-Identifier: Apache-2.0
"""Words of the console that stand for values: roles, scopes, states, actions, refusals, and what was just done."""

from __future__ import annotations

from passport.domain.accounts import MemberState, OrganisationKind, Role, Scope
from passport.domain.accounts_audit import Action
from verifier.protocol.fields import Text

AUDIT_WORDS: dict[str, Text] = {
    "audit_lead": Text(
        zh="谁在何时做了什么。记录只增不减，逐条相连：少一条就会被发现。",
        en="Who did what, and when. Rows are only added, and chained: one that is missing shows.",
    ),
    "audit_action": Text(zh="操作", en="Action"),
    "audit_actor": Text(zh="操作者", en="By"),
    "audit_actor_hint": Text(zh="成员或令牌的编号", en="Id of a member or token"),
    "audit_object": Text(zh="对象", en="About"),
    "audit_outcome": Text(zh="结果", en="Outcome"),
    "audit_all": Text(zh="全部", en="All"),
    "audit_filter": Text(zh="筛选", en="Filter"),
    "audit_older": Text(zh="更早的记录", en="Older rows"),
    "audit_newest": Text(zh="最新的记录", en="Newest rows"),
    "audit_empty": Text(zh="没有符合条件的记录。请放宽筛选条件。", en="No rows match. Take a wider filter."),
    "audit_verify": Text(zh="检查整条链", en="Check the whole chain"),
    "audit_verify_hint": Text(
        zh="重新计算所有记录的摘要。请把链尾摘要记在别处，以后可以比对。",
        en="Hashes every row again. Note the chain's last hash elsewhere, to compare with later.",
    ),
    "audit_whole": Text(zh="链是完整的。", en="The chain is whole."),
    "audit_broken": Text(
        zh="链不完整：从这一条起对不上。请立即联系登记处。",
        en="The chain is broken from this row on. Tell the registry's operator at once.",
    ),
    "audit_count": Text(zh="记录数", en="Rows"),
    "audit_head": Text(zh="链尾摘要", en="Last hash"),
    "audit_operator": Text(zh="登记处操作员", en="The registry's operator"),
    "audit_at": Text(zh="时间", en="When"),
    "problem_back": Text(zh="返回总览", en="Back to the overview"),
}

KIND_WORDS: dict[OrganisationKind, Text] = {
    OrganisationKind.MAKER: Text(zh="生产者", en="Maker"),
    OrganisationKind.PLATFORM: Text(zh="电商平台", en="Platform"),
    OrganisationKind.AUTHORITY: Text(zh="监管部门", en="Authority"),
    OrganisationKind.LABORATORY: Text(zh="检测机构", en="Laboratory"),
}

ROLE_WORDS: dict[Role, tuple[Text, Text]] = {
    Role.OWNER: (
        Text(zh="所有者", en="Owner"),
        Text(zh="管理成员、令牌，阅读操作记录", en="Manages members and tokens, reads the audit trail"),
    ),
    Role.OPERATOR: (
        Text(zh="操作员", en="Operator"),
        Text(zh="处理日常工作，可以新建自己的令牌", en="Does the daily work, makes tokens of their own"),
    ),
    Role.READER: (Text(zh="查看者", en="Reader"), Text(zh="只能查看", en="Looks, and changes nothing")),
    Role.CHIEF_QUALITY_OFFICER: (
        Text(zh="首席质量官", en="Chief quality officer"),
        Text(zh="批准选品档案、徽章规则和召回关闭", en="Approves dossiers, badge policy and recall closure"),
    ),
}

MEMBER_STATE_WORDS: dict[MemberState, Text] = {
    MemberState.INVITED: Text(zh="已邀请", en="Invited"),
    MemberState.ACTIVE: Text(zh="正常", en="Active"),
    MemberState.DISABLED: Text(zh="已停用", en="Disabled"),
}

SCOPE_WORDS: dict[Scope, Text] = {
    Scope.VERIFY: Text(zh="验证产品码", en="Verify codes"),
    Scope.LISTINGS_READ: Text(zh="查看商品", en="Read listings"),
    Scope.LISTINGS_WRITE: Text(zh="修改商品", en="Change listings"),
    Scope.BADGES_READ: Text(zh="查看徽章警报", en="Read alerts of badges"),
    Scope.RECALLS_READ: Text(zh="查看召回", en="Read recalls"),
    Scope.RECALLS_REPORT: Text(zh="上报召回处置", en="Report on recalls"),
    Scope.WEBHOOKS_READ: Text(zh="查看消息推送", en="Read webhooks"),
    Scope.WEBHOOKS_WRITE: Text(zh="修改消息推送", en="Change webhooks"),
    Scope.DOSSIERS_READ: Text(zh="查看选品档案", en="Read dossiers"),
    Scope.DOSSIERS_WRITE: Text(zh="修改选品档案", en="Change dossiers"),
    Scope.SANCTIONS_READ: Text(zh="查看黑名单", en="Read sanctions"),
    Scope.SANCTIONS_WRITE: Text(zh="修改黑名单", en="Change sanctions"),
    Scope.TOKENS_READ: Text(zh="查看令牌", en="Read the list of tokens"),
    Scope.MEMBERS_READ: Text(zh="查看成员", en="Read the list of members"),
    Scope.AUDIT_READ: Text(zh="阅读操作记录", en="Read the audit trail"),
}

ACTION_WORDS: dict[str, Text] = {
    Action.ORGANISATION_ADDED: Text(zh="添加组织", en="Organisation added"),
    Action.ORGANISATION_SUSPENDED: Text(zh="暂停组织", en="Organisation suspended"),
    Action.ORGANISATION_RESUMED: Text(zh="恢复组织", en="Organisation resumed"),
    Action.MEMBER_INVITED: Text(zh="邀请成员", en="Member invited"),
    Action.MEMBER_LINK_MADE: Text(zh="生成一次性链接", en="One-time link made"),
    Action.MEMBER_JOINED: Text(zh="成员加入", en="Member joined"),
    Action.MEMBER_RESET: Text(zh="成员重设登录方式", en="Member set everything anew"),
    Action.MEMBER_ROLES_CHANGED: Text(zh="修改角色", en="Roles changed"),
    Action.MEMBER_DISABLED: Text(zh="停用成员", en="Member disabled"),
    Action.MEMBER_ENABLED: Text(zh="启用成员", en="Member enabled"),
    Action.SESSION_STARTED: Text(zh="登录", en="Signed in"),
    Action.SESSION_REFUSED: Text(zh="登录被拒绝", en="Sign-in refused"),
    Action.SESSION_ENDED: Text(zh="退出", en="Signed out"),
    Action.SESSIONS_ENDED: Text(zh="在所有设备上退出", en="Signed out everywhere"),
    Action.PASSWORD_CHANGED: Text(zh="修改密码", en="Password changed"),
    Action.SECOND_FACTOR_CHANGED: Text(zh="更换验证器", en="Second factor changed"),
    Action.RECOVERY_CODES_MADE: Text(zh="生成恢复码", en="Recovery codes made"),
    Action.RECOVERY_CODE_USED: Text(zh="使用恢复码", en="Recovery code used"),
    Action.TOKEN_CREATED: Text(zh="新建令牌", en="Token made"),
    Action.TOKEN_REVOKED: Text(zh="撤销令牌", en="Token revoked"),
}

OUTCOME_WORDS: dict[str, Text] = {
    "done": Text(zh="完成", en="Done"),
    "code_refused": Text(zh="验证码错误", en="Wrong code"),
}

DONE_WORDS: dict[str, Text] = {
    "signed_out": Text(zh="您已退出。", en="You are signed out."),
    "signed_out_everywhere": Text(zh="您已在所有设备上退出。", en="You are signed out everywhere."),
    "password_changed": Text(
        zh="密码已修改，其他设备已退出。", en="The password is changed; other devices are signed out."
    ),
    "roles_changed": Text(zh="角色已修改。", en="The roles are changed."),
    "member_disabled": Text(zh="成员已停用。", en="The member is disabled."),
    "member_enabled": Text(zh="成员已启用。", en="The member is enabled."),
    "token_revoked": Text(zh="令牌已撤销。", en="The token is revoked."),
    "recovery_code_used": Text(
        zh="您使用了一个恢复码。如果手机已丢失，请在“我的账户”中更换验证器应用。",
        en="You used a recovery code. If your phone is lost, change the authenticator app in My account.",
    ),
}

REFUSALS: dict[str, Text] = {
    "sign_in_refused": Text(zh="登录名或密码不正确。", en="The login name or the password is wrong."),
    "too_many_attempts": Text(
        zh="尝试次数过多。请在 {seconds} 秒后再试。", en="Too many attempts. Try again in {seconds} seconds."
    ),
    "code_refused": Text(
        zh="验证码不正确，或已经用过。请等待下一个验证码。",
        en="The code is wrong, or was used before. Wait for the next one.",
    ),
    "sign_in_again": Text(zh="请重新输入登录名和密码。", en="Please begin again with name and password."),
    "password_refused": Text(zh="当前密码不正确。", en="That is not your password."),
    "too_busy": Text(
        zh="同时登录的人太多，请几秒后再试。", en="Too many people sign in at once. Try again in a few seconds."
    ),
    "scope_missing": Text(
        zh="您的角色没有这项权限。请联系本组织的所有者。",
        en="Your roles do not allow this. Ask an owner of your organisation.",
    ),
    "role_missing": Text(
        zh="您的角色没有这项权限。请联系本组织的所有者。",
        en="Your roles do not allow this. Ask an owner of your organisation.",
    ),
    "unknown_person": Text(zh="本组织没有这位成员。", en="There is no such member in your organisation."),
    "unknown_token": Text(zh="本组织没有这个令牌。", en="There is no such token in your organisation."),
    "unknown_invitation": Text(
        zh="邀请已使用、已过期或已被替换。请向本组织的所有者索取新的链接。",
        en="This invitation was used, expired or replaced. Ask an owner of your organisation for a new one.",
    ),
    "last_owner": Text(
        zh="组织必须至少有一位所有者。请先指定另一位。", en="An organisation keeps an owner. Make another one first."
    ),
    "not_owner_any_more": Text(
        zh="您已不再是所有者，未作任何修改。", en="You are not an owner any more. Nothing was changed."
    ),
    "login_name_taken": Text(zh="这个登录名已有人使用，请换一个。", en="Somebody has that login name. Take another."),
    "token_name_taken": Text(
        zh="已有同名的有效令牌，请换一个名称。", en="A token of that name is in use. Take another name."
    ),
    "member_not_active": Text(zh="该成员已停用，请先启用。", en="This member is disabled. Enable the member first."),
    "too_many_tokens": Text(zh="令牌太多，请先撤销一个。", en="There are too many tokens. Revoke one first."),
    "too_many_members": Text(zh="成员数已达上限。", en="There are as many members as there can be."),
    "bad_login_name": Text(
        zh="登录名为 3 至 64 个字符：a–z、0–9，中间可用 . _ @ + -。",
        en="A login name is 3 to 64 of a–z, 0–9 and, inside, . _ @ + -.",
    ),
    "bad_name": Text(zh="名称为一行 1 至 80 个可见字符。", en="A name is 1 to 80 visible characters on one line."),
    "bad_password": Text(
        zh="密码含有无效字符，请重新输入。", en="The password holds a broken character. Type it again."
    ),
    "password_too_short": Text(zh="密码至少 12 个字符。", en="A password has at least 12 characters."),
    "password_too_long": Text(zh="密码最多 1,024 字节。", en="A password has at most 1,024 bytes."),
    "password_too_common": Text(
        zh="这个密码太容易被猜到，请换一个。", en="That password is one of the first that are tried. Take another."
    ),
    "passwords_differ": Text(zh="两次输入的密码不一致。", en="The two passwords differ. Type both again."),
    "bad_roles": Text(zh="请至少选择一个角色。", en="Choose at least one role."),
    "bad_scopes": Text(zh="请至少选择一项权限。", en="Choose at least one scope."),
    "bad_days": Text(zh="有效期为 1 至 366 天。", en="Days are a whole number from 1 to 366."),
    "form_expired": Text(
        zh="表单已失效。请返回上一页，重新打开后再提交。",
        en="The form is too old. Go back, load the page again, and send it once more.",
    ),
    "foreign_form": Text(zh="请求来自其他网站，已被拒绝。", en="The request came from another site and was refused."),
}

FIELD_OF: dict[str, str] = {
    "bad_login_name": "login_name",
    "login_name_taken": "login_name",
    "bad_name": "display_name",
    "token_name_taken": "display_name",
    "bad_password": "new_password",
    "password_too_short": "new_password",
    "password_too_long": "new_password",
    "password_too_common": "new_password",
    "passwords_differ": "repeat_password",
    "password_refused": "password",
    "code_refused": "code",
    "bad_roles": "roles",
    "bad_scopes": "scopes",
    "bad_days": "days",
}
"""Which field of a form a refusal is about."""
