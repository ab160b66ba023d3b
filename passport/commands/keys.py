# SPDX-License-Identifier: Apache-2.0
"""`passport key new | show | prove | rotate | revoke`: a key's life, from its sealed file to the ledger. DESIGN §3."""

from __future__ import annotations

from pathlib import Path

import click

from passport.commands.options import (
    FILE,
    ISSUER_ID,
    Maker,
    confirm_or_stop,
    speaker_options,
    yes_option,
)
from passport.commands.passphrase import passphrase_option, read_passphrase
from passport.domain.files import create_file
from passport.domain.input_files import parse_input
from passport.domain.maker_errors import StateConflict
from passport.domain.organisation import AdmissionRequest, parse_organisation
from passport.services.keys import add_key, prove_key, revoke_key
from passport.signing import PURPOSES, Purpose, load_key_file, new_key_file, read_key_file
from verifier.protocol.encoding import parse_hex

KEY_FILE = click.argument("key_file", type=FILE)


@click.group("key")
def key_group() -> None:
    """Make, show, prove, rotate and revoke keys."""


@key_group.command("new")
@KEY_FILE
@click.option(
    "--purpose", type=click.Choice(PURPOSES), default="issuer", show_default=True, help="One key, one purpose."
)
@passphrase_option
def new(key_file: Path, purpose: Purpose, passphrase: str) -> None:
    """Make a key and seal it into the new file KEY_FILE. A file that exists is never overwritten."""
    public_key = new_key_file(key_file, passphrase, purpose)
    click.echo(
        f"{key_file}\n  purpose     {purpose}\n  key id      {public_key.key_id}\n  public key  {public_key.raw.hex()}"
    )
    click.echo("Keep a copy of the file, and the passphrase apart from it. Nobody can make this key again.", err=True)


@key_group.command("show")
@KEY_FILE
def show(key_file: Path) -> None:
    """Show what KEY_FILE says without its passphrase: purpose, key id, public key."""
    found = read_key_file(key_file)
    click.echo(
        f"purpose     {found.purpose}\nkey id      {found.public_key.key_id}\npublic key  {found.public_key.raw.hex()}"
    )


@key_group.command("prove")
@KEY_FILE
@click.option("--origin", required=True, help="The ledger's origin, as the registry states it.")
@click.option("--issuer", required=True, type=ISSUER_ID, help="The id under which you want to be admitted.")
@click.option("--organisation", type=FILE, help="JSON or TOML: name, uscc, roles, prefixes, contact.")
@click.option("--out", required=True, type=FILE, help="Where the admission request is written.")
@passphrase_option
def prove(key_file: Path, origin: str, issuer: str, organisation: Path | None, out: Path, passphrase: str) -> None:
    """Write an admission request: the proof that you hold the key in KEY_FILE, good for one issuer in one ledger."""
    signer = load_key_file(key_file, passphrase, "issuer")
    described = parse_input(organisation, parse_organisation) if organisation is not None else None
    request = AdmissionRequest(origin, issuer, prove_key(signer, origin=origin, issuer=issuer), described)
    try:
        create_file(out, request.to_bytes())
    except FileExistsError:
        raise StateConflict("file_exists", f"{out} exists and is left as it is; choose another name.") from None
    click.echo(f"{out}: admission request of {issuer} for {origin}. Hand it to the registry's operator.")


@key_group.command("rotate")
@click.argument("new_key_file_path", metavar="NEW_KEY_FILE", type=FILE)
@click.option("--subject", type=ISSUER_ID, help="With --operator-key: the issuer who gets the key.")
@click.option("--new-passphrase-file", type=FILE, help="For NEW_KEY_FILE; otherwise you are asked.")
@speaker_options
def rotate(new_key_file_path: Path, subject: str | None, new_passphrase_file: Path | None, maker: Maker) -> None:
    """Register the key in NEW_KEY_FILE; it is made if the file does not exist.

    The old key stays good until it is revoked.
    """
    is_there = new_key_file_path.exists()
    passphrase = read_passphrase(new_passphrase_file, prompt="Passphrase of the new key", confirm=not is_there)
    if not is_there:
        # Sealed and on disk before the ledger hears of it: a registered key that nobody has would be worse than a spare
        # file.
        new_key_file(new_key_file_path, passphrase, "issuer")
    new_signer = load_key_file(new_key_file_path, passphrase, "issuer")
    target = subject or maker.issuer
    logged = add_key(maker.registry, maker.author(), subject=target, new=new_signer)
    click.echo(f"{target} has the key {new_signer.public_key.key_id} from ledger index {logged.index} on.")
    click.echo("Use it for new batches, then revoke the old one: passport key revoke", err=True)


@key_group.command("revoke")
@click.argument("key_id", metavar="KEY_ID")
@click.option("--subject", type=ISSUER_ID, help="With --operator-key: whose key it is.")
@click.option(
    "--from-index", type=click.IntRange(min=0), help="First ledger index at which it is not trusted; default: now."
)
@click.option("--reason", required=True, help="Why, for everybody to read.")
@yes_option
@speaker_options
def revoke(key_id: str, subject: str | None, from_index: int | None, reason: str, yes: bool, maker: Maker) -> None:
    """Revoke the key with this id (64 hex digits).

    What it signed before --from-index stays good; this cannot be undone.
    """
    parse_hex(key_id, size=32)
    target = subject or maker.issuer
    start = "the present end of the ledger" if from_index is None else f"ledger index {from_index}"
    confirm_or_stop(f"Revoke key {key_id[:16]}… of {target} from {start}?", yes=yes)
    index, logged = revoke_key(
        maker.registry, maker.author(), subject=target, key_id=key_id, from_index=from_index, reason=reason
    )
    click.echo(f"Key {key_id} of {target} is revoked from ledger index {index}; logged at {logged.index}.")
