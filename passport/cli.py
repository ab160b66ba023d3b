# SPDX-License-Identifier: Apache-2.0
"""The `passport` command. To add a command: write it under passport/commands and name it in COMMANDS.

Exit codes: 0 done · 2 wrong usage · 3 malformed input · 4 refused by a rule · 5 the registry does not answer · 6
conflict with files of this machine · 7 not confirmed · 8 a file cannot be read or written · 130 interrupted · 80 to 87
see the ledger's errors. Every error ends as one message with its stable code in brackets.
"""

from __future__ import annotations

import importlib
from typing import Any, NoReturn

import click

from passport.domain.errors import PassportError
from verifier.protocol.errors import DidNotArrive, DoesNotHold, Malformed, VerifierError

COMMANDS: dict[str, tuple[str, str]] = {
    "badge": ("passport.commands.badge", "badge_group"),
    "certificate": ("passport.commands.certificate", "certificate_group"),
    "demo": ("passport.commands.demo", "demo_command"),
    "dossier": ("passport.commands.dossier", "dossier_group"),
    "inspection": ("passport.commands.inspection", "inspection_group"),
    "issue": ("passport.commands.issue", "issue_command"),
    "issuer": ("passport.commands.issuer", "issuer_group"),
    "key": ("passport.commands.keys", "key_group"),
    "ledger": ("passport.commands.registry", "ledger_group"),
    "member": ("passport.commands.member", "member_group"),
    "organisation": ("passport.commands.organisation", "organisation_group"),
    "product": ("passport.commands.product", "product_group"),
    "recall": ("passport.commands.recall", "recall_group"),
    "registry": ("passport.commands.registry", "registry_group"),
    "serve": ("passport.commands.registry", "serve"),
    "shipment": ("passport.commands.shipment", "shipment_command"),
    "void": ("passport.commands.recall", "void_command"),
}
"""Name of the command → module and attribute. Loaded when used:

a maker's machine does not load the registry's database.
"""

_VERIFIER_EXIT_CODES: tuple[tuple[type[VerifierError], int], ...] = (
    (Malformed, 3),
    (DoesNotHold, 4),
    (DidNotArrive, 5),
)
EXIT_FILE_ERROR = 8
EXIT_INTERRUPTED = 130


def exit_code_of(error: PassportError | VerifierError) -> int:
    """What the process ends with."""
    if isinstance(error, PassportError):
        return error.exit_code
    return next((code for kind, code in _VERIFIER_EXIT_CODES if isinstance(error, kind)), 1)


class PassportGroup(click.Group):
    """Loads commands by name and turns the errors that we raise on purpose into messages and exit codes."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        place = COMMANDS.get(cmd_name)
        if place is None:
            return None
        command = getattr(importlib.import_module(place[0]), place[1])
        if not isinstance(command, click.Command):
            raise TypeError(f"{place} is no command")
        return command

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except (PassportError, VerifierError) as error:
            _end(f"error: {error} [{error.code}]", exit_code_of(error))
        except OSError as error:
            where = f"{error.filename}: " if error.filename else ""
            _end(f"error: {where}{error.strerror or error} [file_error]", EXIT_FILE_ERROR)
        except KeyboardInterrupt:
            _end("Interrupted. The same command goes on where this one stopped. [interrupted]", EXIT_INTERRUPTED)


def _end(message: str, exit_code: int) -> NoReturn:
    click.echo(message, err=True)
    raise click.exceptions.Exit(exit_code)


@click.group(cls=PassportGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="product-passport", prog_name="passport")
def main() -> None:
    """Product digital passports: keys, codes, documents, recalls, and the registry's own commands."""
