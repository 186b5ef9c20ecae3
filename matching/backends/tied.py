"""Rounds in which nearly everybody has two bundles that are worth the same.

Where people want the same and are worth the same, prices that suit them make many bundles equally
good. Then demand jumps from one step of prices to the next, and who takes her best bundle in turn
takes by chance what somebody else needs. Calmer steps prove more there. What everybody asks for on the
way of these steps is, in the mean, nearly an answer; so a linear program over just these bundles seats
people well, while the best bundles at the last prices are too much alike.
Source: Barahona and Anbil 2000, "The volume algorithm", for answers as means of what is asked for.
"""

from __future__ import annotations

import numpy as np

from matching.backends.ascent import Steps, walked
from matching.backends.columns import Columns, columns_of, listed
from matching.backends.dive import Width, blocks_of, dive_block
from matching.backends.market import Market, Purpose
from matching.backends.passes import near_of
from matching.backends.recover import Seating
from matching.instance import Ints

NEARLY, SEVERAL = 1_000, 300
"""Bundles are worth nearly the same if they differ by less than this part of the best option; where
several tiers are one sum, whose prices settle later, by less than the second."""

STOPS, EACH, MOST, WITHIN = 12, 2, 12, 50
"""On the second half of the way everybody is asked so many times for so many bundles, at the best
prices for more, none further below her best than this part of the best option."""

BLOCK, WIDTH = 5_000, Width(0.0, 1 / WITHIN, 24)
"""A linear program seats so many people at most, and how wide it looks."""


def is_tied(market: Market, purpose: Purpose, prices: Ints, nearly: int = NEARLY) -> bool:
    """Tell whether more than half have two best bundles that are worth nearly the same at prices."""
    near = market.near(purpose, prices, most=2, within=purpose.unit // nearly)
    return bool(2 * (near.found > 1).sum() > market.local.teachers)


def trail_of(market: Market, purpose: Purpose, steps: Steps) -> tuple[Ints, ...]:
    """Return the prices of the lowest bound on the way of some steps, and some on its second half."""
    met = list(walked(market, purpose, steps))
    stops = np.linspace(len(met) // 2, len(met) - 1, STOPS).astype(int).tolist()
    return min(met, key=lambda each: each[0])[1], *(met[stop][1] for stop in stops)


def seat_anew(seating: Seating, trail: tuple[Ints, ...]) -> None:
    """Seat everybody anew with bundles asked for on a trail of prices, block by block where many."""
    everybody = seating.market.everybody
    for block in blocks_of(seating.market.local, everybody, BLOCK):
        dive_block(seating, _asked_for(seating, trail, block), WIDTH)


def _asked_for(seating: Seating, trail: tuple[Ints, ...], people: Ints) -> Columns:
    """Return as columns what some people hold and what they ask for on a trail of prices."""
    market, purpose, size = seating.market, seating.purpose, seating.held.shape[1]
    within = purpose.unit // WITHIN
    found = [(np.arange(len(people)), seating.held[people])]
    for stop, prices in enumerate(trail):
        most = EACH if stop else MOST
        near = near_of(market.local, purpose.terms(prices), people, most, within)
        found.append(listed(near, size))
    owner, held = (np.concatenate(each) for each in zip(*found, strict=True))
    return columns_of(market, purpose, people, owner, held)
