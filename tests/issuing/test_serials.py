# SPDX-License-Identifier: Apache-2.0
"""A maker's own serials: what is accepted, what is refused and on which line, and that none is used twice. RFC 4180."""

from __future__ import annotations

import io
import multiprocessing
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from passport.domain.batch_plan import BatchPlan
from passport.domain.maker_errors import BadInput, StateConflict
from passport.domain.serial_file import DIGEST_SIZE, as_index, find_common, index_serials, scan_serials, serial_digest
from passport.services.issue_state import IssuerState
from tests.issuing.kit import GTIN, MAKER, Workshop, check_batch
from tests.support.makers import HOST, make_gtin
from tests.support.memory_registry import ORIGIN
from verifier.protocol.gs1 import CSET82
from verifier.protocol.product_code import make_serial


def scan(tmp_path: Path, data: bytes, column: str = "serial") -> list[str]:
    path = tmp_path / "s.csv"
    path.write_bytes(data)
    output = io.BytesIO()
    result = scan_serials(path, column, output)
    serials = output.getvalue().decode().splitlines()
    assert result.count == len(serials)
    assert result.preview == tuple(serials[:5])
    return serials


@pytest.mark.parametrize(
    ("data", "serials"),
    [
        (b"A1\nA2\n", ["A1", "A2"]),
        (b"A1\r\nA2", ["A1", "A2"]),
        (b"serial\nA1\nA2\n", ["A1", "A2"]),
        (b"\xef\xbb\xbfserial,line\r\nA1,x\r\nA2,y\r\n", ["A1", "A2"]),
        (b'no,serial\n1,"A,1"\n2,"A""2"\n', ["A,1", 'A"2']),
        (b"A1\n\n\nA2\n\n", ["A1", "A2"]),
        (b"=1+1\n-2\n+3\n", ["=1+1", "-2", "+3"]),
    ],
)
def test_serials_are_read_in_order(tmp_path: Path, data: bytes, serials: list[str]) -> None:
    assert scan(tmp_path, data) == serials


@pytest.mark.parametrize(
    ("data", "code", "words"),
    [
        (b"", "no_serials", "no serials"),
        (b"serial\n", "no_serials", "no serials"),
        (b"serial\nA1\nB 2\nA3\n", "bad_serials", "line 3: 'B 2'"),
        (b"serial\nA1\n\nB\xe2\x82\xac\n", "bad_serials", "line 4: "),
        (b"serial\n" + b"A" * 21 + b"\n", "bad_serials", "line 2: "),
        (b"serial\nA1\nA2\nA1\n", "duplicate_serials", "line 4: the serial stands on line 2"),
        (b"A1\nA1\n", "duplicate_serials", "line 2: the serial stands on line 1"),
        (b"a,b\nA1,x\n", "no_serial_column", "line 1: "),
        (b"serial,serial\nA1,x\n", "no_serial_column", "more than once"),
        (b"no,serial\n1,A1\n2\n", "bad_serials", "line 3: "),
        (b"serial\nA\xff1\n", "not_utf8", "line "),
        (b'serial\n"A1\n', "bad_csv", "line "),
        (b"serial\nA\x001\n", "bad_serials", "line 2: "),
        (b"serial\n.\n..\n", "bad_serials", "line 2: "),
        ("serial\n\uff1d1\n".encode(), "bad_serials", "line 2: "),
    ],
)
def test_a_bad_file_is_refused_with_the_number_of_the_line(tmp_path: Path, data: bytes, code: str, words: str) -> None:
    with pytest.raises(BadInput) as caught:
        scan(tmp_path, data)
    assert caught.value.code == code
    assert words in str(caught.value)


def test_all_faults_are_told_together_and_the_list_is_bounded(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"50 faults") as caught:
        scan(tmp_path, b"\n".join(b"bad %d" % number for number in range(50)))
    assert str(caught.value).count("line ") == 20
    assert "and 30 more" in str(caught.value)


def test_a_column_can_be_chosen(tmp_path: Path) -> None:
    assert scan(tmp_path, b"serial,SN\nx,A1\ny,A2\n", "SN") == ["A1", "A2"]


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.text(CSET82, min_size=1, max_size=20), unique=True, min_size=1, max_size=40),
    st.lists(st.text(CSET82, min_size=1, max_size=20), unique=True, max_size=40),
)
def test_a_serial_is_found_again_exactly_if_it_was_there(
    tmp_path_factory: pytest.TempPathFactory, new: list[str], old: list[str]
) -> None:
    place = tmp_path_factory.mktemp("index")
    indexes = []
    for name, serials in (("new", new), ("old", old)):
        (place / name).write_text("".join(f"{serial}\n" for serial in serials))
        indexes.append(index_serials(place / name))
    found = find_common(as_index(indexes[0]), as_index(indexes[1]))
    common = {serial_digest(serial) for serial in new} & {serial_digest(serial) for serial in old}
    if found is None:
        assert not common
    else:
        assert indexes[0][found * DIGEST_SIZE : (found + 1) * DIGEST_SIZE] in common


def test_own_serials_are_shown_before_anything_is_reserved(workshop: Workshop) -> None:
    serials = workshop.write_serials("serial\n" + "".join(f"S{number}\n" for number in range(7)))
    issued = workshop.issue(serials=serials)
    assert workshop.shown == [(issued.plan, ("S0", "S1", "S2", "S3", "S4"))]
    codes = check_batch(issued, workshop.registry)
    assert [code.serial for code in codes] == [f"S{number}" for number in range(7)]
    assert {code.seal.version for code in codes} == {2}


def test_every_printable_serial_survives_into_both_files(workshop: Workshop) -> None:
    wanted = [f"{character}{place:02d}" for place, character in enumerate(CSET82)]
    quoted = "".join('"' + serial.replace('"', '""') + '"\n' for serial in wanted)
    codes = check_batch(workshop.issue(serials=workshop.write_serials("serial\n" + quoted)), workshop.registry)
    assert [code.serial for code in codes] == wanted


def test_a_changed_file_is_another_order(workshop: Workshop) -> None:
    serials = workshop.write_serials("A1\nA2\n")
    workshop.issue(serials=serials)
    workshop.issue(serials=serials)
    with pytest.raises(StateConflict, match="list of serials"):
        workshop.issue(serials=workshop.write_serials("A1\nA3\n"))


def test_a_serial_of_an_earlier_batch_is_refused_by_name(workshop: Workshop) -> None:
    first = workshop.issue("one", serials=workshop.write_serials("A1\nA2\nA3\n"))
    with pytest.raises(StateConflict, match=r"serial A3 was used .* in batch 0") as caught:
        workshop.issue("two", serials=workshop.write_serials("B1\nA3\n", "other.csv"))
    assert caught.value.code == "serial_used"
    assert str(first.out) in str(caught.value)
    other = make_gtin(MAKER.prefixes[0], 2)
    assert workshop.issue("three", gtin=other, serials=workshop.write_serials("A1\n", "third.csv")).batch == 1


def test_a_serial_that_we_made_is_not_taken_from_a_file_again(workshop: Workshop) -> None:
    made = workshop.issue("made", count=20)
    inside, outside = make_serial(made.batch, 19), make_serial(made.batch, 20)
    with pytest.raises(StateConflict, match=f"serial {inside} was used"):
        workshop.issue("two", serials=workshop.write_serials(f"X1\n{inside}\n"))
    workshop.issue("three", serials=workshop.write_serials(f"X1\n{outside}\n"))


def test_a_number_whose_made_serials_were_brought_earlier_is_passed_over(workshop: Workshop) -> None:
    """Nine digits look like a made serial: 000100003 is batch 1, seq 3."""
    workshop.issue("one", serials=workshop.write_serials(f"{make_serial(1, 3)}\n"))
    second = workshop.issue("two", count=10)
    assert second.batch == 2
    check_batch(second, workshop.registry)


def _plan(job: int) -> BatchPlan:
    key_id = MAKER.key.key_id
    return BatchPlan(f"{job:032x}", ORIGIN, "maker", key_id, HOST, GTIN, "L1", date(2026, 3, 1), 5, 1)


def _reserve(root: Path, first_job: int, numbers: multiprocessing.Queue[int]) -> None:
    state = IssuerState(root, origin=ORIGIN, issuer="maker")
    for job in range(first_job, first_job + 20):
        numbers.put(state.reserve(_plan(job), root, next_batch=0))


def test_runs_at_the_same_time_get_different_numbers(tmp_path: Path) -> None:
    context = multiprocessing.get_context("fork")
    numbers: multiprocessing.Queue[int] = context.Queue()
    children = [context.Process(target=_reserve, args=(tmp_path, 100 * child, numbers)) for child in range(4)]
    for child in children:
        child.start()
    taken = sorted(numbers.get(timeout=60) for _ in range(80))
    for child in children:
        child.join()
    assert taken == list(range(80))


def test_a_job_gets_the_number_that_it_has(tmp_path: Path) -> None:
    state = IssuerState(tmp_path, origin=ORIGIN, issuer="maker")
    assert state.reserve(_plan(1), tmp_path, next_batch=7) == 7
    assert state.reserve(_plan(2), tmp_path, next_batch=0) == 8
    assert state.reserve(_plan(1), tmp_path, next_batch=20) == 7


def test_a_damaged_reservation_stops_the_run(tmp_path: Path) -> None:
    state = IssuerState(tmp_path, origin=ORIGIN, issuer="maker")
    state.reserve(_plan(1), tmp_path, next_batch=0)
    path = state.directory / "reservations" / "0000000000.json"
    path.write_bytes(path.read_bytes().replace(b'"batch":0', b'"batch":5'))
    with pytest.raises(StateConflict, match="not as it was written"):
        state.reserve(_plan(2), tmp_path, next_batch=0)
