# SPDX-License-Identifier: Apache-2.0
"""`passport dossier sign`: a platform logs the digest of an approved selection dossier with its own key."""

from __future__ import annotations

import os
from pathlib import Path

import click

from passport.commands.options import FILE, ISSUER_ID, Connection, confirm_or_stop, connection_options, now, yes_option
from passport.commands.passphrase import passphrase_option
from passport.domain.files import replace_file
from passport.domain.maker_errors import BadInput
from passport.services.dossier_signing import ReadDossier, find_signed, read_dossier, sign_dossier
from passport.services.keys import Author
from passport.services.recalling import fold_ledger
from passport.signing import load_key_file
from verifier.client import ApiClient
from verifier.fetch import printable


@click.group("dossier")
def dossier_group() -> None:
    """Log the selection dossiers that your chief quality officer approved. For platforms."""


@dossier_group.command("sign")
@click.argument("dossier", metavar="DOSSIER")
@click.option(
    "--issuer",
    required=True,
    type=ISSUER_ID,
    envvar="PASSPORT_ISSUER",
    help="Your id in the registry. [env: PASSPORT_ISSUER]",
)
@click.option("--key", required=True, type=FILE, envvar="PASSPORT_KEY", help="Your key file. [env: PASSPORT_KEY]")
@click.option(
    "--token-file",
    type=FILE,
    envvar="PASSPORT_TOKEN_FILE",
    help="File whose first line is an API token with dossiers:read. [env: PASSPORT_TOKEN_FILE, PASSPORT_TOKEN]",
)
@click.option("--out", type=FILE, help="Keep the document here: it is what the digest is of.")
@passphrase_option
@yes_option
@connection_options
def sign(
    dossier: str,
    issuer: str,
    key: Path,
    token_file: Path | None,
    out: Path | None,
    passphrase: str,
    yes: bool,
    connection: Connection,
) -> None:
    """Fetch the approved DOSSIER, show it, work out its digest, sign, and log.

    Doing it again logs nothing new. The document itself goes nowhere.
    """
    client = ApiClient(connection.url, token=_token(token_file), allow_http=connection.allow_http)
    data = client.fetch_dossier_document(dossier)
    read = read_dossier(data, dossier_id=dossier, issuer=issuer)
    _show(read)
    if out is not None:
        replace_file(out, data)
        click.echo(f"Kept in {out}")
    registry = connection.client()
    state = fold_ledger(registry)
    index = find_signed(state, issuer, read)
    if index is not None:
        click.echo(f"Already logged at {index}.")
        return
    confirm_or_stop("Sign and log this?", yes=yes)
    author = Author(issuer, load_key_file(key, passphrase, "issuer"), now())
    logged = sign_dossier(read, state, registry, author)
    click.echo(f"Dossier {dossier} is logged at {logged.index}.")


def _token(file: Path | None) -> str:
    """The token of the file's first line, or of the environment: never of the command line, which others can read."""
    if file is not None:
        text = file.read_text(encoding="utf-8").partition("\n")[0].strip()
    else:
        text = os.environ.get("PASSPORT_TOKEN", "").strip()
    if not text:
        raise BadInput("no_token", "Give --token-file, or set PASSPORT_TOKEN: the dossier is fetched with it.")
    return text


def _show(read: ReadDossier) -> None:
    """What is signed for, line by line; the words are strangers', so nothing of them moves the terminal."""
    document = read.document
    click.echo(f"Dossier {document.dossier_id} of {document.platform}")
    click.echo(f"  item      {printable(document.item_title)}")
    click.echo(f"  room      {printable(document.room_name)} ({printable(document.room_id)})")
    click.echo(f"  session   {document.session_at:%Y-%m-%d %H:%M} UTC")
    click.echo(f"  product   GTIN {document.gtin}, lot {printable(document.lot)}")
    click.echo(f"  seller    {printable(document.seller_name)} ({printable(document.seller_id)})")
    for report in document.reports:
        name = printable(f"{report.kind} {report.scheme} {report.number}, {report.issued_by}")
        click.echo(f"  report    {name}: {report.valid_from} to {report.valid_until}")
    click.echo(f"  sample    {printable(document.sample_code)[:100]}")
    click.echo(
        f"  approved  {document.approved_at:%Y-%m-%d %H:%M} UTC by {document.rule_version}, ledger size "
        f"{document.ledger_size}"
    )
    click.echo(f"  SHA-256   {read.digest}")
