"""A Merkle tree in the shape of RFC 6962: one root over many leaves, a short proof for each.

A leaf is SHA-256 of a zero byte and what it stands for, a node SHA-256 of a one byte and both halves,
so that no node can pass for a leaf. The left half holds the largest power of two of leaves that is
smaller than all of them. Hashes are hexadecimal text.
"""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256

EMPTY = sha256(b"").hexdigest()
"""The root over no leaves at all."""


def leaf(content: bytes) -> str:
    """Return the leaf that stands for some content."""
    return sha256(b"\x00" + content).hexdigest()


def root(leaves: Sequence[str]) -> str:
    """Return the root over leaves in their order."""
    if not leaves:
        return EMPTY
    level = list(leaves)
    while len(level) > 1:
        pairs = [_node(level[i], level[i + 1]) for i in range(0, len(level) - 1, 2)]
        level = pairs + level[len(pairs) * 2 :]
    return level[0]


def path(leaves: Sequence[str], index: int) -> tuple[str, ...]:
    """Return the proof that a leaf is under the root: its neighbours on the way up.

    Raises
    ------
    IndexError
        If there is no such leaf.
    """
    if not 0 <= index < len(leaves):
        raise IndexError(f"leaf {index} of {len(leaves)}")
    level, found = list(leaves), []
    while len(level) > 1:
        if (beside := index ^ 1) < len(level):
            found.append(level[beside])
        pairs = [_node(level[i], level[i + 1]) for i in range(0, len(level) - 1, 2)]
        level = pairs + level[len(pairs) * 2 :]
        index //= 2
    return tuple(found)


def is_under(leaf: str, index: int, size: int, path: Sequence[str], root: str) -> bool:
    """Tell whether a proof shows that `leaf` is number `index` of `size` leaves under `root`."""
    if not 0 <= index < size:
        return False
    at, last, steps = leaf, size - 1, list(path)
    while last:
        if index % 2 or index < last:
            if not steps:
                return False
            beside = steps.pop(0)
            at = _node(beside, at) if index % 2 else _node(at, beside)
        index, last = index // 2, last // 2
    return not steps and at == root


def _node(left: str, right: str) -> str:
    return sha256(b"\x01" + bytes.fromhex(left) + bytes.fromhex(right)).hexdigest()
