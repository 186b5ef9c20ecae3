"""The bundle backend: tier by tier, with a true bound at any effort, or the clash that forbids it."""

import numpy as np
import pytest
from hypothesis import given, settings

from matching.backends import priced
from matching.backends.cp_sat import solve_oracle
from matching.backends.master import Master
from matching.backends.schedule import SCHEDULES
from matching.compile import compile_instance
from matching.errors import SolverFailed
from matching.generate import generate
from matching.instance import Instance
from matching.solve import solve
from tests.golden.rounds import shortened
from tests.matching.counties import counties
from tests.matching.explain.stories import wishes
from tests.matching.factories import problem


@pytest.mark.parametrize("effort", SCHEDULES)
@settings(derandomize=True, deadline=None, max_examples=20)
@given(counties())
def test_at_any_effort_bounds_are_true_and_earlier_values_are_kept(effort, county):
    """Against the oracle: up to the first tier that falls short of it, all values are equal.

    There the value is below the best and the bound above it, and only a value at its bound is
    called exact.
    """
    instance = Instance.from_rows(*county)
    posted = compile_instance(instance)
    truth = solve_oracle(posted, instance.tiers)
    found = priced.solve(compile_instance(instance), effort)
    assert (found.arcs is None) == (truth is None)
    if found.arcs is None:
        return
    for tier in found.tiers:
        assert tier.value <= tier.bound <= max(tier.price_bound, tier.value)
        assert (tier.proof == "exact") == (tier.value == tier.bound)
    for tier, best in zip(found.tiers, truth.values, strict=True):
        assert tier.value <= best <= tier.bound
        if tier.value < best:
            break


def test_more_effort_is_never_needed_where_nothing_competes():
    """Gap 0 is called optimal, at every effort."""
    round_ = problem().section("A", capacity=2).section("B", capacity=2)
    for name in ("Li", "Ma"):
        round_.teacher(name, ranks=["A", "B"])
    result = solve(round_.build())
    assert (result.status, result.gap) == ("optimal", 0)
    for effort in SCHEDULES:
        (tier,) = priced.solve(compile_instance(round_.build()), effort).tiers
        assert (tier.value, tier.bound, tier.proof) == (380, 380, "exact")


def test_a_tier_is_worth_more_than_any_of_those_after_it():
    """One more served teacher at 1 point beats 1,000 points in welfare, in this order of tiers."""
    tiers = ({"unserved": 1}, {"welfare": 1})
    for order, seat in ((tiers, "Ma:A Li:B"), (tiers[::-1], "Li:A")):
        round_ = problem(*order).section("A", capacity=1).section("B", capacity=9)
        wishes(round_, "Li", A=1000, B=1, most_sections=1)
        instance = wishes(round_, "Ma", A=1, most_sections=1).build()
        held = {f"{each.teacher}:{each.section}" for each in solve(instance).seats}
        assert held == set(seat.split())


def test_a_strict_minimum_out_of_reach_names_rows_and_people():
    """Two heads are asked for and one seat is there; Ma's hour is in no section she listed."""
    round_ = problem().section("A", capacity=1).section("B", capacity=9, minutes=60)
    wishes(wishes(round_, "Li", A=9), "Ma", A=9)
    shares = {"id": "s", "minimum": 2, "strict": 1, "sections_where": "section=A"}
    found = solve(round_.row("shares", **shares).build())
    assert (found.status, found.seats) == ("infeasible", ())
    assert ("clash_level_share", "s") in [(each.code, each.subject) for each in found.witness]
    round_.row("requirements", id="all", strict=1)
    round_.row("due", teacher="Ma", requirement="all", minutes=60)
    found = solve(round_.build())
    assert found.status == "infeasible"
    assert any("Ma" in each.say("en") for each in found.witness)


def test_seats_locked_beyond_capacity_are_a_clash():
    round_ = problem().section("A", capacity=1)
    for name in ("Li", "Ma"):
        wishes(round_, name, A=9).row("locks", teacher=name, section="A")
    found = priced.solve(compile_instance(round_.build()), "standard")
    assert found.arcs is None
    assert any("A" in each.say("en") for each in solve(round_.build()).witness)


def test_what_is_not_proved_impossible_is_an_error_never_infeasible(monkeypatch):
    """Negative control: a bound that proves nothing about minima that nobody met."""
    round_ = problem().section("A", capacity=1)
    wishes(round_, "Li", A=9).row("shares", id="s", minimum=2, strict=1)
    true_bound = Master.bound
    monkeypatch.setattr(Master, "bound", lambda *args: max(0, true_bound(*args)))
    with pytest.raises(SolverFailed, match="still 1 short"):
        priced.solve(compile_instance(round_.build()), "standard")


def test_published_prices_alone_prove_their_bound():
    """One seat for Li (100) and Ma (90): any price from 90 to 100 proves 100, and 190 is free."""
    round_ = wishes(wishes(problem().section("A", capacity=1), "Li", A=100), "Ma", A=90)
    found = priced.solve(compile_instance(round_.build()), "standard")
    ((row, price),) = found.prices
    assert row == "seat_capacity:A"
    assert 90_000 <= price <= 100_000
    assert found.tiers[0].price_bound == 100


def test_a_closed_section_tells_what_welfare_could_be_at_most():
    """Li and Ma in A are 200; with B open both must be there: 100."""
    round_ = problem().section("A", capacity=9).section("B", capacity=9, minimum=2)
    for name in ("Li", "Ma"):
        wishes(round_, name, A=100, B=50, most_sections=1)
    found = priced.solve(compile_instance(round_.build()), "standard")
    assert found.if_opened == {"open:B": 100}


def test_nobody_and_nothing_is_solved():
    found = priced.solve(compile_instance(problem().build()), "standard")
    assert np.array_equal(found.arcs, [])
    assert [(tier.value, tier.bound) for tier in found.tiers] == [(0, 0)]


def test_where_no_choice_of_bundles_is_found_the_search_without_lists_begins():
    """Forty people and minima to open, hours first: the search over openings alone seats nobody."""
    found = priced.solve(compile_instance(generate("county-minima", 40, 2, "hours-first")), "quick")
    assert len(found.arcs) >= 100


def test_what_cannot_be_bettered_does_not_begin_again(monkeypatch):
    """A tier that keeps an earlier one's choice asks nothing of the search without lists."""
    monkeypatch.setattr(priced, "solve_unlisted", None)
    short = shortened(generate("every-rule", 12, 1, "hours-first"), 3)
    found = priced.solve(compile_instance(short), "quick")
    assert [(tier.value, tier.bound) for tier in found.tiers[::2]] == [
        (-123_600, -123_600),
        (2_173, 2_179),
    ]
