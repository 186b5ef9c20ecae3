"""Neighbourhoods of a large round: teachers who share rows with each other more than with the rest.

Nothing but the shared rows is read, so a block may be a district, a stage or a part of either.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy import sparse

from matching.backends.linear import Floats
from matching.backends.master import Master
from matching.instance import Ints

SMALLEST = 20
"""A block of less than this part of the largest size is dissolved."""

ROUNDS = 5
"""How often teachers move to the block that most of what they share lies in."""


@dataclass(frozen=True)
class Blocks:
    """Which block each teacher belongs to, and how many of its teachers each row could hold.

    Parameters
    ----------
    of
        Shape (teachers,): the block of each teacher.
    reach
        Shape (rows, blocks): how many teachers of a block have a choice in a row.
    """

    of: Ints
    reach: Ints

    def __len__(self) -> int:
        return int(self.reach.shape[1])

    @cached_property
    def share(self) -> Floats:
        """Shape (rows, blocks): which part of the teachers a row could hold are in a block."""
        whole = np.maximum(self.reach.sum(axis=1, keepdims=True), 1)
        return np.asarray(self.reach / whole)

    @cached_property
    def home(self) -> Ints:
        """Shape (rows,): the block with at least half of a row's teachers, -1 if there is none."""
        return np.where(self.share.max(axis=1) >= 0.5, self.share.argmax(axis=1), -1)


def blocks_of(master: Master, largest: int) -> Blocks:
    """Return blocks of about `largest` teachers at most.

    First every row that is not too wide, the widest first, takes those of its teachers who are
    still free; then blocks that share much become one, and teachers move to where most of what they
    share lies. Narrow rows count more than wide ones.
    """
    inside = _inside(master)
    of = _merged(inside, _cover(inside, largest), largest)
    narrow = inside / np.maximum(inside.sum(axis=1), 1)[:, None]
    for _ in range(ROUNDS):
        count = int(of.max(initial=0)) + 1
        spread = (inside @ _one_hot(of, count)).toarray()
        spread = spread / np.maximum(spread.sum(axis=1, keepdims=True), 1)
        score = sparse.csr_array(narrow).T @ spread
        is_kept = np.bincount(of, minlength=count) * SMALLEST >= min(largest, len(of) // count)
        of = np.where(score.any(axis=1), np.argmax(score * is_kept, axis=1), of)
    of = np.unique(of, return_inverse=True)[1]
    return Blocks(of, (inside @ _one_hot(of, int(of.max(initial=0)) + 1)).toarray())


def _inside(master: Master) -> sparse.csr_array:
    """Return which teachers have a choice in a row, shape (rows, teachers)."""
    owner = master.draft.arc_teacher
    members = [np.unique(owner[row.arcs]) for row in master.rows]
    rows = np.repeat(np.arange(len(members)), [len(each) for each in members])
    teachers = np.concatenate([np.zeros(0, np.int64), *members])
    shape = (len(members), master.teachers)
    return sparse.csr_array((np.ones(len(rows), np.int64), (rows, teachers)), shape=shape)


def _cover(inside: sparse.csr_array, largest: int) -> Ints:
    of = np.full(inside.shape[1], -1)
    widths = np.diff(inside.indptr)
    count = 0
    for row in np.argsort(-widths, kind="stable").tolist():
        members = inside.indices[inside.indptr[row] : inside.indptr[row + 1]]
        free = members[of[members] < 0]
        if len(members) <= largest and len(free):
            of[free] = count
            count += 1
    of[of < 0] = count
    return of


def _merged(inside: sparse.csr_array, of: Ints, largest: int) -> Ints:
    """Make two blocks one, those whose people share most first, while they are not too large."""
    widths = np.maximum(inside.sum(axis=1), 1)[:, None]
    while True:
        count = int(of.max(initial=0)) + 1
        size = np.bincount(of, minlength=count)
        spread = (inside @ _one_hot(of, count)).toarray() / widths
        shared = spread.T @ spread / np.maximum(np.outer(size, size), 1)
        shared[np.add.outer(size, size) > largest] = 0
        one, other = np.unravel_index(np.argmax(np.triu(shared, 1)), shared.shape)
        if not np.triu(shared, 1).any():
            return of
        of = np.unique(np.where(of == other, one, of), return_inverse=True)[1]


def _one_hot(of: Ints, count: int) -> sparse.csr_array:
    places = (np.arange(len(of)), of)
    return sparse.csr_array((np.ones(len(of), np.int64), places), shape=(len(of), count))
