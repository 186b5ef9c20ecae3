"""The last word on a small round: the best prices there are, then every bundle that could matter.

At the lowest bound that prices prove, a better answer can hold no bundle that stays further below
its owner's best than the bound is above the answer. Few bundles are so near, and an integer program
over them all finds the best answer there is.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from matching.backends.columns import Columns, columns_of, listed, program_of, usage_matrix
from matching.backends.generation import Generated
from matching.backends.linear import solve_mip
from matching.backends.lists import Places
from matching.backends.passes import near_of
from matching.backends.recover import Seating
from matching.backends.rounding import rounded
from matching.instance import Ints

MOST, MANY, WIDEST = 64, 2_500, 5
"""So many bundles anybody, and all together, have at most in the last integer program, which comes where
the answer is proved to within so many of the best option."""


def improve(seating: Seating, found: Generated, step: int, nodes: int) -> bool:
    """Take the best answer among the bundles that a better one could use; tell whether it is best.

    First come the bundles that made the prices: an answer among them leaves fewer to look at.
    `step` is what every value is a multiple of, in 1/PRICE_SCALE points. It is told to be best if
    the bundles were all there and the integer program was solved to its end.
    """
    spare = rounded(found.bound, step) - seating.worth
    if spare > step:
        _choose(seating, _with_held(seating, found.columns.owner, found.columns.held), step, nodes)
        spare = rounded(found.bound, step) - seating.worth
    if spare <= 0:
        return True
    within = found.bound - seating.worth - step
    if within > WIDEST * seating.purpose.unit:
        return False
    market, terms = seating.market, seating.purpose.terms(found.prices)
    near = near_of(market.local, terms, market.everybody, MOST, within + 1)
    if near.found.sum() > MANY:
        return False
    columns = _with_held(seating, *listed(near, seating.held.shape[1]))
    return _choose(seating, columns, step, nodes) and bool((near.found < MOST).all())


def _with_held(seating: Seating, owner: Ints, held: Places) -> Columns:
    """Return some bundles and those that everybody holds as columns."""
    market = seating.market
    owner = np.concatenate([owner, market.everybody])
    held = np.concatenate([held, seating.held])
    return columns_of(market, seating.purpose, market.everybody, owner, held)


def _choose(seating: Seating, columns: Columns, step: int, nodes: int) -> bool:
    """Take the best answer among some bundles if it is better; tell whether there is none better."""
    usage = usage_matrix(seating.market.local, columns.held)
    room = seating.market.room(seating.purpose, np.zeros(usage.shape[0], np.int64))
    program, _ = program_of(columns, np.arange(len(columns.owner)), usage, room, whole=True)
    program = replace(
        program, objective=program.objective / step, integer=np.ones_like(program.integer)
    )
    answer = solve_mip(program, nodes, 0.0)
    if answer is None:
        return False
    _take(seating, columns, np.flatnonzero(answer.x[: len(columns.owner)] > 0.5))
    return answer.bound < answer.value + 1 - 1e-6


def _take(seating: Seating, columns: Columns, chosen: Ints) -> None:
    """Let people hold some columns, the others nothing, if that keeps all rows and is worth more."""
    before, worth = seating.held.copy(), seating.worth
    held = np.full_like(before, -1)
    held[columns.owner[chosen]] = columns.held[chosen]
    everybody = seating.market.everybody
    seating.put(everybody, held)
    is_whole, _ = seating.standing(everybody)
    if not is_whole or seating.worth <= worth:
        seating.put(everybody, before)
