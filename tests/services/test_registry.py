# SPDX-License-Identifier: Apache-2.0
"""What a registry takes in and gives out: statements, item hashes, documents, proofs, the ledger as files."""

from __future__ import annotations

import json
import time
from dataclasses import replace
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from passport.services.registry import MAX_ENTRIES, NotFound, RegistryService, Unavailable
from passport.settings import Settings
from tests.support.makers import BatchPlan, IssuedBatch, Maker, SigningKey, make_gtin, sign_batch, sign_code
from tests.support.registries import Workshop, running_registry, tiles_of
from tests.support.statement_vectors import DocumentSource
from verifier.fold import fold_entries
from verifier.passport_document import encode_part, make_header
from verifier.protocol.errors import DidNotArrive, DoesNotHold, Malformed, VerifierError
from verifier.protocol.merkle import leaf_hash, root_from_leaf_hashes
from verifier.protocol.note import parse_vkey
from verifier.protocol.policy import parse_policy, verify_checkpoint
from verifier.protocol.statements.products import ProductPublished
from verifier.protocol.statements.registry import KeyAdded, KeyRevoked
from verifier.protocol.tile import TileTree, entry_bundles_for_size, parse_entry_bundle, tiles_for_size
from verifier.snapshot import make_shard, make_snapshot, parse_snapshot, snapshot_text
from verifier.verdict import Status
from verifier.verify import Trust, verify


@pytest.fixture(scope="module")
def service(workshop: Workshop) -> RegistryService:
    return workshop.registry.service


@pytest.fixture(scope="module")
def acme(workshop: Workshop) -> Maker:
    return workshop.admit("acme", "69012340")


@pytest.fixture(scope="module")
def bolt(workshop: Workshop) -> Maker:
    return workshop.admit("bolt", "69055550")


@pytest.fixture(scope="module")
def batch(workshop: Workshop, acme: Maker) -> IssuedBatch:
    return workshop.issue(acme, 0, 300)


def published(workshop: Workshop, maker: Maker, digest: str, gtin: str = "") -> ProductPublished:
    return workshop.passport(maker, gtin or maker.gtin(), digest)


# Statements


def test_results_keep_the_order_and_a_refusal_names_its_rule(workshop: Workshop, acme: Maker, bolt: Maker) -> None:
    mine = workshop.sign(published(workshop, acme, "01" * 32), acme.key)
    foreign = workshop.sign(published(workshop, bolt, "02" * 32, acme.gtin()), bolt.key)
    results = workshop.submit(foreign, mine, b"advertising", mine)
    assert [result.error and result.error.code for result in results] == ["prefix_not_yours", None, "bad_json", None]
    assert (results[1].is_new, results[3].is_new) == (True, False)
    assert results[1].index == results[3].index
    assert results[0].to_json() == {"error": {"code": "prefix_not_yours", "message": str(results[0].error)}}
    assert results[1].to_json() == {"index": results[1].index, "is_new": True}


def test_the_same_bytes_keep_their_index_and_make_the_ledger_no_longer(workshop: Workshop, acme: Maker) -> None:
    entry = workshop.sign(published(workshop, acme, "03" * 32), acme.key)
    (first,) = workshop.submit(entry)
    size = workshop.registry.ledger.head.size
    (again,) = workshop.submit(entry)
    assert (again.index, again.is_new) == (first.index, False)
    assert workshop.registry.ledger.head.size == size


def test_statements_of_one_submission_rest_on_each_other(workshop: Workshop, bolt: Maker) -> None:
    key = SigningKey("bolt's second")
    proven = key.prove(origin=workshop.origin, issuer="bolt")
    added = workshop.sign(KeyAdded(workshop.header("bolt"), "bolt", proven), bolt.key)
    used = workshop.sign(published(workshop, bolt, "04" * 32), key)
    assert workshop.submit(used)[0].error is not None
    assert [result.error for result in workshop.submit(added, used)] == [None, None]


@pytest.mark.parametrize("count", [0, MAX_ENTRIES + 1])
def test_a_submission_has_1_to_256_entries(service: RegistryService, count: int) -> None:
    with pytest.raises(Malformed):
        service.submit([b"x"] * count)


def test_whoever_submits_reads_its_own_writes_within_a_second(workshop: Workshop, acme: Maker) -> None:
    started = time.monotonic()
    index = workshop.say(published(workshop, acme, "05" * 32), acme.key)
    assert time.monotonic() - started < 1.0
    current = workshop.registry.views.current
    assert current is not None and current.head.size > index
    assert current.products[acme.gtin()].digest == "05" * 32


def test_an_issuer_is_described_with_its_next_batch_number(
    workshop: Workshop, service: RegistryService, acme: Maker, batch: IssuedBatch
) -> None:
    found = service.find_issuer("acme")
    assert found is not None
    taken = workshop.registry.views.current.batches
    assert found["next_batch"] == 1 + max(number for owner, number in taken if owner == "acme") >= 1
    assert found["prefixes"] == ["69012340"]
    assert {"is_revoked": False, "key_id": acme.key.key_id} in found["keys"]
    assert service.find_issuer("nobody") is None


# Item hashes


def test_a_batch_can_be_told_only_after_its_last_tile(
    workshop: Workshop, service: RegistryService, acme: Maker
) -> None:
    batch = workshop.issue(acme, 10, 600, upload=False)
    first, second, third = tiles_of(batch)
    check = workshop.registry.checker.check
    assert service.batch_status("acme", 10) == {
        "count": 600,
        "index": batch.index,
        "is_complete": False,
        "missing_tiles": [0, 1, 2],
    }
    for tile in (third, first, first):
        service.put_item_tile("acme", 10, tile.index, tile.to_bytes())
        verdict = check(batch.url(0))
        assert (verdict.status, verdict.reason) == (Status.CANNOT_TELL, "items_not_uploaded")
    status = service.batch_status("acme", 10)
    assert status is not None and status["missing_tiles"] == [1]
    with pytest.raises(DidNotArrive) as caught:
        service.find_proof_document(batch.url(0))
    assert caught.value.code == "items_not_uploaded"
    service.put_item_tile("acme", 10, 1, second.to_bytes())
    status = service.batch_status("acme", 10)
    assert status is not None and (status["is_complete"], status["missing_tiles"]) == (True, [])
    for seq in (0, 255, 256, 511, 512, 599):
        assert check(batch.url(seq)).status is Status.GENUINE
    service.put_item_tile("acme", 10, 1, second.to_bytes())


@pytest.mark.parametrize(
    ("spoil", "code"),
    [
        (lambda data: b"", "wrong_length"),
        (lambda data: data[:-1], "wrong_length"),
        (lambda data: data[:-32], "wrong_length"),
        (lambda data: data + bytes(32), "wrong_length"),
        (lambda data: bytes(len(data)), "wrong_length"),
        (lambda data: data[:-1] + bytes([data[-1] ^ 1]), "bad_inclusion_proof"),
        (lambda data: data[:1] + bytes(32) + data[33:], "bad_inclusion_proof"),
        (lambda data: data[:33] + data[65:97] + data[33:65] + data[97:], "bad_inclusion_proof"),
    ],
)
def test_garbage_is_not_taken_for_item_hashes(workshop: Workshop, acme: Maker, spoil: Any, code: str) -> None:
    service = workshop.registry.service
    plan = BatchPlan(acme.gtin(), 11, 257)
    issued_at = datetime(2026, 1, 1, tzinfo=UTC)
    batch = sign_batch(plan, origin=workshop.origin, issuer="acme", key=acme.key, issued_at=issued_at)
    workshop.say(batch.statement, acme.key)  # the same bytes each time
    data = tiles_of(batch)[0].to_bytes()
    with pytest.raises(VerifierError) as caught:
        service.put_item_tile("acme", 11, 0, spoil(data))
    assert caught.value.code == code
    status = service.batch_status("acme", 11)
    assert status is not None and status["missing_tiles"] == [0, 1]


def test_a_tile_proves_itself_only_for_its_own_place(service: RegistryService, batch: IssuedBatch) -> None:
    first, second = tiles_of(batch)
    for place, code in [((0, 1), "wrong_length"), ((0, 2), "bad_inclusion_proof"), ((0, -1), "bad_inclusion_proof")]:
        with pytest.raises(VerifierError) as caught:
            service.put_item_tile("acme", place[0], place[1], first.to_bytes())
        assert caught.value.code == code
    with pytest.raises(VerifierError):
        service.put_item_tile("acme", 0, 0, second.to_bytes())


@pytest.mark.parametrize("place", [("acme", 999), ("nobody", 0), ("registry", 0)])
def test_items_of_a_batch_that_is_not_logged_are_not_taken(service: RegistryService, place: tuple[str, int]) -> None:
    with pytest.raises(NotFound) as caught:
        service.put_item_tile(*place, 0, bytes(33))
    assert caught.value.code == "unknown_batch"
    assert service.batch_status(*place) is None


# Documents


def make_document(key: SigningKey, gtin: str, kid: str = "") -> tuple[str, bytes]:
    payload = {"credentialSubject": {"id": f"https://id.example.cn/01/{gtin}", "name": "Power bank"}}
    header = make_header(kid or f"https://maker.example.cn/did#{key.key_id}")
    signed = f"{encode_part(header)}.{encode_part(json.dumps(payload).encode())}"
    data = f"{signed}.{encode_part(key.sign(signed.encode()))}".encode()
    return sha256(data).hexdigest(), data


def test_a_document_is_kept_byte_for_byte_under_its_digest(service: RegistryService, acme: Maker) -> None:
    digest, data = make_document(acme.key, acme.gtin())
    assert service.find_document(digest) is None
    service.put_document(digest, data)
    service.put_document(digest, data)
    assert service.find_document(digest) == ("application/vc+jwt", data)


def test_a_document_under_another_digest_is_refused(service: RegistryService, acme: Maker) -> None:
    digest, data = make_document(acme.key, acme.gtin(7))
    for wrong in ("00" * 32, digest.upper(), digest[:-1], ""):
        with pytest.raises(Malformed) as caught:
            service.put_document(wrong, data)
        assert caught.value.code == "digest_differs"
    assert service.find_document(digest) is None


def test_a_document_by_anybody_elses_key_is_refused(
    workshop: Workshop, service: RegistryService, acme: Maker, bolt: Maker
) -> None:
    cases = [
        (make_document(bolt.key, acme.gtin()), "unknown_key"),
        (make_document(SigningKey("stranger"), acme.gtin()), "unknown_key"),
        (make_document(acme.key, make_gtin("6907777")), "unknown_key"),
        (make_document(bolt.key, acme.gtin(), kid=f"did#{acme.key.key_id}"), "bad_signature"),
    ]
    for (digest, data), code in cases:
        with pytest.raises(DoesNotHold) as caught:
            service.put_document(digest, data)
        assert caught.value.code == code


def test_a_document_by_a_revoked_key_is_refused(workshop: Workshop, service: RegistryService, bolt: Maker) -> None:
    key = SigningKey("bolt's lost key")
    workshop.say(KeyAdded(workshop.header("bolt"), "bolt", key.prove(origin=workshop.origin, issuer="bolt")), bolt.key)
    early = make_document(key, bolt.gtin(1))
    service.put_document(*early)
    size = workshop.registry.ledger.head.size
    workshop.say(KeyRevoked(workshop.header("bolt"), "bolt", key.key_id, size, "lost"), bolt.key)
    with pytest.raises(DoesNotHold):
        service.put_document(*make_document(key, bolt.gtin(2)))
    assert service.find_document(early[0]) is not None, "nothing is deleted"


@pytest.mark.parametrize("subject", [None, "", "https://id.example.cn/01/123", "http://x/01/06901234000016", 7, "/01/"])
def test_a_document_about_no_product_is_refused(service: RegistryService, acme: Maker, subject: Any) -> None:
    payload = json.dumps({"credentialSubject": {"id": subject}}).encode()
    signed = f"{encode_part(make_header(f'x#{acme.key.key_id}'))}.{encode_part(payload)}"
    data = f"{signed}.{encode_part(acme.key.sign(signed.encode()))}".encode()
    with pytest.raises(Malformed):
        service.put_document(sha256(data).hexdigest(), data)


@pytest.mark.parametrize("digest", ["", "zz" * 32, "AB" * 32, "ab " * 21 + "a", "ab" * 31])
def test_what_is_no_digest_finds_no_document(service: RegistryService, digest: str) -> None:
    with pytest.raises(Malformed) as caught:
        service.find_document(digest)
    assert caught.value.code == "bad_hex"


# Proofs


def test_a_proof_document_convinces_a_stranger_of_the_same_verdict(
    workshop: Workshop, service: RegistryService, batch: IssuedBatch
) -> None:
    vkey = parse_vkey(str(service.describe()["status_vkey"]))
    for seq in (0, 255, 256, 299):
        document = service.find_proof_document(batch.url(seq))
        note = service.snapshot("acme") or b""
        trust = Trust(parse_policy(service.policy_text()), parse_snapshot(note, vkey))
        here = workshop.registry.checker.check(batch.url(seq))
        there = verify(batch.url(seq), trust=trust, ledger=DocumentSource(document), now=here.checked_at)
        assert there.status is Status.GENUINE
        assert there.to_json() == here.to_json()


def test_there_is_no_proof_for_those_who_guess_serials(
    service: RegistryService, acme: Maker, bolt: Maker, batch: IssuedBatch
) -> None:
    code = batch.codes[0]
    forged = replace(code, seal=replace(code.seal, signature=bytes(64)))
    for other in (
        forged,
        sign_code(bolt.key, gtin=acme.gtin(), batch=0, seq=0),
        sign_code(acme.key, gtin=acme.gtin(), batch=0, seq=300),
        sign_code(acme.key, gtin=acme.gtin(), batch=98, seq=0),
        sign_code(acme.key, gtin=make_gtin("6907777"), batch=0, seq=0),
    ):
        assert service.find_proof_document(other.to_path()) is None
    with pytest.raises(Malformed):
        service.find_proof_document(code.to_path() + "x")


# The ledger as files


def test_a_stranger_rebuilds_ledger_snapshot_and_shards_from_the_files(
    service: RegistryService, batch: IssuedBatch
) -> None:
    policy = parse_policy(service.policy_text())
    checkpoint = verify_checkpoint(service.checkpoint(), policy)
    size = checkpoint.size
    for tile in tiles_for_size(size):
        assert len(service.read_tile_path(tile.path) or b"") == 32 * tile.width
    tree = TileTree(size, lambda tile: service.read_tile_path(tile.path) or b"", root_hash=checkpoint.root_hash)
    entries: list[bytes] = []
    for bundle in entry_bundles_for_size(size):
        entries += parse_entry_bundle(service.read_tile_path(bundle.path) or b"", width=bundle.width)
    assert tree.root_hash() == root_from_leaf_hashes(map(leaf_hash, entries)) == checkpoint.root_hash
    state = fold_entries(entries, checkpoint.origin)
    assert state.disregarded == [] and state.registry is not None
    signed = parse_snapshot(service.snapshot(None) or b"", state.registry.status_vkey)
    mine = make_snapshot(
        fold_entries(entries[: signed.size], checkpoint.origin),
        root_hash=root_from_leaf_hashes(map(leaf_hash, entries[: signed.size])),
        as_of_at=signed.as_of_at,
        next_update_at=signed.next_update_at,
    )
    assert snapshot_text(mine) == snapshot_text(signed)
    shard = parse_snapshot(service.snapshot("acme") or b"", state.registry.status_vkey)
    assert replace(make_shard(mine, "acme"), as_of_at=shard.as_of_at, next_update_at=shard.next_update_at) == shard


def test_narrower_tiles_are_served_and_what_is_not_published_is_not(service: RegistryService) -> None:
    size = verify_checkpoint(service.checkpoint(), parse_policy(service.policy_text())).size
    whole = service.read_tile_path(f"tile/0/000.p/{size}")
    assert service.read_tile_path("tile/0/000.p/1") == (whole or b"")[:32]
    (first,) = parse_entry_bundle(service.read_tile_path("tile/entries/000.p/1") or b"", width=1)
    assert leaf_hash(first) == (whole or b"")[:32]
    for path in (f"tile/0/000.p/{size + 1}", "tile/0/000", "tile/0/001.p/1", "tile/1/000.p/1", "tile/entries/000"):
        assert service.read_tile_path(path) is None
    for path in ("", "tile/0/0", "../registry.toml", "tile/0/000.p/0", "tile/entries/000.p/256", "tile/0/000\n"):
        assert service.read_tile_path(path) is None


def test_the_shard_of_a_gtin_is_its_issuers(service: RegistryService, acme: Maker, bolt: Maker) -> None:
    assert service.snapshot_for_gtin(bolt.gtin()) == service.snapshot("bolt")
    assert service.snapshot_for_gtin(make_gtin("6907777")) is None
    assert service.snapshot("nobody") is None
    with pytest.raises(Malformed):
        service.snapshot_for_gtin("123")


# A ledger that has stopped


def test_a_stored_byte_that_does_not_hash_stops_everything(template: Settings, tmp_path: Path) -> None:
    with running_registry(template, tmp_path / "r") as workshop:
        acme = workshop.admit("acme", "69012340")
        batch = workshop.issue(acme, 0)
        registry, service = workshop.registry, workshop.registry.service
        assert registry.checker.check(batch.url(0)).status is Status.GENUINE
        with registry.store.database.write() as connection:
            connection.execute(text("UPDATE ledger_blobs SET data = zeroblob(length(data)) WHERE level = 0"))
        with pytest.raises(Unavailable):
            service.submit([workshop.sign(published(workshop, acme, "06" * 32), acme.key)])
        assert registry.ledger.fatal_error is not None
        verdict = registry.checker.check(batch.url(0))
        assert verdict.status is Status.CANNOT_TELL
        assert registry.checker.check("x").status is Status.MALFORMED
        assert registry.checker.check_lot(acme.gtin(), "L1").status is Status.CANNOT_TELL
        reads: list[Any] = [
            service.checkpoint,
            lambda: service.snapshot(None),
            lambda: service.snapshot_for_gtin(acme.gtin()),
            lambda: service.read_tile_path("tile/0/000.p/1"),
            lambda: service.find_issuer("acme"),
            lambda: service.batch_status("acme", 0),
            lambda: service.find_proof_document(batch.url(0)),
            lambda: service.put_item_tile("acme", 0, 0, tiles_of(batch)[0].to_bytes()),
            lambda: service.put_document(*make_document(acme.key, acme.gtin())),
            lambda: service.submit([b"x"]),
        ]
        for number, read in enumerate(reads):
            with pytest.raises(Unavailable) as caught:
                read()
            assert caught.value.code in ("ledger_stopped", "ledger_unavailable"), number
