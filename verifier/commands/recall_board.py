# SPDX-License-Identifier: Apache-2.0
"""`verifier recall-board check`: does the evidence bundle of a recall board hold? docs/recalls.md."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from verifier.commands.context import Context, Exit, UsageError, error_json, load_policy, read_file
from verifier.evidence_archive import MAX_ARCHIVE_SIZE
from verifier.fetch import printable
from verifier.protocol.encoding import JsonValue
from verifier.protocol.errors import DoesNotHold, Malformed
from verifier.protocol.fields import format_instant
from verifier.recall_board import CheckedBoard, check_board


def add_parser(commands: Any, parents: list[argparse.ArgumentParser]) -> None:
    """The command and its verb."""
    group = commands.add_parser("recall-board", help="check the evidence bundle of a recall board")
    verbs = group.add_subparsers(metavar="VERB", required=True)
    one = verbs.add_parser("check", parents=parents, help="check a bundle, without a network")
    one.add_argument("file", metavar="FILE", help="the ZIP as it was saved")
    one.set_defaults(run=check, no_state=True)


def check(arguments: argparse.Namespace, context: Context) -> Exit:
    """Whose word is it, is it whole, and are its recalls in the ledger that the policy names? Raises UsageError."""
    policy = load_policy(arguments.policy)
    try:
        data = read_file(Path(arguments.file), MAX_ARCHIVE_SIZE)
    except FileNotFoundError:
        raise UsageError(f"There is no file {arguments.file}.", "no_file") from None
    try:
        board = check_board(data, policy)
    except (DoesNotHold, Malformed) as error:
        status = Exit.NOT_GENUINE if isinstance(error, DoesNotHold) else Exit.USAGE
        if context.is_json:
            context.json({"error": error_json(error), "exit_code": int(status)})
        else:
            context.heading("✗", f"{arguments.file}: {printable(str(error), maximum=400)} ({error.code})", "red")
        return status
    if context.is_json:
        context.json(_json(board) | {"exit_code": int(Exit.OK)})
    else:
        _show(board, context)
    return Exit.OK


def _json(board: CheckedBoard) -> dict[str, JsonValue]:
    return {
        "at": format_instant(board.at),
        "cases": board.cases,
        "handled_size": board.handled_size,
        "listings": board.listings,
        "missing": list[JsonValue](board.missing),
        "organisation": board.organisation,
        "origin": board.origin,
        "recalls": list[JsonValue](board.recalls),
        "size": board.size,
    }


def _show(board: CheckedBoard, context: Context) -> None:
    context.heading("✓", context.pick("登记处确实这样说过", "The registry said so"), "green")
    context.line(f"  {board.origin}, {format_instant(board.at)}, {board.organisation}")
    counts = f"{len(board.recalls)} / {board.cases} / {board.listings}"
    context.line(f"  {context.pick('召回、处置单、商品', 'Recalls, cases, listings')}: {counts}")
    context.line(f"  {context.pick('账本条目', 'Entries of the ledger')} {board.size}")
    if board.handled_size < board.size:
        words = context.pick("登记处只处理到第", "The registry had dealt with no more than entry")
        context.line(f"  ! {words} {board.handled_size}")
    for name in board.missing:
        words = context.pick("账本里有，这里没有", "In the ledger, and not in this file")
        context.line(f"  ! {printable(name)}: {words}")
    context.line(
        "  "
        + context.pick(
            "召回在账本中可以证明。推送、上报的时间是登记处的说法。",
            "That the recalls are in the ledger is proven. Times of pushes and reports are the registry's word.",
        )
    )
