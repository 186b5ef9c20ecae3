"""Steps of prices whose first ones go by what some people ask for, or by what is found soon."""

from __future__ import annotations

from matching.backends import ascent
from matching.backends.ascent import EARLY, Steps, walked
from matching.backends.market import CUT_SHORT, Market
from matching.compile import compile_instance
from matching.generate import generate

STEPS = Steps(30, 0.4, 1e-3)


def test_what_some_ask_for_without_prices_is_enough_to_begin_with(monkeypatch):
    market = Market(compile_instance(generate("county", 2_000, 1)))
    purpose = market.purpose(market.draft.instance.tiers[0])
    asked = list(walked(market, purpose, STEPS))
    monkeypatch.setattr(ascent, "GUESSED", 1)
    guessed = list(walked(market, purpose, STEPS))
    assert (len(asked), len(guessed)) == (30, 29)
    assert all(bound == market.ask(purpose, prices).bound for bound, prices in guessed[::9])
    lowest, other = (min(bound for bound, _ in met) for met in (asked, guessed))
    assert abs(other - lowest) < lowest / 2_000


def test_later_steps_ask_everybody(monkeypatch):
    """Prices that are given are where somebody stopped: nothing is guessed there."""
    monkeypatch.setattr(ascent, "GUESSED", 1)
    monkeypatch.setattr(Market, "guess", None)
    market = Market(compile_instance(generate("county", 200, 1)))
    purpose = market.purpose(market.draft.instance.tiers[0])
    start = market.legal(purpose, market.hi * 0)
    assert len(list(walked(market, purpose, STEPS, start))) == STEPS.count


def test_early_steps_of_long_lists_are_cut_short_and_prove_nothing(monkeypatch):
    market = Market(compile_instance(generate("county", 300, 1, "hours-first")))
    purpose = market.purpose(market.draft.instance.tiers[0])
    whole = list(walked(market, purpose, STEPS))
    monkeypatch.setattr(ascent, "BRIEF", 3)
    short = list(walked(market, purpose, STEPS))
    assert [bound for bound, _ in short] == [bound for bound, _ in whole]
    monkeypatch.setattr(ascent, "LONG", 10)
    cut = list(walked(market, purpose, STEPS))
    assert max(bound for bound, _ in whole) < CUT_SHORT
    assert all(bound > CUT_SHORT for bound, _ in cut[:EARLY])
    assert all(bound == market.ask(purpose, prices).bound for bound, prices in cut[EARLY:])
    lowest, other = (min(bound for bound, _ in met) for met in (whole, cut))
    assert abs(other - lowest) < abs(lowest) / 50


def test_an_answer_cut_short_is_not_taken_for_a_whole_one():
    market = Market(compile_instance(generate("county", 60, 1)))
    purpose = market.purpose(market.draft.instance.tiers[0])
    prices = market.legal(purpose, market.hi * 0)
    assert market.ask(purpose, prices, tries=0).bound > CUT_SHORT
    whole = market.ask(purpose, prices)
    assert whole.bound < CUT_SHORT
    assert market.ask(purpose, prices, tries=0).bound == whole.bound
