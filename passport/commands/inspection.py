# SPDX-License-Identifier: Apache-2.0
"""`passport inspection publish | revise`: a laboratory or an authority says what an inspection found."""

from __future__ import annotations

import functools
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from passport.commands.certificate import document_member, load_members, show_products
from passport.commands.options import DATE, FILE, GTIN, LOT, Maker, confirm_or_stop, maker_options, yes_option
from passport.domain.assessment_files import members_of, parse_inspection_draft, parse_inspection_revision
from passport.domain.maker_errors import BadInput
from passport.domain.recall_file import merge_options
from passport.services.certifying import get_inspection, name_products, publish_inspection
from passport.services.recalling import fold_ledger
from verifier.fetch import printable
from verifier.fold import LedgerState
from verifier.protocol.encoding import JsonValue
from verifier.protocol.errors import Malformed
from verifier.protocol.statements.inspections import RESULTS, InspectionPublished

Function = Callable[..., Any]
_TEXTS = ("gtin", "result", "standard")
_OPTIONS = (*_TEXTS, "lots", "inspected_on", "summary_zh", "summary_en", "report", "report_url")


@click.group("inspection")
def inspection_group() -> None:
    """Publish what inspections found. For laboratories and authorities."""


def report_options(function: Function) -> Function:
    """Gives the command `members`: members of an inspection file, from the command line."""
    for option in reversed(
        (
            click.option("--gtin", type=GTIN, help="The product's GTIN."),
            click.option("--lot", "lots", multiple=True, type=LOT, help="A lot; none: the whole model. Repeatable."),
            click.option("--result", type=click.Choice(RESULTS), help="What it found."),
            click.option("--standard", help="What it was inspected against, such as GB 31241-2022."),
            click.option("--inspected-on", type=DATE, metavar="YYYY-MM-DD", help="Local calendar date."),
            click.option("--summary-zh", help="What was found, in Chinese."),
            click.option("--summary-en", help="What was found, in English."),
            click.option("--report", type=FILE, help="The report itself; its SHA-256 is published, not the file."),
            click.option("--report-url", metavar="URL", help="Where everybody can fetch --report, https://…"),
        )
    ):
        function = option(function)

    @functools.wraps(function)
    def wrapper(*args: Any, **given: Any) -> Any:
        mine = {name: given.pop(name) for name in _OPTIONS}
        return function(*args, members=_members(mine), **given)

    return wrapper


def _members(given: dict[str, Any]) -> dict[str, JsonValue]:
    members = document_member("report", given["report"], given["report_url"])
    members |= {name: given[name] for name in _TEXTS if given[name] is not None}
    if given["lots"]:
        members["lots"] = list(given["lots"])
    if given["inspected_on"] is not None:
        members["inspected_on"] = given["inspected_on"].isoformat()
    summary: dict[str, JsonValue] = {
        language: given[f"summary_{language}"] for language in ("zh", "en") if given[f"summary_{language}"] is not None
    }
    return members | {"summary": summary} if summary else members


@inspection_group.command("publish")
@click.argument("file", required=False, type=FILE)
@click.option("--number", help="Your own number for the inspection, such as 2026-001.")
@report_options
@yes_option
@maker_options
def publish(file: Path | None, number: str | None, members: dict[str, JsonValue], yes: bool, maker: Maker) -> None:
    """Publish an inspection from FILE (JSON or TOML), from options, or from both: options win.

    While it stands as failed, no listing of the product is bound. It can be revised, and cannot be deleted.
    """
    given = members if number is None else members | {"number": number}
    try:
        draft = parse_inspection_draft(load_members(file, given), maker.issuer)
    except Malformed as error:
        raise BadInput(error.code, f"{file or 'inspection'}: {error}") from error
    _show(draft, fold_ledger(maker.registry))
    confirm_or_stop("Publish this inspection?", yes=yes)
    _publish(draft, maker)


@inspection_group.command("revise")
@click.argument("inspection_id", metavar="INSPECTION_ID")
@click.argument("file", required=False, type=FILE)
@report_options
@yes_option
@maker_options
def revise(inspection_id: str, file: Path | None, members: dict[str, JsonValue], yes: bool, maker: Maker) -> None:
    """Replace the report on INSPECTION_ID by a full new one: the fault is remedied, or the report was wrong.

    Without FILE the report as it stands is taken, and the options are laid over it.
    """
    state = fold_ledger(maker.registry)
    record = get_inspection(state, inspection_id)
    value = load_members(file, members) if file is not None else merge_options(members_of(record.statement), members)
    try:
        draft = parse_inspection_revision(value, record)
    except Malformed as error:
        raise BadInput(error.code, f"{file or 'inspection'}: {error}") from error
    said = record.statement
    click.echo(f"The ledger says now: {said.result}, revision {said.revision}, by {record.issuer}.")
    _show(draft, state)
    confirm_or_stop(f"Publish revision {draft.revision} of {inspection_id}?", yes=yes)
    _publish(draft, maker)


def _show(draft: InspectionPublished, state: LedgerState) -> None:
    click.echo(f"{draft.inspection_id}: {draft.result}, {printable(draft.standard)}, inspected on {draft.inspected_on}")
    click.echo(f"  {printable(draft.summary.zh)} / {printable(draft.summary.en)}")
    click.echo(f"  lots: {', '.join(draft.lots)}" if draft.lots else "  the whole model")
    show_products(name_products(state, (draft.gtin,), draft.lots))


def _publish(draft: InspectionPublished, maker: Maker) -> None:
    logged = publish_inspection(draft, maker.registry, maker.author())
    click.echo(
        f"Inspection {draft.inspection_id} revision {draft.revision} is {draft.result}; logged at {logged.index}."
    )
