"""Nobody can be improved alone: what a solve leaves, and what mends a bad choice."""

import numpy as np
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from matching.alone import Bench
from matching.backends.bundles import enumerate_bundles
from matching.check import check
from matching.compile import compile_instance
from matching.instance import Instance
from matching.solve import solve
from tests.matching.backends.drafted import held
from tests.matching.counties import counties
from tests.matching.explain.looking import Looking
from tests.matching.explain.stories import wishes
from tests.matching.factories import problem, seats_at, words


def bench_of(instance: Instance) -> Bench | None:
    posted = compile_instance(instance)
    bundles = enumerate_bundles(posted)
    return Bench(posted, bundles, instance.tiers) if np.diff(bundles.start).all() else None


def improvable(instance: Instance, looking: Looking) -> list[str]:
    """Return who could hold something the referee allows that is worth more, tier by tier."""
    found = []
    for row in instance["choices"].rows():
        teacher = instance.teacher_ids[row["teacher"]]
        section = instance.section_ids[row["section"]]
        tried = looking.holding(teacher, section)
        if any(key > looking.now and not broken for key, broken in tried):
            found.append(teacher)
    return found


@settings(derandomize=True, deadline=None, max_examples=40)
@given(counties())
def test_after_a_solve_nobody_can_be_improved_alone(county):
    instance = Instance.from_rows(*county)
    result = solve(instance)
    if result.status != "infeasible":
        assert improvable(instance, Looking(instance, result)) == []


@settings(derandomize=True, deadline=None, max_examples=60)
@given(counties(), st.integers(0, 5))
def test_a_bad_choice_is_mended_and_worth_what_the_referee_measures(county, which):
    """From any lawful choice of bundles: no rule is broken on the way, no tier falls in order."""
    instance = Instance.from_rows(*county)
    bench = bench_of(instance)
    assume(bench is not None)
    random = np.random.default_rng(which)
    sizes = np.diff(bench.master.bundles.start)
    picks = [bench.master.bundles.start[:-1] + random.integers(0, sizes) for _ in range(20)]
    lawful = [p for p in picks if not check(instance, seats_at(instance, held(bench.master, p)))]
    assume(lawful)
    order = random.permutation(len(sizes))
    better = bench.improve(lawful[0], order)
    seats = seats_at(instance, held(bench.master, better))
    assert check(instance, seats) == ()
    looking = Looking(instance, Result(seats))
    before = looking.key(seats_at(instance, held(bench.master, lawful[0])))
    assert looking.now >= before
    assert tuple(bench.total(better).tolist()) == looking.now
    assert tuple(bench.total(lawful[0]).tolist()) == before
    assert improvable(instance, looking) == []


class Result:
    """The part of a result that looking needs."""

    def __init__(self, seats) -> None:
        self.seats = seats


def test_a_planted_bad_choice_by_hand():
    """Both sit in B at 10 points though A is worth 100 and has one seat: who moves first has it."""
    round_ = problem().section("A", capacity=1).section("B", capacity=9)
    for name in ("Li", "Ma"):
        wishes(round_, name, A=100, B=10, most_sections=1)
    instance = round_.build()
    bench = bench_of(instance)
    in_b = bench.pick_of(np.array([1, 3]))
    assert bench.total(in_b).tolist() == [20]
    for order, told in (([0, 1], "Li:A Ma:B"), ([1, 0], "Li:B Ma:A")):
        better = bench.improve(in_b, np.array(order))
        assert words(seats_at(instance, held(bench.master, better))) == told
        assert bench.total(better).tolist() == [110]


def test_options_tell_which_rows_a_bundle_would_break():
    """Ma sits on A's one seat; Li could hold nothing, or A beyond its seats."""
    round_ = wishes(wishes(problem().section("A", capacity=1), "Li", A=9), "Ma", A=9)
    bench = bench_of(round_.build())
    pick = bench.pick_of(np.array([1]))
    options = bench.options(0, pick, bench.master.usage(pick))
    assert options.possible.tolist() == [True, False]
    assert options.over.tolist() == [[False, True]]
    assert options.possible_but_for(0).tolist() == [True, True]
    assert options.best(options.possible) == 0
    assert options.best(np.array([True, True])) == 1
    assert options.best(np.array([False, False])) is None
    assert bench.holds(options, 0).tolist() == [False, True]
