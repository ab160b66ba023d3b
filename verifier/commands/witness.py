# SPDX-License-Identifier: Apache-2.0
"""`verifier witness init | serve`: keep a ledger honest by cosigning what only grows. C2SP tlog-witness."""

from __future__ import annotations

import argparse
import getpass
import logging
import os
import signal
import sys
import threading
import time
from pathlib import Path
from typing import Any

from verifier.commands.context import Context, Exit, UsageError, read_file
from verifier.protocol.encoding import parse_decimal
from verifier.protocol.errors import Malformed
from verifier.protocol.note import ALG_ED25519, VKey, parse_vkey
from verifier.protocol.policy import MAX_POLICY_SIZE, parse_policy
from verifier.witness import Witness
from verifier.witness_key import load_key_file, new_key_file
from verifier.witness_server import WitnessServer
from verifier.witness_store import KEY_FILE, WitnessStore, make_witness_directory

PASSPHRASE_VARIABLE = "VERIFIER_PASSPHRASE_FILE"
DEFAULT_LISTEN = "127.0.0.1:8090"


def add_parser(commands: Any, common: argparse.ArgumentParser) -> None:
    """Adds `witness` with its two commands to the command line."""
    group = commands.add_parser("witness", help="run a witness, who cosigns checkpoints of ledgers that only grow")
    actions = group.add_subparsers(metavar="ACTION", required=True)
    passphrase = argparse.ArgumentParser(add_help=False)
    passphrase.add_argument(
        "--passphrase-file",
        metavar="FILE",
        help=f"file whose first line is the key's passphrase; else {PASSPHRASE_VARIABLE}, else a prompt",
    )

    one = actions.add_parser("init", parents=[common, passphrase], help="make a witness: its directory and its key")
    one.add_argument("directory", metavar="DIR", help="a directory of its own")
    one.add_argument("--name", required=True, metavar="NAME", help="the key's name, such as witness.example.org/w1")
    one.set_defaults(run=run_init)

    one = actions.add_parser("serve", parents=[common, passphrase], help="serve the witness until Ctrl-C or SIGTERM")
    one.add_argument("directory", metavar="DIR", help="the directory that init has made")
    one.add_argument(
        "--listen", metavar="HOST:PORT", default=DEFAULT_LISTEN, help="where to listen (default: %(default)s)"
    )
    one.add_argument("--policy", metavar="FILE", help="follow the logs of this policy file")
    one.add_argument("--log", metavar="VKEY", action="append", default=[], help="follow this log; may be repeated")
    one.set_defaults(run=run_serve)


def run_init(arguments: argparse.Namespace, context: Context) -> Exit:
    """Make a witness in `arguments.directory` and print its vkey. Nothing is overwritten. Raises UsageError."""
    directory = Path(arguments.directory)
    passphrase = _read_passphrase(arguments.passphrase_file, confirm=True)
    try:
        make_witness_directory(directory)
        vkey = new_key_file(directory / KEY_FILE, arguments.name, passphrase)
    except Malformed as error:
        raise UsageError(str(error), error.code) from error
    except OSError as error:
        raise UsageError(f"{directory} cannot be written: {error.strerror}", "file_error") from error
    if context.is_json:
        context.json({"exit_code": int(Exit.OK), "vkey": vkey.to_text()})
        return Exit.OK
    context.note(
        context.pick(
            "见证人的公钥如下，请交给账本运营方和所有验证者。密钥文件请另行备份；切勿恢复旧的 logs/ 目录。",
            "The witness's key, for policies everywhere. Back up the key file; never restore an old copy of logs/.",
        )
    )
    context.line(vkey.to_text())
    return Exit.OK


def run_serve(arguments: argparse.Namespace, context: Context) -> Exit:
    """Serve until a signal comes. Raises UsageError for everything that keeps the witness from starting."""
    directory = Path(arguments.directory)
    logs = _read_logs(arguments.policy, arguments.log)
    address = _parse_listen(arguments.listen)
    passphrase = _read_passphrase(arguments.passphrase_file, confirm=False)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s", stream=sys.stderr)
    try:
        with WitnessStore(directory) as store:
            witness = Witness(load_key_file(directory / KEY_FILE, passphrase), logs, store, time.time)
            try:
                server = WitnessServer(witness, address)
            except OSError as error:
                raise UsageError(f"{arguments.listen} is not free: {error.strerror}", "cannot_listen") from error
            _announce(context, server, witness, logs)
            _serve(server)
    except UsageError:
        raise
    except Malformed as error:
        raise UsageError(str(error), error.code) from error
    return Exit.OK


def _announce(context: Context, server: WitnessServer, witness: Witness, logs: list[VKey]) -> None:
    origins = sorted({vkey.name for vkey in logs})
    if context.is_json:
        context.json({"logs": list(origins), "url": server.url, "vkey": witness.vkey.to_text()})
    else:
        context.line(f"{context.pick('见证人', 'Witness')} {witness.vkey.to_text()}")
        context.line(f"  {server.url}")
        for origin in origins:
            context.line(f"  {context.pick('账本', 'follows')} {origin}")
    sys.stdout.flush()


def _serve(server: WitnessServer) -> None:
    """Until SIGINT or SIGTERM. The server runs in a thread, because only another one can stop it."""
    ended = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: ended.set())
    thread = threading.Thread(target=server.serve_forever, name="witness", daemon=True)
    thread.start()
    while thread.is_alive() and not ended.wait(1.0):
        pass
    server.stop()
    thread.join()


def _read_logs(policy: str | None, vkeys: list[str]) -> list[VKey]:
    logs: list[VKey] = []
    try:
        if policy is not None:
            logs += [log.vkey for log in parse_policy(read_file(Path(policy), MAX_POLICY_SIZE)).logs]
        logs += [parse_vkey(text) for text in vkeys]
    except FileNotFoundError:
        raise UsageError(f"There is no policy file {policy}.", "no_policy") from None
    except Malformed as error:
        raise UsageError(str(error), error.code) from error
    if not logs or any(vkey.algorithm != ALG_ED25519 for vkey in logs):
        raise UsageError("Name the logs to follow, with --policy FILE or --log VKEY (keys of type 0x01).", "no_logs")
    return list(dict.fromkeys(logs))


def _parse_listen(text: str) -> tuple[str, int]:
    host, separator, port = text.rpartition(":")
    try:
        if not separator or not host:
            raise Malformed("usage", "no port")
        return host.removeprefix("[").removesuffix("]"), parse_decimal(port, maximum=65535)
    except Malformed:
        raise UsageError(f"--listen is HOST:PORT, such as {DEFAULT_LISTEN}, not {text[:100]!r}") from None


def _read_passphrase(given: str | None, *, confirm: bool) -> str:
    """The first line of the file, or of the one that the environment names, or a prompt. Never an argument."""
    name = given or os.environ.get(PASSPHRASE_VARIABLE)
    if name:
        try:
            data = read_file(Path(name), 4096)
        except FileNotFoundError:
            raise UsageError(f"There is no passphrase file {name}.", "no_passphrase") from None
        return data.decode("utf-8", "replace").split("\n", 1)[0].rstrip("\r")
    if not sys.stdin.isatty():
        raise UsageError(f"Nobody to ask for the passphrase: use --passphrase-file or {PASSPHRASE_VARIABLE}.")
    passphrase = getpass.getpass("Passphrase: ")
    if confirm and getpass.getpass("Again: ") != passphrase:
        raise UsageError("The two passphrases differ; nothing was made.", "no_passphrase")
    return passphrase
