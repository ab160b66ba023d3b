# SPDX-License-Identifier: Apache-2.0
"""`passport certificate publish | status`: a laboratory or an authority says whether a certificate is in force."""

from __future__ import annotations

from datetime import date
from hashlib import file_digest
from pathlib import Path

import click

from passport.commands.options import DATE, FILE, GTIN, Maker, Parsed, confirm_or_stop, maker_options, yes_option
from passport.domain.assessment_files import parse_certificate_draft
from passport.domain.input_files import load_input
from passport.domain.maker_errors import BadInput
from passport.domain.recall_file import merge_options
from passport.services.certifying import (
    NamedProduct,
    find_certificate,
    get_certificate,
    name_products,
    next_certificate,
    publish_certificate,
    with_status,
)
from passport.services.recalling import fold_ledger
from verifier.fetch import printable
from verifier.fold import LedgerState
from verifier.protocol.encoding import JsonValue
from verifier.protocol.errors import Malformed
from verifier.protocol.fields import Text
from verifier.protocol.statements.certificates import (
    CERTIFICATE_STATUSES,
    VALID,
    CertificateStatus,
    parse_certificate_number,
    parse_scheme,
    spell_certificate_name,
)

SCHEME = Parsed("scheme", lambda text: parse_scheme(spell_certificate_name(text)))
NUMBER = Parsed("number", lambda text: parse_certificate_number(spell_certificate_name(text)))


@click.group("certificate")
def certificate_group() -> None:
    """Say which certificates are in force. For laboratories and authorities."""


def document_member(name: str, file: Path | None, url: str | None) -> dict[str, JsonValue]:
    """`{name: {digest, url}}`, the digest of the file's bytes; empty without both. One without the other is a
    mistake."""
    if (file is None) != (url is None):
        raise click.UsageError(f"--{name} and --{name}-url go together.")
    if file is None or url is None:
        return {}
    with file.open("rb") as opened:
        return {name: {"digest": file_digest(opened, "sha256").hexdigest(), "url": url}}


def load_members(file: Path | None, options: dict[str, JsonValue]) -> JsonValue:
    """The file's members with the options laid over them; the options alone without a file. Raises BadInput."""
    value = load_input(file) if file is not None else {}
    return merge_options(value, options) if isinstance(value, dict) else value


def show_products(products: tuple[NamedProduct, ...]) -> None:
    """One line for each GTIN: whose it is, and what of it is logged now."""
    for product in products:
        maker = "nobody is admitted for it" if product.maker is None else f"maker {product.maker}"
        codes = sum(record.statement.count for record in product.batches)
        click.echo(f"  GTIN {product.gtin}: {maker}; {codes} codes in {len(product.batches)} batches now")


@certificate_group.command("publish")
@click.argument("file", required=False, type=FILE)
@click.option("--scheme", help="What kind of certificate it is, such as CCC.")
@click.option("--number", help="Its number.")
@click.option("--gtin", "gtins", multiple=True, type=GTIN, help="A product that it is for. Repeatable.")
@click.option("--valid-from", type=DATE, metavar="YYYY-MM-DD", help="The first day of its term.")
@click.option("--valid-until", type=DATE, metavar="YYYY-MM-DD", help="The last day of its term.")
@click.option("--document", type=FILE, help="The certificate itself; its SHA-256 is published, not the file.")
@click.option("--document-url", metavar="URL", help="Where everybody can fetch --document, https://…")
@yes_option
@maker_options
def publish(
    file: Path | None,
    scheme: str | None,
    number: str | None,
    gtins: tuple[str, ...],
    valid_from: date | None,
    valid_until: date | None,
    document: Path | None,
    document_url: str | None,
    yes: bool,
    maker: Maker,
) -> None:
    """Publish a certificate from FILE (JSON or TOML), from options, or from both: options win.

    Shows what the ledger says of it now before it asks. It replaces that, and cannot be deleted.
    """
    options: dict[str, JsonValue] = document_member("document", document, document_url)
    options |= {name: text for name, text in (("scheme", scheme), ("number", number)) if text is not None}
    dates = (("valid_from", valid_from), ("valid_until", valid_until))
    options |= {name: day.isoformat() for name, day in dates if day is not None}
    if gtins:
        options["gtins"] = list(gtins)
    try:
        draft = parse_certificate_draft(load_members(file, options))
    except Malformed as error:
        raise BadInput(error.code, f"{file or 'certificate'}: {error}") from error
    state = fold_ledger(maker.registry)
    draft = next_certificate(draft, find_certificate(state, draft.scheme, draft.number))
    _confirm(draft, state, yes=yes)
    _publish(draft, maker)


@certificate_group.command("status")
@click.argument("scheme", type=SCHEME, metavar="SCHEME")
@click.argument("number", type=NUMBER, metavar="NUMBER")
@click.argument("status", type=click.Choice(CERTIFICATE_STATUSES), metavar="STATUS")
@click.option("--reason-zh", help="Why, in Chinese. Required unless STATUS is valid.")
@click.option("--reason-en", help="Why, in English. Required unless STATUS is valid.")
@yes_option
@maker_options
def status_command(
    scheme: str, number: str, status: str, reason_zh: str | None, reason_en: str | None, yes: bool, maker: Maker
) -> None:
    """Make the certificate SCHEME NUMBER valid, suspended or revoked. Its products and its term stay as they are."""
    if (reason_zh is None) != (reason_en is None) or (reason_zh is None and status != VALID):
        raise click.UsageError("Give --reason-zh and --reason-en.")
    reason = None if reason_zh is None or reason_en is None else Text(zh=reason_zh, en=reason_en)
    state = fold_ledger(maker.registry)
    draft = with_status(get_certificate(state, scheme, number), status, reason)
    _confirm(draft, state, yes=yes)
    _publish(draft, maker)


def _confirm(draft: CertificateStatus, state: LedgerState, *, yes: bool) -> None:
    click.echo(f"{draft.scheme} {draft.number}: {draft.status}, {draft.valid_from} to {draft.valid_until}")
    if draft.reason is not None:
        click.echo(f"  {printable(draft.reason.zh)} / {printable(draft.reason.en)}")
    show_products(name_products(state, draft.gtins))
    if not draft.gtins:
        click.echo("  It lists no products.")
    known = find_certificate(state, draft.scheme, draft.number)
    if known is None:
        click.echo("The ledger says nothing of it yet.")
    else:
        said = known.statement
        term = f"{said.valid_from} to {said.valid_until}"
        click.echo(f"The ledger says now: {said.status}, {term}, by {known.issuer}, revision {said.revision}.")
    confirm_or_stop("Publish this?", yes=yes)


def _publish(draft: CertificateStatus, maker: Maker) -> None:
    logged = publish_certificate(draft, maker.registry, maker.author())
    name = f"{draft.scheme} {draft.number} revision {draft.revision}"
    click.echo(f"Certificate {name} is {draft.status}; logged at {logged.index}.")
