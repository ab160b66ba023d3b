# SPDX-License-Identifier: Apache-2.0
"""`passport member invite | reset | list`: an organisation's first people, and owners who cannot get in any more."""

from __future__ import annotations

from pathlib import Path

import click

from passport.bootstrap_accounts import open_accounts_alone
from passport.commands.registry import DIRECTORY
from passport.domain.accounts import Role
from passport.domain.accounts_input import parse_roles
from passport.settings import Settings, load_settings
from verifier.fetch import printable


@click.group("member")
def member_group() -> None:
    """Members of organisations: invite the first, help one who is locked out. Owners do the rest in the console."""


@member_group.command("invite")
@DIRECTORY
@click.argument("organisation")
@click.option("--name", required=True, help="The person's name, as colleagues see it; the person can change it.")
@click.option(
    "--role",
    "roles",
    multiple=True,
    default=["owner"],
    show_default=True,
    type=click.Choice([str(role) for role in Role]),
    help="What the person is for; can be given several times.",
)
def invite(directory: Path, organisation: str, name: str, roles: tuple[str, ...]) -> None:
    """Make a member of ORGANISATION and print a link, good for 72 hours and once."""
    settings = load_settings(directory)
    opened = open_accounts_alone(settings)
    try:
        member, code = opened.accounts.organisations.invite(organisation, name, parse_roles(roles))
    finally:
        opened.close()
    click.echo(f"{member.id} is invited to {organisation}.")
    _show(settings, code)


@member_group.command("reset")
@DIRECTORY
@click.argument("member")
def reset(directory: Path, member: str) -> None:
    """Print a new one-time link for MEMBER (login name or id), who sets password and second factor anew.

    What the member has now goes on working until the link is used.
    """
    settings = load_settings(directory)
    opened = open_accounts_alone(settings)
    try:
        code = opened.accounts.organisations.reset(member)
    finally:
        opened.close()
    _show(settings, code)


@member_group.command("list")
@DIRECTORY
@click.argument("organisation")
def list_command(directory: Path, organisation: str) -> None:
    """Show the members of ORGANISATION: id, state, roles, login name."""
    opened = open_accounts_alone(load_settings(directory))
    try:
        members = opened.accounts.organisations.list_members(organisation)
    finally:
        opened.close()
    for found in members:
        roles = ",".join(sorted(found.roles))
        click.echo(
            f"{found.id}  {found.state:<8}  {roles:<20}  {found.login_name or '-'}  {printable(found.display_name)}"
        )
    if not members:
        click.echo("No members yet. Invite one: passport member invite …")


def _show(settings: Settings, code: str) -> None:
    click.echo("Hand this link to the person, by a way that nobody else reads. It works once, for 72 hours:")
    click.echo(f"\n  {settings.base_url}/console/invitation/{code}\n")
