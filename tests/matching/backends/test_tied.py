"""Rounds in which nearly everybody has two bundles that are worth the same."""

from __future__ import annotations

import pytest

from matching.backends import unlisted
from matching.backends.ascent import Steps, ascend
from matching.backends.market import Market
from matching.backends.objective import PRICE_SCALE
from matching.backends.recover import Seating
from matching.backends.tied import is_tied, seat_anew, trail_of
from matching.backends.unlisted import solve_unlisted
from matching.compile import compile_instance
from matching.generate import generate


def priced(kind, teachers):
    """Return a drawn market, what it is after, and prices of few steps."""
    market = Market(compile_instance(generate(kind, teachers, 1)))
    tier = market.draft.instance.tiers[0]
    purpose = market.purpose({goal: PRICE_SCALE * weight for goal, weight in tier.items()})
    return market, purpose, ascend(market, purpose, Steps(40, 0.4, 1e-3))


@pytest.mark.parametrize(("kind", "tied"), [("ties", True), ("county", False), ("tiny", False)])
def test_only_a_round_where_most_want_two_bundles_alike_is_tied(kind, tied):
    assert is_tied(*priced(kind, 300)) is tied


def test_whoever_is_seated_anew_is_seated_better_and_lawfully():
    market, purpose, prices = priced("ties", 300)
    trail = trail_of(market, purpose, Steps(60, 0.4, 1e-3, (0.7, 0.8)))
    seating = Seating(market, purpose)
    seating.choose(prices, market.everybody)
    before = seating.worth
    seat_anew(seating, trail)
    assert market.is_whole(purpose, seating.held)
    assert seating.worth > before
    held = seating.held.copy()
    seat_anew(seating, trail[:1])
    assert seating.worth >= market.worth(purpose, held)


def test_the_trail_begins_with_the_prices_that_prove_most():
    market, purpose, _ = priced("ties", 100)
    best, *others = trail_of(market, purpose, Steps(40, 0.4, 1e-3))
    assert market.ask(purpose, best).bound <= min(market.ask(purpose, q).bound for q in others)


def test_a_tied_round_comes_nearer_to_its_bound_than_by_the_usual_course(monkeypatch):
    draft = compile_instance(generate("ties", 620, 1))
    tier = solve_unlisted(draft, "quick").tiers[0]
    monkeypatch.setattr(unlisted, "is_tied", lambda *_: False)
    usual = solve_unlisted(draft, "quick").tiers[0]
    assert usual.value < tier.value <= tier.bound < usual.bound
    assert 4 * (tier.bound - tier.value) < usual.bound - usual.value


def test_a_tied_round_of_several_tiers_comes_nearer_in_the_first_and_meets_its_quotas(monkeypatch):
    draft = compile_instance(generate("ties", 620, 1, "hours-first"))
    hours, quotas, welfare = solve_unlisted(draft, "quick").tiers
    monkeypatch.setattr(unlisted, "is_tied", lambda *_: False)
    usual = solve_unlisted(draft, "quick").tiers
    assert hours.value > usual[0].value
    assert 4 * (hours.bound - hours.value) < usual[0].bound - usual[0].value
    assert quotas.value >= usual[1].value
    assert welfare.bound - welfare.value < usual[2].bound - usual[2].value
