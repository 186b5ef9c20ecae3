"""Prices of shared rows: what one more seat, quota place or free half-day would be worth.

First normalised subgradient steps on whole-number prices, then a linear program over the bundles
that stay near their teacher's best, with bundles added until the program and the bound meet. Every
count is fixed by the effort; no clock decides.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from matching.backends.choosing import program_over
from matching.backends.linear import Answer, Floats, solve_lp
from matching.backends.master import Master
from matching.backends.objective import PRICE_SCALE, Objective, Prices
from matching.instance import Ints
from matching.schema import UNLIMITED


@dataclass(frozen=True)
class Priced:
    """The best prices found, the bound they prove, and each bundle's loss under them.

    `loss` is how far a bundle stays below its teacher's best, in 1/PRICE_SCALE points: a solution
    that uses a bundle of loss d cannot be worth more than `bound` - d. `columns` are the bundles of
    the last linear program, `x` its solution (empty if none was solved).
    """

    prices: Prices
    bound: int
    loss: Ints
    columns: Ints
    x: Floats


def ascend(
    master: Master,
    objective: Objective,
    steps: int,
    enough: int = -UNLIMITED,
    *,
    floors: bool = False,
) -> Prices:
    """Return prices after a number of normalised subgradient steps (Adam, decaying geometrically).

    A bound at or below `enough` ends the steps: nothing better can be proved. With `floors` the
    multipliers of earlier tiers are found too; else they are left to a linear program.
    Source: Kingma and Ba 2015 for the normalisation; the decay 40 -> 0.1 was measured on counties.
    """
    rows = len(master.rows)
    price = np.zeros(rows + len(objective.floors))
    mean, square = np.zeros(len(price)), np.zeros(len(price))
    best = Prices(np.zeros(rows, np.int64), np.zeros(len(objective.floors), np.int64))
    best_bound: int | None = None
    largest = float(np.abs(objective.values).max(initial=1)) * PRICE_SCALE
    for step in range(steps):
        whole = np.rint(price).astype(np.int64)
        trial = master.legal(objective, Prices(whole[:rows], whole[rows:]))
        reduced = master.reduced(objective, trial)
        bound = master.bound(objective, trial, reduced)
        if best_bound is None or bound < best_bound:
            best, best_bound = trial, bound
        if best_bound <= enough:
            break
        pick = master.argbest(reduced)
        missing = [floor.at_least - master.worth(floor, pick) for floor in objective.floors]
        slope = np.append(
            _slope(master, objective, trial, master.usage(pick)),
            np.array(missing, float) * floors,
        )
        mean = 0.8 * mean + 0.2 * slope
        square = 0.95 * square + 0.05 * slope * slope
        size = largest * 0.05 * 0.0025 ** (step / max(steps - 1, 1))
        centred = mean / (1 - 0.8 ** (step + 1))
        spread = np.sqrt(square / (1 - 0.95 ** (step + 1)))
        price = np.append(trial.rows, trial.floors) + size * centred / (spread + 1e-6)
    return best


def _slope(
    master: Master, objective: Objective, prices: Prices, usage: Ints
) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """Return usage less what each row would allow at these prices."""
    low = np.where(master.lo > 0, master.lo, 0)
    allowed = np.where(prices.rows > 0, master.hi, np.where(prices.rows < 0, low, usage))
    allowed = np.where(prices.rows == 0, np.clip(usage, low, master.hi), allowed)
    soft = objective.weights + sum(floor.weights for floor in objective.floors)
    inactive = (master.lo > 0) & ~objective.strict & (soft == 0) & (master.switch_of < 0)
    allowed = np.where(inactive & (prices.rows == 0), np.minimum(usage, master.hi), allowed)
    allowed = np.where(allowed >= UNLIMITED, usage, allowed)
    return (usage - allowed).astype(float)


def price(
    master: Master,
    objective: Objective,
    start: Prices,
    columns: Ints,
    near: int,
    rounds: int,
    enough: int = -UNLIMITED,
) -> Priced:
    """Return prices refined by a linear program over near-best bundles.

    Parameters
    ----------
    start
        Prices to begin with, such as those of `ascend`.
    columns
        Bundles to begin with.
    near
        How many bundles per teacher a round may add.
    rounds
        How often bundles may be added.
    enough
        A bound at or below this ends the work: nothing of interest can follow.
    """
    start = master.legal(objective, start)
    reduced = master.reduced(objective, start)
    bound = master.bound(objective, start, reduced)
    best = Priced(start, bound, losses(master, reduced), columns, np.zeros(0))
    for _ in range(rounds):
        if best.bound <= enough:
            break
        program, owner = program_over(master, objective, columns, integer=False)
        answer = solve_lp(program)
        if answer is None:
            break
        prices = master.legal(objective, _prices(master, objective, answer, owner))
        reduced = master.reduced(objective, prices)
        bound = master.bound(objective, prices, reduced)
        if bound < best.bound:
            best = Priced(prices, bound, losses(master, reduced), columns, answer.x)
        best = replace(best, columns=columns, x=answer.x)
        if bound <= answer.value + 0.5:
            break
        fresh = _improving(master, reduced, columns, near)
        if not len(fresh):
            break
        columns = np.union1d(columns, fresh)
    return best


def _prices(master: Master, objective: Objective, answer: Answer, owner: Ints) -> Prices:
    rows = np.zeros(len(master.rows))
    shared = owner >= 0
    np.add.at(rows, owner[shared], answer.duals[shared])
    floors = np.zeros(len(objective.floors))
    for j in range(len(objective.floors)):
        floors[j] = -answer.duals[owner == -2 - j].sum()
    return Prices(
        np.rint(rows * PRICE_SCALE).astype(np.int64), np.rint(floors * PRICE_SCALE).astype(np.int64)
    )


def losses(master: Master, reduced: Ints) -> Ints:
    """Return how far each bundle stays below its teacher's best, in 1/PRICE_SCALE points."""
    sizes = np.diff(master.bundles.start)
    return np.asarray(np.repeat(master.best(reduced), sizes) - reduced)


def nearest(master: Master, loss: Ints, near: int) -> Ints:
    """Return the `near` bundles of least loss of each teacher (ties by position)."""
    order = np.lexsort((np.arange(len(loss)), loss, master.bundles.teacher))
    position = np.arange(len(loss)) - master.bundles.start[master.bundles.teacher[order]]
    return np.sort(order[position < near])


def _improving(master: Master, reduced: Ints, columns: Ints, near: int) -> Ints:
    """Return bundles that beat the best present column of their teacher."""
    floor = np.full(master.teachers, -(1 << 62), np.int64)
    np.maximum.at(floor, master.bundles.teacher[columns], reduced[columns])
    better = np.flatnonzero(reduced > floor[master.bundles.teacher])
    order = better[np.lexsort((better, -reduced[better], master.bundles.teacher[better]))]
    first = np.searchsorted(master.bundles.teacher[order], master.bundles.teacher[order])
    return order[np.arange(len(order)) - first < near]
