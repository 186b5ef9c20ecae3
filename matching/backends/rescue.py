"""Who lost much is seated anew, together with those who hold what she wants.

Seats given in stages leave a few people far below what prices promised them: what they need to
complete their hours is full, though many who sit there would lose little elsewhere. One such person,
those who could leave most cheaply a row that she lacks, those who could leave what these would move
to, and so on, are a small linear program over their near-best bundles in what all others leave. Nearly
all of its solution is whole; a dive rounds the rest.
"""

from __future__ import annotations

from dataclasses import dataclass
from heapq import heappop, heappush

import numpy as np
from scipy import sparse

from matching.backends.columns import columns_of, listed, usage_matrix
from matching.backends.dive import Width, dive_block
from matching.backends.kernel import NOTHING, Room
from matching.backends.lists import Places
from matching.backends.passes import near_of, usage_of, worths_of
from matching.backends.recover import Seating
from matching.instance import Ints
from matching.schema import UNLIMITED


@dataclass(frozen=True)
class Rescue:
    """How many people are tried, and how many others with each.

    A program is over about `people`, `each` of them for a row, with `most` bundles each. Who lost
    less than what the best option is worth, divided by `least`, is left alone.
    """

    turns: int
    people: int
    each: int
    most: int
    least: int = 100


ROUNDED = Width(0.0, 0.0, 0)
"""Programs are rounded as they are: no bundles join them on the way."""


def rescued(seating: Seating, prices: Ints, course: Rescue) -> int:
    """Improve an assignment around those who lost most at some prices; return how often it did."""
    desk, won = _Desk(seating, prices, course), 0
    for _ in range(course.turns):
        someone = int(np.argmax(desk.open_loss))
        if desk.open_loss[someone] * course.least < max(1, seating.purpose.unit):
            break
        won += desk.rescue(someone)
    return won


class _Desk:
    """An assignment with what everybody lost, on its way."""

    def __init__(self, seating: Seating, prices: Ints, course: Rescue) -> None:
        self.seating, self.market, self.course = seating, seating.market, course
        self.terms = seating.purpose.terms(prices)
        self.loss = seating.losses(prices)
        self.open_loss = self.loss.copy()

    def rescue(self, someone: int) -> bool:
        """Seat somebody and those around her anew if that is better; tell whether it is."""
        people, more = self._around(someone)
        self.open_loss[someone] = 0
        within = int(self.loss[someone])
        near = near_of(self.market.local, self.terms, people, self.course.most, within)
        place, bundles = listed(near, self.seating.held.shape[1])
        owner = np.concatenate([place, np.arange(len(people)), np.searchsorted(people, [*more])])
        held = np.vstack([bundles, self.seating.held[people], *more.values()])
        before, (_, worth) = self.seating.held[people], self.seating.standing(people)
        columns = columns_of(
            self.market, self.seating.purpose, people, owner.astype(np.int64), held
        )
        dive_block(self.seating, columns, ROUNDED)
        is_whole, reached = self.seating.standing(people)
        if not is_whole or reached <= worth:
            self.seating.put(people, before)
            return False
        best, _ = near.best()
        self.loss[people] = best - self._held_worth(people)
        tried = self.open_loss[people] == 0
        self.open_loss[people] = np.where(tried, 0, self.loss[people])
        return True

    def _around(self, someone: int) -> tuple[Ints, dict[int, Places]]:
        """Return somebody with those who could make room, and what these would move to.

        Rows are opened by what it costs to free a seat there, the cheapest first, up to her loss.
        """
        local, most = self.market.local, int(self.loss[someone])
        near = near_of(local, self.terms, np.array([someone]), self.course.most, most)
        more: dict[int, Places] = {}
        heap: list[tuple[int, int]] = []
        for place in range(int(near.found[0])):
            paid = int(near.worth[0, 0] - near.worth[0, place])
            self._lack(heap, paid, someone, near.held[0, place])
        users, seen = sparse.csr_array(usage_matrix(local, self.seating.held)), set[int]()
        while heap and len(more) < self.course.people:
            paid, row = heappop(heap)
            if row in seen:
                continue
            seen.add(row)
            holders = users.indices[users.indptr[row] : users.indptr[row + 1]].astype(np.int64)
            holders = np.setdiff1d(holders, [someone, *more])
            costs, others = self._leaving(holders, row)
            for each in np.argsort(costs, kind="stable")[: self.course.each]:
                cost = paid + max(0, int(costs[each]))
                if cost < most:
                    mover = int(holders[each])
                    more[mover] = self._padded(others[each])
                    self._lack(heap, cost, mover, others[each])
        return np.unique([someone, *more]), more

    def _lack(self, heap: list[tuple[int, int]], paid: int, person: int, bundle: Places) -> None:
        """Note the rows in which a person lacks a seat for a bundle."""
        local, wanted = self.market.local, self._padded(bundle)[None]
        need = usage_of(local, wanted)
        left = self.seating.usage - usage_of(local, self.seating.held[[person]])
        for row in np.flatnonzero((need > 0) & (left + need > self.market.hi)).tolist():
            heappush(heap, (paid, row))

    def _leaving(self, holders: Ints, row: int) -> tuple[Ints, Places]:
        """Return what some people would lose at prices without a row, and their best bundles then."""
        none = np.zeros(self.market.local.rows, np.int64)
        usage = none.copy()
        usage[row] = UNLIMITED
        room = Room(usage, none, none + UNLIMITED, none, True)
        best, others = near_of(self.market.local, self.terms, holders, room=room).best()
        lost = self._held_worth(holders) - best
        return np.where(best > NOTHING, lost, UNLIMITED), others

    def _held_worth(self, people: Ints) -> Ints:
        return worths_of(self.market.local, self.terms, people, self.seating.held[people])

    def _padded(self, bundle: Places) -> Places:
        wide = np.full(self.seating.held.shape[1], -1, np.int32)
        wide[: len(bundle)] = bundle
        return wide
