# SPDX-License-Identifier: Apache-2.0
"""`passport issuer admit | show`: who may speak in the ledger. DESIGN §3."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import click

from passport.commands.options import (
    FILE,
    ISSUER_ID,
    Connection,
    confirm_or_stop,
    connection_options,
    now,
    yes_option,
)
from passport.commands.passphrase import passphrase_option
from passport.domain.input_files import parse_input
from passport.domain.maker_errors import BadInput
from passport.domain.organisation import AdmissionRequest, Organisation, parse_admission_request, parse_organisation
from passport.services.keys import Author, admit
from passport.services.signing_in import get_issuer
from passport.signing import load_key_file
from verifier.fetch import printable
from verifier.protocol.fields import Text
from verifier.protocol.statements import REGISTRY


def _names(name: Text) -> str:
    """Both names on one line, without anything that a terminal obeys: they are somebody else's words."""
    return f"{printable(name.zh)} / {printable(name.en)}"


@click.group("issuer")
def issuer_group() -> None:
    """Admit organisations, and show them."""


@dataclass(frozen=True, slots=True)
class _Asked:
    request: AdmissionRequest
    organisation: Organisation


def _read(request_path: Path, organisation_path: Path | None) -> _Asked:
    request = parse_input(request_path, parse_admission_request)
    if organisation_path is not None:
        return _Asked(request, parse_input(organisation_path, parse_organisation))
    if request.organisation is None:
        raise BadInput("no_organisation", f"{request_path} does not say who asks; give --organisation.")
    return _Asked(request, request.organisation)


@issuer_group.command("admit")
@click.argument("request_path", metavar="REQUEST", type=FILE)
@click.option("--operator-key", required=True, type=FILE, help="The operator's key file.")
@click.option("--organisation", type=FILE, help="Use this file (JSON or TOML) instead of what the request says.")
@yes_option
@passphrase_option
@connection_options
def admit_command(
    request_path: Path,
    operator_key: Path,
    organisation: Path | None,
    yes: bool,
    passphrase: str,
    connection: Connection,
) -> None:
    """Admit the organisation that made REQUEST. Check its documents first: what you admit, everybody will trust.

    Proof of possession, the check characters of the 统一社会信用代码 and overlapping prefixes are checked.
    A refusal names the rule.
    """
    asked = _read(request_path, organisation)
    organisation_ = asked.organisation
    signer = load_key_file(operator_key, passphrase, "operator")
    click.echo(f"id          {asked.request.issuer}\nname        {_names(organisation_.name)}")
    click.echo(f"uscc        {organisation_.uscc}\nroles       {', '.join(organisation_.roles)}")
    click.echo(f"prefixes    {', '.join(organisation_.prefixes) or '(none)'}")
    click.echo(f"key id      {asked.request.key.public_key.key_id} (proof of possession is right)")
    confirm_or_stop("Admit this organisation?", yes=yes)
    logged = admit(connection.client(), Author(REGISTRY, signer, now()), asked.request, organisation_)
    click.echo(f"{asked.request.issuer} is admitted by ledger entry {logged.index}.")


@issuer_group.command("show")
@click.argument("issuer", type=ISSUER_ID)
@connection_options
def show(issuer: str, connection: Connection) -> None:
    """Show what the registry says of an admitted organisation."""
    info = get_issuer(connection.client(), issuer)
    click.echo(f"id          {info.id}\nname        {_names(info.name)}\nuscc        {info.uscc}")
    click.echo(f"roles       {', '.join(info.roles)}\nprefixes    {', '.join(info.prefixes) or '(none)'}")
    click.echo(f"next batch  {info.next_batch}")
    for key in info.keys:
        click.echo(f"key         {key.key_id}{' (revoked)' if key.is_revoked else ''}")
