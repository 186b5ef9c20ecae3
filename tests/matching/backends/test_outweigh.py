"""How much earlier tiers count: enough to come near their bounds, and never less for it."""

from __future__ import annotations

from dataclasses import replace

from matching.backends.courses import COURSES
from matching.backends.market import Market
from matching.backends.objective import PRICE_SCALE
from matching.backends.outweigh import AIM, MOST, aimed, is_near, is_nearer, multipliers, raised
from matching.backends.tiers import TierValue
from matching.backends.unlisted import solve_unlisted
from matching.compile import compile_instance
from matching.generate import generate


def hours_first(teachers=120, seed=1):
    return compile_instance(generate("county", teachers, seed, "hours-first"))


def tier(value, bound):
    return TierValue(1, {"hours_short": 1}, value, bound, bound, "prices")


def test_a_tier_is_near_by_what_it_reached_over_nothing():
    assert is_near(-1_000_000, tier(-604_000, -602_500))
    assert not is_near(-1_000_000, tier(-604_000, -600_000))


def test_a_tier_that_nothing_betters_asks_for_no_multiplier():
    assert is_near(0, tier(-1_844, -1_793))
    assert not is_near(-5_000, tier(-1_844, -1_793))


def test_a_raise_keeps_the_order_of_tiers_and_leaves_later_ones_alone():
    assert raised((400, 100, PRICE_SCALE), 0, 1.3) == (520, 100, PRICE_SCALE)
    assert raised((400, 100, PRICE_SCALE), 1, 1.3) == (520, 130, PRICE_SCALE)


def test_a_tier_twice_as_short_as_it_is_meant_to_be_counts_twice_as_much():
    short = round(2 * AIM * 1_000_000)
    assert aimed(-1_000_000, tier(-short, 0)) == 2.0
    assert aimed(-1_000_000, tier(-short // 2, 0)) == 1.0
    assert aimed(-1_000_000, tier(-900_000, 0)) == MOST
    assert aimed(-1_000_000, tier(0, 0)) < 1.0


def test_what_people_typically_gain_first_outweighs_what_an_option_gives_later():
    market = Market(hours_first())
    hours, quotas, welfare = multipliers(market, market.draft.instance.tiers)
    dearest = market.purpose({"welfare": PRICE_SCALE}).unit
    assert welfare == PRICE_SCALE
    assert quotas >= 3 * dearest
    assert 720 * hours < 3 * dearest < 2_880 * hours


def test_no_raise_and_no_later_tier_lowers_an_earlier_one(monkeypatch):
    posted, found = hours_first(), []
    for raises in (0, 3):
        monkeypatch.setitem(COURSES, "quick", replace(COURSES["quick"], raises=raises))
        found.append(solve_unlisted(posted, "quick").tiers)
    hours = [first.value for first, *_ in found]
    assert hours == sorted(hours)
    assert hours[0] < hours[-1]
    for tiers in found:
        assert all(each.value <= each.bound for each in tiers)


def test_a_trial_is_nearer_if_a_tenth_of_what_is_missing_was_won():
    assert is_nearer(tier(-300, -200), -290)
    assert not is_nearer(tier(-300, -200), -291)
