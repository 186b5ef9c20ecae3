"""The programs over some bundles mean what the master says."""

import numpy as np
from hypothesis import assume, given, settings

from matching.backends.choosing import program_over
from matching.backends.cp_sat import solve_oracle
from matching.backends.linear import solve_mip
from matching.instance import Instance
from tests.matching.backends.drafted import GOAL, lawful, master_of, objective_of, pick_of
from tests.matching.counties import counties


@settings(derandomize=True, deadline=None, max_examples=40)
@given(counties(), GOAL)
def test_the_integer_program_means_what_the_master_says(county, goal):
    """Over all bundles it finds the oracle's optimum, and its value is the value of its pick."""
    instance = Instance.from_rows(*county)
    master = master_of(instance)
    assume(master is not None)
    objective = objective_of(master, {goal: 1})
    which = np.arange(len(master.bundles))
    program, owner = program_over(master, objective, which, integer=True)
    assert len(owner) == len(program.row_lo)
    answer = solve_mip(program, 10_000, 0.0)
    found = solve_oracle(lawful(master_of(instance).draft), [{goal: 1}])
    assert (answer is None) == (found is None)
    if answer is not None:
        pick = np.flatnonzero(answer.x[: len(which)] > 0.5)
        assert master.feasible(objective, pick)
        assert master.value(objective, pick) == round(answer.value) == found.values[0]
        best = pick_of(master, found.arcs)
        assert master.value(objective, best) == found.values[0]
