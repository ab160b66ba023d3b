# SPDX-License-Identifier: Apache-2.0
"""The codes of the API's errors: stable words for programs, each with one HTTP status and its meaning. RFC 9457."""

from __future__ import annotations

from dataclasses import dataclass

from verifier.protocol.fields import Text
from verifier.web.reasons import REASONS


@dataclass(frozen=True, slots=True)
class ProblemCode:
    """One code. The same code has the same status wherever it occurs."""

    code: str
    status: int
    about: Text


BAD_REQUEST = ProblemCode(
    "bad_request", 400, Text(zh="请求本身有误，例如主机名不对。", en="The request itself is wrong, such as its Host.")
)
RATE_LIMITED = ProblemCode(
    "rate_limited",
    429,
    Text(zh="请求太多。Retry-After 说明多少秒后再试。", en="Too many requests. Retry-After says in how many seconds."),
)
INTERNAL_ERROR = ProblemCode(
    "internal_server_error", 500, Text(zh="我们出错了；稍后再试。", en="Our fault. Trying again later may help.")
)
REQUEST_TOO_LARGE = ProblemCode(
    "request_entity_too_large", 413, Text(zh="请求正文太大。", en="The body of the request is too large.")
)
UNSUPPORTED_MEDIA_TYPE = ProblemCode(
    "unsupported_media_type", 415, Text(zh="请求正文的媒体类型不对。", en="The body has another media type.")
)
METHOD_NOT_ALLOWED = ProblemCode(
    "method_not_allowed", 405, Text(zh="这个地址不接受此方法。", en="The address does not take this method.")
)
NOT_FOUND = ProblemCode("not_found", 404, Text(zh="没有这个内容。", en="There is no such thing."))

BAD_JSON = ProblemCode("bad_json", 400, Text(zh="正文不是 UTF-8 编码的 JSON。", en="The body is not JSON in UTF-8."))
BAD_BODY = ProblemCode(
    "bad_body",
    400,
    Text(zh="JSON 的成员不对；detail 指出是哪一个。", en="A member of the JSON is wrong; detail names it."),
)
REPEATED_MEMBER = ProblemCode(
    "repeated_member", 400, Text(zh="JSON 对象中有重复的成员。", en="A member occurs twice in a JSON object.")
)
JSON_BODY = (BAD_JSON, BAD_BODY, REPEATED_MEMBER)

BAD_GTIN = ProblemCode("bad_gtin", 400, REASONS["bad_gtin"])
BAD_BADGE_ADDRESS = ProblemCode(
    "bad_badge_address", 400, Text(zh="徽章地址写法不对。", en="The badge's address is not well formed.")
)
BAD_TARGET = ProblemCode(
    "bad_target", 400, Text(zh="地址中有须转义的字符。", en="The address has characters that must be percent-encoded.")
)
TARGET_TOO_LONG = ProblemCode("target_too_long", 400, Text(zh="地址太长。", en="The address is too long."))
RAW_TARGET = (BAD_TARGET, TARGET_TOO_LONG)
PRODUCT_CODE = tuple(
    ProblemCode(code, 400, REASONS[code])
    for code in (
        "bad_base32",
        "bad_gtin",
        "bad_link",
        "bad_percent_encoding",
        "bad_query",
        "bad_seal",
        "bad_serial",
        "code_too_long",
        "no_seal",
        "two_seals",
        "unsealed_identifier",
    )
)

BAD_ISSUER_ID = ProblemCode(
    "bad_issuer_id", 400, Text(zh="发行者标识写法不对。", en="The issuer's id is not well formed.")
)
BAD_HEX = ProblemCode(
    "bad_hex", 400, Text(zh="需要 64 个小写十六进制数字。", en="64 lower-case hex digits are wanted.")
)
UNKNOWN_DOCUMENT = ProblemCode("unknown_document", 404, Text(zh="没有这份文件。", en="No such document is kept here."))
NOT_LOGGED = ProblemCode(
    "not_logged",
    404,
    Text(
        zh="账本中没有这个码，或其签名不是制造商的。",
        en="The ledger holds no such code, or its seal is not its maker's.",
    ),
)
LEDGER_STOPPED = ProblemCode(
    "ledger_stopped", 503, Text(zh="账本已停止，等待修复。", en="The ledger has stopped and waits for repair.")
)
NOT_PUBLISHED_YET = ProblemCode(
    "not_published_yet",
    503,
    Text(zh="还没有发布任何内容。", en="Nothing is published yet; try again in a few seconds."),
)
ITEMS_NOT_UPLOADED = ProblemCode(
    "items_not_uploaded", 503, Text(zh="这一批的哈希还没有传完。", en="The batch's item hashes are not all here yet.")
)
DOWN = (LEDGER_STOPPED, NOT_PUBLISHED_YET)

CANONICAL_JSON = (
    BAD_JSON,
    *(
        ProblemCode(code, 400, Text(zh=zh, en=en))
        for code, zh, en in (
            ("bad_base64", "不是带填充的标准 base64。", "This is not standard base64 with padding."),
            ("bad_instant", "时刻写法不对。", "An instant is not well formed."),
            ("json_too_deep", "JSON 嵌套太深。", "The JSON is nested too deeply."),
            ("missing_member", "缺少成员。", "A member is missing."),
            ("not_an_object", "需要 JSON 对象。", "A JSON object is wanted."),
            ("not_canonical_json", "不是规范 JSON（RFC 8785）。", "This is not canonical JSON (RFC 8785)."),
            ("out_of_range", "数字超出范围。", "A number is out of range."),
            ("too_long", "内容太长。", "This is too long."),
            ("unknown_member", "有不认识的成员。", "A member is not known."),
            ("unknown_type", "类型不认识。", "The type is not known."),
            ("wrong_length", "长度不对。", "The number of bytes or characters is wrong."),
            ("wrong_type", "成员的类型不对。", "A member has the wrong type."),
        )
    ),
)
WRONG_LENGTH = next(problem for problem in CANONICAL_JSON if problem.code == "wrong_length")
BAD_RANGE = ProblemCode("bad_range", 400, Text(zh="范围的末尾在开头之前。", en="A range ends before it begins."))
