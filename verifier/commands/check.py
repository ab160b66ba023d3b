# SPDX-License-Identifier: Apache-2.0
"""`verifier check`: product codes against their ledger, over the network, trusting the policy alone. DESIGN §5."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NoReturn

from verifier.commands.context import Context, Exit, UsageError, error_json, load_policy
from verifier.commands.show_verdict import show_verdict
from verifier.commands.state import Memory
from verifier.evidence import Evidence
from verifier.fetch import NotFound, printable
from verifier.ledger_client import LedgerClient, LedgerView, NetworkEvidence, ledger_url_of
from verifier.protocol.encoding import JsonValue
from verifier.protocol.errors import DidNotArrive, DoesNotHold, Malformed, VerifierError
from verifier.protocol.note import VKey
from verifier.protocol.policy import NONE, TlogPolicy
from verifier.protocol.product_code import ProductCode, parse_product_code
from verifier.snapshot import Snapshot, parse_snapshot
from verifier.verdict import Status, Verdict
from verifier.verify import Trust, verify
from verifier.web.verdict_json import VerdictWriter

_MAX_LINE_SIZE = 4096
_NOT_GENUINE = {Status.COUNTERFEIT, Status.VOID, Status.RECALLED, Status.NOT_LOGGED, Status.SUSPECT}


def run(arguments: argparse.Namespace, context: Context) -> Exit:
    """Check `arguments.code` and print the verdict. Raises UsageError; Malformed for a URL that may not be fetched."""
    if arguments.file is not None:
        return _run_many(arguments, context)
    text: str = arguments.code
    try:
        code = parse_product_code(text)
    except Malformed:
        # Nobody needs to be asked about it; `verify` says the same without a ledger and without trust.
        verdict = verify(text, trust=Trust(TlogPolicy((), (), (), NONE), None), ledger=_Nothing(), now=context.now)
        return _answer(context, verdict, [], None)
    policy = load_policy(arguments.policy)
    ledger_url = _ledger_url(arguments.registry, policy, text, context)
    check = _Check(LedgerClient(ledger_url, policy, fetcher=context.fetcher), context)
    check.open(code.gtin)
    verdict = check.verify(text)
    check.close()
    return _answer(context, verdict, check.problems, check.client)


def _run_many(arguments: argparse.Namespace, context: Context) -> Exit:
    """One code to a line, one verdict to a line, in the same order; with one view of the ledger for all of them."""
    policy = load_policy(arguments.policy)
    ledger_url = _ledger_url(arguments.registry, policy, "", context)
    check = _Check(LedgerClient(ledger_url, policy, fetcher=context.fetcher), context)
    check.open(None)
    writer = VerdictWriter()
    worst = Exit.OK
    for text in _lines(arguments.file):
        verdict = check.verify(text)
        worst = _worse(worst, _exit_of(verdict, check.problems))
        if context.is_json:
            context.line(writer.write(verdict))
        else:
            context.line(f"{verdict.status.value}\t{verdict.reason}\t{printable(text, maximum=600)}")
    check.close()
    for problem in {error.code: error for error in check.problems}.values():
        context.note(f"verifier: {printable(str(problem), maximum=1000)} ({problem.code})")
    return worst


def _lines(name: str) -> Iterator[str]:
    """The lines of a file, or of standard input, without their ends. Raises UsageError."""
    try:
        with sys.stdin.buffer if name == "-" else open(name, "rb") as file:
            # A line that is longer than any code is a malformed code; only its beginning is held.
            while line := file.readline(_MAX_LINE_SIZE):
                rest = line
                while not rest.endswith(b"\n") and (rest := file.readline(_MAX_LINE_SIZE)):
                    pass
                yield line.rstrip(b"\r\n").decode("utf-8", "surrogateescape")
    except OSError as error:
        raise UsageError(f"{name} cannot be read: {error.strerror}") from error


def _worse(one: Exit, other: Exit) -> Exit:
    """A bad product goes before a bad ledger, that before "cannot tell", and that before a malformed code."""
    order = (Exit.OK, Exit.USAGE, Exit.CANNOT_TELL, Exit.LEDGER_FAILED, Exit.NOT_GENUINE)
    return max(one, other, key=order.index)


def _ledger_url(registry: str | None, policy: TlogPolicy, code: str, context: Context) -> str:
    """Where to ask: the registry that was named, else the ledger's URL in the policy, else the code's own host.

    The code's host comes last, because a forger prints a host of his own.
    """
    urls = [log.url for log in policy.logs if log.url is not None]
    if registry is None and len(policy.logs) == 1 and urls:
        registry = urls[0].decode("ascii", "replace")
    if registry is None:
        scheme, separator, rest = code.partition("://")
        if not separator:
            raise UsageError("The code names no host: give --registry URL.", "no_registry_url")
        registry = f"{scheme.lower()}://{rest.partition('/')[0].lower()}"
    return ledger_url_of(registry, allow_http=context.allow_http)


@dataclass(slots=True)
class _Check:
    """Checks over the network. Whatever goes wrong on the way becomes a problem, and the verdict "cannot tell"."""

    client: LedgerClient
    context: Context
    problems: list[VerifierError] = field(default_factory=list)
    _memory: Memory | None = None
    _status_vkey: VKey | None = None
    _network: NetworkEvidence | None = None
    _trust: Trust = field(init=False)

    def open(self, gtin: str | None) -> None:
        """Fetch the checkpoint, and the snapshot: the shard that has this GTIN, or the whole."""
        snapshot: Snapshot | None = None
        try:
            checkpoint = self.client.fetch_checkpoint()
            if self.context.state is not None:
                self._memory = self.context.state.find(checkpoint.origin, self.client.policy)
            anchor = self.client.view(checkpoint)
            if self._memory is not None:
                self._check_history(anchor, self._memory)
            self._status_vkey = self._memory.status_vkey if self._memory else anchor.fetch_registry().status_vkey
            snapshot = parse_snapshot(self._fetch_snapshot(gtin), self._status_vkey)
            self._network = NetworkEvidence(self.client, anchor, snapshot)
        except VerifierError as error:
            if error.code in ("unknown_log", "bad_state"):
                raise UsageError(str(error), error.code) from error
            self.problems.append(error)
        self._trust = Trust(self.client.policy, snapshot)

    def verify(self, text: str) -> Verdict:
        """The verdict on one code, with the view that `open` made."""
        return verify(
            text,
            trust=self._trust,
            ledger=_Noting(self._network, self.problems) if self._network else _Nothing(),
            now=self.context.now,
            seen=self._memory.checkpoint if self._memory else None,
        )

    def close(self) -> None:
        """Remember the newest checkpoint."""
        if self._network is not None and self._status_vkey is not None:
            self._remember(Memory(self._network.newest, self._status_vkey))

    def _check_history(self, anchor: LedgerView, memory: Memory) -> None:
        try:
            anchor.check_history(memory.checkpoint)
        except DoesNotHold as error:
            if self.context.state is not None and error.code == "ledger_forked":
                path = self.context.state.keep_evidence(anchor.checkpoint)
                raise DoesNotHold(error.code, f"{error} Kept in {path}") from error
            raise

    def _fetch_snapshot(self, gtin: str | None) -> bytes:
        if gtin is None:
            return self.client.fetch_snapshot()
        try:
            return self.client.fetch_snapshot(gtin=gtin)
        except NotFound:
            # No issuer has this GTIN, says the server. Only the whole list, signed, can say that.
            return self.client.fetch_snapshot()

    def _remember(self, memory: Memory) -> None:
        if self.context.state is None:
            return
        try:
            self.context.state.remember(memory, policy=self.client.policy)
        except OSError as error:
            self.context.note(f"The checkpoint could not be remembered: {error}")


class _Nothing:
    """Evidence of somebody who could not ask."""

    def find_evidence(self, code: ProductCode, issuer_id: str) -> NoReturn:
        raise DidNotArrive("not_asked", "The ledger was not asked.")


@dataclass(frozen=True, slots=True)
class _Noting:
    """Passes evidence on and notes why there is none; `verify` keeps the code of an error, people want its sentence."""

    source: NetworkEvidence
    problems: list[VerifierError]

    def find_evidence(self, code: ProductCode, issuer_id: str) -> Evidence | None:
        try:
            return self.source.find_evidence(code, issuer_id)
        except VerifierError as error:
            self.problems.append(error)
            raise


def _exit_of(verdict: Verdict, problems: list[VerifierError]) -> Exit:
    if verdict.status is Status.MALFORMED:
        return Exit.USAGE
    if verdict.status in _NOT_GENUINE:
        return Exit.NOT_GENUINE
    if any(not isinstance(problem, DidNotArrive) for problem in problems):
        return Exit.LEDGER_FAILED
    return Exit.CANNOT_TELL if verdict.status is Status.CANNOT_TELL else Exit.OK


def _answer(context: Context, verdict: Verdict, problems: list[VerifierError], client: LedgerClient | None) -> Exit:
    status = _exit_of(verdict, problems)
    if context.is_json:
        value: dict[str, JsonValue] = {
            "exit_code": int(status),
            "problems": [error_json(problem) for problem in problems],
            "verdict": verdict.to_json(),
        }
        context.json(value if client is None else value | {"ledger": client.base_url})
        return status
    show_verdict(context, verdict)
    for problem in problems:
        words = printable(str(problem), maximum=1000)
        context.line(f"  {context.pick('问题', 'Problem')}: {words} ({problem.code})")
    return status
