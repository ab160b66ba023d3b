# SPDX-License-Identifier: Apache-2.0
"""Trust policies: which ledgers and witnesses a verifier knows, and how many must have signed. C2SP tlog-policy."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TypeAlias

from verifier.protocol.checkpoint import parse_checkpoint
from verifier.protocol.cosignature import verify_cosignatures
from verifier.protocol.encoding import parse_decimal
from verifier.protocol.errors import DoesNotHold, Malformed
from verifier.protocol.note import ALG_COSIGNATURE, ALG_ED25519, VKey, parse_note, parse_vkey, verify_note

MAX_POLICY_SIZE = 64 * 1024
MAX_LINES_OF_A_KIND = 256
NONE = b"none"

Name: TypeAlias = bytes
"""A witness's or group's name inside one policy: opaque bytes, compared as they stand."""


@dataclass(frozen=True, slots=True)
class PolicyLog:
    """A ledger: its key of algorithm 0x01, whose name is the ledger's origin, and where it is served, if stated."""

    vkey: VKey
    url: bytes | None = None


@dataclass(frozen=True, slots=True)
class PolicyWitness:
    """A witness: its name in this policy, its key of algorithm 0x04, and where it takes checkpoints, if stated."""

    name: Name
    vkey: VKey
    url: bytes | None = None


@dataclass(frozen=True, slots=True)
class PolicyGroup:
    """At least `threshold` of the `members` (witnesses or groups defined before this one) must have witnessed."""

    name: Name
    threshold: int
    members: tuple[Name, ...]


@dataclass(frozen=True, slots=True)
class TlogPolicy:
    """A policy: known logs, known witnesses, groups in an order without forward references, and the quorum's name.

    The quorum is a witness, a group, or `none`: no cosignature needed. Build it with `parse_policy`.
    """

    logs: tuple[PolicyLog, ...]
    witnesses: tuple[PolicyWitness, ...]
    groups: tuple[PolicyGroup, ...]
    quorum: Name

    def to_bytes(self) -> bytes:
        """Encode in one canonical form: logs, witnesses, groups, quorum; single spaces, thresholds as numbers."""
        lines: list[list[bytes]] = [[b"log", log.vkey.to_text().encode(), log.url or b""] for log in self.logs]
        lines += [[b"witness", w.name, w.vkey.to_text().encode(), w.url or b""] for w in self.witnesses]
        lines += [[b"group", g.name, str(g.threshold).encode(), *g.members] for g in self.groups]
        lines += [[b"quorum", self.quorum]]
        return b"".join(b" ".join(items).rstrip(b" ") + b"\n" for items in lines)

    def is_quorum(self, witnessed: frozenset[Name]) -> bool:
        """Tell whether these witnesses, by their names in this policy, are enough."""
        if self.quorum == NONE:
            return True
        reached = set(witnessed)
        for group in self.groups:
            if sum(member in reached for member in group.members) >= group.threshold:
                reached.add(group.name)
        return self.quorum in reached


@dataclass(frozen=True, slots=True)
class VerifiedCheckpoint:
    """A checkpoint that a policy accepts: `note` is what was verified, byte for byte.

    `witnessed_at` has (key name, POSIX seconds) for each known witness that cosigned, in the policy's order.
    """

    origin: str
    size: int
    root_hash: bytes
    note: bytes
    witnessed_at: tuple[tuple[str, int], ...]


def parse_policy(data: bytes) -> TlogPolicy:
    """Parse a policy of at most 64 KiB. Raises Malformed("malformed_policy") with the line's number.

    Stricter than C2SP in these points: at most 256 lines of a kind; logs have keys of algorithm 0x01, witnesses of
    0x04; two keys of one kind never share both name and key id; the last line ends in a newline too.
    """
    if len(data) > MAX_POLICY_SIZE:
        raise Malformed("malformed_policy", f"The policy is longer than {MAX_POLICY_SIZE} bytes.")
    if any(octet == 0x7F or (octet < 0x20 and octet not in b"\t\n") for octet in data):
        raise Malformed("malformed_policy", "The only control characters of a policy are tab and newline.")
    if not data.endswith(b"\n"):
        raise Malformed("malformed_policy", "Every line of a policy ends in a newline.")
    draft = _Draft()
    for number, line in enumerate(data[:-1].split(b"\n"), 1):
        # Not split(): without an argument it also splits at bytes that are no white space here.
        items = [item for item in line.replace(b"\t", b" ").split(b" ") if item]
        if not items or items[0].startswith(b"#"):
            continue
        try:
            draft.add(items)
        except Malformed as error:
            raise Malformed("malformed_policy", f"Line {number} of the policy: {error}") from error
    if draft.quorum is None:
        raise Malformed("malformed_policy", "A policy has exactly one quorum line.")
    return TlogPolicy(tuple(draft.logs), tuple(draft.witnesses), tuple(draft.groups), draft.quorum)


@dataclass(slots=True)
class _Draft:
    """A policy while its lines are read."""

    logs: list[PolicyLog] = field(default_factory=list)
    witnesses: list[PolicyWitness] = field(default_factory=list)
    groups: list[PolicyGroup] = field(default_factory=list)
    quorum: Name | None = None
    defined: set[Name] = field(default_factory=set)
    used: set[Name] = field(default_factory=set)

    def add(self, items: list[bytes]) -> None:
        match items:
            case [b"log", key, *url] if len(url) <= 1:
                vkey = _parse_key(key, ALG_ED25519, [log.vkey for log in self.logs])
                self.logs.append(PolicyLog(vkey, *url))
            case [b"witness", name, key, *url] if len(url) <= 1:
                vkey = _parse_key(key, ALG_COSIGNATURE, [witness.vkey for witness in self.witnesses])
                self._define(name)
                self.witnesses.append(PolicyWitness(name, vkey, *url))
            case [b"group", name, threshold, *members] if members:
                self._add_group(name, threshold, tuple(members))
            case [b"quorum", name]:
                if self.quorum is not None:
                    raise Malformed("malformed_policy", "there is a quorum line already.")
                if name != NONE and name not in self.defined:
                    raise Malformed("malformed_policy", "the quorum is not defined on a line before.")
                self.quorum = name
            case _:
                raise Malformed("malformed_policy", "it is no log, witness, group or quorum line.")
        if max(len(self.logs), len(self.witnesses), len(self.groups)) > MAX_LINES_OF_A_KIND:
            raise Malformed("malformed_policy", f"more than {MAX_LINES_OF_A_KIND} lines of this kind.")

    def _define(self, name: Name) -> None:
        if name == NONE or name in self.defined:
            raise Malformed("malformed_policy", "this name is defined already.")
        self.defined.add(name)

    def _add_group(self, name: Name, threshold: bytes, members: tuple[Name, ...]) -> None:
        for member in members:
            if member not in self.defined:
                raise Malformed("malformed_policy", "a member is not defined on a line before.")
            if member in self.used:
                # Otherwise one witness could count twice towards the quorum.
                raise Malformed("malformed_policy", "a member is listed twice, here or in another group.")
            self.used.add(member)
        needed = {b"any": 1, b"all": len(members)}.get(threshold)
        if needed is None:
            needed = parse_decimal(threshold.decode("latin-1"), maximum=len(members))
        if needed < 1:
            raise Malformed("malformed_policy", "a group needs at least one of its members.")
        self._define(name)
        self.groups.append(PolicyGroup(name, needed, members))


def _parse_key(text: bytes, algorithm: int, known: list[VKey]) -> VKey:
    try:
        vkey = parse_vkey(text.decode())
    except UnicodeDecodeError as error:
        raise Malformed("malformed_policy", "the vkey is not UTF-8.") from error
    if vkey.algorithm != algorithm:
        raise Malformed("malformed_policy", f"a key of algorithm 0x{algorithm:02x} is expected here.")
    for other in known:
        if vkey.public_key == other.public_key:
            raise Malformed("malformed_policy", "this public key is listed already.")
        if (vkey.name, vkey.key_id) == (other.name, other.key_id):
            raise Malformed("malformed_policy", "another key has the same name and key id.")
    return vkey


def verify_checkpoint(note_bytes: bytes, policy: TlogPolicy) -> VerifiedCheckpoint:
    """Check a checkpoint against a policy.

    1. It is a note, and its text a checkpoint without extension lines, which nobody could audit.
    2. The policy knows a log of that origin, and that log's key has signed.
    3. Every cosignature by a known witness verifies.
    4. The witnesses that cosigned reach the quorum.

    Raises Malformed, or DoesNotHold: "extension_lines", "unknown_log", "no_trusted_signature", "bad_signature",
    "quorum_missing".
    """
    note = parse_note(note_bytes)
    checkpoint = parse_checkpoint(note.text)
    if checkpoint.extensions:
        raise DoesNotHold("extension_lines", "The checkpoint carries extension lines, which no monitor can audit.")
    log_keys = [log.vkey for log in policy.logs if log.vkey.name == checkpoint.origin]
    if not log_keys:
        raise DoesNotHold("unknown_log", f"The policy knows no log named {checkpoint.origin}.")
    verify_note(note, log_keys)
    times = dict(verify_cosignatures(note, [witness.vkey for witness in policy.witnesses]))
    if not policy.is_quorum(frozenset(witness.name for witness in policy.witnesses if witness.vkey in times)):
        raise DoesNotHold("quorum_missing", f"{len(times)} known witnesses cosigned: too few for the policy's quorum.")
    witnessed_at = tuple((vkey.name, timestamp) for vkey, timestamp in times.items())
    return VerifiedCheckpoint(checkpoint.origin, checkpoint.size, checkpoint.root_hash, note_bytes, witnessed_at)
