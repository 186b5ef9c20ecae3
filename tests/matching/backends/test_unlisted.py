"""Rounds too large to list their bundles: lawful seats, true bounds, the same answer every time."""

from __future__ import annotations

from threading import Barrier

import numpy as np
import pytest
from hypothesis import given, settings

from matching.assignment import Assignment
from matching.backends import dive as diving
from matching.backends import linear, passes, priced, unlisted
from matching.backends.courses import CROWD, MORE, THRONG, course_of
from matching.backends.cp_sat import solve_oracle
from matching.backends.linear import solve_lp
from matching.backends.listable import is_listable
from matching.backends.local import local_of
from matching.backends.market import Market
from matching.backends.narrow import LAST
from matching.backends.unlisted import solve_unlisted
from matching.check import check
from matching.compile import compile_instance
from matching.errors import SolverFailed
from matching.generate import generate
from matching.goals import GOALS
from matching.instance import Instance
from matching.watch import StopAt
from tests.matching.counties import counties
from tests.matching.factories import draft, problem, seats_at


def small_county(kind="county", teachers=200, seed=1, tiers="merged"):
    return compile_instance(generate(kind, teachers=teachers, seed=seed, tiers=tiers))


@settings(max_examples=25, deadline=None)
@given(counties())
def test_seats_are_lawful_and_no_bound_lies_below_the_oracle(county):
    instance = Instance.from_rows(*county)
    posted = draft(instance)
    truth = solve_oracle(posted, instance.tiers)
    try:
        solved = solve_unlisted(posted, "quick")
    except SolverFailed:
        return
    if solved.arcs is None:
        assert truth is None
        return
    assert check(instance, seats_at(instance, solved.arcs.tolist())) == ()
    assert truth is not None
    first = solved.tiers[0]
    assert first.value <= truth.values[0] <= first.bound
    assert all(tier.value <= tier.bound for tier in solved.tiers)


def test_a_round_of_too_many_bundles_is_solved_without_listing_them():
    posted = small_county("long", teachers=100)
    assert not is_listable(local_of(posted)[0])
    solved = priced.solve(posted, "standard")
    (tier,) = solved.tiers
    assert check(posted.instance, seats_at(posted.instance, solved.arcs.tolist())) == ()
    assert tier.bound - tier.value <= 0.002 * tier.bound


def test_sections_below_their_minimum_are_closed_or_filled():
    posted = small_county("county-minima")
    solved = solve_unlisted(posted, "quick")
    seated = np.bincount(posted.arc_section[solved.arcs], minlength=posted.sections)
    minimum = posted.instance["sections"].integers("minimum")
    assert ((seated == 0) | (seated >= minimum)).all()
    assert (seated == 0).any()


def test_several_tiers_are_seated_by_the_whole_linear_program(monkeypatch):
    posted = small_county(tiers="hours-first")
    monkeypatch.setattr(unlisted, "FINISHED", 0)
    *_, near = solve_unlisted(posted, "standard").tiers
    monkeypatch.setattr(unlisted, "PROGRAMMED", 0)
    *_, far = solve_unlisted(posted, "standard").tiers
    assert 10 * (near.bound - near.value) < far.bound - far.value


def test_earlier_tiers_come_first():
    posted = small_county(tiers="hours-first")
    seats = seats_at(posted.instance, solve_unlisted(small_county(), "quick").arcs.tolist())
    hours, *_ = solve_unlisted(posted, "quick").tiers
    short = GOALS["hours_short"].measure(posted.instance, Assignment.of(seats))
    assert -hours.value < short


def test_a_raise_that_brings_its_tier_no_nearer_is_the_last_and_the_better_answer_stays(
    monkeypatch,
):
    posted = small_county(tiers="hours-first")
    trials, trial = [], unlisted._Solve._trial
    monkeypatch.setattr(
        unlisted._Solve,
        "_trial",
        lambda self, *given: trials.append(trial(self, *given)) or trials[-1],
    )
    monkeypatch.setattr(unlisted, "is_near", lambda *_: False)
    monkeypatch.setattr(unlisted, "raised", lambda weights, *_: weights)
    hours, *_ = solve_unlisted(posted, "standard").tiers
    assert course_of(200, "standard").raises == 2
    first, second = (each.values[0] for each in trials)
    assert hours.value == first >= second


@pytest.mark.parametrize(
    ("kind", "teachers", "tiers", "large"),
    [("ties", 610, "merged", linear.LARGE), ("county", 60, "hours-first", 0)],
    ids=["many", "programs from inside"],
)
def test_threads_change_nothing(monkeypatch, kind, teachers, tiers, large):
    monkeypatch.setattr(linear, "LARGE", large)
    posted = small_county(kind, teachers, tiers=tiers)
    one = solve_unlisted(posted, "quick")
    monkeypatch.setattr(passes, "PART", 37)
    again = solve_unlisted(posted, "quick")
    assert one.arcs.tolist() == again.arcs.tolist()
    assert one.tiers == again.tiers
    assert one.prices == again.prices


def test_every_thread_adds_up_apart(monkeypatch):
    posted = small_county(teachers=20)
    market = Market(posted)
    both, sums, desk_of = Barrier(2, timeout=20), [], passes.desk_of

    def together(*arguments):
        both.wait()
        return desk_of(*arguments)

    def noted(*arguments):
        sums.append(arguments[-1])
        both.wait()

    monkeypatch.setattr(passes, "PART", 10)
    monkeypatch.setattr(passes, "threads", lambda: 2)
    monkeypatch.setattr(passes, "desk_of", together)
    monkeypatch.setattr(passes, "asked_part", noted)
    purpose = market.purpose(posted.instance.tiers[0])
    passes.asked_of(market.local, purpose.terms(np.zeros(market.local.rows, np.int64)))
    assert len({id(each) for each in sums}) == 2


def test_a_stop_keeps_the_best_so_far():
    posted = small_county(teachers=300)
    whole = solve_unlisted(posted, "quick")
    stopped = solve_unlisted(posted, "quick", StopAt("tier 1 root 1"))
    assert stopped.stopped_at == "tier 1 root 1"
    assert check(posted.instance, seats_at(posted.instance, stopped.arcs.tolist())) == ()
    assert stopped.tiers[0].value <= whole.tiers[0].value


def test_a_strict_minimum_out_of_reach_is_proved():
    county = problem().section("A", capacity=1)
    county.teacher("Li", ranks=["A"]).teacher("Ma", ranks=["A"])
    county.row("quotas", id="q", minimum=2, strict=1)
    solved = solve_unlisted(compile_instance(county.build()), "quick")
    assert solved.arcs is None
    assert solved.tiers[0].bound == -1


@pytest.mark.parametrize("kind", ["huge", "tiny", "thin", "every-rule"])
def test_every_kind_of_round_is_solved(kind):
    posted = small_county(kind, teachers=60)
    solved = solve_unlisted(posted, "quick")
    assert check(posted.instance, seats_at(posted.instance, solved.arcs.tolist())) == ()


def test_many_undecided_people_are_taken_block_by_block(monkeypatch):
    posted = small_county(teachers=400)
    at_once = solve_unlisted(posted, "quick").tiers[0]
    monkeypatch.setattr(diving, "BLOCK", 40)
    calls = []
    monkeypatch.setattr(diving, "solve_lp", lambda program: calls.append(0) or solve_lp(program))
    (tier,) = solve_unlisted(posted, "quick").tiers
    assert len(calls) > 2
    assert tier.bound == at_once.bound
    assert tier.bound - tier.value <= 0.02 * tier.bound


def test_who_is_still_open_gains_bundles_as_others_are_fixed(monkeypatch):
    posted = small_county("ties", tiers="hours-first")
    widened, calls = diving._Rest.widen, []
    monkeypatch.setattr(
        diving._Rest, "widen", lambda *each: calls.append(widened(*each)) or calls[-1]
    )
    solved = solve_unlisted(posted, "quick")
    assert any(calls)
    assert check(posted.instance, seats_at(posted.instance, solved.arcs.tolist())) == ()


def test_dives_widen_where_several_tiers_are_one_sum_and_those_over_the_last_few_always(
    monkeypatch,
):
    for tiers, more in (("merged", 0), ("hours-first", MORE)):
        asked = []
        monkeypatch.setattr(unlisted, "dive", lambda *given, to=asked: to.append(given[-1].more))
        solve_unlisted(small_county(teachers=60, tiers=tiers), "quick")
        assert set(asked) == {more}
    assert LAST.more > 0 < MORE


@pytest.mark.parametrize(
    ("merged", "kind"), [({"welfare": 3}, np.int16), ({"welfare": 1, "lottery": 2}, np.int32)]
)
def test_values_are_kept_in_the_fewest_bytes_and_come_to_the_same(merged, kind):
    """The points of the round stay as they are; only another goal beside them makes wider numbers."""
    market = Market(compile_instance(generate("county", 60, 1)))
    market.draft.value("lottery", np.arange(market.draft.arcs) * 70)
    purpose = market.purpose({goal: 1000 * weight for goal, weight in merged.items()})
    values = market.draft.values
    arcs = market.local.choices(np.arange(market.local.options))
    whole = sum(1000 * weight * values[goal][arcs].astype(int) for goal, weight in merged.items())
    assert purpose.value.dtype == kind
    assert (purpose.fine().value == whole).all()
    assert purpose.unit == abs(whole).max()


def test_a_throng_takes_fewer_steps_than_a_crowd_and_a_crowd_no_dives():
    """Who is many has the course for many from just that number on."""
    town, crowd, throng = (course_of(many, "quick") for many in (CROWD - 1, CROWD, THRONG))
    assert town.dives
    assert not crowd.dives
    assert not throng.dives
    assert course_of(THRONG - 1, "quick") == crowd
    assert throng.prices.count < crowd.prices.count == town.prices.count
    assert throng.narrowings[0].steps.count < crowd.narrowings[0].steps.count
