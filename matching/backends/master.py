"""The master problem: one bundle for each teacher, shared rows, switches, and prices that bound it.

`Master` holds what stays the same over all tiers; an `Objective` says what one tier maximises and
which earlier values it must keep. `bound` is weak duality with whole-number prices: any prices give
a valid bound, and anybody can recompute it.
"""

from __future__ import annotations

import copy

import numpy as np
from scipy import sparse

from matching.backends.bundles import Bundles
from matching.backends.objective import (
    FORBIDDING,
    FREE,
    NO,
    PRICE_SCALE,
    Floor,
    Objective,
    Prices,
)
from matching.exactness import EXACT
from matching.instance import Ints, Mask
from matching.primitives import Draft
from matching.schema import UNLIMITED


class Master:
    """Shared rows as matrices over choices (seats) and over bundles (heads)."""

    def __init__(self, draft: Draft, bundles: Bundles) -> None:
        self.draft = draft
        self.bundles = bundles
        self.rows = tuple(draft.shared_rows)
        self.lo = np.array([row.lo for row in self.rows], np.int64)
        self.hi = np.array([row.hi for row in self.rows], np.int64)
        self.switches = tuple(sorted(draft.switches))
        place = {name: i for i, name in enumerate(self.switches)}
        self.switch_of = np.array(
            [place[row.switch] if row.switch else -1 for row in self.rows], np.int64
        )
        self.lay(self._seat_rows(), self._head_rows())
        self.dearest = self._dearest_prices()

    def lay(self, seat_rows: sparse.csr_array, head_rows: sparse.csr_array) -> None:
        """Keep the rows in each order in which they are asked for, thousands of times in a solve."""
        self.seat_rows, self.head_rows = sparse.csr_array(seat_rows), sparse.csr_array(head_rows)
        self.head_columns = sparse.csc_array(head_rows)
        self._seat_payers, self._head_payers = self.seat_rows.T, self.head_rows.T

    def _dearest_prices(self) -> Ints:
        """Return the highest price of each row at which all that is ever paid adds up exactly."""
        most, each = np.ones(len(self.rows)), np.ones(len(self.rows))
        for part in (self.seat_rows, self.head_rows):
            if part.nnz:
                most += np.asarray(part.sum(axis=1)).ravel()
                each = np.maximum(each, part.max(axis=1).toarray().ravel())
        most = np.maximum(most, np.where(self.hi < UNLIMITED, self.hi, self.lo))
        highest = EXACT / (most / each).sum(initial=1) / each
        return np.asarray(np.maximum(highest, 1).astype(np.int64))

    def dearest_floor(self, floor: Floor) -> int:
        """Return the highest multiplier of an earlier tier at which its sums are exact."""
        lacking = int((floor.weights.astype(float) * self.lo).sum())
        return EXACT // max(1, floor.largest * self.teachers + abs(floor.at_least) + lacking)

    def _seat_rows(self) -> sparse.csr_array:
        shape = (len(self.rows), self.draft.arcs + 1)
        parts = [(i, row) for i, row in enumerate(self.rows) if not row.heads]
        which = np.concatenate([np.full(len(row.arcs), i) for i, row in parts] or [_none()])
        arcs = np.concatenate([row.arcs for _, row in parts] or [_none()])
        coefs = np.concatenate([row.weights for _, row in parts] or [_none()])
        return sparse.csr_array((coefs, (which, arcs)), shape=shape, dtype=np.int64)

    def _head_rows(self) -> sparse.csr_array:
        shape = (len(self.rows), len(self.bundles))
        which, columns = [_none()], [_none()]
        for i, row in enumerate(self.rows):
            if row.heads:
                touched = np.flatnonzero(self.bundles.touches(row.arcs, self.draft.arcs))
                which.append(np.full(len(touched), i))
                columns.append(touched)
        ones = np.ones(sum(map(len, columns)), np.int64)
        place = (np.concatenate(which), np.concatenate(columns))
        return sparse.csr_array((ones, place), shape=shape, dtype=np.int64)

    @property
    def teachers(self) -> int:
        """Number of teachers, those of a part alone included."""
        return len(self.bundles.start) - 1

    def part(self, teachers: Ints, rows: Ints, lo: Ints, hi: Ints) -> tuple[Master, Ints]:
        """Return the master over some teachers and rows with limits of their own.

        The second answer holds the place of each of its bundles here.
        """
        part = copy.copy(self)
        part.bundles, places = self.bundles.part(teachers)
        part.rows = tuple(self.rows[row] for row in rows)
        part.lo, part.hi, part.dearest = lo, hi, self.dearest[rows]
        used = self.switches_of(rows)
        part.switches = tuple(self.switches[switch] for switch in used)
        switch_of = self.switch_of[rows]
        part.switch_of = np.where(switch_of < 0, -1, np.searchsorted(used, switch_of))
        part.lay(self.seat_rows[rows], self.head_rows[rows][:, places])
        return part, places

    def switches_of(self, rows: Ints) -> Ints:
        """Return the positions of the switches of some rows."""
        found = np.unique(self.switch_of[rows])
        return found[found >= 0]

    def restrict(self, mask: Mask) -> Master:
        """Return the master over some of the bundles."""
        return Master(self.draft, self.bundles.keep(mask))

    def usage(self, pick: Ints) -> Ints:
        """Return how much of each row a choice of one bundle per teacher uses."""
        held = np.bincount(self.bundles.arcs[pick].ravel(), minlength=self.draft.arcs + 1)
        held[-1] = 0
        chosen = np.bincount(pick, minlength=len(self.bundles))
        return np.asarray(self.seat_rows @ held + self.head_rows @ chosen)

    def usage_of(self, bundle: int) -> Ints:
        """Return how much of each row one bundle uses."""
        return np.asarray(self.columns(np.array([bundle])).toarray()[:, 0])

    def columns(self, which: Ints) -> sparse.csr_array:
        """Return the rows' coefficients of some bundles, shape (rows, bundles)."""
        arcs = self.bundles.arcs[which]
        width = arcs.shape[1]
        held = sparse.csr_array(
            (
                np.ones(arcs.size, np.int64),
                (arcs.ravel(), np.repeat(np.arange(len(which)), width)),
            ),
            shape=(self.draft.arcs + 1, len(which)),
        )
        heads = sparse.csr_array(self.head_columns[:, which])
        return sparse.csr_array(self.seat_rows @ held + heads)

    def reduced(self, objective: Objective, prices: Prices) -> Ints:
        """Return each bundle's value less the prices of the rows it uses, in 1/PRICE_SCALE."""
        worth = objective.values * PRICE_SCALE
        for floor, multiplier in zip(objective.floors, prices.floors.tolist(), strict=True):
            worth = worth + floor.values * multiplier
        return np.asarray(worth - self.paid(prices.rows))

    def paid(self, rows: Ints) -> Ints:
        """Return what each bundle pays at these prices of rows."""
        per_arc = np.asarray(self._seat_payers @ rows)
        return np.asarray(self.bundles.total(per_arc[:-1]) + self._head_payers @ rows)

    def best(self, reduced: Ints) -> Ints:
        """Return each teacher's highest reduced value."""
        return np.maximum.reduceat(reduced, self.bundles.start[:-1])

    def argbest(self, reduced: Ints) -> Ints:
        """Return each teacher's first bundle of highest reduced value."""
        top = reduced == np.repeat(self.best(reduced), np.diff(self.bundles.start))
        places = np.flatnonzero(top)
        first = np.searchsorted(self.bundles.teacher[places], np.arange(self.teachers))
        return places[first]

    def legal(self, objective: Objective, prices: Prices) -> Prices:
        """Return the nearest prices whose signs make weak duality hold, and whose sums are exact."""
        dearest = self.dearest
        most = np.array([self.dearest_floor(floor) for floor in objective.floors], np.int64)
        floors = np.clip(prices.floors, 0, most)
        weight = objective.weights * PRICE_SCALE
        for floor, multiplier in zip(objective.floors, floors.tolist(), strict=True):
            weight = weight + floor.weights * multiplier
        lowest = np.where(objective.strict | (self.switch_of >= 0), -dearest, -weight)
        lowest = np.where(self.lo > 0, np.maximum(lowest, -dearest), 0)
        highest = np.where(self.hi < UNLIMITED, dearest, 0)
        legal = np.clip(prices.rows, lowest, highest)
        legal[self.closed(objective)] = FORBIDDING
        return Prices(legal, floors)

    def closed(self, objective: Objective) -> Mask:
        """Return the rows whose seats a "no" closes."""
        decided = np.append(objective.decided, FREE)
        return np.asarray((decided[self.switch_of] == NO) & (self.hi < UNLIMITED))

    def bound(self, objective: Objective, prices: Prices, reduced: Ints) -> int:
        """Return what no solution can exceed, in points, by weak duality in whole numbers."""
        rows = np.where(prices.rows > 0, self.hi, self.lo)
        priced = (prices.rows != 0) & ~self.closed(objective)
        paid = np.where(priced, prices.rows * np.where(priced, rows, 0), 0)
        free = self.switch_of < 0
        total = int(self.best(reduced).sum()) + int(paid[free].sum())
        yes = objective.switch_values * PRICE_SCALE
        for floor, multiplier in zip(objective.floors, prices.floors.tolist(), strict=True):
            yes = yes + floor.switch_values * multiplier
            total -= floor.at_least * multiplier
        yes = yes + np.bincount(self.switch_of[~free], paid[~free], minlength=len(yes)).astype(
            np.int64
        )
        worth = np.where(objective.decided == FREE, np.maximum(yes, 0), yes * objective.decided)
        return (total + int(worth.sum())) // PRICE_SCALE

    def value(self, objective: Objective, pick: Ints) -> int:
        """Return what a choice of bundles is worth in this tier."""
        return self._worth(objective.values, objective.weights, objective.switch_values, pick)

    def worth(self, floor: Floor, pick: Ints) -> int:
        """Return what a choice of bundles is worth for an earlier tier."""
        return self._worth(floor.values, floor.weights, floor.switch_values, pick)

    def _worth(self, values: Ints, weights: Ints, switch_values: Ints, pick: Ints) -> int:
        usage = self.usage(pick)
        on = self.switched_on(usage)
        lo = np.where(self.switch_of < 0, self.lo, self.lo * on[self.switch_of])
        short = np.maximum(lo - usage, 0)
        return int(values[pick].sum() - (weights * short).sum() + (switch_values * on).sum())

    def switched_on(self, usage: Ints) -> Mask:
        """Return which switches are yes: every one whose rows are used and all reach their lo."""
        on = np.zeros(len(self.switches) + 1, bool)
        switched = self.switch_of >= 0
        on[self.switch_of[switched & (usage > 0)]] = True
        short = switched & (usage < self.lo) & (self.hi == UNLIMITED)
        on[self.switch_of[short]] = False
        return on[:-1] if len(self.switches) else np.zeros(1, bool)

    def feasible(self, objective: Objective, pick: Ints) -> bool:
        """Tell whether a choice of bundles keeps every row and every floor."""
        usage = self.usage(pick)
        on = self.switched_on(usage)
        switched = self.switch_of >= 0
        scale = np.where(switched, on[self.switch_of], True)
        over = ((usage > self.hi * scale) & (self.hi < UNLIMITED)).any()
        under = (usage < self.lo * scale)[objective.strict | switched].any()
        kept = not on[: len(self.switches)][objective.decided == NO].any()
        kept = kept and all(self.worth(floor, pick) >= floor.at_least for floor in objective.floors)
        return not over and not under and kept


def _none() -> Ints:
    return np.zeros(0, np.int64)
