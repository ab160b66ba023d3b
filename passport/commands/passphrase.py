# SPDX-License-Identifier: Apache-2.0
"""How every command gets the passphrase of a key file: from a file or a prompt, never from an argument."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from passport.domain.maker_errors import BadInput

ENVIRONMENT = "PASSPORT_PASSPHRASE_FILE"


def read_passphrase(path: Path | None, *, confirm: bool = False, prompt: str = "Passphrase") -> str:
    """The first line of the file, or of the one that PASSPORT_PASSPHRASE_FILE names, or else a prompt."""
    if path is None and os.environ.get(ENVIRONMENT):
        path = Path(os.environ[ENVIRONMENT])
    if path is not None:
        try:
            text = path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise BadInput("bad_passphrase_file", f"The passphrase file {path} cannot be read: {error}") from error
        passphrase = text.split("\n", 1)[0].rstrip("\r")
        if not passphrase:
            raise BadInput("bad_passphrase_file", f"The passphrase file {path} is empty.")
        return passphrase
    if not sys.stdin.isatty():
        raise BadInput(
            "no_passphrase", f"No terminal to ask for the passphrase: use --passphrase-file or {ENVIRONMENT}."
        )
    answer: str = click.prompt(prompt, hide_input=True, confirmation_prompt=confirm)
    return answer


def passphrase_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """Gives a command the argument `passphrase`."""

    def read(context: click.Context, _parameter: click.Parameter, value: Path | None) -> str:
        return read_passphrase(value, confirm=context.info_name in ("init", "new"))

    return click.option(
        "--passphrase-file",
        "passphrase",
        type=click.Path(path_type=Path, dir_okay=False),
        callback=read,
        help=f"File whose first line is the passphrase; otherwise {ENVIRONMENT}, otherwise a prompt.",
    )(command)
