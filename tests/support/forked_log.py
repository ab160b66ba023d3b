# SPDX-License-Identifier: Apache-2.0
"""A log that lies: two histories that are the same up to one size, both signed. For those who must not fall for it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from tests.support.makers import SigningKey
from tests.support.naive_tree import NaiveTree
from verifier.protocol.add_checkpoint import AddCheckpoint
from verifier.protocol.checkpoint import Checkpoint
from verifier.protocol.note import ALG_ED25519, Note, NoteSignature, VKey, make_vkey

BRANCHES = (0, 1)


@dataclass(frozen=True)
class ForkedLog:
    """`fork_at`: the size up to which both branches are one history; `size`: how far each of them goes."""

    origin: str = "log.example/forked"
    fork_at: int = 0
    size: int = 200

    @property
    def key(self) -> SigningKey:
        return SigningKey(self.origin)

    @property
    def vkey(self) -> VKey:
        return make_vkey(self.origin, ALG_ED25519, self.key.public_key)

    @cached_property
    def trees(self) -> tuple[NaiveTree, NaiveTree]:
        trees = NaiveTree(self.size), NaiveTree(self.size)
        other = NaiveTree(self.size, b"other")
        trees[1].leaves[self.fork_at :] = other.leaves[self.fork_at :]
        return trees

    def root(self, size: int, branch: int = 0) -> bytes:
        return self.trees[branch].root(size)

    def sign(self, checkpoint: Checkpoint) -> bytes:
        """The checkpoint as a note by this log's key, whatever it says."""
        text = checkpoint.to_text()
        line = NoteSignature(self.vkey.name, self.vkey.key_id, self.key.sign(text.encode()))
        return Note(text, (line,)).to_bytes()

    def note(self, size: int, branch: int = 0) -> bytes:
        return self.sign(Checkpoint(self.origin, size, self.root(size, branch)))

    def proof(self, old: int, new: int, branch: int = 0) -> tuple[bytes, ...]:
        return () if old in (0, new) else self.trees[branch].consistency(old, new)

    def request(self, old: int, new: int, branch: int = 0) -> bytes:
        """The body of an add-checkpoint request that is honest within its branch."""
        return AddCheckpoint(old, self.proof(old, new, branch), self.note(new, branch)).to_bytes()

    def branches_of(self, size: int, root: bytes) -> set[int]:
        """The branches that have this root at this size."""
        return {branch for branch in BRANCHES if self.root(size, branch) == root}
