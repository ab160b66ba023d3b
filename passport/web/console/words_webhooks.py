# SPDX-License-Identifier: Apache-2.0
"""The console's words for webhooks: pages, types, states, what went wrong, rows of the audit trail. ADR 0012."""

from __future__ import annotations

from passport.domain.accounts_audit import Action
from passport.domain.webhooks import DeliveryState, EndpointState, EventType
from verifier.protocol.fields import Text

WEBHOOK_WORDS: dict[str, Text] = {
    "nav_webhooks": Text(zh="消息推送", en="Webhooks"),
    "webhooks_lead": Text(
        zh="召回、停售和徽章警报会立即发送到这些地址，每条消息都有签名。",
        en="Recalls, stopped sales and alerts of badges are sent to these addresses at once, each message signed.",
    ),
    "webhook": Text(zh="推送地址", en="Webhook"),
    "new_webhook": Text(zh="新增推送地址", en="New webhook"),
    "edit_webhook": Text(zh="修改推送地址", en="Change the webhook"),
    "webhook_retrying": Text(zh="未送达，重试中", en="Not delivered, trying again"),
    "no_webhooks": Text(
        zh="还没有推送地址。召回消息只能在控制台和接口中看到。",
        en="There are no webhooks yet. Recalls are seen in the console and over the API alone.",
    ),
    "back_to_webhooks": Text(zh="返回消息推送", en="Back to webhooks"),
    "webhook_url": Text(zh="地址", en="Address"),
    "webhook_url_hint": Text(
        zh="https:// 开头，公网域名，443 端口", en="Beginning with https://, a public host name, port 443"
    ),
    "webhook_label": Text(zh="名称（可不填）", en="Label (may be empty)"),
    "webhook_types": Text(zh="消息种类（都不选表示全部）", en="Types of messages (none chosen: all)"),
    "webhook_all_types": Text(zh="全部消息", en="All messages"),
    "webhook_wants": Text(zh="接收", en="Takes"),
    "webhook_pending": Text(zh="待发送", en="Waiting"),
    "webhook_last_good": Text(zh="上次成功", en="Last delivered"),
    "webhook_failing_since": Text(zh="开始失败", en="Failing since"),
    "webhook_failing_notice": Text(
        zh="这个地址一小时以上没有成功接收。消息会继续尝试，每条最多 24 小时。",
        en="This address has taken nothing for more than an hour. It is still tried, each message for 24 hours.",
    ),
    "webhook_secret": Text(zh="签名密钥", en="Signing secret"),
    "webhook_secret_made": Text(zh="密钥生成于", en="Secret made"),
    "webhook_old_secret": Text(zh="旧密钥有效至", en="Old secret good until"),
    "webhook_secret_once": Text(
        zh="密钥只显示这一次。请现在复制到接收程序中。",
        en="The secret is shown this once. Copy it into your receiver now.",
    ),
    "webhook_secret_rotated": Text(
        zh="旧密钥再有效 24 小时：这段时间每条消息有两个签名。",
        en="The old secret is good for another 24 hours: messages bear two signatures until then.",
    ),
    "webhook_secret_done": Text(zh="已复制", en="I have copied it"),
    "webhook_rotate": Text(zh="更换密钥", en="New secret"),
    "webhook_test": Text(zh="发送测试消息", en="Send a test"),
    "webhook_disable": Text(zh="停用", en="Switch off"),
    "webhook_enable": Text(zh="启用", en="Switch on"),
    "webhook_delete": Text(zh="删除", en="Remove"),
    "webhook_delete_hint": Text(
        zh="删除后不再发送，待发送的消息作废。", en="Nothing is sent any more, and what waits is dropped."
    ),
    "webhook_disable_hint": Text(
        zh="停用后待发送的消息结束，以后可以重发。", en="What waits ends, and can be sent again later."
    ),
    "webhook_chart": Text(zh="最近 48 小时，每小时的尝试", en="Attempts in each of the last 48 hours"),
    "webhook_good": Text(zh="成功", en="Delivered"),
    "webhook_bad": Text(zh="失败", en="Failed"),
    "webhook_sum": Text(zh="48 小时内", en="In 48 hours"),
    "webhook_log": Text(zh="投递记录", en="Deliveries"),
    "webhook_log_empty": Text(zh="还没有消息。", en="There are no messages yet."),
    "webhook_message": Text(zh="消息", en="Message"),
    "webhook_attempts": Text(zh="尝试", en="Attempts"),
    "webhook_result": Text(zh="结果", en="Result"),
    "webhook_delivery": Text(zh="投递", en="Delivery"),
    "webhook_created": Text(zh="放入", en="Put in"),
    "webhook_next": Text(zh="下次尝试", en="Next attempt"),
    "webhook_ended": Text(zh="结束", en="Ended"),
    "webhook_body": Text(zh="内容", en="Body"),
    "webhook_when": Text(zh="时间", en="When"),
    "webhook_duration": Text(zh="用时", en="Took"),
    "webhook_answer": Text(zh="对方的回答", en="The answer"),
    "webhook_no_attempts": Text(zh="还没有尝试。", en="There was no attempt yet."),
    "webhook_replay": Text(zh="重发", en="Send again"),
    "webhook_is_replay": Text(zh="人工重发", en="Sent again by hand"),
    "webhook_replay_hint": Text(
        zh="用同一个 webhook-id 再发一次，接收程序可以据此去重。",
        en="The same message under the same webhook-id, so that a receiver knows a repeat.",
    ),
}

EVENT_WORDS: dict[EventType, Text] = {
    EventType.RECALL_PUBLISHED: Text(zh="发布召回", en="Recall published"),
    EventType.RECALL_REVISED: Text(zh="召回修订", en="Recall revised"),
    EventType.RECALL_CLOSED: Text(zh="召回关闭", en="Recall closed"),
    EventType.BADGE_MISPLACED: Text(zh="徽章位置不对", en="Badge in the wrong place"),
    EventType.WEBHOOK_TEST: Text(zh="测试", en="Test"),
}

ENDPOINT_STATE_WORDS: dict[EndpointState, Text] = {
    EndpointState.ACTIVE: Text(zh="正常", en="Active"),
    EndpointState.FAILING: Text(zh="失败中", en="Failing"),
    EndpointState.DISABLED: Text(zh="已停用", en="Switched off"),
    EndpointState.DELETED: Text(zh="已删除", en="Removed"),
}

DELIVERY_STATE_WORDS: dict[DeliveryState, Text] = {
    DeliveryState.PENDING: Text(zh="待发送", en="Waiting"),
    DeliveryState.DELIVERED: Text(zh="已送达", en="Delivered"),
    DeliveryState.GIVEN_UP: Text(zh="已放弃", en="Given up"),
}

ATTEMPT_WORDS: dict[str, Text] = {
    "address_refused": Text(zh="域名指向非公网地址", en="The name has an address that is not public"),
    "port_refused": Text(zh="端口不允许", en="The port is not allowed"),
    "name_unknown": Text(zh="域名不存在", en="The name has no address"),
    "unreachable": Text(zh="连接不上", en="There was no connection"),
    "timed_out": Text(zh="超时", en="It took too long"),
    "tls_refused": Text(zh="证书或加密连接有问题", en="The certificate or the encryption is not good"),
    "bad_answer": Text(zh="回答不是 HTTP", en="The answer is not HTTP"),
    "unreadable_secret": Text(zh="密钥无法读取，请更换密钥", en="The secret cannot be read: make a new one"),
    "webhook_disabled": Text(zh="推送地址已停用", en="The webhook was switched off"),
    "webhook_deleted": Text(zh="推送地址已删除", en="The webhook was removed"),
    "internal_error": Text(zh="我们出错了", en="Our fault"),
    "broken_off": Text(zh="服务器停止", en="The server stopped"),
}
"""Why there was no answer; docs/webhooks.md."""

WEBHOOK_REFUSALS: dict[str, Text] = {
    "unknown_webhook": Text(zh="本组织没有这个推送地址。", en="There is no such webhook in your organisation."),
    "unknown_delivery": Text(zh="本组织没有这次投递。", en="There is no such delivery in your organisation."),
    "bad_webhook_url": Text(
        zh="地址须以 https:// 开头，主机为域名，不含用户名和 #，最多 2,048 个 ASCII 字符。",
        en="An address begins with https:// and a host name, has neither user name nor #, and at most 2,048 ASCII "
        "characters.",
    ),
    "webhook_address_refused": Text(zh="不向这个 IP 地址发送。", en="Nothing is sent to this IP address."),
    "webhook_port_refused": Text(zh="只允许 443 端口。", en="The port is not allowed; use 443."),
    "bad_event_type": Text(zh="没有这种消息。", en="There is no such type of message."),
    "bad_webhook_label": Text(
        zh="名称为一行，最多 80 个可见字符。", en="A label has at most 80 visible characters on one line."
    ),
    "too_many_webhooks": Text(zh="最多十个推送地址。", en="There are ten webhooks already, which is the most."),
    "webhook_url_taken": Text(zh="另一个推送用了这个地址。", en="Another webhook has this address."),
    "webhook_disabled": Text(zh="推送地址已停用，请先启用。", en="The webhook is switched off. Switch it on first."),
    "delivery_pending": Text(zh="这条消息正在投递。", en="The message is on its way already."),
}

WEBHOOK_FIELDS: dict[str, str] = {
    "bad_webhook_url": "url",
    "webhook_address_refused": "url",
    "webhook_port_refused": "url",
    "webhook_url_taken": "url",
    "bad_event_type": "types",
    "bad_webhook_label": "label",
}

WEBHOOK_DONE: dict[str, Text] = {
    "webhook_updated": Text(zh="推送地址已修改。", en="The webhook is changed."),
    "webhook_tested": Text(zh="测试消息正在发送。", en="The test is on its way. Load the page again in a moment."),
    "webhook_switched_off": Text(zh="推送地址已停用。", en="The webhook is switched off."),
    "webhook_switched_on": Text(zh="推送地址已启用。", en="The webhook is switched on."),
    "webhook_removed": Text(zh="推送地址已删除。", en="The webhook is removed."),
    "webhook_replayed": Text(zh="消息正在重发。", en="The message is being sent again."),
}

WEBHOOK_ACTIONS: dict[str, Text] = {
    Action.WEBHOOK_CREATED: Text(zh="新增推送地址", en="Webhook added"),
    Action.WEBHOOK_UPDATED: Text(zh="修改推送地址", en="Webhook changed"),
    Action.WEBHOOK_ENABLED: Text(zh="启用推送地址", en="Webhook switched on"),
    Action.WEBHOOK_DISABLED: Text(zh="停用推送地址", en="Webhook switched off"),
    Action.WEBHOOK_ROTATED: Text(zh="更换推送密钥", en="Webhook's secret replaced"),
    Action.WEBHOOK_TESTED: Text(zh="测试推送地址", en="Webhook tested"),
    Action.WEBHOOK_REPLAYED: Text(zh="重发消息", en="Message sent again"),
    Action.WEBHOOK_DELETED: Text(zh="删除推送地址", en="Webhook removed"),
}
