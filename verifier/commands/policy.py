# SPDX-License-Identifier: Apache-2.0
"""`verifier policy`: fetch a registry's policy, as trust on first use, and say plainly that it is. C2SP tlog-policy."""

from __future__ import annotations

import argparse
import sys
from dataclasses import replace
from pathlib import Path

from verifier.commands.context import Context, Exit, UsageError, default_policy_path, read_file
from verifier.commands.state import write_file
from verifier.fetch import printable
from verifier.ledger_client import LedgerClient, ledger_url_of
from verifier.protocol.errors import DoesNotHold
from verifier.protocol.policy import MAX_POLICY_SIZE, NONE, TlogPolicy, VerifiedCheckpoint, parse_policy


def run(arguments: argparse.Namespace, context: Context) -> Exit:
    """Fetch the policy of `arguments.url`, see that the ledger keeps it, and print or save it.

    An existing file with other content is never overwritten: a registry's key does not change by itself.
    """
    base = ledger_url_of(arguments.url, allow_http=context.allow_http)
    parsed, checkpoint = fetch_first_policy(base, context)
    path = default_policy_path() if arguments.save else Path(arguments.output) if arguments.output else None
    if path is not None:
        _save(path, parsed.to_bytes())
    if context.is_json:
        context.json(
            {
                "exit_code": int(Exit.OK),
                "ledger": base,
                "origin": checkpoint.origin,
                "policy": parsed.to_bytes().decode("utf-8", "replace"),
                "quorum": parsed.quorum.decode("utf-8", "replace"),
                "size": checkpoint.size,
                "trust": "first_use",
                "vkeys": [log.vkey.to_text() for log in parsed.logs],
                "witnesses": [witness.vkey.to_text() for witness in parsed.witnesses],
            }
        )
        return Exit.OK
    explain_first_use(context, parsed, checkpoint, path)
    if path is None:
        sys.stdout.buffer.write(parsed.to_bytes())
    return Exit.OK


def fetch_first_policy(base: str, context: Context) -> tuple[TlogPolicy, VerifiedCheckpoint]:
    """The policy that a registry recommends for itself, and the newest checkpoint, which keeps it."""
    policy = LedgerClient(base, TlogPolicy((), (), (), NONE), fetcher=context.fetcher).fetch_policy()
    parsed = parse_policy(policy)
    if len(parsed.logs) == 1 and parsed.logs[0].url is None:
        # The other commands ask here, rather than wherever a printed code points to.
        parsed = replace(parsed, logs=(replace(parsed.logs[0], url=base.encode("ascii")),))
    return parsed, LedgerClient(base, parsed, fetcher=context.fetcher).fetch_checkpoint()


def _save(path: Path, data: bytes) -> None:
    try:
        old: bytes | None = read_file(path, MAX_POLICY_SIZE)
    except FileNotFoundError:
        old = None
    if old is not None and old != data:
        raise DoesNotHold(
            "policy_changed",
            f"{path} holds another policy, and it was not touched. If the registry announced a new key or new "
            "witnesses, check them by another way, then delete the file and run this again.",
        )
    try:
        write_file(path, data)
    except OSError as error:
        raise UsageError(f"{path} cannot be written: {error.strerror}") from error


def explain_first_use(context: Context, policy: TlogPolicy, checkpoint: VerifiedCheckpoint, path: Path | None) -> None:
    """Tell a person what was believed just now, and what to compare it with."""
    say = context.note
    say(
        context.pick(
            "首次使用即信任：本策略来自注册处自己的网址，可信程度等同于这次连接。",
            "Trust on first use: this policy comes from the registry itself, and is worth what the line is worth.",
        )
    )
    say(
        context.pick(
            "请通过另一渠道（包装、公告、电话）核对下面的公钥，之后就不必再相信注册处。",
            "Compare the key below with one that you get by another way (print, a notice, a call). "
            "From then on nothing that the registry says needs to be believed.",
        )
    )
    for log in policy.logs:
        say(f"  vkey     {printable(log.vkey.to_text(), maximum=500)}")
    for witness in policy.witnesses:
        say(f"  witness  {printable(witness.vkey.to_text(), maximum=500)}")
    if policy.quorum == NONE:
        words = context.pick("没有见证方：没有人为账本的唯一性作证。", "No witnesses: nobody vouches for one history.")
        say(f"  {words}")
    say(f"  {printable(checkpoint.origin)}, {context.pick('条目', 'entries')} {checkpoint.size}")
    if path is not None:
        say(context.pick(f"已保存到 {path}", f"Saved in {path}"))
