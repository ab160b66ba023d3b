# SPDX-License-Identifier: Apache-2.0
"""`verifier evidence`: check, show and make the file that a person keeps of one check. docs/evidence.md."""

from __future__ import annotations

import argparse
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

from verifier.commands.context import Context, Exit, UsageError, default_policy_path, load_policy, read_file
from verifier.commands.show_verdict import show_verdict
from verifier.commands.state import write_file
from verifier.evidence_archive import MAX_ARCHIVE_SIZE, ArchiveFault
from verifier.evidence_bundle import (
    MAX_PHOTO_SIZE,
    MAX_PHOTOS,
    Photo,
    Shown,
    make_additions,
    make_bundle,
    parse_bundle,
)
from verifier.evidence_check import Checked, Known, Refuted, check_bundle, find_fingerprints
from verifier.evidence_collect import collect_parts
from verifier.fetch import printable
from verifier.ledger_client import LedgerClient, ledger_url_of
from verifier.protocol.encoding import JsonValue
from verifier.protocol.errors import Malformed
from verifier.protocol.fields import format_instant
from verifier.protocol.policy import NONE, TlogPolicy, parse_policy

_SKEW = timedelta(minutes=5)
_KEYS = {
    "needless": ("无需密钥：内容不是产品码。", "No key is needed: the text is no product code."),
    "known": ("账本密钥在您的策略里。", "The ledger's key is in your policy."),
    "own": (
        "密钥是文件自带的，没有别的来源为它们作证。请与从别处得到的指纹核对，或用 --policy。",
        "The keys are the file's own; nobody else vouches for them. Compare them, or give --policy.",
    ),
    "unanchored": (
        "账本密钥在您的策略里，但文件没有证明快照密钥属于这个账本。",
        "The ledger's key is in your policy, but nothing in the file shows that the snapshot's key is the ledger's.",
    ),
    "missing": ("文件里没有任何签名。", "The file holds nothing that is signed."),
}
_STATED = {
    "registry_said_not_logged": ("登记处说账本没有此码", "the registry's word that the ledger holds no such code"),
    "reported": ("当时显示的结果", "what was shown"),
    "server_said": ("服务器的说法", "the server's word"),
    "product": ("产品名称", "the product's name"),
    "listing_url": ("商品页面", "the listing's address"),
    "note": ("持有人的说明", "the holder's note"),
    "photos": ("照片的 SHA-256", "the SHA-256 of photos"),
}


def add_parser(
    commands: Any, common: argparse.ArgumentParser, policy: argparse.ArgumentParser, state: argparse.ArgumentParser
) -> None:
    """The command and its three verbs."""
    group = commands.add_parser("evidence", help="check, show or make an evidence file of one check")
    verbs = group.add_subparsers(metavar="VERB", required=True)
    one = verbs.add_parser("check", parents=[common, policy, state], help="check an evidence file, without a network")
    one.add_argument("file", metavar="FILE", help="the ZIP as it was saved")
    one.set_defaults(run=check)
    one = verbs.add_parser("show", parents=[common], help="show what an evidence file says, unchecked")
    one.add_argument("file", metavar="FILE", help="the ZIP as it was saved")
    one.set_defaults(run=show, no_state=True)
    one = verbs.add_parser("make", parents=[common, policy], help="check a code and keep the evidence")
    one.add_argument("code", metavar="CODE", help="the code's link, or its path /01/…/21/…?S=…")
    one.add_argument("--server", metavar="URL", required=True, help="the registry to ask")
    one.add_argument("--output", metavar="FILE", required=True, help="where to write the file")
    one.add_argument("--listing-url", metavar="URL", default="", help="address of the listing that offered the product")
    one.add_argument("--note", metavar="TEXT", default="", help="a note of your own")
    one.add_argument("--photo", metavar="FILE", action="append", default=[], help="hash this photo; may be repeated")
    one.set_defaults(run=make, no_state=True)


def check(arguments: argparse.Namespace, context: Context) -> Exit:
    """Is the file whole, does its verdict follow from it, and by whose keys? Raises UsageError."""
    data = _read(arguments.file)
    known = _known(arguments, context)
    try:
        checked = _check(data, known, is_chosen=arguments.policy is not None, context=context)
    except (ArchiveFault, Refuted) as error:
        return _refuse(error, context)
    status = Exit.OK if checked.is_proven else Exit.CANNOT_TELL
    if context.is_json:
        context.json(_checked_json(checked, context) | {"exit_code": int(status)})
    else:
        _show_checked(checked, context)
    return status


def _known(arguments: argparse.Namespace, context: Context) -> Known:
    """The policy that was named, or else the one that was saved; none is no error here."""
    if arguments.policy is None and not default_policy_path().exists():
        return Known()
    policy = load_policy(arguments.policy)
    if context.state is None:
        return Known(policy)
    for log in policy.logs:
        memory = context.state.find(log.vkey.name, policy)
        if memory is not None:
            return Known(policy, memory.checkpoint, memory.status_vkey)
    return Known(policy)


def _check(data: bytes, known: Known, *, is_chosen: bool, context: Context) -> Checked:
    try:
        return check_bundle(data, known)
    except Refuted as error:
        if is_chosen or error.code != "another_ledger":
            raise
        # The saved policy is of another ledger: it neither speaks for this file nor against it.
        context.note(context.pick("保存的策略不认识这个账本。", "Your saved policy does not know this ledger."))
        return check_bundle(data, Known())


def show(arguments: argparse.Namespace, context: Context) -> Exit:
    """What the file says; nothing of it is checked but that it is whole."""
    try:
        bundle = parse_bundle(_read(arguments.file))
    except ArchiveFault as error:
        return _refuse(error, context)
    if context.is_json:
        value: dict[str, JsonValue] = {"code": bundle.case.code, "document": bundle.document}
        value |= {"additions": bundle.additions.to_json(), "exit_code": 0, "members": [*sorted(bundle.members)]}
        context.json(value)
        return Exit.OK
    context.heading("?", context.pick("文件这样说（未核对）", "So the file says (nothing is checked)"), "grey")
    context.line(f"  {printable(bundle.case.code, maximum=2000)}")
    verdict = bundle.document["verdict"]
    assert isinstance(verdict, dict)  # parse_bundle saw to it
    for name in ("status", "reason", "checked_at"):
        context.line(f"  {name}: {printable(str(verdict.get(name)), maximum=200)}")
    _show_rest(bundle.case.absent, bundle.additions.to_json(), context)
    for name, data in bundle.members.items():
        context.line(f"  {name:<16} {len(data):>8}  {sha256(data).hexdigest()}")
    return Exit.OK


def make(arguments: argparse.Namespace, context: Context) -> Exit:
    """Check the code over the network and write what was found. Raises UsageError."""
    base = ledger_url_of(arguments.server, allow_http=context.allow_http)
    try:
        additions = make_additions(arguments.listing_url, arguments.note, _hash_photos(arguments.photo))
    except Malformed as error:
        raise UsageError(str(error), error.code) from error
    if arguments.policy is not None or default_policy_path().exists():
        policy = load_policy(arguments.policy)
    else:
        offered = LedgerClient(base, TlogPolicy((), (), (), NONE), fetcher=context.fetcher)
        policy = parse_policy(offered.fetch_policy())
        context.note(context.pick("使用登记处自己给出的策略。", "The registry's own policy is used."))
    client = LedgerClient(base, policy, fetcher=context.fetcher)
    found = collect_parts(client, arguments.code)
    shown = Shown(judged_by="verifier", reported=None)
    try:
        data = make_bundle(arguments.code, found, shown, checked_at=context.now, additions=additions)
    except Malformed as error:
        raise UsageError(str(error), error.code) from error
    try:
        write_file(Path(arguments.output), data)
    except OSError as error:
        raise UsageError(f"{arguments.output} cannot be written: {error.strerror}") from error
    checked = check_bundle(data, Known(policy))
    if context.is_json:
        context.json(_checked_json(checked, context) | {"exit_code": 0, "file": arguments.output})
    else:
        _show_checked(checked, context)
        context.line(f"  {context.pick('已写入', 'Written to')} {printable(arguments.output)}")
    return Exit.OK


def _hash_photos(paths: list[str]) -> tuple[Photo, ...]:
    if len(paths) > MAX_PHOTOS:
        raise UsageError(f"At most {MAX_PHOTOS} photos.", "too_many_photos")
    photos: list[Photo] = []
    for path in paths:
        data = _read(path, MAX_PHOTO_SIZE)
        photos.append(Photo(sha256(data).hexdigest(), len(data)))
    return tuple(photos)


def _read(path: str, maximum: int = MAX_ARCHIVE_SIZE) -> bytes:
    try:
        return read_file(Path(path), maximum)
    except FileNotFoundError:
        raise UsageError(f"There is no file {path}.", "no_file") from None


def _refuse(error: ArchiveFault | Refuted, context: Context) -> Exit:
    if context.is_json:
        value: dict[str, JsonValue] = {"code": error.code, "message": str(error), "where": error.where}
        if isinstance(error, ArchiveFault) and error.offset is not None:
            value["offset"] = error.offset
        context.json({"error": value, "exit_code": int(Exit.NOT_GENUINE)})
        return Exit.NOT_GENUINE
    context.heading("✗", context.pick("这份举证文件不成立", "This evidence file does not hold"), "red")
    context.line(f"  {printable(str(error), maximum=1000)} ({error.code})")
    return Exit.NOT_GENUINE


def _checked_json(checked: Checked, context: Context) -> dict[str, JsonValue]:
    bundle = checked.bundle
    value: dict[str, JsonValue] = {
        "absent": dict(bundle.case.absent),
        "additions": bundle.additions.to_json(),
        "fingerprints": [{"purpose": purpose, "vkey": vkey} for purpose, vkey in find_fingerprints(checked.own)],
        "is_from_the_future": _is_from_the_future(checked, context),
        "judged_by": bundle.judged_by,
        "keys": checked.keys,
        "problems": dict(checked.own.problems),
        "stated": list(checked.stated),
        "verdict": checked.own.verdict.to_json(),
    }
    if checked.under_policy is not None:
        mine = checked.under_policy.verdict
        value["under_policy"] = {"reason": mine.reason, "status": mine.status.value}
    return value


def _is_from_the_future(checked: Checked, context: Context) -> bool:
    return checked.bundle.case.checked_at > context.now + _SKEW


def _show_checked(checked: Checked, context: Context) -> None:
    if checked.is_proven:
        words = context.pick("文件完整，结果由其中的证据得出", "The file is whole, and its verdict follows from it")
        context.heading("✓", words, "green")
    else:
        words = context.pick("文件自身成立，但密钥未经核实", "The file holds by itself; its keys are not vouched for")
        if checked.keys == "known" and checked.is_absence:
            words = context.pick(
                "文件完整，但“账本没有此码”只是一面之词：签名证明不了没有。请向登记处再查一次。",
                "The file is whole. That the ledger does not hold the code is only said: no signature shows absence. "
                "Ask the registry again.",
            )
        context.heading("?", words, "amber")
    context.line(f"  {context.pick(*_KEYS[checked.keys])}")
    if checked.under_policy is not None and not checked.is_proven and checked.keys == "known":
        mine = checked.under_policy.verdict
        words = context.pick("按您的策略，结果是", "Under your policy the verdict is")
        context.line(f"  {words} {mine.status.value} / {mine.reason}")
    for purpose, vkey in find_fingerprints(checked.own):
        context.line(f"    {purpose:<8} {printable(vkey, maximum=300)}")
    if _is_from_the_future(checked, context):
        at = format_instant(checked.bundle.case.checked_at)
        context.line(f"  {context.pick('文件的时间在未来', 'The file is from the future')}: {at}")
    context.line()
    show_verdict(context, checked.own.verdict)
    for name, code in checked.own.problems.items():
        context.line(f"  {context.pick('未通过核对', 'Does not hold')}: {name} ({code})")
    if checked.stated:
        context.line(f"  {context.pick('所述但未经证明', 'Stated, not proven')}:")
        for word in checked.stated:
            context.line(f"    - {context.pick(*_STATED[word])}")
        _show_stated(checked, context)
    _show_rest(checked.bundle.case.absent, checked.bundle.additions.to_json(), context)


def _show_stated(checked: Checked, context: Context) -> None:
    for name in ("reported", "server_said"):
        said = checked.bundle.document.get(name)
        if isinstance(said, dict):
            context.line(f"      {name}: {said['status']} / {said.get('reason', said.get('checked_at'))}")


def _show_rest(absent: Any, additions: dict[str, JsonValue], context: Context) -> None:
    for name, code in absent.items():
        context.line(f"  {context.pick('缺少', 'Missing')}: {name} ({code})")
    for name, value in additions.items():
        shown = value if isinstance(value, str) else " ".join(str(item["sha256"]) for item in value)  # type: ignore[union-attr, call-overload, index]
        context.line(f"  {name}: {printable(str(shown), maximum=4000)}")
