"""Links of linear programs: whoever sits in a section that opens in part sits there in part.

`seat <= open` for one teacher and one seat is what her toll is the multiplier of (`tolls`). A linear
program with all links tells the best tolls of all sections together; only those that its solution
breaks are added, some rounds long.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from scipy import sparse

from matching.backends.linear import Floats, Program
from matching.backends.lists import Places
from matching.backends.market import Market, Purpose
from matching.backends.objective import FREE
from matching.backends.tolls import Tolls, options_of, tollable
from matching.instance import Ints

BROKEN = 1e-6
"""A link is added where a seat is held by so much more than its section is open."""


class Links:
    """The links found so far, by the option whose seat they are about.

    `row_of` is the switched row that an option's toll would be about, -1 where it can have none.
    """

    def __init__(self, market: Market, purpose: Purpose) -> None:
        self.market = market
        rows = np.flatnonzero(tollable(market, purpose))
        self.row_of = np.full(market.local.options, -1)
        for row, options in zip(rows.tolist(), options_of(market, rows), strict=True):
            self.row_of[options] = row
        self.options: Ints = np.zeros(0, np.int64)

    def _undecided(self, purpose: Purpose) -> Ints:
        """Return the undecided switches, in the order of their columns."""
        return np.flatnonzero(purpose.decided == FREE)

    def _free(self, purpose: Purpose, options: Ints) -> Ints:
        """Return those of some options whose switch is undecided."""
        switch = self.market.switch_of[self.row_of[options]]
        return np.asarray(options[purpose.decided[switch] == FREE])

    def added(
        self, program: Program, rows: Ints, purpose: Purpose, held: Places
    ) -> tuple[Program, Ints, Ints]:
        """Return a program with a row for each link of an undecided switch, and their options.

        Its first columns are the bundles `held`, its last ones the undecided switches.
        """
        options = self._free(purpose, self.options)
        n, width, undecided = len(held), program.matrix.shape[1], self._undecided(purpose)
        switch = self.market.switch_of[self.row_of[options]]
        at = width - len(undecided) + np.searchsorted(undecided, switch)
        place = np.arange(len(options))
        seats = self._held(held)[options]
        opened = sparse.csr_array((np.ones(len(options)), (place, at)), (len(options), width))
        blank = sparse.csr_array((len(options), width - n))
        more = sparse.hstack([seats, blank]) - opened
        nothing = np.zeros(len(options))
        linked = replace(
            program,
            matrix=sparse.csr_array(sparse.vstack([program.matrix, more], format="csr")),
            row_lo=np.concatenate([program.row_lo, nothing - np.inf]),
            row_hi=np.concatenate([program.row_hi, nothing]),
        )
        return linked, rows, options

    def find(self, purpose: Purpose, held: Places, x: Floats) -> bool:
        """Add the links that a solution over some bundles breaks; tell whether there were any."""
        undecided = self._undecided(purpose)
        opened = np.zeros(len(self.market.switches))
        opened[undecided] = x[len(x) - len(undecided) :]
        amounts = self._held(held) @ x[: len(held)]
        options = self._free(purpose, np.flatnonzero((self.row_of >= 0) & (amounts > BROKEN)))
        over = amounts[options] - opened[self.market.switch_of[self.row_of[options]]]
        broken = np.setdiff1d(options[over > BROKEN], self.options)
        self.options = np.union1d(self.options, broken)
        return bool(len(broken))

    def _held(self, held: Places) -> sparse.csr_array:
        """Return which options bundles hold, shape (options, bundles)."""
        bundle, place = np.nonzero(held >= 0)
        where = (held[bundle, place], bundle)
        return sparse.csr_array((np.ones(len(bundle)), where), (len(self.row_of), len(held)))


def free_tolls(market: Market, purpose: Purpose, tolls: Tolls) -> Tolls:
    """Return the tolls for switches that a purpose leaves undecided."""
    free = purpose.decided[market.switch_of[tolls.row]] == FREE
    return Tolls(tolls.row[free], tolls.option[free], tolls.amount[free])
