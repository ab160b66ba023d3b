# SPDX-License-Identifier: Apache-2.0
"""The registry's own checks over the current view: codes, lots, products, and how fast a recall gets there."""

from __future__ import annotations

import json
import threading
import time
from hashlib import sha256
from typing import Any

import pytest
from sqlalchemy import text

from passport.services.checking import RegistryChecker
from tests.support.makers import IssuedBatch, Maker, both, sign_code
from tests.support.registries import Workshop
from verifier.passport_document import encode_part, make_header
from verifier.protocol.statements.products import CodesVoided, SeqRange
from verifier.protocol.statements.recall import RecallClosed, RecallPublished, ScopeEntry, SeqRangeOf
from verifier.verdict import Status


@pytest.fixture(scope="module")
def checker(workshop: Workshop) -> RegistryChecker:
    return workshop.registry.checker


@pytest.fixture(scope="module")
def acme(workshop: Workshop) -> Maker:
    return workshop.admit("acme", "69012340")


@pytest.fixture(scope="module")
def bolt(workshop: Workshop) -> Maker:
    return workshop.admit("bolt", "69055550")


@pytest.fixture(scope="module")
def batch(workshop: Workshop, acme: Maker) -> IssuedBatch:
    return workshop.issue(acme, 0, 6)


def publish(workshop: Workshop, maker: Maker, number: str, scope: tuple[ScopeEntry, ...]) -> None:
    notice = workshop.notice(maker, scope=scope)
    workshop.say(RecallPublished(workshop.header(maker.id), f"{maker.id}/{number}", notice), maker.key)


def test_a_thousand_codes_are_each_told_on_their_own(
    checker: RegistryChecker, acme: Maker, bolt: Maker, batch: IssuedBatch
) -> None:
    stranger = sign_code(bolt.key, gtin=acme.gtin(), batch=0, seq=0).to_path()
    unlogged = sign_code(acme.key, gtin=acme.gtin(), batch=77, seq=0).to_path()
    codes = ["", "\ud800", stranger, unlogged, batch.url(3), "x" * 100_000, batch.url(5)]
    assert [checker.check(code).status.value for code in codes] == [
        "malformed",
        "malformed",
        "counterfeit",
        "not_logged",
        "genuine",
        "malformed",
        "genuine",
    ]


def test_a_recall_reaches_code_lot_and_waiting_badges_within_five_seconds(
    workshop: Workshop, checker: RegistryChecker, acme: Maker
) -> None:
    batch = workshop.issue(acme, 1, 4, lot="L-recall")
    assert checker.check(batch.url(1)).status is Status.GENUINE
    assert checker.check_lot(acme.gtin(), "L-recall").status is Status.GENUINE
    since = checker.change_count()
    woken: list[tuple[int, Status]] = []

    def badge() -> None:
        count = checker.wait_for_change(since, 5.0)
        woken.append((count, checker.check_lot(acme.gtin(), "L-recall").status))

    waiting = threading.Thread(target=badge)
    waiting.start()
    started = time.monotonic()
    publish(workshop, acme, "fast", (ScopeEntry(acme.gtin(), SeqRangeOf(1, SeqRange(1, 2))),))
    waiting.join(5.0)
    assert time.monotonic() - started < 5.0
    assert [checker.check(batch.url(seq)).status.value for seq in range(4)] == [
        "genuine",
        "recalled",
        "recalled",
        "genuine",
    ]
    assert checker.check_lot(acme.gtin(), "L-recall").status is Status.RECALLED
    assert woken and woken[0][0] > since and woken[0][1] is Status.RECALLED
    workshop.say(RecallClosed(workshop.header("acme"), "acme/fast", both("over")), acme.key)
    verdict = checker.check(batch.url(1))
    assert verdict.status is Status.GENUINE
    assert [record.recall_id for record in verdict.recalls] == ["acme/fast"]


def test_voided_codes_are_void_and_their_neighbours_are_not(
    workshop: Workshop, checker: RegistryChecker, acme: Maker
) -> None:
    batch = workshop.issue(acme, 2, 4, lot="L-void")
    workshop.say(CodesVoided(workshop.header("acme"), 2, (SeqRange(1, 2),), both("misprint")), acme.key)
    expected = [Status.GENUINE, Status.VOID, Status.VOID, Status.GENUINE]
    assert [checker.check(batch.url(seq)).status for seq in range(4)] == expected


def test_waiting_ends_when_nothing_changes(checker: RegistryChecker) -> None:
    since = checker.change_count()
    started = time.monotonic()
    assert checker.wait_for_change(since, 0.1) >= since
    assert time.monotonic() - started < 2.0
    assert checker.wait_for_change(since - 1, 5.0) >= since


def test_a_lot_that_nobody_logged_is_not_green(checker: RegistryChecker, acme: Maker, batch: IssuedBatch) -> None:
    assert checker.check_lot(acme.gtin(), "L1").status is Status.GENUINE
    assert checker.check_lot(acme.gtin(), "nothing").status is Status.NOT_LOGGED
    assert checker.check_lot("1", "L1").status is Status.MALFORMED


# Items in a database that cannot be read


def test_a_damaged_item_tile_is_cannot_tell_and_spoils_no_other_code(
    workshop: Workshop, checker: RegistryChecker, acme: Maker, batch: IssuedBatch
) -> None:
    damaged = workshop.issue(acme, 3, 4, lot="L-damaged")
    with workshop.registry.store.database.write() as connection:
        connection.execute(text("UPDATE item_tiles SET data = zeroblob(length(data)) WHERE batch = 3"))
    verdicts = [checker.check(code) for code in (damaged.url(0), batch.url(0))]
    assert [verdict.status for verdict in verdicts] == [Status.CANNOT_TELL, Status.GENUINE]


def test_an_unreadable_entry_bundle_is_cannot_tell_and_no_exception(
    workshop: Workshop, checker: RegistryChecker, acme: Maker
) -> None:
    batch = workshop.issue(acme, 4, 2, lot="L-bundle")
    database = workshop.registry.store.database
    with database.write() as connection:
        connection.execute(text("UPDATE ledger_blobs SET blob_index = blob_index + 1000 WHERE level = -1"))
    try:
        verdict = checker.check(batch.url(0))
        assert (verdict.status, verdict.reason) == (Status.CANNOT_TELL, "ledger_unavailable")
    finally:
        with database.write() as connection:
            connection.execute(text("UPDATE ledger_blobs SET blob_index = blob_index - 1000 WHERE level = -1"))
    assert checker.check(batch.url(0)).status is Status.GENUINE


# Products


def put_product(
    workshop: Workshop, maker: Maker, gtin: str, *, subject: str = "", name: str = "Power bank", log: bool = True
) -> str:
    payload: dict[str, Any] = {
        "credentialSubject": {"id": f"https://id.example.cn/01/{subject or gtin}", "name": name},
        "issuer": {"name": f"{maker.id} Co."},
    }
    header = make_header(f"https://maker.example.cn/did#{maker.key.key_id}")
    signed = f"{encode_part(header)}.{encode_part(json.dumps(payload).encode())}"
    data = f"{signed}.{encode_part(maker.key.sign(signed.encode()))}".encode()
    digest = sha256(data).hexdigest()
    workshop.registry.service.put_document(digest, data)
    if log:
        log_product(workshop, maker, gtin, digest)
    return digest


def log_product(workshop: Workshop, maker: Maker, gtin: str, digest: str) -> None:
    workshop.say(workshop.passport(maker, gtin, digest), maker.key)


def test_a_published_product_is_shown_with_a_link_to_its_signed_document(
    workshop: Workshop, checker: RegistryChecker, acme: Maker
) -> None:
    assert checker.find_product(acme.gtin(3)) is None
    digest = put_product(workshop, acme, acme.gtin(3))
    shown = checker.find_product(acme.gtin(3))
    assert shown is not None
    assert (shown.name, shown.maker, shown.document_url) == ("Power bank", "acme Co.", f"/documents/{digest}")
    put_product(workshop, acme, acme.gtin(3), name="Better power bank")
    again = checker.find_product(acme.gtin(3))
    assert again is not None and again.name == "Better power bank"


def test_a_document_that_was_not_logged_is_not_shown(workshop: Workshop, checker: RegistryChecker, acme: Maker) -> None:
    put_product(workshop, acme, acme.gtin(4), log=False)
    assert checker.find_product(acme.gtin(4)) is None


def test_a_logged_digest_without_its_document_shows_nothing(
    workshop: Workshop, checker: RegistryChecker, acme: Maker
) -> None:
    log_product(workshop, acme, acme.gtin(5), "ef" * 32)
    assert checker.find_product(acme.gtin(5)) is None


def test_nobody_shows_another_brands_passport_as_its_own(
    workshop: Workshop, checker: RegistryChecker, acme: Maker, bolt: Maker
) -> None:
    """bolt logs the digest of acme's document for a GTIN of its own, after people have looked at acme's."""
    digest = put_product(workshop, acme, acme.gtin(6), name="Famous")
    assert checker.find_product(acme.gtin(6)) is not None
    log_product(workshop, bolt, bolt.gtin(6), digest)
    assert checker.find_product(bolt.gtin(6)) is None


def test_a_passport_of_another_product_of_the_same_maker_is_not_shown(
    workshop: Workshop, checker: RegistryChecker, acme: Maker
) -> None:
    put_product(workshop, acme, acme.gtin(8), subject=acme.gtin(7))
    assert checker.find_product(acme.gtin(8)) is None


def test_a_damaged_document_is_not_shown_and_no_exception(
    workshop: Workshop, checker: RegistryChecker, acme: Maker
) -> None:
    put_product(workshop, acme, acme.gtin(9))
    with workshop.registry.store.database.write() as connection:
        damage = text("UPDATE documents SET data = zeroblob(length(data)) WHERE gtin = :gtin")
        connection.execute(damage, {"gtin": acme.gtin(9)})
    assert checker.find_product(acme.gtin(9)) is None
