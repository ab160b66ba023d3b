# SPDX-License-Identifier: Apache-2.0
"""`passport product publish | preview`: a product file becomes a signed passport document.

UNTP 0.7.0, W3C VC-JOSE-COSE.
"""

from __future__ import annotations

import json
from pathlib import Path

import click

from passport.commands.options import FILE, ISSUER_ID, Connection, Maker, connection_options, maker_options
from passport.domain.input_files import parse_input
from passport.domain.product_file import parse_product
from passport.domain.streams import open_whole
from passport.domain.untp import Publisher, make_passport
from passport.services.products import publish_product
from passport.services.signing_in import get_issuer

PRODUCT_FILE = click.argument("product_file", metavar="FILE", type=FILE)


@click.group("product")
def product_group() -> None:
    """Publish what a product is."""


@product_group.command("publish")
@PRODUCT_FILE
@click.option("--out", type=FILE, help="Also keep the signed document here.")
@maker_options
def publish(product_file: Path, out: Path | None, maker: Maker) -> None:
    """Make the digital product passport of the model in FILE (JSON or TOML), sign it, store its bytes, log their
    digest."""
    product = parse_input(product_file, parse_product)
    published = publish_product(product, maker.registry, maker.author())
    if out is not None:
        with open_whole(out) as file:
            file.write(published.document)
    click.echo(f"{product.gtin} {product.name.zh} / {product.name.en}")
    click.echo(f"document    {published.digest} ({len(published.document)} bytes)")
    click.echo(f"revision    {published.revision}\nlogged at   {published.index}")


@product_group.command("preview")
@PRODUCT_FILE
@click.option(
    "--issuer",
    required=True,
    type=ISSUER_ID,
    envvar="PASSPORT_ISSUER",
    help="Your id in the registry. [env: PASSPORT_ISSUER]",
)
@connection_options
def preview(product_file: Path, issuer: str, connection: Connection) -> None:
    """Show the passport that FILE would become. Nothing is signed or sent."""
    product = parse_input(product_file, parse_product)
    client = connection.client()
    passport = make_passport(product, Publisher(get_issuer(client, issuer), client.registry().host))
    click.echo(json.dumps(passport, ensure_ascii=False, indent=2))
