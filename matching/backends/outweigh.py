"""How much each tier counts while all are filled together.

A multiplier too small spends an earlier tier on a later one; one far too large makes prices coarse,
and then nothing is proved of the later tier. So they begin where what people typically gain in an
earlier tier outweighs the most that an option gives later ones. How far the first tier then stays
below its bound, seats being given roughly, tells what its multiplier should be: what it is short of
falls about as its multiplier rises. After that they rise only while an earlier tier stays clearly
below its bound.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np

from matching.backends.market import Market
from matching.backends.objective import PRICE_SCALE
from matching.backends.tiers import TierValue

Tiers = Sequence[Mapping[str, int]]

AHEAD = 3.4
"""How often the most that an option gives a later tier is outweighed by one of an earlier tier."""

NEARLY = 0.004
"""An earlier tier may stay this part below its bound, counted from the empty assignment."""

AIM = 0.0042
"""Where the first tier is meant to come with rough seats: this part below its bound. Better seats bring
it a tenth nearer."""

LEAST, MOST = 0.5, 4.0
"""The multiplier that is meant to do so is between these parts of the one before."""

RAISE = 1.15
"""The least that the multipliers of a tier that stays further below, and of those before it, rise by."""


def merged(tiers: Tiers, weights: Sequence[int]) -> dict[str, int]:
    """Return several tiers as one weighted set of goals."""
    found: dict[str, int] = {}
    for goals, outer in zip(tiers, weights, strict=False):
        for goal, weight in goals.items():
            found[goal] = found.get(goal, 0) + outer * weight
    return found


def multipliers(market: Market, tiers: Tiers) -> tuple[int, ...]:
    """Return how much each tier counts at first, PRICE_SCALE for the last."""
    found = [PRICE_SCALE]
    for later in range(len(tiers) - 1, 0, -1):
        below = market.purpose(merged(tiers[later:], found)).unit
        found.insert(0, math.ceil(AHEAD * below / _typical(market, tiers[later - 1])))
    return tuple(found)


def _typical(market: Market, goals: Mapping[str, int]) -> int:
    """Return what an option that serves a tier typically gives it."""
    purpose, local = market.purpose(goals), market.local
    if not len(local.node):
        return purpose.largest
    gains = purpose.lo_weight[local.owner[local.node]] * local.amount
    return int(np.median(gains[gains > 0])) if (gains > 0).any() else purpose.largest


def aimed(nothing: int, tier: TierValue) -> float:
    """Return what the multipliers up to a tier should change by for it to come where it is meant to.

    An empty assignment is worth `nothing`.
    """
    room = tier.bound - nothing
    short = (tier.bound - tier.value) / room if room > 0 else 0.0
    return min(max(short / AIM, LEAST), MOST)


def raised(weights: tuple[int, ...], place: int, by: float) -> tuple[int, ...]:
    """Return multipliers in which one tier, and those before it, count for more or less."""
    more = tuple(round(weight * by) for weight in weights[: place + 1])
    return more + weights[place + 1 :]


def is_nearer(tier: TierValue, value: int) -> bool:
    """Tell whether another trial's value of a tier is so much nearer to its bound that one more may help."""
    return NEARER * (tier.bound - value) <= (NEARER - 1) * (tier.bound - tier.value)


NEARER = 10
"""A trial is nearer if what its tier is short of its bound fell by one part in so many."""


def is_near(nothing: int, tier: TierValue) -> bool:
    """Tell whether a tier is as near to its bound as matters; an empty assignment is worth `nothing`.

    A tier that no answer makes better than an empty one only tells what earlier tiers cost it: no
    multiplier brings that back.
    """
    room = tier.bound - nothing
    return room <= 0 or tier.bound - tier.value <= NEARLY * room
