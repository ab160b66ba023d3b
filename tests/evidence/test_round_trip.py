# SPDX-License-Identifier: Apache-2.0
"""An evidence file holds for every status that a registry reaches, and says no more than it holds."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable
from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest

from tests.support.evidence_files import forge_verdict, make_file, members_of, put_together
from tests.support.makers import SigningKey
from tests.support.phone_shop import Shop
from verifier.evidence_archive import ArchiveFault, write_archive
from verifier.evidence_bundle import (
    MAX_NOTE,
    EvidenceParts,
    Photo,
    Shown,
    make_additions,
    make_bundle,
    parse_bundle,
)
from verifier.evidence_check import Known, Refuted, check_bundle
from verifier.evidence_judge import CHECKPOINT, PARTS, POLICY, PROOF, REGISTRY, SNAPSHOT
from verifier.protocol.errors import Malformed
from verifier.protocol.note import ALG_COSIGNATURE, ALG_ED25519, make_vkey
from verifier.protocol.policy import TlogPolicy, parse_policy

STATUSES = [
    *("genuine", "recalled", "void", "not_logged", "cannot_tell"),
    *("counterfeit/bad_signature", "counterfeit/unknown_key", "counterfeit/unknown_prefix", "counterfeit/key_revoked"),
]


@pytest.mark.parametrize("name", STATUSES)
def test_a_file_of_every_status_holds_under_the_ledgers_policy(shop: Shop, policy: TlogPolicy, name: str) -> None:
    checked = check_bundle(make_file(shop, shop.codes[name].to_path()), Known(policy))
    status, _, reason = name.partition("/")
    assert checked.own.verdict.status == status
    assert not reason or checked.own.verdict.reason == reason
    assert checked.is_proven == (status != "not_logged"), "no signature shows that a ledger holds something not"
    assert checked.keys == "known"
    assert checked.own.problems == {}
    assert checked.stated == (("registry_said_not_logged",) if status == "not_logged" else ())
    assert "reported" not in checked.bundle.document


@pytest.mark.parametrize("way", ["left out", "another batch's"])
def test_a_forger_without_any_key_cannot_have_it_proven_that_a_good_code_is_not_logged(
    shop: Shop, policy: TlogPolicy, way: str
) -> None:
    code = shop.codes["genuine"].to_path()
    parts = {name: data for name, data in members_of(make_file(shop, code)).items() if name in PARTS}
    absent = {}
    if way == "left out":
        del parts[PROOF]
        absent = {PROOF: "not_logged"}
    else:
        parts[PROOF] = members_of(make_file(shop, shop.codes["void"].to_path()))[PROOF]
    at = shop.workshop.registry.checker.check(code).checked_at
    forged = make_bundle(
        code, EvidenceParts(parts, absent), Shown("phone", None), checked_at=at, additions=make_additions("", "")
    )
    checked = check_bundle(forged, Known(policy))
    assert (checked.own.verdict.status, checked.keys) == ("not_logged", "known")
    assert not checked.is_proven
    assert checked.stated == ("registry_said_not_logged",)


@pytest.mark.parametrize("text", ["hello", "/01/06901234500017/21/1", "二维码<script>", "x" * 4096])
def test_text_that_is_no_code_is_kept_too_and_needs_no_keys(shop: Shop, text: str) -> None:
    checked = check_bundle(make_file(shop, text), Known())
    assert checked.own.verdict.status == "malformed"
    assert checked.is_proven
    assert set(checked.bundle.case.absent.values()) == {"not_needed"}


@pytest.mark.parametrize("text", ["", "x" * 4097, "码" * 1366, "\ud800"])
def test_text_that_is_too_long_to_be_kept_is_refused(shop: Shop, text: str) -> None:
    with pytest.raises(Malformed) as caught:
        make_file(shop, text)
    assert caught.value.code in ("code_too_long", "bad_code")


def test_without_a_policy_of_ones_own_the_keys_are_the_files_own_and_it_says_so(shop: Shop) -> None:
    checked = check_bundle(make_file(shop, shop.codes["genuine"].to_path()), Known())
    assert (checked.keys, checked.is_proven) == ("own", False)


def test_a_policy_of_another_ledger_refuses_the_file(shop: Shop) -> None:
    data = make_file(shop, shop.codes["genuine"].to_path())
    with pytest.raises(Refuted) as caught:
        check_bundle(data, Known(foreign_policy()))
    assert caught.value.code == "another_ledger"


def foreign_policy() -> TlogPolicy:
    vkey = make_vkey("other.example/ledger", ALG_ED25519, SigningKey("another ledger").public_key)
    return parse_policy(f"log {vkey.to_text()}\nquorum none\n".encode())


def test_any_unpacker_reads_the_file(shop: Shop) -> None:
    data = make_file(shop, shop.codes["genuine"].to_path())
    with zipfile.ZipFile(BytesIO(data)) as archive:
        assert archive.testzip() is None
        assert {name: archive.read(name) for name in archive.namelist()} == members_of(data)


@pytest.mark.parametrize("member", [PROOF, CHECKPOINT, SNAPSHOT, POLICY, REGISTRY])
def test_what_is_missing_is_named_and_the_verdict_is_only_what_the_rest_bears_out(
    shop: Shop, policy: TlogPolicy, member: str
) -> None:
    code = shop.codes["genuine"].to_path()
    verdict = shop.workshop.registry.checker.check(code)
    found = shop.workshop.registry.service.evidence_parts(code)
    parts = {name: data for name, data in found.parts.items() if name != member}
    shown = Shown("server", {"reason": "genuine", "status": "genuine"})
    absent = EvidenceParts(parts, {member: "unreachable"})
    data = make_bundle(code, absent, shown, checked_at=verdict.checked_at, additions=make_additions("", ""))
    checked = check_bundle(data, Known(policy))
    if member == CHECKPOINT:  # it is the proof's own
        assert checked.is_proven
        return
    assert checked.bundle.case.absent == {member: "unreachable"}
    assert checked.own.verdict.status == "cannot_tell"
    assert "reported" in checked.stated  # the server said genuine, which this file does not show


def test_what_was_typed_is_in_the_file_and_named_as_not_proven(shop: Shop, policy: TlogPolicy) -> None:
    additions = make_additions(" https://shop.example.cn/item?id=1 ", "a\r\nb ", (Photo("ab" * 32, 5),))
    checked = check_bundle(make_file(shop, shop.codes["genuine"].to_path(), additions), Known(policy))
    assert checked.bundle.additions.to_json() == {
        "listing_url": "https://shop.example.cn/item?id=1",
        "note": "a\nb",
        "photos": [{"sha256": "ab" * 32, "size": 5}],
    }
    assert checked.stated == ("listing_url", "note", "photos")
    assert checked.is_proven


@pytest.mark.parametrize(
    ("url", "note", "count", "code"),
    [
        ("javascript:alert(1)", "", 0, "bad_listing_url"),
        ("ftp://example.cn/", "", 0, "bad_listing_url"),
        ("https://user:word@example.cn/", "", 0, "bad_listing_url"),
        ("https://example.cn/a b", "", 0, "bad_listing_url"),
        ("https://example.cn/\u202e", "", 0, "bad_listing_url"),
        ("https://example.cn/" + "a" * 2048, "", 0, "bad_listing_url"),
        ("", "x" * (MAX_NOTE + 1), 0, "note_too_long"),
        ("", "", 11, "too_many_photos"),
    ],
)
def test_additions_out_of_bounds_are_refused_with_a_word(url: str, note: str, count: int, code: str) -> None:
    with pytest.raises(Malformed) as caught:
        make_additions(url, note, (Photo("ab" * 32, 1),) * count)
    assert caught.value.code == code


def test_a_verdict_that_was_changed_with_manifest_and_sheet_is_caught_by_working_it_out_anew(shop: Shop) -> None:
    data = make_file(shop, shop.codes["recalled"].to_path())

    def whitewash(document: dict[str, Any]) -> None:
        document["verdict"] |= {"status": "genuine", "reason": "genuine"}

    with pytest.raises(Refuted) as caught:
        check_bundle(forge_verdict(data, whitewash), Known())
    assert (caught.value.code, caught.value.where) == ("verdict_differs", "verdict.json")
    assert "recalled / recall" in str(caught.value)


def test_a_verdict_with_a_truth_value_for_a_number_is_another_verdict(shop: Shop) -> None:
    data = make_file(shop, shop.codes["genuine"].to_path())

    def confuse(document: dict[str, Any]) -> None:
        document["verdict"]["steps"][1]["number"] = True

    members = members_of(data)
    with pytest.raises(Refuted) as caught:
        check_bundle(put_together(members | {"verdict.json": _changed(members["verdict.json"], confuse)}), Known())
    assert caught.value.code == "verdict_differs"


def _changed(data: bytes, change: Callable[[dict[str, Any]], None]) -> bytes:
    document = json.loads(data)
    change(document)
    return json.dumps(document, ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode()


def test_a_sheet_that_says_something_else_is_caught(shop: Shop) -> None:
    members = members_of(make_file(shop, shop.codes["genuine"].to_path()))
    members["sheet.html"] = members["sheet.html"].replace("此码真实有效".encode(), "此码是伪造的".encode())
    with pytest.raises(Refuted) as caught:
        check_bundle(put_together(members), Known())
    assert (caught.value.code, caught.value.where) == ("sheet_differs", "sheet.html")


def test_another_instant_gives_another_verdict_than_the_one_in_the_file(shop: Shop) -> None:
    data = make_file(shop, shop.codes["genuine"].to_path())

    def backdate(document: dict[str, Any]) -> None:
        document["verdict"]["checked_at"] = "2020-01-01T00:00:00Z"

    with pytest.raises(Refuted):
        check_bundle(forge_verdict(data, backdate), Known())


@pytest.mark.parametrize(
    ("member", "other"), [(PROOF, "recalled"), ("code.txt", "recalled"), (SNAPSHOT, "counterfeit/key_revoked")]
)
def test_members_swapped_between_two_files_do_not_hold(shop: Shop, member: str, other: str) -> None:
    mixed = members_of(make_file(shop, shop.codes["genuine"].to_path()))
    mixed[member] = members_of(make_file(shop, shop.codes[other].to_path()))[member]
    with pytest.raises(Refuted) as caught:
        check_bundle(put_together(mixed), Known())
    assert caught.value.code == "verdict_differs"
    with pytest.raises(ArchiveFault) as changed:  # and without a new manifest its digest is not the one listed
        check_bundle(write_archive(mixed), Known())
    assert (changed.value.code, changed.value.where) == ("member_changed", member)


def test_what_was_shown_and_is_worse_stands_at_the_top_of_the_sheet(shop: Shop, policy: TlogPolicy) -> None:
    code = shop.codes["genuine"].to_path()
    verdict = shop.workshop.registry.checker.check(code)
    facts = {"en": "6 checks in 4 provinces.", "zh": "在 4 个省查验过 6 次。"}
    reported = {
        "reason": "many_provinces",
        "status": "suspect",
        "suspicion": {"facts": facts, "reason": "many_provinces"},
    }
    found = shop.workshop.registry.service.evidence_parts(code)
    data = make_bundle(
        code, found, Shown("server", reported), checked_at=verdict.checked_at, additions=make_additions("", "")
    )
    checked = check_bundle(data, Known(policy))
    assert checked.own.verdict.status == "genuine"
    assert checked.stated == ("reported",)
    sheet = members_of(data)["sheet.html"].decode()
    assert "此码可能被复制" in sheet and "6 checks in 4 provinces." in sheet
    assert "此码真实有效" not in sheet


def test_a_stricter_policy_of_the_reader_is_told_and_not_green(shop: Shop, policy: TlogPolicy) -> None:
    witness = make_vkey("witness.example/w1", ALG_COSIGNATURE, SigningKey("a witness").public_key)
    strict = parse_policy(
        policy.to_bytes().replace(b"quorum none\n", f"witness w1 {witness.to_text()}\nquorum w1\n".encode())
    )
    checked = check_bundle(make_file(shop, shop.codes["genuine"].to_path()), Known(strict))
    assert checked.under_policy is not None
    assert (checked.under_policy.verdict.reason, checked.is_proven) == ("quorum_missing", False)


def test_a_bundle_remembers_its_own_instant_and_nothing_of_the_readers_clock(shop: Shop, policy: TlogPolicy) -> None:
    code = shop.codes["genuine"].to_path()
    verdict = shop.workshop.registry.checker.check(code)
    found = shop.workshop.registry.service.evidence_parts(code)
    later = verdict.checked_at + timedelta(days=3)
    data = make_bundle(code, found, Shown("server", None), checked_at=later, additions=make_additions("", ""))
    assert check_bundle(data, Known(policy)).own.verdict.reason == "snapshot_stale"
    assert parse_bundle(data).case.checked_at == later.replace(microsecond=0)
