# SPDX-License-Identifier: Apache-2.0
"""`verifier audit`: replay a whole ledger and recompute its snapshots; nobody has to be believed. DESIGN §1."""

from __future__ import annotations

import argparse
import sys

from verifier.audit import AuditReport, audit
from verifier.commands.context import Context, Exit, UsageError, load_policy
from verifier.commands.state import Memory
from verifier.fetch import printable
from verifier.ledger_client import LedgerClient, ledger_url_of
from verifier.protocol.errors import DoesNotHold, Malformed
from verifier.protocol.fields import format_instant

_SHOWN = 50  # findings that are printed for people; --json has them all


def run(arguments: argparse.Namespace, context: Context) -> Exit:
    """Audit the ledger of `arguments.url` and print the report. Raises DidNotArrive when the network fails."""
    policy = load_policy(arguments.policy)
    client = LedgerClient(ledger_url_of(arguments.url, allow_http=context.allow_http), policy, fetcher=context.fetcher)
    memory = _recall(client, context)
    seen = memory.checkpoint if memory else None
    report = audit(client, now=context.now, seen=seen, progress=_progress(context))
    _keep(report, client, context, memory)
    status = Exit.OK if report.is_clean else Exit.LEDGER_FAILED
    if context.is_json:
        context.json(report.to_json() | {"exit_code": int(status), "ledger": client.base_url})
    else:
        _show(report, context)
    return status


def _recall(client: LedgerClient, context: Context) -> Memory | None:
    if context.state is None:
        return None
    try:
        origin = client.fetch_checkpoint().origin
    except (DoesNotHold, Malformed):
        return None  # the audit itself reports it
    try:
        return context.state.find(origin, client.policy)
    except Malformed as error:
        raise UsageError(str(error), error.code) from error


def _keep(report: AuditReport, client: LedgerClient, context: Context, memory: Memory | None) -> None:
    if context.state is None or report.checkpoint is None:
        return
    try:
        if not report.is_one_history:
            context.note(f"The contradicting checkpoint is kept in {context.state.keep_evidence(report.checkpoint)}")
        elif memory is not None:
            context.state.remember(Memory(report.checkpoint, memory.status_vkey), policy=client.policy)
        elif report.is_complete:
            status_vkey = client.view(report.checkpoint).fetch_registry().status_vkey
            context.state.remember(Memory(report.checkpoint, status_vkey), policy=client.policy)
    except OSError as error:
        context.note(f"The checkpoint could not be kept: {error}")


class _Progress:
    """One line on standard error that counts up."""

    def __call__(self, stage: str, done: int, total: int) -> None:
        end = "\n" if done == total else ""
        print(f"\r{stage} {done}/{total}", end=end, file=sys.stderr, flush=True)


def _progress(context: Context) -> _Progress | None:
    return _Progress() if sys.stderr.isatty() and not context.is_json else None


def _show(report: AuditReport, context: Context) -> None:
    if report.is_clean:
        title = context.pick("账本完整无误，重算结果一致", "The ledger holds: everything was recomputed and agrees")
        context.heading("✓", title, "green")
    else:
        title = context.pick("账本有问题，责任在运营方", "The ledger does not hold; the fault is its operator's")
        context.heading("✗", title, "red")
    if report.checkpoint is not None:
        context.line(f"  {printable(report.checkpoint.origin)}")
        context.line(f"  {context.pick('条目', 'Entries')}: {report.checkpoint.size}")
        context.line(f"  {context.pick('根哈希', 'Root hash')}: {report.checkpoint.root_hash.hex()}")
    for name in sorted(report.statements):
        context.line(f"    {name}: {report.statements[name]}")
    context.line(f"  {context.pick('已登记的码', 'Codes logged')}: {report.codes}")
    context.line(f"  {context.pick('重算的快照', 'Snapshots recomputed')}: {report.snapshots}")
    seen = context.pick("首次审计", "none: first audit") if report.seen is None else str(report.seen.size)
    context.line(f"  {context.pick('与上次保留的检查点一致性', 'Checkpoint kept from before, size')}: {seen}")
    context.line(f"  {context.pick('时间', 'Audited at')}: {format_instant(report.checked_at)}")
    if report.in_hindsight:
        words = context.pick("因密钥吊销而失效的条目", "Entries undone by a later key revocation (no fault)")
        context.line(f"  {words}: {len(report.in_hindsight)}")
    for finding in report.findings[:_SHOWN]:
        context.line(f"  ✗ {finding.code}: {printable(finding.message, maximum=1000)}")
    if len(report.findings) > _SHOWN:
        words = context.pick("项，见 --json", "more; --json lists them all")
        context.line(f"  … {len(report.findings) - _SHOWN} {words}")
    if not report.is_complete:
        context.line("  " + context.pick("审计未能走完。", "The audit could not be carried through to its end."))
