# SPDX-License-Identifier: Apache-2.0
"""`passport organisation add | list | suspend | resume`: who has accounts at this registry. For its operator."""

from __future__ import annotations

from pathlib import Path

import click

from passport.bootstrap_accounts import open_accounts_alone
from passport.commands.registry import DIRECTORY
from passport.domain.accounts import OrganisationKind, OrganisationState
from passport.settings import load_settings
from verifier.fetch import printable

ORGANISATION = click.argument("organisation")


@click.group("organisation")
def organisation_group() -> None:
    """Organisations that have accounts: add, list, suspend. Run it at the registry's machine."""


@organisation_group.command("add")
@DIRECTORY
@ORGANISATION
@click.option("--kind", required=True, type=click.Choice([str(kind) for kind in OrganisationKind]), help="What it is.")
@click.option("--name-zh", required=True, help="Its name in Chinese.")
@click.option("--name-en", required=True, help="Its name in English.")
def add(directory: Path, organisation: str, kind: str, name_zh: str, name_en: str) -> None:
    """Add ORGANISATION, an id such as maker-a. For an issuer of the ledger, take its id there."""
    settings = load_settings(directory)
    opened = open_accounts_alone(settings)
    try:
        added = opened.accounts.organisations.add(organisation, OrganisationKind(kind), name_zh, name_en)
    finally:
        opened.close()
    click.echo(f"{added.id} is added. Invite its first owner: passport member invite {directory} {added.id} --name …")


@organisation_group.command("list")
@DIRECTORY
def list_command(directory: Path) -> None:
    """Show every organisation: id, kind, state, names."""
    opened = open_accounts_alone(load_settings(directory))
    try:
        organisations = opened.accounts.organisations.list_all()
    finally:
        opened.close()
    for found in organisations:
        names = f"{printable(found.name.zh)} / {printable(found.name.en)}"
        click.echo(f"{found.id:<32}  {found.kind:<10}  {found.state:<9}  {names}")
    if not organisations:
        click.echo("There is no organisation yet. Add one: passport organisation add …")


@organisation_group.command("suspend")
@DIRECTORY
@ORGANISATION
def suspend(directory: Path, organisation: str) -> None:
    """Sign everybody of ORGANISATION out, and let neither them nor its tokens in. Its data stays."""
    _set_state(directory, organisation, OrganisationState.SUSPENDED)
    click.echo(f"{organisation} is suspended.")


@organisation_group.command("resume")
@DIRECTORY
@ORGANISATION
def resume(directory: Path, organisation: str) -> None:
    """Let ORGANISATION in again."""
    _set_state(directory, organisation, OrganisationState.ACTIVE)
    click.echo(f"{organisation} is active.")


def _set_state(directory: Path, organisation: str, state: OrganisationState) -> None:
    opened = open_accounts_alone(load_settings(directory))
    try:
        opened.accounts.organisations.set_state(organisation, state)
    finally:
        opened.close()
