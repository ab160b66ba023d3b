# SPDX-License-Identifier: Apache-2.0
"""The command `verifier`: check codes, audit ledgers, trust a policy file and nobody else. See docs/verifier.md."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version

from verifier.commands import (
    audit,
    check,
    dossier,
    evidence,
    monitor,
    policy,
    recall_board,
    seal,
    serve,
    snapshot,
    witness,
)
from verifier.commands.context import (
    LANGUAGES,
    Context,
    Exit,
    UsageError,
    default_language,
    error_json,
    home_directory,
)
from verifier.commands.state import StateDirectory
from verifier.fetch import DEFAULT_TIMEOUT_SECONDS, Fetcher, printable
from verifier.protocol.errors import DidNotArrive, VerifierError

_USAGE_CODES = ("bad_url", "insecure_url", "unknown_log")  # ours to mend, wherever they were noticed
_INTERRUPTED = 130  # 128 + SIGINT, as shells have it
_NOBODY_READS = 141  # 128 + SIGPIPE

_EXIT_CODES = """\
exit codes:
  0  genuine; or the audit is clean, the seal is right, the snapshot is current, the witness was stopped
  1  not genuine: forged, void, recalled, not logged, suspect; or the signature is not by that key; or an evidence
     file was changed
  2  wrong usage, or a malformed code or file
  3  cannot tell: something did not arrive, or is out of date
  4  the ledger failed: what it serves does not hold, or it signed two histories
"""


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code. argparse itself ends with 2 on wrong usage."""
    arguments = make_parser().parse_args(argv)
    fetcher = Fetcher(timeout_seconds=arguments.timeout, allow_http=arguments.allow_http)
    keeps_state = not getattr(arguments, "no_state", True)
    context = Context(
        language=arguments.lang or default_language(),
        is_json=arguments.json,
        now=datetime.now(UTC).replace(microsecond=0),
        fetcher=fetcher,
        allow_http=arguments.allow_http,
        state=StateDirectory(home_directory("XDG_STATE_HOME", ".local/state")) if keeps_state else None,
    )
    for stream in (sys.stdout, sys.stderr):
        # A terminal that cannot show a character gets a question mark, not a traceback.
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")
    try:
        status: int = arguments.run(arguments, context)
        sys.stdout.flush()
        return status
    except VerifierError as error:
        return _explain(error, context)
    except KeyboardInterrupt:
        return _INTERRUPTED
    except BrokenPipeError:
        # Whoever read our output has gone; Python must not try to flush it again at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return _NOBODY_READS
    finally:
        fetcher.close()


def _explain(error: VerifierError, context: Context) -> Exit:
    if isinstance(error, DidNotArrive):
        status = Exit.CANNOT_TELL
    elif isinstance(error, UsageError) or error.code in _USAGE_CODES:
        status = Exit.USAGE
    else:
        status = Exit.LEDGER_FAILED
    if context.is_json:
        context.json({"error": error_json(error), "exit_code": int(status)})
    else:
        context.note(f"verifier: {printable(str(error), maximum=2000)} ({error.code})")
    return status


def make_parser() -> argparse.ArgumentParser:
    """The whole command line. docs/verifier.md mentions each command and option of it; a test sees to that."""
    parser = argparse.ArgumentParser(
        prog="verifier",
        description="Check product codes and audit their ledger without trusting whoever runs it.",
        epilog=_EXIT_CODES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"verifier {_version()}")
    commands = parser.add_subparsers(metavar="COMMAND", required=True)
    common = _common_options()
    policy_options = argparse.ArgumentParser(add_help=False)
    policy_options.add_argument("--policy", metavar="FILE", help="policy file; default: the one that was saved")
    state_options = argparse.ArgumentParser(add_help=False)
    state_options.add_argument("--no-state", action="store_true", help="neither read nor keep the last checkpoint")

    one = commands.add_parser("check", parents=[common, policy_options, state_options], help="check product codes")
    what = one.add_mutually_exclusive_group(required=True)
    what.add_argument("code", metavar="URL|CODE", nargs="?", help="the code's link, or its path /01/…/21/…?S=…")
    what.add_argument("--file", metavar="FILE", help="check each line of this file; - is standard input")
    one.add_argument("--registry", metavar="URL", help="ask this registry; default: the policy's, else the link's host")
    one.set_defaults(run=check.run)

    one = commands.add_parser("seal", parents=[common], help="check a code's signature with one key, offline")
    one.add_argument("code", metavar="CODE", help="the code's link, or its path /01/…/21/…?S=…")
    one.add_argument("--key", metavar="HEX", required=True, help="the maker's public key, 64 lower-case hex digits")
    one.set_defaults(run=seal.run)

    one = commands.add_parser(
        "audit", parents=[common, policy_options, state_options], help="replay a ledger and recompute its snapshots"
    )
    one.add_argument("url", metavar="URL", help="the registry")
    one.set_defaults(run=audit.run)

    one = commands.add_parser("snapshot", parents=[common, policy_options], help="show a signed snapshot")
    one.add_argument("source", metavar="FILE|URL", help="a file, a registry, or the URL of one snapshot")
    one.add_argument("--vkey", metavar="VKEY", help="the status key; default: the one that the ledger's entry 0 names")
    one.add_argument("--registry", metavar="URL", help="the registry whose status key signed the file")
    one.set_defaults(run=snapshot.run)

    one = commands.add_parser("policy", parents=[common], help="fetch a registry's policy: trust on first use")
    one.add_argument("url", metavar="URL", help="the registry")
    place = one.add_mutually_exclusive_group()
    place.add_argument("--save", action="store_true", help="save it where the other commands look for it")
    place.add_argument("--output", metavar="FILE", help="save it in this file")
    one.set_defaults(run=policy.run)

    witness.add_parser(commands, common)
    monitor.add_parser(commands, [common, policy_options])
    serve.add_parser(commands, [common, policy_options])
    evidence.add_parser(commands, common, policy_options, state_options)
    recall_board.add_parser(commands, [common, policy_options])
    dossier.add_parser(commands, [common, policy_options])
    return parser


def _common_options() -> argparse.ArgumentParser:
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument("--json", action="store_true", help="print one JSON object instead of words")
    common.add_argument("--lang", choices=LANGUAGES, help="language of the words; default: from LANG")
    common.add_argument(
        "--timeout",
        metavar="SECONDS",
        type=_seconds,
        default=DEFAULT_TIMEOUT_SECONDS,
        help="longest wait for each file (default: %(default)g)",
    )
    common.add_argument("--allow-http", action="store_true", help="allow plain http to other machines")
    return common


def _seconds(text: str) -> float:
    value = float(text) if text.isascii() and text.replace(".", "", 1).isdigit() else 0.0
    if not 0 < value <= 3600:
        raise argparse.ArgumentTypeError("expected seconds, more than 0 and at most 3600")
    return value


def _version() -> str:
    try:
        return version("product-passport")
    except PackageNotFoundError:  # run from a directory that was not installed
        return "(not installed)"
