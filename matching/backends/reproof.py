"""Bounds of a round with listed bundles, proved once more with personal tolls.

Prices do not see a minimum to open, and a round of thousands has too many openings to search. Where
its sections are many and thin that is most of the gap. Tolls see it (see `tolls`); they are looked for
at the prices of a weighted sum in which earlier tiers are kept by multipliers.
"""

from __future__ import annotations

from dataclasses import replace

from matching.backends.ascent import Steps, ascend
from matching.backends.market import Market
from matching.backends.outweigh import merged, multipliers
from matching.backends.tiers import TierValue
from matching.backends.tolls import leaf_of, settled
from matching.instance import Ints
from matching.primitives import Draft

PRICES = (Steps(120, 0.3, 2e-4), Steps(50, 5e-3, 5e-5))
"""Steps of prices before there are tolls."""

AFTER = (Steps(60, 5e-3, 2e-4), Steps(60, 2e-3, 1e-4), Steps(60, 1e-3, 5e-5))
"""Steps of prices after tolls were collected, in turn."""


def reproved(draft: Draft, tiers: tuple[TierValue, ...], gap: float) -> tuple[TierValue, ...]:
    """Return some tiers with the bound of welfare lowered where tolls can prove a lower one.

    Where the bound is within `gap` of the value, as a part of it, nothing is tried.
    """
    place = next((i for i, tier in enumerate(tiers) if "welfare" in tier.goals), None)
    if place is None or not tiers[place].leaves:
        return tiers
    if tiers[place].bound - tiers[place].value <= gap * abs(tiers[place].value):
        return tiers
    tier, market = tiers[place], Market(draft)
    goals = [each.goals for each in tiers[: place + 1]]
    weights = multipliers(market, goals)
    purpose = market.purpose(merged(goals, weights))
    prices: Ints | None = None
    for steps in PRICES:
        prices = ascend(market, purpose, steps, prices)
    assert prices is not None
    posted = settled(market, purpose, prices, AFTER)
    kept = sum(m * each.value for m, each in zip(weights, tiers[:place], strict=False))
    leaf = leaf_of(market, tier.goals, purpose, posted, weights[:place], kept)
    if leaf.bound >= tier.bound:
        return tiers
    better = replace(tier, bound=leaf.bound, leaves=(leaf,))
    return (*tiers[:place], better, *tiers[place + 1 :])
