# SPDX-License-Identifier: Apache-2.0
"""`passport shipment`: tell the registry that codes leave the factory, so that earlier checks stand out."""

from __future__ import annotations

import click

from passport.commands.options import Maker, Parsed, confirm_or_stop, maker_options, yes_option
from passport.domain.recall_file import parse_seqs
from passport.services.shipping import announce_shipment
from verifier.protocol.encoding import JsonValue
from verifier.protocol.statements.products import parse_seq_range

SEQS = Parsed("range", parse_seqs)


@click.command("shipment")
@click.option("--batch", required=True, type=click.IntRange(min=0), help="Your batch number.")
@click.option("--seqs", multiple=True, type=SEQS, metavar="FIRST-LAST", help="Positions. Repeatable. [default: all]")
@yes_option
@maker_options
def shipment_command(batch: int, seqs: tuple[list[JsonValue], ...], yes: bool, maker: Maker) -> None:
    """Announce that codes of a batch are shipped now. Send it before the goods leave, not later.

    Checks that were counted before the registry gets this are shown as earlier than the shipping: somebody had the code
    before the goods were out. The notice is signed, and is not an entry of the ledger.
    """
    ranges = [parse_seq_range(item) for item in seqs]
    confirm_or_stop(f"Announce the shipping of batch {batch} now?", yes=yes)
    for sent in announce_shipment(batch, ranges, maker.registry, maker.author()):
        what = "are announced as shipped" if sent.is_new else "were announced before"
        click.echo(f"Codes {sent.first}-{sent.last} of batch {batch} {what}.")
