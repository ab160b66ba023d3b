# SPDX-License-Identifier: Apache-2.0
"""`passport issue` against a registry in memory that polices its caller: one plan, one number, one code per seq."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from passport.domain.maker_errors import NotConfirmed, RegistryRefused, RegistryUnavailable, StateConflict
from passport.services.issue_segments import SEGMENT_WIDTH, SegmentMaker, SegmentTask, read_segment, segment_path
from passport.services.issuing import discard, issue
from tests.issuing.kit import GTIN, MAKER, Workshop, check_batch
from tests.support.makers import SigningKey, make_gtin, sign_code
from tests.support.memory_registry import ORIGIN, MemoryRegistry
from verifier.protocol.merkle import leaf_hash
from verifier.protocol.statements import parse_entry
from verifier.protocol.statements.products import BatchIssued


@pytest.mark.parametrize("count", [1, 2, 255, 256, 257, 1000, SEGMENT_WIDTH, SEGMENT_WIDTH + 1])
def test_a_finished_batch_agrees_with_the_ledger_the_naive_root_and_the_uploaded_hashes(
    workshop: Workshop, count: int
) -> None:
    issued = workshop.issue(count=count)
    codes = check_batch(issued, workshop.registry)
    assert len({code.identity for code in codes}) == count
    assert all(steps == [count, count] for steps in workshop.reporter.stages.values())


def test_two_workers_make_the_same_codes_as_one(workshop: Workshop, tmp_path: Path) -> None:
    (tmp_path / "second").mkdir()
    other = Workshop(tmp_path / "second")
    count = 3 * SEGMENT_WIDTH
    one = check_batch(issue(workshop.request(count=count), workshop.tools()), workshop.registry)
    two = check_batch(issue(other.request(count=count), other.tools(workers=2)), other.registry)
    assert one == two


def test_the_fast_loop_gives_what_the_protocol_spells_out(workshop: Workshop) -> None:
    """Every code of a segment, from its signature to its leaf, against ProductCode and signing_text."""
    path = workshop.write_serials("\n".join(f"A-{number}/{number:03d}" for number in range(40)))
    for name, changes in (("made", {"count": 40}), ("brought", {"serials": path})):
        issued = workshop.issue(name, **changes)
        for seq, code in enumerate(check_batch(issued, workshop.registry)):
            serial = None if name == "made" else f"A-{seq}/{seq:03d}"
            assert code == sign_code(MAKER.key, gtin=GTIN, batch=issued.batch, seq=seq, serial=serial)


def test_the_same_command_again_does_nothing(workshop: Workshop) -> None:
    first = workshop.issue()
    before = (len(workshop.registry.entries), (first.out / "codes.csv").stat().st_mtime_ns)
    assert workshop.issue() == first
    assert (len(workshop.registry.entries), (first.out / "codes.csv").stat().st_mtime_ns) == before


def test_another_directory_is_another_batch(workshop: Workshop) -> None:
    batches = [workshop.issue(f"out{number}").batch for number in range(3)]
    assert batches == [0, 1, 2]


def _calls_of_one_run(tmp_path: Path) -> int:
    (tmp_path / "counting").mkdir()
    counting = Workshop(tmp_path / "counting")
    counting.issue(count=600)
    return len(counting.registry.calls)


@pytest.mark.parametrize("fail_late", [False, True], ids=["not stored", "stored, but the answer was lost"])
def test_a_run_that_fails_at_any_call_is_finished_by_the_same_command(tmp_path: Path, fail_late: bool) -> None:
    for number in range(_calls_of_one_run(tmp_path)):
        place = tmp_path / f"{fail_late}-{number}"
        place.mkdir()
        workshop = Workshop(place, MemoryRegistry(fail_at=number, fail_late=fail_late))
        with pytest.raises(RegistryUnavailable):
            workshop.issue(count=600)
        issued = workshop.issue(count=600)
        check_batch(issued, workshop.registry)
        assert sum(isinstance(parse_entry(entry).statement, BatchIssued) for entry in workshop.registry.entries) == 1


def test_no_code_is_in_the_output_before_its_batch_is_logged(workshop: Workshop) -> None:
    def look(name: str) -> None:
        if name in ("submit", "find_batch", "put_item_tile"):
            assert not (workshop.directory / "out" / "codes.csv").exists()
            assert not (workshop.directory / "out" / "codes.ndjson").exists()

    workshop.registry.before_call = look
    workshop.issue()
    assert "put_item_tile" in workshop.registry.calls


def test_a_number_that_another_machine_took_meanwhile_is_left_to_it(workshop: Workshop, tmp_path: Path) -> None:
    (tmp_path / "other machine").mkdir()
    other = Workshop(tmp_path / "other machine", workshop.registry)
    is_first = True

    def race(name: str) -> None:
        nonlocal is_first
        if name == "submit" and is_first:
            is_first = False
            other.issue("theirs", lot="THEIRS")

    workshop.registry.before_call = race
    issued = workshop.issue(count=300)
    assert issued.batch == 1
    check_batch(issued, workshop.registry)
    assert workshop.reporter.said == ["Batch number 0 was taken meanwhile; the codes are made again under another."]


def test_a_damaged_segment_is_named_and_not_published(workshop: Workshop) -> None:
    def damage(name: str) -> None:
        if name == "put_item_tile":
            path = segment_path(workshop.directory / "out" / ".work" / "segments", 0)
            data = bytearray(path.read_bytes())
            data[len(data) // 2] ^= 1
            path.write_bytes(data)

    workshop.registry.before_call = damage
    with pytest.raises(StateConflict, match=r"000000\.seg.*digest") as caught:
        workshop.issue()
    assert caught.value.code == "segment_damaged"
    assert not (workshop.directory / "out" / "codes.csv").exists()


def test_a_removed_segment_is_made_again_to_the_same_codes(workshop: Workshop) -> None:
    """What the message of a damaged segment tells people to do."""
    workshop.registry.fail_at = 4
    with pytest.raises(RegistryUnavailable):
        workshop.issue()
    path = segment_path(workshop.directory / "out" / ".work" / "segments", 0)
    path.unlink()
    check_batch(workshop.issue(), workshop.registry)


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"count": 11}, "count"),
        ({"lot": "L2"}, "lot"),
        ({"gtin": make_gtin("6901234", 2)}, "GTIN"),
    ],
)
def test_another_order_in_the_same_directory_is_refused(
    workshop: Workshop, changes: dict[str, object], word: str
) -> None:
    workshop.issue()
    with pytest.raises(StateConflict, match=f"another {word}") as caught:
        workshop.issue(**changes)
    assert caught.value.code == "other_batch"


def test_a_batch_is_not_finished_with_another_key(workshop: Workshop) -> None:
    workshop.registry.fail_at = 3
    with pytest.raises(RegistryUnavailable):
        workshop.issue()
    with pytest.raises(StateConflict, match="begun by"):
        issue(workshop.request(), workshop.tools(signer=SigningKey("second")))


@pytest.mark.parametrize(
    ("issuer", "gtin", "key", "code"),
    [
        ("nobody", GTIN, "maker", "unknown_issuer"),
        ("maker", GTIN, "stranger", "unknown_key"),
        ("maker", make_gtin("6909999"), "maker", "prefix_not_yours"),
        ("city", GTIN, "city", "role_missing"),
    ],
)
def test_who_may_not_issue_is_told_before_anything_is_signed(
    workshop: Workshop, issuer: str, gtin: str, key: str, code: str
) -> None:
    workshop.registry.admit("city", SigningKey("city"), prefixes=(), roles=("authority",))
    with pytest.raises(RegistryRefused) as caught:
        issue(workshop.request(issuer=issuer, gtin=gtin), workshop.tools(signer=SigningKey(key)))
    assert caught.value.code == code
    assert not (workshop.directory / "out" / ".work" / "plan.json").exists()


def test_a_person_who_says_no_leaves_nothing_behind(workshop: Workshop) -> None:
    def refuse(*_: object) -> None:
        raise NotConfirmed("not_confirmed", "no")

    with pytest.raises(NotConfirmed):
        issue(workshop.request(), workshop.tools(confirm=refuse))
    assert not (workshop.directory / "state").exists()
    assert workshop.issue().batch == 0


def test_files_of_nobody_are_not_overwritten(workshop: Workshop) -> None:
    (workshop.directory / "out").mkdir()
    (workshop.directory / "out" / "codes.csv").write_text("precious")
    with pytest.raises(StateConflict) as caught:
        workshop.issue()
    assert caught.value.code == "files_in_the_way"
    assert (workshop.directory / "out" / "codes.csv").read_text() == "precious"


def test_an_unfinished_batch_can_be_given_up_and_its_number_is_free_again(workshop: Workshop) -> None:
    serials = workshop.write_serials("A1\nA2\n")
    workshop.registry.fail_at = 3
    with pytest.raises(RegistryUnavailable):
        workshop.issue(serials=serials)
    assert workshop.registry.calls[3] == "submit"  # which was not sent
    root = workshop.directory / "state"
    assert discard(workshop.directory / "out", registry=workshop.registry, state_root=root) == 0
    issued = workshop.issue("again", serials=serials)
    assert issued.batch == 0
    check_batch(issued, workshop.registry)


def test_a_logged_batch_cannot_be_given_up(workshop: Workshop) -> None:
    workshop.registry.fail_at, workshop.registry.fail_late = 3, True
    with pytest.raises(RegistryUnavailable):
        workshop.issue()
    assert workshop.registry.calls[3] == "submit"  # sent, stored, and the answer lost
    with pytest.raises(StateConflict) as caught:
        discard(workshop.directory / "out", registry=workshop.registry, state_root=workshop.directory / "state")
    assert caught.value.code == "batch_is_logged"
    check_batch(workshop.issue(), workshop.registry)


def test_a_code_that_does_not_verify_is_not_written(workshop: Workshop) -> None:
    class Faulty:
        public_key = MAKER.key.public_key

        def sign(self, message: bytes) -> bytes:
            return SigningKey("another").sign(message)

    with pytest.raises(StateConflict, match="does not verify") as caught:
        issue(workshop.request(), workshop.tools(signer=Faulty()))
    assert caught.value.code == "bad_code_made"
    assert not list((workshop.directory / "out" / ".work" / "segments").glob("*.seg"))


def test_a_segment_reads_back_as_it_was_written(workshop: Workshop, tmp_path: Path) -> None:
    plan = replace(workshop.issue().plan, count=300)
    maker = SegmentMaker(plan, 7, MAKER.key, tmp_path)
    task = SegmentTask(0, 0, 300)
    maker(task)
    segment = read_segment(tmp_path, 0)
    assert segment == maker.make(task)
    first = sign_code(MAKER.key, gtin=GTIN, batch=7, seq=0)
    assert segment.hashes[:32] == leaf_hash(first.item_leaf)
    assert plan.origin == ORIGIN
