"""Prices and what is left to pay, learnt together from made-up teachers of one trait.

At given prices the cost to come is fitted to what simulated diagnoses went on to pay; by it items
are chosen better, and prices are found anew that hold each item to its limit. Teachers are asked in
lock-step, which is a hundred times as fast as one after the other and asks each the same items.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from diagnostics.adaptive.ahead import SHAPES, Ahead, shapes
from diagnostics.adaptive.errors import CannotAsk
from diagnostics.adaptive.pool import NODES, Pool
from diagnostics.adaptive.session import Precise, ahead_worth, drawn
from diagnostics.irt.models import Floats, probabilities

FIRST_STEP = 0.6
"""Items by which a price moves when an item is shown to everybody and should be to nobody."""
SLOWER = 8
"""Rounds after which steps are half as long."""
Step = tuple[NDArray[np.intp], Floats, Floats, NDArray[np.intp]]
BLOCK = 128
"""Teachers looked ahead for at once; what is worked on then fits a processor's cache."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What N teachers were asked, and what is believed of them in the end.

    Parameters
    ----------
    counts
        Items asked of each, (N,).
    shown
        How many saw each item, (J,).
    mean, variance
        What is believed of each, (N,).
    steps
        For each item asked in turn: of whom, mean and variance before it, and which item.
    """

    counts: NDArray[np.intp]
    shown: NDArray[np.intp]
    mean: Floats
    variance: Floats
    steps: list[Step] = field(repr=False)


def ask_together(pool: Pool, stop: Precise, truth: Floats, *, seed: int) -> Asked:
    """Ask made-up teachers in lock-step what `exposure.simulate` asks them one after the other.

    Parameters
    ----------
    truth
        Trait of N teachers, (N,), before any answer thought to be standard normal.

    Raises
    ------
    CannotAsk
        `pool_ahead` if the pool has no cost to come by which to choose.
    """
    if pool.ahead is None:
        raise CannotAsk("pool_ahead", lines=len(pool.lines))
    many, items = len(truth), len(pool.bank)
    draw = np.random.default_rng(seed).random((many, items))
    chances = probabilities(pool.bank, truth)[:, :-1].cumsum(1)
    taste = np.stack([drawn(str(seed), str(number), items) for number in range(many)])
    posterior = np.tile(np.exp(-(NODES**2) / 2), (many, 1))
    posterior /= posterior.sum(1, keepdims=True)
    open_, asked = np.ones((many, items), bool), np.zeros((many, len(pool.areas)), np.intp)
    mean, variance = np.zeros(many), np.ones(many)
    going, steps = np.arange(many), list[Step]()
    while len(going) and len(steps) < stop.longest:
        blocks = np.array_split(posterior[going], -(-len(going) // BLOCK))
        left = np.concatenate([pool.ahead.after(pool, each) for each in blocks])
        worth = ahead_worth(pool, left, taste[going])
        item = np.where(_in_turn(pool, open_[going], asked[going]), worth, -np.inf).argmax(1)
        steps.append((going, mean[going], variance[going], item))
        category = (draw[going, item][:, None] > chances[item, :, going]).sum(1)
        now = posterior[going] * pool.chances[item, category]
        now /= now.sum(1, keepdims=True)
        posterior[going] = now
        mean[going] = now @ NODES
        variance[going] = now @ NODES**2 - mean[going] ** 2
        open_[going, item] = False
        asked[going, pool.area_of[item]] += 1
        going = going[(variance[going] > stop.deviation**2) & open_[going].any(1)]
    return Asked(asked.sum(1), many - open_.sum(0), mean, variance, steps)


def _in_turn(pool: Pool, open_: NDArray[np.bool_], asked: NDArray[np.intp]) -> NDArray[np.bool_]:
    """Tell which items are open in the areas asked least of those that have any, (N, J)."""
    counts = np.where(open_, asked[:, pool.area_of], np.iinfo(np.intp).max)
    return np.asarray(open_ & (counts == counts.min(1, keepdims=True)))


def planned(
    pool: Pool,
    stop: Precise,
    limits: Floats,
    *,
    seed: int,
    teachers: int = 600,
    rounds: int = 24,
    betterings: int = 3,
) -> Pool:
    """Return the pool with prices in items and the cost to come, so that few enough see each item.

    Parameters
    ----------
    limits
        Largest share of teachers who may see each item, (J,); 1 for items that need no protection.
    teachers, rounds
        Teachers made up in a round, and rounds of moving prices; in the end twice
        as many teachers and three times as many rounds.
    betterings
        How often the cost to come is fitted anew.
    """
    plan = replace(pool, prices=np.zeros(len(pool.bank)), ahead=_first_guess(pool, stop))
    seeds = iter(range(seed, seed + 10**6))
    for turn in range(betterings):
        step = FIRST_STEP if turn == 0 else FIRST_STEP / 2
        plan = _priced(plan, stop, limits, seeds, step, teachers, rounds)
        plan = replace(plan, ahead=_fitted(plan, stop, seeds, 4 * teachers))
    return _priced(plan, stop, limits, seeds, FIRST_STEP / 2, 2 * teachers, 3 * rounds)


def _first_guess(pool: Pool, stop: Precise) -> Ahead:
    """Return half an item, and as many as good items bring the precision that is lacking."""
    good = np.percentile(pool.information, 80, axis=0)
    weights = np.zeros(SHAPES)
    weights[:2] = 0.5, 1 / np.average(good, weights=np.exp(-(NODES**2) / 2))
    return Ahead(stop.deviation, weights)


def _priced(
    plan: Pool,
    stop: Precise,
    limits: Floats,
    seeds: Iterator[int],
    first: float,
    teachers: int,
    rounds: int,
) -> Pool:
    """Return the plan with prices moved until few enough see each item: the later half's mean."""
    assert plan.prices is not None
    now, later = plan.prices, []
    for turn in range(rounds):
        shown = _of_many(plan.priced(now), stop, next(seeds), teachers).shown / teachers
        now = np.maximum(0.0, now + first / (1 + turn / SLOWER) * (shown - limits))
        if 2 * turn >= rounds:
            later.append(now)
    return plan.priced(np.asarray(np.mean(later, axis=0)))


def _fitted(plan: Pool, stop: Precise, seeds: Iterator[int], teachers: int) -> Ahead:
    """Return the cost to come that fits what simulated teachers went on to pay."""
    assert plan.prices is not None
    run = _of_many(plan, stop, next(seeds), teachers)
    paid, states = np.zeros(teachers), []
    for who, mean, variance, item in reversed(run.steps):
        paid[who] += 1 + plan.prices[item]
        states.append((stop.deviation**-2 - 1 / variance, mean, paid[who]))
    lacking, mean, left = (np.concatenate(each) for each in zip(*states, strict=True))
    return Ahead(stop.deviation, np.linalg.lstsq(shapes(lacking, mean), left)[0])


def _of_many(plan: Pool, stop: Precise, seed: int, teachers: int) -> Asked:
    """Ask teachers newly made up."""
    truth = np.random.default_rng((seed, 1)).standard_normal(teachers)
    return ask_together(plan, stop, truth, seed=seed)
