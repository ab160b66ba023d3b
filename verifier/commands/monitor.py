# SPDX-License-Identifier: Apache-2.0
"""`verifier monitor`: follow a ledger and tell what concerns a company prefix, for as long as it runs. DESIGN §1."""

from __future__ import annotations

import argparse
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from verifier.commands.context import Context, Exit, UsageError, home_directory, load_policy
from verifier.commands.monitor_words import sentence
from verifier.ledger_client import LedgerClient, ledger_url_of
from verifier.monitor import Event, Watch
from verifier.monitor_loop import Forked, Monitor, Outlets
from verifier.monitor_state import MonitorStore, StateError
from verifier.monitor_webhook import Webhook
from verifier.protocol.encoding import parse_decimal
from verifier.protocol.errors import DidNotArrive, DoesNotHold, Malformed, VerifierError
from verifier.protocol.gs1 import parse_company_prefix
from verifier.protocol.policy import TlogPolicy

DEFAULT_INTERVAL_SECONDS = 60.0
_FAREWELL_SECONDS = 60  # after a fork: so long is the webhook tried before the process ends


def add_parser(commands: Any, parents: Sequence[argparse.ArgumentParser]) -> None:
    """Adds `monitor` to the command line."""
    one = commands.add_parser("monitor", parents=parents, help="follow a ledger and tell what concerns a prefix")
    one.add_argument(
        "--prefix",
        metavar="DIGITS",
        action="append",
        type=_prefix,
        default=[],
        help="a GS1 company prefix to watch; may be repeated; default: everything",
    )
    one.add_argument("--registry", metavar="URL", help="follow this registry; default: the policy's")
    one.add_argument("--webhook", metavar="URL", help="POST each event here, https or http on this machine")
    one.add_argument("--state", metavar="DIR", help="a directory of this monitor's own")
    one.add_argument(
        "--interval",
        metavar="SECONDS",
        type=_seconds,
        default=DEFAULT_INTERVAL_SECONDS,
        help="time between two rounds (default: %(default)g)",
    )
    one.add_argument("--once", action="store_true", help="one round, then end")
    one.add_argument(
        "--quiet-after", metavar="SECONDS", type=_whole_seconds, help="tell when the ledger has not grown for so long"
    )
    one.set_defaults(run=run)


def run(arguments: argparse.Namespace, context: Context) -> Exit:
    """Follow until a signal comes, or for one round. Raises UsageError, and Forked when the ledger is convicted."""
    policy = load_policy(arguments.policy)
    client = LedgerClient(_ledger_url(arguments.registry, policy, context), policy, fetcher=context.fetcher)
    watch = Watch(tuple(sorted(set(arguments.prefix))))
    directory = Path(arguments.state) if arguments.state else home_directory("XDG_STATE_HOME", ".local/state")
    if not arguments.state:
        directory /= "monitor"
    webhook = Webhook(arguments.webhook, timeout_seconds=arguments.timeout) if arguments.webhook else None
    try:
        with _ending() as ended, MonitorStore(directory) as store:
            outlets = Outlets(_teller(context), webhook.post if webhook else None, ended.is_set)
            monitor = Monitor(client, store, watch, outlets, quiet_after_seconds=arguments.quiet_after)
            rounds = _Rounds(monitor, context, ended)
            return rounds.once() if arguments.once else rounds.until_ended(arguments.interval)
    except StateError as error:
        raise UsageError(str(error), error.code) from error
    except Forked:
        context.note(f"{context.pick('证据保存在', 'The evidence is in')} {directory / 'evidence'}")
        raise
    finally:
        if webhook is not None:
            webhook.close()


class _Rounds:
    def __init__(self, monitor: Monitor, context: Context, ended: threading.Event) -> None:
        self._monitor = monitor
        self._context = context
        self._ended = ended
        self._noted: set[str] = set()

    def once(self) -> Exit:
        """One round. The ledger's faults go before the network's."""
        faults = self._monitor.step(self._context.now)
        self._note(faults)
        if any(isinstance(fault, DoesNotHold | Malformed) for fault in faults):
            return Exit.LEDGER_FAILED
        return Exit.CANNOT_TELL if faults else Exit.OK

    def until_ended(self, interval_seconds: float) -> Exit:
        """Rounds until a signal comes. A network that fails, or a ledger that fails for now, ends nothing."""
        while not self._ended.is_set():
            now = _now()
            try:
                faults = self._monitor.step(now)
            except DidNotArrive as error:  # before the first meeting
                faults = [error]
            except Forked:
                # A conviction is what the webhook is for, so it is tried again before the process ends.
                self._wait(_FAREWELL_SECONDS, is_farewell=True)
                raise
            self._note(faults)
            self._wait(interval_seconds)
        return Exit.OK

    def _wait(self, seconds: float, *, is_farewell: bool = False) -> None:
        """Pause, and meanwhile try the webhook again whenever its back-off is over."""
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            retry = self._monitor.retry_seconds(_now())
            if retry is None and is_farewell:
                return
            if self._ended.wait(left if retry is None else min(left, max(retry, 0.05))):
                return
            self._monitor.deliver(_now())

    def _note(self, faults: list[VerifierError]) -> None:
        """Each fault once while it lasts, on standard error: a server that is down all night is one line."""
        codes = {fault.code for fault in faults}
        for fault in faults:
            if fault.code not in self._noted:
                self._context.note(f"verifier: {fault} ({fault.code})")
        self._noted = codes


def _teller(context: Context) -> Callable[[tuple[Event, ...]], None]:
    def tell(events: tuple[Event, ...]) -> None:
        for event in events:
            if context.is_json:
                context.json(event.to_json())
            else:
                context.line(sentence(event, context))
            sys.stdout.flush()  # out of our hands before the state says so, and in whole lines

    return tell


@contextmanager
def _ending() -> Iterator[threading.Event]:
    """An event that SIGINT and SIGTERM set, so that a round ends with its state written."""
    ended = threading.Event()
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    for number in before:
        signal.signal(number, lambda *_: ended.set())
    try:
        yield ended
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _ledger_url(registry: str | None, policy: TlogPolicy, context: Context) -> str:
    urls = [log.url for log in policy.logs if log.url is not None]
    if registry is None and len(policy.logs) == 1 and urls:
        registry = urls[0].decode("ascii", "replace")
    if registry is None:
        raise UsageError("The policy names no URL of one ledger: give --registry URL.", "no_registry_url")
    return ledger_url_of(registry, allow_http=context.allow_http)


def _now() -> datetime:
    return datetime.now(UTC)


def _prefix(text: str) -> str:
    try:
        return parse_company_prefix(text)
    except Malformed as error:
        raise argparse.ArgumentTypeError(str(error)) from error


def _seconds(text: str) -> float:
    value = float(text) if text.isascii() and text.replace(".", "", 1).isdigit() else 0.0
    if not 0 < value <= 86_400:
        raise argparse.ArgumentTypeError("expected seconds, more than 0 and at most 86400")
    return value


def _whole_seconds(text: str) -> int:
    try:
        value = parse_decimal(text, maximum=10**9)
    except Malformed:
        value = 0
    if value < 1:
        raise argparse.ArgumentTypeError("expected a whole number of seconds, at least 1")
    return value
