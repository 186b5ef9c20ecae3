"""Prices: never below the truth, the same every time, and as good as the linear program."""

import math

import numpy as np
from hypothesis import assume, given, settings

from matching.backends.choosing import program_over
from matching.backends.cp_sat import solve_oracle
from matching.backends.linear import solve_lp
from matching.backends.prices import ascend, losses, nearest, price
from matching.instance import Instance
from tests.matching.backends.drafted import GOAL, lawful, master_of, objective_of, pick_of
from tests.matching.counties import counties
from tests.matching.factories import problem


def crowded(people: int = 12, seats: int = 4):
    """Everybody wants A, then B, then C; points fall with the number of the teacher."""
    round_ = problem()
    for name in "ABC":
        round_.section(name, capacity=seats)
    for i in range(people):
        round_.teacher(f"T{i:02}", most_sections=1)
        for rank, name in enumerate("ABC", start=1):
            points = 100 - 7 * i // 2 - 10 * rank
            round_.row("choices", teacher=f"T{i:02}", section=name, rank=rank, points=points)
    master = master_of(round_.build())
    return master, objective_of(master, {"welfare": 1})


def full_lp(master, objective) -> float:
    program, _ = program_over(master, objective, np.arange(len(master.bundles)), integer=False)
    return solve_lp(program).value


@settings(derandomize=True, deadline=None, max_examples=60)
@given(counties(), GOAL)
def test_the_bound_is_never_below_the_oracle(county, goal):
    """After any number of steps and rounds; the loss of the optimum's bundles fits below it."""
    instance = Instance.from_rows(*county)
    master = master_of(instance)
    assume(master is not None)
    found = solve_oracle(lawful(master_of(instance).draft), [{goal: 1}])
    assume(found is not None)
    objective = objective_of(master, {goal: 1})
    best = pick_of(master, found.arcs)
    for steps, rounds in ((1, 0), (30, 0), (0, 3), (30, 8)):
        start = ascend(master, objective, steps)
        before = price(master, objective, start, master.bundles.start[:-1], 2, 0)
        priced = price(master, objective, start, master.bundles.start[:-1], 2, rounds)
        assert priced.bound <= before.bound
        assert priced.bound >= found.values[0]
        assert priced.loss.min() >= 0
        spare = (priced.bound + 1 - found.values[0]) * 1000
        assert priced.loss[best].sum() <= spare


def test_a_bound_of_the_steps_alone_is_near_the_optimum():
    """Twelve people, twelve seats in three sections: nearly all the competition is priced."""
    master, objective = crowded()
    bound = price(
        master, objective, ascend(master, objective, 150), master.bundles.start[:-1], 2, 0
    )
    start = price(master, objective, ascend(master, objective, 1), master.bundles.start[:-1], 2, 0)
    poor = price(master, objective, bound.prices, master.bundles.start[:-1], 1, 1)
    best = full_lp(master, objective)
    assert best <= bound.bound <= best * 1.02
    assert poor.bound <= bound.bound  # a program over empty bundles prices nothing: it is not kept
    assert start.bound > best * 1.1  # negative control: without steps there is a gap


def test_bundles_are_added_until_program_and_bound_meet():
    """From one bundle each and no steps: two new ones a round end at the full program's value."""
    master, objective = crowded()
    start = ascend(master, objective, 0)
    short = price(master, objective, start, master.bundles.start[:-1], 1, 1)
    ended = price(master, objective, start, master.bundles.start[:-1], 1, 40)
    best = full_lp(master, objective)
    assert math.floor(best - 0.5) <= ended.bound <= best + 1
    assert short.bound > ended.bound  # negative control: one round is not enough
    assert len(short.columns) < len(ended.columns)


def test_steps_are_the_same_every_time_and_end_when_enough_is_proved():
    master, objective = crowded()
    one, two = (ascend(master, objective, 40) for _ in range(2))
    assert one.rows.tolist() == two.rows.tolist()
    enough = ascend(master, objective, 40, enough=10**9)
    assert enough.rows.tolist() == [0] * len(master.rows)


def test_the_nearest_bundles_are_the_first_of_least_loss():
    """Four bundles with losses 3 1 0 1 for one teacher: the two nearest are the third, second."""
    round_ = problem().section("A", capacity=1).section("B", capacity=1)
    master = master_of(round_.teacher("Li", ranks=["A", "B"]).build())
    loss = np.array([3, 1, 0, 1])
    assert nearest(master, loss, 2).tolist() == [1, 2]
    assert nearest(master, loss, 1).tolist() == [2]
    assert losses(master, np.array([5, 7, 8, 7])).tolist() == [3, 1, 0, 1]
