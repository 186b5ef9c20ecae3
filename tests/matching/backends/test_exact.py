"""Small rounds are proved best: prices of the whole linear program, then every bundle that matters."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from matching.backends import courses, exact, priced, unlisted
from matching.backends.ascent import Steps, ascend
from matching.backends.cp_sat import solve_oracle
from matching.backends.generation import generate as generated
from matching.backends.generation import generated as generating
from matching.backends.market import Market
from matching.backends.recover import Seating
from matching.backends.rounding import step_of
from matching.backends.unlisted import solve_unlisted
from matching.compile import compile_instance
from matching.generate import generate
from matching.generate import shape as shapes
from matching.generate.shape import Shape

SMALL = Shape(options=6, ranked=(3, 4), bundle=2, fewest_sections=12, seats=(2, 6))


def market_of(kind, teachers, seed):
    posted = compile_instance(generate(kind, teachers, seed))
    market = Market(posted)
    goals = {goal: 1_000 * weight for goal, weight in posted.instance.tiers[0].items()}
    return market, market.purpose(goals), step_of(posted, goals)


def test_prices_of_the_whole_linear_program_prove_less_than_steps_do():
    market, purpose, step = market_of("tiny", 200, 1)
    prices = ascend(market, purpose, Steps(60, 0.13, 1e-3))
    before = market.ask(purpose, prices).bound
    found = generated(market, purpose, prices, 60, step)
    assert found.is_lowest
    assert found.bound == market.ask(purpose, found.prices).bound < before
    assert (found.prices == market.legal(purpose, found.prices)).all()
    cut_short = generated(market, purpose, prices, 1, step)
    assert not cut_short.is_lowest
    assert found.bound <= cut_short.bound <= before


def test_programs_end_when_nobody_has_a_bundle_to_add():
    market, purpose, _ = market_of("ties", 60, 1)
    prices = ascend(market, purpose, Steps(60, 0.13, 1e-3))
    *found, last, again = generating(market, purpose, prices, 1)
    assert len(found) < 30
    assert again.is_lowest or len(again.columns.owner) == len(last.columns.owner)


@pytest.mark.parametrize("seed", range(2))
def test_the_best_of_a_small_round_is_the_oracles(monkeypatch, seed):
    monkeypatch.setitem(shapes.KINDS, "county", SMALL)
    posted = compile_instance(generate("county", 14, seed))
    market = Market(posted)
    goals = posted.instance.tiers[0]
    purpose = market.purpose({goal: 1_000 * weight for goal, weight in goals.items()})
    step = 1_000 * step_of(posted, goals)
    found = generated(market, purpose, np.zeros(market.local.rows, np.int64), 60, step)
    seating = Seating(market, purpose)
    assert exact.improve(seating, found, step, 500)
    truth = solve_oracle(posted, posted.instance.tiers)
    assert seating.worth == 1_000 * truth.values[0] <= found.bound


def test_an_integer_program_without_every_bundle_is_not_called_best(monkeypatch):
    """Here prices cannot prove the best answer; that every near bundle was there can."""
    market, purpose, step = market_of("ties", 40, 0)
    found = generated(market, purpose, np.zeros(market.local.rows, np.int64), 60, step)
    seating = Seating(market, purpose)
    assert exact.improve(seating, found, step, 500)
    assert seating.worth < found.bound - step
    for most in ("MOST", "MANY"):
        with monkeypatch.context() as few:
            few.setattr(exact, most, 1)
            assert not exact.improve(seating, found, step, 500)


@pytest.mark.parametrize("kind", ["county", "thin", "ties"])
def test_rounds_of_hundreds_are_proved_best(kind, monkeypatch):
    posted = compile_instance(generate(kind, 150, 2))
    (tier,) = solve_unlisted(posted, "standard").tiers
    assert (tier.proof, tier.value) == ("exact", tier.bound)
    monkeypatch.setattr(unlisted, "FINISHED", 0)
    (rough,) = solve_unlisted(posted, "standard").tiers
    assert rough.value <= tier.value
    assert rough.bound > tier.bound or kind == "thin"


def test_a_plain_round_is_proved_best_without_listing_its_bundles(monkeypatch):
    """Listing 30,000 bundles would give the same value, in several times as long."""
    posted = compile_instance(generate("thin", 60, 1))
    listed = priced.solve(posted, "quick")
    monkeypatch.setattr(priced, "LISTED_AT_ONCE", 0)
    monkeypatch.setattr(priced, "enumerate_bundles", None)
    found = priced.solve(posted, "quick")
    assert (listed.is_unlisted, found.is_unlisted) == (False, True)
    assert found.tiers[0].value == listed.tiers[0].value == found.tiers[0].bound


def test_where_it_is_not_proved_best_bundles_are_listed_after_all(monkeypatch):
    posted = compile_instance(generate("thin", 60, 1))
    monkeypatch.setattr(priced, "LISTED_AT_ONCE", 0)
    monkeypatch.setattr(unlisted, "FINISHED", 0)
    monkeypatch.setitem(courses.COURSES, "quick", replace(courses.COURSES["quick"], dives=()))
    assert not priced.solve(posted, "quick").is_unlisted


def test_a_large_round_next_to_its_bound_is_left_there(monkeypatch):
    """Listing 5,000 teachers' bundles took a minute to win the last 30 of 20 million points."""
    posted = compile_instance(generate("thin", 60, 1))
    found = solve_unlisted(posted, "quick")
    allowed = 60 * 30 * int(posted.values["welfare"].max()) // priced.NEAR

    def is_near(missing, effort="standard"):
        tier = replace(found.tiers[0], value=found.tiers[0].bound - missing)
        return priced._is_near(posted, effort, replace(found, tiers=(tier,)))

    assert not is_near(allowed)
    monkeypatch.setattr(priced, "FINISHED", 59)
    assert is_near(allowed)
    assert not is_near(allowed + 1)
    assert not is_near(allowed, "long")
    monkeypatch.setattr(priced, "LISTED_AT_ONCE", 0)
    monkeypatch.setattr(priced, "_is_best", lambda solved: False)
    monkeypatch.setattr(priced, "enumerate_bundles", None)
    assert priced.solve(posted, "quick").is_unlisted
