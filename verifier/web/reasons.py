# SPDX-License-Identifier: Apache-2.0
"""The finer reason of a verdict, as one sentence for people. A reason without a sentence is shown by its code alone."""

from __future__ import annotations

from verifier.protocol.fields import Text
from verifier.web.offline_words import OFFLINE_REASONS

_LEDGER_DIFFERS = Text(
    zh="账本给出的证据前后不一致。请保留本页并稍后重试。",
    en="The ledger's evidence does not fit together. Keep this page and try again later.",
)
_NOT_OF_BATCH = Text(zh="账本里登记的批次与此码不符。", en="The batch that the ledger holds does not fit this code.")
_NOT_THE_LEDGERS = Text(
    zh="收到的内容没有由这个账本的密钥签名。", en="What arrived is not signed by the keys of this ledger."
)
_UNREADABLE = Text(zh="账本给出的证据无法读懂。", en="The ledger's evidence cannot be read.")
_INCOMPLETE = Text(
    zh="网址不完整，或含有不该出现的字符。", en="The address is incomplete or has characters that do not belong there."
)

# Where the status's own title would say the wrong thing: by reason, title and sentence. The status stays what it is.
HEADLINES: dict[str, tuple[Text, Text]] = {
    "unknown_prefix": (
        Text(zh="没有登记的生产者使用这个条码", en="No registered maker uses this number"),
        Text(
            zh="公开名单里没有生产者登记过这个商品条码，所以没有人为这个码负责。请勿购买，并向卖家和监管部门反映。",
            en="Nobody on the public list of makers has registered this product number (GTIN), so nobody stands behind "
            "this code. Do not buy; tell the seller and the authority.",
        ),
    ),
}

REASONS: dict[str, Text] = {
    "code_too_long": Text(zh="内容太长，不是产品码。", en="The text is too long to be a product code."),
    "bad_link": _INCOMPLETE,
    "bad_query": _INCOMPLETE,
    "bad_percent_encoding": _INCOMPLETE,
    "no_seal": Text(
        zh="网址里没有签名：它只说明是哪种商品，什么也证明不了。",
        en="The address carries no signature: it names a product but proves nothing.",
    ),
    "two_seals": Text(zh="网址里有两个签名。", en="The address carries two signatures."),
    "bad_seal": Text(zh="签名部分不完整。", en="The signature part is incomplete."),
    "bad_base32": Text(zh="签名部分有错误的字符。", en="The signature part has a wrong character."),
    "bad_serial": Text(zh="序列号的写法不对。", en="The serial number is not well formed."),
    "bad_gtin": Text(zh="商品条码的校验位不对。", en="The GTIN's check digit is wrong."),
    "unsealed_identifier": Text(
        zh="网址里夹带了签名之外的标识。", en="The address carries identifiers that the signature does not cover."
    ),
    "unknown_prefix": Text(zh="没有登记的生产者使用这个商品条码。", en="No registered maker uses this GTIN."),
    "unknown_key": Text(
        zh="签发此码的密钥不在该品牌的登记名单里。", en="The key that made this code is not registered for this brand."
    ),
    "bad_signature": Text(
        zh="签名验证不通过：内容被改动过，或不是品牌方签发。",
        en="The signature does not verify: the content was changed, or the maker did not issue it.",
    ),
    "key_revoked": Text(
        zh="签发此码的密钥已被吊销，而这个批次没有在吊销之前登记。",
        en="The key was revoked, and this batch was not logged before that.",
    ),
    "no_such_batch_or_item": Text(zh="账本里没有这个批次。", en="The ledger does not hold this batch."),
    "another_code": Text(zh="账本在这个位置登记的是另一个码。", en="The ledger holds another code in this place."),
    "seq_outside_batch": Text(
        zh="序号超出了该批次登记的数量。", en="The position lies beyond the number of codes that the batch has."
    ),
    "another_batch": _NOT_OF_BATCH,
    "batch_of_another_issuer": _NOT_OF_BATCH,
    "batch_of_another_gtin": _NOT_OF_BATCH,
    "batch_of_another_key": _NOT_OF_BATCH,
    "no_snapshot": Text(zh="还没有收到信任与召回名单。", en="The list of makers and recalls has not arrived yet."),
    "snapshot_stale": Text(
        zh="召回信息已经过了有效期，所以不能显示为正常。",
        en="The recall information is past its date, so nothing can be shown as good.",
    ),
    "checkpoint_stale": Text(zh="最近没有见证方核对过账本。", en="No witness has looked at the ledger recently."),
    "quorum_missing": Text(
        zh="见证方的签名不够，或登记处更换了见证方。", en="Too few witnesses have signed, or the registry changed them."
    ),
    "no_trusted_signature": _NOT_THE_LEDGERS,
    "unknown_log": _NOT_THE_LEDGERS,
    "snapshot_of_another_ledger": _NOT_THE_LEDGERS,
    "bad_tile": _LEDGER_DIFFERS,
    "malformed_tlog_proof": _UNREADABLE,
    "malformed_note": _UNREADABLE,
    "malformed_checkpoint": _UNREADABLE,
    "malformed_policy": _UNREADABLE,
    "bad_proof_document": _UNREADABLE,
    "ledger_forked": _LEDGER_DIFFERS,
    "ledger_went_back": _LEDGER_DIFFERS,
    "snapshot_went_back": _LEDGER_DIFFERS,
    "bad_inclusion_proof": _LEDGER_DIFFERS,
    "bad_consistency_proof": _LEDGER_DIFFERS,
} | OFFLINE_REASONS
