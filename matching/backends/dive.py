"""The undecided: a linear program over their near-best bundles, rounded a few people at a time.

Most people hold their best bundle at the prices and nobody else wants what they hold. For the
others a linear program over their few best bundles, in what those who stay put leave, is nearly
whole-numbered; who is whole is fixed, and the rest is solved again.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import sparse

from matching.backends.columns import (
    Columns,
    columns_of,
    first_of_each,
    listed,
    program_of,
    usage_matrix,
)
from matching.backends.kernel import NOTHING
from matching.backends.linear import Floats, Program, solve_lp, solve_mip
from matching.backends.lists import Places
from matching.backends.local import Local
from matching.backends.passes import near_of, worths_of
from matching.backends.recover import Seating
from matching.instance import Ints, Mask


@dataclass(frozen=True)
class Width:
    """How wide a dive looks, in parts of what an option is worth at most.

    Parameters
    ----------
    free
        People with a loss, or a second bundle so near to their best, are undecided.
    column, most
        An undecided person may take bundles so near to her best, at most so many.
    nodes
        How many nodes an integer program gets for those who are not whole; 0: rounding alone.
    more
        So many bundles everybody still open gains at the duals of each linear program but the first.
    is_late
        Whether the integer program comes after those who are whole in the linear one are fixed;
        such a dive also cuts its blocks another way.
    """

    free: float
    column: float
    most: int
    nodes: int = 0
    is_late: bool = False
    more: int = 0


BLOCK = 2_500
"""A linear program seats at most about so many undecided people; more are taken block by block."""


def dive(seating: Seating, prices: Ints, width: Width) -> None:
    """Improve an assignment by diving over the undecided, block by block where they are many."""
    people = _undecided(seating, prices, width)
    for block in blocks_of(seating.market.local, people, BLOCK, is_late=width.is_late):
        dive_block(seating, _columns(seating, prices, width, block), width)


def dive_block(seating: Seating, columns: Columns, width: Width) -> None:
    """Seat a block anew; who has the better lot keeps it where nothing is won."""
    people = columns.people
    before, (was_whole, worth) = seating.held[people], seating.standing(people)
    seating.put(people, -1)
    _round(seating, columns, width)
    seating.upgrade(people, 2)
    is_whole, reached = seating.standing(people)
    if was_whole and (not is_whole or reached <= worth):
        seating.put(people, before)


def _undecided(seating: Seating, prices: Ints, width: Width) -> Ints:
    """Return the people who hold less than their best, or nearly as gladly held another bundle."""
    market, purpose = seating.market, seating.purpose
    within = int(width.free * purpose.unit)
    near = market.near(purpose, prices, most=2, within=within)
    return np.flatnonzero((near.found > 1) | (seating.losses(prices) > 0))


def blocks_of(local: Local, people: Ints, most: int, *, is_late: bool = False) -> list[Ints]:
    """Return people in blocks of so many at most, neighbours by what they may choose together; late ones otherwise."""
    has = local.start[people] < local.start[people + 1]
    people = people[has]
    edge = local.start[people + 1] - 1 if is_late else local.start[people]
    people = people[np.argsort(local.offer[edge], kind="stable")]
    count = -(-len(people) // most)
    return [np.sort(block) for block in np.array_split(people, count)] if count else []


def _columns(seating: Seating, prices: Ints, width: Width, free: Ints) -> Columns:
    market, purpose = seating.market, seating.purpose
    terms = purpose.terms(prices)
    within = int(width.column * purpose.unit)
    near = near_of(market.local, terms, free, most=width.most, within=within)
    place, bundles = listed(near, seating.held.shape[1])
    owner = np.concatenate([place, np.arange(len(free))])
    bundles = np.concatenate([bundles, seating.held[free]])
    return columns_of(market, purpose, free, owner, bundles)


def _round(seating: Seating, columns: Columns, width: Width) -> None:
    """Seat the people of some columns: linear programs, each fixing those who are whole."""
    rest = _Rest(seating, columns)
    is_first = True
    while rest.is_open.any():
        found = rest.solved()
        if found is not None and not is_first and rest.widen(found, width):
            found = rest.solved()
        if found is None:
            return
        x = found.x
        part = int((x > 1e-6).sum() - (x > 1 - 1e-6).sum())
        ends = width.nodes > 0 and not (width.is_late and is_first)
        if ends and part:
            whole = rest.program(found.which, whole=True)[0]
            answer = solve_mip(whole, width.nodes, 1e-6)
            x = x if answer is None else answer.x[: len(x)]
        waits = width.nodes > 0 and not ends
        fixed = np.flatnonzero(x > 1 - 1e-6) if waits else _chosen(x)
        if not len(fixed):
            return
        rest.fix(found.which[fixed])
        if not part or ends:
            return
        is_first = False


@dataclass(frozen=True)
class _Found:
    """What a linear program over some columns gives them, and its price of every shared row."""

    which: Ints
    x: Floats
    prices: Ints


class _Rest:
    """Those still open on the way of a dive, with the columns they may take."""

    def __init__(self, seating: Seating, columns: Columns) -> None:
        self.seating, self.columns = seating, columns
        self.usage = usage_matrix(seating.market.local, columns.held)
        self.is_open = np.ones(len(columns.people), bool)
        self.possible = np.ones(len(columns.owner), bool)
        self.room = seating.market.room(seating.purpose, seating.usage)

    def solved(self) -> _Found | None:
        """Solve the linear program over every column that still fits."""
        which = np.flatnonzero(self.is_open[self.columns.owner] & self.possible)
        which = which[_fits(self.usage[:, which], self.room.hi - self.room.usage)]
        if not len(which):
            return None
        program, rows = self.program(which, whole=False)
        answer = solve_lp(program)
        if answer is None:
            return None
        prices = np.zeros(self.usage.shape[0])
        np.add.at(prices, rows[rows >= 0], answer.duals[rows >= 0])
        return _Found(which, answer.x[: len(which)], np.rint(prices).astype(np.int64))

    def program(self, which: Ints, *, whole: bool) -> tuple[Program, Ints]:
        """Return the program over some columns in what is left."""
        return program_of(self.columns, which, self.usage[:, which], self.room, whole=whole)

    def widen(self, found: _Found, width: Width) -> bool:
        """Give everybody still open her best bundles at the duals; tell whether any is new.

        Who was fixed has changed what seats are worth to the others.
        """
        if not width.more:
            return False
        market, purpose, columns = self.seating.market, self.seating.purpose, self.columns
        free = np.flatnonzero(self.is_open)
        people, terms = columns.people[free], purpose.terms(found.prices)
        within = int(width.column * purpose.unit)
        near = near_of(market.local, terms, people, width.more, within, room=self.room)
        place, bundles = listed(near, columns.held.shape[1])
        owner = np.concatenate([columns.owner, free[place]])
        held = np.concatenate([columns.held, bundles])
        new = first_of_each(owner, held)
        new = new[new >= len(columns.owner)]
        if not len(new):
            return False
        self._add(owner[new], held[new])
        return True

    def _add(self, owner: Ints, held: Places) -> None:
        market, columns = self.seating.market, self.columns
        plain = self.seating.purpose.terms(np.zeros(market.local.rows, np.int64))
        worth = worths_of(market.local, plain, columns.people[owner], held)
        lawful = worth > NOTHING
        self.columns = Columns(
            columns.people,
            np.concatenate([columns.owner, owner[lawful]]),
            np.concatenate([columns.held, held[lawful]]),
            np.concatenate([columns.worth, worth[lawful]]),
        )
        more = usage_matrix(market.local, held[lawful])
        self.usage = sparse.csc_array(sparse.hstack([self.usage, more]))
        self.possible = np.concatenate([self.possible, np.ones(int(lawful.sum()), bool)])

    def fix(self, fixed: Ints) -> None:
        """Seat the owners of some columns; a column that no longer fits is refused."""
        columns, seating = self.columns, self.seating
        taken = _take(fixed, columns, self.usage, self.room.hi - self.room.usage)
        seating.put(columns.people[columns.owner[taken]], columns.held[taken])
        self.is_open[columns.owner[taken]] = False
        self.possible[np.setdiff1d(fixed, taken)] = False
        self.room = seating.market.room(seating.purpose, seating.usage)


def _fits(usage: sparse.csc_array, left: Ints) -> Mask:
    columns = np.repeat(np.arange(usage.shape[1]), np.diff(usage.indptr))
    over = usage.data > left[usage.indices]
    return np.asarray(np.bincount(columns, over, minlength=usage.shape[1]) == 0)


def _chosen(x: Floats) -> Ints:
    """Return the whole columns, then the largest quarter of those of at least one half."""
    whole = np.flatnonzero(x > 1 - 1e-6)
    half = np.flatnonzero((x >= 0.5) & (x <= 1 - 1e-6))
    half = half[np.argsort(-x[half], kind="stable")][: max(3, len(half) // 4)]
    if not len(whole) and not len(half):
        half = np.flatnonzero(x > 1e-6)
        half = half[np.argsort(-x[half], kind="stable")][:3]
    return np.concatenate([whole, half])


def _take(fixed: Ints, columns: Columns, usage: sparse.csc_array, left: Ints) -> Ints:
    """Return the columns that fit beside each other, taken in turn, one for each person."""
    left, taken, seen = left.copy(), [], set()
    for column in fixed.tolist():
        begin, end = usage.indptr[column], usage.indptr[column + 1]
        rows, amounts = usage.indices[begin:end], usage.data[begin:end]
        owner = int(columns.owner[column])
        if owner not in seen and (amounts <= left[rows]).all():
            left[rows] -= amounts
            seen.add(owner)
            taken.append(column)
    return np.array(taken, np.int64)
