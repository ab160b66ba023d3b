# SPDX-License-Identifier: Apache-2.0
"""The reasons against a dossier in words, by code; ADR 0012. `{about}` is the thing that the reason is about."""

from __future__ import annotations

from verifier.protocol.fields import Text

DOSSIER_REASON_WORDS: dict[str, Text] = {
    "no_report": Text(zh="没有登记任何报告。", en="No report was checked."),
    "report_expired": Text(zh="报告 {about} 已过期。", en="The report {about} has expired."),
    "report_not_yet_valid": Text(zh="报告 {about} 尚未生效。", en="The report {about} is not valid yet."),
    "certificate_suspended": Text(
        zh="账本显示证书 {about} 已暂停。", en="The ledger says that certificate {about} is suspended."
    ),
    "certificate_revoked": Text(
        zh="账本显示证书 {about} 已撤销。", en="The ledger says that certificate {about} is revoked."
    ),
    "certificate_not_yet_valid": Text(
        zh="账本显示证书 {about} 尚未生效。", en="The ledger says that certificate {about} is not valid yet."
    ),
    "certificate_expired": Text(
        zh="账本显示证书 {about} 已过期。", en="The ledger says that certificate {about} has expired."
    ),
    "certificate_of_other_products": Text(
        zh="账本显示证书 {about} 不覆盖该产品。",
        en="The ledger says that certificate {about} does not cover this product.",
    ),
    "sample_missing": Text(zh="没有扫描样品码。", en="No sample's code was scanned."),
    "sample_of_another_product": Text(
        zh="样品码属于另一个产品（{about}）。", en="The sample is of another product ({about})."
    ),
    "sample_of_another_lot": Text(zh="样品码属于批次 {about}。", en="The sample is of lot {about}."),
    "sample_malformed": Text(zh="样品码不是有效的产品码。", en="The sample's code is not a product code."),
    "sample_counterfeit": Text(zh="样品码是伪造的。", en="The sample's code is forged."),
    "sample_void": Text(zh="样品码已作废。", en="The sample's code is void."),
    "sample_recalled": Text(zh="样品在召回范围内。", en="The sample is recalled."),
    "sample_not_logged": Text(zh="样品码未在账本登记。", en="The sample's code is not in the ledger."),
    "sample_suspect": Text(zh="样品码可能被复制。", en="The sample's code may have been copied."),
    "sample_cannot_tell": Text(
        zh="样品码暂时无法验证。请稍后再试。", en="The sample's code could not be verified just now. Try later."
    ),
    "open_recall": Text(zh="召回 {about} 尚未关闭。", en="The recall {about} is open."),
    "failed_inspection": Text(zh="检验 {about} 的结论为不合格。", en="The inspection {about} was failed."),
    "maker_not_admitted": Text(
        zh="没有已准入的生产者使用商品条码 {about} 的厂商识别代码。",
        en="No admitted maker owns the company prefix of GTIN {about}.",
    ),
    "maker_not_manufacturer": Text(
        zh="使用该厂商识别代码的 {about} 不是以生产者身份准入的。",
        en="{about}, who owns the company prefix, is not admitted as a manufacturer.",
    ),
    "maker_keys_revoked": Text(zh="生产者 {about} 的密钥已全部撤销。", en="Every key of the maker {about} is revoked."),
    "operator_sanctioned": Text(zh="卖家在黑名单中（{about}）。", en="The seller is on a sanction list ({about})."),
}
"""Every code that a decision by dossier/1 may hold."""
