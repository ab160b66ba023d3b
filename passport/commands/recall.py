# SPDX-License-Identifier: Apache-2.0
"""`passport recall publish | revise | close` and `passport void`. DESIGN §4."""

from __future__ import annotations

import functools
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from passport.commands.options import (
    DATE,
    FILE,
    GTIN,
    LOT,
    Maker,
    Parsed,
    confirm_or_stop,
    maker_options,
    today,
    yes_option,
)
from passport.domain.input_files import load_input
from passport.domain.maker_errors import BadInput
from passport.domain.recall_file import RecallDraft, merge_options, parse_recall_draft, parse_seqs
from passport.services.recalling import (
    close_recall,
    fold_ledger,
    get_recall,
    preview,
    publish_recall,
    revise_recall,
    void_codes,
)
from verifier.protocol.encoding import JsonValue
from verifier.protocol.errors import Malformed
from verifier.protocol.fields import Text
from verifier.protocol.statements.products import parse_seq_range
from verifier.protocol.statements.recall import ACTIONS, SEVERITIES

Function = Callable[..., Any]
SEQS = Parsed("range", parse_seqs)
_TEXTS = ("title", "hazard", "remedy")
_SELECTORS = ("lot", "batch", "seqs", "produced_from", "produced_to")
_NOTICE_OPTIONS = (
    *("number", "gtin", *_SELECTORS, "exceptions", "severity", "action", "phone", "url", "starts_on"),
    *(f"{name}_{language}" for name in _TEXTS for language in ("zh", "en")),
)


@click.group("recall")
def recall_group() -> None:
    """Recall products from consumers, or withdraw them from the chain."""


def _parse_except(text: str) -> JsonValue:
    """lot=…, seqs=BATCH:FIRST-LAST, produced=FROM..TO: what an entry of the scope leaves out."""
    kind, _, rest = text.partition("=")
    if kind == "lot" and rest:
        return {"lot": rest}
    if kind == "seqs" and ":" in rest:
        batch, _, seqs = rest.partition(":")
        if batch.isascii() and batch.isdigit():
            return {"batch": int(batch), "seqs": parse_seqs(seqs)}
    if kind == "produced" and ".." in rest:
        first, _, last = rest.partition("..")
        return {"produced_from": first, "produced_to": last}
    raise Malformed("bad_exception", "an exception is lot=LOT, seqs=BATCH:FIRST-LAST or produced=FROM..TO")


def notice_options(function: Function) -> Function:
    """Gives the command `notice_options`: members of a recall file, from the command line."""
    for name in reversed(_TEXTS):
        for language in ("en", "zh"):
            function = click.option(f"--{name}-{language}", help=f"The notice's {name} in {language}.")(function)
    for option in reversed(
        (
            click.option("--number", help="Your own number for the recall, such as 2026-001."),
            click.option("--gtin", type=GTIN, help="Scope: the GTIN; alone, the whole model."),
            click.option("--lot", type=LOT, help="Scope: one lot of the GTIN."),
            click.option("--batch", type=click.IntRange(min=0), help="Scope: a batch number, with --seqs."),
            click.option("--seqs", type=SEQS, metavar="FIRST-LAST", help="Scope: positions in --batch, from 0."),
            click.option("--produced-from", type=DATE, metavar="YYYY-MM-DD", help="Scope: first production date."),
            click.option("--produced-to", type=DATE, metavar="YYYY-MM-DD", help="Scope: last production date."),
            click.option(
                "--except",
                "exceptions",
                multiple=True,
                type=Parsed("exception", _parse_except),
                metavar="WHAT",
                help="Scope: leave out lot=LOT, seqs=BATCH:FIRST-LAST or produced=FROM..TO. Repeatable.",
            ),
            click.option("--severity", type=click.Choice(SEVERITIES), help="How bad it is."),
            click.option("--action", type=click.Choice(ACTIONS), help="Back from consumers, or stopped in the chain."),
            click.option("--phone", help="Whom to call."),
            click.option("--url", help="Where to read more, https://…"),
            click.option("--starts-on", type=DATE, metavar="YYYY-MM-DD", help="[default: the file's, or today]"),
        )
    ):
        function = option(function)

    @functools.wraps(function)
    def wrapper(*args: Any, **given: Any) -> Any:
        mine = {name: given.pop(name) for name in _NOTICE_OPTIONS}
        return function(*args, notice_options=_members(mine), **given)

    return wrapper


def _members(given: dict[str, Any]) -> dict[str, JsonValue]:
    members: dict[str, JsonValue] = {}
    for name in ("number", "severity", "action"):
        if given[name] is not None:
            members[name] = given[name]
    if given["starts_on"] is not None:
        members["starts_on"] = given["starts_on"].isoformat()
    for name in _TEXTS:
        text: dict[str, JsonValue] = {lang: given[f"{name}_{lang}"] for lang in ("zh", "en") if given[f"{name}_{lang}"]}
        if text:
            members[name] = text
    contact: dict[str, JsonValue] = {name: given[name] for name in ("phone", "url") if given[name] is not None}
    if contact:
        members["contact"] = {name: contact.get(name, "") for name in ("phone", "url")}
    entry = _scope_entry(given)
    if entry is not None:
        members["scope"] = [entry]
    return members


def _scope_entry(given: dict[str, Any]) -> JsonValue | None:
    if given["gtin"] is None:
        if any(given[name] is not None for name in _SELECTORS) or given["exceptions"]:
            raise click.UsageError("A scope on the command line begins with --gtin.")
        return None
    if (given["batch"] is None) != (given["seqs"] is None):
        raise click.UsageError("--batch and --seqs go together.")
    if (given["produced_from"] is None) != (given["produced_to"] is None):
        raise click.UsageError("--produced-from and --produced-to go together.")
    entry: dict[str, JsonValue] = {"gtin": given["gtin"]}
    for name in ("lot", "batch", "seqs"):
        if given[name] is not None:
            entry[name] = given[name]
    for name in ("produced_from", "produced_to"):
        if given[name] is not None:
            entry[name] = given[name].isoformat()
    if given["exceptions"]:
        entry["except"] = list(given["exceptions"])
    return entry


def _draft(file: Path | None, options: dict[str, JsonValue], *, number: str | None = None) -> RecallDraft:
    value = merge_options(load_input(file) if file is not None else {}, options)
    assert isinstance(value, dict)
    value.setdefault("starts_on", today().isoformat())
    if number is not None:
        value["number"] = number
    try:
        return parse_recall_draft(value)
    except Malformed as error:
        raise BadInput(error.code, f"{file or 'recall'}: {error}") from error


def _show_cover(draft: RecallDraft, maker: Maker) -> None:
    state = fold_ledger(maker.registry)
    found = preview(state, draft.notice)
    click.echo(f"{draft.notice.title.zh} / {draft.notice.title.en}")
    for covered in found:
        batch = covered.batch
        ranges = ", ".join(f"{item.first}-{item.last}" for item in covered.ranges)
        click.echo(
            f"  {batch.gtin} lot {batch.lot} produced {batch.production_date} "
            f"batch {batch.header.issuer}/{batch.batch}: "
            f"{covered.count} of {batch.count} items ({ranges})"
        )
    click.echo(f"Covers {sum(item.count for item in found)} items of {len(found)} batches that are logged now.")


@recall_group.command("publish")
@click.argument("file", required=False, type=FILE)
@notice_options
@yes_option
@maker_options
def publish(file: Path | None, notice_options: dict[str, JsonValue], yes: bool, maker: Maker) -> None:
    """Publish a recall from FILE (JSON or TOML), from options, or from both: options win.

    Shows what it covers before it asks. It reaches every page, badge and API within seconds, and cannot be deleted.
    """
    draft = _draft(file, notice_options)
    _show_cover(draft, maker)
    confirm_or_stop("Publish this recall?", yes=yes)
    logged = publish_recall(draft, maker.registry, maker.author())
    click.echo(f"Recall {draft.recall_id(maker.issuer)} is published; logged at {logged.index}.")


@recall_group.command("revise")
@click.argument("recall_id", metavar="RECALL_ID")
@click.argument("file", required=False, type=FILE)
@notice_options
@yes_option
@maker_options
def revise(recall_id: str, file: Path | None, notice_options: dict[str, JsonValue], yes: bool, maker: Maker) -> None:
    """Replace the notice of RECALL_ID by a full new one. What stood before stays in the ledger for all to see.

    Without FILE the notice as it stands is taken, and the options are laid over it.
    """
    if "number" in notice_options:
        raise click.UsageError("A recall keeps its number; RECALL_ID names it.")
    current = get_recall(fold_ledger(maker.registry), recall_id)
    if file is None:
        notice_options = {**current.notice.to_json(), **_overlay(current.notice.to_json(), notice_options)}
    draft = _draft(file, notice_options, number=recall_id.partition("/")[2])
    _show_cover(draft, maker)
    confirm_or_stop(f"Publish revision {current.revision + 1} of {recall_id}?", yes=yes)
    logged = revise_recall(recall_id, draft.notice, maker.registry, maker.author(), revision=current.revision + 1)
    click.echo(f"Recall {recall_id} is at revision {current.revision + 1}; logged at {logged.index}.")


def _overlay(current: dict[str, JsonValue], options: dict[str, JsonValue]) -> dict[str, JsonValue]:
    merged = merge_options(current, options)
    assert isinstance(merged, dict)
    return merged


@recall_group.command("close")
@click.argument("recall_id", metavar="RECALL_ID")
@click.option("--reason-zh", required=True, help="Why it is over, in Chinese.")
@click.option("--reason-en", required=True, help="Why it is over, in English.")
@yes_option
@maker_options
def close(recall_id: str, reason_zh: str, reason_en: str, yes: bool, maker: Maker) -> None:
    """Close RECALL_ID. Its items are not recalled any more; the recall stays visible as closed."""
    current = get_recall(fold_ledger(maker.registry), recall_id)
    click.echo(f"{current.notice.title.zh} / {current.notice.title.en}")
    confirm_or_stop(f"Close {recall_id}?", yes=yes)
    logged = close_recall(recall_id, Text(zh=reason_zh, en=reason_en), maker.registry, maker.author())
    click.echo(f"Recall {recall_id} is closed; logged at {logged.index}.")


@click.command("void")
@click.option("--batch", required=True, type=click.IntRange(min=0), help="Your batch number.")
@click.option("--seqs", required=True, multiple=True, type=SEQS, metavar="FIRST-LAST", help="Positions. Repeatable.")
@click.option("--reason-zh", required=True, help="Why, in Chinese.")
@click.option("--reason-en", required=True, help="Why, in English.")
@yes_option
@maker_options
def void_command(
    batch: int, seqs: tuple[list[JsonValue], ...], reason_zh: str, reason_en: str, yes: bool, maker: Maker
) -> None:
    """Declare codes void: misprinted or never applied. Whoever finds one on a product is warned. Cannot be undone."""
    ranges = [parse_seq_range(item) for item in seqs]
    count = sum(item.last - item.first + 1 for item in ranges)
    confirm_or_stop(f"Void {count} codes of batch {batch}?", yes=yes)
    logged = void_codes(batch, ranges, Text(zh=reason_zh, en=reason_en), maker.registry, maker.author())
    click.echo(f"{count} codes of batch {batch} are void; logged at {logged.index}.")
