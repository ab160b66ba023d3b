# SPDX-License-Identifier: Apache-2.0
"""Options that several commands share, folded into one value each; this is where the maker's parts are put together.

DESIGN §6.
"""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import click

from passport.commands.passphrase import passphrase_option
from passport.domain.maker_errors import NotConfirmed
from passport.registry_client import RegistryClient
from passport.services.keys import Author
from passport.signing import KeySigner, Purpose, load_key_file
from verifier.protocol.errors import Malformed
from verifier.protocol.fields import parse_date, parse_id
from verifier.protocol.gs1 import gtin14_from, parse_lot
from verifier.protocol.statements import REGISTRY

Function = Callable[..., Any]
FILE = click.Path(path_type=Path, dir_okay=False)


class Parsed(click.ParamType[Any]):
    """An option whose text goes through one of the protocol's parsers; what is malformed ends with exit code 2."""

    def __init__(self, name: str, parse: Callable[[str], Any]) -> None:
        self.name = name
        self._parse = parse

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """The parsed value; a default that is parsed already passes through."""
        if not isinstance(value, str):
            return value
        try:
            return self._parse(value)
        except Malformed as error:
            self.fail(str(error), param, ctx)


GTIN = Parsed("gtin", gtin14_from)
LOT = Parsed("lot", parse_lot)
DATE = Parsed("date", parse_date)
ISSUER_ID = Parsed("id", parse_id)


def now() -> datetime:
    """The clock, read once by each command."""
    return datetime.now(UTC)


def today() -> date:
    """The local calendar date."""
    return now().astimezone().date()


yes_option = click.option("--yes", is_flag=True, help="Do not ask before anything is signed.")


def confirm_or_stop(question: str, *, yes: bool) -> None:
    """Ask a person. Raises NotConfirmed if the answer is no, or there is nobody to ask."""
    if yes:
        return
    if not sys.stdin.isatty():
        raise NotConfirmed("not_confirmed", "There is nobody to ask; give --yes if this is what you want.")
    if not click.confirm(question, err=True):
        raise NotConfirmed("not_confirmed", "Nothing was signed or sent.")


@dataclass(frozen=True, slots=True)
class Connection:
    """A registry's address, and the client for it."""

    url: str
    allow_http: bool
    _clients: list[RegistryClient] = field(default_factory=list, repr=False)

    def client(self) -> RegistryClient:
        """The client, made at first use. Raises BadInput("bad_url")."""
        if not self._clients:
            self._clients.append(RegistryClient(self.url, allow_http=self.allow_http))
        return self._clients[0]


def connection_options(function: Function) -> Function:
    """Gives the command `connection`."""

    @click.option(
        "--registry",
        "registry_url",
        required=True,
        envvar="PASSPORT_REGISTRY",
        help="The registry's address. [env: PASSPORT_REGISTRY]",
    )
    @click.option("--allow-http", is_flag=True, help="Allow plain http to another machine. For test networks.")
    @functools.wraps(function)
    def wrapper(*args: Any, registry_url: str, allow_http: bool, **rest: Any) -> Any:
        return function(*args, connection=Connection(registry_url, allow_http), **rest)

    return wrapper


@dataclass(frozen=True, slots=True)
class Maker:
    """Who runs the command: an issuer with its key, or the operator, and the registry that it speaks to."""

    issuer: str
    registry: RegistryClient
    signer: KeySigner

    def author(self) -> Author:
        """The author of a statement made now."""
        return Author(self.issuer, self.signer, now())


def maker_options(function: Function) -> Function:
    """Gives the command `maker`: an admitted issuer with its key."""

    @connection_options
    @click.option(
        "--issuer",
        required=True,
        type=ISSUER_ID,
        envvar="PASSPORT_ISSUER",
        help="Your id in the registry. [env: PASSPORT_ISSUER]",
    )
    @click.option("--key", required=True, type=FILE, envvar="PASSPORT_KEY", help="Your key file. [env: PASSPORT_KEY]")
    @passphrase_option
    @functools.wraps(function)
    def wrapper(*args: Any, connection: Connection, issuer: str, key: Path, passphrase: str, **rest: Any) -> Any:
        maker = Maker(issuer, connection.client(), load_key_file(key, passphrase, "issuer"))
        return function(*args, maker=maker, **rest)

    return wrapper


def speaker_options(function: Function) -> Function:
    """Gives the command `maker`: an issuer with its key, or the registry's operator with --operator-key."""

    @connection_options
    @click.option(
        "--issuer", type=ISSUER_ID, envvar="PASSPORT_ISSUER", help="Your id in the registry. [env: PASSPORT_ISSUER]"
    )
    @click.option("--key", type=FILE, envvar="PASSPORT_KEY", help="Your key file. [env: PASSPORT_KEY]")
    @click.option("--operator-key", type=FILE, help="The operator's key file, instead of --issuer and --key.")
    @passphrase_option
    @functools.wraps(function)
    def wrapper(*args: Any, **rest: Any) -> Any:
        connection: Connection = rest.pop("connection")
        issuer, key, operator_key = rest.pop("issuer"), rest.pop("key"), rest.pop("operator_key")
        purpose: Purpose = "issuer" if operator_key is None else "operator"
        path = key if operator_key is None else operator_key
        if path is None or (operator_key is None and issuer is None):
            raise click.UsageError("Give --issuer and --key, or --operator-key.")
        signer = load_key_file(path, rest.pop("passphrase"), purpose)
        speaker = issuer if operator_key is None else REGISTRY
        return function(*args, maker=Maker(speaker, connection.client(), signer), **rest)

    return wrapper
