"""The item most likely to put better sections on the menu, while that is worth a teacher's time.

An item is worth what its answer is expected to add to the menu (the knowledge gradient, Frazier,
Powell & Dayanik, 2009), less the time it takes. One answer seldom changes a menu and the gain of few
is then put at nothing; so items are valued by the share of an item in what `TOGETHER` like it add
(KG(*), Frazier & Powell, 2010). Nothing more is asked when no item is worth its time.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from diagnostics.adaptive.belief import Belief
from diagnostics.adaptive.pool import NODES
from diagnostics.irt.models import Floats

TOGETHER = 3
"""Items like one that are looked at together."""
ROOTS: Floats = np.array([-math.sqrt(3), 0.0, math.sqrt(3)])
WEIGHTS: Floats = np.array([1 / 6, 2 / 3, 1 / 6])
"""Gauss-Hermite quadrature of a standard normal variable at three values."""
TASTE = 0.03
"""Standard deviation of what is drawn for a teacher and an item, as a share of its information."""
PER_UNIT = 1 / float(NODES[1] - NODES[0])
_STEP = 0.01
_NORMAL: Floats = np.array(
    [0.5 + 0.5 * math.erf(n * _STEP / math.sqrt(2)) for n in range(-600, 601)]
)


def below(at: Floats) -> Floats:
    """Return the standard normal distribution function, from a table in steps of 0.01."""
    place = np.minimum(np.maximum(at * (1 / _STEP) + 600.5, 0.0), 1200.0)
    return np.asarray(_NORMAL[place.astype(np.intp)])


@dataclass(frozen=True, eq=False)
class MenuFocus:
    """Ask what serves the menu, until nothing does enough for the time it takes.

    Parameters
    ----------
    wanted
        Level to be reached in each of D dimensions, (D,); they are the first D traits.
    cuts
        Abilities at which levels end, (D, L-1).
    minutes
        How long each of J items takes, (J,).
    length
        Dimensions that the menu is for: those in which she lacks most.
    price
        Levels that the menu must gain for a minute of her time.
    longest
        Items after which to stop in any case.
    group_of, least
        Group of each item, (J,), and how many items each group is asked before the end; an item
        of group -1 counts for none.
    """

    wanted: NDArray[np.intp]
    cuts: Floats
    minutes: Floats
    length: int = 3
    price: float = 0.015
    longest: int = 32
    group_of: NDArray[np.intp] = field(default_factory=lambda: np.zeros(0, np.intp))
    least: int = 0

    @cached_property
    def _ends(self) -> tuple[NDArray[np.intp], Floats, Floats]:
        """Return for each level she may lack its dimension and its end, and what sums dimensions."""
        lacked = np.arange(1, self.cuts.shape[1] + 1) < self.wanted[:, None]
        dimension = np.nonzero(lacked)[0]
        sums = (dimension[:, None] == np.arange(len(self.wanted))).astype(np.float64)
        return dimension, self.cuts[lacked], sums

    def gaps(self, mean: Floats, deviation: Floats) -> Floats:
        """Return the expected levels lacking, (..., D), where traits are normal."""
        dimension, ends, sums = self._ends
        chances = below((ends - mean.take(dimension, -1)) / deviation.take(dimension, -1))
        return np.asarray(chances @ sums)

    def choose(
        self, belief: Belief, items: NDArray[np.intp], drawn: Floats, asked: Sequence[int]
    ) -> tuple[int | None, str | None]:
        """Return the item to ask now, or why nothing more is asked.

        Parameters
        ----------
        items
            Those that are open.
        drawn
            For this teacher and each of the J items.
        asked
            Those asked before.
        """
        if len(asked) >= self.longest:
            return None, "stop_longest"
        if not len(items):
            return None, "stop_no_items"
        lines = belief.pool.lines
        along = lines @ belief.covariance
        variance = (along * lines).sum(1)
        items, found = _best_of_kind(belief, items, drawn, variance)
        line = belief.pool.line_of[items]
        found *= TOGETHER / (1 + variance[line] * TOGETHER * found)
        moves = along[line, : len(self.wanted)] * np.sqrt(found)[:, None]
        worth = self._gains(belief, moves) - self.price * self.minutes[items]
        enough = bool(worth.max() <= 0)
        if enough or self.longest - len(asked) <= self._most_owed:
            owed, debt = self._owed(items, asked)
            if owed.any() and (enough or self.longest - len(asked) <= debt):
                worth = np.where(owed, worth, -np.inf)
            elif enough:
                return None, "stop_menu"
        return int(items[worth.argmax()]), None

    @cached_property
    def _most_owed(self) -> int:
        """Items that all groups are owed before the first is asked."""
        return self.least * (int(self.group_of.max()) + 1) if self.least else 0

    def _owed(self, items: NDArray[np.intp], asked: Sequence[int]) -> tuple[NDArray[np.bool_], int]:
        """Tell which items are of groups asked too little, and how many these groups are owed."""
        if not self.least:
            return np.zeros(len(items), bool), 0
        group = self.group_of[np.array(asked, np.intp)]
        counts = np.bincount(group[group >= 0], minlength=int(self.group_of.max()) + 1)
        lacking = np.maximum(self.least - counts, 0)
        mine = self.group_of[items]
        return (mine >= 0) & (lacking[mine] > 0), int(lacking.sum())

    def _gains(self, belief: Belief, moves: Floats) -> Floats:
        """Return what the menu is expected to gain, in levels, an item.

        Parameters
        ----------
        moves
            By how much knowing more moves what is believed of each dimension, in SDs, (n, D).
        """
        count = len(self.wanted)
        before, mean = belief.covariance.diagonal()[:count], belief.mean[:count]
        gaps = self.gaps(mean + ROOTS[:, None, None] * moves, np.sqrt(before - moves * moves))
        without = (WEIGHTS @ gaps.reshape(len(WEIGHTS), -1)).reshape(moves.shape)
        return np.asarray(WEIGHTS @ self._menu(gaps) - self._menu(without)) / TOGETHER

    def _menu(self, gaps: Floats) -> Floats:
        """Return what the menu for the widest gaps, (..., D), is worth, (...)."""
        place = max(len(self.wanted) - self.length, 0)
        return np.asarray(np.partition(gaps, place, axis=-1)[..., place:].sum(-1))


def _best_of_kind(
    belief: Belief, items: NDArray[np.intp], drawn: Floats, variance: Floats
) -> tuple[NDArray[np.intp], Floats]:
    """Return of all items along one line and of one area the most telling, with its information.

    What is believed along a line is taken as normal here, and its information at three values.
    """
    pool = belief.pool
    mean = pool.lines @ belief.mean
    place = (mean + ROOTS[:, None] * np.sqrt(variance) - NODES[0]) * PER_UNIT + 0.5
    place = np.minimum(np.maximum(place, 0), len(NODES) - 1).astype(np.intp)
    found = WEIGHTS @ pool.information[items, place[:, pool.line_of[items]]]
    information = np.full(len(pool.bank) + 1, -np.inf)
    information[items] = found * (1 + TASTE * drawn[items])
    table = information[pool.kinds]
    best = pool.kinds[pool.rows, table.argmax(1)]
    best = best[information[best] > -np.inf]
    return best, information[best]
