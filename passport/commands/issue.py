# SPDX-License-Identifier: Apache-2.0
"""`passport issue`: a batch of codes, signed on this machine. DESIGN §2 and §3."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import click

from passport.commands.label_files import FORMATS, PAGES, LabelOrder, make_labels, parse_size
from passport.commands.options import (
    DATE,
    FILE,
    GTIN,
    LOT,
    Maker,
    confirm_or_stop,
    maker_options,
    now,
    yes_option,
)
from passport.commands.progress import make_reporter
from passport.domain.batch_plan import BatchPlan
from passport.services.issue_journal import IssuedBatch
from passport.services.issuing import IssueRequest, IssueTools, discard, issue
from passport.services.worker_pool import default_workers

DIRECTORY = click.Path(path_type=Path, file_okay=False)
_COMFORTABLE_HOST = 20  # characters; a longer one makes the symbol a version larger


@dataclass(frozen=True, slots=True)
class _Options:
    """The options of the command, as click gives them."""

    gtin: str
    lot: str
    count: int | None
    serials: Path | None
    serial_column: str
    production_date: date | None
    out: Path | None
    state: Path
    labels: str
    label_mm: str
    page: str
    crop_marks: bool
    workers: int | None
    discard: bool
    quiet: bool
    yes: bool

    @property
    def directory(self) -> Path:
        """--out, or a name made from GTIN and lot, so that the same command finds its own files again."""
        lot = "".join(character if character.isalnum() or character in "-_" else "_" for character in self.lot)
        return self.out if self.out is not None else Path(f"batch-{self.gtin}-{lot}")

    @property
    def label_order(self) -> LabelOrder | None:
        """Raises click.BadParameter, before anything is signed."""
        if self.labels == "none":
            return None
        try:
            page = PAGES[self.page.lower()] if self.page.lower() in PAGES else parse_size(self.page)
            order = LabelOrder(self.labels, parse_size(self.label_mm), page, self.crop_marks)
        except ValueError as error:
            raise click.BadParameter(str(error)) from error
        _ = order.layout  # refuses sizes that do not fit
        return order


@click.command("issue")
@click.option("--gtin", required=True, type=GTIN, help="The product's GTIN; 8, 12, 13 or 14 digits.")
@click.option("--lot", required=True, type=LOT, help="The lot, 1 to 20 characters.")
@click.option("--count", type=click.IntRange(min=1), help="How many codes; the serials are made.")
@click.option("--serials", type=FILE, help="CSV file with your own serials, instead of --count.")
@click.option("--serial-column", default="serial", show_default=True, help="The column of --serials that holds them.")
@click.option("--production-date", type=DATE, metavar="YYYY-MM-DD", help="Local calendar date.  [default: today]")
@click.option("--out", type=DIRECTORY, help="The batch's directory.  [default: batch-GTIN-LOT]")
@click.option(
    "--state",
    type=DIRECTORY,
    envvar="PASSPORT_STATE",
    default=Path.home() / ".local" / "state" / "product-passport",
    show_default="~/.local/state/product-passport",
    help="Where this machine remembers batch numbers and serials. [env: PASSPORT_STATE]",
)
@click.option("--labels", type=click.Choice(FORMATS), default="none", show_default=True, help="Labels to make.")
@click.option("--label-mm", default="25x30", show_default=True, metavar="WxH", help="Size of a label in mm.")
@click.option("--page", default="a4", show_default=True, metavar="PAGE", help="a4, a3, letter, or WxH in mm.")
@click.option("--crop-marks", is_flag=True, help="Print cutting lines in the margins of the sheet.")
@click.option("--workers", type=click.IntRange(1, 256), help="Processes that sign.  [default: one for each core]")
@click.option("--discard", is_flag=True, help="Give up the unfinished batch in --out, if it is not logged.")
@click.option("--quiet", is_flag=True, help="No progress.")
@yes_option
@maker_options
def issue_command(maker: Maker, **given: Any) -> None:
    """Issue a batch: sign its codes on this machine, log the batch, upload the item hashes, write the code files.

    A run that was stopped anywhere is finished by the same command: never two batches, never a code twice. A finished
    batch stays as it is; for another batch of the same lot give another --out.
    """
    options = _Options(**given)
    out = options.directory
    if options.discard:
        batch = discard(out, registry=maker.registry, state_root=options.state)
        click.echo(f"The unfinished batch{'' if batch is None else f' {batch}'} in {out} is given up.")
        return
    if (options.count is None) == (options.serials is None):
        raise click.UsageError("Give --count, or --serials.")
    order = options.label_order
    with make_reporter(quiet=options.quiet) as reporter:
        request = IssueRequest(
            out=out,
            issuer=maker.issuer,
            gtin=options.gtin,
            lot=options.lot,
            production_date=options.production_date,
            count=options.count,
            serials=options.serials,
            column=options.serial_column,
        )
        tools = IssueTools(
            registry=maker.registry,
            signer=maker.signer,
            reporter=reporter,
            state_root=options.state,
            now=now(),
            workers=options.workers or default_workers(),
            confirm=lambda plan, serials: _confirm(plan, serials, yes=options.yes),
        )
        issued = issue(request, tools)
        labels = make_labels(out, issued.plan.count, order, reporter) if order is not None else None
    _show(issued, labels)


def _confirm(plan: BatchPlan, serials: tuple[str, ...], *, yes: bool) -> None:
    if len(plan.host) > _COMFORTABLE_HOST:
        click.echo(f"note: the host {plan.host} is long; the symbols will be a version larger than need be.", err=True)
    if not serials:
        return  # nothing to look over: the options say it all
    click.echo(f"{plan.count} serials for GTIN {plan.gtin}, lot {plan.lot}, produced {plan.production_date}:", err=True)
    for serial in serials:
        click.echo(f"  {serial}", err=True)
    if plan.count > len(serials):
        click.echo("  …", err=True)
    confirm_or_stop("Issue this batch?", yes=yes)


def _show(issued: IssuedBatch, labels: Path | None) -> None:
    plan = issued.plan
    click.echo(f"batch       {issued.batch} ({plan.count} codes, GTIN {plan.gtin}, lot {plan.lot})")
    click.echo(f"logged at   {issued.index}\nitem root   {issued.statement.item_root.hex()}")
    click.echo(f"codes       {issued.out / 'codes.csv'}, codes.ndjson")
    if labels is not None:
        click.echo(f"labels      {labels}")
