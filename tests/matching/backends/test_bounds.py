"""Bounds of tiers: those of the first stand on their own, and each is proved once."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from matching.backends import unlisted
from matching.backends.ascent import ascend
from matching.backends.bounds import Bounds, Trial
from matching.backends.courses import COURSES, ROUGH
from matching.backends.generation import generate as programs
from matching.backends.market import Market
from matching.backends.narrow import narrowed
from matching.backends.outweigh import merged, multipliers
from matching.backends.recover import Seating
from matching.backends.tolls import Posted
from matching.compile import compile_instance
from matching.generate import generate


def default_tiers(teachers=60, seed=1):
    return compile_instance(generate("county", teachers, seed, "default"))


def trial_at(market, price):
    """An answer in which nobody holds anything, at one price of every row."""
    guide = market.purpose({"welfare": 1_000})
    root = np.full_like(market.lo, price)
    return Trial((1_000,) * 5, guide, root, Posted(root), Seating(market, guide), ())


@pytest.mark.parametrize("seed", [0, 2])
def test_steps_prove_of_the_first_tier_nearly_what_the_linear_program_proves(seed):
    """They begin at no prices: those of a sum in which hours count little lead nowhere."""
    posted = default_tiers(teachers=150, seed=seed)
    market = Market(posted)
    bounds = Bounds(market, posted.instance.tiers, COURSES["standard"])
    lowest = programs(market, bounds.alone(0), np.zeros_like(market.lo), 60, 1_000).bound
    first = bounds.tier(0, trial_at(market, price=10**9))
    assert lowest // 1_000 <= first.bound <= lowest // 1_000 + 0.01 * -bounds.nothing(0)


def test_tiers_after_one_that_is_late_are_bounded_only_in_the_end(monkeypatch):
    """The first is bounded in every trial, since it tells whether there is to be another."""
    asked, found = [], Bounds.tier

    def told(self, place, trial, others):
        asked.append(place)
        return found(self, place, trial, others)

    monkeypatch.setattr(Bounds, "tier", told)
    monkeypatch.setattr(unlisted, "is_near", lambda *_: False)
    solved = unlisted.solve_unlisted(default_tiers(), "standard")
    assert asked.count(0) > 1
    assert [asked.count(place) for place in range(1, len(solved.tiers))] == [1] * 6


def test_prices_of_another_trial_prove_something_of_the_last_tier():
    posted = default_tiers()
    market = Market(posted)
    bounds = Bounds(market, posted.instance.tiers, COURSES["quick"])
    weights = multipliers(market, posted.instance.tiers[: bounds.last + 1])
    guide = market.purpose(merged(posted.instance.tiers, weights))
    root = ascend(market, guide, COURSES["quick"].several)
    seating = narrowed(market, guide, root, market.everybody, ROUGH)
    fine = Trial(weights, guide, root, Posted(root), seating, ())
    coarse = replace(fine, posted=Posted(np.where(root > 0, 10**9, root)))
    alone, both = bounds.tier(bounds.last, coarse), bounds.tier(bounds.last, coarse, [fine])
    assert both.bound == bounds.tier(bounds.last, fine).bound < alone.bound
    assert both.leaves[0].floors == weights[:-1]
