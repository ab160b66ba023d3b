# SPDX-License-Identifier: Apache-2.0
"""The witness itself: C2SP tlog-witness's table of answers case by case, and what it may never sign."""

from __future__ import annotations

import os
import random
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

import verifier.files
from tests.support.forked_log import BRANCHES, ForkedLog
from tests.support.makers import SigningKey
from verifier.protocol.add_checkpoint import AddCheckpoint, parse_add_checkpoint, parse_size
from verifier.protocol.checkpoint import Checkpoint, parse_checkpoint
from verifier.protocol.cosignature import verify_cosignature
from verifier.protocol.errors import Malformed
from verifier.protocol.note import Note, NoteSignature, parse_note, verify_note
from verifier.witness import Answer, Witness
from verifier.witness_key import WitnessKey
from verifier.witness_store import KEY_FILE, StateError, WitnessStore, make_witness_directory, origin_hash

LOG = ForkedLog(fork_at=5)
KEY = WitnessKey("witness.example/w1", bytes(32))
NOW = 1_800_000_000


class Clock:
    """Stands where it is put."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> float:
        return self.now + 0.75


@pytest.fixture
def store(tmp_path: Path) -> Iterator[WitnessStore]:
    make_witness_directory(tmp_path / "w")
    (tmp_path / "w" / KEY_FILE).write_bytes(b"sealed elsewhere")
    with WitnessStore(tmp_path / "w") as store:
        yield store


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def witness(store: WitnessStore, clock: Clock) -> Witness:
    return Witness(KEY, [LOG.vkey], store, clock)


def ask(witness: Witness, old: int, new: int, branch: int = 0) -> Answer:
    return witness.add_checkpoint(LOG.request(old, new, branch))


def cosigned_at(answer: Answer, size: int, branch: int = 0) -> int:
    """The time of the cosignature in a good answer; fails unless it is over that tree."""
    assert answer.status == 200, answer.body
    text = parse_note(LOG.note(size, branch)).text
    note = parse_note(text.encode() + b"\n" + answer.body)
    assert len(note.signatures) == 1
    return verify_cosignature(note, KEY.vkey)


def size_of(witness: Witness) -> int:
    """What the witness says it cosigned last."""
    answer = ask(witness, 199, 200)
    assert (answer.status, answer.media_type) == (409, "text/x.tlog.size")
    return parse_size(answer.body)


# The table of answers


def test_200_a_checkpoint_that_continues_the_last_one_is_cosigned_with_the_hour(witness: Witness, clock: Clock) -> None:
    assert cosigned_at(ask(witness, 0, 3), 3) == NOW
    clock.now += 60
    assert cosigned_at(ask(witness, 3, 7), 7) == NOW + 60
    assert ask(witness, 7, 7).media_type.startswith("text/plain")


def test_200_the_same_checkpoint_again_gets_a_newer_time(witness: Witness, clock: Clock) -> None:
    ask(witness, 0, 7)
    clock.now += 3600
    assert cosigned_at(ask(witness, 7, 7), 7) == NOW + 3600


def test_200_the_empty_tree_is_a_tree(witness: Witness) -> None:
    assert cosigned_at(ask(witness, 0, 0), 0) == NOW
    assert cosigned_at(ask(witness, 0, 4), 4) == NOW


def test_200_extension_lines_are_cosigned_with_the_rest(witness: Witness) -> None:
    note = LOG.sign(Checkpoint(LOG.origin, 3, LOG.root(3), ("an extension",)))
    answer = witness.add_checkpoint(AddCheckpoint(0, (), note).to_bytes())
    assert answer.status == 200
    verify_cosignature(parse_note(parse_note(note).text.encode() + b"\n" + answer.body), KEY.vkey)


def test_200_strangers_signatures_are_ignored_and_not_kept(witness: Witness) -> None:
    note = parse_note(LOG.note(3))
    strange = (NoteSignature("x", 1, b"anything"), NoteSignature(LOG.origin, 7, bytes(64)))
    body = AddCheckpoint(0, (), Note(note.text, (*strange, *note.signatures)).to_bytes()).to_bytes()
    assert cosigned_at(witness.add_checkpoint(body), 3) == NOW
    kept = parse_note(witness.find_checkpoint(origin_hash(LOG.origin)) or b"")
    assert [line.name for line in kept.signatures] == [LOG.origin, KEY.vkey.name]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\n",
        b"old 0\n",
        b"old 0\n\n",
        b"old 00\n\n" + LOG.note(1),
        b"old +0\n\n" + LOG.note(1),
        b"old -1\n\n" + LOG.note(1),
        b"old  0\n\n" + LOG.note(1),
        b"old 0 \n\n" + LOG.note(1),
        b"Old 0\n\n" + LOG.note(1),
        b"old 0\r\n\r\n" + LOG.note(1),
        "old ٣\n\n".encode() + LOG.note(3),
        b"old 9223372036854775808\n\n" + LOG.note(1),
        b"old 0\n\n\n" + LOG.note(1),
        LOG.note(1),
        b"old 1\nAAAA\n\n" + LOG.note(2),
        b"old 1\nnot base64\n\n" + LOG.note(2),
        AddCheckpoint(1, (bytes(32),) * 64, LOG.note(2)).to_bytes(),
        b"old 0\n\n" + LOG.note(1)[:-1],
        b"old 0\n\n" + LOG.note(1).replace(b"\n1\n", b"\n01\n"),
        b"old 0\n\nno checkpoint\n\n" + LOG.note(1).rpartition(b"\n\n")[2],
        b"old 0\n\n" + LOG.note(1) + b"\xff\n",
        AddCheckpoint(0, (), LOG.note(1) + b"\xe2\x80\x94 x " + b"A" * 70_000 + b"\n").to_bytes(),
    ],
)
def test_400_what_is_not_a_request_is_refused(witness: Witness, body: bytes) -> None:
    assert witness.add_checkpoint(body).status == 400
    assert size_of(witness) == 0


def test_400_an_old_size_above_the_checkpoint(witness: Witness) -> None:
    ask(witness, 0, 7)
    assert witness.add_checkpoint(AddCheckpoint(7, (), LOG.note(6)).to_bytes()).status == 400


def test_403_without_a_good_signature_by_the_log(witness: Witness) -> None:
    note = parse_note(LOG.note(3))
    (line,) = note.signatures
    flipped = replace(line, signature=bytes([line.signature[0] ^ 1]) + line.signature[1:])
    for signatures in [(flipped,), (replace(line, key_id=1),), (replace(line, name="x"),), (line, flipped)]:
        body = AddCheckpoint(0, (), Note(note.text, signatures).to_bytes()).to_bytes()
        assert witness.add_checkpoint(body).status == 403
    thief = SigningKey("a thief")
    stolen = replace(line, signature=thief.sign(note.text.encode()))
    assert witness.add_checkpoint(AddCheckpoint(0, (), Note(note.text, (stolen,)).to_bytes()).to_bytes()).status == 403
    assert size_of(witness) == 0


def test_403_comes_before_what_the_request_asks_for(witness: Witness) -> None:
    """Who does not hold the log's key learns nothing, not even the size."""
    note = parse_note(LOG.note(3))
    unsigned = Note(note.text, (replace(note.signatures[0], key_id=1),)).to_bytes()
    assert witness.add_checkpoint(AddCheckpoint(9, (), unsigned).to_bytes()).status == 403


def test_404_a_log_that_this_witness_does_not_follow(witness: Witness) -> None:
    other = ForkedLog("log.example/other")
    assert witness.add_checkpoint(other.request(0, 3)).status == 404


def test_409_tells_the_size_that_was_cosigned_last(witness: Witness) -> None:
    assert ask(witness, 3, 7).body == b"0\n"
    ask(witness, 0, 7)
    for old, new in [(0, 9), (0, 7), (3, 7), (6, 9), (8, 9), (0, 0)]:
        answer = ask(witness, old, new)
        assert (answer.status, answer.body, answer.media_type) == (409, b"7\n", "text/x.tlog.size")


def test_409_also_for_a_smaller_tree(witness: Witness) -> None:
    ask(witness, 0, 7)
    assert ask(witness, 3, 6).status == 409
    assert size_of(witness) == 7


def test_422_a_proof_that_does_not_lead_there(witness: Witness) -> None:
    ask(witness, 0, 7)
    good = parse_add_checkpoint(LOG.request(7, 12))
    for proof in [(), good.proof[:-1], (*good.proof, bytes(32)), good.proof[::-1], (bytes(32), *good.proof[1:])]:
        assert witness.add_checkpoint(replace(good, proof=proof).to_bytes()).status == 422
    assert ask(witness, 7, 12, branch=1).status == 422
    assert size_of(witness) == 7


def test_422_a_proof_where_none_belongs(witness: Witness) -> None:
    assert witness.add_checkpoint(AddCheckpoint(0, (bytes(32),), LOG.note(3)).to_bytes()).status == 422
    ask(witness, 0, 3)
    assert witness.add_checkpoint(AddCheckpoint(3, (bytes(32),), LOG.note(3)).to_bytes()).status == 422


def test_422_a_tree_of_nothing_with_a_root_of_something(witness: Witness) -> None:
    note = LOG.sign(Checkpoint(LOG.origin, 0, bytes(32)))
    assert witness.add_checkpoint(AddCheckpoint(0, (), note).to_bytes()).status == 422


def test_422_another_tree_of_the_same_size_and_both_notes_are_kept(witness: Witness, tmp_path: Path) -> None:
    ask(witness, 0, 7)
    assert ask(witness, 7, 7, branch=1).status == 422
    kept = [parse_note(path.read_bytes()) for path in (tmp_path / "w" / "evidence").iterdir()]
    assert {parse_checkpoint(note.text).root_hash for note in kept} == {LOG.root(7, 0), LOG.root(7, 1)}
    for note in kept:
        verify_note(note, [LOG.vkey])
    for branch in (1, 0, 1):  # again and again: the evidence does not grow
        ask(witness, 7, 7, branch)
    assert len(list((tmp_path / "w" / "evidence").iterdir())) <= 4


# Clock, disk, restart


def test_it_does_not_sign_while_its_clock_is_behind_its_last_signature(witness: Witness, clock: Clock) -> None:
    ask(witness, 0, 3)
    clock.now -= 1
    assert ask(witness, 3, 7).status == 503
    assert size_of(witness) == 3
    clock.now += 1
    assert cosigned_at(ask(witness, 3, 7), 7) == NOW


def test_a_disk_that_fails_before_the_rename_costs_only_this_answer(
    witness: Witness, monkeypatch: pytest.MonkeyPatch
) -> None:
    ask(witness, 0, 3)
    with monkeypatch.context() as broken:
        broken.setattr(os, "rename", fail)
        assert ask(witness, 3, 7).status == 500
    assert size_of(witness) == 3
    assert ask(witness, 3, 6).status == 200


def test_a_disk_that_fails_after_the_rename_ends_signing_until_a_restart(
    store: WitnessStore, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    witness = Witness(KEY, [LOG.vkey], store, clock)
    ask(witness, 0, 3)
    with monkeypatch.context() as broken:
        broken.setattr(verifier.files, "sync_directory", fail)
        assert ask(witness, 3, 7).status == 500
    # It may be 3 or 7 after a power cut, so neither can be built upon; and the signature over 7 must not leave.
    assert [ask(witness, 3, 6).status, ask(witness, 7, 8).status] == [500, 500]
    assert b"\n3\n" in (witness.find_checkpoint(origin_hash(LOG.origin)) or b"")
    again = Witness(KEY, [LOG.vkey], store, clock)
    assert size_of(again) == 7


def fail(*_: object) -> None:
    raise OSError(5, "Input/output error")


def test_nothing_is_answered_that_is_not_on_the_disk(store: WitnessStore, clock: Clock) -> None:
    first = Witness(KEY, [LOG.vkey], store, clock)
    for old, new in [(0, 3), (3, 3), (3, 7)]:
        answer = ask(first, old, new)
        # A process that dies at any moment after the answer starts again with at least this tree.
        assert size_of(Witness(KEY, [LOG.vkey], store, clock)) == new
        assert answer.body.decode() in (store.read(LOG.origin) or b"").decode()


@pytest.mark.parametrize("damage", [b"", b"nonsense", LOG.note(2), LOG.note(9)])
def test_it_does_not_start_upon_a_memory_that_it_did_not_sign(store: WitnessStore, clock: Clock, damage: bytes) -> None:
    ask(Witness(KEY, [LOG.vkey], store, clock), 0, 3)
    store.path_of(LOG.origin).write_bytes(damage)
    with pytest.raises(StateError) as caught:
        Witness(KEY, [LOG.vkey], store, clock)
    assert caught.value.code == "bad_state"
    assert str(store.path_of(LOG.origin)) in str(caught.value)


def test_it_does_not_start_with_another_key_or_the_memory_of_another_log(store: WitnessStore, clock: Clock) -> None:
    ask(Witness(KEY, [LOG.vkey], store, clock), 0, 3)
    with pytest.raises(StateError):
        Witness(WitnessKey(KEY.vkey.name, bytes([1]) * 32), [LOG.vkey], store, clock)
    other = ForkedLog("log.example/other")
    store.path_of(other.origin).write_bytes(store.path_of(LOG.origin).read_bytes())
    with pytest.raises(StateError):
        Witness(KEY, [other.vkey], store, clock)


def test_one_directory_is_one_process_and_must_be_whole(store: WitnessStore, tmp_path: Path) -> None:
    with pytest.raises(StateError) as caught, WitnessStore(tmp_path / "w"):
        pass
    assert caught.value.code == "witness_running"
    (tmp_path / "empty").mkdir()
    with pytest.raises(StateError) as caught, WitnessStore(tmp_path / "empty"):
        pass
    assert caught.value.code == "not_a_witness"


def test_the_last_cosigned_checkpoint_is_there_for_monitors(witness: Witness) -> None:
    digest = origin_hash(LOG.origin)
    assert witness.find_checkpoint(digest) is None
    assert witness.find_checkpoint("0" * 64) is None
    ask(witness, 0, 3)
    note = parse_note(witness.find_checkpoint(digest) or b"")
    verify_note(note, [LOG.vkey])
    assert verify_cosignature(note, KEY.vkey) == NOW


# Many at once


@pytest.mark.parametrize("seed", range(3))
def test_eight_threads_with_two_histories_never_get_both_cosigned(tmp_path: Path, seed: int) -> None:
    logs = [ForkedLog(f"log.example/{seed}-{number}", fork_at=number % 3, size=40) for number in range(12)]
    directory = tmp_path / "w"
    make_witness_directory(directory)
    (directory / KEY_FILE).write_bytes(b"sealed elsewhere")
    with WitnessStore(directory) as store:
        witness = Witness(KEY, [log.vkey for log in logs], store, Clock())
        signed: list[tuple[ForkedLog, int, int]] = []
        begin = threading.Barrier(8)

        def climb(number: int) -> None:
            """Take one branch of every log as far as the witness lets us."""
            chance = random.Random(100 * seed + number)
            branch = number % 2
            begin.wait()
            for log in logs:
                old = 0
                for _ in range(25):
                    new = min(log.size, old + chance.randrange(0, 6))
                    answer = witness.add_checkpoint(log.request(old, new, branch))
                    if answer.status == 200:
                        signed.append((log, new, branch))
                        old = new
                    elif answer.status == 409:
                        old = parse_size(answer.body)
                    else:
                        assert answer.status == 422
                        break

        threads = [threading.Thread(target=climb, args=(number,)) for number in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    for log in logs:
        trees = {(size, log.root(size, branch)) for other, size, branch in signed if other is log}
        common = set(BRANCHES).intersection(*(log.branches_of(size, root) for size, root in trees))
        assert common, f"{log.origin}: cosigned trees of two histories"
        assert max(size for size, _ in trees) > log.fork_at, "the fork was never reached"


# The format of the request


def test_a_request_is_read_back_as_it_was_made() -> None:
    for old, new in [(0, 3), (3, 7), (7, 100), (7, 7)]:
        request = parse_add_checkpoint(LOG.request(old, new))
        assert (request.old_size, request.note) == (old, LOG.note(new))
        assert request.to_bytes() == LOG.request(old, new)


@pytest.mark.parametrize("body", [b"", b"7", b"07\n", b"7\n\n", b" 7\n", b"-7\n", b"7\r\n", "٧\n".encode(), b"x\n"])
def test_a_size_has_one_spelling(body: bytes) -> None:
    assert parse_size(b"7\n") == 7
    with pytest.raises(Malformed):
        parse_size(body)
