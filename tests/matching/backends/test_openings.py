"""The search over openings: it proves what prices alone cannot, and never promises too much."""

import numpy as np
import pytest
from hypothesis import assume, given, settings

from matching.backends.choosing import program_over
from matching.backends.cp_sat import solve_oracle
from matching.backends.linear import solve_mip
from matching.backends.openings import doubtful, search
from matching.backends.prices import Priced, ascend, price
from matching.instance import Instance
from tests.matching.backends.drafted import GOAL, lawful, master_of, objective_of
from tests.matching.counties import counties
from tests.matching.explain.stories import wishes
from tests.matching.factories import problem


def torn():
    """A needs two: Li brings 30, Ma only 1, and Ma's B is worth 25 (each takes one section).

    Open: 30 + 1 = 31. Closed: 25. A linear program opens half of A for Li and sends Ma to B: 55.
    """
    round_ = problem().section("A", capacity=3, minimum=2).section("B", capacity=9)
    wishes(round_, "Li", A=30, most_sections=1)
    return master_of(wishes(round_, "Ma", A=1, B=25, most_sections=1).build())


class Finder:
    """Looks for solutions at the nodes that keep their minima, and remembers the best."""

    def __init__(self, master, best: int) -> None:
        self.master, self.best = master, best

    def target(self) -> int:
        return self.best

    def finish(self, objective, priced) -> None:
        which = np.arange(len(self.master.bundles))
        program, _ = program_over(self.master, objective, which, integer=True)
        answer = solve_mip(program, 1000, 0.0)
        if answer is not None:
            self.best = max(self.best, round(answer.value))


def go_on(bound: int) -> bool:
    return False


def searched(master, objective, nodes: int, best: int = 0):
    finder = Finder(master, best)
    start = ascend(master, objective, 40)
    root = price(master, objective, start, master.bundles.start[:-1], 4, 20)
    found = search(master, objective, root, nodes, 4, finder.target, finder.finish, go_on)
    return root, found, finder.best


def test_the_search_proves_what_prices_cannot():
    master = torn()
    root, found, best = searched(master, objective_of(master, {"welfare": 1}), 50)
    assert (root.bound, found.bound, best) == (55, 31, 31)


@pytest.mark.parametrize("nodes", [1, 2, 3])
def test_a_search_cut_short_still_has_a_true_bound(nodes):
    """One node is the root alone."""
    master = torn()
    _, found, _ = searched(master, objective_of(master, {"welfare": 1}), nodes)
    assert found.bound >= 31
    assert nodes > 1 or found.bound == 55


@settings(derandomize=True, deadline=None, max_examples=40)
@given(counties(), GOAL)
def test_a_search_on_a_random_county_ends_at_the_optimum_or_above(county, goal):
    instance = Instance.from_rows(*county)
    master = master_of(instance)
    assume(master is not None)
    truth = solve_oracle(lawful(master_of(instance).draft), [{goal: 1}])
    assume(truth is not None)
    objective = objective_of(master, {goal: 1})
    for nodes in (1, 4, 60):
        _, found, best = searched(master, objective, nodes, best=-(10**6))
        assert best <= truth.values[0] <= found.bound


def test_the_deepest_doubt_is_branched_on_first():
    """Of A's two people one is there (half missing), of B's four one (a quarter there)."""
    round_ = problem().section("A", capacity=9, minimum=2).section("B", capacity=9, minimum=4)
    for name in ("Li", "Ma"):
        round_.teacher(name, ranks=["A", "B"], most_sections=1)
    master = master_of(round_.build())
    objective = objective_of(master, {"welfare": 1})
    nothing, in_a, in_b = range(3)
    columns = np.array([nothing, in_a, in_b, *(3 + i for i in range(3))])
    x = np.array([0, 1, 0, 0, 0, 1.0])
    priced = Priced(ascend(master, objective, 1), 0, np.zeros(6, np.int64), columns, x)
    (a, b) = (master.switches.index(f"open:{name}") for name in "AB")
    assert doubtful(master, objective, priced) == a
    assert doubtful(master, objective.decide(a, 1), priced) == b
    assert doubtful(master, objective.decide(a, 1).decide(b, 0), priced) is None
    both = Priced(priced.prices, 0, priced.loss, columns, np.array([0, 1.0, 0, 0, 1, 0]))
    assert doubtful(master, objective, both) is None
