# SPDX-License-Identifier: Apache-2.0
"""The words of the console, in Chinese and in English; ADR 0012. Templates name a word by its key (`w.key`)."""

from __future__ import annotations

from verifier.protocol.fields import Text

WORDS: dict[str, Text] = {
    "console": Text(zh="控制台", en="Console"),
    "skip_to_content": Text(zh="跳到正文", en="Skip to content"),
    "other_language": Text(zh="English", en="中文"),
    "menu": Text(zh="菜单", en="Menu"),
    "chart_figures": Text(zh="看数字", en="The figures"),
    "chart_empty": Text(zh="还没有数据。", en="No figures yet."),
    "chart_top": Text(zh="最高刻度", en="Top of the scale"),
    "chart_limit": Text(zh="24 小时线", en="24 hours"),
    "menu_of_group": Text(zh="本组页面", en="Pages of this part"),
    "nav_group_sales": Text(zh="商品", en="Sales"),
    "nav_group_recalls": Text(zh="召回", en="Recalls"),
    "nav_group_organisation": Text(zh="机构", en="Organisation"),
    "nav_overview": Text(zh="总览", en="Overview"),
    "nav_members": Text(zh="成员", en="Members"),
    "nav_tokens": Text(zh="API 令牌", en="API tokens"),
    "nav_audit": Text(zh="操作记录", en="Audit trail"),
    "nav_account": Text(zh="我的账户", en="My account"),
    "sign_out": Text(zh="退出", en="Sign out"),
    "something_wrong": Text(zh="未能完成", en="That did not work"),
    "save": Text(zh="保存", en="Save"),
    "go_on": Text(zh="继续", en="Continue"),
    "password": Text(zh="密码", en="Password"),
    "login_name": Text(zh="登录名", en="Login name"),
    "display_name": Text(zh="姓名", en="Name"),
    "never": Text(zh="从未", en="Never"),
    # sign-in
    "sign_in": Text(zh="登录", en="Sign in"),
    "sign_in_lead": Text(
        zh="组织成员由此登录。没有账户？请向本组织的所有者索取邀请链接。",
        en="For members of organisations. No account? Ask an owner of your organisation for an invitation.",
    ),
    "second_factor": Text(zh="两步验证", en="Second factor"),
    "second_factor_lead": Text(
        zh="请输入验证器应用中显示的六位数字。手机不在身边时，可以输入一个恢复码。",
        en="Type the six digits that your authenticator app shows. Without your phone, type a recovery code.",
    ),
    "code": Text(zh="验证码", en="Code"),
    "code_hint": Text(zh="六位数字，或一个恢复码", en="Six digits, or a recovery code"),
    "first_code_hint": Text(zh="应用中显示的六位数字", en="The six digits that the app shows"),
    "start_again": Text(zh="重新登录", en="Begin again"),
    # invitation
    "invitation": Text(zh="加入", en="Join"),
    "invitation_lead": Text(
        zh="请设置您的登录名和密码，然后连接验证器应用。两步都完成后账户才会生效。",
        en="Choose your login name and password, then connect an authenticator app. The account begins after both.",
    ),
    "reset_lead": Text(
        zh="请设置新密码，然后重新连接验证器应用。完成之前，原来的密码仍然有效。",
        en="Set a new password, then connect your authenticator app again. Until then the old password still works.",
    ),
    "login_name_hint": Text(
        zh="3 至 64 个字符：a–z、0–9，中间可用 . _ @ + -",
        en="3 to 64 characters: a–z, 0–9 and, inside, . _ @ + -",
    ),
    "display_name_hint": Text(zh="同事看到的名字", en="As your colleagues see it"),
    "new_password": Text(zh="新密码", en="New password"),
    "password_hint": Text(
        zh="至少 12 个字符。几个不相干的词连在一起既好记又安全。",
        en="At least 12 characters. A few unrelated words are easy to keep and hard to guess.",
    ),
    "repeat_password": Text(zh="再输入一次", en="The same again"),
    "set_up_app": Text(zh="连接验证器应用", en="Connect an authenticator app"),
    "set_up_lead": Text(
        zh="用手机上的验证器应用（支持 TOTP）扫描二维码，然后输入应用显示的数字。",
        en="Scan the symbol with an authenticator app (TOTP) on your phone, then type the digits that it shows.",
    ),
    "qr_alt": Text(zh="供验证器应用扫描的二维码", en="QR symbol for the authenticator app"),
    "secret_text": Text(zh="不能扫描？请手工输入密钥", en="Cannot scan? Type the key by hand"),
    "secret_hint": Text(zh="类型：基于时间，6 位，30 秒", en="Kind: time-based, 6 digits, 30 seconds"),
    "recovery_codes": Text(zh="恢复码", en="Recovery codes"),
    "recovery_once": Text(zh="恢复码只显示这一次", en="Shown this once"),
    "recovery_lead": Text(
        zh="手机丢失时，每个恢复码可以代替一次验证码。请打印或抄写，与手机分开保存。",
        en="When your phone is lost, each of these stands in for one code. Print or copy them and keep them apart.",
    ),
    "recovery_done": Text(zh="我已保存，进入控制台", en="I have kept them: go to the console"),
    # overview
    "welcome": Text(zh="您好", en="Good day"),
    "overview_lead": Text(zh="这里会显示今天需要您处理的事项。", en="What needs you today is shown here."),
    "nothing_needs_you": Text(zh="目前没有需要处理的事项。", en="Nothing needs you at the moment."),
    "to_do": Text(zh="待办", en="What needs you today"),
    "do_recall_late": Text(
        zh="有 {count} 个商品超过 24 小时还没有上报下架。",
        en="Listings over 24 hours without a report that they were taken down: {count}.",
    ),
    "do_recall_stop": Text(
        zh="有 {count} 个商品因召回待下架，请下架后上报。",
        en="Listings to take down because of a recall, and to report: {count}.",
    ),
    "do_recall_unread": Text(zh="有 {count} 个召回还没有确认收到。", en="Recalls that nobody has confirmed: {count}."),
    "do_refused": Text(zh="有 {count} 个商品被准入拒绝。", en="Listings that the gate refused: {count}."),
    "do_drafts": Text(zh="有 {count} 个商品还没有绑定。", en="Listings that are not bound yet: {count}."),
    "do_first_listing": Text(
        zh="还没有商品。请新增一个，或导入 CSV 文件。", en="There are no listings yet. Enter one, or import a CSV file."
    ),
    "do_first_webhook": Text(
        zh="还没有推送地址：召回发布时没有程序会收到通知。请新增一个。",
        en="There is no webhook yet: no program of yours is told of a recall. Make one.",
    ),
    "do_appeals": Text(zh="有 {count} 个申诉待处理。", en="Open appeals: {count}."),
    "do_imports": Text(zh="有 {count} 个导入文件待确认。", en="Imported files that wait for your word: {count}."),
    "do_approve": Text(zh="有 {count} 份选品档案待您批准。", en="Dossiers that wait for your approval: {count}."),
    "do_sign": Text(
        zh="有 {count} 份选品档案已批准，待签名入账。", en="Dossiers approved, to be signed into the ledger: {count}."
    ),
    "do_alerts": Text(zh="徽章出现在 {count} 个不该出现的地方。", en="Places where a badge does not belong: {count}."),
    "do_webhooks": Text(zh="有 {count} 个推送地址一直送不到。", en="Webhooks that do not get through: {count}."),
    "chart_decisions": Text(zh="近 14 天的准入决定", en="The gate's decisions, last 14 days"),
    "chart_bound": Text(zh="绑定", en="Bound"),
    "chart_refused": Text(zh="拒绝", en="Refused"),
    "chart_hours": Text(
        zh="各次召回：从推送到全部下架的小时数", en="Each recall: hours from push to the last take-down"
    ),
    "chart_in_time": Text(zh="24 小时内", en="Within 24 hours"),
    "chart_late": Text(zh="超过 24 小时", en="Over 24 hours"),
    "few_codes": Text(
        zh="您的恢复码所剩不多。请在“我的账户”中生成新的恢复码。",
        en="You have few recovery codes left. Make new ones in My account.",
    ),
    "only_owner": Text(
        zh="本组织只有一位所有者。请再邀请一位，以免所有人都无法登录。",
        en="Your organisation has one owner. Invite a second, so that nobody is locked out when that one is away.",
    ),
    "tokens_end_soon": Text(
        zh="有令牌将在 14 天内到期。请新建令牌并替换。",
        en="A token ends within 14 days. Make a new one and change over.",
    ),
    "your_organisation": Text(zh="本组织", en="Your organisation"),
    "organisation_name": Text(zh="名称", en="Name"),
    "organisation_id": Text(zh="编号", en="Id"),
    "kind": Text(zh="类型", en="Kind"),
    "your_roles": Text(zh="您的角色", en="Your roles"),
    # members
    "members_lead": Text(
        zh="成员只能看到本组织的数据。角色决定每个人可以做什么。",
        en="Members see your organisation's data and no other. Roles decide what each may do.",
    ),
    "invite": Text(zh="邀请成员", en="Invite a member"),
    "invite_button": Text(zh="生成邀请链接", en="Make the invitation link"),
    "roles": Text(zh="角色", en="Roles"),
    "state": Text(zh="状态", en="State"),
    "joined_on": Text(zh="创建时间", en="Since"),
    "failed_attempts": Text(zh="最近登录失败次数", en="Failed sign-ins lately"),
    "link_made": Text(zh="一次性链接", en="One-time link"),
    "link_lead": Text(
        zh="请通过只有本人能看到的方式转交。链接 72 小时内有效，只能使用一次，且只显示这一次。",
        en="Hand it over in a way that nobody else reads. It works once, within 72 hours, and is shown this once.",
    ),
    "back_to_members": Text(zh="返回成员列表", en="Back to the members"),
    "only_you": Text(
        zh="目前只有您一位成员。请在下方邀请同事。", en="You are the only member so far. Invite a colleague below."
    ),
    "you": Text(zh="（您）", en="(you)"),
    "change_roles": Text(zh="修改角色", en="Change roles"),
    "change_roles_hint": Text(
        zh="立即生效；该成员需要重新登录。", en="Counts at once; the member has to sign in again."
    ),
    "new_link": Text(zh="新的一次性链接", en="A new one-time link"),
    "new_link_hint": Text(
        zh="用于邀请已过期，或成员忘记密码、丢失手机。成员用它重新设置密码和两步验证。",
        en="For an invitation that expired, or a lost password or phone: the member sets both anew with it.",
    ),
    "new_link_button": Text(zh="生成链接", en="Make the link"),
    "disable": Text(zh="停用成员", en="Disable the member"),
    "disable_hint": Text(
        zh="立即退出登录；该成员创建的令牌也不再有效。",
        en="Signs the member out at once; tokens that they made stop too.",
    ),
    "disable_button": Text(zh="停用", en="Disable"),
    "enable": Text(zh="重新启用", en="Enable the member again"),
    "enable_hint": Text(zh="成员可以用原来的密码登录。", en="The member signs in as before."),
    "enable_button": Text(zh="启用", en="Enable"),
    "owners_only": Text(zh="只有所有者可以修改成员。", en="Only owners can change members."),
    # tokens
    "tokens_lead": Text(
        zh="程序用令牌访问 API。令牌只显示一次；我们只保存它的摘要。",
        en="Programs use the API with a token. It is shown once; we keep a digest of it alone.",
    ),
    "no_tokens": Text(
        zh="还没有令牌。为每个程序各建一个，只给它需要的权限。",
        en="No tokens yet. Make one for each program, with no more scopes than it needs.",
    ),
    "create_token": Text(zh="新建令牌", en="Make a token"),
    "token_name": Text(zh="用途", en="What it is for"),
    "token_name_hint": Text(zh="例如：商品审核服务", en="For example: listing check of the shop"),
    "scopes": Text(zh="权限", en="Scopes"),
    "expires_after": Text(zh="有效期（天）", en="Days until it ends"),
    "days_hint": Text(zh="1 至 366 天", en="1 to 366"),
    "create_button": Text(zh="生成令牌", en="Make the token"),
    "token_made": Text(zh="新令牌", en="Your new token"),
    "token_once": Text(
        zh="请现在复制并保存到程序的密钥库。离开本页后将无法再次查看。",
        en="Copy it into your program's secret store now. After this page nobody can show it again.",
    ),
    "token_use": Text(zh="使用方法", en="How to use it"),
    "back_to_tokens": Text(zh="返回令牌列表", en="Back to the tokens"),
    "expires": Text(zh="到期", en="Ends"),
    "last_used": Text(zh="最近使用", en="Last used"),
    "revoke": Text(zh="撤销", en="Revoke"),
    "token_good": Text(zh="有效", en="Good"),
    "token_expired": Text(zh="已到期", en="Ended"),
    "token_revoked": Text(zh="已撤销", en="Revoked"),
    "makers_only": Text(
        zh="只有所有者和操作员可以新建或撤销令牌。", en="Only owners and operators make and revoke tokens."
    ),
    # account
    "change_password": Text(zh="修改密码", en="Change password"),
    "current_password": Text(zh="当前密码", en="Password now"),
    "change_password_hint": Text(zh="其他设备会退出登录。", en="Signs you out on every other device."),
    "change_second_factor": Text(zh="更换验证器应用", en="Change the authenticator app"),
    "change_second_factor_hint": Text(
        zh="输入密码后显示新的二维码。新应用的第一个验证码通过之前，旧应用仍然有效。",
        en="Shows a new QR symbol. Until the new app's first code is right, the old app goes on working.",
    ),
    "make_recovery_codes": Text(zh="生成新的恢复码", en="Make new recovery codes"),
    "recovery_left": Text(zh="剩余恢复码", en="Recovery codes left"),
    "recovery_replace_hint": Text(zh="旧的恢复码随即失效。", en="The old ones stop working."),
    "sign_out_everywhere": Text(zh="在所有设备上退出", en="Sign out everywhere"),
    "sign_out_everywhere_hint": Text(
        zh="结束您在所有浏览器中的登录，包括当前浏览器。", en="Ends your sessions in every browser, this one too."
    ),
}
