# SPDX-License-Identifier: Apache-2.0
"""Declarations of the calls about webhooks, their deliveries, and their error codes. docs/webhooks.md."""

from __future__ import annotations

from passport.domain.accounts import Scope
from passport.web.api import codes
from passport.web.api.listing_codes import ASKING
from passport.web.api.pagination import CURSOR, LIMIT
from verifier.listing_types import Uuid
from verifier.protocol.fields import Text
from verifier.web.api.codes import JSON_BODY, ProblemCode
from verifier.web.api.operations import JSON, Answer, Content, Operation, Parameter, Repeat
from verifier.webhook_types import (
    DeliveryDetail,
    DeliveryInfo,
    DeliveryPage,
    WebhookInfo,
    WebhookInput,
    WebhookList,
    WebhookSecret,
)

WEBHOOKS = Text(zh="消息推送", en="Webhooks")
_READ, _WRITE = (Scope.WEBHOOKS_READ.value,), (Scope.WEBHOOKS_WRITE.value,)
_CALL = 'curl --fail-with-body --silent --show-error --header "Authorization: Bearer $PASSPORT_TOKEN" \\\n'
_SENT = "  --header 'Content-Type: application/json' \\\n"

WEBHOOK = Parameter("webhook", "path", Uuid, Text(zh="推送地址的编号。", en="The webhook's id."))
DELIVERY = Parameter("delivery", "path", Uuid, Text(zh="投递的编号。", en="The delivery's id."))


def _code(code: str, status: int, zh: str, en: str) -> ProblemCode:
    return ProblemCode(code, status, Text(zh=zh, en=en))


FIELDS = (
    _code("bad_webhook_url", 400, "推送地址写法不对。", "The webhook's address is not well formed."),
    _code("webhook_address_refused", 400, "不向这个 IP 地址发送。", "Nothing is sent to this IP address."),
    _code("webhook_port_refused", 400, "只允许 443 端口。", "The webhook's port is not allowed."),
    _code("bad_event_type", 400, "没有这种消息。", "There is no such type of message."),
    _code("bad_webhook_label", 400, "名称太长或有不可见字符。", "The label is too long or invisible."),
)
UNKNOWN_WEBHOOK = _code("unknown_webhook", 404, "没有这个推送地址。", "Your organisation has no such webhook.")
UNKNOWN_DELIVERY = _code("unknown_delivery", 404, "没有这次投递。", "Your organisation has no such delivery.")
TOO_MANY = _code("too_many_webhooks", 409, "最多十个推送地址。", "Your organisation has ten webhooks already.")
URL_TAKEN = _code("webhook_url_taken", 409, "另一个推送用了这个地址。", "Another webhook of yours has this address.")
DISABLED = _code("webhook_disabled", 409, "推送地址已停用。", "The webhook is switched off.")
PENDING = _code("delivery_pending", 409, "这条消息正在投递。", "The message is on its way to the webhook already.")


def _key(name: str) -> str:
    return f"  --header 'Idempotency-Key: \"{name}-0001\"' \\\n"


def _answer(status: int, zh: str, en: str, kind: type) -> tuple[Answer, ...]:
    return (Answer(status, Text(zh=zh, en=en), (Content(JSON, kind),)),)


CREATE_WEBHOOK = Operation(
    name="create_webhook",
    group=WEBHOOKS,
    summary=Text(zh="登记推送地址；密钥只显示这一次。", en="Add a webhook; its secret is shown this once."),
    bodies=(Content(JSON, WebhookInput),),
    answers=_answer(201, "已登记。", "It is added.", WebhookSecret),
    problems=(*ASKING, *JSON_BODY, *FIELDS, TOO_MANY, URL_TAKEN, *codes.KEY_PROBLEMS),
    scopes=_WRITE,
    repeat=Repeat.KEY,
    example=f"""\
# The secret of the answer is shown this once: keep it where your receiver reads it.
{_CALL}{_key("create-webhook")}{_SENT}  --data '{{"url":"https://hooks.shop.example/passport","label":"Quality"}}' \\
  "$REGISTRY/api/v1/webhooks"
""",
)

LIST_WEBHOOKS = Operation(
    name="list_webhooks",
    group=WEBHOOKS,
    summary=Text(zh="本平台的推送地址。", en="Your webhooks, the oldest first."),
    answers=_answer(200, "全部。", "All of them.", WebhookList),
    problems=ASKING,
    scopes=_READ,
    example=f"""\
{_CALL}  "$REGISTRY/api/v1/webhooks"
""",
)

FIND_WEBHOOK = Operation(
    name="find_webhook",
    group=WEBHOOKS,
    summary=Text(zh="一个推送地址。", en="One webhook."),
    parameters=(WEBHOOK,),
    answers=_answer(200, "推送地址。", "The webhook.", WebhookInfo),
    problems=(*ASKING, UNKNOWN_WEBHOOK),
    scopes=_READ,
    example=f"""\
{_CALL}  "$REGISTRY/api/v1/webhooks/$WEBHOOK"
""",
)

UPDATE_WEBHOOK = Operation(
    name="update_webhook",
    group=WEBHOOKS,
    summary=Text(zh="修改、停用或启用推送地址。", en="Change a webhook, switch it off or on."),
    parameters=(WEBHOOK,),
    bodies=(Content(JSON, WebhookInput),),
    answers=_answer(200, "推送地址。", "The webhook.", WebhookInfo),
    problems=(*ASKING, *JSON_BODY, *FIELDS, UNKNOWN_WEBHOOK, URL_TAKEN, *codes.KEY_PROBLEMS),
    scopes=_WRITE,
    repeat=Repeat.KEY,
    example=f"""\
# Recalls alone. "is_enabled":false would switch it off and end what is pending.
{_CALL}{_key("update-webhook")}{_SENT}  --request PUT \\
  --data '{{"url":"https://hooks.shop.example/recalls","types":["recall.published","recall.closed"]}}' \\
  "$REGISTRY/api/v1/webhooks/$WEBHOOK"
""",
)

DELETE_WEBHOOK = Operation(
    name="delete_webhook",
    group=WEBHOOKS,
    summary=Text(zh="删除推送地址。", en="Remove a webhook; nothing is sent to it any more."),
    parameters=(WEBHOOK,),
    answers=(Answer(204, Text(zh="已删除。", en="It is removed.")),),
    problems=(*ASKING, UNKNOWN_WEBHOOK),
    scopes=_WRITE,
    repeat=Repeat.BY_CONTENT,
    example=f"""\
{_CALL}  --request DELETE \\
  "$REGISTRY/api/v1/webhooks/$OLD_WEBHOOK"
""",
)

ROTATE_WEBHOOK = Operation(
    name="rotate_webhook",
    group=WEBHOOKS,
    summary=Text(zh="换新密钥；旧密钥再有效 24 小时。", en="A new secret; the old one signs along for 24 hours."),
    parameters=(WEBHOOK,),
    answers=_answer(200, "新密钥，只显示这一次。", "The new secret, shown this once.", WebhookSecret),
    problems=(*ASKING, UNKNOWN_WEBHOOK, *codes.KEY_PROBLEMS),
    scopes=_WRITE,
    repeat=Repeat.KEY,
    example=f"""\
{_CALL}{_key("rotate-webhook")}  --request POST \\
  "$REGISTRY/api/v1/webhooks/$WEBHOOK/rotate"
""",
)

TEST_WEBHOOK = Operation(
    name="test_webhook",
    group=WEBHOOKS,
    summary=Text(zh="发送一条 webhook.test。", en="Send a message of the type webhook.test."),
    parameters=(WEBHOOK,),
    answers=_answer(202, "正在投递。", "It is on its way.", DeliveryInfo),
    problems=(*ASKING, UNKNOWN_WEBHOOK, DISABLED, *codes.KEY_PROBLEMS),
    scopes=_WRITE,
    repeat=Repeat.KEY,
    example=f"""\
{_CALL}{_key("test-webhook")}  --request POST \\
  "$REGISTRY/api/v1/webhooks/$WEBHOOK/test"
""",
)

LIST_DELIVERIES = Operation(
    name="list_deliveries",
    group=WEBHOOKS,
    summary=Text(zh="投递记录，新的在前，分页。", en="Deliveries to a webhook, the newest first, page by page."),
    parameters=(WEBHOOK, LIMIT, CURSOR),
    answers=_answer(200, "一页。", "One page.", DeliveryPage),
    problems=(*ASKING, *codes.PAGING, UNKNOWN_WEBHOOK),
    scopes=_READ,
    example=f"""\
{_CALL}  "$REGISTRY/api/v1/webhooks/$WEBHOOK/deliveries?limit=20"
""",
)

FIND_DELIVERY = Operation(
    name="find_delivery",
    group=WEBHOOKS,
    summary=Text(zh="一次投递和它的每次尝试。", en="One delivery with each attempt, and the body that is sent."),
    parameters=(DELIVERY,),
    answers=_answer(200, "投递。", "The delivery.", DeliveryDetail),
    problems=(*ASKING, UNKNOWN_DELIVERY),
    scopes=_READ,
    example=f"""\
{_CALL}  "$REGISTRY/api/v1/webhook-deliveries/$DELIVERY"
""",
)

REPLAY_DELIVERY = Operation(
    name="replay_delivery",
    group=WEBHOOKS,
    summary=Text(zh="用同一个 webhook-id 再发一次。", en="Send a message again, under the same webhook-id."),
    parameters=(DELIVERY,),
    answers=_answer(202, "新的投递。", "The new delivery.", DeliveryInfo),
    problems=(*ASKING, UNKNOWN_DELIVERY, DISABLED, PENDING, *codes.KEY_PROBLEMS),
    scopes=_WRITE,
    repeat=Repeat.KEY,
    example=f"""\
{_CALL}{_key("replay-delivery")}  --request POST \\
  "$REGISTRY/api/v1/webhook-deliveries/$DELIVERY/replay"
""",
)
