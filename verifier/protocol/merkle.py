# SPDX-License-Identifier: Apache-2.0
"""The Merkle tree over a ledger or a batch: hashes, roots, inclusion and consistency proofs. RFC 6962, section 2.1.

Everything here takes numbers and bytes. A verifier passes the size and the root that stand in a *signed* checkpoint;
a proof brings hashes and nothing else. Every hash is 32 bytes, checked before it is hashed: two halves of other
lengths could otherwise be glued together into the input of an honest node.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from hashlib import sha256

from verifier.protocol.errors import DoesNotHold

HASH_SIZE = 32
MAX_SIZE = 2**63 - 1
EMPTY_ROOT = sha256(b"").digest()

Subtree = Callable[[int, int], bytes]
"""Gives the Merkle tree hash of the leaves `lo` to `hi - 1`, for the ranges that are nodes of the tree."""


def leaf_hash(data: bytes) -> bytes:
    """Hash one entry as a leaf (RFC 6962, section 2.1: SHA-256 of 0x00 and the data)."""
    return sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Hash two subtrees into their parent (RFC 6962, section 2.1: SHA-256 of 0x01, left, right)."""
    return sha256(b"\x01" + left + right).digest()


def root_from_leaf_hashes(hashes: Iterable[bytes]) -> bytes:
    """Compute the Merkle tree hash over leaf hashes, in order. No leaves give `EMPTY_ROOT`."""
    level = list(hashes)
    if not level:
        return EMPTY_ROOT
    while len(level) > 1:
        # Pairing neighbours and carrying an odd last node up unchanged is the tree of the RFC: its left half is always
        # the largest power of two, so only the right edge is ever incomplete.
        carried = [level[-1]] if len(level) % 2 else []
        level = [sha256(b"\x01" + left + right).digest() for left, right in zip(level[::2], level[1::2], strict=False)]
        level += carried
    return level[0]


def split_point(size: int) -> int:
    """Return the largest power of two smaller than `size` (≥ 2): where the RFC cuts a tree in two."""
    return 1 << ((size - 1).bit_length() - 1)


def inclusion_proof(index: int, size: int, subtree: Subtree) -> tuple[bytes, ...]:
    """Build PATH(index, D[size]): the siblings from the leaf up to below the root (RFC 6962, section 2.1.1).

    Raises ValueError unless 0 ≤ index < size: to ask for such a proof is a mistake of the calling program.
    """
    if not 0 <= index < size:
        raise ValueError(f"there is no leaf {index} in a tree of {size} leaves")
    proof: list[bytes] = []
    lo, hi = 0, size
    while hi - lo > 1:
        middle = lo + split_point(hi - lo)
        if index < middle:
            proof.append(subtree(middle, hi))
            hi = middle
        else:
            proof.append(subtree(lo, middle))
            lo = middle
    return tuple(reversed(proof))


def consistency_proof(old_size: int, new_size: int, subtree: Subtree) -> tuple[bytes, ...]:
    """Build PROOF(old_size, D[new_size]) (RFC 6962, section 2.1.2); empty if the old size is 0 or the sizes are equal.

    Raises ValueError unless 0 ≤ old_size ≤ new_size.
    """
    if not 0 <= old_size <= new_size:
        raise ValueError(f"a tree of {new_size} leaves does not extend one of {old_size}")
    if old_size in (0, new_size):
        return ()
    proof: list[bytes] = []
    lo, hi = 0, new_size
    while hi != old_size:
        middle = lo + split_point(hi - lo)
        if old_size <= middle:
            proof.append(subtree(middle, hi))
            hi = middle
        else:
            proof.append(subtree(lo, middle))
            lo = middle
    if lo:
        # The old tree is not a whole left subtree of the new one, so the verifier does not have this node yet.
        proof.append(subtree(lo, hi))
    return tuple(reversed(proof))


def verify_inclusion(*, leaf_hash: bytes, index: int, size: int, proof: Sequence[bytes], root_hash: bytes) -> None:
    """Check that the leaf stands at `index` of the tree of `size` leaves with that root (RFC 6962, section 2.1.1).

    Raises DoesNotHold("bad_inclusion_proof"), also for an index outside the tree and for a proof that is too long or
    too short: index and size alone fix the number of hashes.
    """
    if not 0 <= index < size <= MAX_SIZE:
        raise DoesNotHold("bad_inclusion_proof", f"There is no leaf {index} in a tree of {size} leaves.")
    if not _are_hashes(leaf_hash, root_hash, *proof):
        raise DoesNotHold("bad_inclusion_proof", "Every hash of an inclusion proof is 32 bytes.")
    expected = _inclusion_length(index, size)
    if len(proof) != expected:
        raise DoesNotHold(
            "bad_inclusion_proof",
            f"Leaf {index} of {size} takes a proof of {expected} hashes, not {len(proof)}.",
        )
    value = leaf_hash
    node, last = index, size - 1
    siblings = iter(proof)
    while last:
        if node & 1:
            value = node_hash(next(siblings), value)
        elif node < last:
            value = node_hash(value, next(siblings))
        # else: the last node of an odd level has no sibling and is carried up as it is.
        node >>= 1
        last >>= 1
    if value != root_hash:
        raise DoesNotHold("bad_inclusion_proof", "The inclusion proof leads to another root hash.")


def verify_consistency(
    *, old_size: int, old_root: bytes, new_size: int, new_root: bytes, proof: Sequence[bytes]
) -> None:
    """Check that the new tree only appends to the old one (RFC 6962, section 2.1.2).

    An old tree of size 0, and equal sizes, take an empty proof; the roots are still compared.
    Raises DoesNotHold("bad_consistency_proof").
    """
    if not 0 <= old_size <= new_size <= MAX_SIZE:
        raise DoesNotHold("bad_consistency_proof", f"A tree of {new_size} leaves does not extend one of {old_size}.")
    if not _are_hashes(old_root, new_root, *proof):
        raise DoesNotHold("bad_consistency_proof", "Every hash of a consistency proof is 32 bytes.")
    if (old_size == 0 and old_root != EMPTY_ROOT) or (new_size == 0 and new_root != EMPTY_ROOT):
        raise DoesNotHold("bad_consistency_proof", "A tree of size 0 has the SHA-256 of nothing as its root.")
    if old_size in (0, new_size):
        if proof:
            raise DoesNotHold("bad_consistency_proof", "Equal sizes, or an empty old tree, take an empty proof.")
        if old_size == new_size and old_root != new_root:
            raise DoesNotHold("bad_consistency_proof", "Two trees of one size have different root hashes.")
        return
    computed = _roots_from_consistency_proof(old_size, old_root, new_size, proof)
    if computed is None:
        raise DoesNotHold("bad_consistency_proof", "The consistency proof has the wrong number of hashes.")
    if computed != (old_root, new_root):
        raise DoesNotHold("bad_consistency_proof", "The new tree is not an extension of the old one.")


def _roots_from_consistency_proof(
    old_size: int, old_root: bytes, new_size: int, proof: Sequence[bytes]
) -> tuple[bytes, bytes] | None:
    """Rebuild both roots from a proof for 0 < old_size < new_size; None if it has too many or too few hashes."""
    node, last = old_size - 1, new_size - 1
    while node & 1:
        node >>= 1
        last >>= 1
    # `node` is now the largest whole subtree that ends where the old tree ends. If it is the whole old tree, the proof
    # leaves it out, because the verifier knows that hash already: it is the old root.
    hashes = iter(proof if node else (old_root, *proof))
    count = (len(proof) if node else len(proof) + 1) - 1
    if count != _consistency_steps(node, last):
        return None
    old = new = next(hashes)
    while last:
        if node & 1:
            sibling = next(hashes)
            old = node_hash(sibling, old)
            new = node_hash(sibling, new)
        elif node < last:
            new = node_hash(new, next(hashes))
        node >>= 1
        last >>= 1
    return old, new


def _inclusion_length(index: int, size: int) -> int:
    """Count the siblings of a leaf: one per level below the split from the right edge, one per left turn above it."""
    inner = (index ^ (size - 1)).bit_length()
    return inner + (index >> inner).bit_count()


def _consistency_steps(node: int, last: int) -> int:
    """Count the hashes that a walk from `node` to the root consumes, when `last` is the last node of that level."""
    inner = (node ^ last).bit_length()
    return inner + (node >> inner).bit_count()


def _are_hashes(*values: bytes) -> bool:
    return all(len(value) == HASH_SIZE for value in values)
