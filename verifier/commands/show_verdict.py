# SPDX-License-Identifier: Apache-2.0
"""A verdict in plain words on a terminal: what it is, whom it concerns, recalls, and how we know. DESIGN §5."""

from __future__ import annotations

import unicodedata

from verifier.commands.context import Context, mark_of
from verifier.protocol.fields import Text, format_instant
from verifier.recalls import RecallRecord
from verifier.verdict import Verdict

_MARKS = {"green": "✓", "red": "✗", "amber": "!", "grey": "?"}
_LABEL_WIDTH = 15


def show_verdict(context: Context, verdict: Verdict) -> None:
    """Print a verdict for people. Everything from the ledger goes through `Context.words` first."""
    look = verdict.appearance
    context.heading(_MARKS[look.colour], context.words(look.title), look.colour)
    context.line(f"  {context.words(look.sentence)}")
    context.line()
    for zh, en, value in _facts(context, verdict):
        context.line(f"  {_padded(context.pick(zh, en))}{value}")
    for recall in verdict.recalls:
        _show_recall(context, recall)
    context.line()
    context.line(f"  {context.pick('依据', 'How we know')}")
    for step in verdict.steps:
        context.line(f"  {step.name.number:3d} {mark_of(step.outcome)} {context.words(step.name.label)}")


def _facts(context: Context, verdict: Verdict) -> list[tuple[str, str, str]]:
    facts: list[tuple[str, str, str]] = []
    if verdict.code is not None:
        facts.append(("商品条码", "GTIN", verdict.code.gtin))
        facts.append(("序列号", "Serial", verdict.code.serial))
    if verdict.issuer is not None:
        facts.append(("生产者", "Maker", f"{context.words(verdict.issuer.name)} ({verdict.issuer.uscc})"))
    if verdict.batch is not None:
        facts.append(("批号", "Lot", context.words(Text(zh=verdict.batch.lot, en=verdict.batch.lot))))
        facts.append(("生产日期", "Produced", verdict.batch.production_date.isoformat()))
        facts.append(("账本条目", "Ledger entry", str(verdict.batch_index)))
    if verdict.snapshot_as_of is not None and verdict.next_update_at is not None:
        facts.append(("召回信息时间", "Recalls as of", format_instant(verdict.snapshot_as_of)))
        facts.append(("下次更新", "Next update by", format_instant(verdict.next_update_at)))
    facts.append(("查询时间", "Checked at", format_instant(verdict.checked_at)))
    if verdict.reason != verdict.status:
        facts.append(("原因", "Reason", verdict.reason))
    return facts


def _show_recall(context: Context, recall: RecallRecord) -> None:
    notice = recall.notice
    state = context.pick("进行中", "active") if recall.is_active else context.pick("已结束", "closed")
    context.line()
    context.line(f"  {context.pick('召回', 'Recall')} {recall.recall_id} ({state}): {context.words(notice.title)}")
    context.line(f"    {_padded(context.pick('危害', 'Hazard'))}{context.words(notice.hazard)}")
    context.line(f"    {_padded(context.pick('处理办法', 'Remedy'))}{context.words(notice.remedy)}")
    reach = " ".join(part for part in (notice.contact.phone, notice.contact.url) if part)
    context.line(f"    {_padded(context.pick('联系', 'Contact'))}{context.words(Text(zh=reach, en=reach))}")
    if recall.closed_reason is not None:
        context.line(f"    {_padded(context.pick('结束原因', 'Closed because'))}{context.words(recall.closed_reason)}")


def _padded(label: str) -> str:
    """A label filled up to a column; a Chinese character takes two."""
    width = sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in label)
    return label + " " * max(1, _LABEL_WIDTH - width)
