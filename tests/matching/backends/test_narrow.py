"""Stages of seating: the surest first, the rest at new prices in what is left."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings

from matching.backends.ascent import Steps, ascend
from matching.backends.market import Market
from matching.backends.narrow import Narrowing, narrowed, rest_of, surest
from matching.backends.objective import PRICE_SCALE
from matching.backends.passes import near_of, would_move
from matching.backends.recover import Seating
from matching.compile import compile_instance
from matching.generate import generate
from matching.instance import Instance
from tests.matching.counties import counties
from tests.matching.factories import draft, problem

STAGES = Narrowing((0.8, 0.5, 0.5), Steps(20, 0.02, 1e-3))
AT_ONCE = Narrowing((), Steps(1, 1.0, 1.0))


def priced_market(instance, steps=40):
    market = Market(draft(instance))
    purpose = market.purpose({g: PRICE_SCALE * w for g, w in instance.tiers[0].items()})
    return market, purpose, ascend(market, purpose, Steps(steps, 0.4, 1e-3))


def one_seat(*points):
    """People with points for the one seat of a morning, and for an evening with room for all."""
    county = problem()
    county.row("sections", id="morning", offering="M", capacity=1)
    county.row("sections", id="evening", offering="E", capacity=9)
    for number, (morning, evening) in enumerate(points):
        county.row("teachers", id=f"T{number}", most_sections=1)
        county.row("choices", teacher=f"T{number}", section="morning", rank=1, points=morning)
        county.row("choices", teacher=f"T{number}", section="evening", rank=2, points=evening)
    return county.build()


@pytest.mark.parametrize("first", range(3))
def test_who_would_lose_most_gets_the_one_seat_whoever_comes_first(first):
    market = Market(draft(one_seat((50, 49), (40, 10), (45, 30))))
    purpose = market.purpose({"welfare": PRICE_SCALE})
    order = np.roll(np.arange(3), first)
    nothing = np.zeros(market.local.rows, np.int64)
    in_turn = Seating(market, purpose)
    in_turn.choose(nothing, order)
    staged = narrowed(market, purpose, nothing, order, AT_ONCE)
    assert staged.worth == (49 + 40 + 30) * PRICE_SCALE
    assert in_turn.worth < staged.worth or order[0] == 1


def test_the_last_few_are_seated_better_by_linear_programs():
    market = Market(compile_instance(generate("county", 600, 1)))
    goals = market.draft.instance.tiers[0]
    purpose = market.purpose({g: PRICE_SCALE * w for g, w in goals.items()})
    prices = ascend(market, purpose, Steps(60, 0.4, 1e-3))
    bound = market.ask(purpose, prices).bound
    in_turn, by_programs = (
        bound - narrowed(market, purpose, prices, np.arange(600), replace(STAGES, few=few)).worth
        for few in (0, 150)
    )
    assert 2 * by_programs < in_turn


def test_who_likes_two_bundles_alike_waits_for_the_others():
    market = Market(draft(one_seat((50, 49), (40, 10))))
    purpose = market.purpose({"welfare": PRICE_SCALE})
    nothing = np.zeros(market.local.rows, np.int64)
    assert surest(market, purpose, nothing, np.arange(2)).tolist() == [1, 0]


def test_new_prices_between_stages_seat_people_better_than_one_stage():
    instance = generate("county", 600, 1)
    market = Market(compile_instance(instance))
    purpose = market.purpose({g: PRICE_SCALE * w for g, w in instance.tiers[0].items()})
    prices = ascend(market, purpose, Steps(60, 0.4, 1e-3))
    order = np.arange(600)
    spare = [
        market.ask(purpose, prices).bound - narrowed(market, purpose, prices, order, each).worth
        for each in (AT_ONCE, STAGES)
    ]
    assert 2 * spare[1] < spare[0]


@settings(max_examples=40, deadline=None)
@given(counties())
def test_what_is_best_in_the_rest_is_lawful_in_the_whole_and_has_room(county):
    instance = Instance.from_rows(*county)
    market, purpose, prices = priced_market(instance, steps=5)
    seating = Seating(market, purpose)
    everybody = market.everybody
    seating.choose(prices, everybody[::2], draws=False)
    people = everybody[1::2]
    rest, terms, _ = rest_of(seating, people)
    worth, held = near_of(rest.local, terms.terms(prices), rest.everybody).best()
    for place, person in enumerate(people.tolist()):
        theirs = rest.local.choices(held[place][held[place] >= 0])
        assert set(market.draft.arc_teacher[theirs].tolist()) <= {person}
        alone = Seating(market, purpose, seating.held)
        every = market.local.choices(np.arange(market.local.options))
        options = np.searchsorted(every, np.sort(theirs))
        bundle = np.full(alone.held.shape[1], -1)
        bundle[: len(options)] = options
        alone.put(np.array([person]), bundle)
        is_locked = len(market.local.must) and market.local.must[options].any()
        over = (alone.usage > market.hi) & (alone.usage > seating.usage)
        multiple = len(options) > 1
        assert is_locked or multiple or not over.any()
        own = near_of(market.local, purpose.terms(prices), np.array([person]), room=None).best()[0][
            0
        ]
        assert worth[place] <= own


def test_the_rest_counts_only_what_the_others_leave():
    market, purpose, _ = priced_market(one_seat((50, 49), (40, 10), (45, 30)))
    seating = Seating(market, purpose)
    nothing = np.zeros(market.local.rows, np.int64)
    seating.choose(nothing, np.array([1]))
    rest, terms, _ = rest_of(seating, np.array([0, 2]))
    assert rest.ask(terms, rest.legal(terms, nothing)).bound == (49 + 30) * PRICE_SCALE
    assert market.ask(purpose, nothing).bound == (50 + 40 + 45) * PRICE_SCALE


def test_who_would_gain_alone_is_asked_first_and_nobody_is_left_who_would():
    market, purpose, prices = priced_market(generate("county", 300, 2))
    seating = Seating(market, purpose)
    order = market.everybody
    seating.choose(prices, order)
    room = market.room(purpose, seating.usage)
    terms = purpose.terms(np.zeros(market.local.rows, np.int64))
    before = seating.held.copy()
    gaining = would_move(market.soft, terms, room, order, seating.held)
    assert (seating.held == before).all()
    for person in (*np.flatnonzero(gaining)[:5], *np.flatnonzero(~gaining)[:5]):
        alone = Seating(market, purpose, before)
        alone.upgrade(np.array([person]), 1)
        assert (alone.held != before).any() == gaining[person]
    assert gaining.any()
    seating.upgrade(order, 50)
    room = market.room(purpose, seating.usage)
    assert not would_move(market.soft, terms, room, order, seating.held).any()
