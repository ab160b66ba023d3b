# SPDX-License-Identifier: Apache-2.0
"""`verifier serve`: a platform's own node. It mirrors a registry and answers checks without asking it. DESIGN §7."""

from __future__ import annotations

import argparse
import logging
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from verifier.commands.context import Context, Exit, UsageError, home_directory, load_policy, read_file
from verifier.commands.policy import explain_first_use, fetch_first_policy
from verifier.fetch import Fetcher
from verifier.files import create_file, make_directory
from verifier.ledger_client import LedgerClient, ledger_url_of
from verifier.mirror import Mirror
from verifier.mirror_fill import Filler
from verifier.mirror_store import MirrorStore, StoreError
from verifier.node import Node
from verifier.protocol.encoding import parse_decimal
from verifier.protocol.errors import Malformed
from verifier.protocol.policy import MAX_POLICY_SIZE, TlogPolicy, parse_policy

if TYPE_CHECKING:
    from verifier.web.server import EndOfServer, Opened

DEFAULT_LISTEN = "127.0.0.1:8070"
DEFAULT_POLL_SECONDS = 2.0
DEFAULT_THREADS = 16
_BATCH_SECONDS = 900.0  # for the item hashes of one batch, which can be a gigabyte
_PINNED = "policy.txt"


def add_parser(commands: Any, parents: Sequence[argparse.ArgumentParser]) -> None:
    """Adds `serve` to the command line."""
    one = commands.add_parser("serve", parents=parents, help="a platform's own node: mirror a registry, answer checks")
    one.add_argument("--registry", metavar="URL", required=True, help="the registry to mirror")
    one.add_argument("--state", metavar="DIR", help="a directory of this node's own")
    one.add_argument(
        "--listen", metavar="HOST:PORT", default=DEFAULT_LISTEN, help="where to listen (default: %(default)s)"
    )
    one.add_argument(
        "--poll-seconds",
        metavar="SECONDS",
        type=_seconds,
        default=DEFAULT_POLL_SECONDS,
        help="time between two polls (default: %(default)g)",
    )
    one.add_argument(
        "--threads", metavar="N", type=_count, default=DEFAULT_THREADS, help="requests at a time (default: %(default)s)"
    )
    one.add_argument(
        "--trust-first-use",
        action="store_true",
        help="without a policy: take the registry's own, once, and keep to it from then on",
    )
    one.set_defaults(run=run)


def run(arguments: argparse.Namespace, context: Context) -> Exit:
    """Serve until Ctrl-C or SIGTERM. Raises UsageError, DidNotArrive for a first policy that does not come."""
    try:
        from verifier.web.server import Server, why_not_free
    except ImportError as error:
        words = f"The node needs Flask and gunicorn: {error}. Install the whole package, product-passport."
        raise UsageError(words, "no_web_packages") from error
    why = why_not_free(arguments.listen)
    if why is not None:
        words = f"The node cannot listen on {arguments.listen}: {why}. Stop what listens there, or give --listen."
        raise UsageError(words, "port_in_use")
    base = ledger_url_of(arguments.registry, allow_http=context.allow_http)
    directory = Path(arguments.state) if arguments.state else home_directory("XDG_STATE_HOME", ".local/state") / "node"
    policy = _choose_policy(arguments, context, base, directory)
    server = Server(
        _opener(arguments, context, base, directory, policy),
        name="verifier",
        listen=arguments.listen,
        threads=arguments.threads,
    )
    if context.is_json:
        context.json({"ledger": base, "state": str(directory), "url": f"http://{arguments.listen}"})
    else:
        context.line(
            context.pick(
                f"节点 http://{arguments.listen} 镜像 {base}（Ctrl-C 结束）",
                f"The node on http://{arguments.listen} mirrors {base} (Ctrl-C ends it)",
            )
        )
    return Exit(server.serve())


def _opener(
    arguments: argparse.Namespace, context: Context, base: str, directory: Path, policy: TlogPolicy
) -> Callable[[Callable[[EndOfServer], None]], Opened]:
    def open_application(_end: Callable[[EndOfServer], None]) -> Opened:
        from verifier.web.node_app import create_node_app
        from verifier.web.server import EndOfServer, Opened
        from verifier.web.settings import WebSettings
        from verifier.web.streams import StreamGate

        logging.basicConfig(level=logging.WARNING, format="verifier: %(message)s")
        store = MirrorStore(directory)
        try:
            store.__enter__()
            # Made here and not before the fork: connections and threads belong to the process that made them.
            client = LedgerClient(base, policy, fetcher=_fetcher(context, arguments.timeout))
            mirror = Mirror(client, store)
            mirror.restore()
        except StoreError as error:
            store.__exit__(None, None, None)
            raise EndOfServer(error.code, str(error), int(Exit.USAGE)) from error
        filler = Filler(client, _fetcher(context, _BATCH_SECONDS), store, mirror)
        node = Node(mirror, filler, store, policy, lambda: datetime.now(UTC))
        settings = WebSettings(max_streams=max(1, arguments.threads // 2))
        gate = StreamGate(settings.max_streams)
        node.start(arguments.poll_seconds)

        def close() -> None:
            node.stop()
            store.__exit__(None, None, None)

        return Opened(create_node_app(node, settings, gate), release=gate.stop, close=close)

    return open_application


def _fetcher(context: Context, seconds: float) -> Fetcher:
    return Fetcher(timeout_seconds=seconds, allow_http=context.allow_http)


def _choose_policy(arguments: argparse.Namespace, context: Context, base: str, directory: Path) -> TlogPolicy:
    """The file that was given; else the one that this node took at its first use; else the saved one."""
    pinned = directory / _PINNED
    if arguments.policy is not None:
        return load_policy(arguments.policy)
    try:
        return parse_policy(read_file(pinned, MAX_POLICY_SIZE))
    except FileNotFoundError:
        pass
    except Malformed as error:
        raise UsageError(f"{pinned}: {error}", error.code) from error
    if not arguments.trust_first_use:
        return load_policy(None)
    policy, checkpoint = fetch_first_policy(base, context)
    try:
        make_directory(directory)
        create_file(pinned, policy.to_bytes())  # never replaced: a registry's key does not change by itself
    except OSError as error:
        raise UsageError(f"{pinned} cannot be written: {error.strerror}") from error
    explain_first_use(context, policy, checkpoint, pinned)
    return policy


def _seconds(text: str) -> float:
    value = float(text) if text.isascii() and text.replace(".", "", 1).isdigit() else 0.0
    if not 0.1 <= value <= 3600:
        raise argparse.ArgumentTypeError("expected seconds, from 0.1 to 3600")
    return value


def _count(text: str) -> int:
    try:
        value = parse_decimal(text, maximum=1000)
    except Malformed:
        value = 0
    if value < 2:
        raise argparse.ArgumentTypeError("expected a whole number from 2 to 1000")
    return value
