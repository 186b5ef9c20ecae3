"""The master problem: one bundle for each teacher, shared rows, switches, and prices that bound it.

`Master` holds what stays the same over all tiers; an `Objective` says what one tier maximises and
which earlier values it must keep. `bound` is weak duality with whole-number prices: any prices give
a valid bound, and anybody can recompute it.
"""

from __future__ import annotations

import copy
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from scipy import sparse

from matching.backends.bundles import Bundles
from matching.backends.linear import Floats, Program
from matching.exactness import EXACT
from matching.instance import Ints, Mask
from matching.primitives import Draft
from matching.schema import UNLIMITED

PRICE_SCALE = 1000
"""Prices are whole thousandths of a point."""

FREE, NO, YES = -1, 0, 1
"""What is decided about a switch."""

FORBIDDING = 1 << 52
"""The price of a seat in a section that is decided not to open; nobody can afford it."""


@dataclass(frozen=True)
class Floor:
    """An earlier tier that must keep its value: `values @ x - weights @ short >= at_least`."""

    values: Ints
    weights: Ints
    switch_values: Ints
    at_least: int

    @cached_property
    def largest(self) -> int:
        """What one bundle is worth at most, or costs."""
        return int(np.abs(self.values).max(initial=0))


@dataclass(frozen=True)
class Objective:
    """What one tier maximises.

    Parameters
    ----------
    values
        Shape (bundles,): what a bundle is worth.
    weights
        Shape (rows,): price of one unit below a row's `lo`; 0 where shortage costs nothing.
    strict
        Shape (rows,): whether `lo` must be kept.
    switch_values
        Shape (switches,): what a switch set to yes is worth.
    decided
        Shape (switches,): FREE, NO or YES for each switch.
    floors
        Earlier tiers and the values they keep.
    """

    values: Ints
    weights: Ints
    strict: Mask
    switch_values: Ints
    decided: Ints
    floors: tuple[Floor, ...] = ()

    def decide(self, switch: int, answer: int) -> Objective:
        """Return the same objective with one more switch decided."""
        decided = self.decided.copy()
        decided[switch] = answer
        return replace(self, decided=decided)

    @cached_property
    def short(self) -> Ints:
        """Rows whose shortage is priced, here or in a floor, and not forbidden."""
        priced = self.weights > 0
        for floor in self.floors:
            priced = priced | (floor.weights > 0)
        return np.flatnonzero(priced & ~self.strict)


@dataclass(frozen=True)
class Prices:
    """Whole-number prices of shared rows and multipliers of floors, in 1/PRICE_SCALE points."""

    rows: Ints
    floors: Ints


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
        self.seat_rows = self._seat_rows()
        self.head_rows = self._head_rows()
        self.head_columns = sparse.csc_array(self.head_rows)
        self.dearest = self._dearest_prices()

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
        part.seat_rows = sparse.csr_array(self.seat_rows[rows])
        part.head_rows = sparse.csr_array(self.head_rows[rows][:, places])
        part.head_columns = sparse.csc_array(part.head_rows)
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
        per_arc = np.asarray(self.seat_rows.T @ rows)
        return np.asarray(self.bundles.total(per_arc[:-1]) + self.head_rows.T @ rows)

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

    def program(self, objective: Objective, which: Ints, *, integer: bool) -> tuple[Program, Ints]:
        """Return the program over some bundles and, for each of its rows, the row it prices.

        Columns are bundles, then switches, then shortages, and for a linear program one more per
        row that lets it be broken at a price nobody would pay: so it has a solution, and prices,
        even while the bundles that would keep the row are still missing. The second answer holds
        the position of the shared row, -1 for the one-bundle rows of teachers, -2 - j for floor j.
        """
        short = objective.short
        n, m, k = len(which), len(self.switches), len(short)
        matrix = self.columns(which)
        teachers = self.bundles.teacher[which]
        one = sparse.csr_array((np.ones(n), (teachers, np.arange(n))), (self.teachers, n))
        blocks = [_wide(one, m, k)]
        lows, highs = [np.ones(self.teachers)], [np.ones(self.teachers)]
        owner = [np.full(self.teachers, -1)]
        for rows, block, lo, hi in self._limits(objective, matrix, m, k):
            blocks.append(block)
            lows.append(lo)
            highs.append(hi)
            owner.append(rows)
        for j, floor in enumerate(objective.floors):
            line = np.concatenate([floor.values[which], floor.switch_values, -floor.weights[short]])
            blocks.append(sparse.csr_array(line[None, :].astype(float)))
            lows.append(np.array([float(floor.at_least)]))
            highs.append(np.array([np.inf]))
            owner.append(np.array([-2 - j]))
        worth = np.concatenate(
            [objective.values[which], objective.switch_values, -objective.weights[short]]
        )
        lower = np.concatenate([np.zeros(n), objective.decided == YES, np.zeros(k)])
        upper = np.concatenate([np.ones(n), objective.decided != NO, np.full(k, np.inf)])
        whole = np.concatenate([np.full(n + m, integer), np.zeros(k, bool)])
        program = Program(
            worth.astype(float),
            lower.astype(float),
            upper.astype(float),
            whole,
            sparse.csr_array(sparse.vstack(blocks, format="csr")),
            np.concatenate(lows),
            np.concatenate(highs),
        )
        return program if integer else self._elastic(objective, program), np.concatenate(owner)

    def _elastic(self, objective: Objective, program: Program) -> Program:
        """Return the program with every row but the teachers' breakable at a forbidding price."""
        rows = np.arange(self.teachers, len(program.row_lo))
        extra = len(rows)
        signs = np.where(np.isfinite(program.row_lo[rows]), 1.0, -1.0)
        slack = sparse.csr_array((signs, (rows, np.arange(extra))), (len(program.row_lo), extra))
        penalty = 4.0 * max(1, int(np.abs(objective.values).max(initial=0)))
        return Program(
            np.append(program.objective, np.full(extra, -penalty)),
            np.append(program.lower, np.zeros(extra)),
            np.append(program.upper, np.full(extra, np.inf)),
            np.append(program.integer, np.zeros(extra, bool)),
            sparse.csr_array(sparse.hstack([program.matrix, slack], format="csr")),
            program.row_lo,
            program.row_hi,
        )

    def _limits(
        self, objective: Objective, matrix: sparse.csr_array, m: int, k: int
    ) -> list[tuple[Ints, sparse.csr_array, Floats, Floats]]:
        """Return the upper and the lower sides of all rows that could ever bind."""
        most = np.asarray(matrix.sum(axis=1)).ravel()
        switched = self.switch_of >= 0
        upper = np.flatnonzero((self.hi < UNLIMITED) & ((most > self.hi) | switched))
        soft = np.zeros(len(self.rows), bool)
        soft[objective.short] = True
        lower = np.flatnonzero((self.lo > 0) & (objective.strict | soft | switched))
        links = self._links(self.hi, upper, m)
        sides = [
            (
                upper,
                sparse.csr_array(
                    sparse.hstack([matrix[upper], links, sparse.csr_array((len(upper), k))])
                ),
                np.full(len(upper), -np.inf),
                np.where(switched[upper], 0, self.hi[upper]).astype(float),
            )
        ]
        place = np.flatnonzero(soft[lower])
        at = np.searchsorted(objective.short, lower[place])
        slack = sparse.csr_array((np.ones(len(place)), (place, at)), (len(lower), k))
        sides.append(
            (
                lower,
                sparse.csr_array(
                    sparse.hstack([matrix[lower], self._links(self.lo, lower, m), slack])
                ),
                np.where(switched[lower], 0, self.lo[lower]).astype(float),
                np.full(len(lower), np.inf),
            )
        )
        return sides

    def _links(self, limit: Ints, rows: Ints, m: int) -> sparse.csr_array:
        place = np.flatnonzero(self.switch_of[rows] >= 0)
        values = -limit[rows[place]].astype(float)
        return sparse.csr_array((values, (place, self.switch_of[rows[place]])), (len(rows), m))


def _none() -> Ints:
    return np.zeros(0, np.int64)


def _wide(block: sparse.csr_array, m: int, k: int) -> sparse.csr_array:
    blank = sparse.csr_array((block.shape[0], m + k))
    return sparse.csr_array(sparse.hstack([block, blank]))
