# SPDX-License-Identifier: Apache-2.0
"""`passport badge token`: signs a badge token with a platform's key, to try it. docs/badge.md."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import click

from passport.commands.options import FILE, GTIN, ISSUER_ID, LOT, Parsed, now
from passport.commands.passphrase import passphrase_option
from passport.signing import load_key_file
from verifier.protocol.badge_token import (
    MAX_LIFETIME,
    BadgeClaims,
    join_badge_token,
    parse_badge_token,
    parse_origin,
    signing_input,
)

_MINUTES = int(MAX_LIFETIME.total_seconds()) // 60


@click.group("badge")
def badge_group() -> None:
    """Badges of a platform's listings."""


@badge_group.command("token")
@click.option("--key", "key_path", required=True, type=FILE, help="The platform's key file.")
@click.option("--issuer", required=True, type=ISSUER_ID, help="The platform's id in the ledger.")
@click.option("--ledger", required=True, help="The ledger's origin, as the registry states it.")
@click.option("--listing", required=True, help="The listing's id.")
@click.option("--gtin", required=True, type=GTIN, help="The product.")
@click.option("--lot", default=None, type=LOT, help="The lot; any lot of the product if not given.")
@click.option("--seller-id", required=True, help="The seller's id, as in the listing.")
@click.option("--seller-name", required=True, help="The seller's name, as in the listing.")
@click.option("--origin", required=True, type=Parsed("origin", parse_origin), help="The shop's, https://host[:port].")
@click.option("--minutes", default=_MINUTES, type=click.IntRange(1, _MINUTES), show_default=True, help="How long.")
@passphrase_option
def token_command(
    key_path: Path,
    issuer: str,
    ledger: str,
    listing: str,
    gtin: str,
    lot: str | None,
    seller_id: str,
    seller_name: str,
    origin: str,
    minutes: int,
    passphrase: str,
) -> None:
    """Print a badge token for one listing, signed just now. A platform's own server makes them itself."""
    signer = load_key_file(key_path, passphrase, "issuer")
    at = now().replace(microsecond=0)
    until = at + timedelta(minutes=minutes)
    claims = BadgeClaims(issuer, listing, ledger, at, until, gtin, lot or "", seller_id, seller_name, origin)
    signed = signing_input(claims, signer.public_key.key_id)
    token = join_badge_token(signed, signer.sign(signed))
    parse_badge_token(token)  # what the registry would refuse is refused here
    click.echo(token)
