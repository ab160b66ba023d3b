# SPDX-License-Identifier: Apache-2.0
"""`verifier dossier check`: was this selection dossier approved, by whom, and since when does the ledger say so?"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from verifier.commands.context import Context, Exit, UsageError, error_json, load_policy, read_file
from verifier.dossier_document import MAX_DOCUMENT_SIZE, DossierDocument, dossier_digest, parse_dossier_document
from verifier.facts import DossierRecord
from verifier.fetch import printable
from verifier.fold import fold_entries
from verifier.ledger_client import LedgerClient, ledger_url_of
from verifier.protocol.encoding import JsonValue
from verifier.protocol.errors import DoesNotHold, Malformed


def add_parser(commands: Any, parents: list[argparse.ArgumentParser]) -> None:
    """The command and its verb."""
    group = commands.add_parser("dossier", help="check a selection dossier of a live room")
    verbs = group.add_subparsers(metavar="VERB", required=True)
    one = verbs.add_parser("check", parents=parents, help="does the ledger say that this dossier was approved?")
    one.add_argument("file", metavar="FILE", help="the document as the platform gave it")
    one.add_argument("--registry", metavar="URL", required=True, help="the registry whose ledger is read")
    one.set_defaults(run=check)


def check(arguments: argparse.Namespace, context: Context) -> Exit:
    """The digest is worked out here, and the ledger read whole under a checkpoint that the policy holds good."""
    policy = load_policy(arguments.policy)
    try:
        data = read_file(Path(arguments.file), MAX_DOCUMENT_SIZE)
        document = parse_dossier_document(data)
    except FileNotFoundError:
        raise UsageError(f"There is no file {arguments.file}.", "no_file") from None
    except Malformed as error:
        raise UsageError(f"{arguments.file}: {error}", error.code) from error
    address = ledger_url_of(arguments.registry, allow_http=context.allow_http)
    client = LedgerClient(address, policy, fetcher=context.fetcher)
    try:
        record, size = _find(client, document)
        if record is None:
            raise DoesNotHold("not_logged", "the ledger says nothing of this dossier")
        if record.statement.digest != dossier_digest(data):
            raise DoesNotHold("digest_differs", "the ledger says another digest of this dossier")
        if (record.statement.gtin, record.statement.lot) != (document.gtin, document.lot):
            raise DoesNotHold("wrong_lot", "the ledger says it of another product or lot")
    except DoesNotHold as error:
        if context.is_json:
            context.json({"error": error_json(error), "exit_code": int(Exit.NOT_GENUINE)})
        else:
            context.heading("✗", f"{printable(str(error), maximum=400)} ({error.code})", "red")
        return Exit.NOT_GENUINE
    _show(context, document, record, size)
    return Exit.OK


def _find(client: LedgerClient, document: DossierDocument) -> tuple[DossierRecord | None, int]:
    """The platform's latest word on the dossier. Raises DoesNotHold, DidNotArrive."""
    checkpoint = client.fetch_checkpoint()
    state = fold_entries(client.view(checkpoint).fetch_entries(0, checkpoint.size), checkpoint.origin)
    return state.dossiers.get((document.platform, document.dossier_id)), checkpoint.size


def _show(context: Context, document: DossierDocument, record: DossierRecord, size: int) -> None:
    if context.is_json:
        value: dict[str, JsonValue] = {
            "approved_on": record.statement.approved_on.isoformat(),
            "digest": record.statement.digest,
            "dossier": document.dossier_id,
            "exit_code": int(Exit.OK),
            "index": record.index,
            "platform": document.platform,
            "size": size,
        }
        context.json(value)
        return
    context.heading("✓", context.pick("账本登记了这份档案", "The ledger says that it was approved"), "green")
    context.line(f"  {printable(document.platform)}, {record.statement.approved_on}, #{record.index} / {size}")
    context.line(f"  {printable(document.item_title)}: GTIN {document.gtin}, {printable(document.lot)}")
    words = context.pick(
        "证明的是平台批准过这份文件，不是文件中的报告属实。",
        "Proven is that the platform approved this document, not that the reports in it are true.",
    )
    context.line(f"  {words}")
