"""The linear and the integer program over some bundles of a master problem."""

from __future__ import annotations

import numpy as np
from scipy import sparse

from matching.backends.linear import Floats, Program
from matching.backends.master import Master
from matching.backends.objective import NO, YES, Objective
from matching.instance import Ints
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
    short = objective.short
    n, m, k = len(which), len(master.switches), len(short)
    matrix = master.columns(which)
    teachers = master.bundles.teacher[which]
    one = sparse.csr_array((np.ones(n), (teachers, np.arange(n))), (master.teachers, n))
    blocks = [_wide(one, m, k)]
    lows, highs = [np.ones(master.teachers)], [np.ones(master.teachers)]
    owner = [np.full(master.teachers, -1)]
    for rows, block, lo, hi in _limits(master, objective, matrix, m, k):
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
    return program if integer else _elastic(master, objective, program), np.concatenate(owner)


def _elastic(master: Master, objective: Objective, program: Program) -> Program:
    """Return the program with every row but the teachers' breakable at a forbidding price."""
    rows = np.arange(master.teachers, len(program.row_lo))
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
    master: Master, objective: Objective, matrix: sparse.csr_array, m: int, k: int
) -> list[tuple[Ints, sparse.csr_array, Floats, Floats]]:
    """Return the upper and the lower sides of all rows that could ever bind."""
    most = np.asarray(matrix.sum(axis=1)).ravel()
    switched = master.switch_of >= 0
    upper = np.flatnonzero((master.hi < UNLIMITED) & ((most > master.hi) | switched))
    soft = np.zeros(len(master.rows), bool)
    soft[objective.short] = True
    lower = np.flatnonzero((master.lo > 0) & (objective.strict | soft | switched))
    links = _links(master, master.hi, upper, m)
    sides = [
        (
            upper,
            sparse.csr_array(
                sparse.hstack([matrix[upper], links, sparse.csr_array((len(upper), k))])
            ),
            np.full(len(upper), -np.inf),
            np.where(switched[upper], 0, master.hi[upper]).astype(float),
        )
    ]
    place = np.flatnonzero(soft[lower])
    at = np.searchsorted(objective.short, lower[place])
    slack = sparse.csr_array((np.ones(len(place)), (place, at)), (len(lower), k))
    sides.append(
        (
            lower,
            sparse.csr_array(
                sparse.hstack([matrix[lower], _links(master, master.lo, lower, m), slack])
            ),
            np.where(switched[lower], 0, master.lo[lower]).astype(float),
            np.full(len(lower), np.inf),
        )
    )
    return sides


def _links(master: Master, limit: Ints, rows: Ints, m: int) -> sparse.csr_array:
    place = np.flatnonzero(master.switch_of[rows] >= 0)
    values = -limit[rows[place]].astype(float)
    return sparse.csr_array((values, (place, master.switch_of[rows[place]])), (len(rows), m))


def _wide(block: sparse.csr_array, m: int, k: int) -> sparse.csr_array:
    blank = sparse.csr_array((block.shape[0], m + k))
    return sparse.csr_array(sparse.hstack([block, blank]))
