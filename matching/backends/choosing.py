"""The linear and the integer program over some bundles of a master problem."""

from __future__ import annotations

import numpy as np
from scipy import sparse

from matching.backends.linear import Floats, Program
from matching.backends.master import Master
from matching.backends.objective import NO, YES, Objective
from matching.instance import Ints, Mask
from matching.schema import UNLIMITED


def program_over(
    master: Master, objective: Objective, which: Ints, *, integer: bool
) -> tuple[Program, Ints]:
    """Return the program over some bundles and, for each of its rows, the row it prices.

    Columns are bundles, then switches, then shortages, and for a linear program one more per
    row that lets it be broken at a price nobody would pay: so it has a solution, and prices,
    even while the bundles that would keep the row are still missing. The second answer holds
    the position of the shared row, -1 for the one-bundle rows of teachers, -2 - j for floor j.
    """
    lines, n, m = _Lines(), len(which), len(master.switches)
    lines.add(np.full(master.teachers, -1), 1, 1)
    lines.put(master.bundles.teacher[which], np.arange(n), np.ones(n))
    switched, short = master.switch_of >= 0, objective.short
    matrix = master.columns(which)
    most = np.asarray(matrix.sum(axis=1)).ravel()
    upper = np.flatnonzero((master.hi < UNLIMITED) & ((most > master.hi) | switched))
    soft = np.zeros(len(master.rows), bool)
    soft[short] = True
    lower = np.flatnonzero((master.lo > 0) & (objective.strict | soft | switched))
    _limit(lines, master, matrix, upper, master.hi, is_least=False)
    begin = _limit(lines, master, matrix, lower, master.lo, is_least=True)
    place = np.flatnonzero(soft[lower])
    at = np.searchsorted(short, lower[place])
    lines.put(begin + place, n + m + at, np.ones(len(place)))
    for j, floor in enumerate(objective.floors):
        line = np.concatenate([floor.values[which], floor.switch_values, -floor.weights[short]])
        counted = np.flatnonzero(line)
        row = lines.add(np.array([-2 - j]), floor.at_least, np.inf)
        lines.put(np.full(len(counted), row), counted, line[counted])
    worth = np.concatenate(
        [objective.values[which], objective.switch_values, -objective.weights[short]]
    ).astype(float)
    least = np.concatenate([np.zeros(n), objective.decided == YES, np.zeros(len(short))])
    upmost = np.concatenate([np.ones(n), objective.decided != NO, np.full(len(short), np.inf)])
    whole = np.concatenate([np.full(n + m, integer), np.zeros(len(short), bool)])
    if not integer:
        worth, least, upmost, whole = _elastic(lines, master, objective, worth, least, upmost)
    program = Program(worth, least, upmost, whole, *lines.laid(len(worth)))
    return program, np.concatenate(lines.owner)


class _Lines:
    """The rows of a program on their way: entries in one long list, laid out once."""

    def __init__(self) -> None:
        self.owner: list[Ints] = []
        self._lo: list[Floats] = []
        self._hi: list[Floats] = []
        self._entries: list[tuple[Ints, Ints, Floats]] = []
        self.count = 0

    def add(self, owner: Ints, lo: Ints | float, hi: Ints | float) -> int:
        """Add rows with their limits; return the place of the first."""
        begin, self.count = self.count, self.count + len(owner)
        self.owner.append(owner)
        self._lo.append(np.broadcast_to(np.asarray(lo, float), owner.shape))
        self._hi.append(np.broadcast_to(np.asarray(hi, float), owner.shape))
        return begin

    def put(self, rows: Ints, columns: Ints, values: Ints | Floats) -> None:
        """Put entries into rows."""
        self._entries.append((rows, columns, values.astype(float)))

    def limits(self) -> tuple[Floats, Floats]:
        """Return the lower and the upper limits of all rows."""
        return np.concatenate(self._lo), np.concatenate(self._hi)

    def laid(self, width: int) -> tuple[sparse.csr_array, Floats, Floats]:
        """Return the matrix of so many columns with the limits of its rows.

        Entries of a row stay in the order in which they were put there: on that of a bundle's rows
        depends which of several best answers a solver comes to, and how fast.
        """
        rows, columns, values = (np.concatenate(each) for each in zip(*self._entries, strict=True))
        order = np.argsort(rows, kind="stable")
        edges = np.append(0, np.cumsum(np.bincount(rows, minlength=self.count)))
        laid = values[order], columns[order], edges
        return sparse.csr_array(laid, (self.count, width)), *self.limits()


def _limit(
    lines: _Lines,
    master: Master,
    matrix: sparse.csr_array,
    which: Ints,
    limit: Ints,
    *,
    is_least: bool,
) -> int:
    """Add one side of some shared rows, to be kept if their switch is yes; return the first's place."""
    switch_of = master.switch_of[which]
    given = np.where(switch_of >= 0, 0, limit[which])
    begin = lines.add(which, *((given, np.inf) if is_least else (-np.inf, given)))
    place = np.full(matrix.shape[0], -1)
    place[which] = begin + np.arange(len(which))
    rows = np.repeat(place, np.diff(matrix.indptr))
    used = rows >= 0
    lines.put(rows[used], matrix.indices[used], matrix.data[used])
    switched = np.flatnonzero(switch_of >= 0)
    lines.put(begin + switched, matrix.shape[1] + switch_of[switched], -limit[which[switched]])
    return begin


def _elastic(
    lines: _Lines, master: Master, objective: Objective, worth: Floats, least: Floats, most: Floats
) -> tuple[Floats, Floats, Floats, Mask]:
    """Let every row but the teachers' be broken at a forbidding price; return the wider columns."""
    rows = np.arange(master.teachers, lines.count)
    extra, (lo, _) = len(rows), lines.limits()
    lines.put(rows, len(worth) + np.arange(extra), np.where(np.isfinite(lo[rows]), 1.0, -1.0))
    penalty = 4.0 * max(1, int(np.abs(objective.values).max(initial=0)))
    return (
        np.append(worth, np.full(extra, -penalty)),
        np.append(least, np.zeros(extra)),
        np.append(most, np.full(extra, np.inf)),
        np.zeros(len(worth) + extra, bool),
    )
