# SPDX-License-Identifier: Apache-2.0
"""Policies, and checkpoints judged by them."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.ledger_vectors import load_cases, run_case, text_or_bytes, value_or_none
from verifier.protocol.errors import Malformed
from verifier.protocol.keys import parse_public_key
from verifier.protocol.note import ALG_COSIGNATURE, ALG_ED25519, make_vkey
from verifier.protocol.policy import MAX_POLICY_SIZE, PolicyGroup, TlogPolicy, parse_policy, verify_checkpoint


def _parse(case: dict[str, Any]) -> dict[str, Any]:
    policy = parse_policy(text_or_bytes(case, "policy"))
    canonical = policy.to_bytes()
    assert parse_policy(canonical) == policy
    return {"canonical_hex": canonical.hex()} if "policy_hex" in case else {"canonical": canonical.decode()}


def _verify(case: dict[str, Any]) -> dict[str, Any]:
    checkpoint = verify_checkpoint(case["note"].encode(), parse_policy(case["policy"].encode()))
    assert checkpoint.note == case["note"].encode()
    return {
        "origin": checkpoint.origin,
        "size": str(checkpoint.size),
        "root_hash": checkpoint.root_hash.hex(),
        "witnessed_at": [[name, str(timestamp)] for name, timestamp in checkpoint.witnessed_at],
    }


@pytest.mark.parametrize("case", load_cases("tlog_policy.json"))
def test_vector(case: dict[str, Any]) -> None:
    run_case(case, {"parse_policy": _parse, "verify_checkpoint": _verify})


def _vkey(algorithm: int, number: int) -> str:
    private = Ed25519PrivateKey.from_private_bytes(number.to_bytes(32, "big"))
    public = parse_public_key(private.public_key().public_bytes_raw())
    return make_vkey(f"key{number}.example", algorithm, public).to_text()


LOGS = [_vkey(ALG_ED25519, n) for n in range(1, 5)]
WITNESSES = [_vkey(ALG_COSIGNATURE, n) for n in range(11, 17)]


@st.composite
def policies(draw: st.DrawFn) -> bytes:
    """Valid policies: every group takes some of the names that no group has taken yet."""
    lines = [f"log {key}" for key in draw(st.lists(st.sampled_from(LOGS), unique=True))]
    free = []
    for number, key in enumerate(draw(st.lists(st.sampled_from(WITNESSES), unique=True))):
        free.append(f"w{number}")
        lines.append(f"witness w{number} {key}" + draw(st.sampled_from(["", " https://w.example/", "\t\t"])))
    names = ["none", *free]
    for number in range(draw(st.integers(0, 3)) if free else 0):
        members = draw(st.lists(st.sampled_from(free), unique=True, min_size=1)) if free else []
        if not members:
            break
        needed = draw(st.sampled_from(["any", "all", str(draw(st.integers(1, len(members))))]))
        lines.append(f"group g{number} {needed} {' '.join(members)}")
        free = [name for name in free if name not in members] + [f"g{number}"]
        names.append(f"g{number}")
    lines.append(f"quorum {draw(st.sampled_from(names))}")
    return "".join(line + draw(st.sampled_from(["\n", " \n", "\n# comment\n", "\n\n"])) for line in lines).encode()


@settings(max_examples=80, deadline=None)
@given(policies())
def test_every_policy_survives_its_canonical_bytes(data: bytes) -> None:
    policy = parse_policy(data)
    assert parse_policy(policy.to_bytes()) == policy
    assert policy.to_bytes() == parse_policy(policy.to_bytes()).to_bytes()


@settings(max_examples=150, deadline=None)
@given(policies(), st.data())
def test_any_bytes_are_a_policy_or_malformed(text: bytes, data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(text)))
    changed = text[:at] + data.draw(st.binary(max_size=3)) + text[at + data.draw(st.integers(0, 3)) :]
    for hostile in (changed, data.draw(st.binary(max_size=50)) + b"\n"):
        policy = value_or_none(partial(parse_policy, hostile), "malformed_policy")
        assert policy is None or parse_policy(policy.to_bytes()) == policy


def _naive_quorum(policy: TlogPolicy, name: bytes, witnessed: frozenset[bytes]) -> bool:
    if name == b"none":
        return True
    for group in policy.groups:
        if group.name == name:
            return sum(_naive_quorum(policy, member, witnessed) for member in group.members) >= group.threshold
    return name in witnessed


@settings(max_examples=150, deadline=None)
@given(policies(), st.sets(st.sampled_from([b"w0", b"w1", b"w2", b"w3", b"w4", b"w5"])))
def test_the_quorum_is_the_recursive_definition(data: bytes, witnessed: set[bytes]) -> None:
    policy = parse_policy(data)
    known = frozenset(witnessed & {witness.name for witness in policy.witnesses})
    assert policy.is_quorum(known) is _naive_quorum(policy, policy.quorum, known)


def test_a_group_is_not_reached_by_naming_it() -> None:
    policy = TlogPolicy((), (), (PolicyGroup(b"g", 2, (b"a", b"b")),), b"g")
    assert not policy.is_quorum(frozenset({b"a"}))
    assert policy.is_quorum(frozenset({b"a", b"b"}))


def test_a_policy_of_32_logs_witnesses_and_groups_is_read_and_a_larger_file_than_64_kib_is_not() -> None:
    logs = "".join(f"log {_vkey(ALG_ED25519, n)}\n" for n in range(100, 132))
    witnesses = "".join(f"witness w{n} {_vkey(ALG_COSIGNATURE, n)}\n" for n in range(200, 232))
    groups = "".join(f"group g{n} any w{200 + n}\n" for n in range(31))
    last = "group g31 31 " + " ".join(f"g{n}" for n in range(31)) + "\nquorum g31\n"
    policy = parse_policy((logs + witnesses + groups + last).encode())
    assert (len(policy.logs), len(policy.witnesses), len(policy.groups)) == (32, 32, 32)
    with pytest.raises(Malformed):
        parse_policy(b"quorum none\n#" + b"x" * MAX_POLICY_SIZE + b"\n")


def test_more_than_256_lines_of_a_kind_are_refused() -> None:
    logs = [_vkey(ALG_ED25519, n) for n in range(1000, 1257)]
    with pytest.raises(Malformed, match="Line 257 of the policy"):
        parse_policy("".join(f"log {key}\n" for key in logs).encode() + b"quorum none\n")
