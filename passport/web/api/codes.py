# SPDX-License-Identifier: Apache-2.0
"""The registry's own error codes, beside those that every verifier has."""

from __future__ import annotations

from verifier.protocol.fields import Text
from verifier.web.api.codes import ProblemCode

BAD_DECIMAL = ProblemCode("bad_decimal", 400, Text(zh="需要十进制数字。", en="Decimal digits are wanted."))
NUMBER_TOO_LARGE = ProblemCode("number_too_large", 400, Text(zh="数字太大。", en="The number is too large."))
DECIMALS = (BAD_DECIMAL, NUMBER_TOO_LARGE)

UNKNOWN_ISSUER = ProblemCode("unknown_issuer", 404, Text(zh="没有这个发行者。", en="No such issuer is admitted here."))
UNKNOWN_BATCH = ProblemCode("unknown_batch", 404, Text(zh="账本中没有这一批。", en="The ledger holds no such batch."))
ITEMS_INCOMPLETE = ProblemCode(
    "items_incomplete",
    409,
    Text(zh="制造商还没有传完这一批的哈希。", en="The maker has not uploaded all item hashes of the batch yet."),
)

ALL_REFUSED = ProblemCode(
    "all_refused",
    422,
    Text(zh="全部条目都被拒绝；results 说明原因。", en="Every entry was refused; `results` says why."),
)
BAD_INCLUSION_PROOF = ProblemCode(
    "bad_inclusion_proof", 422, Text(zh="哈希与账本登记的根不符。", en="The hashes do not lead to the logged root.")
)
DIGEST_DIFFERS = ProblemCode(
    "digest_differs", 400, Text(zh="内容的 SHA-256 与地址不符。", en="The SHA-256 of the bytes is not the address.")
)
PASSPORT_PROBLEMS = (
    ProblemCode("document_too_large", 400, Text(zh="护照文件太大。", en="The passport document is too large.")),
    ProblemCode("bad_jws", 400, Text(zh="不是紧凑格式的 JWS。", en="This is no JWS in compact form.")),
    ProblemCode("bad_jws_header", 400, Text(zh="JWS 头部不对。", en="The header of the JWS is wrong.")),
    ProblemCode(
        "bad_subject", 400, Text(zh="护照的主体不是型号级的数字链接。", en="The subject is no model-level link.")
    ),
    ProblemCode("bad_signature", 422, Text(zh="签名不成立。", en="The signature does not hold.")),
    ProblemCode("unknown_key", 422, Text(zh="密钥不是该制造商的有效密钥。", en="The key is no good key of the maker.")),
)

LEDGER_UNAVAILABLE = ProblemCode(
    "ledger_unavailable",
    503,
    Text(zh="账本现在不能写入；稍后再发同样的请求。", en="The ledger takes nothing just now."),
)

BAD_CURSOR = ProblemCode(
    "bad_cursor", 400, Text(zh="游标不是这个列表给出的。", en="The cursor is not one that this listing gave.")
)
BAD_LIMIT = ProblemCode("bad_limit", 400, Text(zh="limit 应为 1 至 200。", en="`limit` is a number from 1 to 200."))
PAGING = (BAD_CURSOR, BAD_LIMIT)

KEY_MISSING = ProblemCode(
    "idempotency_key_missing", 400, Text(zh="此操作需要 Idempotency-Key。", en="This call needs an Idempotency-Key.")
)
KEY_MALFORMED = ProblemCode(
    "bad_idempotency_key",
    400,
    Text(
        zh="Idempotency-Key 应为双引号中的 8 至 64 个字符。", en="An Idempotency-Key is 8 to 64 characters in quotes."
    ),
)
KEY_IN_FLIGHT = ProblemCode(
    "idempotency_key_in_flight",
    409,
    Text(zh="同一个键的请求还在处理。", en="A request with this key is still being worked on."),
)
KEY_REUSED = ProblemCode(
    "idempotency_key_reused",
    422,
    Text(zh="这个键已用于另一个请求。", en="This key was used for another request."),
)
KEY_PROBLEMS = (KEY_MISSING, KEY_MALFORMED, KEY_IN_FLIGHT, KEY_REUSED)

NO_COUNTING = ProblemCode(
    "no_counting", 404, Text(zh="此登记处不统计查验次数。", en="This registry does not count checks, so it takes none.")
)
SHIPMENT_PROBLEMS = (
    ProblemCode("another_origin", 422, Text(zh="通知是给另一个账本的。", en="The notice is for another ledger.")),
    ProblemCode("notice_from_the_future", 422, Text(zh="签发时刻还没有到。", en="issued_at is yet to come.")),
    ProblemCode("notice_too_old", 422, Text(zh="通知太旧。", en="The notice is too old: sign a new one.")),
    ProblemCode("counts_unavailable", 503, Text(zh="现在不能写入；稍后重发。", en="Nothing can be written now.")),
)
