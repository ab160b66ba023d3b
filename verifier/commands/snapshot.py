# SPDX-License-Identifier: Apache-2.0
"""`verifier snapshot`: show a signed snapshot, from a file or from a registry, after its signature has been checked."""

from __future__ import annotations

import argparse
from pathlib import Path

from verifier.commands.context import Context, Exit, UsageError, error_json, load_policy, read_file
from verifier.fetch import printable
from verifier.ledger_client import LedgerClient, ledger_url_of
from verifier.protocol.errors import DoesNotHold, Malformed
from verifier.protocol.fields import format_instant
from verifier.protocol.note import VKey, parse_vkey
from verifier.snapshot import MAX_SNAPSHOT_SIZE, Snapshot, parse_snapshot


def run(arguments: argparse.Namespace, context: Context) -> Exit:
    """Show the snapshot at `arguments.source`. The status key comes from --vkey, else from entry 0 of the ledger."""
    source: str = arguments.source
    is_url = source.startswith(("https://", "http://"))
    registry = arguments.registry or (source.partition("/ledger/snapshot")[0] if is_url else None)
    note = _fetch(source, context) if is_url else _read(source)
    vkey = _status_vkey(arguments, registry, context)
    try:
        snapshot = parse_snapshot(note, vkey)
    except DoesNotHold as error:
        if is_url:
            raise
        if context.is_json:
            context.json({"error": error_json(error), "exit_code": int(Exit.NOT_GENUINE)})
        else:
            context.heading("✗", f"{source}: {error}", "red")
        return Exit.NOT_GENUINE
    except Malformed as error:
        if is_url:
            raise
        raise UsageError(f"{source}: {error}", error.code) from error
    is_current = snapshot.as_of_at <= context.now <= snapshot.next_update_at
    status = Exit.OK if is_current else Exit.CANNOT_TELL
    if context.is_json:
        context.json({"exit_code": int(status), "is_current": is_current, "snapshot": snapshot.to_json()})
    else:
        _show(snapshot, is_current, context)
    return status


def _fetch(source: str, context: Context) -> bytes:
    base, is_exact, tail = source.partition("/ledger/snapshot")
    url = ledger_url_of(base, allow_http=context.allow_http) + "/snapshot" + (tail if is_exact else "")
    return context.fetcher.fetch(url, max_size=MAX_SNAPSHOT_SIZE)


def _read(source: str) -> bytes:
    try:
        return read_file(Path(source), MAX_SNAPSHOT_SIZE)
    except FileNotFoundError:
        raise UsageError(f"There is no file {source}.", "no_file") from None


def _status_vkey(arguments: argparse.Namespace, registry: str | None, context: Context) -> VKey:
    if arguments.vkey is not None:
        try:
            return parse_vkey(arguments.vkey)
        except Malformed as error:
            raise UsageError(f"--vkey: {error}", error.code) from error
    if registry is None:
        raise UsageError("A file needs --vkey VKEY, or --registry URL to learn the status key from.", "no_vkey")
    base = ledger_url_of(registry, allow_http=context.allow_http)
    client = LedgerClient(base, load_policy(arguments.policy), fetcher=context.fetcher)
    return client.view(client.fetch_checkpoint()).fetch_registry().status_vkey


def _show(snapshot: Snapshot, is_current: bool, context: Context) -> None:
    if is_current:
        context.heading("✓", context.pick("快照签名正确，在有效期内", "The snapshot is signed and current"), "green")
    else:
        context.heading("?", context.pick("快照签名正确，但已过期", "The snapshot is signed, but not current"), "amber")
    context.line(f"  {printable(snapshot.origin)}, {context.pick('条目', 'entries')} {snapshot.size}")
    context.line(f"  {context.pick('截至', 'As of')} {format_instant(snapshot.as_of_at)}")
    context.line(f"  {context.pick('下次更新', 'Next update by')} {format_instant(snapshot.next_update_at)}")
    context.line(f"  {context.pick('范围', 'Shard')}: {snapshot.shard or context.pick('全部', 'whole')}")
    for issuer in snapshot.issuers:
        keys = sum(1 for key in issuer.keys if key.revoked_from is None)
        words = context.pick(f"有效密钥 {keys}/{len(issuer.keys)}", f"{keys} of {len(issuer.keys)} keys good")
        context.line(f"    {issuer.id}: {context.words(issuer.name)}; {', '.join(issuer.prefixes)}; {words}")
    for recall in snapshot.recalls:
        record = recall.record
        state = context.pick("进行中", "active") if record.is_active else context.pick("已结束", "closed")
        count = sum(item.last - item.first + 1 for cover in recall.covers for item in cover.ranges)
        words = context.pick(f"涉及 {count} 个码", f"{count} codes")
        context.line(f"    {record.recall_id} ({state}): {context.words(record.notice.title)}; {words}")
    count = sum(item.last - item.first + 1 for void in snapshot.voids for item in void.ranges)
    context.line(f"  {context.pick('作废的码', 'Void codes')}: {count}")
