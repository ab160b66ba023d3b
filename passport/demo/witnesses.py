# SPDX-License-Identifier: Apache-2.0
"""The demonstration's two witnesses: strangers to the registry, each with its own key, process and memory."""

from __future__ import annotations

import shutil
from dataclasses import replace
from functools import partial

from passport.demo.server import ServerProcess
from passport.demo.stage import WITNESSES, Stage, Teller
from passport.domain.files import make_directory, replace_file
from verifier.protocol.note import parse_vkey
from verifier.protocol.policy import PolicyGroup, PolicyWitness, parse_policy

_NUMBERS = range(1, WITNESSES + 1)


def prepare_witnesses(teller: Teller) -> None:
    """Two witnesses make their keys, and the registry gets a policy that names both."""
    teller.chapter(
        "Two witnesses, who will cosign the ledger as long as it only grows. The registry is told to ask both."
    )
    teller.once("witnesses", partial(_prepare, teller))


def _prepare(teller: Teller) -> None:
    stage = teller.stage
    policy = parse_policy(stage.policy.read_bytes())
    witnesses = []
    for number in _NUMBERS:
        if not (stage.witness(number) / "vkey").exists():  # a half-made witness has signed nothing
            shutil.rmtree(stage.witness(number), ignore_errors=True)
            make_directory(stage.witness(number).parent)
            name = f"127.0.0.1:{stage.witness_ports[number - 1]}/w{number}"
            printed = teller.run("witness", "init", str(stage.witness(number)), "--name", name, module="verifier")
            replace_file(stage.witness(number) / "vkey", printed.encode())
        vkey = parse_vkey((stage.witness(number) / "vkey").read_text().strip())
        witnesses.append(PolicyWitness(f"w{number}".encode(), vkey, stage.witness_url(number).encode()))
    # One of them is enough, so that the demonstration goes on when you kill the other. Where witnesses are run by
    # strangers who answer for it, ask for more: with one of two, a single one that colludes is enough to hide a fork.
    group = PolicyGroup(b"either", 1, tuple(witness.name for witness in witnesses))
    witnessed = replace(policy, witnesses=tuple(witnesses), groups=(group,), quorum=group.name)
    file = stage.directory / "witnesses" / "policy.txt"
    replace_file(file, witnessed.to_bytes())
    teller.run("registry", "set-policy", str(stage.registry), str(file))


def serve_witnesses(stage: Stage) -> list[ServerProcess]:
    """`verifier witness serve` for each; the caller stops them."""
    servers = []
    for number in _NUMBERS:
        url = stage.witness_url(number)
        command = ("verifier", "witness", "serve", str(stage.witness(number)), "--listen", url.removeprefix("http://"))
        options = ("--policy", str(stage.policy), "--passphrase-file", str(stage.passphrase))
        log = stage.directory / "witnesses" / f"w{number}.log"
        servers.append(ServerProcess((*command, *options), f"{url}/", log))
    return servers
