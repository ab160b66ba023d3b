# SPDX-License-Identifier: Apache-2.0
"""A monitor's events in one line of words each, Chinese or English. DESIGN §1."""

from __future__ import annotations

from verifier.commands.context import Context
from verifier.fetch import printable
from verifier.monitor import Event
from verifier.protocol.encoding import JsonValue
from verifier.protocol.fields import format_instant

WORDS: dict[str, tuple[str, str]] = {
    "batch_issued": (
        "新批次：{issuer} 第 {batch} 批，GTIN {gtin}，批号 {lot}，{count} 个码，生产日期 {production_date}",
        "batch {batch} of {issuer}: GTIN {gtin}, lot {lot}, {count} codes, produced {production_date}",
    ),
    "certificate_status": (
        "证书：{scheme} {number} {status}（{issuer}），有效期 {valid_from} 至 {valid_until}，GTIN {gtins}",
        "certificate {scheme} {number}: {status}, by {issuer}, from {valid_from} to {valid_until}, GTIN {gtins}",
    ),
    "codes_voided": (
        "作废：{issuer} 第 {batch} 批（GTIN {gtin}）中 {ranges_count} 段码",
        "codes voided in batch {batch} of {issuer} (GTIN {gtin}): {ranges_count} ranges",
    ),
    "dossier_approved": (
        "选品档案：{issuer} 批准 {dossier_id} 第 {revision} 版，GTIN {gtin}，批号 {lot}，摘要 {digest}",
        "dossier {dossier_id} revision {revision} approved by {issuer}: GTIN {gtin}, lot {lot}, digest {digest}",
    ),
    "entry_disregarded": (
        "运营方记入了规则不允许的条目，该条目无效：{message}（{rule}）",
        "the operator logged what the policy forbids; it has no effect: {message} ({rule})",
    ),
    "inspection_published": (
        "检验：{inspection_id} 第 {revision} 版 {result}（{issuer}，{standard}），GTIN {gtin}，批号 {lots}",
        "inspection {inspection_id} revision {revision}: {result}, by {issuer} ({standard}), GTIN {gtin}, lots {lots}",
    ),
    "issuer_admitted": (
        "新主体：{subject} {name}，厂商识别代码 {prefixes}，公钥 {key_id}",
        "issuer admitted: {subject} {name}, prefixes {prefixes}, key {key_id}",
    ),
    "key_added": ("新增公钥：{subject} {key_id}", "key added for {subject}: {key_id}"),
    "key_first_used": (
        "公钥首次用于批次：{issuer} {key_id}，GTIN {gtin}",
        "first batch with this key: {issuer} {key_id}, GTIN {gtin}",
    ),
    "key_revoked": (
        "公钥吊销：{subject} {key_id}，自第 {from_index} 条起，{undone_count} 条条目失效：{reason}",
        "key revoked: {subject} {key_id}, from index {from_index}, {undone_count} entries undone: {reason}",
    ),
    "ledger_failed": (
        "账本内容无法核实：{message}（{code}）",
        "what the ledger serves does not hold: {message} ({code})",
    ),
    "ledger_forked": (
        "账本分叉：签署了两份不同的历史（大小 {sizes}），两份检查点已保存为证据：{evidence}",
        "THE LEDGER FORKED: it signed two histories (sizes {sizes}); both notes are kept: {evidence}",
    ),
    "ledger_went_back": (
        "账本倒退：曾有 {size} 条，现在只给出 {shown_size} 条",
        "the ledger went back: it had {size} entries and shows {shown_size}",
    ),
    "lot_issued_twice": (
        "同一批号重复赋码：GTIN {gtin}，批号 {lot}，此前见第 {earlier_index} 条（{issuer} 第 {batch} 批）",
        "a lot issued twice: GTIN {gtin}, lot {lot}, before at index {earlier_index} (batch {batch} of {issuer})",
    ),
    "no_growth": (
        "账本长时间没有新条目：自 {grown_at} 起一直是 {size} 条",
        "the ledger has not grown since {grown_at}: {size} entries",
    ),
    "passport_published": (
        "发布护照：{issuer} GTIN {gtin} 第 {revision} 版，摘要 {digest}",
        "passport published by {issuer}: GTIN {gtin} revision {revision}, digest {digest}",
    ),
    "recall_closed": (
        "召回结束：{recall_id} {title}，GTIN {gtins}",
        "recall closed: {recall_id} {title}, GTIN {gtins}",
    ),
    "recall_published": (
        "召回发布：{recall_id} {title}（{severity}），GTIN {gtins}",
        "recall published: {recall_id} {title} ({severity}), GTIN {gtins}",
    ),
    "recall_revised": (
        "召回修订：{recall_id} 第 {revision} 版 {title}（{severity}），GTIN {gtins}",
        "recall revised: {recall_id} revision {revision} {title} ({severity}), GTIN {gtins}",
    ),
    "registry_created": ("账本建立：{name}", "ledger created: {name}"),
    "snapshot_stale": (
        "召回快照过期：{shard} 应在 {next_update_at} 前更新",
        "the snapshot is out of date: {shard} was to be replaced by {next_update_at}",
    ),
}


class _Shown(dict[str, str]):
    """What an older version of us did not say is shown as a question mark, not as a crash."""

    def __missing__(self, name: str) -> str:
        return "?"


def sentence(event: Event, context: Context) -> str:
    """The event on one line, safe for a terminal: when it was seen, the ledger index if there is one, the words."""
    shown = _Shown({name: _show(value, context.language) for name, value in event.detail.items()})
    place = "" if event.index is None else f"#{event.index} "
    words = context.pick(*WORDS[event.kind]).format_map(shown)
    return printable(f"{format_instant(event.seen_at)} {place}{words}", maximum=2000)


def _show(value: JsonValue, language: str) -> str:
    match value:
        case {"zh": str() as zh, "en": str() as en}:
            return zh if language == "zh" else en
        case list():
            return ", ".join(_show(item, language) for item in value)
        case _:
            return str(value)
