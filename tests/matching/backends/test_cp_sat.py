"""The oracle: as good as trying everything, and honest about what it could not settle."""

from itertools import product

import pytest
from hypothesis import assume, given, settings

from matching.backends.cp_sat import solve_oracle
from matching.check import check, measure
from matching.errors import SolverFailed
from matching.goals import GOALS
from matching.instance import Instance
from tests.matching.counties import counties
from tests.matching.factories import draft, problem, seats_at, truth


def by_trying(instance: Instance) -> tuple[int, ...] | None:
    """Return the best values over all sets of seats that the referee allows."""
    sign = {code: 1 if goal.sense == "max" else -1 for code, goal in GOALS.items()}
    found = []
    for held in product((False, True), repeat=len(instance["choices"])):
        seats = seats_at(instance, (arc for arc, is_held in enumerate(held) if is_held))
        if not check(instance, seats):
            values = measure(instance, seats)
            found.append(tuple(sign[code] * values[code] for (code,) in instance.tiers))
    return max(found, default=None)


@settings(derandomize=True, deadline=None, max_examples=12)
@given(counties())
def test_it_finds_what_trying_everything_finds(county):
    meta, rows = county
    assume(1 <= len(rows["choices"]) <= 8)
    instance = Instance.from_rows(meta, rows)
    found = solve_oracle(draft(instance), instance.tiers)
    assert (None if found is None else found.values) == by_trying(instance)


def test_no_assignment_at_all_is_none():
    round_ = problem().section("A", capacity=0).teacher("Li", ranks=["A"])
    assert truth(round_.row("locks", teacher="Li", section="A").build()) is None


def test_nobody_and_nothing_is_worth_nothing():
    assert truth(problem().build()).values == (0,)


def test_an_unsettled_answer_is_an_error_never_a_value(monkeypatch):
    from ortools.sat.python import cp_model

    monkeypatch.setattr(cp_model.CpSolver, "solve", lambda *_: cp_model.UNKNOWN)
    with pytest.raises(SolverFailed, match="UNKNOWN"):
        truth(problem().build())
