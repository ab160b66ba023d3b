# SPDX-License-Identifier: Apache-2.0
"""Checks an evidence file with nothing else at hand: is it whole, does its verdict follow, and whose keys say so?

No network, no clock: the verdict is worked out anew at the file's own instant. docs/evidence.md.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from verifier.evidence_bundle import ADDITIONS, SHEET, VERDICT, Bundle, parse_bundle, render_sheet
from verifier.evidence_judge import CHECKPOINT, REGISTRY, SNAPSHOT, Judgement, judge
from verifier.protocol.encoding import encode_canonical_json
from verifier.protocol.errors import DoesNotHold
from verifier.protocol.note import VKey
from verifier.protocol.policy import TlogPolicy, VerifiedCheckpoint
from verifier.verdict import Status

_OF_ANOTHER = ("unknown_log", "no_trusted_signature")
# A log proves presence. Whoever makes a file can leave its proof out, or put another batch's in its place.
_ABSENCE = ("no_such_batch_or_item", "another_batch")


class Refuted(DoesNotHold):
    """The file is whole, and what it says does not follow from what it holds. `where` is the member that says it."""

    def __init__(self, code: str, message: str, *, where: str) -> None:
        super().__init__(code, f"{where}: {message}")
        self.where = where


@dataclass(frozen=True, slots=True)
class Known:
    """What the caller knows of ledgers from elsewhere. `seen` and `status_vkey` are of one ledger, met before."""

    policy: TlogPolicy | None = None
    seen: VerifiedCheckpoint | None = None
    status_vkey: VKey | None = None


@dataclass(frozen=True, slots=True)
class Checked:
    """A file that holds. `own` is the verdict under its own policy, as the file has it.

    `keys`: "needless" (text that is no code needs none), "known" (the caller's policy vouches for all), "unanchored"
    (the ledger is known, and nothing shows that the status key is its own), "own" (nobody but the file vouches for its
    keys), "missing" (it holds nothing signed). `under_policy` is the verdict under the caller's policy.
    """

    bundle: Bundle
    own: Judgement
    under_policy: Judgement | None
    keys: str
    stated: tuple[str, ...]

    @property
    def is_absence(self) -> bool:
        """Does the verdict rest on a word that nothing in the file can show?"""
        return _is_absence(self.own)

    @property
    def is_proven(self) -> bool:
        """Does it hold by keys that the caller knows? That a ledger holds something *not* is never proven."""
        if self.keys == "needless":
            return True
        if self.keys != "known" or self.under_policy is None or self.is_absence:
            return False
        mine, own = self.under_policy.verdict, self.own.verdict
        return (mine.status, mine.reason) == (own.status, own.reason)


def check_bundle(data: bytes, known: Known) -> Checked:
    """Raises ArchiveFault for a file that was changed, and Refuted for one that says what does not follow."""
    bundle = parse_bundle(data)
    own = judge(bundle.case, stated_vkey=bundle.status_vkey)
    _check_claims(bundle, own)
    if own.verdict.status is Status.MALFORMED:
        return Checked(bundle, own, None, "needless", _stated(bundle, own))
    under_policy = None
    keys = "own" if _signed(bundle.case.parts) else "missing"
    if known.policy is not None and keys == "own":
        under_policy = judge(bundle.case, stated_vkey=bundle.status_vkey, pinned=known.policy)
        keys = _vouch(bundle, under_policy, known)
    return Checked(bundle, own, under_policy, keys, _stated(bundle, own))


def _check_claims(bundle: Bundle, own: Judgement) -> None:
    stated = bundle.document["verdict"]
    worked_out = own.verdict.to_json()
    if encode_canonical_json(stated) != encode_canonical_json(worked_out):  # bytes: True is 1 to Python
        was = stated if isinstance(stated, dict) else {}
        raise Refuted(
            "verdict_differs",
            f"it says {was.get('status')} / {was.get('reason')}; what is in the file bears out "
            f"{worked_out['status']} / {worked_out['reason']}, and not a member more.",
            where=VERDICT,
        )
    if bundle.document["problems"] != own.problems:
        raise Refuted("problems_differ", "other parts fail their check than it says.", where=VERDICT)
    if render_sheet(bundle.members, bundle.document, bundle.additions) != bundle.members[SHEET]:
        raise Refuted("sheet_differs", "the page for people says something else than the machine part.", where=SHEET)


def _signed(parts: Mapping[str, bytes]) -> bool:
    return any(name in parts for name in (CHECKPOINT, REGISTRY, SNAPSHOT))


def _vouch(bundle: Bundle, mine: Judgement, known: Known) -> str:
    """What the caller's policy says of the file's keys. Raises Refuted for another ledger's."""
    for name in (CHECKPOINT, REGISTRY):
        if mine.problems.get(name) in _OF_ANOTHER:
            raise Refuted("another_ledger", "it is of a ledger that your policy does not know.", where=name)
    if known.status_vkey is not None and mine.status_vkey not in (None, known.status_vkey):
        raise Refuted("another_status_key", "the snapshot's key is not the one that you met before.", where=REGISTRY)
    seen, now = known.seen, mine.checkpoint
    is_same_size = seen is not None and now is not None and (seen.origin, seen.size) == (now.origin, now.size)
    if is_same_size and seen is not None and now is not None and seen.root_hash != now.root_hash:
        raise Refuted("ledger_forked", "you met another tree of this size. Keep both notes.", where=CHECKPOINT)
    if SNAPSHOT in bundle.case.parts and mine.origin is None and known.status_vkey is None:
        return "unanchored"
    return "known"


def _is_absence(judgement: Judgement) -> bool:
    return judgement.verdict.status is Status.NOT_LOGGED and judgement.verdict.reason in _ABSENCE


def _stated(bundle: Bundle, own: Judgement) -> tuple[str, ...]:
    """What is in the file and cannot be shown by signatures, as stable words."""
    document, found = bundle.document, []
    if _is_absence(own):
        found.append("registry_said_not_logged")
    found += [name for name in ("reported", "server_said", "product") if name in document]
    if ADDITIONS in bundle.members:
        found += list(bundle.additions.to_json())
    return tuple(found)


def find_fingerprints(judgement: Judgement) -> list[tuple[str, str]]:
    """The keys that a file brings along, to be compared with those that came another way: what for, and the vkey."""
    policy = judgement.policy or TlogPolicy((), (), (), b"none")
    keys = [("log", log.vkey.to_text()) for log in policy.logs]
    keys += [("witness", witness.vkey.to_text()) for witness in policy.witnesses]
    if judgement.status_vkey is not None:
        keys.append(("status", judgement.status_vkey.to_text()))
    return keys
