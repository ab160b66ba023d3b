# SPDX-License-Identifier: Apache-2.0
"""The words of the page about the API."""

from __future__ import annotations

from verifier.protocol.fields import Text
from verifier.web.api.operations import Repeat

REFERENCE_WORDS: dict[str, Text] = {
    "title": Text(zh="接口说明", en="The API"),
    "lead": Text(
        zh="本页由代码生成，与 /api/v1/openapi.json 内容相同。每个示例都由测试执行过。",
        en="Made from the code, like /api/v1/openapi.json. A test runs each example as it stands.",
    ),
    "for_programs": Text(zh="OpenAPI 3.1 描述", en="The OpenAPI 3.1 description"),
    "preamble": Text(zh="示例中的变量", en="What the examples call"),
    "common": Text(zh="对所有调用都成立", en="True of every call"),
    "common_errors": Text(
        zh="错误为 application/problem+json（/ledger 和 /healthz 为纯文本）。code 不变；detail 供人阅读。",
        en="Errors are application/problem+json (plain text under /ledger and /healthz). code is stable and for "
        "programs, detail is for people.",
    ),
    "common_ids": Text(
        zh="每个回答都带 X-Request-Id；您可以自己给一个（8 至 64 个字母、数字、点、横线、下划线）。",
        en="Every answer carries X-Request-Id. You may send your own: 8 to 64 letters, digits and . _ -",
    ),
    "common_limits": Text(
        zh="RateLimit-Policy 和 RateLimit 说明限额和余量；超出时为 429 和 Retry-After。",
        en="RateLimit-Policy and RateLimit tell the quota and what is left; beyond it: 429 with Retry-After.",
    ),
    "common_keys": Text(
        zh="要求 Idempotency-Key 的调用：同一个键重发，24 小时内得到同一个回答。",
        en="Calls that ask for an Idempotency-Key, sent again with the same key, give the same answer for 24 hours.",
    ),
    "contents": Text(zh="全部调用", en="All calls"),
    "parameters": Text(zh="参数", en="Parameters"),
    "body": Text(zh="请求正文", en="Body"),
    "answers": Text(zh="回答", en="Answers"),
    "problems": Text(zh="错误代码", en="Error codes"),
    "example": Text(zh="示例", en="Example"),
    "scopes": Text(zh="令牌须有的权限", en="The token needs the scope"),
    "types": Text(zh="数据类型", en="Types"),
    "types_note": Text(zh="? 表示成员可以没有。", en="? marks a member that may be absent."),
}

REPEATS: dict[Repeat, Text] = {
    Repeat.READ: Text(zh="只读。", en="Changes nothing."),
    Repeat.BY_CONTENT: Text(
        zh="可以重发：同样的字节只保存一次。", en="May be sent again: the same bytes are stored once."
    ),
    Repeat.KEY: Text(
        zh="须带 Idempotency-Key；同一个键可以重发。",
        en="Needs an Idempotency-Key; with the same key it may be sent again.",
    ),
}
