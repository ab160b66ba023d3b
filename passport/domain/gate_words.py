# SPDX-License-Identifier: Apache-2.0
"""The gate's reasons in words, by code; ADR 0012. `{about}` is the thing that the reason is about."""

from __future__ import annotations

from verifier.protocol.fields import Text

REASON_WORDS: dict[str, Text] = {
    "maker_not_admitted": Text(
        zh="没有已准入的生产者使用商品条码 {about} 的厂商识别代码。",
        en="No admitted maker owns the company prefix of GTIN {about}.",
    ),
    "maker_not_manufacturer": Text(
        zh="使用该厂商识别代码的 {about} 不是以生产者身份准入的。",
        en="{about}, who owns the company prefix, is not admitted as a manufacturer.",
    ),
    "maker_keys_revoked": Text(zh="生产者 {about} 的密钥已全部撤销。", en="Every key of the maker {about} is revoked."),
    "passport_not_published": Text(zh="该产品没有已发布的护照。", en="No passport of the product is published."),
    "passport_unreadable": Text(
        zh="账本登记的护照读不到，或与登记的摘要、签名不符（{about}）。",
        en="The logged passport is not here, or does not fit its digest or signature ({about}).",
    ),
    "passport_of_another_maker": Text(
        zh="护照由 {about} 发布，不是该条码的生产者。", en="The passport is by {about}, who is not the GTIN's maker."
    ),
    "open_recall": Text(zh="召回 {about} 尚未关闭。", en="The recall {about} is open."),
    "failed_inspection": Text(zh="检验 {about} 的结论为不合格。", en="The inspection {about} was failed."),
    "certificate_unknown": Text(
        zh="护照所列证书 {about} 未见检测机构或监管部门在账本中公布。",
        en="No laboratory or authority has published certificate {about}, which the passport names.",
    ),
    "certificate_suspended": Text(zh="证书 {about} 已暂停。", en="Certificate {about} is suspended."),
    "certificate_revoked": Text(zh="证书 {about} 已撤销。", en="Certificate {about} is revoked."),
    "certificate_not_yet_valid": Text(zh="证书 {about} 尚未生效。", en="Certificate {about} is not valid yet."),
    "certificate_expired": Text(zh="证书 {about} 已过期。", en="Certificate {about} has expired."),
    "certificate_of_other_products": Text(
        zh="证书 {about} 不覆盖该产品。", en="Certificate {about} does not cover this product."
    ),
    "lot_not_logged": Text(zh="账本中没有批次 {about} 的码。", en="No codes of lot {about} are in the ledger."),
    "sample_codes_missing": Text(zh="没有样品码可供验证。", en="There is no sample code to verify."),
    "sample_of_another_lot": Text(
        zh="样品码 {about} 属于商品未列出的批次。", en="Sample {about} is of a lot that the listing does not name."
    ),
    "sample_malformed": Text(zh="样品码 {about} 不是有效的产品码。", en="Sample {about} is not a product code."),
    "sample_counterfeit": Text(zh="样品码 {about} 是伪造的。", en="Sample {about} is forged."),
    "sample_void": Text(zh="样品码 {about} 已作废。", en="Sample {about} is void."),
    "sample_recalled": Text(zh="样品码 {about} 在召回范围内。", en="Sample {about} is recalled."),
    "sample_not_logged": Text(zh="样品码 {about} 未在账本登记。", en="Sample {about} is not in the ledger."),
    "sample_suspect": Text(zh="样品码 {about} 可能被复制。", en="Sample {about} may have been copied."),
    "sample_cannot_tell": Text(
        zh="样品码 {about} 暂时无法验证。请稍后再试。", en="Sample {about} could not be verified just now. Try later."
    ),
    "operator_sanctioned": Text(zh="卖家在黑名单中（{about}）。", en="The seller is on a sanction list ({about})."),
}
"""Every code that a decision by gate/1 or gate/2 may hold; gate/2 added operator_sanctioned."""
